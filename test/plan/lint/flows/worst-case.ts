/** The tools and nodes of the tests of the worst case, and its flows as lines. Data only. */
import { worstCaseFlows } from "../../../../src/plan/lint.ts";
import type { WorstCaseFlow } from "../../../../src/plan/lint/flows/worst-case.ts";
import type { Plan } from "../../../../src/plan/plan.ts";
import { catalogueOf, tool } from "../linting.ts";

const reader = (name: string, labels: readonly string[], more: object = {}): object =>
  tool(name, ["q"], { effects: ["read"], labels, roles: { q: "selector" }, ...more });

/** Tools that bring data of each kind, and tools that do something with it. */
export const catalogue = catalogueOf(
  [
    reader("web/get", ["web"]),
    reader("page/get", ["page"]),
    reader("both/get", ["own", "web"]),
    reader("crm/find", ["crm"]),
    reader("crm/mixed", ["own", "crm"]),
    reader("own/get", ["own"]),
    reader("net/get", ["own"], { effects: ["read", "network"] }),
    reader("named/get", ["own"], { audience: "public" }),
    tool("raw/get", ["q"], { effects: ["read"], roles: { q: "selector" } }),
    tool("bank/pay", ["to", "amount", "memo"], {
      effects: ["money"],
      labels: ["own"],
      roles: { to: "target", amount: "target", memo: "content" },
    }),
    tool("mail/send", ["to", "body"], { effects: ["message"], labels: ["own"], roles: { to: "target", body: "content" } }),
    tool("note/save", ["id", "text", "mode"], {
      effects: ["write"],
      labels: ["own"],
      roles: { id: "target", text: "content", mode: "control" },
    }),
    tool("sh/run", ["command", "key"], {
      effects: ["execute"],
      labels: ["own"],
      roles: { command: "command", key: "credential" },
    }),
  ],
  {
    web: { integrity: "untrusted" },
    page: { integrity: "untrusted" },
    own: { integrity: "trusted" },
    crm: { integrity: "trusted", readers: ["me"] },
  },
);

/** A flow in one line. */
export const line = (flow: WorstCaseFlow): string =>
  [
    `${flow.concern}: ${flow.from} [${flow.labels.join()}]`,
    ...flow.via,
    `${flow.node}.${flow.argument}`,
    ...(flow.bits === undefined ? [] : [`${flow.bits} bits, ${flow.bitsPerSession} in a session`]),
    ...(flow.partly === true ? ["partly"] : []),
    ...(flow.endorsed === true ? ["endorsed"] : []),
  ].join(" > ");
/** The flows of a plan, one line each. */
export const flowsOf = (value: Plan): readonly string[] => worstCaseFlows(value, catalogue).map(line);

/** Reads something untrusted and shows it. */
export const get = { tool: "web/get", args: { q: "x" } };
/** Reads something untrusted that the agent is not shown. */
export const hidden = { ...get, show: "none" };
/** Reads something of another untrusted label. */
export const page = { tool: "page/get", args: { q: "x" }, show: "none" };
/** Reads what not everyone may read. */
export const find = { tool: "crm/find", args: { q: "x" }, show: "none" };
/** Pays. */
export const pay = (args: object, more: object = {}): object => ({ tool: "bank/pay", args, ...more });
/** Sends a message. */
export const send = (args: object, more: object = {}): object => ({ tool: "mail/send", args, ...more });
/** Writes a note. */
export const save = (args: object, more: object = {}): object => ({ tool: "note/save", args, ...more });
/** A text of the agent. */
export const write = { write: {} };
/** A choice of one bit. */
export const two = { choose: { enum: ["a", "b"] } };
/** The choice, endorsed. */
export const endorsed = (from: unknown): object => ({ ...two, endorse: { from, to: "own", why: "two of us looked" } });
