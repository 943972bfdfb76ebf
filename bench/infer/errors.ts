/**
 * What is wrong with a draft, decision by decision, by kind.
 * Pure. Never counts one fault twice: an argument of a tool that should not be there is no fault of its own.
 */
import {
  isSameArgument,
  matched,
  type NamedValue,
  namedValues,
  type Outline,
  type RightOutline,
} from "../../src/infer/adapt/outline.ts";
import type { Json } from "../../src/json/value.ts";
import type { EvalRow } from "./rows.ts";

/** Kinds of faults, in the order of reports. */
export const faultKinds = [
  "tools for a task that none fits",
  "extra tool: twin",
  "extra tool: sibling",
  "extra tool: other",
  "missing tool",
  "nothing drafted",
  "called too often",
  "called too rarely",
  "argument missing",
  "argument extra",
  "wrong value",
  "constant where gold has a flow",
  "flow where gold has a constant",
  "value where gold says default",
  "edge missing",
  "edge extra",
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** One fault; `what` names the tool, argument and values. */
export interface Fault {
  readonly kind: FaultKind;
  readonly what: string;
}

/** The faults of a draft. */
export function faultsOf(drafted: Outline, row: Pick<EvalRow, "gold" | "flows" | "unsaid">): readonly Fault[] {
  const { gold } = row;
  if (gold.calls.length === 0) return drafted.calls.map(({ tool }) => ({ kind: "tools for a task that none fits", what: tool }));
  if (drafted.calls.length === 0)
    return [{ kind: "nothing drafted", what: [...new Set(gold.calls.map(({ tool }) => tool))].join(", ") }];
  const both = new Set(drafted.calls.map(({ tool }) => tool).filter((tool) => gold.calls.some((call) => call.tool === tool)));
  return [
    ...toolFaults(drafted, gold),
    ...(gold.hasArgs ? argumentFaults(drafted, row, both) : []),
    ...edgeFaults(drafted, gold, both),
  ];
}

function toolFaults(drafted: Outline, gold: RightOutline): readonly Fault[] {
  const [ours, theirs] = [countsOf(drafted), countsOf(gold)];
  const faults: Fault[] = [];
  for (const [tool, count] of ours) {
    const wanted = theirs.get(tool) ?? 0;
    if (count <= wanted) continue;
    if (wanted > 0) faults.push({ kind: "called too often", what: `${tool} ${count}× for ${wanted}×` });
    else faults.push({ kind: `extra tool: ${kinship(tool, gold)}`, what: tool });
  }
  for (const [tool, wanted] of theirs) {
    const count = ours.get(tool) ?? 0;
    if (count >= wanted) continue;
    faults.push(
      count > 0 ? { kind: "called too rarely", what: `${tool} ${count}× for ${wanted}×` } : { kind: "missing tool", what: tool },
    );
  }
  return faults;
}

function countsOf({ calls }: Outline): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { tool } of calls) counts.set(tool, (counts.get(tool) ?? 0) + 1);
  return counts;
}

/** Twin: another service's tool of the same name (`Hotels_1.Search`, `Hotels_4.Search`). Sibling: another tool of the same service. */
function kinship(tool: string, { calls }: RightOutline): "twin" | "sibling" | "other" {
  const [service, own] = nameParts(tool);
  if (service === "") return "other";
  const others = calls.map((call) => nameParts(call.tool));
  if (others.some(([theirs, name]) => theirs !== service && family(theirs) === family(service) && alike(name, own)))
    return "twin";
  return others.some(([theirs]) => family(theirs) === family(service)) ? "sibling" : "other";
}

function nameParts(tool: string): readonly [service: string, own: string] {
  const name = tool.slice(tool.indexOf("/") + 1);
  const at = name.search(/[.:]|__/);
  return at < 0 ? ["", name] : [name.slice(0, at), name.slice(at + 1)];
}

function family(service: string): string {
  return service.replace(/_?\d+$/, "").toLowerCase();
}

/** The same first word of a name: `SearchHouse` and `SearchHotel`. */
function alike(one: string, other: string): boolean {
  const verb = (name: string): string => /^[a-z]+|^[A-Z][a-z]*/.exec(name.trim())?.[0].toLowerCase() ?? name;
  return verb(one) === verb(other);
}

function argumentFaults(
  drafted: Outline,
  { gold, flows, unsaid }: Pick<EvalRow, "gold" | "flows" | "unsaid">,
  both: ReadonlySet<string>,
): readonly Fault[] {
  const { extra, missing } = matched(
    namedValues(drafted).filter(({ tool }) => both.has(tool)),
    namedValues(gold).filter(({ tool }) => both.has(tool)),
    isSameArgument,
  );
  const flowing = new Set(drafted.edges.map(([, to]) => to));
  const left = [...extra];
  const faults: Fault[] = missing.map((wanted) => {
    const at = left.findIndex(({ tool, name }) => tool === wanted.tool && name === wanted.name);
    if (at >= 0) {
      const [given] = left.splice(at, 1);
      return { kind: "wrong value", what: `${placeOf(wanted)}: ${shown(given?.value ?? null)} for ${shown(wanted.value)}` };
    }
    const kind = flowing.has(wanted.tool) && gold.edges.length === 0 ? "flow where gold has a constant" : "argument missing";
    return { kind, what: `${placeOf(wanted)} = ${shown(wanted.value)}` };
  });
  for (const given of left) {
    const place = placeOf(given);
    const kind = flows.has(place)
      ? "constant where gold has a flow"
      : unsaid.has(place)
        ? "value where gold says default"
        : "argument extra";
    faults.push({ kind, what: `${place} = ${shown(given.value)}` });
  }
  return faults;
}

function placeOf({ tool, name }: NamedValue): string {
  return `${tool}.${name}`;
}

function shown(value: Json): string {
  const text = JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? `${part}` : part));
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function edgeFaults(drafted: Outline, gold: RightOutline, both: ReadonlySet<string>): readonly Fault[] {
  if (gold.edges.length === 0) return [];
  const { extra, missing } = matched(drafted.edges, gold.edges, (one, other) => one[0] === other[0] && one[1] === other[1]);
  const among = (edges: Outline["edges"]): Outline["edges"] => edges.filter(([from, to]) => both.has(from) && both.has(to));
  return [
    ...among(missing).map(([from, to]): Fault => ({ kind: "edge missing", what: `${from} → ${to}` })),
    ...among(extra).map(([from, to]): Fault => ({ kind: "edge extra", what: `${from} → ${to}` })),
  ];
}
