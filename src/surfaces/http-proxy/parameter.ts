/**
 * One parameter of a request as text, read and written in the styles of OpenAPI (3.1.1 §4.8.12.4).
 * Pure. Never reads a text in two ways: what could be two values is none, or only ever the same one.
 */
import { isHandle } from "../../decide/handle.ts";
import { readJson } from "../../json/read.ts";
import { canonicalJson } from "../../json/canonical.ts";
import { isArray, isObject, type Json } from "../../json/value.ts";
import { type Form, readScalar, type Scalar, writeScalar } from "./form.ts";

/** How lists and objects are written; `json` is a parameter with a media type instead of a style. */
export type Style = "simple" | "form" | "spaceDelimited" | "pipeDelimited" | "deepObject" | "json";

/** A parameter, and the argument that it is. */
export interface Parameter {
  readonly arg: string;
  /** Its name in the request; of a header in lower case. */
  readonly name: string;
  readonly where: "path" | "query" | "header" | "cookie" | "body";
  readonly style: Style;
  readonly explode: boolean;
  readonly form: Form;
}

/** Elements of one parameter. */
const elementsMax = 10_000;

/** What stands between the elements of a list that is one text. */
export function delimiterOf({ style }: Parameter): string {
  return style === "spaceDelimited" ? " " : style === "pipeDelimited" ? "|" : ",";
}

/** The value of a parameter that is one text, decoded; `undefined` if it is not written as its schema says. */
export function readText(parameter: Parameter, text: string): Json | undefined {
  const { style, form, explode } = parameter;
  if (isHandle(text as Json)) return text;
  if (style === "json") {
    const read = readJson(text);
    return read.ok ? read.value : undefined;
  }
  if (form.items === undefined && form.members === undefined) return readScalar(text, form.scalars);
  const parts = text.split(delimiterOf(parameter));
  if (parts.length > elementsMax) return undefined;
  const single = parts.length === 1 && form.scalars.size > 0 ? readScalar(text, form.scalars) : undefined;
  if (single !== undefined) return single;
  return form.items !== undefined ? readElements(parts, form.items) : readMembers(parts, form, explode && style === "simple");
}

/** A list of scalars; none of them is empty. */
export function readElements(parts: readonly string[], items: ReadonlySet<Scalar>): Json | undefined {
  const elements: Json[] = [];
  for (const part of parts) {
    const value = part === "" ? undefined : readScalar(part, items);
    if (value === undefined) return undefined;
    elements.push(value);
  }
  return elements;
}

/** `R,100,G,200`, or `R=100,G=200`. */
function readMembers(parts: readonly string[], form: Form, isPaired: boolean): Json | undefined {
  const pairs: (readonly [string, string])[] = [];
  if (!isPaired && parts.length % 2 !== 0) return undefined;
  for (let i = 0; i < parts.length; i += isPaired ? 1 : 2) {
    const part = parts[i] ?? "";
    const equals = part.indexOf("=");
    if (isPaired && equals < 1) return undefined;
    pairs.push(isPaired ? [part.slice(0, equals), part.slice(equals + 1)] : [part, parts[i + 1] ?? ""]);
  }
  return readPairs(pairs, form);
}

/** An object of scalars; each name once. */
export function readPairs(pairs: readonly (readonly [string, string])[], { members }: Form): Json | undefined {
  const found = new Map<string, Json>();
  for (const [name, text] of pairs) {
    const scalars = members?.named.get(name) ?? members?.others;
    const value = scalars === undefined || name === "" || found.has(name) ? undefined : readScalar(text, scalars);
    if (value === undefined) return undefined;
    found.set(name, value);
  }
  return Object.fromEntries(found);
}

/** A value as the elements of one text; `undefined` if no text says it. Whether it is read as the same value is for the reader to say. */
export function writeText(parameter: Parameter, value: Json): readonly string[] | undefined {
  const { style, explode } = parameter;
  if (style === "json") return [canonicalJson(value)];
  const isPaired = explode && style === "simple";
  const texts = isArray(value)
    ? value.map(writeScalar)
    : isObject(value)
      ? Object.keys(value)
          .sort()
          .flatMap((name) => {
            const text = writeScalar(value[name] as Json);
            if (text === undefined) return [undefined];
            return isPaired ? [`${name}=${text}`] : [name, text];
          })
      : [writeScalar(value)];
  const known = texts.filter((text) => text !== undefined);
  if (known.length !== texts.length || known.length === 0) return undefined;
  const delimiter = delimiterOf(parameter);
  return known.length > 1 && known.some((text) => text.includes(delimiter)) ? undefined : known;
}
