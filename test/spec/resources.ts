/**
 * Resources in the reference interpreter: what a call reads and writes, and which labels are kept there, by looking through all runs again.
 * Never spells a resource's name itself: keys and what a read of them touches are given, as paths and patterns are.
 */
import { isObject, type Json, type JsonObject } from "../../src/json/value.ts";
import { isTouched, resourceKey, resourceQuery } from "../../src/lang/resource.ts";
import type { FrozenPlan, ResourceSpec } from "../../src/plan/plan.ts";
import { bottom, join, type Label, ofSources } from "./labels.ts";
import { isHidden, nodeOf, readsOfRule } from "./session.ts";
import { runs, type Run, toolLabel, type View } from "./view.ts";

interface Touched {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** What it writes may be what it read itself. */
  readonly isCopying: boolean;
}

const serverOf = (tool: string): string => tool.split("/")[0] ?? "";

/** What a run reads and writes. */
function touched(frozen: FrozenPlan, { node, args }: Pick<Run, "node" | "args">): Touched {
  const name = nodeOf(frozen, node).tool ?? "";
  const server = serverOf(name);
  const facts = frozen.tools[name]?.facts;
  const others = Object.entries(frozen.tools).filter(([other]) => serverOf(other) === server);
  const isExecuting = facts?.effects.includes("execute") === true;
  const isTracked = others.some(([, other]) => other.facts.resource !== undefined);
  if (facts === undefined || (!isExecuting && !isTracked)) return { reads: [], writes: [], isCopying: false };
  const declared = isExecuting ? [] : ([facts.resource ?? []].flat() as (string | ResourceSpec)[]);
  const specs: readonly Partial<ResourceSpec>[] =
    declared.length === 0 ? [{}] : declared.map((one) => (typeof one === "string" ? { template: one } : one));
  const isReading = facts.effects.includes("read");
  const isWriting = facts.effects.some((effect) => ["write", "money", "message"].includes(effect));
  const isBoth = isExecuting || isReading === isWriting || (!isReading && facts.inferred.includes("effects"));
  const access = isBoth ? "both" : isReading ? "read" : "write";
  const keys = (kind: "read" | "write"): readonly string[] =>
    specs
      .filter((spec) => (spec.access ?? access) === "both" || (spec.access ?? access) === kind)
      .map((spec) => (spec.template === undefined ? `${server}|*` : keyOf(frozen, { node, args }, spec.template)));
  const reads = keys("read");
  const isFetching = facts.effects.some((effect) => ["read", "network", "execute"].includes(effect));
  return { reads, writes: keys("write"), isCopying: reads.length > 0 || isFetching };
}

/** The key of a template: the whole server where an argument is hidden, absent or no plain value. */
function keyOf(frozen: FrozenPlan, { node, args }: Pick<Run, "node" | "args">, template: string): string {
  const { tool = "", args: rules = {}, each } = nodeOf(frozen, node);
  const [, kind = "", text = ""] = /^([^:]*):(.*)$/s.exec(template) ?? [];
  let isWhole = false;
  const name = text.replace(/\{([^{}]*)\}/g, (_, hole: string) => {
    const steps = hole.split(".");
    const rule = rules[steps[0] ?? ""];
    const value = steps.reduce<Json | undefined>(
      (at, step) => (isObject(at) && Object.hasOwn(at, step) ? at[step] : undefined),
      args as JsonObject,
    );
    const isPlain = ["string", "number", "boolean"].includes(typeof value) && value !== "";
    isWhole ||= !isPlain || rule === undefined || readsOfRule(frozen, rule, each).some((read) => isHidden(frozen, read));
    return isPlain ? `${value as string | number | boolean}` : "";
  });
  return isWhole ? `${serverOf(tool)}|*` : resourceKey(serverOf(tool), kind, name);
}

/** What runs have left, by the number of events looked at and that of the run: without it, each run asks all before it, and they again. */
type Known = Map<string, Label>;

/** Label of what is kept where a query touches. A call that has not settled may be copying: where it writes, what it reads counts too. */
function keptLabel(view: View, reads: readonly string[], known: Known, seen: readonly number[] = []): Label {
  const query = resourceQuery(reads);
  const { frozen } = view.session;
  const here = runs(view).filter((run) => touched(frozen, run).writes.some((key) => isTouched(key, query)));
  const copying = here.filter((run) => run.settled === undefined && !seen.includes(run.number));
  const labels = here.map((run) => writtenBy(view, run, known));
  const beyond = [...seen, ...copying.map(({ number }) => number)];
  return join(...labels, ...copying.map((run) => keptLabel(view, touched(frozen, run).reads, known, beyond)));
}

/** What a run has left where it writes. */
function writtenBy(view: View, run: Run, known: Known): Label {
  const { events } = view.session;
  const key = `${events.length} ${run.number}`;
  const label = known.get(key) ?? leftBy(view, run, known);
  known.set(key, label);
  return label;
}

function leftBy(view: View, run: Run, known: Known): Label {
  const { isCopying, reads } = touched(view.session.frozen, run);
  if (!isCopying) return run.label;
  const { events } = view.session;
  const start = events.findIndex((event, i) => event.kind === "allow" && numberOf(view, i) === run.number);
  const before: View = { ...view, session: { ...view.session, events: events.slice(0, start) } };
  return join(run.label, toolLabel(view, run.node), run.brought, keptLabel(before, reads, known));
}

function numberOf(view: View, event: number): number {
  return view.session.events.slice(0, event).filter(({ kind }) => kind === "allow").length;
}

/** What the resources that a run reads bring back when it settles: as it would be told to another plan. */
export function broughtTo(view: View, run: Run): Label {
  const { reads } = touched(view.session.frozen, run);
  if (reads.length === 0) return bottom;
  const label = keptLabel(view, reads, new Map());
  return join(ofSources(view.session.frozen, label.sources), label);
}
