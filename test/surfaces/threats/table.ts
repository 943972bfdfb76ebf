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
  1: { name: "duplicate JSON keys", cells: { ...calls, receipts: met } },
  2: { name: "number differentials", cells: { ...calls, receipts: met } },
  3: { name: "Unicode", cells: { ...calls, receipts: not("values are compared by digest, names by code points") } },
  4: {
    name: "parser differentials with the target",
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
    cells: none("no surface has a pattern of its own that a plan, an agent or a server writes"),
    below: [{ file: "test/lang/pattern.test.ts", title: "" }],
  },
  6: {
    name: "prototype pollution",
    cells: { ...calls, receipts: not("names of labels are members of their own: one of the prototype's is an undeclared one") },
    below: [
      {
        file: "test/taint/label.test.ts",
        title: "of a name that nobody declared is untrusted, also where the name is one of Object.prototype",
      },
    ],
  },
  7: {
    name: "replay of approvals, calls, tokens",
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
  8: { name: "races on budgets and single use", cells: { ...calls, receipts: met } },
  9: { name: "check and use", cells: { ...calls, receipts: met } },
  10: {
    name: "calls out of order, or at once",
    cells: {
      ...calls,
      "http-proxy": not("requests come one by one, and nothing says which were made at once: each is decided as it arrives"),
      receipts: noCall,
    },
  },
  11: { name: "oversize, deep, slow", cells: { ...calls, receipts: met } },
  12: {
    name: "collisions of canonical forms",
    cells: { ...none("surfaces hash nothing themselves"), receipts: met },
    below: [
      { file: "test/plan/digest.test.ts", title: "separates domains by their first line" },
      { file: "test/json/canonical.test.ts", title: "is the same after reading it back, whatever the value" },
    ],
  },
  13: { name: "sessions mixed up", cells: { ...calls, receipts: met } },
  14: {
    name: "too many labels",
    cells: { ...none("takes no names of labels from outside"), mcp: met, receipts: met },
    below: [{ file: "test/taint/label.test.ts", title: "treats the 33rd, 64th and 65th label like the first" }],
  },
  15: {
    name: "forged labels",
    cells: {
      ...none("takes no labels from outside"),
      mcp: met,
      "http-proxy": met,
      receipts: met,
    },
  },
  16: {
    name: "definitions that change",
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
    cells: { hono: met, mcp: met, "http-proxy": met, "model-api": met, adapters: met, hook: met, receipts: not("names no tool") },
  },
  18: {
    name: "confused deputy, tokens passed through",
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
    cells: { ...calls, receipts: not("a receipt that is none is no denial: its data is the top") },
  },
  20: {
    name: "time",
    cells: none("compares no secret itself: `src/surfaces/credential.ts` compares digests over their whole length"),
    below: [{ file: "test/surfaces/threats/credential.test.ts", title: "threat 20" }],
  },
  21: { name: "unknown methods", cells: { ...calls, receipts: not("has no methods") } },
  22: { name: "open where something fails", cells: { ...calls, receipts: met } },
  23: {
    name: "an approver who is deceived",
    cells: { ...none("shows no plan to an approver"), hono: met },
    below: [{ file: "test/json/pointer.test.ts", title: "shows no control, format or line character of a key" }],
  },
  24: {
    name: "policies that say nothing",
    cells: none("a question to plans and policies, not to where they are enforced"),
    below: [
      { file: "test/mistakes/mistakes.test.ts", title: "holds more than sixty mistakes" },
      { file: "test/mistakes/mistakes.test.ts", title: "is told which rule could be removed without anybody noticing" },
    ],
  },
  25: { name: "logs that are forged", cells: { ...calls, receipts: not("logs nothing: codes alone stand in the record") } },
};
