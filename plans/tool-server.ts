/**
 * What the example tool servers share: `POST /server/tool` with the arguments as a JSON object, the result as JSON.
 * Never trusts a body: it is read strictly, bounded, and checked against the tool's own schema before a tool sees it.
 */
import { Hono } from "hono";
import type * as z from "zod";
import { pointerOf } from "../src/json/pointer.ts";
import { readJson } from "../src/json/read.ts";
import type { Json } from "../src/json/value.ts";

/** Why a tool did not do what it was asked for. */
export interface Refusal {
  readonly refused: string;
  readonly status: 400 | 404 | 409 | 422;
}

/** A tool of an example server: checks its arguments, does its work, answers. */
export type Tool = (args: Json) => { readonly result: Json } | Refusal;

/** Bytes of one body. The examples send a few hundred. */
const bodyBytesMax = 1_000_000;

/** Makes a tool of a schema and the work. The work answers with a value, or refuses. */
export function defineTool<Schema extends z.ZodType>(schema: Schema, run: (args: z.output<Schema>) => Json | Refusal): Tool {
  return (args) => {
    const read = schema.safeParse(args, { jitless: true });
    if (!read.success) {
      const path = read.error.issues[0]?.path.filter((step) => typeof step !== "symbol") ?? [];
      return { refused: `bad argument at "${pointerOf(path)}"`, status: 400 };
    }
    const answer = run(read.data);
    return isRefusal(answer) ? answer : { result: answer };
  };
}

function isRefusal(answer: Json | Refusal): answer is Refusal {
  return typeof answer === "object" && answer !== null && "refused" in answer;
}

/** A refusal. */
export function refuse(status: Refusal["status"], refused: string): Refusal {
  return { refused, status };
}

/** The Hono application that serves the tools; names are `server/tool`. */
export function serveTools(tools: { readonly [name: string]: Tool }): Hono {
  const app = new Hono();
  app.post("/:server/:tool", async (c) => {
    const name = `${c.req.param("server")}/${c.req.param("tool")}`;
    const tool = Object.hasOwn(tools, name) ? tools[name] : undefined;
    if (tool === undefined) return c.json({ error: "no such tool" }, 404);
    const body = readJson(await c.req.text(), { maxBytes: bodyBytesMax });
    if (!body.ok) return c.json({ error: `the body is not strict JSON (${body.error.code})` }, 400);
    const answer = tool(body.value);
    return "refused" in answer ? c.json({ error: answer.refused }, answer.status) : c.json(answer.result as never);
  });
  return app;
}
