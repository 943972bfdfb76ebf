/**
 * Gold calls as the program that an agent would write: one call a line, results by name.
 * Never computes: what a gold plan refers to is a member access, and text around it a template literal.
 */
import { isArray, isObject, type Json } from "../../src/json/value.ts";
import type { GoldCall, Source } from "./rows.ts";

/** The program of some calls. */
export function programOf(calls: readonly GoldCall[]): string {
  return calls.map((call) => `const ${call.id} = await callTool(${text(call.tool)}, ${argsOf(call)});\n`).join("");
}

function argsOf({ args }: GoldCall): string {
  return `{ ${Object.entries(args)
    .map(([name, source]) => `${text(name)}: ${written(source)}`)
    .join(", ")} }`;
}

function written(source: Source): string {
  if (source.kind === "const") return literal(source.value);
  const reference = source.node + source.path.map((step) => `[${typeof step === "number" ? step : text(step)}]`).join("");
  return source.around === undefined ? reference : around(source.around, reference);
}

function around(value: Json, reference: string): string {
  if (value === "\u0000") return reference;
  if (typeof value === "string") {
    const parts = value.split("\u0000");
    return parts.length === 1
      ? text(value)
      : `\`${parts.map((part) => part.replace(/[`\\$]/g, "\\$&")).join(`\${${reference}}`)}\``;
  }
  if (isArray(value)) return `[${value.map((part) => around(part, reference)).join(", ")}]`;
  if (isObject(value))
    return `{ ${Object.entries(value)
      .map(([name, part]) => `${text(name)}: ${around(part, reference)}`)
      .join(", ")} }`;
  return literal(value);
}

function literal(value: Json): string {
  return typeof value === "bigint" ? String(value) : JSON.stringify(value);
}

function text(value: string): string {
  return JSON.stringify(value);
}
