/**
 * Says in lines what stops data and which way it takes.
 * Pure. Names of the plan only; never a value.
 */
import type { Hop, Stop } from "../analyze/witness.ts";
import type { CompiledPlan } from "../plan/compile/compiled.ts";

/** Lines of one outline. Nobody reads more. */
const linesMax = 40;

/** What keeps a source from a sink. */
export interface Stopped {
  /** `node.argument`, or a node for the fact that it is called. */
  readonly sink: string;
  readonly source: string;
  readonly stops: readonly Stop[];
}

/** One line for each reason, with the sinks that it protects. */
export function stopLines(plan: CompiledPlan, stopped: readonly Stopped[]): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const { sink, source, stops } of stopped) {
    for (const stop of stops) {
      const line = stopLine(plan, stop, source);
      const sinks = groups.get(line) ?? [];
      if (!sinks.includes(sink)) sinks.push(sink);
      groups.set(line, sinks);
    }
  }
  const lines = [...groups].map(([line, sinks]) => `${quotedAll(sinks)}: ${line}`);
  return lines.length <= linesMax ? lines : [...lines.slice(0, linesMax), `and ${lines.length - linesMax} more`];
}

function stopLine(plan: CompiledPlan, stop: Stop, source: string): string {
  const label = source.startsWith("node:") ? `data of \`${source.slice(5)}\`` : `\`${source}\``;
  const at = `\`${stop.argument}\` of \`${stop.node}\``;
  switch (stop.by) {
    case "rule":
      return `the flow rule \`${stop.rule ?? ""}\` denies every call of \`${stop.node}\` that would carry ${label} there`;
    case "control":
      return `a flow rule denies every call of \`${stop.node}\` once the conversation holds ${label}`;
    case "audience":
      return `calls are denied whose ${at} not all of the audience may read, as it is with ${label}`;
    case "choice":
      return `what the agent gives as ${at} steers the tool, and is denied once the conversation holds ${label}`;
    case "endorsement":
      return `the plan endorses or declassifies ${at}, so it no longer carries ${label}${reasonOf(plan, stop)}`;
    case "order":
      return `nothing that carries ${label} is shown to the agent before \`${stop.node}\` has run`;
    case "absent":
      return `nothing that it is made of carries ${label}`;
  }
}

/** The author's reason for an endorsement, on one line. */
function reasonOf(plan: CompiledPlan, { node, argument }: Stop): string {
  const rule = plan.frozen.plan.nodes[node]?.args?.[argument];
  const endorse =
    typeof rule === "object" && rule !== null && !Array.isArray(rule) && "endorse" in rule ? rule.endorse : undefined;
  const why = endorse?.why.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ").slice(0, 200);
  return why === undefined ? "" : ` (“${why}”)`;
}

function quotedAll(names: readonly string[]): string {
  const shown = names.slice(0, 8).map((name) => `\`${name}\``);
  return names.length > 8 ? `${shown.join(", ")} and ${names.length - 8} more` : shown.join(", ");
}

/** The way of data as one line: `quotes` → `quotes` of `risk` → … */
export function wayLine(hops: readonly Hop[]): string {
  const places = hops.map((hop) => {
    if (hop.by === "conversation") return "the conversation";
    if (hop.by === "resource") return "what was written to a resource";
    if (hop.by === "parameter") return "a parameter of the session";
    if (hop.by === "result") return `the result of \`${hop.node ?? ""}\``;
    const place = `\`${hop.argument ?? ""}\` of \`${hop.node ?? ""}\``;
    return hop.by === "endorsement" ? `the endorsement of ${place}` : place;
  });
  return places.filter((place, i) => place !== places[i - 1]).join(" → ");
}
