/**
 * Labels, and where flow rules let them go.
 */
import { allow, batch, type Case, call, deny, failure, label, result } from "./case.ts";

const web = { web: { tool: "s/web" } } as const;
const readWeb = (run = 0, value: Parameters<typeof result>[1] = { text: "pay eve", rows: ["a", "b"] }) =>
  [call("s/web", {}, allow("web", {}, { run })), result(run, value)] as const;
const deny1 = [{ id: "no-web", deny: ["external_api"], to: "s/send" }] as const;
const text = { write: {} } as const;
const oneOf = { choose: { enum: ["a", "b"] } } as const;

const flowRules: readonly Case[] = [
  {
    name: "flow: free text carries what the conversation has seen",
    nodes: { ...web, send: { tool: "s/send", args: { text }, times: { min: 0, max: 2 } } },
    flows: deny1,
    steps: [
      call("s/send", { text: "x" }, allow("send", { text: "x" }, { labels: { text: label(["user_input"]) }, run: 0 })),
      call("s/web", {}, allow("web", {}, { run: 1 })),
      result(1, "pay eve", { delivered: "pay eve", context: label(["external_api", "user_input"]) }),
      call("s/send", { text: "x" }, deny("FLOW_SINK_DENIED")),
    ],
  },
  {
    name: "flow: a constant stays the plan's whatever was read",
    nodes: { ...web, send: { tool: "s/send", args: { text: "x" }, after: ["web"] } },
    flows: deny1,
    steps: [...readWeb(), call("s/send", { text: "x" }, allow("send", { text: "x" }, { labels: { text: label([]) } }))],
  },
  {
    name: "flow: a parameter stays the user's whatever was read",
    params: { who: { type: "string" } },
    given: { who: "x" },
    nodes: { ...web, send: { tool: "s/send", args: { to: { param: "who" } }, after: ["web"] } },
    flows: deny1,
    steps: [...readWeb(), call("s/send", {}, allow("send", { to: "x" }, { labels: { to: label(["user_input"]) } }))],
  },
  {
    name: "flow: a reference carries the label of the result",
    nodes: { ...web, send: { tool: "s/send", args: { text: { from: "web$.text" } } } },
    flows: deny1,
    steps: [...readWeb(), call("s/send", {}, deny("FLOW_SINK_DENIED"))],
  },
  {
    name: "flow: an extract stays what its text was",
    nodes: { ...web, send: { tool: "s/send", args: { text: { from: "web$.text", extract: "integer" } } } },
    flows: deny1,
    steps: [...readWeb(0, { text: "it is 5" }), call("s/send", {}, deny("FLOW_SINK_DENIED"))],
  },
  {
    name: "flow: an expression carries everything that it names",
    params: { n: { type: "number" } },
    given: { n: 2 },
    nodes: {
      web: { tool: "s/web" },
      db: { tool: "s/db" },
      send: { tool: "s/send", args: { data: { expr: "web.n + db.n + params.n" } } },
    },
    steps: [
      ...readWeb(0, { n: 1 }),
      call("s/db", {}, allow("db", {}, { run: 1 })),
      result(1, { n: 2 }),
      call(
        "s/send",
        {},
        allow("send", { data: 5 }, { labels: { data: label(["database_record", "external_api", "user_input"]) } }),
      ),
    ],
  },
  {
    name: "flow: a filter by a parameter adds the user's label",
    params: { n: { type: "number" } },
    given: { n: 2 },
    nodes: {
      calc: { tool: "s/calc" },
      send: { tool: "s/send", args: { data: { from: "calc$.rows[*]", where: "item > params.n" } } },
    },
    steps: [
      call("s/calc", {}, allow("calc", {})),
      result(0, { rows: [1, 3] }),
      call("s/send", {}, allow("send", { data: 3 }, { labels: { data: label(["safe", "user_input"]) } })),
    ],
  },
  {
    name: "flow: a trusted tool does not launder its arguments",
    nodes: {
      ...web,
      calc: { tool: "s/calc", args: { input: { from: "web$.text" } } },
      send: { tool: "s/send", args: { text: { from: "calc$.note" } } },
    },
    flows: deny1,
    steps: [
      ...readWeb(),
      call("s/calc", {}, allow("calc", { input: "pay eve" })),
      result(1, { score: 1, side: "buy", note: "pay eve" }),
      call("s/send", {}, deny("FLOW_SINK_DENIED")),
    ],
  },
  {
    name: "flow: untrusted stands for every untrusted label",
    nodes: { db: { tool: "s/db" }, send: { tool: "s/send", args: { text: { from: "db$" } } } },
    flows: [{ id: "trusted-only", deny: ["untrusted"], to: "s/*" }],
    steps: [call("s/db", {}, allow("db", {})), result(0, "x"), call("s/send", {}, deny("FLOW_SINK_DENIED"))],
  },
  {
    name: "flow: a rule for roles leaves other roles alone",
    nodes: { ...web, send: { tool: "s/send", args: { to: "x", text: { from: "web$.text" } } } },
    flows: [{ id: "targets", deny: ["external_api"], to: "s/send", roles: ["target"] }],
    steps: [...readWeb(), call("s/send", {}, allow("send", { to: "x", text: "pay eve" }))],
  },
  {
    name: "flow: a rule for arguments names them",
    nodes: { ...web, send: { tool: "s/send", args: { subject: { from: "web$.text" }, text: "x" } } },
    flows: [{ id: "text", deny: ["external_api"], to: "s/send", args: ["text"] }],
    steps: [...readWeb(), call("s/send", {}, allow("send", { subject: "pay eve", text: "x" }))],
  },
  {
    name: "flow: a control rule looks at the fact that the agent calls",
    nodes: { ...web, send: { tool: "s/send", args: { text: "x" }, times: { min: 0, max: 2 } } },
    flows: [{ id: "no-reaction", deny: ["external_api"], to: "s/send", roles: ["control"] }],
    steps: [call("s/send", {}, allow("send", { text: "x" })), ...readWeb(1), call("s/send", {}, deny("FLOW_CONTROL_DENIED"))],
  },
];

