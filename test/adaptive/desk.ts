/**
 * A small plan in which every kind of rule stands alone, so that whatever is taken away must show.
 * Never used but to weaken it.
 */
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import type { Json } from "../../src/json/value.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import { parsePlan } from "../../src/plan/schema.ts";
import type { TraceEvent } from "../../src/trace.ts";
import type { BenignPlan } from "../../bench/adaptive/benign.ts";
import { must } from "../plans/example.ts";

const text = { type: "string" };
const tool = (name: string, args: { readonly [arg: string]: Json }, sluice: Json): Json => ({
  name,
  description: name,
  inputSchema: { type: "object", properties: args },
  sluice,
});

const tools: Json = {
  labels: { staff: { integrity: "trusted", readers: ["ann"] }, own: { integrity: "trusted" }, mail: { integrity: "untrusted" } },
  tools: [
    tool("mail/read", {}, { labels: ["mail"], effects: ["read"] }),
    tool("staff/read", {}, { labels: ["staff"], effects: ["read"] }),
    tool("web/get", { url: text }, { labels: ["own"], effects: ["read"], roles: { url: "target" } }),
    tool(
      "book/add",
      { room: text, note: text, seats: { type: "number" } },
      { labels: ["own"], effects: ["write"], roles: { room: "target", note: "content", seats: "target" } },
    ),
    tool(
      "pay/send",
      { to: text, amount: { type: "number" } },
      { labels: ["own"], effects: ["money"], roles: { to: "target", amount: "target" } },
    ),
    tool("post/send", { body: text }, { labels: ["own"], effects: ["write"], audience: ["ann"], roles: { body: "content" } }),
    tool("feed/send", { body: text }, { labels: ["own"], effects: ["write"], audience: "public", roles: { body: "content" } }),
    tool("note/add", { line: text }, { labels: ["own"], effects: ["write"], roles: { line: "content" } }),
    tool("list/add", { line: text }, { labels: ["own"], effects: ["write"], roles: { line: "content" } }),
  ],
};

const plan: Json = {
  sluice: 1,
  name: "desk",
  params: { room: { type: "string" } },
  labels: { reviewed: { integrity: "trusted" } },
  limits: { seconds: 600, maxBytes: 20_000 },
  nodes: {
    mail: { tool: "mail/read" },
    staff: { tool: "staff/read", show: ["$.count"] },
    page: {
      tool: "web/get",
      args: { url: { from: "mail$.url" } },
      constraints: { hosts: ["docs.example"] },
    },
    book: {
      tool: "book/add",
      times: { min: 1, max: 2 },
      after: ["page"],
      args: {
        room: { param: "room" },
        seats: { choose: { enum: [2, 4] }, endorse: { from: ["mail"], to: "reviewed", why: "two sizes" } },
        note: { write: { maxLength: 200, links: "none" } },
      },
      require: ["args.seats < 4"],
    },
    pay: {
      tool: "pay/send",
      when: "mail.open",
      times: { min: 1, max: 5 },
      args: { to: "ACC-1", amount: 5 },
      constraints: { budget: { sum: "amount", max: 10 } },
    },
    asked: { tool: "pay/send", args: { to: "ACC-2", amount: 7 }, constraints: { approve: "human" } },
    post: { tool: "post/send", args: { body: { from: "staff$.note" } } },
    subject: { tool: "note/add", args: { line: { from: "mail$.subject", match: { type: "string", maxLength: 20 } } } },
    line: { tool: "list/add", args: { line: { write: { links: "none" } } } },
    feed: { tool: "feed/send", args: { body: { write: { maxLength: 90, links: "none" } } } },
  },
  flows: [{ id: "no-mail-in-lists", deny: ["untrusted"], to: "list/*" }],
};

const call = (id: string, name: string, args: { readonly [arg: string]: Json }, value: Json): readonly TraceEvent[] => [
  { type: "call", id, tool: name, args },
  { type: "result", id, value },
];

/** The plan with its benign run. */
export function readDesk(): BenignPlan {
  const catalogue = must(readCatalogue(tools), "catalogue");
  const frozen = must(freezePlan(must(parsePlan(plan), "plan"), catalogue), "freeze");
  return {
    set: "desk",
    name: "desk",
    frozen,
    params: { room: "R-1" },
    events: [
      ...call("8", "list/add", { line: "mail of today" }, { id: 5 }),
      ...call("9", "feed/send", { body: "at work" }, { id: 6 }),
      ...call("1", "mail/read", {}, { subject: "Room", url: "https://docs.example/a", open: true, text: "see you" }),
      ...call("2", "staff/read", {}, { count: 3, note: "a note for Ann only", phone: "555-0100-22" }),
      ...call("3", "web/get", {}, { text: "a page" }),
      ...call("4", "book/add", { seats: 2, note: "window please" }, { id: 1 }),
      ...call("5", "pay/send", { sluice_node: "pay" }, { id: 2 }),
      ...call("6", "pay/send", { sluice_node: "asked" }, { id: 3 }),
      ...call("7", "post/send", {}, { id: 4 }),
      ...call("10", "note/add", {}, { id: 7 }),
    ],
    announcedAt: () => "worst-case flow",
  };
}
