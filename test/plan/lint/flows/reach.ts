/** The tools of the tests of what data can do. Data only. */
import { catalogueOf, tool } from "../linting.ts";

const reader = (name: string, labels: readonly string[], more: object = {}): object =>
  tool(name, ["q"], { effects: ["read"], labels, roles: { q: "selector" }, ...more });
const answer = {
  outputSchema: {
    type: "object",
    properties: { n: { type: "integer" }, note: { type: "string" } },
    required: ["n"],
    additionalProperties: false,
  },
};

/** Sources of several labels, a sanitizer, and tools that do something. */
export const catalogue = catalogueOf(
  [
    reader("web/get", ["web"]),
    reader("raw/get", ["unknown"]),
    reader("own/get", ["own"]),
    ...["a", "b", "c", "d", "e", "f"].map((name) => reader(`${name}/get`, [name])),
    tool("risk/check", ["data"], { effects: ["read"], labels: ["own"], roles: { data: "selector" } }, answer),
    tool("bank/pay", ["to", "amount", "memo", "pin"], {
      effects: ["read", "money"],
      labels: ["own"],
      roles: { to: "target", amount: "target", memo: "content", pin: "credential" },
    }),
    tool("note/save", ["id", "text"], {
      effects: ["write"],
      labels: ["own"],
      roles: { id: "target", text: "content" },
      resource: "note:{id}",
    }),
    tool("note/load", ["id"], { effects: ["read"], labels: ["own"], roles: { id: "selector" }, resource: "note:{id}" }),
    tool("sh/run", ["command"], { effects: ["execute"], labels: ["own"], roles: { command: "command" } }),
    tool(
      "mail/send",
      {
        to: {},
        body: {},
        count: { type: "number" },
        nth: { type: "integer" },
        urgent: { type: "boolean" },
        subject: { type: "string" },
      },
      { effects: ["message"], labels: ["own"], roles: { to: "target", body: "content", subject: "content" } },
    ),
  ],
  {
    web: { integrity: "untrusted" },
    own: { integrity: "trusted" },
    ...Object.fromEntries(["a", "b", "c", "d", "e", "f"].map((name) => [name, { integrity: "untrusted" }])),
  },
);
