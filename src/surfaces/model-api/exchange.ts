/**
 * One request to a model, from the client's history to the client's answer: check, rewrite, ask, decide, and ask again where all was denied.
 * Never sends a request whose results are not committed, and never a call to the client that is not.
 */
import type { Code } from "../../codes.ts";
import { CODES } from "../../codes.ts";
import { canonicalJson } from "../../json/canonical.ts";
import { readJsonBytes } from "../../json/read.ts";
import { isObject, type JsonObject } from "../../json/value.ts";
import { modelAnswerMs, modelRoundsMax, textBytesMax } from "../../limits.ts";
import { err, ok, type Result } from "../../result.ts";
import { discardBody, isJsonType, isPlainBody, mediaTypeOf, readBody, readRequestBody } from "../body.ts";
import { type Denial, denialOf, type Enforcer } from "../enforce.ts";
import { problemResponse } from "../wire.ts";
import { readEventsAtOnce, type SseEvent, StreamFault, writeEvents } from "../event-stream.ts";
import { type Following, followSignals } from "../following-signal.ts";
import type { Answer, DeniedCall, Dialect, Ending, ReadRequest, Rewriting, Weaver } from "./dialect.ts";
import { type History, readHistory } from "./history.ts";
import { openLedger } from "./ledger.ts";
import { type Names, namesOf } from "./names.ts";
import { decideTurn, giveUp, type TurnWorld } from "./turn.ts";
import { shownHeaders, type Upstream } from "./upstream.ts";

/** What an exchange needs. */
export interface ExchangeWorld {
  readonly enforcer: Enforcer;
  readonly upstream: Upstream;
  readonly dialect: Dialect;
  readonly token: string;
  /** Further members of requests that are let through. */
  readonly members: ReadonlySet<string>;
  /** Labels of what the client's own messages hold. */
  readonly labels: readonly string[];
}

interface Prepared extends ExchangeWorld, TurnWorld, Following {
  readonly request: ReadRequest;
  readonly path: string;
  readonly headers: Headers;
}

/** Answers a request. */
export async function exchange(world: ExchangeWorld, incoming: Request): Promise<Response> {
  const { dialect } = world;
  const refuse = (denial: Denial, pointer?: string): Response => refusal(dialect, denial, pointer);
  const body = await readAsked(incoming);
  if (!body.ok) return refuse(denialOf(body.error));
  const request = dialect.readRequest(body.value, world.members);
  if (!request.ok) return refuse(denialOf("MODEL_REQUEST"), request.error.pointer);
  const inForce = await world.enforcer.plan(world.token);
  if (!inForce.ok) return refuse(inForce.error);
  const { header, guard } = inForce.value;
  const names = namesOf(request.value.offered, guard.program.plan);
  if (!names.ok) return refuse(denialOf("MODEL_REQUEST"), "/tools");
  const ledger = await openLedger(world.enforcer.store, header);
  if (!ledger.ok) return refuse(denialOf(ledger.error));
  const history = await readHistory({ enforcer: world.enforcer, ledger: ledger.value }, request.value);
  if (!history.ok) {
    const { code } = history.error;
    // What somebody has changed is for the operator to see.
    return refuse(
      code === "HISTORY_MISMATCH" ? await world.enforcer.refuse(world.token, { tool: historyTool, code }) : history.error,
    );
  }
  const untold =
    world.labels.length === 0 ? undefined : await world.enforcer.disclose(world.token, { sources: world.labels, readers: null });
  if (untold !== undefined) return refuse(untold);
  const prepared: Prepared = {
    ...world,
    ...followSignals([incoming.signal], modelAnswerMs),
    names: names.value,
    ledger: ledger.value,
    request: request.value,
    path: dialect.path,
    headers: incoming.headers,
  };
  const first = dialect.rewrite(body.value, rewritingOf(prepared, history.value));
  if (request.value.isStream) return answerStream(prepared, first);
  try {
    return await answerWhole(prepared, first);
  } finally {
    prepared.release();
  }
}

async function answerStream(prepared: Prepared, body: JsonObject): Promise<Response> {
  const asked = await ask(prepared, body);
  if (!asked.ok) {
    prepared.release();
    return asked.error;
  }
  const headers = shownHeaders(asked.value.headers, "text/event-stream; charset=utf-8");
  return new Response(streamOf(prepared, body, asked.value), { headers });
}

async function answerWhole(prepared: Prepared, body: JsonObject): Promise<Response> {
  const asked = await ask(prepared, body);
  if (!asked.ok) return asked.error;
  const written = await wholeAnswer(prepared, body, asked.value);
  if (written instanceof Response) return written;
  return new Response(canonicalJson(written), { headers: shownHeaders(asked.value.headers, "application/json") });
}

/** What stands in a session's events for the tool of a history that was refused. */
const historyTool = "model/history";

