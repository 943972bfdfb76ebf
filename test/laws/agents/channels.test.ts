/**
 * Covert channels that are known and said so: how many bits of the data each lets through in a call, counted by what the sink received for every
 * value of the data. A figure that changes is a change of meaning: `test/laws/README.md` and the README say the same.
 */
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../../src/json/canonical.ts";
import type { Json, JsonObject } from "../../../src/json/value.ts";
import { freezePlan } from "../../../src/plan/freeze.ts";
import type { ArgRule, FrozenPlan, PlanNode } from "../../../src/plan/plan.ts";
import { enforcementAt, type AgentSession, type Place } from "./sessions.ts";
import { catalogueOf, createTools, type Data, label, secretTool, sinkTool, type Tools } from "./world.ts";

const every = ["target", "command", "credential", "selector", "content", "control"] as const;

function planOf(nodes: { readonly [name: string]: PlanNode }, isControlled: boolean): FrozenPlan {
  const rule = { id: "kept", deny: [label], to: sinkTool, ...(isControlled ? { roles: every } : {}) };
  const frozen = freezePlan({ sluice: 1, name: "channel", nodes, flows: [rule] }, catalogueOf(false, "flow"));
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
  return frozen.value;
}

/** What one agent does in one world: calls, and hears what it is told. */
interface Hand {
  call(tool: string, node: string, args?: JsonObject): Promise<Json>;
}

function handOf(session: AgentSession, tools: Tools, received: Json[]): Hand {
  return {
    call: async (tool, node, args = {}) => {
      const [said] = await session.check([{ tool, node, args }]);
      if (said?.allow !== true) return said?.told ?? null;
      if (tool === sinkTool) received.push([said.verdict.node, said.verdict.args]);
      return session.settle(said.run, tools.answer({ tool, args: said.verdict.args }));
    },
  };
}

interface Channel {
  readonly nodes: { readonly [name: string]: PlanNode };
  readonly isControlled: boolean;
  /** What the data is, of each of so many values. */
  readonly values: number;
  readonly data: (value: number) => Data;
  /** What the agent does that has the data in mind; and, in another conversation, one that has seen nothing. */
  readonly agent: (hand: Hand, value: number) => Promise<void>;
  readonly other?: (hand: Hand) => Promise<void>;
}

/** Bits that the sink has of the data when all is done. */
async function bitsOf({ nodes, isControlled, values, data, agent, other }: Channel): Promise<number> {
  const frozen = planOf(nodes, isControlled);
  const traces = new Set<string>();
  for (let value = 0; value < values; value++) {
    const place: Place = enforcementAt(frozen);
    const tools = createTools(data(value), dataOf(0));
    const received: Json[] = [];
    for (const [conversation, acts] of [
      ["x", (hand: Hand) => agent(hand, value)],
      ["y", other],
    ] as const) {
      const session = acts === undefined ? undefined : await place.open({ conversation });
      if (session !== undefined && acts !== undefined) await acts(handOf(session, tools, received));
    }
    traces.add(canonicalJson(received));
  }
  return Math.log2(traces.size);
}

const dataOf = (n: number): Data => ({ value: { id: "u1", n, ok: n > 0, text: "no", rows: [] } });
const sink = (args: { readonly [name: string]: ArgRule }, more: Partial<PlanNode> = {}): PlanNode => ({
  tool: sinkTool,
  args,
  ...more,
});
const read: PlanNode = { tool: secretTool, args: {} };
const bit = (value: number, at: number): boolean => ((value >> at) & 1) === 1;
const letters = ["a", "b", "c", "d"];
const sinks = Object.fromEntries(letters.map((name) => [name, sink({ to: "/a", body: name }, { times: { min: 0, max: 1 } })]));

describe("whether and in which order an agent makes calls that carry no data", () => {
  const channel = (isControlled: boolean): Channel => ({
    nodes: { s: read, ...sinks },
    isControlled,
    values: 16,
    data: dataOf,
    agent: async (hand, value) => {
      await hand.call(secretTool, "s");
      for (const [i, name] of letters.entries()) if (bit(value, i)) await hand.call(sinkTool, name);
    },
  });
  it("is one bit for each call that the plan leaves open, where no rule speaks of control", async () => {
    expect(await bitsOf(channel(false))).toBe(4);
  });

  it("is nothing where the rule names the role `control`", async () => {
    expect(await bitsOf(channel(true))).toBe(0);
  });

  it("is the logarithm of the number of orders, where only the order is open", async () => {
    const orders = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ];
    const agent: Channel["agent"] = async (hand, value) => {
      await hand.call(secretTool, "s");
      for (const i of orders[value] ?? []) await hand.call(sinkTool, letters[i] ?? "");
    };
    expect(await bitsOf({ ...channel(false), values: 6, agent })).toBeCloseTo(Math.log2(6));
    expect(await bitsOf({ ...channel(true), values: 6, agent })).toBe(0);
  });
});

