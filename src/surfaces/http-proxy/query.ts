/**
 * Query strings and URL-encoded forms ↔ arguments (WHATWG URL §5, OpenAPI 3.1.1 §4.8.12).
 * Pure. Never reads a name that no parameter has, nor one of two values of a parameter that has one.
 */
import { isArray, isObject, type Json } from "../../json/value.ts";
import { writeScalar } from "./form.ts";
import { faulty, found, type Read } from "./fault.ts";
import { delimiterOf, type Parameter, readElements, readPairs, readText, writeText } from "./parameter.ts";
import { percentDecode, percentEncode } from "./percent.ts";
import { readScalar } from "./form.ts";

/** Pairs of one query or form. */
const pairsMax = 10_000;

type Pair = readonly [name: string, value: string];

/** The pairs of a query, decoded once, `+` as a blank; `undefined` if a piece is empty or not plainly encoded. */
export function readPieces(text: string): readonly Pair[] | undefined {
  if (text === "") return [];
  // `;` parts pairs for some servers, and `#` ends the query for all.
  if (/[^\u0021-\u007e]|[;#]/.test(text)) return undefined;
  const pairs: Pair[] = [];
  for (const piece of text.split("&", pairsMax + 1)) {
    const equals = piece.indexOf("=");
    const [name, value] = [equals < 0 ? piece : piece.slice(0, equals), equals < 0 ? "" : piece.slice(equals + 1)].map((part) =>
      percentDecode(part.replaceAll("+", "%20")),
    );
    if (name === undefined || value === undefined || name === "") return undefined;
    pairs.push([name, value]);
  }
  return pairs.length > pairsMax ? undefined : pairs;
}

/** The arguments that the pairs are. */
export function readQuery(parameters: readonly Parameter[], pairs: readonly Pair[]): Read<readonly (readonly [string, Json])[]> {
  const left = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const values = left.get(name);
    if (values === undefined) left.set(name, [value]);
    else values.push(value);
  }
  const args: (readonly [string, Json])[] = [];
  for (const parameter of parameters) {
    const read = readOne(parameter, left);
    if (!read.ok) return read;
    if (read.value !== undefined) args.push([parameter.arg, read.value]);
  }
  return left.size === 0 ? found(args) : faulty("parameter-unknown");
}

/** One parameter, taken out of what is left; `undefined`: it is not there. */
function readOne(parameter: Parameter, left: Map<string, string[]>): Read<Json | undefined> {
  const { name, form, style, explode } = parameter;
  if (style === "deepObject" || isSpread(parameter)) return readSpread(parameter, left);
  const values = left.get(name);
  if (values === undefined) return found(undefined);
  left.delete(name);
  const [first = ""] = values;
  const isList = form.items !== undefined && style === "form" && explode;
  if (!isList && values.length > 1) return faulty("parameter-repeated", name);
  const value = isList ? readList(parameter, values) : readText(parameter, first);
  return value === undefined ? faulty("parameter-value", name) : found(value);
}

/** `ids=1&ids=2`: one value alone is what the schema admits beside lists, else a list of one. */
function readList({ form }: Parameter, values: readonly string[]): Json | undefined {
  const [first = ""] = values;
  const single = values.length === 1 ? readScalar(first, form.scalars) : undefined;
  return single ?? readElements(values, form.items ?? new Set());
}

/** Whether the members of the object are parameters of their own names (`form`, exploded). */
export function isSpread({ style, explode, form }: Parameter): boolean {
  return style === "form" && explode && form.members !== undefined && form.items === undefined;
}

/** `color[R]=1&color[G]=2`, or `R=1&G=2`. */
function readSpread(parameter: Parameter, left: Map<string, string[]>): Read<Json | undefined> {
  const { name, form, style } = parameter;
  const pairs: Pair[] = [];
  for (const [key, values] of [...left]) {
    const inner =
      style === "deepObject"
        ? key.startsWith(`${name}[`) && key.endsWith("]")
          ? key.slice(name.length + 1, -1)
          : undefined
        : form.members?.named.has(key) === true
          ? key
          : undefined;
    if (inner === undefined) continue;
    if (values.length > 1) return faulty("parameter-repeated", name);
    if (/[[\]]/.test(inner)) return faulty("parameter-value", name);
    pairs.push([inner, values[0] ?? ""]);
    left.delete(key);
  }
  if (pairs.length === 0) return found(undefined);
  const value = readPairs(pairs, form);
  return value === undefined ? faulty("parameter-value", name) : found(value);
}

/** The pieces of a query that say an argument, encoded; `undefined` if none can. */
export function writeQuery(parameter: Parameter, value: Json): readonly string[] | undefined {
  const { name, style, explode } = parameter;
  if ((style === "deepObject" || isSpread(parameter)) && isObject(value)) {
    return collect(
      Object.keys(value)
        .sort()
        .map((key) => piece(style === "deepObject" ? `${name}[${key}]` : key, writeScalar(value[key] as Json))),
    );
  }
  if (style === "form" && explode && isArray(value)) return collect(value.map((element) => piece(name, writeScalar(element))));
  const parts = writeText(parameter, value);
  if (parts === undefined) return undefined;
  const delimiter = delimiterOf(parameter);
  const between = delimiter === "," ? "," : percentEncode(delimiter);
  return parts.every(isWritable) ? [`${percentEncode(name)}=${parts.map(percentEncode).join(between)}`] : undefined;
}

function collect(pieces: readonly (string | undefined)[]): readonly string[] | undefined {
  const known = pieces.filter((one) => one !== undefined);
  return known.length === pieces.length && known.length > 0 ? known : undefined;
}

function piece(name: string, text: string | undefined): string | undefined {
  return text === undefined || !isWritable(text) || !isWritable(name)
    ? undefined
    : `${percentEncode(name)}=${percentEncode(text)}`;
}

/** A server may end a text at NUL, and readers of logs obey the others; line ends and tabs are text. */
function isWritable(text: string): boolean {
  return !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text);
}
