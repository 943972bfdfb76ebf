/**
 * Proofs for a witness who has the public key alone: that a record is in a log that was signed, and that a log has grown from an earlier one
 * (RFC 6962 §2.1). Never hands out a proof that it did not check itself, and reads no more of the log than a proof needs.
 */
import { isArray, isObject, type Json } from "../json/value.ts";
import { auditBatchMax } from "../limits.ts";
import { hexOf } from "../plan/digest.ts";
import type { SigningKey } from "../plan/sign.ts";
import { err, ok, type Result } from "../result.ts";
import { type Checkpoint, frontierOf, hashOfHex, sizeSaid, verifyCheckpoint } from "./checkpoint.ts";
import type { AuditLog } from "./log.ts";
import {
  consistencyRanges,
  emptyFrontier,
  type Frontier,
  frontierRanges,
  grow,
  type Hash,
  inclusionRanges,
  type LeafRange,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from "./merkle.ts";
import { type AuditRecord, leafHash, noDigest, readRecord, recordDigest } from "./record.ts";

/** That a record is in the log that a checkpoint signs. */
export interface InclusionProof {
  readonly v: 1;
  readonly type: "inclusion";
  /** Compact JWS. */
  readonly checkpoint: string;
  /** Number of the record. */
  readonly seq: number;
  /** Its text, as it is hashed. */
  readonly record: string;
  /** Audit path, 64 hexadecimal digits each, nearest sibling first. */
  readonly path: readonly string[];
}

/** That the log of one checkpoint is a beginning of the log of another. */
export interface ConsistencyProof {
  readonly v: 1;
  readonly type: "consistency";
  readonly from: string;
  readonly to: string;
  readonly path: readonly string[];
}

/**
 * Why there is no proof. `unsigned`: no checkpoint covers it. `checkpoint`: it is none, or of another key. `changed`: the log is not what was
 * signed. `backwards`: the later checkpoint is of a smaller log, or of another. `unavailable`: the log cannot be read.
 */
export type ProveFault = "unsigned" | "checkpoint" | "changed" | "backwards" | "unavailable";

/** What a proof is made with. */
export interface ProveOptions {
  /** Public keys whose checkpoints count. */
  readonly keys: readonly SigningKey[];
  /** The checkpoint that covers the record, compact JWS; default: the first of the log that does. */
  readonly checkpoint?: string | undefined;
}

/** Proves that record `seq` is in the log that was signed. */
export async function proveRecord(
  log: AuditLog,
  seq: number,
  { keys, checkpoint }: ProveOptions,
): Promise<Result<InclusionProof, ProveFault>> {
  const known = await log.checkpoints();
  if (!known.ok) return err("unavailable");
  const jws = checkpoint ?? firstOf(known.value, (size) => size > seq);
  if (jws === undefined) return err("unsigned");
  const signed = await verifyCheckpoint(jws, keys);
  if (!signed.ok) return err("checkpoint");
  const { size } = signed.value;
  if (!(Number.isSafeInteger(seq) && seq >= 0 && seq < size)) return err("unsigned");
  const found = await rootsOf(log, inclusionRanges(seq, size), { base: seq, known: known.value, keys });
  if (!found.ok) return found;
  const own = await log.read(seq, 1);
  if (!own.ok) return err("unavailable");
  const record = own.value[0] ?? "";
  const proof: InclusionProof = { v: 1, type: "inclusion", checkpoint: jws, seq, record, path: found.value.map(hexOf) };
  return holds(signed.value, proof) ? ok(proof) : err("changed");
}

/** Proves that the log of checkpoint `from` is a beginning of that of checkpoint `to`, both compact JWS. */
export async function proveGrowth(
  log: AuditLog,
  { from, to }: { readonly from: string; readonly to: string },
  { keys }: Pick<ProveOptions, "keys">,
): Promise<Result<ConsistencyProof, ProveFault>> {
  const known = await log.checkpoints();
  if (!known.ok) return err("unavailable");
  const first = await verifyCheckpoint(from, keys);
  const second = await verifyCheckpoint(to, keys);
  if (!first.ok || !second.ok) return err("checkpoint");
  if (first.value.size > second.value.size || first.value.log !== second.value.log) return err("backwards");
  const base = first.value.size;
  const found = await rootsOf(log, consistencyRanges(base, second.value.size), { base, known: [...known.value, from], keys });
  if (!found.ok) return found;
  const proof: ConsistencyProof = { v: 1, type: "consistency", from, to, path: found.value.map(hexOf) };
  return hasGrown(first.value, second.value, proof) ? ok(proof) : err("changed");
}

/** The first checkpoint of a size that will do, by what they say of themselves. */
function firstOf(known: readonly string[], isFit: (size: number) => boolean): string | undefined {
  return known.find((jws) => isFit(sizeSaid(jws) ?? -1));
}

interface Start {
  /** Ranges before it are complete subtrees of the tree of so many leaves. */
  readonly base: number;
  readonly known: readonly string[];
  readonly keys: readonly SigningKey[];
}

/** The roots of ranges: of those before `base` from the tree of a checkpoint, grown to `base`; of the others by reading their records. */
async function rootsOf(
  log: AuditLog,
  ranges: readonly LeafRange[],
  { base, known, keys }: Start,
): Promise<Result<readonly Hash[], ProveFault>> {
  const below = [...known].reverse().find((jws) => (sizeSaid(jws) ?? Number.POSITIVE_INFINITY) <= base);
  const checked = below === undefined ? undefined : await verifyCheckpoint(below, keys);
  let frontier: Frontier = (checked?.ok === true ? frontierOf(checked.value) : undefined) ?? emptyFrontier;
  const before = await grown(log, frontier, { from: frontier.size, until: base });
  if (!before.ok) return before;
  frontier = before.value;
  const roots = new Map(frontierRanges(base).map(({ from }, i) => [from, frontier.hashes[i] as Hash]));
  const found: Hash[] = [];
  for (const range of ranges) {
    const own = range.until <= base ? roots.get(range.from) : undefined;
    if (own !== undefined) {
      found.push(own);
      continue;
    }
    const tree = await grown(log, emptyFrontier, range);
    if (!tree.ok) return tree;
    found.push(rootOf(tree.value));
  }
  return ok(found);
}

/** A tree with the records of a range after it. */
async function grown(log: AuditLog, start: Frontier, { from, until }: LeafRange): Promise<Result<Frontier, ProveFault>> {
  let frontier = start;
  for (let at = from; at < until; ) {
    const page = await log.read(at, Math.min(auditBatchMax, until - at));
    if (!page.ok) return err("unavailable");
    if (page.value.length === 0) return err("changed");
    frontier = grow(frontier, page.value.map(leafHash));
    at += page.value.length;
  }
  return ok(frontier);
}

/** What a proof shows. */
export type Proved =
  | { readonly type: "inclusion"; readonly seq: number; readonly record: AuditRecord; readonly in: Checkpoint }
  | { readonly type: "consistency"; readonly from: Checkpoint; readonly to: Checkpoint };

/** Why a proof shows nothing. `malformed`: it is none. `key`, `signature`: of a checkpoint. `path`: it does not lead to what was signed. */
export type ProofFault = "malformed" | "key" | "signature" | "path";

/** What a proof shows to whoever trusts the keys. Nothing else is needed: no log, no network, no secret. */
export async function checkProof(value: Json, keys: readonly SigningKey[]): Promise<Result<Proved, ProofFault>> {
  const proof = readProof(value);
  if (proof === undefined) return err("malformed");
  if (proof.type === "inclusion") {
    const signed = await verifyCheckpoint(proof.checkpoint, keys);
    if (!signed.ok) return signed;
    const record = readRecord(proof.record);
    if (record?.seq !== proof.seq) return err("malformed");
    return holds(signed.value, proof) ? ok({ type: "inclusion", seq: proof.seq, record, in: signed.value }) : err("path");
  }
  const from = await verifyCheckpoint(proof.from, keys);
  if (!from.ok) return from;
  const to = await verifyCheckpoint(proof.to, keys);
  if (!to.ok) return to;
  return hasGrown(from.value, to.value, proof) ? ok({ type: "consistency", from: from.value, to: to.value }) : err("path");
}

function holds({ size, root, head, log }: Checkpoint, { seq, record, path }: InclusionProof): boolean {
  const digest = recordDigest(record);
  // The last record and the first are named by the checkpoint itself.
  if ((seq === size - 1 && digest !== head) || (seq === 0 && digest !== log)) return false;
  return verifyInclusion(leafHash(record), path.map(hashOfHex), { index: seq, size, root: hashOfHex(root) });
}

function hasGrown(first: Checkpoint, second: Checkpoint, { path }: ConsistencyProof): boolean {
  if (first.log !== second.log || first.size === 0) return false;
  const [before, after] = [first, second].map(({ size, root }) => ({ size, root: hashOfHex(root) }));
  return before !== undefined && after !== undefined && verifyConsistency(path.map(hashOfHex), before, after);
}

function readProof(value: Json): InclusionProof | ConsistencyProof | undefined {
  if (!isObject(value) || value.v !== 1 || !isArray(value.path)) return undefined;
  const { type, checkpoint, seq, record, from, to, path } = value;
  const hashes = path.filter((hash) => typeof hash === "string" && hash.length === noDigest.length && /^[0-9a-f]+$/.test(hash));
  // A path is as long as the tree is deep, and one more at most.
  if (hashes.length !== path.length || path.length > 64) return undefined;
  const members = Object.keys(value).length;
  if (type === "inclusion" && typeof checkpoint === "string" && typeof seq === "number" && typeof record === "string")
    return members === 6 ? { v: 1, type, checkpoint, seq, record, path: hashes as string[] } : undefined;
  if (type === "consistency" && typeof from === "string" && typeof to === "string")
    return members === 5 ? { v: 1, type, from, to, path: hashes as string[] } : undefined;
  return undefined;
}
