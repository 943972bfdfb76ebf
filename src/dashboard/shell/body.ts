/**
 * What a form or the API has sent, read once and within a bound.
 * Never reads JSON but by the strict reader, and takes no file for a name.
 */
import type { Context } from "hono";
import { readJsonBytes } from "../../json/read.ts";
import { isObject, type JsonObject, member } from "../../json/value.ts";
import { err, ok, type Result } from "../../result.ts";
import { isJsonType, mediaTypeOf } from "../../surfaces/body.ts";
import type { PageProblem } from "../dashboard.ts";

/** What was sent: the texts of a form (of a file, its text), or a JSON object. */
export interface Sent {
  readonly isJson: boolean;
  readonly json: JsonObject;
  /** A text, trimmed of nothing; the empty text where there is none. */
  text(name: string): string;
}

/** Reads the body of an act. */
export async function readSent(c: Context): Promise<Result<Sent, PageProblem>> {
  const { type } = mediaTypeOf(c.req.header("content-type"));
  try {
    if (isJsonType(type)) {
      const read = readJsonBytes(new Uint8Array(await c.req.arrayBuffer()));
      return read.ok && isObject(read.value) ? ok(sentOf(read.value, true)) : malformed("the body must be a JSON object");
    }
    if (type !== "application/x-www-form-urlencoded" && type !== "multipart/form-data")
      return malformed("the body must be JSON or a form");
    const form = await c.req.parseBody();
    const texts: { [name: string]: string } = {};
    for (const [name, value] of Object.entries(form)) {
      const text = typeof value === "string" ? value : value instanceof File ? await value.text() : undefined;
      // Browsers write lines of a text with both characters.
      if (text !== undefined) texts[name] = text.replace(/\r\n/g, "\n");
    }
    return ok(sentOf(texts, false));
  } catch {
    return malformed("the body is too large or incomplete");
  }
}

function sentOf(json: JsonObject, isJson: boolean): Sent {
  return {
    isJson,
    json,
    text: (name) => {
      const value = member(json, name);
      return typeof value === "string" ? value : "";
    },
  };
}

function malformed(message: string): Result<never, PageProblem> {
  return err({ status: 400, message });
}
