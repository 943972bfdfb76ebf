/** The tools of the tests of constraints and of what a plan leaves open. Data only. */
import { catalogueOf, tool } from "../linting.ts";

const args = { to: {}, text: {}, command: {}, pick: {}, mode: {} };
const roles = { to: "target", text: "content", command: "command", pick: "selector", mode: "control" };
/** A tool `NAME/do` with one argument of each role. */
export const doing = (name: string, effects: readonly string[], more: object = {}): object =>
  tool(`${name}/do`, args, { effects, labels: ["own"], roles, ...more });
/** Names of arguments that may be addresses. */
export const addresses = [
  "cc",
  "bcc",
  "recipient",
  "recipients",
  "reply_to",
  "replyTo",
  "attendees",
  "participants",
  "invitees",
  "forward_to",
  "forwardTo",
  "channel",
  "channels",
  "members",
  "topic",
  "CC",
];
/** One tool of each effect, and some that were never declared. */
export const catalogue = catalogueOf(
  [
    doing("read", ["read"]),
    doing("network", ["read", "network"]),
    doing("write", ["write"]),
    doing("money", ["read", "money"]),
    doing("message", ["message"]),
    doing("execute", ["execute"]),
    doing("many", ["write", "network", "message"]),
    doing("kept", ["write"], { resource: "note:{to}" }),
    tool("kept/load", ["to"], { effects: ["read"], labels: ["own"], roles: { to: "selector" } }),
    tool("write/load", ["to"], { effects: ["read"], labels: ["own"], roles: { to: "selector" } }),
    tool("write/more", ["to"], { effects: ["write"], labels: ["own"], roles: { to: "target" } }),
    tool("message/load", ["to"], { effects: ["read"], labels: ["own"], roles: { to: "selector" } }),
    tool(
      "mail/post",
      { to: {}, ...Object.fromEntries(addresses.map((name) => [name, {}])) },
      {
        effects: ["message"],
        labels: ["own"],
        roles: {
          to: "target",
          ...Object.fromEntries(addresses.map((name) => [name, name === "members" ? "content" : "target"])),
        },
        audience: { arg: ["to", "bcc"] },
      },
    ),
    tool(
      "mail/all",
      { to: {}, cc: {} },
      { effects: ["message"], labels: ["own"], roles: { to: "target", cc: "target" }, audience: "public" },
    ),
    {
      name: "odd/frobnicate",
      inputSchema: { type: "object", properties: { to: {} } },
      sluice: { labels: ["own"], roles: { to: "target" } },
    },
    { name: "odd/delete", inputSchema: { type: "object", properties: args }, sluice: { labels: ["own"], roles } },
    { name: "odd/send_message", inputSchema: { type: "object", properties: args }, sluice: { labels: ["own"], roles } },
  ],
  { own: { integrity: "trusted" } },
);
