/**
 * Typed templates: parsed with their holes at freeze, filled with encoded values, parsed again and compared.
 * Pure. Never joins text: a value that would change the structure of the filled text is an error.
 */

import type { Json } from "../../json/value.ts";
import { ok, type Result } from "../../result.ts";
import { compileArgv } from "./argv.ts";
import { compileHeader } from "./header.ts";
import {
  type FillError,
  type Filler,
  holeNames,
  type Part,
  splitHoles,
  type TemplateError,
  type TemplateKind,
  type Values,
} from "./holes.ts";
import { compilePathTemplate } from "./path.ts";
import { compileSql } from "./sql-template.ts";
import { compileText } from "./text.ts";
import { compileUrl } from "./url.ts";

export type { FillError, TemplateError, TemplateKind } from "./holes.ts";

/** A compiled template. Filling is a pure function of the values. */
export interface Template {
  readonly kind: TemplateKind;
  /** The names of its holes, each once, in order of first occurrence. */
  readonly holes: readonly string[];
  /** The filled text (a list of texts for `argv`). Values of other names are ignored. */
  fill(values: Values): Result<Json, FillError>;
}

const compilers: { readonly [K in TemplateKind]: (parts: readonly Part[]) => Result<Filler, TemplateError> } = {
  sql: compileSql,
  url: compileUrl,
  path: compilePathTemplate,
  argv: compileArgv,
  header: compileHeader,
  text: compileText,
};

/**
 * Compiles a template; holes are `{name}`, braces `{{` and `}}`.
 * @example compileTemplate("url", "https://api.example/users/{id}?q={query}")
 */
export function compileTemplate(kind: TemplateKind, text: string): Result<Template, TemplateError> {
  const parts = splitHoles(text);
  if (!parts.ok) return parts;
  const filler = compilers[kind](parts.value);
  if (!filler.ok) return filler;
  return ok({ kind, holes: holeNames(parts.value), fill: (values) => filler.value.fill(values) });
}
