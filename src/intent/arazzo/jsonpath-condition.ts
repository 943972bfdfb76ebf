/**
 * JSONPath conditions of Arazzo as CEL: whether a query selects anything, for names and indexes and at most one filter at the end.
 * Pure. Never approximates: what CEL does not say the same way is refused.
 */
import { type Comparable, type Filter, parseQuery, type Query, type Segment } from "../../lang/path/parse.ts";
import { type DocumentPath, refuse, unsaid } from "./fault.ts";
import { celLiteral, celStep, type TermPath } from "./term.ts";

/** CEL for "the query selects something below `base`". */
export function jsonPathCel(source: string, base: string, place: DocumentPath): string {
  const parsed = parseQuery(source.trim());
  if ("fault" in parsed) return refuse("IMPORT_ARAZZO_EXPRESSION", place, `no JSONPath (RFC 9535): ${parsed.fault.message}`);
  const { segments } = parsed.query;
  const last = segments.at(-1)?.selectors[0];
  const isFiltered = last?.kind === "filter" && segments.at(-1)?.selectors.length === 1 && segments.at(-1)?.descendant === false;
  const path = pathOf(isFiltered ? segments.slice(0, -1) : segments, place);
  const there = presence(base, path);
  if (!isFiltered) return there.length === 0 ? "true" : joined(there);
  const list = `${base}${path.map(celStep).join("")}`;
  return joined([...there, `${list}.exists(e, ${filterCel(last.filter, place)})`]);
}

function joined(parts: readonly string[]): string {
  return parts.length === 1 ? String(parts[0]) : `(${parts.join(" && ")})`;
}

function pathOf(segments: readonly Segment[], place: DocumentPath): TermPath {
  return segments.map(({ descendant, selectors }) => {
    const [only, second] = selectors;
    if (!descendant && second === undefined && only?.kind === "name") return only.name;
    if (!descendant && second === undefined && only?.kind === "index" && only.index >= 0) return only.index;
    return unsaid(place, "in a condition a query has names, indexes, and at the end perhaps one filter `[?…]`");
  });
}

/** That each step of a path is there, outer before inner. */
function presence(base: string, path: TermPath): readonly string[] {
  return path.map((step, at) => {
    const parent = `${base}${path.slice(0, at).map(celStep).join("")}`;
    return typeof step === "number" ? `size(${parent}) > ${step}` : `${JSON.stringify(step)} in ${parent}`;
  });
}

function filterCel(filter: Filter, place: DocumentPath): string {
  switch (filter.kind) {
    case "and":
    case "or":
      return `(${filter.parts.map((part) => filterCel(part, place)).join(filter.kind === "and" ? " && " : " || ")})`;
    case "not":
      return `!(${filterCel(filter.part, place)})`;
    case "exists":
      return existsCel(filter.query, place);
    default:
      return compareCel(filter, place);
  }
}

/** That a query below the current element selects something. */
function existsCel(query: Query, place: DocumentPath): string {
  const there = presence("e", currentPath(query, place));
  return there.length === 0 ? "true" : joined(there);
}

function currentPath(query: Query, place: DocumentPath): TermPath {
  if (query.root !== "@") return unsaid(place, "a filter looks at the current element `@` only");
  return pathOf(query.segments, place);
}

/** A comparison: with what is not there every comparison but `!=` is false (RFC 9535 §2.3.5.2.2). */
function compareCel(filter: Filter & { readonly kind: "compare" }, place: DocumentPath): string {
  const left = comparableCel(filter.left, place);
  const right = comparableCel(filter.right, place);
  const there = [...left.there, ...right.there];
  if (filter.operator === "!=") {
    if (left.there.length > 0 && right.there.length > 0) return unsaid(place, "`!=` compares with a constant");
    return `!(${[...there, `${left.cel} == ${right.cel}`].join(" && ")})`;
  }
  if (filter.operator === "==" && left.there.length > 0 && right.there.length > 0)
    return unsaid(place, "`==` compares with a constant");
  return joined([...there, `${left.cel} ${filter.operator} ${right.cel}`]);
}

interface ComparableCel {
  readonly there: readonly string[];
  readonly cel: string;
}

function comparableCel(value: Comparable, place: DocumentPath): ComparableCel {
  switch (value.kind) {
    case "literal":
      return { there: [], cel: celLiteral(value.value) };
    case "singular": {
      const path = currentPath(value.query, place);
      return { there: presence("e", path), cel: `e${path.map(celStep).join("")}` };
    }
    case "length": {
      const inner = comparableCel(value.of, place);
      return { there: inner.there, cel: `size(${inner.cel})` };
    }
    case "count": {
      // A singular query selects one value or none.
      return { there: [], cel: `(${existsCel(value.query, place)} ? 1 : 0)` };
    }
    default:
      return unsaid(place, "a condition compares members, constants, `length()` and `count()`");
  }
}
