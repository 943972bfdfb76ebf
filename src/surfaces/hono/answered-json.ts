/**
 * What a handler answers by `c.json`, known without reading it back out of the stream of a response.
 * Never takes a text for the body of another response than the one that was made of it.
 */
import type { Context } from "hono";
import { canonicalJson } from "../../json/canonical.ts";
import { readJson } from "../../json/read.ts";
import type { Json } from "../../json/value.ts";

/** What a response was made of. */
interface Said {
  readonly text: string;
  /** What the text says, read strictly; then it is written in its canonical form. `undefined`: nothing that a result may be. */
  readonly value: Json | undefined;
}

/** What `c.json` made a response of; `undefined`: it has to be read. */
export type SaidBy = (response: Response) => Said | undefined;

/**
 * From now on remembers what `c.json` of a context is given last. What a handler gets of it is what Hono makes, in canonical JSON: the
 * text that an agent who sees all of it is sent. `bytesMax`: of what is longer nothing is read.
 */
export function rememberJson(c: Context, bytesMax: number): SaidBy {
  const { json } = c;
  let last: { readonly response: Response; readonly said: Said } | undefined;
  const remembered = (value: unknown, ...rest: readonly unknown[]): Response => {
    const [status] = rest;
    // Headers of its own may say that it is something else.
    const isPlain = rest.length < 2 && (status === undefined || typeof status === "number");
    const text = isPlain ? (JSON.stringify(value) as string | undefined) : undefined;
    if (text === undefined) return Reflect.apply(json, c, [value, ...rest]) as Response;
    const read = readJson(text, { maxBytes: bytesMax });
    const said = read.ok ? { text: canonicalJson(read.value), value: read.value } : { text, value: undefined };
    const response = c.body(said.text, status as 200 | undefined, { "Content-Type": "application/json" });
    last = { response, said };
    return response;
  };
  c.json = remembered as Context["json"];
  return (response) => (last?.response === response ? last.said : undefined);
}

/**
 * The very response that `c.json` made, for an agent that is sent all of it; `undefined`: it says more than its text, or is of no use any more.
 * Where a server has put a `Response` of its own in place (`@hono/node-server`), a new one costs less than a look at this one's body.
 */
export function asItIs(response: Response): Response | undefined {
  if (!isOfRuntime(response) || response.body?.locked !== false || response.bodyUsed) return undefined;
  const { headers } = response;
  let count = 0;
  for (const _ of headers.keys()) count += 1;
  if (count !== 1 || headers.get("content-type") !== "application/json") return undefined;
  headers.set("cache-control", "no-store");
  return response;
}

/** Whether a response is of the runtime's own class, which is derived of none. */
function isOfRuntime(response: Response): boolean {
  return Object.getPrototypeOf(Object.getPrototypeOf(response)) === Object.prototype;
}
