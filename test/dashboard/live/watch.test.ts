/**
 * The hub, and what is seen of other processes' work: nothing twice, nothing of a value.
 */
import { describe, expect, it } from "vitest";
import { createHub, type NumberedEvent } from "../../../src/dashboard/live/hub.ts";
import { createWatch } from "../../../src/dashboard/live/watch.ts";
import { createDashboardEvents } from "../../../src/dashboard/events.ts";
import { attackRun, goodRun, makeDesk } from "../fixture.ts";

describe("the hub", () => {
  it("gives who comes back what was missed, once and in order, and who comes from another process nothing", () => {
    const hub = createHub(1_000);
    const publish = (n: number): void => hub.publish({ topic: "verdict", data: { n } });
    const seen: NumberedEvent[] = [];
    const stop = hub.subscribe((event) => seen.push(event));
    [1, 2, 3].forEach(publish);
    stop();
    [4, 5].forEach(publish);
    const again: unknown[] = [];
    hub.subscribe(({ data }) => again.push(data.n), seen[1]?.id);
    publish(6);
    expect(again).toEqual([3, 4, 5, 6]);
    const other: unknown[] = [];
    hub.subscribe(({ data }) => other.push(data.n), "999.1");
    expect(other).toEqual([]);
  });

  it("forgets the oldest events, and a listener that throws keeps nothing from the others", () => {
    const hub = createHub(1);
    const seen: unknown[] = [];
    hub.subscribe(() => {
      throw new Error("no");
    });
    hub.subscribe(({ data }) => seen.push(data.n));
    for (let n = 0; n < 5_000; n++) hub.publish({ topic: "session", data: { n } });
    expect(seen).toHaveLength(5_000);
    let kept = 0;
    hub.subscribe(() => {
      kept += 1;
    }, "1.0");
    expect(kept).toBeLessThanOrEqual(1_000);
    expect(kept).toBeGreaterThanOrEqual(500);
  });
});

describe("what is told of a process", () => {
  it("is told only while somebody listens, and never with a value", async () => {
    const events = createDashboardEvents({ clock: () => 0 });
    const desk = await makeDesk({ own: { telemetry: events.telemetry } });
    try {
      await goodRun(desk);
      const seen: NumberedEvent[] = [];
      events.hub.subscribe((event) => seen.push(event));
      await attackRun(desk);
      expect(seen.filter(({ topic }) => topic === "verdict").map(({ data }) => [data.verdict, data.tool, data.code])).toEqual([
        ["allow", "crm/customer", undefined],
        ["allow", "mail/read", undefined],
        ["deny", "crm/note", "FLOW_SINK_DENIED"],
        ["deny", "pay/refund", "ARG_MISMATCH"],
        ["deny", "mail/send", "ARG_MISMATCH"],
        // The name of a tool that no plan has is the agent's own word.
        ["deny", undefined, "CALL_NOT_IN_PLAN"],
      ]);
      expect(JSON.stringify(seen)).not.toMatch(/GB29|evil|curl|carla|dora|T-1042|shell/);
      expect(events.history.read(60, 1).spans[0]).toMatchObject({ allowed: 4, denied: 4, held: 1 });
    } finally {
      await desk.close();
    }
  });
});

describe("a watch over a store and a log", () => {
  it("sees what another process does, with the same names, and what people decide", async () => {
    const desk = await makeDesk();
    try {
      const { session } = await goodRun(desk);
      const watch = createWatch({ store: desk.store, log: desk.log });
      expect(await watch.look()).toEqual([]);
      const attack = await attackRun(desk);
      const seen = await watch.look();
      expect(
        seen
          .filter(({ topic }) => topic === "verdict")
          .map(({ data }) => [data.session === attack.session, data.verdict, data.code]),
      ).toEqual([
        [true, "allow", undefined],
        [true, "allow", undefined],
        [true, "deny", "FLOW_SINK_DENIED"],
        [true, "deny", "ARG_MISMATCH"],
        [true, "deny", "ARG_MISMATCH"],
        [true, "deny", "CALL_NOT_IN_PLAN"],
      ]);
      expect(JSON.stringify(seen)).not.toMatch(/GB29|evil|curl|carla|dora|T-1042|shell/);
      expect(await watch.look()).toEqual([]);
      const waiting = await desk.firewall.approvals();
      const id = waiting.ok ? (waiting.value[0]?.id ?? "") : "";
      expect((await desk.firewall.approve(id, { by: "ada", decision: "approve" })).ok).toBe(true);
      expect((await watch.look()).map(({ topic, data }) => [topic, data.session, data.what])).toEqual([
        ["approval", session, "approve"],
      ]);
      await desk.drain();
      const drained = await watch.look();
      expect(new Set(drained.map(({ topic }) => topic))).toEqual(new Set(["audit", "approval", "plan"]));
    } finally {
      await desk.close();
    }
  });

  it("leaves out what this process has told itself", async () => {
    const desk = await makeDesk();
    try {
      const watch = createWatch({ store: desk.store });
      await watch.look();
      const { session } = await attackRun(desk);
      watch.touched(session);
      expect((await watch.look()).filter(({ topic }) => topic === "verdict")).toEqual([]);
    } finally {
      await desk.close();
    }
  });
});
