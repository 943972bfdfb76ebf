/**
 * Cases of audit.json: logs that are whole and logs that were changed, checkpoints, proofs that a record is in a log and that a log has grown.
 * Data and nothing else. What is wrong with a changed one is said here; sizes and roots are computed.
 */
import { createCheckpointSigner } from "../../../src/audit/checkpoint.ts";
import type { AuditLog } from "../../../src/audit/log.ts";
import { emptyFrontier, grow, rootOf } from "../../../src/audit/merkle.ts";
import { proveGrowth, proveRecord } from "../../../src/audit/prove.ts";
import { type AuditRecord, commitmentOf, leafHash, noDigest, recordDigest, recordText } from "../../../src/audit/record.ts";
import type { Json, JsonObject } from "../../../src/json/value.ts";
import { hexOf } from "../../../src/plan/digest.ts";
import { ok } from "../../../src/result.ts";
import type { AuditVector } from "../audit-outcome.ts";
import { openedAt } from "./case.ts";
import { keyOf, publicOf } from "./seeded.ts";

/** A case: the faults that must be found, by kind. */
export type AuditCase = AuditVector & { readonly faults: readonly string[] };

const plan = `sha256:${"5a".repeat(32)}`;

type Draft = Pick<AuditRecord, "kind"> & Partial<AuditRecord>;

/** The records of two sessions. */
function drafts(rounds: number): readonly Draft[] {
  const kept = (name: string, value: Json): AuditRecord["values"] => ({
    [name]: { commit: commitmentOf({ salt: "AAAAAAAAAAAAAAAAAAAAAA", value }), subject: "s01" },
  });
  const numbers = new Map<string, number>();
  const of = (session: string, draft: Draft): Draft => {
    const number = numbers.get(session) ?? 0;
    numbers.set(session, number + 1);
    return { session, number, plan, principal: session === "one" ? "s01" : "s02", ...draft };
  };
  const opened = ["one", "two"].map((session) =>
    of(session, { kind: "open", facts: { expires: openedAt + 86_400_000 }, values: kept("params", { who: "ana" }) }),
  );
  const calls = Array.from({ length: rounds }, (_, i): readonly Draft[] => [
    of("one", { kind: "allow", node: "web", tool: "s/web", facts: { run: i, labels: [] }, values: kept("call", { i }) }),
    of("one", {
      kind: i % 3 === 2 ? "error" : "settle",
      node: "web",
      tool: "s/web",
      facts: { run: i, labels: ["external_api"] },
      values: kept("result", { text: "caf\u00e9 \u20ac" }),
    }),
    of("two", { kind: "deny", node: "send", tool: "s/send", code: "FLOW_SINK_DENIED", facts: { rule: "no-web" } }),
  ]).flat();
  return [
    { kind: "begin", facts: { nonce: "00".repeat(16) } },
    { kind: "plan-loaded", plan, facts: { plan } },
    ...opened,
    ...calls,
    of("two", { kind: "close" }),
    { kind: "config", facts: { what: "reload" } },
  ];
}

/** Chains records. */
function chained(list: readonly Draft[]): readonly string[] {
  const texts: string[] = [];
  for (const [seq, draft] of list.entries()) {
    const prev = seq === 0 ? noDigest : recordDigest(texts[seq - 1] ?? "");
    texts.push(recordText({ v: 1, seq, at: openedAt + seq * 7, facts: {}, values: {}, ...draft, prev } as AuditRecord));
  }
  return texts;
}

const key = keyOf("audit");
const keys = [publicOf(key), publicOf(keyOf("another log"))];
const signer = await createCheckpointSigner(key);

async function signed(texts: readonly string[], more: JsonObject = {}): Promise<string> {
  const frontier = grow(emptyFrontier, texts.map(leafHash));
  return signer.sign({
    v: 1,
    log: recordDigest(texts[0] ?? ""),
    size: texts.length,
    root: hexOf(rootOf(frontier)),
    tree: frontier.hashes.map(hexOf),
    head: recordDigest(texts.at(-1) ?? ""),
    at: openedAt + texts.length * 7,
    ...more,
  });
}

function without(texts: readonly string[], seq: number): readonly string[] {
  return texts.filter((_, i) => i !== seq);
}

function replaced(texts: readonly string[], seq: number, change: (text: string) => string): readonly string[] {
  return texts.map((text, i) => (i === seq ? change(text) : text));
}

