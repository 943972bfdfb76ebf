/**
 * The breaker looks at what was denied in a row: of which tool, how often, and when the last one was.
 */
import { describe, expect, it } from "vitest";
import { isBreakerOpen } from "../../src/decide/breaker.ts";
import type { Session } from "../../src/engine.ts";
import { breakerDenials, breakerSeconds } from "../../src/limits.ts";
import { frozenPlan, guardOf, run } from "../amend/world.ts";

/** When every call of this world is made. */
const now = 1_000;
const plan = frozenPlan({
  read: { tool: "inbox/read", args: { id: "m1" }, times: { min: 0, max: 99 } },
  list: { tool: "ledger/list" },
});
const guard = guardOf(plan);

function open(): Session {
  const session = guard.session({ id: "s", key: "00".repeat(16) });
  if (!session.ok) throw new Error(session.error.message);
  return session.value;
}

function denied(session: Session, times: number, tool = "inbox/read"): void {
  for (let i = 0; i < times; i++) expect(run(session, tool, { id: "m2" })).not.toBe("allow");
}

const isOpen = ({ state }: Session, arrived: number, tool = "inbox/read"): boolean =>
  isBreakerOpen(guard.program, state, { tool, arrived });

describe("the breaker", () => {
  it("opens with the eighth denial in a row", () => {
    const session = open();
    denied(session, breakerDenials - 1);
    expect(isOpen(session, now + 1)).toBe(false);
    denied(session, 1);
    expect(isOpen(session, now + 1)).toBe(true);
    denied(session, 1);
    expect(isOpen(session, now + 1)).toBe(true);
  });

  it("is open for what came after the last denial, and for half a minute", () => {
    const session = open();
    denied(session, breakerDenials);
    expect(isOpen(session, now - 1)).toBe(false);
    expect(isOpen(session, now)).toBe(false);
    expect(isOpen(session, now + 1)).toBe(true);
    expect(isOpen(session, now + breakerSeconds * 1_000 - 1)).toBe(true);
    expect(isOpen(session, now + breakerSeconds * 1_000)).toBe(false);
    expect(isOpen(session, now + breakerSeconds * 1_000 + 1)).toBe(false);
  });

  it("counts each tool of the plan by itself, and all others together", () => {
    const session = open();
    denied(session, breakerDenials);
    expect(isOpen(session, now + 1, "ledger/list")).toBe(false);
    expect(isOpen(session, now + 1, "made/up")).toBe(false);
    for (let i = 0; i < breakerDenials; i++) denied(session, 1, `made/up-${i}`);
    expect(isOpen(session, now + 1, "made/of-something-else")).toBe(true);
    expect(isOpen(session, now + 1, "ledger/list")).toBe(false);
  });

  it("closes as soon as anything goes ahead, and for a session without denials was never open", () => {
    const session = open();
    expect(isOpen(session, now + 1)).toBe(false);
    denied(session, breakerDenials);
    expect(run(session, "ledger/list", {})).toBe("allow");
    expect(isOpen(session, now + 1)).toBe(false);
    denied(session, 1);
    expect(isOpen(session, now + 1)).toBe(false);
  });
});
