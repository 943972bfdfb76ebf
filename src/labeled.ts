/**
 * Labels for programs that handle data themselves: in the types, so that a forbidden flow does not compile, and at run time.
 * Never lets a labelled value out as a plain one but through `unwrap` and `sink`, which check its labels again when they run.
 */
import { box, contentOf, type Labeled, LabelError, noLabel, open } from "./labeled/box.ts";
import { joinValues, type LabelValue } from "./taint/label.ts";

export { type Labeled, LabelError } from "./labeled/box.ts";

/** The labels that a part of a text may carry; a plain value carries none. */
export type LabelsOf<P> = P extends Labeled<unknown, infer L> ? L : never;

/** Names that are both; wide types such as `string` overlap with everything. */
type Overlap<A extends string, B extends string> = Extract<A, B> | Extract<B, A>;

/** `unknown` where none of the labels is forbidden, else an error of the compiler that names them. */
type Permits<L extends string, F extends string> = [Overlap<L, F>] extends [never]
  ? unknown
  : { readonly "labels that may not come here": Overlap<L, F> };

/** A place that data with the labels `F` must not reach. */
export type Sink<T, F extends string, R> = <L extends string>(value: Labeled<T, L> & Permits<L, F>) => R;

/** Takes the labels `R` away: what it returns was made so that they do not matter any more. */
export type Sanitizer<T, U, R extends string> = <L extends string>(value: Labeled<T, L>) => Labeled<U, Without<L, R>>;

// A type as wide as `string` names nothing, and so takes nothing away. Nothing takes `unknown` away.
type Without<L extends string, R extends string> = string extends R ? L : Exclude<L, Exclude<R, "unknown">>;

/** What `fn` made of it, with the labels of what it was made of; labels that the outcome had of its own come on top. */
type Mapped<U, L extends string> = Labeled<U extends Labeled<infer V, string> ? V : U, L | LabelsOf<U>>;

/** A part of a text. */
export type Part = string | number | boolean | Labeled<string | number | boolean, string>;

function ofNames(names: readonly string[]): LabelValue {
  return { sources: [...new Set(names)].sort(), readers: null };
}

/**
 * Gives data its labels. Without names: `unknown`, as for all data that nobody vouches for.
 * @example const page = label(await response.text(), "external_api");
 */
export function label<T>(value: T): Labeled<T, "unknown">;
export function label<T, const N extends readonly [string, ...string[]]>(value: T, ...names: N): Labeled<T, N[number]>;
export function label(value: unknown, ...names: readonly string[]): Labeled<unknown, string> {
  return box(value, ofNames(names.length === 0 ? ["unknown"] : names));
}

/** What a pure function makes of the value, with the same labels. Whatever else the function does with the value is not seen. */
export function map<T, L extends string, U>(value: Labeled<T, L>, fn: (value: T) => U): Mapped<U, L> {
  const { value: inner, label: known } = open(value);
  return box(fn(inner as T), known) as Mapped<U, L>;
}

/** A text of texts, with the labels of all its parts. Plain parts are the program's own and carry none. */
export function concat<const P extends readonly Part[]>(...parts: P): Labeled<string, LabelsOf<P[number]>> {
  let text = "";
  let known = noLabel;
  for (const part of parts) {
    const content = contentOf(part);
    text += String(content === undefined ? part : content.value);
    if (content !== undefined) known = joinValues(known, content.label);
  }
  return box(text, known);
}

/**
 * A template whose text carries the labels of all that stands in it.
 * @example const body = labeled`Summary: ${page}`;
 */
export function labeled<const P extends readonly Part[]>(
  texts: TemplateStringsArray,
  ...parts: P
): Labeled<string, LabelsOf<P[number]>> {
  return concat(
    ...texts.flatMap((text, i): readonly Part[] => (i < parts.length ? [text, parts[i] as Part] : [text])),
  ) as Labeled<string, LabelsOf<P[number]>>;
}

/** One value of several, with the labels of all of them. */
export function combine<const P extends { readonly [name: string]: unknown }>(
  parts: P,
): Labeled<{ readonly [K in keyof P]: P[K] extends Labeled<infer T, string> ? T : P[K] }, LabelsOf<P[keyof P]>> {
  let known = noLabel;
  const members = Object.entries(parts).map(([name, part]) => {
    const content = contentOf(part);
    if (content !== undefined) known = joinValues(known, content.label);
    return [name, content === undefined ? part : content.value] as const;
  });
  return box(Object.fromEntries(members), known);
}

/**
 * Makes a function a sink: it takes no value that may carry one of these labels. The compiler refuses what the types tell; what they do not
 * tell throws {@link LabelError} when it runs.
 * @example const send = sink("external_api")((body: string) => mail.send(body));
 */
export function sink<const F extends readonly string[]>(...forbidden: F): <T, R>(fn: (value: T) => R) => Sink<T, F[number], R> {
  return <T, R>(fn: (value: T) => R): Sink<T, F[number], R> =>
    (value) => {
      const { value: inner, label: known } = open(value);
      const found = known.sources.filter((name) => forbidden.includes(name));
      if (found.length > 0) throw new LabelError(found);
      return fn(inner as T);
    };
}

/**
 * Makes a function a sanitizer: its outcome carries these labels no more. `unknown` is taken away by nothing.
 * @example const amount = sanitizer("external_api")((text: string) => parseAmount(text));
 */
export function sanitizer<const R extends readonly string[]>(
  ...removed: R
): <T, U>(fn: (value: T) => U) => Sanitizer<T, U, R[number]> {
  return <T, U>(fn: (value: T) => U): Sanitizer<T, U, R[number]> =>
    (value) => {
      const { value: inner, label: known } = open(value);
      const isKept = (name: string): boolean => name === "unknown" || !removed.includes(name);
      const { untrusted = [], ...rest } = known;
      const left = untrusted.filter(isKept);
      return box(fn(inner as T), {
        ...rest,
        sources: known.sources.filter(isKept),
        ...(left.length === 0 ? {} : { untrusted: left }),
      });
    };
}

/** The same value, for types that do not tell its labels: throws {@link LabelError} if it has others than these. */
export function narrow<T, const N extends readonly string[]>(value: Labeled<T, string>, ...names: N): Labeled<T, N[number]> {
  const others = open(value).label.sources.filter((name) => !names.includes(name));
  if (others.length > 0) throw new LabelError(others);
  return value as Labeled<T, N[number]>;
}

/** The plain value, if it carries no other labels than these: by the types, and when it runs by {@link LabelError}. */
export function unwrap<T, L extends string, const N extends readonly string[]>(
  value: Labeled<T, L> & (string extends L | N[number] ? never : [Exclude<L, N[number]>] extends [never] ? unknown : never),
  ...permitted: N
): T {
  const { value: inner, label: known } = open(value);
  const others = known.sources.filter((name) => !permitted.includes(name));
  if (others.length > 0) throw new LabelError(others);
  return inner as T;
}

/** The label of a value, as the engine has it. */
export function labelOf(value: Labeled<unknown, string>): LabelValue {
  return open(value).label;
}
