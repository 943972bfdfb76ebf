/**
 * A denial is followed back to its first source: within one session, over three agents in one store, and where only receipts tell of the others.
 */
import { describe, expect, it } from "vitest";
import type { TaintGraph } from "../../../src/dashboard/graph/taint.ts";
import { readSession } from "../../../src/dashboard/live/read-session.ts";
import { taintChain } from "../../../src/dashboard/live/taint-chain.ts";
import { attackRun, makeDesk } from "../fixture.ts";
import { runThreeAgents, type ThreeAgents } from "../three-agents.ts";

async function chainOf(agents: ThreeAgents): Promise<TaintGraph> {
  const world = { store: agents.stores.bank, enforcer: agents.bank };
  const session = await readSession(world, agents.sessions.bank);
  if (!session.ok) throw new Error(session.error);
  const event = session.value.events.findIndex(({ type }) => type === "deny");
  const chain = await taintChain(world, { session: session.value, event });
  if (!chain.ok) throw new Error(chain.error);
  return chain.value;
}

/** Every way from a source to the sink, as the kinds and tools on it. */
function ways({ nodes, edges }: TaintGraph): readonly string[] {
  const name = (id: string): string => {
    const node = nodes.find((each) => each.id === id);
    return `${node?.kind ?? "?"}${node?.tool === undefined ? "" : ` ${node.tool}`}`;
  };
  const walk = (id: string): readonly string[] => {
    const before = edges.filter(({ to }) => to === id);
    return before.length === 0 ? [name(id)] : before.flatMap(({ from }) => walk(from).map((way) => `${way} > ${name(id)}`));
  };
  return [...new Set(walk("sink"))].sort();
}

describe("a denial in a run of three agents", () => {
  it("leads over both receipts to the run of the first agent that read the mail, where all three are in one store", async () => {
    const agents = await runThreeAgents({ isShared: true });
    const graph = await chainOf(agents);
    expect(ways(graph)).toEqual([
      "result mail/read > context > call desk/ask > receipt > call bank/ask > receipt > sink pay/send",
    ]);
    expect(graph.agents.map(({ name, session, isHere }) => [name, session, isHere])).toEqual([
      ["bank", agents.sessions.bank, true],
      ["desk", agents.sessions.desk, true],
      ["reader", agents.sessions.reader, true],
    ]);
    const source = graph.nodes.find(({ tool }) => tool === "mail/read");
    expect(source).toMatchObject({
      agent: `session ${agents.sessions.reader}`,
      node: "mail",
      run: agents.mailRun,
      labels: ["mail"],
    });
    expect(JSON.stringify(graph)).not.toMatch(/DE666|please pay|DE1/);
  });

  it("leads as far as the receipts tell, where each agent has a store of its own", async () => {
    const agents = await runThreeAgents({ isShared: false });
    const graph = await chainOf(agents);
    expect(ways(graph)).toEqual(["result mail/read > context > receipt > receipt > sink pay/send"]);
    expect(graph.agents.map(({ name, isHere }) => [name, isHere])).toEqual([
      ["bank", true],
      ["reader", false],
      ["desk", false],
    ]);
    expect(graph.nodes.find(({ tool }) => tool === "mail/read")).toMatchObject({ labels: ["mail"] });
  });
});

describe("a denial in a run of one agent", () => {
  it("leads through what the agent had read to the result that brought it, and tells no value", async () => {
    const desk = await makeDesk();
    try {
      const graph = await deskChain(desk, (await attackRun(desk)).session);
      expect(ways(graph)).toEqual(["result mail/read > context > sink crm/note"]);
      expect(JSON.stringify(graph)).not.toMatch(/GB29|IGNORE|carla@/);
    } finally {
      await desk.close();
    }
  });

  it("leads to the earlier session of the same conversation in which the agent had read it", async () => {
    const desk = await makeDesk();
    try {
      const first = await attackRun(desk);
      const second = await desk.open({ principal: "dora@example.org" });
      await desk.call(second.token, "crm/customer", { ticket: "T-1042" }, { account: "x", email: "y" });
      expect(await desk.call(second.token, "crm/note", { text: "again" })).toBe("FLOW_SINK_DENIED");
      const graph = await deskChain(desk, second.session);
      expect(ways(graph)).toEqual(["result mail/read > context > sink crm/note"]);
      expect(graph.nodes.find(({ tool }) => tool === "mail/read")?.agent).toBe(`session ${first.session}`);
    } finally {
      await desk.close();
    }
  });
});

async function deskChain(desk: Awaited<ReturnType<typeof makeDesk>>, id: string): Promise<TaintGraph> {
  const world = { store: desk.store, enforcer: desk.firewall };
  const session = await readSession(world, id);
  if (!session.ok) throw new Error(session.error);
  const event = session.value.events.findIndex((each) => each.type === "deny" && each.code === "FLOW_SINK_DENIED");
  const chain = await taintChain(world, { session: session.value, event });
  if (!chain.ok) throw new Error(chain.error);
  return chain.value;
}

describe("a receipt of an agent whose sessions are in another store", () => {
  it("leads to the record of its issue, where the audit log has it", async () => {
    const desk = await makeDesk();
    try {
      const agents = await runThreeAgents({ isShared: false });
      const sent = await agents.stores.desk.load(agents.sessions.desk, 0);
      const allow = sent.ok ? sent.value.entries.find(({ event }) => event.type === "allow")?.event : undefined;
      const receipt = allow?.type === "allow" ? (allow.receipt ?? "") : "";
      expect(receipt).toMatch(/^[0-9a-f]{32}$/);
      // As a process over the other store would have it recorded.
      await desk.store.note({ type: "receipt", what: "issued", receipt, session: agents.sessions.desk, at: 1 });
      await desk.drain();
      const head = await desk.log.head();
      const world = {
        store: agents.stores.bank,
        enforcer: agents.bank,
        ...(desk.options.audit === undefined ? {} : { audit: desk.options.audit }),
      };
      const session = await readSession(world, agents.sessions.bank);
      if (!session.ok) throw new Error(session.error);
      const event = session.value.events.findIndex(({ type }) => type === "deny");
      const chain = await taintChain(world, { session: session.value, event });
      const marked = chain.ok ? chain.value.nodes.filter(({ record }) => record !== undefined) : [];
      expect(marked).toMatchObject([{ kind: "receipt", receipt, record: (head.ok ? head.value.size : 0) - 1 }]);
    } finally {
      await desk.close();
    }
  });
});
