/**
 * Functions that are given to methods of lists: one variable, and one expression of it.
 * Pure. Never keeps a function as a value.
 */
import { failOutside } from "../fault.ts";
import type { Expression, Target } from "../program.ts";
import type { JsCall } from "./calls.ts";
import { readExpression } from "./expressions.ts";
import { declareTarget, readTarget } from "./patterns.ts";
import { inScope, type Reader } from "./scope.ts";
import { type JsExpression, placeOf } from "./tree.ts";

type Arrow = Extract<JsExpression, { readonly type: "ArrowFunctionExpression" }>;

/** The function of `xs.map(f)`, where it is written out there. */
export function callbackOf(node: JsCall): Arrow | undefined {
  const [callback, more] = node.arguments;
  return callback?.type === "ArrowFunctionExpression" && more === undefined ? callback : undefined;
}

/** A function of one variable. */
export interface Callback {
  readonly target: Target;
  /** Reads what the function gives, in the scope of its variable. */
  readonly body: () => Expression;
}

/** Reads the function of a call; `read` makes something of it within its scope. */
export function readCallback<T>(reader: Reader, node: JsCall, read: (callback: Callback) => T): T {
  const place = placeOf(node);
  const callback = callbackOf(node);
  if (callback === undefined) return failOutside("write the function here, as `(x) => …`", place);
  const [param, another] = callback.params;
  if (param === undefined || another !== undefined)
    return failOutside("a function of a list has one variable here, its element", placeOf(callback));
  const expression = bodyOf(callback);
  return inScope(reader, () => {
    const target = readTarget(param);
    declareTarget(reader, target);
    return read({
      target,
      body: () => readExpression(reader, expression, callback.async || isCall(expression) ? "awaited" : "value"),
    });
  });
}

/** A callback that gives the promise of a call is waited for by the `Promise.all` around it. */
function isCall({ type }: JsExpression): boolean {
  return type === "CallExpression";
}

function bodyOf(callback: Arrow): JsExpression {
  const { body } = callback;
  if (body.type !== "BlockStatement") return body;
  const [only] = body.body;
  if (body.body.length === 1 && only?.type === "ReturnStatement" && only.argument) return only.argument;
  return failOutside(
    "a function of a list is one expression here: write `for (const x of xs)`, or `await Promise.all(xs.map(async (x) => { … }))` as a statement",
    placeOf(body),
  );
}
