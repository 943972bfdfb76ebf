/**
 * Gathers what the audit looks at, past the weather; and asks the store itself what its counters and labels hold.
 * Never changes what it asks about: a take of nothing shows what a counter holds.
 */
import { readFileSync } from "node:fs";
import type { Guard } from "../../src/engine.ts";
import type { JournalLine, SessionHeader, Store } from "../../src/stores/store.ts";
import { type Evidence, type Execution, expectedCounters, type Kept, stateOf } from "./audit.ts";

/** The witness's file. A last line that is torn was never followed by anything. */
export function readWitness(file: string): readonly Execution[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => {
      const [number, session = "", run, tool = "", amount] = line.split(" ");
      return { number: Number(number), session, run: Number(run), tool, amount: Number(amount) };
    });
}

/** All sessions of a store, whole. */
export async function readSessions(store: Store): Promise<ReadonlyMap<string, Kept>> {
  const listed = await store.list(1_000_000);
  if (!listed.ok) throw new Error(`the sessions cannot be listed: ${listed.error.kind}`);
  const sessions = new Map<string, Kept>();
  for (const { header, version } of listed.value) {
    const loaded = await store.load(header.id, 0);
    if (!loaded.ok || loaded.value.entries.length !== version) throw new Error(`${header.id} cannot be loaded whole`);
    sessions.set(header.id, { header, entries: loaded.value.entries });
  }
  return sessions;
}

/** The journal from its beginning. */
export async function readJournal(store: Store): Promise<readonly JournalLine[]> {
  const lines: JournalLine[] = [];
  for (;;) {
    const after = lines.at(-1)?.cursor;
    const page = await store.journal({ limit: 1_000, ...(after === undefined ? {} : { after }) });
    if (!page.ok) throw new Error(`the journal cannot be read: ${page.error.kind}`);
    if (page.value.length === 0) return lines;
    lines.push(...page.value);
  }
}

/** Where the store's counters and labels are others than the events say. */
export async function unlikeStore(store: Store, evidence: Evidence): Promise<readonly string[]> {
  return [...(await wrongCounters(store, evidence)), ...(await lostLabels(store, evidence))];
}

async function wrongCounters(store: Store, evidence: Evidence): Promise<readonly string[]> {
  const { guard, at } = evidence;
  const broken: string[] = [];
  const header: SessionHeader = {
    id: `s_${"0".repeat(32)}`,
    plan: guard.digest,
    principal: "the audit",
    conversation: "the audit",
    tokenDigest: "",
    openedAt: at,
    expiresAt: at + 60_000,
  };
  const opening = { type: "context", at, label: { sources: [], readers: null } } as const;
  const created = await store.create(header, { event: opening });
  if (!created.ok) return [`the store takes no session of the audit: ${created.error.kind}`];
  let version = 1;
  const holdsAtMost = async (counter: string, max: number, windowMs: number | undefined): Promise<boolean | string> => {
    const take = { counter, run: version, amount: 0, max, at, ...(windowMs === undefined ? {} : { windowMs }) };
    const taken = await store.commit(header.id, version, { entries: [{ event: opening }], takes: [take] });
    if (taken.ok) version = taken.value;
    return taken.ok ? true : taken.error.kind === "budget" ? false : taken.error.kind;
  };
  for (const { counter, sum, windowMs } of expectedCounters(evidence, at)) {
    const most = await holdsAtMost(counter, sum, windowMs);
    const least = sum === 0 ? false : await holdsAtMost(counter, sum - 0.5, windowMs);
    if (most !== true || least !== false)
      broken.push(`${counter} is not the sum ${sum} of its events (${String(most)}, ${String(least)})`);
  }
  return broken;
}

/** What the sessions of a conversation have seen, and the conversation has forgotten. */
async function lostLabels(store: Store, { guard, sessions }: Evidence): Promise<readonly string[]> {
  const broken: string[] = [];
  for (const [id, kept] of sessions) {
    const state = stateOf(guard, kept);
    if (typeof state === "string") continue;
    const { sources } = contextOf(guard, state);
    const known = await store.contextOf(kept.header.conversation);
    const lost = sources.filter(
      (source) => known.ok && known.value?.sources.includes(source) !== true && source !== "user_input",
    );
    if (!known.ok || lost.length > 0) broken.push(`the conversation of ${id} has lost ${lost.join(", ")}`);
  }
  return broken;
}

function contextOf(guard: Guard, state: Exclude<ReturnType<typeof stateOf>, string>): { readonly sources: readonly string[] } {
  return guard.program.labels.toForeign(state.context);
}
