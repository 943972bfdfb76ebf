/**
 * The route by which the host has a task drafted: `POST /draft`. Off unless the host passes in a drafter.
 * Never touches a session, a plan that is loaded or the store: a draft is a text for people, and nothing here is enforced.
 */
import type { Context, Hono } from "hono";
import { readJsonBytes } from "../../json/read.ts";
import { isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { callBytesMax, draftQueueMax } from "../../limits.ts";
import { err, ok, type Result } from "../../result.ts";
import { isJsonType, mediaTypeOf, readBody } from "../body.ts";
import { type HostProblem, hostProblemResponse } from "../wire.ts";
import { jsonResponse } from "./json-response.ts";

/** What is to be drafted. */
export interface DraftRequest {
  readonly task: string;
  /** A catalogue in any form that its reader takes; absent: the host's own. */
  readonly tools?: Json;
  /** RFC 3339 date or date-time. */
  readonly now?: string;
  /** IANA name of a time zone. */
  readonly zone?: string;
}

/** Drafts a plan. `malformed`: the request cannot be used; `unable`: the planner cannot work. Both messages are ours, of one line. */
export type Drafter = (
  request: DraftRequest,
) => Promise<Result<JsonObject, { readonly kind: "malformed" | "unable"; readonly message: string; readonly pointer?: string }>>;

/** Adds `POST /draft`. One draft is made at a time, some wait, and the rest are turned away with `DRAFT_BUSY`. */
export function addDraftRoute(app: Hono, drafter: Drafter): void {
  let turn: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  app.post("/draft", async (c) => {
    // Before a body is read: a queue that is full makes no work.
    if (waiting > draftQueueMax) return hostProblemResponse({ code: "DRAFT_BUSY" });
    waiting += 1;
    try {
      const request = await readRequest(c);
      if (!request.ok) return hostProblemResponse(request.error);
      const drafted = turn.then(() => drafter(request.value));
      turn = drafted.catch(() => undefined);
      const draft = await drafted;
      if (draft.ok) return jsonResponse(draft.value);
      const { kind, message, pointer } = draft.error;
      const code = kind === "malformed" ? "DRAFT_MALFORMED" : "DRAFT_UNAVAILABLE";
      return hostProblemResponse({ code, message, ...(pointer === undefined ? {} : { pointer }) });
    } finally {
      waiting -= 1;
    }
  });
}

const members = new Set(["task", "tools", "now", "zone"]);

async function readRequest(c: Context): Promise<Result<DraftRequest, HostProblem>> {
  const refuse = (message: string, pointer = ""): Result<never, HostProblem> =>
    err({ code: "DRAFT_MALFORMED", pointer, message });
  if (!isJsonType(mediaTypeOf(c.req.header("content-type")).type)) return refuse("the body must be JSON, and say so");
  const body = await readBody(c.req.raw.body, callBytesMax);
  if (body.kind === "large") return err({ code: "DRAFT_TOO_LARGE" });
  const read = body.kind === "read" ? readJsonBytes(body.bytes) : undefined;
  if (!read?.ok || !isObject(read.value)) return refuse('the body must be an object such as `{"task": "…"}`');
  const { value } = read;
  if (Object.keys(value).some((name) => !members.has(name)))
    return refuse("the body has a member that is none of `task`, `tools`, `now`, `zone`");
  const [task, tools, now, zone] = ["task", "tools", "now", "zone"].map((name) => member(value, name));
  if (typeof task !== "string") return refuse("a text is needed: what the agent is to do", "/task");
  if (now !== undefined && typeof now !== "string") return refuse("must be an RFC 3339 date or date-time", "/now");
  if (zone !== undefined && typeof zone !== "string") return refuse("must be the IANA name of a time zone", "/zone");
  return ok({
    task,
    ...(tools === undefined ? {} : { tools }),
    ...(now === undefined ? {} : { now }),
    ...(zone === undefined ? {} : { zone }),
  });
}