/** A denial in the form that the API's clients read, with Sluice's own members beside. */
export function refusal(dialect: Pick<Dialect, "problem">, denial: Denial, pointer?: string): Response {
  const { code } = denial;
  const response = problemResponse(denial, {
    ...(pointer === undefined ? {} : { pointer }),
    ...dialect.problem(code, CODES[code].text),
  });
  // The providers' clients try a conflict and a fault again by themselves: only what waiting may help is worth it.
  if (!denial.remedies.some(({ kind }) => kind === "wait")) response.headers.set("x-should-retry", "false");
  return response;
}

async function readAsked(request: Request): Promise<Result<JsonObject, Code>> {
  const { type, charset = "utf-8" } = mediaTypeOf(request.headers.get("content-type"));
  if (!isJsonType(type) || charset !== "utf-8" || !isPlainBody(request.headers)) return err("MODEL_REQUEST");
  const body = await readRequestBody(request, textBytesMax);
  if (body.kind === "large") return err("CALL_TOO_LARGE");
  const read = body.kind === "read" ? readJsonBytes(body.bytes) : undefined;
  return read?.ok && isObject(read.value) ? ok(read.value) : err("MODEL_REQUEST");
}

function rewritingOf(
  { names, ledger }: { readonly names: Names; readonly ledger: TurnWorld["ledger"] },
  history: History,
): Rewriting {
  const modelId = (id: string): string => ledger.call(id)?.modelId ?? id;
  return {
    tool: (name) => names.get(name),
    call: (id) => ({ id: modelId(id), args: ledger.call(id)?.args ?? "{}" }),
    result: (id) => {
      const shown = history.shown.get(id);
      return { id: modelId(id), ...(shown === undefined ? {} : { shown }) };
    },
    denied: (id) => ledger.call(id)?.denied ?? [],
    ...(history.previous === undefined ? {} : { previous: history.previous }),
  };
}

/** Asks the model. The error is what the client is answered: the provider's own, as it is, or a denial. */
async function ask(
  { upstream, dialect, path, headers, signal }: Prepared,
  body: JsonObject,
): Promise<Result<Response, Response>> {
  let response: Response;
  try {
    response = await upstream.send({ method: "POST", path, headers, body: canonicalJson(body) }, signal);
  } catch {
    return err(refusal(dialect, denialOf("UPSTREAM_FAILED")));
  }
  if (response.ok) return ok(response);
  return err(await passedError(dialect, response));
}

/** Members of an error as providers write it, at its top (OpenAI, Anthropic, and servers that speak like them). */
const errorMembers: ReadonlySet<string> = new Set([
  "error",
  "type",
  "message",
  "detail",
  "code",
  "param",
  "object",
  "request_id",
]);

/**
 * A provider's error: its status, what clients wait by, and of its body only what an error says. An answer under an error's status would be calls that
 * nobody checked, for whoever does not look at the status. What is no error and no answer (a redirect) is a provider that cannot be reached.
 */
export async function passedError(dialect: Pick<Dialect, "problem">, response: Response): Promise<Response> {
  const { status, headers } = response;
  if (status < 400) {
    await discardBody(response.body);
    return refusal(dialect, denialOf("UPSTREAM_FAILED"));
  }
  const body = await readAnswerBody(response);
  const said = Object.entries(body ?? {}).filter(
    ([name, value]) => errorMembers.has(name) && (name === "error" || value === null || typeof value !== "object"),
  );
  const isError = said.some(([name]) => name === "error" || name === "message" || name === "detail");
  const text = isError ? canonicalJson(Object.fromEntries(said)) : await refusal(dialect, denialOf("UPSTREAM_FAILED")).text();
  return new Response(text, { status, headers: shownHeaders(headers, "application/json") });
}

/** What follows an answer: its end, or another round. */
type Step =
  | { readonly kind: "end"; readonly ending: Ending }
  | { readonly kind: "again"; readonly body: JsonObject; readonly denied: readonly DeniedCall[] }
  | { readonly kind: "fault"; readonly code: Code };

/** Decides an answer. `round` counts from 1; `before`: what earlier rounds were denied. */
async function stepOf(
  world: Prepared,
  answer: Answer,
  { round, before, body }: { readonly round: number; readonly before: readonly DeniedCall[]; readonly body: JsonObject },
): Promise<Step> {
  const turn = await decideTurn(world, answer, before);
  if (!turn.ok) return { kind: "fault", code: turn.error };
  const { shown, denied, permits } = turn.value;
  const fail = async (code: Code): Promise<Step> => {
    await giveUp(world.enforcer, permits, code);
    return { kind: "fault", code };
  };
  // Who has left makes no calls.
  if (world.signal.aborted) return fail("UPSTREAM_FAILED");
  if (shown.length === 0 && denied.length > 0 && round < modelRoundsMax)
    return { kind: "again", body: world.dialect.next(body, answer, denied), denied: [...before, ...denied] };
  if (answer.kept !== undefined) {
    const kept = await world.ledger.addAnswer(answer.kept, denied);
    if (!kept.ok) return fail(kept.error);
  }
  const isStopped = shown.length === 0 && denied.length > 0 && !world.request.isStructured;
  return { kind: "end", ending: { answer, calls: shown, ...(isStopped ? { stop: stopText } : {}) } };
}

