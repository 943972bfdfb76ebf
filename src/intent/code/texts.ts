/**
 * How values are written as text, in the language of the code (ECMAScript `String(x)`, Python `str(x)`).
 * Pure. Never writes a number or a boolean as the other language would.
 */
import type { Place } from "../intent.ts";
import { binary, call, type Cel, choose, failing, literal } from "./cel.ts";
import { bare, celOf } from "./emit.ts";
import { failOutside } from "./fault.ts";
import { sure } from "./kind.ts";
import type { State } from "./state.ts";
import { typeOf, type Value } from "./value.ts";

/** The text of a value, as an expression that gives a text or fails. */
export function textCel(state: State, value: Value, place: Place): Cel {
  const type = typeOf(value);
  if (type.type === "list" || type.type === "object")
    return failOutside("a list or an object has no text in a plan: name the members that are meant, or join the elements", place);
  const cel = celOf(state, value, place);
  if (sure(type).type === "text") return cel;
  if (state.language === "javascript") return cel.op === "literal" ? literal(String(cel.value)) : call("string", cel);
  return pythonText(value, cel, place);
}

/** A sum of values each of which is whole, or a failure. */
function wholeOf(cel: Cel): Cel {
  switch (cel.op) {
    case "literal":
      return cel;
    case "binary":
      return { ...cel, left: wholeOf(cel.left), right: wholeOf(cel.right) };
    case "negate":
      return { ...cel, of: wholeOf(cel.of) };
    case "if":
      return { ...cel, yes: wholeOf(cel.yes), no: wholeOf(cel.no) };
    case "macro":
      return cel.name === "map" ? { ...cel, body: wholeOf(cel.body) } : cel;
    case "call": {
      const isOfList = cel.args.length === 1 && cel.args[0]?.op !== "macro" && ["sum", "min", "max"].includes(cel.name);
      return isOfList || cel.name === "size" ? cel : { ...cel, args: cel.args.map(wholeOf) };
    }
    default:
      return choose(binary("==", call("floor", cel), cel), cel, failing);
  }
}

/** Numbers nearer to 0 than 0.0001: Python writes `1e-05` where ECMAScript writes `0.00001`. */
const tiny = "-?(0[.]0000|[0-9.]+e-).*";

/** ECMAScript and Python write whole numbers alike, and other numbers that came as they are; what Python computed may be `2.0`. */
function pythonText(value: Value, cel: Cel, place: Place): Cel {
  const type = typeOf(value);
  if (type.type === "text") return binary("+", cel, literal(""));
  if (sure(type).type === "null") return literal("None");
  if (type.type === "boolean") return choose(cel, literal("True"), literal("False"));
  if (cel.op === "literal") {
    if (typeof cel.value === "number" && !Number.isInteger(cel.value) && /e/.test(String(cel.value)))
      return failOutside("say how this number is written, as in `{x:.2f}`", place);
    return literal(String(cel.value));
  }
  if (type.type === "number" && type.isInteger === true) {
    if (type.isPromised !== true) return call("string", cel);
    // Two halves add to a whole number that Python writes as `1.0`: what must be whole is what the tools gave.
    const inner = bare(value);
    return call("string", wholeOf(inner.kind === "computed" ? inner.cel : cel));
  }
  if (bare(value).kind !== "ref")
    return failOutside(
      "say how this number is written, as in `{x:.2f}` or `{int(x)}`: Python may write `2.0` where a plan writes `2`",
      place,
    );
  // `min` takes numbers and texts only: Python writes booleans as `True`.
  return choose(call("re", call("string", cel), literal(tiny)), failing, call("string", call("min", cel, cel)));
}
