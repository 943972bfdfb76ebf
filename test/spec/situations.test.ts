/**
 * Small sessions that generated ones rarely come to, one rule of "Meaning of a plan" each: what happens is written down, and the engine and the
 * reference interpreter say the same of every step, with the same arguments, labels and context.
 */
import { it } from "vitest";
import type { FlowRule, PlanNode } from "../../src/plan/plan.ts";
import { allowed, ext, own, play, put, refused, type Situation, settled, untrusted, write } from "./situation.ts";

const situations: { readonly [says: string]: Situation } = {
  "links of a text may go to hosts in what this call fills in by objects, lists, templates and references": {
    nodes: {
      own,
      send: put({
        body: write,
        o: { object: { a: { from: "own$.site" }, b: { from: "own$.none", optional: true } } },
        l: [{ from: "own$.other" }, { from: "own$.id" }],
        t: { template: "text", text: "https://t-{x}.example/", with: { x: { from: "own$.id" } } },
      }),
    },
    moves: [
      allowed("in/own"),
      settled(0, { site: "https://site.example/a", other: "https://other.example/", id: "u1" }),
      refused("out/put", { body: "see https://evil.example/" }, "ARG_TEXT"),
      refused("out/put", { body: "see https://a.example/ and https://site.example/" }, "ARG_TEXT"),
      allowed("out/put", { body: "see https://site.example/b, https://other.example/c and https://t-u1.example/" }),
    ],
  },
  "a filled object whose part is refused by its `match` lends no host, and the call does not pass": {
    nodes: {
      own,
      send: put({ body: write, o: { object: { a: { from: "own$.site", match: { enum: ["nothing"] } } } } }),
    },
    moves: [
      allowed("in/own"),
      settled(0, { site: "https://site.example/a" }),
      refused("out/put", { body: "see https://site.example/" }, "ARG_TEXT"),
      refused("out/put", { body: "plain" }, "ARG_CONSTRAINT"),
    ],
  },
  "a list is filled in whole, and an element that has no value cannot be left out": {
    nodes: { own, send: put({ l: [{ from: "own$.a" }, { from: "own$.b" }] }), some: put({ m: [{ choose: {} }, write] }) },
    moves: [
      allowed("in/own"),
      settled(0, { a: 1 }),
      refused("out/put", { sluice_node: "send" }, "ARG_UNRESOLVED"),
      refused("out/put", { sluice_node: "send", l: [1, 2] }, "ARG_UNRESOLVED"),
      refused("out/put", { sluice_node: "some" }, "ARG_MISSING"),
      refused("out/put", { sluice_node: "some", m: [1] }, "ARG_MISMATCH"),
      refused("out/put", { sluice_node: "some", m: [1, 2] }, "ARG_CONSTRAINT"),
      refused("out/put", { sluice_node: "some", m: [null, "x", 1] }, "ARG_MISMATCH"),
      allowed("out/put", { sluice_node: "some", m: [7, "hello"] }),
    ],
  },
  "what an agent puts into a list is its choice, and what it reads goes with it": {
    nodes: { ext, send: put({ to: [{ choose: { enum: ["a", "b"] } }, "c"], body: write }) },
    moves: [
      allowed("in/ext"),
      settled(0, { text: "do it" }),
      refused("out/put", { to: ["a", "c"], body: "x" }, "FLOW_CHOICE_UNTRUSTED"),
    ],
  },
  "an optional list that is left out is a choice all the same": {
    nodes: {
      ext,
      send: put({ o: { object: { to: { choose: { enum: ["a"] }, optional: true } }, optional: true }, to: [{ choose: {} }] }),
    },
    moves: [
      refused("out/put", {}, "ARG_MISSING"),
      allowed("in/ext"),
      settled(0, "read"),
      refused("out/put", { to: ["a"] }, "FLOW_CHOICE_UNTRUSTED"),
    ],
  },
  "a hole of a template takes constants, parameters, templates, and what their `match` accepts": {
    nodes: {
      own,
      all: put({
        to: {
          template: "text",
          text: "{c} {p} {t} {n}",
          with: { c: "fixed", p: { param: "p" }, t: { template: "text", text: "<{i}>", with: { i: { from: "own$.id" } } }, n: 5 },
        },
      }),
      gone: put({ to: { template: "text", text: "{n}", with: { n: { param: "none" } } } }),
      strict: put({ to: { template: "text", text: "{n}", with: { n: { from: "own$.id", match: { enum: ["u2"] } } } } }),
      many: put({ to: { template: "text", text: "{n}", with: { n: { from: "own$.rows[*]" } } } }),
    },
    params: { none: "there" },
    moves: [
      allowed("in/own"),
      settled(0, { id: "u1", rows: [1, 2] }),
      allowed("out/put", { sluice_node: "all" }),
      allowed("out/put", { sluice_node: "gone" }),
      refused("out/put", { sluice_node: "strict" }, "ARG_UNRESOLVED"),
      refused("out/put", { sluice_node: "many" }, "ARG_UNRESOLVED"),
    ],
  },
  "a template joins what its holes are made of, so that one hole from outside is enough": {
    nodes: {
      ext,
      own,
      send: put({
        to: { template: "text", text: "{a}-{b}", with: { a: { from: "own$.id" }, b: { from: "ext$.id" } } },
      }),
    },
    flows: [untrusted],
    moves: [
      allowed("in/ext"),
      allowed("in/own"),
      settled(0, { id: "x" }),
      settled(1, { id: "y" }),
      refused("out/put", {}, "FLOW_SINK_DENIED"),
    ],
  },
  "the agent picks among what is there: null is a candidate like any, and what is not there is no candidate": {
    nodes: {
      own,
      one: put({ to: { from: "own$.rows[*].id", pick: "agent" } }),
      maybe: put({ body: { from: "own$.none[*]", pick: "agent", optional: true } }),
      must: put({ body: { from: "own$.none[*]", pick: "agent" } }),
    },
    moves: [
      allowed("in/own"),
      settled(0, { rows: [{ id: "a" }, { id: null }], none: [] }),
      refused("out/put", { sluice_node: "one" }, "ARG_MISSING"),
      refused("out/put", { sluice_node: "one", to: "c" }, "ARG_MISMATCH"),
      allowed("out/put", { sluice_node: "one", to: null }),
      refused("out/put", { sluice_node: "maybe", body: "x" }, "ARG_MISMATCH"),
      refused("out/put", { sluice_node: "must" }, "ARG_UNRESOLVED"),
      refused("out/put", { sluice_node: "must", body: null }, "ARG_UNRESOLVED"),
      allowed("out/put", { sluice_node: "maybe", body: null }),
    ],
  },
  "null stands for nothing where no candidate is null, and one candidate is filled in": {
    nodes: { own, one: put({ to: { from: "own$.rows[*].id", pick: "agent" } }, { times: 2 }) },
    moves: [
      allowed("in/own"),
      settled(0, { rows: [{ id: "a" }, { id: "a" }] }),
      allowed("out/put", { to: null }),
      allowed("out/put"),
    ],
  },
  "what cannot be extracted is no candidate: a text is asked for": {
    nodes: {
      own,
      mail: put({ to: { from: "own$.text", extract: "email", pick: "first" } }),
      each: put({ to: { from: "own$.text", extract: "email", pick: "agent" } }),
      number: put({ to: { from: "own$.n", extract: "email" } }),
      picked: put({ to: { from: "own$.n", extract: "email", pick: "agent" } }),
    },
    moves: [
      allowed("in/own"),
      settled(0, { text: "to b@x.example or a@x.example or b@x.example", n: 5 }),
      allowed("out/put", { sluice_node: "mail", to: "b@x.example" }),
      refused("out/put", { sluice_node: "each" }, "ARG_MISSING"),
      allowed("out/put", { sluice_node: "each", to: "a@x.example" }),
      refused("out/put", { sluice_node: "number" }, "ARG_UNRESOLVED"),
      refused("out/put", { sluice_node: "picked" }, "ARG_UNRESOLVED"),
      refused("out/put", { sluice_node: "picked", to: "a@x.example" }, "ARG_UNRESOLVED"),
    ],
  },
  "a loop over results of a node says which row by where it stands, and reads its results whole in expressions": {
    nodes: {
      list: own,
      get: { tool: "in/ext", each: { from: "list$.rows[*]", max: 3 }, args: { id: { item: "$.id" } } } as PlanNode,
      send: {
        tool: "out/put",
        each: "get",
        args: { body: { item: "$.text" }, to: { expr: "get.text" }, n: { expr: "size(item)" } },
      } as PlanNode,
      sum: put({ n: { expr: "size(get)" }, to: { from: "get$.text", pick: "last" } }),
    },
    moves: [
      allowed("in/own"),
      settled(0, { rows: [{ id: "a" }, { id: "b" }] }),
      allowed("in/ext", { id: "b" }),
      refused("in/ext", { id: "b" }, "ARG_MISMATCH"),
      settled(1, { text: "of b" }),
      refused("out/put", { sluice_node: "sum" }, "CALL_OUT_OF_ORDER"),
      allowed("out/put", { sluice_node: "send", body: "of b" }),
      allowed("in/ext"),
      settled(3, { text: "of a" }),
      allowed("out/put", { sluice_node: "send" }),
      allowed("out/put", { sluice_node: "sum", n: 2 }),
    ],
  },
  "a loop over a computed list keeps the rows that it had when it began": {
    nodes: {
      list: { ...own, times: { min: 1, max: 2 } } as PlanNode,
      rows: { let: "list.rows" },
      get: { tool: "in/ext", each: { from: "rows$[*]", max: 3 }, args: { id: { item: "$" } } } as PlanNode,
      send: put({ to: { from: "get$.text", pick: "first" } }),
    },
    moves: [
      refused("in/ext", {}, "CALL_OUT_OF_ORDER"),
      allowed("in/own"),
      settled(0, { rows: ["a", "b"] }),
      allowed("in/ext", { id: "a" }),
      allowed("in/ext"),
      refused("in/ext", { id: "c" }, "CALL_REPEATED"),
      settled(1, { text: "1" }),
      refused("out/put", {}, "CALL_OUT_OF_ORDER"),
      settled(2, { text: "2" }),
      allowed("out/put", { to: "1" }),
    ],
  },
  "a condition on rows that is no boolean, or fails, selects nothing": {
    nodes: {
      list: own,
      odd: {
        tool: "in/ext",
        each: { from: "list$.rows[*]", max: 3, where: "item.ok" },
        args: { id: { item: "$.id" } },
      } as PlanNode,
    },
    moves: [
      allowed("in/own"),
      settled(0, {
        rows: [
          { id: "a", ok: true },
          { id: "b", ok: "yes" },
        ],
      }),
      refused("in/ext", { id: "a" }, "CALL_EACH"),
    ],
  },
  "who runs in a loop over results reads that result alone, also where others failed": {
    nodes: {
      list: own,
      get: {
        tool: "in/ext",
        each: { from: "list$.rows[*]", max: 3 },
        args: { id: { item: "$.id" } },
        times: { min: 0, max: 2 },
      } as PlanNode,
      send: { tool: "out/put", each: "get", args: { to: { from: "get$.id" } } } as PlanNode,
    },
    flows: [untrusted],
    moves: [
      allowed("in/own"),
      settled(0, { rows: [{ id: "a" }] }),
      allowed("in/ext"),
      [{ run: 1, error: "no" }, "settled"],
      allowed("in/ext"),
      settled(2, { id: "z" }),
      refused("out/put", {}, "FLOW_SINK_DENIED"),
    ],
  },
  "of two nodes that wait for a human, a call that fits neither releases the one that was approved": {
    nodes: {
      a: put({ to: "a", body: write }, { constraints: { approve: "human" } }),
      b: put({ to: "b", body: write }, { constraints: { approve: "human" } }),
    },
    moves: [
      refused("out/put", { to: "a", body: "one" }, "CALL_NEEDS_APPROVAL"),
      [{ approve: "s-1.0" }, "recorded"],
      refused("out/put", { to: "b", body: "two" }, "allow"),
    ],
  },
  "what a caller says of its arguments is held with the call, and counts when it is released": {
    nodes: {
      send: { tool: "out/put", args: { to: { choose: {} }, body: write }, constraints: { approve: "human" } } as PlanNode,
    },
    flows: [{ id: "hr", deny: ["hr"], to: "out/*", approve: "human" } as FlowRule],
    moves: [
      [["out/put", { to: "a", body: "x" }, { labels: { body: { sources: ["hr"], readers: ["alice"] } } }], "CALL_NEEDS_APPROVAL"],
      [["out/put", { to: "a", body: "x" }], "CALL_NEEDS_APPROVAL"],
      [{ approve: "s-1.0" }, "recorded"],
      [["out/put", { to: "z", body: "reworded" }], "allow"],
    ],
  },
  "labels that a caller tells are endorsed as the plan endorses the argument, and raise its choices": {
    nodes: {
      plain: put({ to: { choose: {} } }),
      endorsed: put({ to: { choose: {}, endorse: { from: "ext", to: "risk", why: "a person looked at it" } } }),
      part: put({ o: { object: { to: { choose: {} } } } }),
    },
    flows: [untrusted],
    moves: [
      [["out/put", { to: "a" }, { node: "plain", labels: { to: { sources: ["ext"], readers: null } } }], "FLOW_CHOICE_UNTRUSTED"],
      [["out/put", { to: "a" }, { node: "plain", labels: { body: { sources: ["ext"], readers: null } } }], "allow"],
      [["out/put", { to: "a" }, { node: "endorsed", labels: { to: { sources: ["ext"], readers: null } } }], "allow"],
      [
        ["out/put", { o: { to: "a" } }, { node: "part", labels: { "": { sources: ["ext"], readers: null } } }],
        "FLOW_CHOICE_UNTRUSTED",
      ],
    ],
  },
  "parameters of the agent carry what it had read, also where an expression reads all of them": {
    nodes: { send: put({ to: { param: "p" }, body: { expr: "params.p + params.none" } }) },
    params: { p: "u1", none: "x" },
    agentParams: ["none"],
    moves: [allowed("out/put", { to: "u1", body: "u1x" })],
  },
};

it.each(Object.entries(situations))("%s", (_, situation) => play(situation));
