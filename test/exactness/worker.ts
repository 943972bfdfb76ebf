/**
 * A gateway as a process of its own, driven by lines of JSON: opens sessions, calls, settles, and can be killed at any moment.
 * Arguments: kind of the store, its place, and the file of the witness. It answers every line with a line of the same `id`.
 */
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { createGuard } from "../../src/engine.ts";
import { createEnforcer, type Permit } from "../../src/surfaces/enforce.ts";
import { systemRandom } from "../../src/surfaces/random.ts";
import { randomOps, type RecordedOp } from "./history.ts";
import { freezeLab, type LabNode } from "./plan.ts";
import { openStore } from "./stores.ts";
import { openWitness } from "./witness.ts";

/** What a worker can be told to do. */
export type Order =
  | { readonly do: "open"; readonly principal: string; readonly count: number }
  /** Calls at once, one for each token, each carried out and settled if it is allowed. */
  | { readonly do: "calls"; readonly tokens: readonly string[]; readonly node: LabNode }
  /** Calls one after another without an end, `width` at once: until it is killed or told to stop. */
  | {
      readonly do: "flood";
      readonly tokens: readonly string[];
      readonly nodes: readonly LabNode[];
      readonly width: number;
      readonly seed: number;
    }
  | { readonly do: "stop" }
  | { readonly do: "history"; readonly seed: number; readonly count: number; readonly client: number };

/** What it answers. */
export interface Answered {
  readonly opened?: readonly { readonly token: string; readonly session: string }[];
  /** How the calls ended, by code. */
  readonly codes?: Readonly<Record<string, number>>;
  readonly history?: readonly RecordedOp[];
}

const [kind = "", place = "", witnessFile = "", leaseSeconds = "300", skewMs = "0"] = process.argv.slice(2);
const store = await openStore(kind, place);
const witness = openWitness(witnessFile);
const clock = (): number => Date.now() + Number(skewMs);
const plan = freezeLab();
const guard = createGuard(plan, { clock, leaseSeconds: Number(leaseSeconds) });
if (!guard.ok) throw new Error("the plan of the test is sound");
const guards = new Map([[plan.digest, guard.value]]);
// It is exactness that is tested, and not the patience of a loaded machine.
const patience = { leaseSeconds: Number(leaseSeconds), storeTimeoutMs: 60_000 };
const enforcer = createEnforcer({ guards, store, clock, random: systemRandom, ...patience });
let isStopped = false;

/** A call from end to end; what came of it. */
async function callOnce(token: string, node: LabNode): Promise<string> {
  const checked = await enforcer.check(token, { tool: node, args: {} });
  if (!checked.allow) return checked.verdict.code;
  await carryOut(checked.permit);
  const settled = await enforcer.settle(checked.permit, { value: { paid: 1 } });
  if (settled.ok) witness.delivered(checked.permit);
  return settled.ok ? "ok" : `settle ${settled.verdict.code}`;
}

async function carryOut(permit: Permit): Promise<void> {
  witness.executed(permit);
  // A tool takes its time: none, or a few milliseconds.
  const ms = permit.run % 4;
  await new Promise((resolve) => (ms === 0 ? setImmediate(resolve) : setTimeout(resolve, ms)));
}

function count(codes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const code of codes) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

async function flood({ tokens, nodes, width, seed }: Order & { readonly do: "flood" }): Promise<Record<string, number>> {
  const codes: string[] = [];
  let turn = seed;
  const lane = async (): Promise<void> => {
    while (!isStopped) {
      turn = (turn * 1_103_515_245 + 12_345) % 2_147_483_648;
      const token = tokens[turn % tokens.length] ?? "";
      codes.push(await callOnce(token, nodes[(turn >> 8) % nodes.length] ?? "read"));
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return count(codes);
}

async function obey(order: Order): Promise<Answered> {
  if (order.do === "open") {
    const opened = [];
    for (let i = 0; i < order.count; i++) {
      const session = await enforcer.open({ plan: plan.digest, principal: order.principal });
      if (!session.ok) throw new Error(session.error.code);
      opened.push({ token: session.value.token, session: session.value.session });
    }
    return { opened };
  }
  if (order.do === "calls") return { codes: count(await Promise.all(order.tokens.map((token) => callOnce(token, order.node)))) };
  if (order.do === "flood") return { codes: await flood(order) };
  if (order.do === "history") return { history: await randomOps(store, order) };
  isStopped = true;
  return {};
}

writeSync(1, "ready\n");
const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const { id, order } = JSON.parse(line) as { readonly id: number; readonly order: Order };
  obey(order).then(
    (answer) => process.stdout.write(`${JSON.stringify({ id, answer })}\n`),
    (error: unknown) => process.stdout.write(`${JSON.stringify({ id, error: String(error) })}\n`),
  );
});
lines.on("close", () => {
  void Promise.resolve(store.close()).then(() => process.exit(0));
});
