/**
 * Which call may run when: order, counts, guards, loops, optional nodes, conditions, ambiguity, leases.
 */
import { allow, type Case, call, close, deny, failure, result } from "./case.ts";

const two: Case["nodes"] = { calc: { tool: "s/calc" }, send: { tool: "s/send", args: { to: "x" }, after: ["calc"] } };

export const controlCases: readonly Case[] = [
  {
    name: "plan: a tool that the plan does not use",
    nodes: two,
    steps: [call("s/pay", {}, deny("CALL_NOT_IN_PLAN")), call("calc", {}, deny("CALL_NOT_IN_PLAN"))],
  },
  {
    name: "call: arguments are an object",
    nodes: two,
    steps: [
      call("s/calc", [], deny("CALL_MALFORMED")),
      call("s/calc", null, deny("CALL_MALFORMED")),
      call("s/calc", "{}", deny("CALL_MALFORMED")),
    ],
  },
  {
    name: "order: a node waits until what comes before has a result",
    nodes: two,
    steps: [
      call("s/send", {}, deny("CALL_OUT_OF_ORDER")),
      call("s/calc", {}, allow("calc", {}, { run: 0 })),
      call("s/send", {}, deny("CALL_OUT_OF_ORDER")),
      result(0, 1),
      call("s/send", {}, allow("send", { to: "x" }, { run: 1 })),
    ],
  },
  {
    name: "order: an error completes nothing, and the run is spent",
    nodes: two,
    steps: [
      call("s/calc", {}, allow("calc", {}, { run: 0 })),
      failure(0, "no"),
      call("s/send", {}, deny("CALL_OUT_OF_ORDER")),
      call("s/calc", {}, deny("CALL_REPEATED")),
    ],
  },
  {
    name: "idempotent: a failed run may be tried again, a good one not",
    nodes: { calc: { tool: "s/calc", constraints: { idempotent: true } } },
    steps: [
      call("s/calc", {}, allow("calc", {}, { run: 0 })),
      failure(0, "no"),
      call("s/calc", {}, allow("calc", {}, { run: 1 })),
      result(1, 1),
      call("s/calc", {}, deny("CALL_REPEATED")),
    ],
  },
  {
    name: "times: once unless the plan says otherwise",
    nodes: two,
    steps: [call("s/calc", {}, allow("calc", {}, { run: 0 })), call("s/calc", {}, deny("CALL_REPEATED"))],
  },
  {
    name: "times: exactly two, and what follows waits for both",
    nodes: { ...two, calc: { tool: "s/calc", times: 2 } },
    steps: [
      call("s/calc", {}, allow("calc", {}, { run: 0 })),
      result(0, 1),
      call("s/send", {}, deny("CALL_OUT_OF_ORDER")),
      call("s/calc", {}, allow("calc", {}, { run: 1 })),
      call("s/calc", {}, deny("CALL_REPEATED")),
      result(1, 1),
      call("s/send", {}, allow("send", { to: "x" })),
    ],
  },
  {
    name: "times: at least none, and what follows waits only for what is in flight",
    nodes: { ...two, calc: { tool: "s/calc", times: { min: 0, max: 2 } } },
    steps: [
      call("s/calc", {}, allow("calc", {}, { run: 0 })),
      call("s/send", {}, deny("CALL_OUT_OF_ORDER")),
      result(0, 1),
      call("s/send", {}, allow("send", { to: "x" })),
    ],
  },
  {
    name: "when: a true guard lets the node run",
    nodes: { calc: { tool: "s/calc" }, send: { tool: "s/send", args: { to: "x" }, when: "calc.score > 5" } },
    steps: [
      call("s/calc", {}, allow("calc", {}, { run: 0 })),
      result(0, { score: 6 }),
      call("s/send", {}, allow("send", { to: "x" })),
    ],
  },
  {
    name: "when: a false guard denies the node and settles it for what follows",
    nodes: {
      calc: { tool: "s/calc" },
      send: { tool: "s/send", args: { to: "x" }, when: "calc.score > 5" },
      post: { tool: "s/post", args: { text: "done" }, after: ["send"] },
    },
    steps: [
      call("s/post", {}, deny("CALL_OUT_OF_ORDER")),
      call("s/calc", {}, allow("calc", {}, { run: 0 })),
      result(0, { score: 5 }),
      call("s/send", {}, deny("CALL_GUARD")),
      call("s/post", {}, allow("post", { text: "done" })),
    ],
  },
  {
    name: "when: an error is neither true nor false, so nothing follows",
    nodes: {
      calc: { tool: "s/calc" },
      send: { tool: "s/send", args: { to: "x" }, when: "calc.score > 5" },
      post: { tool: "s/post", args: { text: "done" }, after: ["send"] },
    },
    steps: [
      call("s/calc", {}, allow("calc", {}, { run: 0 })),
      result(0, {}),
      call("s/send", {}, deny("CALL_GUARD")),
      call("s/post", {}, deny("CALL_OUT_OF_ORDER")),
    ],
  },
  {
    name: "optional: closed once a node that comes after it has started",
    nodes: { calc: { tool: "s/calc", optional: true }, send: { tool: "s/send", args: { to: "x" }, after: ["calc"] } },
    steps: [call("s/send", {}, allow("send", { to: "x" })), call("s/calc", {}, deny("CALL_OUT_OF_ORDER"))],
  },
  {
    name: "each: one run for each selected row, and no more",
    nodes: {
      calc: { tool: "s/calc" },
      send: { tool: "s/send", each: { from: "calc$.rows[*]", max: 3 }, args: { to: { item: "$.to" }, text: { item: "$.text" } } },
    },
    steps: [
      call("s/calc", {}, allow("calc", {}, { run: 0 })),
      result(0, {
        rows: [
          { to: "a", text: "1" },
          { to: "b", text: "2" },
        ],
      }),
      call("s/send", { to: "a", text: "2" }, deny("ARG_MISMATCH")),
      call("s/send", { to: "b" }, allow("send", { to: "b", text: "2" }, { run: 1 })),
      call("s/send", { to: "b" }, deny("ARG_MISMATCH")),
      call("s/send", {}, allow("send", { to: "a", text: "1" }, { run: 2 })),
      call("s/send", {}, deny("CALL_REPEATED")),
    ],
  },
  {
    name: "each: a singular path to an array means its elements",
    nodes: {
      calc: { tool: "s/calc" },
      send: { tool: "s/send", each: { from: "calc$.rows", max: 3 }, args: { to: { item: "$" } } },
    },
    steps: [
      call("s/calc", {}, allow("calc", {}, { run: 0 })),
      result(0, { rows: ["a", "b"] }),
      call("s/send", {}, allow("send", { to: "a" })),
      call("s/send", {}, allow("send", { to: "b" })),
    ],
  },
  {
    name: "each: more rows than the plan allows deny every call",
    nodes: {
      calc: { tool: "s/calc" },
      send: { tool: "s/send", each: { from: "calc$.rows[*]", max: 1 }, args: { to: { item: "$" } } },
    },
    steps: [
      call("s/calc", {}, allow("calc", {}, { run: 0 })),
      result(0, { rows: ["a", "b"] }),
      call("s/send", { to: "a" }, deny("CALL_EACH")),
    ],
  },
  {
    name: "each: where keeps rows, and what follows waits for all of them",
    nodes: {
      calc: { tool: "s/calc" },
      send: { tool: "s/send", each: { from: "calc$.rows[*]", max: 3, where: "item.n > 1" }, args: { data: { item: "$.n" } } },
      post: { tool: "s/post", args: { text: "done" }, after: ["send"] },
    },
    steps: [
      call("s/calc", {}, allow("calc", {}, { run: 0 })),
      result(0, { rows: [{ n: 1 }, { n: 2 }, { n: 3 }] }),
      call("s/send", {}, allow("send", { data: 2 }, { run: 1 })),
      result(1, "ok"),
      call("s/post", {}, deny("CALL_OUT_OF_ORDER")),
      call("s/send", {}, allow("send", { data: 3 }, { run: 2 })),
      result(2, "ok"),
      call("s/post", {}, allow("post", { text: "done" })),
    ],
  },
  {
    name: "each: once for each run of a node, with that run's result",
    nodes: {
      calc: { tool: "s/calc", times: { min: 1, max: 2 } },
      send: { tool: "s/send", each: "calc", args: { to: { from: "calc$.to" } } },
    },
    steps: [
      call("s/calc", {}, allow("calc", {}, { run: 0 })),
      result(0, { to: "a" }),
      call("s/send", {}, allow("send", { to: "a" }, { run: 1 })),
      call("s/send", {}, deny("CALL_REPEATED")),
      call("s/calc", {}, allow("calc", {}, { run: 2 })),
      result(2, { to: "b" }),
      call("s/send", {}, allow("send", { to: "b" }, { run: 3 })),
    ],
  },
  {
    name: "require: a condition across arguments and parameters",
    params: { ceiling: { type: "number" } },
    given: { ceiling: 100 },
    nodes: {
      pay: {
        tool: "s/pay",
        args: {
          iban: "DE89370400440532013000",
          amount: { choose: { type: "number", minimum: 0 } },
          memo: { choose: { type: "integer", minimum: 1, maximum: 9 } },
        },
        require: ["args.amount * args.memo <= params.ceiling"],
      },
    },
    steps: [
      call("s/pay", { amount: 51, memo: 2 }, deny("CALL_REQUIRE")),
      call("s/pay", { amount: 50, memo: 2 }, { verdict: "allow", node: "pay", run: 0 }),
    ],
  },
  {
    name: "ambiguous: a call that fits two nodes names one",
    nodes: {
      one: { tool: "s/send", args: { to: { choose: { type: "string" } } } },
      two: { tool: "s/send", args: { to: { choose: { type: "string" } } } },
    },
    steps: [
      call("s/send", { to: "x" }, deny("CALL_AMBIGUOUS")),
      call("s/send", { to: "x" }, allow("two", { to: "x" }), { node: "two" }),
      call("s/send", { to: "x" }, allow("one", { to: "x" })),
    ],
  },
  {
    name: "ambiguous: sluice_node among the arguments names a node and is not forwarded",
    nodes: {
      one: { tool: "s/send", args: { to: { choose: { type: "string" } } } },
      two: { tool: "s/send", args: { to: { choose: { type: "string" } } } },
      calc: { tool: "s/calc" },
    },
    steps: [
      call("s/send", { to: "x", sluice_node: "three" }, deny("CALL_NOT_IN_PLAN")),
      call("s/send", { to: "x", sluice_node: "calc" }, deny("CALL_NOT_IN_PLAN")),
      call("s/send", { to: "x", sluice_node: "two" }, allow("two", { to: "x" })),
    ],
  },
  {
    name: "misfit: of two nodes the one that got further says why",
    nodes: {
      calc: { tool: "s/calc" },
      early: { tool: "s/send", args: { to: "a" } },
      late: { tool: "s/send", args: { to: "b" }, after: ["calc"] },
    },
    steps: [
      call("s/send", { to: "b" }, deny("ARG_MISMATCH")),
      call("s/send", { to: "a" }, allow("early", { to: "a" })),
      call("s/send", { to: "b" }, deny("CALL_REPEATED")),
    ],
  },
  {
    name: "results: only of a run in flight, once",
    nodes: two,
    steps: [
      call("s/calc", {}, allow("calc", {}, { run: 0 })),
      result(7, 1, { code: "RUN_UNKNOWN" }),
      result(0, 1),
      result(0, 2, { code: "RUN_SETTLED" }),
    ],
  },
  {
    name: "leases: a run past its lease is spent, and its late result is refused",
    nodes: two,
    steps: [
      call("s/calc", {}, allow("calc", {}, { run: 0 }), { at: 1 }),
      result(0, 1, { code: "RUN_SETTLED" }, 301),
      call("s/send", {}, deny("CALL_OUT_OF_ORDER")),
      call("s/calc", {}, deny("CALL_REPEATED")),
    ],
  },
  {
    name: "session: nothing is allowed once it is closed",
    nodes: two,
    steps: [close, call("s/calc", {}, deny("SESSION_CLOSED"))],
  },
];
