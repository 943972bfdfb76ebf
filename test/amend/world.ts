/**
 * A small world to amend in: an inbox that strangers write to, a ledger that is trusted, and tools that send and pay.
 */
import { type Catalogue, readCatalogue } from "../../src/catalogue/catalogue.ts";
import { createGuard, type Guard, type Session } from "../../src/engine.ts";
import type { Json, JsonObject } from "../../src/json/value.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { FrozenPlan, Plan, PlanNode } from "../../src/plan/plan.ts";

const text = { type: "string" };
const tool = (name: string, properties: JsonObject, sluice: JsonObject): Json => ({
  name,
  inputSchema: { type: "object", properties },
  sluice,
});

/** Tools of the world. */
export const catalogue: Catalogue = (() => {
  const read = readCatalogue({
    tools: [
      tool("inbox/read", { id: text }, { effects: ["read"], labels: ["external_api"] }),
      tool("ledger/list", {}, { effects: ["read"], labels: ["ledger"] }),
      tool(
        "mail/send",
        { to: text, body: text },
        { effects: ["write"], labels: ["receipts"], roles: { to: "target", body: "content" } },
      ),
      tool(
        "bank/pay",
        { iban: text, amount: { type: "number" } },
        { effects: ["write"], labels: ["receipts"], roles: { iban: "target", amount: "selector" } },
      ),
    ],
    labels: { ledger: { integrity: "trusted" }, receipts: { integrity: "trusted" } },
  });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
})();

/** A frozen plan with these nodes. */
export function frozenPlan(nodes: { readonly [name: string]: PlanNode }, rest: Partial<Plan> = {}): FrozenPlan {
  const frozen = freezePlan({ sluice: 1, name: "world", nodes, ...rest }, catalogue);
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
  return frozen.value;
}

/** A guard with a clock that stands at 1,000. */
export function guardOf(frozen: FrozenPlan): Guard {
  const guard = createGuard(frozen, { clock: () => 1_000 });
  if (!guard.ok) throw new Error(JSON.stringify(guard.error));
  return guard.value;
}

/** A session of a plan. */
export function sessionOf(frozen: FrozenPlan): Session {
  const session = guardOf(frozen).session({ id: "s-1", key: "00112233445566778899aabbccddeeff" });
  if (!session.ok) throw new Error(JSON.stringify(session.error));
  return session.value;
}

/** Makes a call and records what the tool answers; the code of a denial, else `allow`. */
export function run(session: Session, name: string, args: Json, answer: Json = null): string {
  const verdict = session.check({ tool: name, args });
  if (verdict.decision === "deny") return verdict.code;
  session.record(verdict.run, { value: answer });
  return "allow";
}
