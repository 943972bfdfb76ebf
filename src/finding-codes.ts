/**
 * Every code of a finding: what linting, compiling, freezing, composing and learning say of plans, policies and catalogues.
 * Pure data. Never says what a call is answered with: those codes and their texts are in `codes.ts`.
 */

import type { Code } from "./codes.ts";

/** How much a finding weighs. An `error` forbids freezing. */
export type Severity = "error" | "warning" | "info";

/** What a code means. The finding's own message says where and what would be right. */
export interface FindingInfo {
  /** The severities that the code comes with, worst first. */
  readonly severities: readonly Severity[];
  /** One line, lower case, no full stop. */
  readonly meaning: string;
}

const error: readonly Severity[] = ["error"];
const warning: readonly Severity[] = ["warning"];
const info: readonly Severity[] = ["info"];

/**
 * Code → what it means. Codes are permanent once released; a test holds the table to the codes that occur in the source.
 * Plain data: the type is public, and JSR does not infer types through calls.
 */
export const findingCodes = {
  // The form of a plan, and what compiling it finds. A policy's form has the same codes with `POLICY_` in front, a configuration's with `CONFIG_`.
  PLAN_ARG_REQUIRED: { severities: error, meaning: "the tool demands an argument, and the node says nothing of it" },
  PLAN_ARG_UNKNOWN: { severities: error, meaning: "the tool has no such argument" },
  PLAN_BUDGET_ARG: { severities: error, meaning: "a budget sums an argument that the node never sends, or that holds no amount" },
  PLAN_CONSTRAINT: {
    severities: error,
    meaning: "a constraint by effect cannot be compiled, or has no argument that it could hold against",
  },
  PLAN_CYCLE: { severities: error, meaning: "the nodes depend on each other in a circle" },
  PLAN_DIGEST_MISMATCH: { severities: error, meaning: "the frozen file was changed after it was frozen" },
  PLAN_DUPLICATE: { severities: error, meaning: "two things of the plan have one name" },
  PLAN_ENDORSE_BITS: { severities: error, meaning: "endorsements let more bits through in one session than is allowed" },
  PLAN_ENDORSE_UNBOUNDED: { severities: error, meaning: "the values that are endorsed cannot be counted" },
  PLAN_ENDORSE_UNTRUSTED: { severities: error, meaning: "an endorsement goes to a label that is not trusted" },
  PLAN_ENVELOPE: { severities: info, meaning: "calls that the agent may add while the plan runs, and nobody is asked" },
  PLAN_EXPIRED: { severities: error, meaning: "the plan is past its `notAfter`" },
  PLAN_FORMAT: { severities: error, meaning: "a text has not the form that its place asks for" },
  PLAN_ITEM_OUTSIDE_EACH: { severities: error, meaning: "`item` is used where there is no row" },
  PLAN_JSON: { severities: error, meaning: "a value that JSON does not have" },
  PLAN_LABELS_EMPTY: { severities: error, meaning: "an empty list of labels where at least one is meant" },
  PLAN_LABEL_REDECLARED: { severities: error, meaning: "the plan loosens what the operator's catalogue says of a label" },
  PLAN_LABEL_RESERVED: { severities: error, meaning: "a label whose meaning is fixed is declared" },
  PLAN_LABEL_STICKS: { severities: error, meaning: "a label is removed that nothing removes" },
  PLAN_LABEL_UNDECLARED: { severities: error, meaning: "a rule of the plan names a label that nobody declared" },
  PLAN_MALFORMED: { severities: error, meaning: "the file is no frozen plan" },
  PLAN_MEMBER: { severities: error, meaning: "an unknown member" },
  PLAN_MISSING: { severities: error, meaning: "a member is missing" },
  PLAN_NAME: { severities: error, meaning: "a name in a plan that is not allowed" },
  PLAN_NETWORK: { severities: error, meaning: "the node promises hosts, and its tool reaches the network otherwise" },
  PLAN_NODE: { severities: error, meaning: "a node is neither a call, nor a computation, or it is both" },
  PLAN_OTHERWISE: { severities: error, meaning: "`otherwise` stands beside what it does not go with" },
  PLAN_PARAM_DEFAULT: { severities: error, meaning: "the default of a parameter breaks the parameter's own constraint" },
  PLAN_PARAM_READ: { severities: error, meaning: "a parameter's way of reading is not known, or contradicts its constraint" },
  PLAN_RANGE: { severities: error, meaning: "a number, text or list is too small or too large" },
  PLAN_READ_ONLY: { severities: error, meaning: "the node promises to read only, and its tool changes something" },
  PLAN_REMOVES_PATH: { severities: error, meaning: "a path of `removes` is not made of required members" },
  PLAN_REMOVES_SCHEMA: {
    severities: error,
    meaning: "`removes` needs an output schema that is checked at run time, and there is none",
  },
  PLAN_REMOVES_UNBOUNDED: { severities: error, meaning: "what `removes` cleans may hold free text" },
  PLAN_RULE: { severities: error, meaning: "a rule of an argument has no class, or two" },
  PLAN_SIGNATURE_INVALID: { severities: error, meaning: "the signature does not verify" },
  PLAN_TEMPLATE_HOLE: { severities: error, meaning: "the holes of a template and its values do not agree" },
  PLAN_TOO_LARGE: { severities: error, meaning: "the plan is over a bound of its size" },
  PLAN_TYPE: { severities: error, meaning: "a value of another type is expected" },
  PLAN_UNKNOWN_NODE: { severities: error, meaning: "a name that is no node of the plan" },
  PLAN_UNKNOWN_PARAM: { severities: error, meaning: "a name that is no parameter of the plan" },
  PLAN_VALUE: { severities: error, meaning: "a value that its place does not take" },
  PLAN_WRITE_ROLE: { severities: error, meaning: "free text of the agent where the argument steers the tool" },

  // The languages of a plan.
  EXTRACT_INVALID: { severities: error, meaning: "an extractor is none of those that there are" },
  EXTRACT_TEXT_TOO_LONG: { severities: error, meaning: "a text is too long to extract from" },
  LANG_DATE: { severities: error, meaning: "no date or date-time in the one form that is read" },
  LANG_EXPR_LIMIT: { severities: error, meaning: "an expression is too long, too deep or works too long" },
  LANG_EXPR_NAME: { severities: error, meaning: "an expression names what there is not" },
  LANG_EXPR_RUNTIME: { severities: error, meaning: "an expression has no value for what it is given" },
  LANG_EXPR_SYNTAX: { severities: error, meaning: "an expression cannot be read" },
  LANG_EXPR_TYPE: { severities: error, meaning: "an expression mixes types" },
  LANG_MATCH_KEYWORD: { severities: error, meaning: "a constraint has an unknown keyword" },
  LANG_MATCH_LIMIT: { severities: error, meaning: "a constraint is too large" },
  LANG_MATCH_VALUE: { severities: error, meaning: "a keyword of a constraint has a value that it does not take" },
  LANG_NUMBER_RANGE: { severities: error, meaning: "a number that is not kept exactly" },
  LANG_PATH_FUNCTION: { severities: error, meaning: "a path uses a function that there is not" },
  LANG_PATH_LIMIT: { severities: error, meaning: "a path is too long or too deep" },
  LANG_PATH_SYNTAX: { severities: error, meaning: "a path cannot be read" },
  LANG_PATTERN_LIMIT: { severities: error, meaning: "a pattern is too long, or too large when it is compiled" },
  LANG_PATTERN_SYNTAX: { severities: error, meaning: "a pattern cannot be read" },
  LANG_PATTERN_UNSUPPORTED: { severities: error, meaning: "a pattern has no form that runs in linear time" },
  LANG_REFERENCE_SYNTAX: { severities: error, meaning: "a reference is no node with a path" },
  TEMPLATE_HOLE_MISPLACED: { severities: error, meaning: "a hole of a template stands where no value can" },
  TEMPLATE_MALFORMED: { severities: error, meaning: "a template cannot be read in its language" },

  // When nodes run, and in which order.
  LINT_AMBIGUOUS: { severities: ["warning", "info"], meaning: "one call fits two nodes that can be due at once" },
  LINT_CHECK_UNUSED: { severities: warning, meaning: "a node cleans labels away, and nothing reads its result" },
  LINT_CONDITION_CONSTANT: { severities: warning, meaning: "a condition holds always, or never" },
  LINT_EACH_SINGLE: { severities: warning, meaning: "a loop over what is never a list has one row" },
  LINT_GUARD_UNTRUSTED: { severities: ["warning", "info"], meaning: "untrusted data decides whether, or how often, a node runs" },
  LINT_LIMIT_LOW: { severities: warning, meaning: "a limit of calls is below what the plan needs at least" },
  LINT_NEVER_RUNS: { severities: warning, meaning: "a node waits for one that can never finish" },
  LINT_NO_SUCH_PLACE: { severities: warning, meaning: "a reference to what the tool, by its own schema, never returns" },
  LINT_ORDER_OPEN: {
    severities: warning,
    meaning: "two nodes work on one resource, one changes it, and neither waits for the other",
  },
  LINT_UNUSED_LET: { severities: warning, meaning: "nothing reads a computation" },
  LINT_UNUSED_PARAM: { severities: warning, meaning: "nothing reads a parameter" },
  LINT_UNUSED_RESULT: { severities: info, meaning: "nothing reads the result of a tool that only reads" },
  LINT_WORD_UNKNOWN: { severities: warning, meaning: "a comparison with a text that the other side never is" },

  // What arguments hold.
  LINT_ARG_SCHEMA: { severities: warning, meaning: "the tool's own schema refuses the constant" },
  LINT_CHOICE: { severities: info, meaning: "the agent chooses a value that steers, with the bits that it has" },
  LINT_CHOICE_UNBOUNDED: {
    severities: ["warning", "info"],
    meaning: "the agent chooses a value that steers, and the values cannot be counted",
  },
  LINT_CHOICE_WIDE: { severities: warning, meaning: "the agent chooses a value that steers a tool that acts, among too many" },
  LINT_CHOICE_TEXT: { severities: warning, meaning: "the agent chooses any text where free text should be said as `write`" },
  LINT_DEFAULT_UNSAID: {
    severities: warning,
    meaning: "the plan leaves out an argument that the tool then takes as true or as everyone",
  },
  LINT_OPTIONAL_DEFAULT: {
    severities: warning,
    meaning: "an argument may be left out that the tool then takes as true or as everyone",
  },
  LINT_OPTIONAL_REQUIRED: { severities: warning, meaning: "an argument may be left out, and the tool demands it" },
  LINT_MATCH_ALL: { severities: warning, meaning: "everything satisfies the constraint" },
  LINT_MATCH_NEVER: { severities: warning, meaning: "nothing satisfies the constraint, or the constant does not" },
  LINT_OTHERWISE: { severities: warning, meaning: "whoever writes the data can make it ambiguous, so that the fallback is used" },
  LINT_PATTERN_CLASS: { severities: warning, meaning: "a pattern's character class is written like a word" },
  LINT_PATTERN_DOT: { severities: warning, meaning: "a pattern's dot in a domain is not escaped" },
  LINT_PATTERN_HOST: { severities: warning, meaning: "a pattern over a host takes other hosts, too" },
  LINT_PATTERN_PATH: { severities: warning, meaning: "a pattern over a folder takes other folders, too" },

  // What calls do to the world.
  LINT_AMOUNT_NEGATIVE: { severities: warning, meaning: "an amount of money has an upper bound and no lower one" },
  LINT_APPROVE_READER: {
    severities: warning,
    meaning: "a person is asked before something is read, and not before what acts on it",
  },
  LINT_AUDIENCE_MISSED: {
    severities: warning,
    meaning: "an argument looks like one more address than the tool's audience names",
  },
  LINT_BUDGET_MISSING: { severities: warning, meaning: "nothing bounds an amount of money" },
  LINT_BUDGET_VACUOUS: { severities: warning, meaning: "a budget is above everything that the node could spend" },
  LINT_BUDGET_WINDOW: { severities: warning, meaning: "a sum of money is bounded for seconds or minutes only" },
  LINT_COMMAND_COMPUTED: { severities: warning, meaning: "a command or target is put together from texts" },
  LINT_COMMAND_OPEN: { severities: warning, meaning: "nothing holds a command to programs or statements" },
  LINT_CONSTRAINT_EMPTY: {
    severities: error,
    meaning: "hosts, paths or SQL for a node without an argument to hold against them",
  },
  LINT_DECLARED: { severities: info, meaning: "a constraint is the operator's word, and is not enforced" },
  LINT_EACH_UNBOUNDED: { severities: warning, meaning: "a loop over a tool that acts has more rows than anybody looks through" },
  LINT_IDEMPOTENT: { severities: warning, meaning: "a payment or a message counts as not made when it seems to have failed" },
  LINT_NO_LIMITS: { severities: info, meaning: "a plan that changes something, and no bound on calls or time" },
  LINT_OPERATOR_DECLARES: {
    severities: warning,
    meaning: "what a tool does is not known, so that a promise about it rests on the plan alone",
  },
  LINT_RESOURCE: { severities: info, meaning: "a tool writes what another one reads back, and no resource says so" },
  LINT_RUNS_MONEY: { severities: warning, meaning: "more payments in one session than anybody looks through" },
  LINT_SANDBOX: { severities: warning, meaning: "a tool executes what it is given, and nothing says what it may reach" },
  SQL_PARSER_MISSING: { severities: error, meaning: "the plan names a dialect whose parser is not installed" },
  LINT_SQL_STAR: { severities: warning, meaning: "a statement selects all columns" },
  LINT_SQL_TABLES: { severities: warning, meaning: "a statement that the plan does not fix, on any table" },
  LINT_SQL_WRITES: { severities: warning, meaning: "a statement changes something where only reading is promised" },

  // Texts that people approve by looking at them.
  LINT_CONFUSABLE: { severities: warning, meaning: "a word of other letters is taken for a Latin one" },
  LINT_HIDDEN_TEXT: { severities: warning, meaning: "a text holds an invisible character" },
  LINT_HOST_WIDE: { severities: warning, meaning: "hosts under a suffix where anyone can have a name" },
  LINT_LOOKALIKE: { severities: warning, meaning: "two texts of the plan that nobody tells apart" },
  LINT_MIXED_SCRIPT: { severities: warning, meaning: "a word mixes Latin letters with others that look like them" },
  LINT_PATH_WIDE: { severities: warning, meaning: "a path prefix under which everything lies" },

  // Labels, and who vouches for them.
  LINT_CREDENTIAL_CONST: { severities: warning, meaning: "a credential stands in the plan" },
  LINT_DECLASSIFY_UNBOUNDED: { severities: warning, meaning: "a value that cannot be counted is opened to everyone" },
  LINT_EFFECTS_DISPUTED: { severities: warning, meaning: "declared to read only, and the server's annotations say otherwise" },
  LINT_ENDORSE: { severities: info, meaning: "an endorsement, with its bits in a session" },
  LINT_ENDORSE_UNBOUNDED: {
    severities: warning,
    meaning: "the endorsed values cannot be counted, and the one exception applies",
  },
  LINT_FLOW_ENDORSED: { severities: warning, meaning: "an argument's own endorsement lifts a flow rule of the same plan" },
  LINT_FLOW_INVERTED: { severities: warning, meaning: "a flow rule denies what is trusted and lets the untrusted pass" },
  LINT_FLOW_NO_ARG: { severities: warning, meaning: "a flow rule matches no argument of the plan" },
  LINT_FLOW_NO_LABEL: { severities: warning, meaning: "a flow rule is over labels that nothing carries" },
  LINT_FLOW_NO_TOOL: { severities: warning, meaning: "a flow rule matches no tool of the plan" },
  LINT_HIDDEN_SHOWN: { severities: warning, meaning: "a node is given hidden data and shows what comes of it" },
  LINT_INFERRED: { severities: info, meaning: "nobody declared it of a tool, so it was inferred" },
  LINT_LABEL_NO_EFFECT: { severities: warning, meaning: "a label of a node cleans nothing" },
  LINT_LABEL_TRUSTED: { severities: warning, meaning: "what is untrusted by itself is declared trusted" },
  LINT_READERS_OPEN: { severities: info, meaning: "how a label without readers is read" },
  LINT_REMOVES_NOTHING: { severities: warning, meaning: "a label is removed that no data of the node can carry" },
  LINT_ROLE_DISPUTED: { severities: warning, meaning: "declared content, and named like a recipient, a place or a command" },
  LINT_SECRET_READERS: { severities: warning, meaning: "a tool is called after a secret, and everyone may read what it returns" },
  LINT_SECRET_SHOWN: { severities: warning, meaning: "the agent sees what another node needs as a credential" },
  LINT_SOURCE_TRUSTED: { severities: warning, meaning: "only the plan labels a tool of the network, and as trusted" },
  LINT_UNLABELLED: { severities: ["warning", "info"], meaning: "a result without a label is `unknown`" },
  LINT_UNUSED_LABEL: { severities: warning, meaning: "no tool carries and no rule names a declared label" },

  // What data can do under the plan.
  LINT_CHOICE_DENIED: { severities: warning, meaning: "a choice that will be denied once untrusted data was shown" },
  LINT_COMMAND_UNTRUSTED: { severities: warning, meaning: "untrusted data is what is run" },
  LINT_FLOWS_CUT: { severities: info, meaning: "the plan is too large to list every flow" },
  LINT_FLOW_DENIED: { severities: warning, meaning: "a flow rule always denies the argument, so that the node can never run" },
  LINT_LINKS_UNTRUSTED: { severities: ["warning", "info"], meaning: "the agent's text may link to hosts of untrusted values" },
  LINT_MONEY_UNTRUSTED: { severities: warning, meaning: "untrusted data says who is paid or for what" },
  LINT_PICK_UNTRUSTED: { severities: warning, meaning: "the first or last of several untrusted values steers a tool that acts" },
  LINT_REMOVES_UNGUARDED: {
    severities: warning,
    meaning: "a label comes through once the sanitizer's result does not fit its schema",
  },
  LINT_SANITIZER_PASSED: { severities: warning, meaning: "a label that a node removes reaches a steering argument past it" },
  LINT_UNTRUSTED_TARGET: { severities: info, meaning: "untrusted data reaches a target, command or credential" },

  // A plan under a policy.
  POLICY_APPROVE: { severities: info, meaning: "a node needs a human because the policy says so" },
  POLICY_DECLASSIFY: { severities: error, meaning: "the plan gives data to readers from whom the policy keeps it" },
  POLICY_ENDORSE: { severities: error, meaning: "the agent, or a resource, brings data where the plan took the label off" },
  POLICY_FLOW: { severities: error, meaning: "references bring data where the policy denies it" },
  POLICY_FLOW_RUNTIME: { severities: info, meaning: "the policy denies it only when it happens" },
  POLICY_FORBIDDEN: { severities: error, meaning: "the policy forbids such a tool or argument" },
  POLICY_NODES: { severities: error, meaning: "the plan has more nodes than the policy allows" },
  POLICY_ROLE: { severities: info, meaning: "the policy makes an argument steer" },
  POLICY_ROLE_DISPUTED: {
    severities: ["error", "warning"],
    meaning: "the catalogue or another policy gives an argument another role",
  },
  POLICY_ROLE_UNSAFE: { severities: error, meaning: "the raised role takes other arguments out of a constraint's sight" },
  POLICY_SANITIZER: { severities: error, meaning: "data comes by a way without one of the policy's sanitizers" },
  POLICY_TEXT: { severities: error, meaning: "the free texts of a session hold more bits than the policy allows" },

  // A policy itself.
  POLICY_APPROVAL_UNSATISFIABLE: { severities: error, meaning: "fewer people may approve than must" },
  POLICY_APPROVER_KEY: { severities: error, meaning: "two approvers have one key" },
  POLICY_APPROVER_UNKNOWN: { severities: error, meaning: "an approver is not declared" },
  POLICY_DUPLICATE: { severities: error, meaning: "two rules have one id" },
  POLICY_EMPTY_LIST: { severities: warning, meaning: "an empty list allows nothing, and is hardly meant" },
  POLICY_FORBIDS_ALL: { severities: error, meaning: "a rule that nothing can satisfy" },
  POLICY_ISSUER_UNKNOWN: { severities: error, meaning: "an issuer of receipts is not declared" },
  POLICY_INVERTED: { severities: warning, meaning: "a rule denies what is trusted" },
  POLICY_LABEL_RESERVED: { severities: error, meaning: "a label that is built in is declared" },
  POLICY_LABEL_UNDECLARED: { severities: error, meaning: "a rule of the policy names a label that nobody declared" },
  POLICY_LABEL_UNUSED: { severities: warning, meaning: "no tool of the catalogue carries a label of a rule" },
  POLICY_LOOSENS: { severities: error, meaning: "what would allow more than the plan is not taken over" },
  POLICY_MATCHES_ALL: { severities: ["error", "warning"], meaning: "a glob fits everything where that makes the rule useless" },
  POLICY_NOT_A_GLOB: { severities: error, meaning: "a regular expression stands where a glob, host or domain is read" },
  POLICY_NO_ARGUMENT: { severities: warning, meaning: "no tool that the rule names has such an argument" },
  POLICY_NO_TOOL: { severities: warning, meaning: "no tool of the catalogue fits" },
  POLICY_ROLE_KEPT: { severities: warning, meaning: "the catalogue gives the argument this role already" },
  POLICY_SANITIZER_OPEN: { severities: warning, meaning: "no sanitizer has an output schema, so that no plan can use one" },
  POLICY_SELF_TRUST: { severities: ["error", "warning"], meaning: "trust rests on the word of what is to be trusted" },
  POLICY_SHADOWED: { severities: warning, meaning: "another rule contains this one" },
  POLICY_VACUOUS: { severities: error, meaning: "a rule holds nothing" },

  // A catalogue of tools.
  CATALOGUE_CREDENTIAL: { severities: info, meaning: "a secret that the operation needs is no argument of the tool" },
  CATALOGUE_DECLARED: { severities: ["warning", "info"], meaning: "what is imported says of itself what its tools do" },
  CATALOGUE_DUPLICATE: { severities: error, meaning: "one name has two definitions" },
  CATALOGUE_HIDDEN_TEXT: { severities: warning, meaning: "a text that models read holds characters that nobody sees" },
  CATALOGUE_IGNORED: { severities: warning, meaning: "something of the catalogue is not read" },
  CATALOGUE_INSTRUCTION: { severities: warning, meaning: "a text that should describe a tool gives orders to whoever reads it" },
  CATALOGUE_MALFORMED: { severities: error, meaning: "the catalogue has not the form that is read" },
  CATALOGUE_NAME: { severities: error, meaning: "a name in a catalogue that is not allowed" },
  TOOL_AMBIGUOUS: { severities: error, meaning: "a short name fits several tools" },
  CATALOGUE_REFERENCE: { severities: error, meaning: "a reference of a schema leads out of the document, or nowhere" },
  CATALOGUE_SERVER: { severities: ["warning", "info"], meaning: "the hosts of an operation are not known for sure" },
  CATALOGUE_SKIPPED: { severities: ["warning", "info"], meaning: "a part of what was imported is left out" },
  CATALOGUE_SOURCE: { severities: error, meaning: "no catalogue can be made of what was given" },
  CATALOGUE_STARTER_DIFFERS: {
    severities: ["warning", "info"],
    meaning: "a tool is not word for word the one that a starter's facts were written for",
  },
  CATALOGUE_STARTER_SERVER: { severities: error, meaning: "it cannot be told over which server a starter is laid" },
  CATALOGUE_STARTER_TRUSTED: { severities: warning, meaning: "the operator trusts a label that a starter's tools carry" },
  CATALOGUE_STARTER_UNKNOWN: { severities: ["warning", "info"], meaning: "tools of the server that the starter does not know" },
  CATALOGUE_TOO_LARGE: { severities: error, meaning: "the catalogue is over a bound of its size" },

  // Drafts from recorded runs.
  LEARN_AGENT_ROWS: { severities: ["warning", "info"], meaning: "the agent decides for which rows it calls" },
  LEARN_CHOICE: { severities: warning, meaning: "the agent chooses before it has read anything" },
  LEARN_COMPUTED: { severities: warning, meaning: "a value is computed, as far as this run shows" },
  LEARN_CONSTANT: { severities: info, meaning: "a value was always the same" },
  LEARN_DATA_IN_SELECTOR: { severities: ["warning", "info"], meaning: "data chooses what is read" },
  LEARN_DATA_IN_TARGET: { severities: warning, meaning: "data chooses a target" },
  LEARN_DENIES_RUN: { severities: warning, meaning: "the draft denies a run that it was learned from" },
  LEARN_EMPTY: { severities: error, meaning: "the run has no call" },
  LEARN_FAILED_CALL: { severities: warning, meaning: "a failed call is not part of the draft" },
  LEARN_FALLBACK: { severities: warning, meaning: "a fallback was guessed from the run" },
  LEARN_FEW_TRACES: { severities: error, meaning: "there are too few traces to hold some out" },
  LEARN_FRAGILE: { severities: info, meaning: "a value is found only as long as nothing like it is added" },
  LEARN_GUARD: { severities: warning, meaning: "a step runs where a result says so, as far as the runs show" },
  LEARN_HOST_PARAM: { severities: warning, meaning: "a value varies and nothing explains it, so the host gives it" },
  LEARN_LINKS: { severities: warning, meaning: "a text may link to the hosts that were seen" },
  LEARN_OPTIONAL: { severities: ["warning", "info"], meaning: "a step that some runs left out" },
  LEARN_PICK: { severities: warning, meaning: "the agent picks among values of a result" },
  LEARN_POSITION: { severities: warning, meaning: "nothing but its place in a list describes a value" },
  LEARN_RETRY: { severities: warning, meaning: "a call was made again after it failed" },
  LEARN_REPEATED: { severities: warning, meaning: "an act that some runs made more often than others" },
  LEARN_ROOM: { severities: warning, meaning: "a loop may be longer than any that was seen" },
  LEARN_ROWS: { severities: warning, meaning: "rows are told apart by what the task does not mention" },
  LEARN_TASK_WORDS: { severities: warning, meaning: "a task has several words that a parameter may be" },
  LEARN_TASKS_DIFFER: { severities: ["error", "warning"], meaning: "the runs are of different tasks" },
  LEARN_TOO_LARGE: { severities: error, meaning: "the run is over a bound of its size" },
  LEARN_UNEXPLAINED: { severities: warning, meaning: "nothing explains a value, so it is a constant" },

  // Drafts of what an agent intends, and of other formats.
  IMPORT_CODE_DROPPED: { severities: info, meaning: "a part of a code plan that calls no tool is not in the plan" },
  IMPORT_LOOP_BOUND: { severities: warning, meaning: "nothing says how often a loop of a code plan runs" },
  IMPORT_LOOP_WRITTEN_OUT: { severities: warning, meaning: "a loop of a code plan is written out for a few rounds" },
  IMPORT_DECLINED: { severities: info, meaning: "a call that a person declined is not part of the draft" },
  IMPORT_FIELD_LOST: {
    severities: info,
    meaning: "a field of a workflow that a plan has no place for, and that changes nothing that may happen",
  },
  IMPORT_INPUT_REQUIRED: { severities: info, meaning: "an optional input of a workflow must be given when a session opens" },
  IMPORT_RETRY_WIDER: {
    severities: warning,
    meaning: "a failed call may be tried again after more failures than the workflow says",
  },
  IMPORT_STEP_SKIPPED: { severities: warning, meaning: "a step of a workflow that never runs is not in the plan" },
  IMPORT_MERGED: { severities: info, meaning: "equal calls that nothing tells apart are one node" },
  IMPORT_NO_CATALOGUE: { severities: warning, meaning: "no catalogue says what the imported tools do" },
  IMPORT_ORDERED: { severities: info, meaning: "an imported call waits for another that would fit its node too" },
  IMPORT_PLACEHOLDER: { severities: warning, meaning: "a value looks as if it stood for another call's result" },
  IMPORT_TOOLS_OF_LOG: { severities: warning, meaning: "what the imported tools do is the word of the log itself" },
  IMPORT_TASK: { severities: warning, meaning: "the user's words are too long for a plan, and were left out" },

  // Drafts from recordings of an observing firewall.
  OBSERVE_DIGEST: { severities: warning, meaning: "a value was digested when it was recorded, so that it is a parameter" },
  OBSERVE_DIGEST_LEFT: { severities: warning, meaning: "a digest of a recording stands where no parameter can" },

  // Drafts from a task's words.
  INFER_ASKED: { severities: info, meaning: "a value that the task does not say is a parameter" },
  INFER_ASKED_ONCE: { severities: warning, meaning: "one parameter fills several arguments of one name" },
  INFER_CONDITION: { severities: warning, meaning: "the task speaks of a condition that the draft does not have" },
  INFER_LOOP: { severities: warning, meaning: "nothing says how many rows a drafted loop has" },
  INFER_ORDER: { severities: info, meaning: "calls follow each other by the words of the task alone" },
  INFER_PICK: { severities: warning, meaning: "one of several values is taken, and the task does not say which" },
  INFER_UNASKED: { severities: info, meaning: "the task does not seem to ask for a node" },
  INFER_UNASKED_ARGUMENT: { severities: info, meaning: "a constant steers a tool that acts, and the task does not say it" },
} as const satisfies { readonly [code: string]: FindingInfo };

/** What is wrong with the form of a document, whichever it is: `PLAN_…` of a plan, `POLICY_…` of a policy. */
type FormFault =
  | "DUPLICATE"
  | "FORMAT"
  | "JSON"
  | "MEMBER"
  | "MISSING"
  | "NAME"
  | "NODE"
  | "RANGE"
  | "RULE"
  | "TOO_LARGE"
  | "TYPE"
  | "VALUE";

/** The closed set of codes that a finding has: those of the table, of a policy's form, and of `codes.ts`, where it is what a call would be answered with. */
export type FindingCode = keyof typeof findingCodes | `POLICY_${FormFault}` | `CONFIG_${FormFault}` | Code;
