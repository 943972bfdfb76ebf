/**
 * What crosses between an SDK and Sluice: results as JSON, schemas as the SDKs take them, streams as their last value.
 * Knows the SDKs by shape alone. Never changes what was checked, and never lets a library's text out.
 */
import { readJson } from "../../json/read.ts";
import { strictCopy } from "../../json/strict.ts";
import type { Json, JsonObject } from "../../json/value.ts";
import { streamedPartsMax } from "../../limits.ts";

/**
 * What a tool returned, as JSON: nothing is `null`; what is no plain data is read as its JSON text (dates, members that are undefined);
 * `undefined` for what has none (a circle, a function).
 */
export function jsonOf(value: unknown): Json | undefined {
  if (value === undefined) return null;
  const copy = strictCopy(value);
  if (copy !== undefined) return copy;
  try {
    const text: unknown = JSON.stringify(value);
    const read = typeof text === "string" ? readJson(text) : undefined;
    return read?.ok === true ? read.value : undefined;
  } catch {
    return undefined;
  }
}

/** A JSON value as SDKs can write it again: integers beyond 2^53, which `JSON.stringify` refuses, by their digits. */
export function plainOf(value: Json): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((part: Json) => plainOf(part));
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plainOf(part)]));
}

/** What a tool's own schema made of the arguments. */
export type Validated = { readonly ok: true; readonly value: unknown } | { readonly ok: false };

interface Validating {
  readonly "~standard"?: { readonly validate?: (value: unknown) => unknown };
  readonly safeParseAsync?: (value: unknown) => Promise<{ readonly success: boolean; readonly data?: unknown }>;
  readonly validate?: (value: unknown) => unknown;
}

/**
 * Reads arguments by the schema that a tool was written with, as the SDK would have: Standard Schema, zod, or the AI SDK's own. What has no
 * way to validate (a JSON schema) takes them as they are. The arguments are a copy: a tool that changes them changes nothing else.
 */
export async function validated(schema: unknown, args: JsonObject): Promise<Validated> {
  const value: unknown = structuredClone(args);
  const made: unknown = typeof schema === "function" && !("~standard" in schema) ? (schema as () => unknown)() : schema;
  if ((typeof made !== "object" && typeof made !== "function") || made === null) return { ok: true, value };
  const { "~standard": standard, safeParseAsync, validate } = made as Validating;
  if (typeof standard?.validate === "function") {
    const read = (await standard.validate(value)) as { readonly issues?: unknown; readonly value?: unknown };
    return read.issues === undefined ? { ok: true, value: read.value } : { ok: false };
  }
  if (typeof safeParseAsync === "function") {
    const read = await safeParseAsync.call(made, value);
    return read.success ? { ok: true, value: read.data } : { ok: false };
  }
  if (typeof validate !== "function") return { ok: true, value };
  const read = (await validate.call(made, value)) as { readonly success?: boolean; readonly value?: unknown };
  return read.success === true ? { ok: true, value: read.value } : { ok: false };
}

/** A schema that shows the model JSON Schema and takes whatever it sends: Sluice decides about that. Standard Schema 1 with JSON Schema. */
export interface ShownSchema {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: "sluice";
    readonly validate: (value: unknown) => { readonly value: unknown };
    readonly jsonSchema: { readonly input: () => Record<string, unknown>; readonly output: () => Record<string, unknown> };
  };
}

/** A JSON Schema as a schema of the SDKs. */
export function shownSchema(schema: JsonObject): ShownSchema {
  const shown = (): Record<string, unknown> => structuredClone(schema) as Record<string, unknown>;
  return {
    "~standard": {
      version: 1,
      vendor: "sluice",
      validate: (value) => ({ value }),
      jsonSchema: { input: shown, output: shown },
    },
  };
}

interface Steps {
  next(): unknown;
  return?(value?: unknown): unknown;
}

/**
 * The final value of what a tool returned. Of something that streams that is the value that it returns or, if it returns none, the last one
 * that it gave; nothing that came before is shown to anyone, since its label was not committed. Throws what the tool throws, and `RangeError`
 * for a stream of more than `streamedPartsMax` parts.
 */
export async function finalOf(returned: unknown): Promise<unknown> {
  const value: unknown = await returned;
  if (typeof value !== "object" || value === null || !(Symbol.asyncIterator in value)) return value;
  const steps = (value as { [Symbol.asyncIterator](): Steps })[Symbol.asyncIterator]();
  let last: unknown;
  // One step more than there may be parts: the end is a step too.
  for (let step = 0; step <= streamedPartsMax; step++) {
    const part = (await steps.next()) as { readonly done?: boolean; readonly value?: unknown };
    if (part.done === true) return part.value === undefined ? last : part.value;
    last = part.value;
  }
  await steps.return?.();
  throw new RangeError("the tool's stream does not end");
}