describe("a denial that depends on hidden data", () => {
  const channel = (isControlled: boolean): Channel => ({
    nodes: {
      s: { ...read, show: "none" },
      guess: { tool: "out/log", args: { n: "/a" }, when: "s.ok" },
      a: sink({ to: "/a" }, { times: { min: 0, max: 1 } }),
    },
    isControlled,
    values: 2,
    data: dataOf,
    agent: async (hand) => {
      await hand.call(secretTool, "s");
      const told = await hand.call("out/log", "guess");
      if (!canonicalJson(told).includes("HIDDEN")) await hand.call(sinkTool, "a");
    },
  });
  it("tells the agent one bit, which the agent can then call by, where no rule speaks of control", async () => {
    expect(await bitsOf(channel(false))).toBe(1);
  });

  it("tells a sink nothing where the rule names the role `control`: the verdict has raised the context", async () => {
    expect(await bitsOf(channel(true))).toBe(0);
  });
});

describe("that a run succeeded of which parts are shown without the label", () => {
  it("is one bit for each run, whatever rules say", async () => {
    const channel: Channel = {
      nodes: {
        s: { ...read, show: ["$.n"], removes: { labels: [label], paths: ["$.n"] } },
        a: sink({ to: "/a" }, { times: { min: 0, max: 1 } }),
      },
      isControlled: true,
      values: 2,
      data: (value) => (value === 0 ? { error: "it failed" } : dataOf(1)),
      agent: async (hand) => {
        await hand.call(secretTool, "s");
        await hand.call(sinkTool, "a");
      },
    };
    expect(await bitsOf(channel)).toBe(1);
  });
});

describe("which resource was written to with what carries no label", () => {
  it("is one bit for each write, to whoever reads there in another conversation", async () => {
    const nodes: Channel["nodes"] = {
      s: { ...read, times: { min: 0, max: 1 } },
      w: { tool: "disk/put", args: { to: "/a", body: "yes" }, times: { min: 0, max: 1 } },
      r: { tool: "disk/get", args: { to: "/a" } },
      a: sink({ to: "/a", body: { from: "r$.found" } }),
    };
    const channel: Channel = {
      nodes,
      isControlled: true,
      values: 2,
      data: dataOf,
      agent: async (hand, value) => {
        await hand.call(secretTool, "s");
        if (bit(value, 0)) await hand.call("disk/put", "w");
      },
      other: async (hand) => {
        await hand.call("disk/get", "r");
        await hand.call(sinkTool, "a");
      },
    };
    expect(await bitsOf(channel)).toBe(1);
  });
});

describe("whether a budget of the principal was taken from", () => {
  it("is one bit for each reservation, to the principal's agent in another conversation, whatever rules say", async () => {
    const once = { min: 0, max: 1 };
    const channel: Channel = {
      nodes: {
        s: { ...read, times: once },
        l: { tool: "out/log", args: { n: "/a" }, times: once, constraints: { budget: { max: 1, scope: "principal" } } },
        a: sink({ to: "/a" }, { times: once }),
      },
      isControlled: true,
      values: 2,
      data: dataOf,
      agent: async (hand, value) => {
        await hand.call(secretTool, "s");
        if (bit(value, 0)) await hand.call("out/log", "l");
      },
      other: async (hand) => {
        const told = await hand.call("out/log", "l");
        if (!canonicalJson(told).includes("CALL_BUDGET")) await hand.call(sinkTool, "a");
      },
    };
    expect(await bitsOf(channel)).toBe(1);
  });
});

describe("an endorsed choice", () => {
  const nodes = (choose: JsonObject): Channel["nodes"] => ({
    s: read,
    a: sink({ to: { choose, endorse: { from: label, to: "own", why: "one of a few" } } }),
  });
  it("is as many bits as it has values", async () => {
    const values = ["/a", "/b", "/c", "/d"];
    const channel: Channel = {
      nodes: nodes({ enum: values }),
      isControlled: false,
      values: 4,
      data: dataOf,
      agent: async (hand, value) => {
        await hand.call(secretTool, "s");
        await hand.call(sinkTool, "a", { to: values[value] ?? null });
      },
    };
    expect(await bitsOf(channel)).toBe(2);
  });

  it("of more than eight bits is no plan", () => {
    const many = Array.from({ length: 257 }, (_, i) => `/${i}`);
    expect(() => planOf(nodes({ enum: many }), false)).toThrow("PLAN_ENDORSE_BITS");
  });
});
