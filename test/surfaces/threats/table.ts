/**
 * Threats against the firewall itself × surfaces: where each is met, and why not where it is not. Data, beside the test that holds the tests to it.
 */

/** The surfaces. `receipts`: what agents tell each other. */
export const surfaces = ["hono", "mcp", "http-proxy", "model-api", "adapters", "hook", "receipts"] as const;

/** One of them. */
export type SurfaceName = (typeof surfaces)[number];

/** Where tests of a surface are. */
export const places: { readonly [name in SurfaceName]: readonly string[] } = {
  hono: [
    "test/surfaces/hono.test.ts",
    "test/surfaces/enforce",
    "test/surfaces/results.test.ts",
    "test/surfaces/host-routes.test.ts",
    "test/approval/",
  ],
  mcp: ["test/surfaces/mcp/", "test/surfaces/mcp-transport/", "test/mcp/", "test/surfaces/threats/mcp"],
  "http-proxy": ["test/surfaces/http-proxy/", "test/surfaces/threats/http-proxy"],
  "model-api": ["test/surfaces/model-api/", "test/surfaces/threats/model-api"],
  adapters: ["test/surfaces/adapters/", "test/surfaces/threats/adapters"],
  hook: ["test/surfaces/hook/", "test/cli/hook", "test/surfaces/threats/hook"],
  receipts: ["test/receipts/"],
};

/** The file whose tests every surface but `receipts` runs. */
export const everySurface = "test/surfaces/threats/every-surface.test.ts";

/** `met`: a test of the surface names the threat. Else the reason why the surface does not meet it. */
export type Cell = "met" | { readonly not: string };

/** A threat that is met below all surfaces: tests, by file and words of their titles. */
export interface Below {
  readonly file: string;
  readonly title: string;
}

/** A row. */
export interface Threat {
  readonly name: string;
  /** What answers it, as `.github/SECURITY.md` says it. */
  readonly answer: string;
  readonly cells: { readonly [name in SurfaceName]: Cell };
  readonly below?: readonly Below[];
}

const met = "met";
const not = (reason: string): Cell => ({ not: reason });
const calls = { hono: met, mcp: met, "http-proxy": met, "model-api": met, adapters: met, hook: met } as const;
const none = (reason: string): Threat["cells"] =>
  Object.fromEntries(surfaces.map((name) => [name, not(reason)])) as unknown as Threat["cells"];
const noCall = not("a receipt is no call: it is judged where the call is settled or the session opened");