/** What a client is told, in the model's place, when a model goes on calling what is denied. */
const stopText = "Sluice has denied every call of this turn, so nothing was done.";

/** A whole answer, or the response that stands for it. */
async function wholeAnswer(world: Prepared, first: JsonObject, asked: Response): Promise<JsonObject | Response> {
  const { dialect } = world;
  const rounds: JsonObject[] = [];
  let [body, response] = [first, asked];
  let before: readonly DeniedCall[] = [];
  for (let round = 1; ; round++) {
    const read = await readAnswerBody(response);
    if (read === undefined) return refusal(dialect, denialOf("MODEL_RESPONSE"));
    rounds.push(read);
    let step: Step;
    try {
      step = await stepOf(world, dialect.readAnswer(read), { round, before, body });
      if (step.kind === "end") return dialect.writeAnswer(rounds, step.ending);
    } catch (error) {
      if (!(error instanceof StreamFault)) throw error;
      return refusal(dialect, denialOf("MODEL_RESPONSE"));
    }
    if (step.kind === "fault") return refusal(dialect, denialOf(step.code));
    [body, before] = [step.body, step.denied];
    const next = await ask(world, body);
    if (!next.ok) return next.error;
    response = next.value;
  }
}

async function readAnswerBody(response: Response): Promise<JsonObject | undefined> {
  if (!isJsonType(mediaTypeOf(response.headers.get("content-type")).type)) {
    await discardBody(response.body);
    return undefined;
  }
  const body = await readBody(response.body, textBytesMax);
  const read = body.kind === "read" ? readJsonBytes(body.bytes) : undefined;
  return read?.ok && isObject(read.value) ? read.value : undefined;
}

/** The client's stream. When the client leaves, the model is let go, and calls that it was not told of are given up. */
function streamOf(world: Prepared, first: JsonObject, asked: Response): ReadableStream<Uint8Array<ArrayBuffer>> {
  const events = eventsOf(world, first, asked);
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull: async (controller) => {
        const { done, value } = await events.next();
        if (done) controller.close();
        else controller.enqueue(writeEvents(value));
      },
      cancel: async () => {
        world.abort();
        await events.return(undefined);
      },
    },
    // Nothing is taken from the model, nor decided, that nobody waits for.
    { highWaterMark: 0 },
  );
}

/**
 * The events of the client's stream, over all rounds: those together that one piece of the model's stream makes, so that nothing waits for what has
 * not come. Whatever goes wrong ends it with an event that says so.
 */
async function* eventsOf(
  world: Prepared,
  first: JsonObject,
  asked: Response,
): AsyncGenerator<readonly SseEvent[], void, undefined> {
  const { dialect } = world;
  const weaver = dialect.weave();
  const broken = (code: Code): readonly SseEvent[] => [dialect.broken(code, CODES[code].text)];
  let [body, response] = [first, asked];
  let before: readonly DeniedCall[] = [];
  try {
    for (let round = 1; ; round++) {
      if (response.body === null || mediaTypeOf(response.headers.get("content-type")).type !== "text/event-stream") {
        await discardBody(response.body);
        return yield broken("MODEL_RESPONSE");
      }
      for await (const events of readEventsAtOnce(response.body)) {
        const { shown, fault } = weave(weaver, events);
        if (shown.length > 0) yield shown;
        if (fault !== undefined) throw fault;
        if (weaver.isBroken) return;
      }
      const step = await stepOf(world, weaver.end(), { round, before, body });
      if (step.kind === "fault") return yield broken(step.code);
      if (step.kind === "end") {
        return yield weaver.finish(step.ending);
      }
      weaver.again();
      [body, before] = [step.body, step.denied];
      const next = await ask(world, body);
      if (!next.ok) {
        await discardBody(next.error.body);
        return yield broken("UPSTREAM_FAILED");
      }
      response = next.value;
    }
  } catch (error) {
    yield broken(error instanceof StreamFault ? "MODEL_RESPONSE" : "INTERNAL");
  } finally {
    world.release();
  }
}

/** What of some events goes on at once, up to the first that is not let through. */
function weave(
  weaver: Weaver,
  events: readonly SseEvent[],
): { readonly shown: readonly SseEvent[]; readonly fault?: StreamFault } {
  const shown: SseEvent[] = [];
  try {
    for (const event of events) {
      shown.push(...weaver.take(event));
      if (weaver.isBroken) break;
    }
  } catch (fault) {
    if (fault instanceof StreamFault) return { shown, fault };
    throw fault;
  }
  return { shown };
}