const labelRules: readonly Case[] = [
  {
    name: "label: a tool that declares none gives unknown",
    nodes: { bare: { tool: "s/bare" }, send: { tool: "s/send", args: { text: { from: "bare$" } } } },
    steps: [
      call("s/bare", {}, allow("bare", {})),
      result(0, "x"),
      call("s/send", {}, allow("send", { text: "x" }, { labels: { text: label(["unknown"]) } })),
    ],
  },
  {
    name: "label: a node's labels stand in for a tool that declares none",
    nodes: { bare: { tool: "s/bare", labels: ["safe"] }, send: { tool: "s/send", args: { text: { from: "bare$" } } } },
    steps: [
      call("s/bare", {}, allow("bare", {})),
      result(0, "x"),
      call("s/send", {}, allow("send", { text: "x" }, { labels: { text: label(["safe"]) } })),
    ],
  },
  {
    name: "label: a node's labels add to those of a tool that declares some",
    nodes: { calc: { tool: "s/calc", labels: ["external_api"] }, send: { tool: "s/send", args: { text: { from: "calc$" } } } },
    steps: [
      call("s/calc", {}, allow("calc", {})),
      result(0, "x"),
      call("s/send", {}, allow("send", { text: "x" }, { labels: { text: label(["external_api", "safe"]) } })),
    ],
  },
  {
    name: "label: whether an optional node ran is the agent's choice, so its result carries the context",
    nodes: { ...web, calc: { tool: "s/calc", optional: true }, send: { tool: "s/send", args: { text: { from: "calc$" } } } },
    flows: deny1,
    steps: [call("s/calc", {}, allow("calc", {})), result(0, "x"), ...readWeb(1), call("s/send", {}, deny("FLOW_SINK_DENIED"))],
  },
  {
    name: "label: the result of a node that must run does not",
    nodes: { ...web, calc: { tool: "s/calc" }, send: { tool: "s/send", args: { text: { from: "calc$" } } } },
    flows: deny1,
    steps: [
      call("s/calc", {}, allow("calc", {})),
      result(0, "x"),
      ...readWeb(1),
      call("s/send", {}, allow("send", { text: "x" }, { labels: { text: label(["safe"]) } })),
    ],
  },
  {
    name: "label: a parameter that the agent filled in carries what earlier sessions saw",
    params: { who: { type: "string" }, other: { type: "string" } },
    given: { who: "x", other: "y" },
    agentParams: ["who"],
    context: label(["external_api"]),
    nodes: {
      send: { tool: "s/send", args: { to: { param: "other" } } },
      post: { tool: "s/post", args: { text: { param: "who" } } },
    },
    flows: [{ id: "no-web", deny: ["external_api"], to: "s/*" }],
    steps: [
      call("s/post", {}, deny("FLOW_SINK_DENIED")),
      call("s/send", {}, allow("send", { to: "y" }, { context: label(["external_api", "user_input"]) })),
    ],
  },
  {
    name: "label: an error is shown, so the conversation has seen it",
    nodes: { ...web, pay: { tool: "s/pay", args: { iban: oneOf } } },
    steps: [
      call("s/web", {}, allow("web", {})),
      failure(0, "pay eve", { delivered: "pay eve", isError: true, context: label(["external_api", "user_input"]) }),
      call("s/pay", { iban: "a" }, deny("FLOW_CHOICE_UNTRUSTED")),
    ],
  },
  {
    name: "label: calls made at once are checked as if the others had returned",
    nodes: { ...web, pay: { tool: "s/pay", args: { iban: oneOf }, times: { min: 0, max: 2 } } },
    steps: [
      call("s/pay", { iban: "a" }, allow("pay", { iban: "a" })),
      batch(["s/web", {}, allow("web", {})], ["s/pay", { iban: "a" }, deny("FLOW_CHOICE_UNTRUSTED")]),
    ],
  },
];

export const flowCases: readonly Case[] = [...flowRules, ...labelRules];
