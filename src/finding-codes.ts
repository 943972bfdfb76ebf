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

const error = (meaning: string): FindingInfo => ({ severities: ["error"], meaning });
const warning = (meaning: string): FindingInfo => ({ severities: ["warning"], meaning });
const info = (meaning: string): FindingInfo => ({ severities: ["info"], meaning });
const either = (severities: readonly Severity[], meaning: string): FindingInfo => ({ severities, meaning });

/** Code → what it means. Codes are permanent once released; a test holds the table to the codes that occur in the source. */
export const findingCodes = {
  // The form of a plan, and what compiling it finds. A policy's form has the same codes with `POLICY_` in front.
  PLAN_ARG_REQUIRED: error("the tool demands an argument, and the node says nothing of it"),
  PLAN_ARG_UNKNOWN: error("the tool has no such argument"),
  PLAN_BUDGET_ARG: error("a budget sums an argument that the node never sends, or that holds no amount"),
  PLAN_CONSTRAINT: error("a constraint by effect cannot be compiled, or has no argument that it could hold against"),
  PLAN_CYCLE: error("the nodes depend on each other in a circle"),
  PLAN_DIGEST_MISMATCH: error("the frozen file was changed after it was frozen"),
  PLAN_DUPLICATE: error("two things of the plan have one name"),
  PLAN_ENDORSE_BITS: error("endorsements let more bits through in one session than is allowed"),
  PLAN_ENDORSE_UNBOUNDED: error("the values that are endorsed cannot be counted"),
  PLAN_ENDORSE_UNTRUSTED: error("an endorsement goes to a label that is not trusted"),
  PLAN_ENVELOPE: info("calls that the agent may add while the plan runs, and nobody is asked"),
  PLAN_EXPIRED: error("the plan is past its `notAfter`"),
  PLAN_FORMAT: error("a text has not the form that its place asks for"),
  PLAN_ITEM_OUTSIDE_EACH: error("`item` is used where there is no row"),
  PLAN_JSON: error("a value that JSON does not have"),
  PLAN_LABELS_EMPTY: error("an empty list of labels where at least one is meant"),
  PLAN_LABEL_REDECLARED: error("the plan loosens what the operator's catalogue says of a label"),
  PLAN_LABEL_RESERVED: error("a label whose meaning is fixed is declared"),
  PLAN_LABEL_STICKS: error("a label is removed that nothing removes"),
  PLAN_LABEL_UNDECLARED: error("a rule of the plan names a label that nobody declared"),
  PLAN_MALFORMED: error("the file is no frozen plan"),
  PLAN_MEMBER: error("an unknown member"),
  PLAN_MISSING: error("a member is missing"),
  PLAN_NAME: error("a name in a plan that is not allowed"),
  PLAN_NETWORK: error("the node promises hosts, and its tool reaches the network otherwise"),
  PLAN_NODE: error("a node is neither a call, nor a computation, or it is both"),
  PLAN_OTHERWISE: error("`otherwise` stands beside what it does not go with"),
  PLAN_PARAM_DEFAULT: error("the default of a parameter breaks the parameter's own constraint"),
  PLAN_PARAM_READ: error("a parameter's way of reading is not known, or contradicts its constraint"),
  PLAN_RANGE: error("a number, text or list is too small or too large"),
  PLAN_READ_ONLY: error("the node promises to read only, and its tool changes something"),
  PLAN_REMOVES_PATH: error("a path of `removes` is not made of required members"),
  PLAN_REMOVES_SCHEMA: error("`removes` needs an output schema that is checked at run time, and there is none"),
  PLAN_REMOVES_UNBOUNDED: error("what `removes` cleans may hold free text"),
  PLAN_RULE: error("a rule of an argument has no class, or two"),
  PLAN_SIGNATURE_INVALID: error("the signature does not verify"),
  PLAN_TEMPLATE_HOLE: error("the holes of a template and its values do not agree"),
  PLAN_TOO_LARGE: error("the plan is over a bound of its size"),
  PLAN_TYPE: error("a value of another type is expected"),
  PLAN_UNKNOWN_NODE: error("a name that is no node of the plan"),
  PLAN_UNKNOWN_PARAM: error("a name that is no parameter of the plan"),
  PLAN_VALUE: error("a value that its place does not take"),
  PLAN_WRITE_ROLE: error("free text of the agent where the argument steers the tool"),

  // The languages of a plan.
  EXTRACT_INVALID: error("an extractor is none of those that there are"),
  EXTRACT_TEXT_TOO_LONG: error("a text is too long to extract from"),
  LANG_DATE: error("no date or date-time in the one form that is read"),
  LANG_EXPR_LIMIT: error("an expression is too long, too deep or works too long"),
  LANG_EXPR_NAME: error("an expression names what there is not"),
  LANG_EXPR_RUNTIME: error("an expression has no value for what it is given"),
  LANG_EXPR_SYNTAX: error("an expression cannot be read"),
  LANG_EXPR_TYPE: error("an expression mixes types"),
  LANG_MATCH_KEYWORD: error("a constraint has an unknown keyword"),
  LANG_MATCH_LIMIT: error("a constraint is too large"),
  LANG_MATCH_VALUE: error("a keyword of a constraint has a value that it does not take"),
  LANG_NUMBER_RANGE: error("a number that is not kept exactly"),
  LANG_PATH_FUNCTION: error("a path uses a function that there is not"),
  LANG_PATH_LIMIT: error("a path is too long or too deep"),
  LANG_PATH_SYNTAX: error("a path cannot be read"),
  LANG_PATTERN_LIMIT: error("a pattern is too long, or too large when it is compiled"),
  LANG_PATTERN_SYNTAX: error("a pattern cannot be read"),
  LANG_PATTERN_UNSUPPORTED: error("a pattern has no form that runs in linear time"),
  LANG_REFERENCE_SYNTAX: error("a reference is no node with a path"),
  TEMPLATE_HOLE_MISPLACED: error("a hole of a template stands where no value can"),
  TEMPLATE_MALFORMED: error("a template cannot be read in its language"),

  // When nodes run, and in which order.
  LINT_AMBIGUOUS: either(["warning", "info"], "one call fits two nodes that can be due at once"),
  LINT_CHECK_UNUSED: warning("a node cleans labels away, and nothing reads its result"),
  LINT_CONDITION_CONSTANT: warning("a condition holds always, or never"),
  LINT_EACH_SINGLE: warning("a loop over what is never a list has one row"),
  LINT_GUARD_UNTRUSTED: either(["warning", "info"], "untrusted data decides whether, or how often, a node runs"),
  LINT_LIMIT_LOW: warning("a limit of calls is below what the plan needs at least"),
  LINT_NEVER_RUNS: warning("a node waits for one that can never finish"),
  LINT_NO_SUCH_PLACE: warning("a reference to what the tool, by its own schema, never returns"),
  LINT_ORDER_OPEN: warning("two nodes work on one resource, one changes it, and neither waits for the other"),
  LINT_UNUSED_LET: warning("nothing reads a computation"),
  LINT_UNUSED_PARAM: warning("nothing reads a parameter"),
  LINT_UNUSED_RESULT: info("nothing reads the result of a tool that only reads"),
  LINT_WORD_UNKNOWN: warning("a comparison with a text that the other side never is"),

  // What arguments hold.
  LINT_ARG_SCHEMA: warning("the tool's own schema refuses the constant"),
  LINT_CHOICE: info("the agent chooses a value that steers, with the bits that it has"),
  LINT_CHOICE_UNBOUNDED: either(["warning", "info"], "the agent chooses a value that steers, and the values cannot be counted"),
  LINT_CHOICE_WIDE: warning("the agent chooses a value that steers a tool that acts, among too many"),
  LINT_CHOICE_TEXT: warning("the agent chooses any text where free text should be said as `write`"),
  LINT_DEFAULT_UNSAID: warning("the plan leaves out an argument that the tool then takes as true or as everyone"),
  LINT_OPTIONAL_DEFAULT: warning("an argument may be left out that the tool then takes as true or as everyone"),
  LINT_OPTIONAL_REQUIRED: warning("an argument may be left out, and the tool demands it"),
  LINT_MATCH_ALL: warning("everything satisfies the constraint"),
  LINT_MATCH_NEVER: warning("nothing satisfies the constraint, or the constant does not"),
  LINT_OTHERWISE: warning("whoever writes the data can make it ambiguous, so that the fallback is used"),
  LINT_PATTERN_CLASS: warning("a pattern's character class is written like a word"),
  LINT_PATTERN_DOT: warning("a pattern's dot in a domain is not escaped"),
  LINT_PATTERN_HOST: warning("a pattern over a host takes other hosts, too"),
  LINT_PATTERN_PATH: warning("a pattern over a folder takes other folders, too"),

  // What calls do to the world.
  LINT_AMOUNT_NEGATIVE: warning("an amount of money has an upper bound and no lower one"),
  LINT_APPROVE_READER: warning("a person is asked before something is read, and not before what acts on it"),
  LINT_AUDIENCE_MISSED: warning("an argument looks like one more address than the tool's audience names"),
  LINT_BUDGET_MISSING: warning("nothing bounds an amount of money"),
  LINT_BUDGET_VACUOUS: warning("a budget is above everything that the node could spend"),
  LINT_BUDGET_WINDOW: warning("a sum of money is bounded for seconds or minutes only"),
  LINT_COMMAND_COMPUTED: warning("a command or target is put together from texts"),
  LINT_COMMAND_OPEN: warning("nothing holds a command to programs or statements"),
  LINT_CONSTRAINT_EMPTY: error("hosts, paths or SQL for a node without an argument to hold against them"),
  LINT_DECLARED: info("a constraint is the operator's word, and is not enforced"),
  LINT_EACH_UNBOUNDED: warning("a loop over a tool that acts has more rows than anybody looks through"),
  LINT_IDEMPOTENT: warning("a payment or a message counts as not made when it seems to have failed"),
  LINT_NO_LIMITS: info("a plan that changes something, and no bound on calls or time"),
  LINT_OPERATOR_DECLARES: warning("what a tool does is not known, so that a promise about it rests on the plan alone"),
  LINT_RESOURCE: info("a tool writes what another one reads back, and no resource says so"),
  LINT_RUNS_MONEY: warning("more payments in one session than anybody looks through"),
  LINT_SANDBOX: warning("a tool executes what it is given, and nothing says what it may reach"),
  SQL_PARSER_MISSING: error("the plan names a dialect whose parser is not installed"),
  LINT_SQL_STAR: warning("a statement selects all columns"),
  LINT_SQL_TABLES: warning("a statement that the plan does not fix, on any table"),
  LINT_SQL_WRITES: warning("a statement changes something where only reading is promised"),

  // Texts that people approve by looking at them.
  LINT_CONFUSABLE: warning("a word of other letters is taken for a Latin one"),
  LINT_HIDDEN_TEXT: warning("a text holds an invisible character"),
  LINT_HOST_WIDE: warning("hosts under a suffix where anyone can have a name"),
  LINT_LOOKALIKE: warning("two texts of the plan that nobody tells apart"),
  LINT_MIXED_SCRIPT: warning("a word mixes Latin letters with others that look like them"),
  LINT_PATH_WIDE: warning("a path prefix under which everything lies"),

  // Labels, and who vouches for them.
  LINT_CREDENTIAL_CONST: warning("a credential stands in the plan"),
  LINT_DECLASSIFY_UNBOUNDED: warning("a value that cannot be counted is opened to everyone"),
  LINT_EFFECTS_DISPUTED: warning("declared to read only, and the server's annotations say otherwise"),
  LINT_ENDORSE: info("an endorsement, with its bits in a session"),
  LINT_ENDORSE_UNBOUNDED: warning("the endorsed values cannot be counted, and the one exception applies"),
  LINT_FLOW_ENDORSED: warning("an argument's own endorsement lifts a flow rule of the same plan"),
  LINT_FLOW_INVERTED: warning("a flow rule denies what is trusted and lets the untrusted pass"),
  LINT_FLOW_NO_ARG: warning("a flow rule matches no argument of the plan"),
  LINT_FLOW_NO_LABEL: warning("a flow rule is over labels that nothing carries"),
  LINT_FLOW_NO_TOOL: warning("a flow rule matches no tool of the plan"),
  LINT_HIDDEN_SHOWN: warning("a node is given hidden data and shows what comes of it"),
  LINT_INFERRED: info("nobody declared it of a tool, so it was inferred"),
  LINT_LABEL_NO_EFFECT: warning("a label of a node cleans nothing"),
  LINT_LABEL_TRUSTED: warning("what is untrusted by itself is declared trusted"),
  LINT_READERS_OPEN: info("how a label without readers is read"),
  LINT_REMOVES_NOTHING: warning("a label is removed that no data of the node can carry"),
  LINT_ROLE_DISPUTED: warning("declared content, and named like a recipient, a place or a command"),
  LINT_SECRET_READERS: warning("a tool is called after a secret, and everyone may read what it returns"),
  LINT_SECRET_SHOWN: warning("the agent sees what another node needs as a credential"),
  LINT_SOURCE_TRUSTED: warning("only the plan labels a tool of the network, and as trusted"),
  LINT_UNLABELLED: either(["warning", "info"], "a result without a label is `unknown`"),
  LINT_UNUSED_LABEL: warning("no tool carries and no rule names a declared label"),

  // What data can do under the plan.
  LINT_CHOICE_DENIED: warning("a choice that will be denied once untrusted data was shown"),
  LINT_COMMAND_UNTRUSTED: warning("untrusted data is what is run"),
  LINT_FLOWS_CUT: info("the plan is too large to list every flow"),
  LINT_FLOW_DENIED: warning("a flow rule always denies the argument, so that the node can never run"),
  LINT_LINKS_UNTRUSTED: either(["warning", "info"], "the agent's text may link to hosts of untrusted values"),
  LINT_MONEY_UNTRUSTED: warning("untrusted data says who is paid or for what"),
  LINT_PICK_UNTRUSTED: warning("the first or last of several untrusted values steers a tool that acts"),
  LINT_REMOVES_UNGUARDED: warning("a label comes through once the sanitizer's result does not fit its schema"),
  LINT_SANITIZER_PASSED: warning("a label that a node removes reaches a steering argument past it"),
  LINT_UNTRUSTED_TARGET: info("untrusted data reaches a target, command or credential"),

  // A plan under a policy.
  POLICY_APPROVE: info("a node needs a human because the policy says so"),
  POLICY_DECLASSIFY: error("the plan gives data to readers from whom the policy keeps it"),
  POLICY_ENDORSE: error("the agent, or a resource, brings data where the plan took the label off"),
  POLICY_FLOW: error("references bring data where the policy denies it"),
  POLICY_FLOW_RUNTIME: info("the policy denies it only when it happens"),
  POLICY_FORBIDDEN: error("the policy forbids such a tool or argument"),
  POLICY_NODES: error("the plan has more nodes than the policy allows"),
  POLICY_ROLE: info("the policy makes an argument steer"),
  POLICY_ROLE_DISPUTED: either(["error", "warning"], "the catalogue or another policy gives an argument another role"),
  POLICY_ROLE_UNSAFE: error("the raised role takes other arguments out of a constraint's sight"),
  POLICY_SANITIZER: error("data comes by a way without one of the policy's sanitizers"),
  POLICY_TEXT: error("the free texts of a session hold more bits than the policy allows"),

  // A policy itself.
  POLICY_APPROVAL_UNSATISFIABLE: error("fewer people may approve than must"),
  POLICY_APPROVER_KEY: error("two approvers have one key"),
  POLICY_APPROVER_UNKNOWN: error("an approver is not declared"),
  POLICY_DUPLICATE: error("two rules have one id"),
  POLICY_EMPTY_LIST: warning("an empty list allows nothing, and is hardly meant"),
  POLICY_FORBIDS_ALL: error("a rule that nothing can satisfy"),
  POLICY_ISSUER_UNKNOWN: error("an issuer of receipts is not declared"),
  POLICY_INVERTED: warning("a rule denies what is trusted"),
  POLICY_LABEL_RESERVED: error("a label that is built in is declared"),
  POLICY_LABEL_UNDECLARED: error("a rule of the policy names a label that nobody declared"),
  POLICY_LABEL_UNUSED: warning("no tool of the catalogue carries a label of a rule"),
  POLICY_LOOSENS: error("what would allow more than the plan is not taken over"),
  POLICY_MATCHES_ALL: either(["error", "warning"], "a glob fits everything where that makes the rule useless"),
  POLICY_NOT_A_GLOB: error("a regular expression stands where a glob, host or domain is read"),
  POLICY_NO_ARGUMENT: warning("no tool that the rule names has such an argument"),
  POLICY_NO_TOOL: warning("no tool of the catalogue fits"),
  POLICY_ROLE_KEPT: warning("the catalogue gives the argument this role already"),
  POLICY_SANITIZER_OPEN: warning("no sanitizer has an output schema, so that no plan can use one"),
  POLICY_SELF_TRUST: either(["error", "warning"], "trust rests on the word of what is to be trusted"),
  POLICY_SHADOWED: warning("another rule contains this one"),
  POLICY_VACUOUS: error("a rule holds nothing"),

  // A catalogue of tools.
  CATALOGUE_CREDENTIAL: info("a secret that the operation needs is no argument of the tool"),
  CATALOGUE_DECLARED: either(["warning", "info"], "what is imported says of itself what its tools do"),
  CATALOGUE_DUPLICATE: error("one name has two definitions"),
  CATALOGUE_HIDDEN_TEXT: warning("a text that models read holds characters that nobody sees"),
  CATALOGUE_IGNORED: warning("something of the catalogue is not read"),
  CATALOGUE_INSTRUCTION: warning("a text that should describe a tool gives orders to whoever reads it"),
  CATALOGUE_MALFORMED: error("the catalogue has not the form that is read"),
  CATALOGUE_NAME: error("a name in a catalogue that is not allowed"),
  TOOL_AMBIGUOUS: error("a short name fits several tools"),
  CATALOGUE_REFERENCE: error("a reference of a schema leads out of the document, or nowhere"),
  CATALOGUE_SERVER: either(["warning", "info"], "the hosts of an operation are not known for sure"),
  CATALOGUE_SKIPPED: either(["warning", "info"], "a part of what was imported is left out"),
  CATALOGUE_SOURCE: error("no catalogue can be made of what was given"),
  CATALOGUE_STARTER_DIFFERS: either(
    ["warning", "info"],
    "a tool is not word for word the one that a starter's facts were written for",
  ),
  CATALOGUE_STARTER_SERVER: error("it cannot be told over which server a starter is laid"),
  CATALOGUE_STARTER_TRUSTED: warning("the operator trusts a label that a starter's tools carry"),
  CATALOGUE_STARTER_UNKNOWN: either(["warning", "info"], "tools of the server that the starter does not know"),
  CATALOGUE_TOO_LARGE: error("the catalogue is over a bound of its size"),

  // Drafts from recorded runs.
  LEARN_AGENT_ROWS: either(["warning", "info"], "the agent decides for which rows it calls"),
  LEARN_CHOICE: warning("the agent chooses before it has read anything"),
  LEARN_COMPUTED: warning("a value is computed, as far as this run shows"),
  LEARN_CONSTANT: info("a value was always the same"),
  LEARN_DATA_IN_SELECTOR: either(["warning", "info"], "data chooses what is read"),
  LEARN_DATA_IN_TARGET: warning("data chooses a target"),
  LEARN_DENIES_RUN: warning("the draft denies a run that it was learned from"),
  LEARN_EMPTY: error("the run has no call"),
  LEARN_FAILED_CALL: warning("a failed call is not part of the draft"),
  LEARN_FALLBACK: warning("a fallback was guessed from the run"),
  LEARN_FEW_TRACES: error("there are too few traces to hold some out"),
  LEARN_FRAGILE: info("a value is found only as long as nothing like it is added"),
  LEARN_GUARD: warning("a step runs where a result says so, as far as the runs show"),
  LEARN_HOST_PARAM: warning("a value varies and nothing explains it, so the host gives it"),
  LEARN_LINKS: warning("a text may link to the hosts that were seen"),
  LEARN_OPTIONAL: either(["warning", "info"], "a step that some runs left out"),
  LEARN_PICK: warning("the agent picks among values of a result"),
  LEARN_POSITION: warning("nothing but its place in a list describes a value"),
  LEARN_RETRY: warning("a call was made again after it failed"),
  LEARN_REPEATED: warning("an act that some runs made more often than others"),
  LEARN_ROOM: warning("a loop may be longer than any that was seen"),
  LEARN_ROWS: warning("rows are told apart by what the task does not mention"),
  LEARN_TASK_WORDS: warning("a task has several words that a parameter may be"),
  LEARN_TASKS_DIFFER: either(["error", "warning"], "the runs are of different tasks"),
  LEARN_TOO_LARGE: error("the run is over a bound of its size"),
  LEARN_UNEXPLAINED: warning("nothing explains a value, so it is a constant"),

  // Drafts of what an agent intends, and of other formats.
  IMPORT_CODE_DROPPED: info("a part of a code plan that calls no tool is not in the plan"),
  IMPORT_LOOP_BOUND: warning("nothing says how often a loop of a code plan runs"),
  IMPORT_LOOP_WRITTEN_OUT: warning("a loop of a code plan is written out for a few rounds"),
  IMPORT_DECLINED: info("a call that a person declined is not part of the draft"),
  IMPORT_FIELD_LOST: info("a field of a workflow that a plan has no place for, and that changes nothing that may happen"),
  IMPORT_INPUT_REQUIRED: info("an optional input of a workflow must be given when a session opens"),
  IMPORT_RETRY_WIDER: warning("a failed call may be tried again after more failures than the workflow says"),
  IMPORT_STEP_SKIPPED: warning("a step of a workflow that never runs is not in the plan"),
  IMPORT_MERGED: info("equal calls that nothing tells apart are one node"),
  IMPORT_NO_CATALOGUE: warning("no catalogue says what the imported tools do"),
  IMPORT_ORDERED: info("an imported call waits for another that would fit its node too"),
  IMPORT_PLACEHOLDER: warning("a value looks as if it stood for another call's result"),
  IMPORT_TOOLS_OF_LOG: warning("what the imported tools do is the word of the log itself"),
  IMPORT_TASK: warning("the user's words are too long for a plan, and were left out"),

  // Drafts from recordings of an observing firewall.
  OBSERVE_DIGEST: warning("a value was digested when it was recorded, so that it is a parameter"),
  OBSERVE_DIGEST_LEFT: warning("a digest of a recording stands where no parameter can"),

  // Drafts from a task's words.
  INFER_ASKED: info("a value that the task does not say is a parameter"),
  INFER_ASKED_ONCE: warning("one parameter fills several arguments of one name"),
  INFER_CONDITION: warning("the task speaks of a condition that the draft does not have"),
  INFER_LOOP: warning("nothing says how many rows a drafted loop has"),
  INFER_ORDER: info("calls follow each other by the words of the task alone"),
  INFER_PICK: warning("one of several values is taken, and the task does not say which"),
  INFER_UNASKED: info("the task does not seem to ask for a node"),
  INFER_UNASKED_ARGUMENT: info("a constant steers a tool that acts, and the task does not say it"),
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
export type FindingCode = keyof typeof findingCodes | `POLICY_${FormFault}` | Code;
