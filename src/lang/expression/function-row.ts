/**
 * The shape of a function that an expression may call, and how one is made from a plain computation.
 * Never knows a particular function. Pure. No I/O, no clock.
 */
import type { Json } from "../../json/value.ts";
import { err, ok, type Result } from "../../result.ts";
import { type LangError, langError } from "../error.ts";
import type { Frame, Thunk } from "./frame.ts";
import type { Node } from "./syntax.ts";

/** A call in the tree. */
export type CallNode = Node & { readonly kind: "call" };

/** Compiles one call from its compiled arguments; refuses what its literal arguments show to be wrong. */
export type CompileCall = (node: CallNode, args: readonly Thunk[]) => Result<Thunk, LangError>;

/** Texts of one kind (`iban`, `url`, …) found in a text; injected, since extractors are a folder of their own. */
export type Extractor = (text: string) => readonly string[];

/** What the functions need from outside. */
export interface FunctionOptions {
  readonly extractors: Readonly<Record<string, Extractor>>;
}

/** A function of the table. It can be written `f(a, b)` and `a.f(b)`. */
export interface FunctionRow {
  readonly name: string;
  /** Least and most number of arguments, counting the receiver. */
  readonly arity: readonly [number, number];
  /** One line for the author of a plan. */
  readonly doc: string;
  readonly compile: (node: CallNode, args: readonly Thunk[], options: FunctionOptions) => Result<Thunk, LangError>;
}

/** A function that evaluates its arguments from left to right and then computes. */
export function strict(
  row: Pick<FunctionRow, "name" | "arity" | "doc">,
  compute: (frame: Frame, values: readonly Json[], at: number) => Json | undefined,
): FunctionRow {
  return {
    ...row,
    compile: (node, args) =>
      ok((frame) => {
        const values: Json[] = [];
        for (const arg of args) {
          const value = arg(frame);
          if (value === undefined) return undefined;
          values.push(value);
        }
        return compute(frame, values, node.at);
      }),
  };
}

/** The text of argument `position`, which must be a literal so that it can be checked at freeze. */
export function literalText(node: CallNode, position: number, what: string): Result<string, LangError> {
  const arg = node.args[position];
  if (arg?.kind === "literal" && typeof arg.value === "string") return ok(arg.value);
  return err(langError("LANG_EXPR_TYPE", `\`${node.name}\` takes ${what} as a literal text`, arg?.at ?? node.at));
}
