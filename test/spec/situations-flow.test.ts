/**
 * As situations.test.ts, of flows, audiences, holds and what other agents answer.
 */
import { it } from "vitest";
import type { FlowRule, PlanNode } from "../../src/plan/plan.ts";
import { allowed, ext, own, play, put, refused, type Situation, settled, untrusted, write } from "./situation.ts";

const hidden = { show: "none" } as const;
const control: FlowRule = { id: "control", deny: ["ext"], to: "out/*", roles: ["control"] };
const human = { constraints: { approve: "human" } } as const;
const hr = { tool: "in/hr", args: {} } as PlanNode;
const send = { tool: "out/send", args: { to: { choose: {} }, body: write } } as PlanNode;
const told = (name: string) => ({ labels: { body: { sources: [name], readers: null } } });
const opened = (from: readonly string[]) =>
  ({ from: "hr$.id", declassify: { from, to: ["carol"], why: "she may know" } }) as const;
const endorsed = (from: readonly string[], of: string) =>
  ({ from: of, endorse: { from, to: "risk", why: "looked at" } }) as const;
const nothing = { sources: [], readers: null };

const situations: { readonly [says: string]: Situation } = {
  "what a guard reads says that the call happens, also where the agent was not shown it": {
    nodes: { ext: { ...ext, ...hidden } as PlanNode, send: put({ to: "a" }, { when: "ext.ok" }) },
    flows: [control],
    moves: [allowed("in/ext"), settled(0, { ok: true }), refused("out/put", {}, "HIDDEN")],
  },
  "what a loop's list is made of says that the call happens, also where the agent was not shown it": {
    nodes: {
      ext: { ...ext, ...hidden } as PlanNode,
      send: put({ to: "a" }, { each: { from: "ext$.rows[*]", max: 3 } }),
    },
    flows: [control],
    moves: [allowed("in/ext"), settled(0, { rows: [1] }), refused("out/put", {}, "HIDDEN")],
  },
  "a rule about control says nothing of arguments, and one about arguments nothing of control": {
    nodes: { ext: { ...ext, ...hidden } as PlanNode, send: put({ to: { from: "ext$.id" } }) },
    flows: [control],
    moves: [allowed("in/ext"), settled(0, { id: "a" }), allowed("out/put")],
  },
  "an audience is named in full: by nobody, by half, or by what is no name, it is not": {
    nodes: { hr, send: { ...send, times: 2 } as PlanNode },
    moves: [
      allowed("in/hr"),
      settled(0, "of alice and bob"),
      refused("out/send", { to: [], body: "x" }, "FLOW_AUDIENCE_DENIED"),
      refused("out/send", { to: ["alice", 5], body: "x" }, "FLOW_AUDIENCE_DENIED"),
      refused("out/send", { to: ["alice", "carol"], body: "x" }, "FLOW_AUDIENCE_DENIED"),
      refused("out/send", { to: 5, body: "x" }, "FLOW_AUDIENCE_DENIED"),
      allowed("out/send", { to: ["alice", "bob"], body: "x" }),
      allowed("out/send", { to: "bob", body: "x" }),
    ],
  },
  "a choice of content is free after what is untrusted was read, a choice of a target is not": {
    nodes: { ext, free: put({ body: { choose: {} } }), bound: put({ to: { choose: {} } }) },
    moves: [
      allowed("in/ext"),
      settled(0, "read"),
      refused("out/put", { sluice_node: "bound", to: "a" }, "FLOW_CHOICE_UNTRUSTED"),
      allowed("out/put", { sluice_node: "free", body: "a" }),
    ],
  },
  "a choice that its own rule endorses stays so below an endorsement of something else": {
    nodes: {
      ext,
      send: put({
        o: {
          object: { to: { choose: {}, endorse: { from: "ext", to: "risk", why: "looked at" } } },
          endorse: { from: "external_api", to: "risk", why: "looked at" },
        },
      }),
    },
    moves: [allowed("in/ext"), settled(0, "read"), allowed("out/put", { o: { to: "a" } })],
  },
  "calls that differ in the labels told of them are held one by one, and so are those of two nodes": {
    nodes: { a: put({ to: "a", body: write }, human), b: put({ to: "b", body: write }, human) },
    moves: [
      [["out/put", { to: "a", body: "x" }], "CALL_NEEDS_APPROVAL"],
      [["out/put", { to: "a", body: "x" }, told("risk")], "CALL_NEEDS_APPROVAL"],
      [["out/put", { to: "a", body: "x" }, told("hr")], "CALL_NEEDS_APPROVAL"],
      [["out/put", { to: "b", body: "x" }], "CALL_NEEDS_APPROVAL"],
      [["out/put", { to: "a", body: "x" }, told("risk")], "CALL_NEEDS_APPROVAL"],
      [{ approve: "s-1.1", no: true }, "recorded"],
      [["out/put", { to: "a", body: "x" }, told("risk")], "APPROVAL_DENIED"],
      [["out/put", { to: "a", body: "x" }], "CALL_NEEDS_APPROVAL"],
      [{ approve: "s-1.3" }, "recorded"],
      [{ approve: "s-1.3" }, "APPROVAL_STALE"],
      [{ approve: "s-1.9" }, "APPROVAL_UNKNOWN"],
      [["out/put", { body: "other" }, { node: "a" }], "CALL_NEEDS_APPROVAL"],
      [["out/put", { body: "other" }, { node: "b" }], "allow"],
    ],
  },
  "a held call of a loop is that of its row, and is released in it": {
    nodes: {
      list: own,
      send: put({ to: { item: "$.id" }, body: write }, { each: { from: "list$.rows[*]", max: 3 }, ...human }),
    },
    moves: [
      allowed("in/own"),
      settled(0, { rows: [{ id: "a" }, { id: "b" }] }),
      refused("out/put", { to: "b", body: "x" }, "CALL_NEEDS_APPROVAL"),
      refused("out/put", { to: "a", body: "x" }, "CALL_NEEDS_APPROVAL"),
      [{ approve: "s-1.0" }, "recorded"],
      allowed("out/put", { to: "a", body: "y" }),
      refused("out/put", { to: "b", body: "x" }, "ARG_MISMATCH"),
    ],
  },
  "what another agent had read goes with its answer where nothing of it is shown": {
    nodes: { own: { ...own, ...hidden } as PlanNode, send: put({ body: { from: "own$.id" } }) },
    flows: [untrusted],
    moves: [
      allowed("in/own"),
      [{ run: 0, value: { id: "a" }, received: { label: nothing, context: { sources: ["ext"], readers: null } } }, "settled"],
      refused("out/put", {}, "HIDDEN"),
    ],
  },
  "what another agent had read goes into the context where its answer is shown, and not with the data": {
    nodes: { own, send: put({ body: { from: "own$.id" } }), choice: put({ to: { choose: {} } }) },
    flows: [untrusted],
    moves: [
      allowed("in/own"),
      [{ run: 0, value: { id: "a" }, received: { label: nothing, context: { sources: ["ext"], readers: null } } }, "settled"],
      refused("out/put", { sluice_node: "choice", to: "a" }, "FLOW_CHOICE_UNTRUSTED"),
      allowed("out/put", { sluice_node: "send" }),
    ],
  },
  "readers are added where the data carries any of the labels that are declassified, and none that is not": {
    nodes: {
      hr,
      some: { tool: "out/send", args: { to: "carol", body: opened(["hr", "risk"]) } } as PlanNode,
      other: { tool: "out/send", args: { to: "carol", body: opened(["risk"]) } } as PlanNode,
    },
    moves: [
      allowed("in/hr"),
      settled(0, { id: "of alice and bob" }),
      refused("out/send", { sluice_node: "other" }, "FLOW_AUDIENCE_DENIED"),
      allowed("out/send", { sluice_node: "some" }),
    ],
  },
  "an endorsement of several labels takes those away that are there, and leaves what it does not name": {
    nodes: {
      ext,
      own,
      some: put({ to: endorsed(["ext", "hr"], "ext$.id") }),
      other: put({ to: endorsed(["external_api"], "ext$.id") }),
    },
    flows: [untrusted],
    moves: [
      allowed("in/ext"),
      settled(0, { id: "u1" }),
      refused("out/put", { sluice_node: "other" }, "FLOW_SINK_DENIED"),
      allowed("out/put", { sluice_node: "some" }),
    ],
  },
  "a rule about control looks at what the agent had read where it was shown it, with a loop, a guard or neither": {
    nodes: {
      ext,
      own,
      plain: put({ to: "a" }),
      guarded: put({ to: "b" }, { when: "own.ok" }),
      loop: put({ to: { item: "$" } }, { each: { from: "own$.rows[*]", max: 3, where: "item != params.p" } }),
      each: put({ to: { item: "$.id" } }, { each: "own" }),
    },
    flows: [control],
    moves: [
      allowed("in/own"),
      settled(0, { ok: true, id: "c", rows: ["u1", "u2"] }),
      allowed("out/put", { sluice_node: "plain" }),
      allowed("out/put", { sluice_node: "loop", to: "u2" }),
      allowed("in/ext"),
      settled(3, "read"),
      refused("out/put", { sluice_node: "guarded" }, "FLOW_CONTROL_DENIED"),
      refused("out/put", { sluice_node: "each" }, "FLOW_CONTROL_DENIED"),
    ],
  },
  "how often a loop over results runs is said by all of them, also by those of the second call that the agent was not shown": {
    nodes: {
      own: { ...own, ...hidden, times: { min: 2, max: 2 } } as PlanNode,
      send: put({ to: "a" }, { each: "own" }),
    },
    flows: [control],
    moves: [
      allowed("in/own"),
      settled(0, "x"),
      allowed("in/own"),
      [{ run: 1, value: "y", received: { label: { sources: ["ext"], readers: null }, context: nothing } }, "settled"],
      refused("out/put", {}, "HIDDEN"),
    ],
  },
};

it.each(Object.entries(situations))("%s", (_, situation) => play(situation));
