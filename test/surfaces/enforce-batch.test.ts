/**
 * Calls that an agent makes at once: each is decided as if the others had returned, in whatever order they come (ANCHORS D, threat 10).
 */
import { describe, expect, it } from "vitest";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { createFirewall, type Enforcer } from "../../src/surfaces/hono.ts";
import { shop } from "./firewall-fixture.ts";

const say = { tool: "say", args: { text: "hello" } };
const feed = { tool: "feed", args: {} };

async function opened(): Promise<{ readonly firewall: Enforcer; readonly token: string }> {
  const firewall = createFirewall({ plans: [shop], store: createMemoryStore() });
  const session = await firewall.open({ plan: shop.digest, principal: "ada" });
  if (!session.ok) throw new Error(session.error.code);
  return { firewall, token: session.value.token };
}

const codeOf = (checked: Awaited<ReturnType<Enforcer["check"]>>): string => (checked.allow ? "allow" : checked.verdict.code);

describe("calls made at once", () => {
  it("are each checked as if the others had returned, in either order (threat 10)", async () => {
    const first = await opened();
    expect((await first.firewall.checkBatch(first.token, [feed, say])).map(codeOf)).toEqual(["allow", "FLOW_SINK_DENIED"]);
    const second = await opened();
    expect((await second.firewall.checkBatch(second.token, [say, feed])).map(codeOf)).toEqual(["FLOW_SINK_DENIED", "allow"]);
  });

  it("of trusted tools only do not raise the context, and one call alone is no batch", async () => {
    const { firewall, token } = await opened();
    expect((await firewall.checkBatch(token, [say])).map(codeOf)).toEqual(["allow"]);
    expect((await firewall.checkBatch(token, [say, say])).map(codeOf)).toEqual(["allow", "allow"]);
    expect(codeOf(await firewall.check(token, feed))).toBe("allow");
    expect(codeOf(await firewall.check(token, say))).toBe("allow");
  });

  it("may be checked one by one, if each says which tools the others call", async () => {
    const { firewall, token } = await opened();
    expect(codeOf(await firewall.check(token, say, { batch: ["say", "shop/feed"] }))).toBe("FLOW_SINK_DENIED");
  });

  it("raise the context once, and the store keeps that they did", async () => {
    const store = createMemoryStore();
    const firewall = createFirewall({ plans: [shop], store });
    const session = await firewall.open({ plan: shop.digest, principal: "ada" });
    if (!session.ok) throw new Error(session.error.code);
    await firewall.checkBatch(session.value.token, [feed, feed, say]);
    const loaded = await store.load(session.value.session, 0);
    const types = loaded.ok ? loaded.value.entries.map(({ event }) => event.type) : [];
    expect(types).toEqual(["open", "context", "allow", "allow", "deny"]);
    const again = createFirewall({ plans: [shop], store });
    expect(codeOf(await again.check(session.value.token, say))).toBe("FLOW_SINK_DENIED");
  });

  it("are remembered by the conversation: its next session is one of an agent that has seen what they returned (threat 13)", async () => {
    const store = createMemoryStore();
    const firewall = createFirewall({ plans: [shop], store });
    const open = async (): Promise<string> => {
      const session = await firewall.open({ plan: shop.digest, principal: "ada", conversation: "c" });
      if (!session.ok) throw new Error(session.error.code);
      return session.value.token;
    };
    const first = await open();
    const [read] = await firewall.checkBatch(first, [feed, feed]);
    if (read?.allow !== true) throw new Error("the feed is read");
    expect((await firewall.settle(read.permit, { value: "a stranger's words" })).ok).toBe(true);
    expect(codeOf(await firewall.check(await open(), say))).toBe("FLOW_SINK_DENIED");
  });
});
