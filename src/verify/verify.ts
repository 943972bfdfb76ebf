/**
 * Answers whether data of one kind can ever reach a place under a frozen plan: proved, refuted with a run that shows it, or unknown.
 * Pure. Sound: `proved` follows from the analysis alone, and `refuted` only from a run that the engine itself allowed with that label.
 *
 * What is claimed: no argument of an allowed call carries the label, in a session whose conversation begins with it, whatever tools answer and
 * the agent does. An endorsement replaces a label, so an endorsed value no longer carries it; say a node or a tool to follow data through those.
 */
import { analyseCompiled, type Analysis } from "../analyze/analyse.ts";
import { type Stop, stopsOf, witnessOf } from "../analyze/witness.ts";
import type { SqlParser } from "../constraints/sql.ts";
import { compilePlan } from "../plan/compile.ts";
import { holdTo } from "../plan/freeze-policy.ts";
import type { CompiledPlan } from "../plan/compile/compiled.ts";
import type { Finding } from "../plan/finding.ts";
import type { FrozenPlan } from "../plan/plan.ts";
import type { JsonObject } from "../json/value.ts";
import { err, ok, type Result } from "../result.ts";
import { driveTo } from "../simulate/drive.ts";
import type { TraceEvent } from "../trace.ts";
import { confirm, type Confirmed } from "./confirm.ts";
import { type Never, type NeverError, parseNever, type Sink } from "./never.ts";
import { stopLines, wayLine } from "./outline.ts";
import { misfits, withIdleLoops, withMark, withoutRemovals } from "./variants.ts";

/** The answer to one claim. */
export type Verification =
  | {
      readonly never: string;
      readonly answer: "proved";
      /** What stops the data at each sink, a line each. */
      readonly outline: readonly string[];
    }
  | {
      readonly never: string;
      readonly answer: "refuted";
      /** The way of the data, and what it carries when it arrives. */
      readonly outline: readonly string[];
      readonly node: string;
      readonly argument?: string;
      /** A run that `replay` confirms: its last call is the one that carries the data. */
      readonly trace: readonly TraceEvent[];
      readonly params: JsonObject;
      /** The last call waits for a human, and nothing else stands in its way: replay says `CALL_NEEDS_APPROVAL`. */
      readonly needsApproval?: true;
    }
  | { readonly never: string; readonly answer: "unknown"; readonly why: string };

/** Sinks that are tried for a run before the answer is `unknown`. */
const sinksTriedMax = 48;

/** Finds runs of a plan; {@link driveTo} but in tests. */
type Driver = typeof driveTo;

/** What a verification needs besides the plan. */
export interface VerifyOptions {
  /** Parsers of the SQL dialects that the plan names: without them no run can be shown. */
  readonly sql?: readonly SqlParser[];
  readonly drive?: Driver;
}

/** Why there is no answer: the text is no claim, or the plan cannot be enforced. */
export type VerifyError = NeverError | Finding;

/** Answers claims about one plan. */
export interface Verifier {
  /** Errors: `VERIFY_CLAIM`. */
  verify(never: string): Result<Verification, NeverError>;
}

/** Verifies one claim (`SOURCE -> SINK`, see `never.ts`) about a frozen plan. Errors: `VERIFY_CLAIM`, findings of a plan that cannot be compiled. */
export function verifyNever(frozen: FrozenPlan, never: string, options: VerifyOptions = {}): Result<Verification, VerifyError> {
  const verifier = openVerifier(frozen, options);
  return verifier.ok ? verifier.value.verify(never) : verifier;
}

/** For several claims about one plan: what they have in common is worked out once. Errors: the first finding of a plan that cannot be compiled. */
export function openVerifier(frozen: FrozenPlan, { drive = driveTo, sql = [] }: VerifyOptions = {}): Result<Verifier, Finding> {
  const held = holdTo(frozen, undefined);
  if (!held.ok) return err(held.error[0] as Finding);
  const compiled = compilePlan(held.value);
  if (!compiled.ok) return err(compiled.error[0] as Finding);
  const plan = compiled.value;
  const { policy: _, ...enforced } = held.value;
  const subject: Subject = {
    original: frozen,
    frozen: enforced,
    plan,
    drive,
    sql,
    analyses: new Map(),
    refutations: new Map(),
    stops: new Map(),
  };
  return ok({
    verify: (never) => {
      const claim = parseNever(plan, never);
      return claim.ok ? ok(answer(subject, claim.value)) : claim;
    },
  });
}

interface Subject {
  /** As it was given. */
  readonly original: FrozenPlan;
  /** As its policy leaves it. */
  readonly frozen: FrozenPlan;
  readonly plan: CompiledPlan;
  readonly drive: Driver;
  readonly sql: readonly SqlParser[];
  /** By the nodes whose data is followed. */
  readonly analyses: Map<string, Analysis>;
  /** By source and sink. */
  readonly refutations: Map<string, Confirmed | { readonly why: string }>;
  readonly stops: Map<string, readonly Stop[]>;
}

interface Pair extends Sink {
  readonly source: string;
}