/** The threats by number. */
export const threats: { readonly [number: number]: Threat } = {
  1: {
    name: "duplicate JSON keys",
    answer:
      "Own byte reader: a key twice at any depth, after unescaping, is an error. What goes on is written anew from what was read, never the bytes that came",
    cells: { ...calls, receipts: met },
  },
  2: {
    name: "number differentials",
    answer:
      "Numbers that are not finite are errors; integers keep their digits; `2` and `2.0` are equal everywhere, and vectors hold all runtimes to it",
    cells: { ...calls, receipts: met },
  },
  3: {
    name: "Unicode",
    answer:
      "Lone surrogates and bytes that are not UTF-8 are errors; texts are compared by code point; lint names mixed scripts and look-alike names, and people see escaped forms",
    cells: { ...calls, receipts: not("values are compared by digest, names by code points") },
  },
  4: {
    name: "parser differentials with the target",
    answer:
      "Paths, URLs, SQL and commands are read as their reader reads them; what has two readings is refused; templates encode each value for its place",
    cells: {
      hono: not("arguments are handed on as JSON; nothing is parsed a second time"),
      mcp: met,
      "http-proxy": met,
      "model-api": not("arguments are handed on as JSON; nothing is parsed a second time"),
      adapters: not("arguments are handed on as values; nothing is parsed a second time"),
      hook: not("commands are constants or choices of the plan; `test/constraints/command.test.ts` reads them as a shell does"),
      receipts: not("a receipt has one form"),
    },
    below: [
      { file: "test/constraints/path.test.ts", title: "" },
      { file: "test/constraints/url.test.ts", title: "" },
      { file: "test/constraints/sql.test.ts", title: "" },
      { file: "test/constraints/command.test.ts", title: "" },
    ],
  },
  5: {
    name: "regular expressions in a policy, wrong or slow",
    answer:
      "Patterns have a linear-time form or are refused, cover the whole text, and lint shows examples on both sides; each expression of the source is analysed",
    cells: none("no surface has a pattern of its own that a plan, an agent or a server writes"),
    below: [
      { file: "test/lang/pattern.test.ts", title: "" },
      { file: "test/surfaces/threats/patterns.test.ts", title: "threat 5" },
    ],
  },
  6: {
    name: "prototype pollution",
    answer: "No name from outside is looked up on a prototype: own members, maps, and objects without one",
    cells: { ...calls, receipts: not("names of labels are members of their own: one of the prototype's is an undeclared one") },
    below: [
      {
        file: "test/taint/label.test.ts",
        title: "of a name that nobody declared is untrusted, also where the name is one of Object.prototype",
      },
      {
        file: "test/security/hostile-values.test.ts",
        title: "threats 6, 11: answers hostile parts in honest texts, and changes no prototype",
      },
    ],
  },
  7: {
    name: "replay of approvals, calls, tokens",
    answer:
      "An approval is bound to plan, node, digest and session, ends, and is used up in the same change that lets the call go; receipts have numbers that are remembered",
    cells: {
      hono: met,
      mcp: met,
      "http-proxy": not(
        "a request is one call: sent again it is counted again (8), and an approval is released by the host alone",
      ),
      "model-api": met,
      adapters: not("a call of an SDK is one call: made again it is counted again (8)"),
      hook: met,
      receipts: met,
    },
  },
  8: {
    name: "races on budgets and single use",
    answer:
      "Reserve, execute, settle: a budget is taken before the call by compare-and-set in the store; a reservation that is never settled is spent",
    cells: { ...calls, receipts: met },
  },
  9: {
    name: "check and use",
    answer: "Checked are the final values, and those very bytes are handed on; a held call releases the bytes that were approved",
    cells: { ...calls, receipts: met },
  },
  10: {
    name: "calls out of order, or at once",
    answer: "Order is the plan's graph; calls of one batch are each judged as if the others had returned",
    cells: {
      ...calls,
      "http-proxy": not("requests come one by one, and nothing says which were made at once: each is decided as it arrives"),
      receipts: noCall,
    },
  },
  11: {
    name: "oversize, deep, slow",
    answer:
      "Every size, depth and time has a limit (`src/limits.ts`), looked at before reading; what is cut off is denied; compressed bodies and transfer codings but chunks are refused",
    cells: { ...calls, receipts: met },
  },
  12: {
    name: "collisions of canonical forms",
    answer: "Digests are over canonical JSON (RFC 8785) with a domain in front; different values have different bytes",
    cells: { ...none("surfaces hash nothing themselves"), receipts: met },
    below: [
      { file: "test/plan/digest.test.ts", title: "separates domains by their first line" },
      { file: "test/json/canonical.test.ts", title: "is the same after reading it back, whatever the value" },
    ],
  },
  13: {
    name: "sessions mixed up",
    answer:
      "Session ids are made here and bound to principal, plan and a secret; no state stands between requests but in the store",
    cells: { ...calls, receipts: met },
  },
  14: {
    name: "too many labels",
    answer: "Sets of labels have no size; names come from plan and catalogue, and one that nobody declared is untrusted",
    cells: { ...none("takes no names of labels from outside"), mcp: met, receipts: met },
    below: [{ file: "test/taint/label.test.ts", title: "treats the 33rd, 64th and 65th label like the first" }],
  },
  15: {
    name: "forged labels",
    answer:
      "What a tool or an agent says of its own labels may only raise them; lowering needs the plan, or a receipt signed with a key that the policy lists",
    cells: {
      ...none("takes no labels from outside"),
      mcp: met,
      "http-proxy": met,
      receipts: met,
    },
    below: [
      { file: "test/surfaces/threats/labels.test.ts", title: "threat 15: whatever a tool claims of its result joins the label" },
    ],
  },
  16: {
    name: "definitions that change",
    answer:
      "The digests of the definitions that a plan uses are in the plan's digest; they are looked at again at each connection, at each notice and at intervals",
    cells: {
      hono: not("the tool is the host's own handler: the model sees the plan's definitions"),
      mcp: met,
      "http-proxy": met,
      "model-api": met,
      adapters: met,
      hook: not("the agent shows its own tools to its model: the hook shows none, and checks by the plan's"),
      receipts: not("has no definitions"),
    },
  },
  17: {
    name: "tools that shadow others",
    answer: "A tool is `server/tool`, with the server's identity in the digest; one name twice is an error",
    cells: { hono: met, mcp: met, "http-proxy": met, "model-api": met, adapters: met, hook: met, receipts: not("names no tool") },
  },
  18: {
    name: "confused deputy, tokens passed through",
    answer: "Neither the session's token nor the agent's other headers reach a tool; credentials are put in behind the check",
    cells: {
      hono: met,
      mcp: met,
      "http-proxy": met,
      "model-api": met,
      adapters: not("the tools hold their own credentials, and get arguments only"),
      hook: not("the agent holds its own credentials, and the hook gets and gives none"),
      receipts: met,
    },
  },
  19: {
    name: "denials that tell",
    answer:
      "Denials have constant texts and no value of a call; with hidden data one code for all; their number is bounded, and what they were decided by joins what the agent has read",
    cells: { ...calls, receipts: not("a receipt that is none is no denial: its data is the top") },
  },
  20: {
    name: "time",
    answer: "Secrets are compared by digest, over the whole length. How long a check takes may depend on data (not covered)",
    cells: none("compares no secret itself: `src/surfaces/credential.ts` compares digests over their whole length"),
    below: [{ file: "test/surfaces/threats/credential.test.ts", title: "threat 20" }],
  },
  21: {
    name: "unknown methods",
    answer: "What is not known is denied: methods, tools, kinds of message",
    cells: { ...calls, receipts: not("has no methods") },
  },
  22: {
    name: "open where something fails",
    answer:
      "No plan, a store that is down, an error, an unknown session: denied. Observing without enforcing has to be said, shows, and ends by itself",
    cells: { ...calls, receipts: met },
  },
  23: {
    name: "an approver who is deceived",
    answer:
      "The approver sees what the canonical plan says, with escapes, and in sentences what it opens; the digest is of the same bytes",
    cells: { ...none("shows no plan to an approver"), hono: met },
    below: [{ file: "test/json/pointer.test.ts", title: "shows no control, format or line character of a key" }],
  },
  24: {
    name: "policies that say nothing",
    answer:
      "`sluice plan lint` finds mistakes by name, `sluice policy test --mutate` weakens each entry and fails if no example notices, and attacks are counted against an undefended run",
    cells: none("a question to plans and policies, not to where they are enforced"),
    below: [
      { file: "test/mistakes/mistakes.test.ts", title: "is found" },
      { file: "test/mistakes/mistakes.test.ts", title: "is told which rule could be removed without anybody noticing" },
    ],
  },
  25: {
    name: "logs that are forged",
    answer:
      "Records are chained by hash over salted commitments and signed; line breaks, controls and bidi are escaped; who is forgotten loses the key, and the chain still holds",
    cells: { ...calls, receipts: not("logs nothing: codes alone stand in the record") },
    below: [
      { file: "test/audit/forged.test.ts", title: "a line of the journal that was forged before it was chained" },
      { file: "test/audit/verify.test.ts", title: "is found out whatever is changed, dropped, put in or moved" },
      {
        file: "test/audit/verify.test.ts",
        title: "still verifies when a person is erased, whose values nobody can open any more",
      },
      { file: "test/security/injection.test.ts", title: "in a name that a server lists does not reach a log as it is" },
    ],
  },
};