async function logs(texts: readonly string[], checkpoints: readonly string[]): Promise<readonly AuditCase[]> {
  const of = (
    name: string,
    faults: readonly string[],
    more: {
      readonly records?: readonly string[];
      readonly checkpoints?: readonly string[];
      readonly witness?: string;
      readonly keys?: typeof keys;
    },
  ): AuditCase =>
    ({ name: `log: ${name}`, version: 1, kind: "log", keys, records: texts, checkpoints, faults, ...more }) as AuditCase;
  const [first = "", second = ""] = checkpoints;
  const other = chained(drafts(6).map((draft, i) => (i === 0 ? { ...draft, facts: { nonce: "11".repeat(16) } } : draft)));
  const rechained = chained(drafts(6).map((draft, i) => (i === 6 ? { ...draft, code: "HIDDEN" } : draft)));
  const bent = first.slice(0, -8) + (first.endsWith("A".repeat(7)) ? "BBBBBBBA" : "AAAAAAAA");
  return [
    of("whole", [], {}),
    of("one record", [], { records: texts.slice(0, 1), checkpoints: [] }),
    of("no record", [], { records: [], checkpoints: [] }),
    of("grown since the last checkpoint", [], { checkpoints: [first] }),
    of("grown from what a witness has", [], { checkpoints: [second], witness: first }),
    of("no key is given, so that no checkpoint counts", [], { keys: [], checkpoints: [bent] }),
    of("a record was dropped", ["order", "chain", "session"], { records: without(texts, 5), checkpoints: [] }),
    of("the last records were dropped", ["truncated"], { records: texts.slice(0, -3) }),
    of("two records were swapped", ["order", "chain", "session"], {
      records: [...texts.slice(0, 4), texts[5] ?? "", texts[4] ?? "", ...texts.slice(6)],
      checkpoints: [],
    }),
    of("a record stands twice", ["order", "chain", "session"], {
      records: [...texts.slice(0, 5), texts[4] ?? "", ...texts.slice(5)],
      checkpoints: [],
    }),
    of("one word of a record was changed", ["chain"], {
      records: replaced(texts, 6, (text) => text.replace("FLOW_SINK_DENIED", "FLOW_SINK_DENIAL")),
      checkpoints: [],
    }),
    of("a blank more in a record", ["chain"], {
      records: replaced(texts, 3, (text) => text.replace("{", "{ ")),
      checkpoints: [],
    }),
    of("a record of another kind", ["record", "chain"], {
      records: replaced(texts, 3, (text) => text.replace('"kind":"open"', '"kind":"opened"')),
      checkpoints: [],
    }),
    of("a record is no JSON", ["record", "chain"], { records: replaced(texts, 3, (text) => text.slice(1)), checkpoints: [] }),
    of("a record has a member twice", ["record", "chain"], {
      records: replaced(texts, 3, (text) => text.replace("{", '{"v":1,')),
      checkpoints: [],
    }),
    of("changed and chained anew: only the checkpoints tell", ["checkpoint"], { records: rechained }),
    of("an event of a session is missing", ["session"], {
      records: chained(drafts(3).filter((_, i) => i !== 5)),
      checkpoints: [],
    }),
    of("another log under this log's checkpoint", ["checkpoint"], { records: other, checkpoints: [first] }),
    of("a checkpoint is bent", ["checkpoint"], { checkpoints: [bent] }),
    of("a checkpoint of a key that does not count", ["checkpoint"], {
      keys: [publicOf(keyOf("another log"))] as never,
      checkpoints: [first],
    }),
    of("a checkpoint has another tree than its root", ["checkpoint"], {
      checkpoints: [await signed(texts, { tree: ["ab".repeat(32)] })],
    }),
    of("a checkpoint has another head than the log", ["checkpoint"], {
      checkpoints: [await signed(texts, { head: "ab".repeat(32) })],
    }),
    of("a checkpoint of another version", ["checkpoint"], { checkpoints: [await signed(texts, { v: 2 })] }),
  ];
}

async function proofs(texts: readonly string[], checkpoints: readonly string[]): Promise<readonly AuditCase[]> {
  const [first = "", second = ""] = checkpoints;
  const log = {
    read: async (from: number, limit: number) => ok(texts.slice(from, from + limit)),
    checkpoints: async () => ok(checkpoints),
  } as unknown as AuditLog;
  const must = <T>(made: { readonly ok: true; readonly value: T } | { readonly ok: false }): T => {
    if (!made.ok) throw new Error("no proof");
    return made.value;
  };
  const of = (name: string, faults: readonly string[], proof: unknown): AuditCase => ({
    name: `proof: ${name}`,
    version: 1,
    kind: "proof",
    keys,
    proof: proof as Json,
    faults,
  });
  const inclusion = await Promise.all(
    [0, 1, 7, 8, 16, texts.length - 2, texts.length - 1].map(async (seq) =>
      of(`record ${seq}`, [], must(await proveRecord(log, seq, { keys, checkpoint: second }))),
    ),
  );
  const small = must(await proveRecord(log, 3, { keys, checkpoint: first }));
  const grown = must(await proveGrowth(log, { from: first, to: second }, { keys }));
  const same = must(await proveGrowth(log, { from: second, to: second }, { keys }));
  const hash = "ab".repeat(32);
  return [
    ...inclusion,
    of("record 3 under the first checkpoint", [], small),
    of("the log has grown", [], grown),
    of("the log has stayed", [], same),
    of("of another record", ["path"], { ...small, record: small.record.replace("1767", "1768") }),
    of("of another place", ["malformed"], { ...small, seq: 4 }),
    of("a hash is another", ["path"], { ...small, path: [hash, ...small.path.slice(1)] }),
    of("a hash is missing", ["path"], { ...small, path: small.path.slice(1) }),
    of("a hash too many", ["path"], { ...small, path: [...small.path, hash] }),
    of("the hashes are in another order", ["path"], { ...small, path: [...small.path].reverse() }),
    of("under another checkpoint", ["path"], { ...small, checkpoint: second }),
    of("a hash is no hash", ["malformed"], { ...small, path: ["00", ...small.path.slice(1)] }),
    of("a member more", ["malformed"], { ...small, more: 1 }),
    of("another version", ["malformed"], { ...small, v: 2 }),
    of("no checkpoint", ["malformed"], { ...small, checkpoint: "a.b.c" }),
    of("the log has shrunk", ["path"], { ...grown, from: second, to: first }),
    of("a growth with a hash that is another", ["path"], { ...grown, path: [hash, ...grown.path.slice(1)] }),
    of("a growth without its path", ["path"], { ...grown, path: [] }),
    of("nothing", ["malformed"], null),
  ];
}

/** The cases. */
export async function auditCases(): Promise<readonly AuditCase[]> {
  const texts = chained(drafts(6));
  const checkpoints = [await signed(texts.slice(0, 13)), await signed(texts)];
  return [...(await logs(texts, checkpoints)), ...(await proofs(texts, checkpoints))];
}