function answer(subject: Subject, claim: Never): Verification {
  const marks = claim.sources.filter((source) => source.startsWith("node:")).map((source) => source.slice(5));
  const analysis = remembered(subject.analyses, marks, () => analyseCompiled(subject.plan, { marks }));
  const pairs = claim.sources.flatMap((source) => claim.sinks.map((sink): Pair => ({ ...sink, source })));
  const open = pairs.filter((pair) => mayArrive(analysis, pair));
  if (open.length === 0) return { never: claim.text, answer: "proved", outline: proof(subject, analysis, { claim, pairs }) };
  const tried: string[] = [];
  for (const pair of open.slice(0, sinksTriedMax)) {
    const found = remembered(subject.refutations, keyOf(pair), () => refute(subject, analysis, pair));
    if ("trace" in found) {
      const { node, argument } = pair;
      const { trace, params, needsApproval, labels } = found;
      return {
        never: claim.text,
        answer: "refuted",
        outline: refutation(analysis, pair, labels),
        node,
        ...(argument === undefined ? {} : { argument }),
        trace,
        params,
        ...(needsApproval ? { needsApproval: true as const } : {}),
      };
    }
    tried.push(`${placeOf(pair)}: ${found.why}`);
  }
  return { never: claim.text, answer: "unknown", why: tried.slice(0, 8).join("; ") };
}

function keyOf({ source, node, argument }: Pair): readonly (string | null)[] {
  return [source, node, argument ?? null];
}

function remembered<T>(known: Map<string, T>, names: readonly (string | null)[], make: () => T): T {
  const key = JSON.stringify(names);
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}

function placeOf({ node, argument }: Sink): string {
  return argument === undefined ? `that \`${node}\` is called` : `\`${argument}\` of \`${node}\``;
}

function mayArrive(analysis: Analysis, pair: Pair): boolean {
  const { node, argument, source } = pair;
  if (isOwnOnly(analysis, pair)) return false;
  if (argument !== undefined) return analysis.mayReach({ node, argument, label: source });
  return analysis.mayOccur({ node, label: source });
}

/** Whether the data is that of the only call that the node ever makes, so that it comes after it. */
function isOwnOnly({ plan }: Analysis, { node: name, source }: Pair): boolean {
  const node = plan.byName.get(name);
  return source === `node:${name}` && node !== undefined && node.each === undefined && node.max <= 1 && !node.isIdempotent;
}

function proof(
  { stops }: Subject,
  analysis: Analysis,
  { claim, pairs }: { readonly claim: Never; readonly pairs: readonly Pair[] },
): readonly string[] {
  if (claim.sources.length === 0) return ["the plan uses no tool that the source matches"];
  if (claim.sinks.length === 0) return ["the plan uses no tool that the sink matches, or none with such an argument"];
  const stopped = pairs.map((pair) => ({
    sink: pair.argument === undefined ? pair.node : `${pair.node}.${pair.argument}`,
    source: pair.source,
    stops: remembered(stops, keyOf(pair), () => stopsAt(analysis, pair)),
  }));
  return stopLines(analysis.plan, stopped);
}

function stopsAt(analysis: Analysis, pair: Pair): readonly Stop[] {
  const { node, argument, source } = pair;
  if (isOwnOnly(analysis, pair)) return [{ by: "order", node, argument: argument ?? "" }];
  return argument === undefined ? [{ by: "absent", node, argument: "" }] : stopsOf(analysis, { node, argument, label: source });
}

function refutation(analysis: Analysis, pair: Pair, labels: readonly string[]): readonly string[] {
  const { node, argument, source } = pair;
  if (argument === undefined) return [`whether \`${node}\` is called depends on it`];
  return [
    wayLine(witnessOf(analysis, { node, argument, label: source }) ?? []),
    `it arrives with the labels ${labels.map((label) => `\`${label}\``).join(", ")}`,
  ];
}

/** A confirmed run in which the data arrives, or why none was found. */
function refute(subject: Subject, analysis: Analysis, pair: Pair): Confirmed | { readonly why: string } {
  const { node, argument, source } = pair;
  const isMarked = source.startsWith("node:");
  const marked = isMarked ? withMark(subject.frozen, source.slice(5)) : { frozen: subject.frozen, label: source };
  const labels = source === "untrusted" ? untrustedAt(analysis, pair) : [marked.label];
  let why = "the search for a run found none";
  for (const label of labels) {
    const found = search(subject, marked.frozen, { node, argument, label });
    if ("trace" in found) return found;
    why = found.why;
  }
  return { why };
}

/** A run that the engine confirms: one with results that fit their schemas, else one where a sanitizer's does not. */
function search(
  { original, drive, sql }: Subject,
  labelled: FrozenPlan,
  { argument, ...goal }: { readonly node: string; readonly argument: string | undefined; readonly label: string },
): Confirmed | { readonly why: string } {
  let why = "";
  const loose = hasRemovals(labelled) ? withoutRemovals(labelled) : undefined;
  for (const plan of loose === undefined ? [labelled] : [labelled, loose, withIdleLoops(loose)]) {
    const place = argument === undefined ? { isControl: true as const } : { argument };
    const found = drive(plan, { ...goal, ...place }, { sql });
    if (!found.ok) {
      why ||= found.why;
      continue;
    }
    for (const trace of plan === labelled ? [found.trace] : misfits(labelled, found.trace, { isEmptied: plan !== loose })) {
      const confirmed = confirm({ original, labelled, sql }, { trace, params: found.params, ...goal, argument });
      if (confirmed !== undefined) return confirmed;
    }
    why ||= "a run was found, but the engine does not confirm it";
  }
  return { why };
}

function hasRemovals(frozen: FrozenPlan): boolean {
  return Object.values(frozen.plan.nodes).some((node) => node.removes !== undefined);
}

/** The untrusted labels that may arrive. */
function untrustedAt(analysis: Analysis, { node, argument }: Sink): readonly string[] {
  const found = argument === undefined ? analysis.occurrenceAt(node) : analysis.labelsAt(node, argument);
  const { names } = analysis.inner.table;
  return (found?.sources ?? []).filter((name) => names.some((facts) => facts.name === name && facts.isUntrusted));
}
