/**
 * One question to an OpenAI-compatible chat completion endpoint: the form of the request that the server takes, and its answer as text.
 * Never follows a redirect, never repeats a server's words or the key in an error, never reads more than a bound.
 */
import { readJson } from "../../json/read.ts";
import { type Json, type JsonObject, member } from "../../json/value.ts";
import { InferError } from "../infer-error.ts";
import { boundedText } from "./bounded-body.ts";
import { endpointLimits } from "./endpoint-limits.ts";
import type { Message } from "./prompt.ts";

/** What of a request a server takes. Each server is asked for everything at first, and for less once it has refused. */
export interface RequestForm {
  readonly format: "json_schema" | "json_object" | "none";
  readonly hasLogprobs: boolean;
  readonly hasSeed: boolean;
  readonly hasTemperature: boolean;
}

/** The form that is tried first. */
export const fullForm: RequestForm = { format: "json_schema", hasLogprobs: true, hasSeed: true, hasTemperature: true };

/** Where requests go. */
export interface Endpoint {
  readonly address: URL;
  readonly model: string;
  readonly apiKey: string | undefined;
  readonly fetch: typeof fetch;
  readonly timeoutMs: number;
  readonly seed: number;
}

/** A question: the messages, for either way of giving the schema. */
export interface Question {
  readonly schema: JsonObject;
  messages(schema: JsonObject | undefined): readonly Message[];
}

/** Asks. Resolves to the JSON of the response, and to the form that was taken. Rejects with an InferError. */
export async function ask(
  question: Question,
  endpoint: Endpoint,
  { form }: { readonly form: RequestForm },
): Promise<{ readonly response: Json; readonly form: RequestForm }> {
  // One deadline for all tries: a server that refuses slowly is slow.
  const signal = AbortSignal.timeout(endpoint.timeoutMs);
  let current = form;
  for (let tries = 0; tries < endpointLimits.requests; tries++) {
    const sent = await send(bodyOf(question, endpoint, { form: current }), endpoint, { signal });
    if ("response" in sent) return { response: sent.response, form: current };
    const less = lessOf(current, sent.refusal);
    if (less === undefined) break;
    current = less;
  }
  throw refused(endpoint, "refuses the request in every form");
}

function bodyOf({ schema, messages }: Question, { model, seed }: Endpoint, { form }: { readonly form: RequestForm }): string {
  const { format, hasLogprobs, hasSeed, hasTemperature } = form;
  const strict = { type: "json_schema", json_schema: { name: "plan", strict: true, schema } };
  return JSON.stringify({
    model,
    messages: messages(format === "json_schema" ? undefined : schema),
    ...(format === "none" ? {} : { response_format: format === "json_schema" ? strict : { type: "json_object" } }),
    ...(hasTemperature ? { temperature: 0 } : {}),
    ...(hasSeed ? { seed } : {}),
    ...(hasLogprobs ? { logprobs: true } : {}),
    stream: false,
  });
}

type Sent = { readonly response: Json } | { readonly refusal: string };

async function send(body: string, endpoint: Endpoint, { signal }: { readonly signal: AbortSignal }): Promise<Sent> {
  const { address, apiKey, timeoutMs } = endpoint;
  const headers: Record<string, string> = { "content-type": "application/json", accept: "application/json" };
  if (apiKey !== undefined) headers.authorization = `Bearer ${apiKey}`;
  try {
    const response = await endpoint.fetch(address.href, { method: "POST", headers, body, redirect: "manual", signal });
    return response.ok ? await readAnswer(response, endpoint) : await readRefusal(response, endpoint);
  } catch (error) {
    if (error instanceof InferError) throw error;
    if (signal.aborted) throw fail("INFER_ENDPOINT_TIMEOUT", endpoint, `does not answer within ${timeoutMs} ms`);
    throw fail("INFER_ENDPOINT_UNREACHABLE", endpoint, "cannot be reached, or breaks the connection off");
  }
}

async function readAnswer(response: Response, endpoint: Endpoint): Promise<Sent> {
  const text = await boundedText(response, endpointLimits.responseBytes);
  if (text === undefined)
    throw fail("INFER_ENDPOINT_TOO_LARGE", endpoint, `sends more than ${endpointLimits.responseBytes} bytes, or no UTF-8`);
  const read = readJson(text);
  if (!read.ok) throw fail("INFER_ENDPOINT_FORMAT", endpoint, "answers with something other than JSON");
  return { response: read.value };
}

/** Statuses by which servers refuse a member that they do not know; some answer 500 where a schema cannot be compiled. */
const refusals: ReadonlySet<number> = new Set([400, 422, 500, 501]);

async function readRefusal(response: Response, endpoint: Endpoint): Promise<Sent> {
  const { status } = response;
  const text = (await boundedText(response, endpointLimits.refusalBytes)) ?? "";
  if (response.type === "opaqueredirect" || (status >= 300 && status < 400))
    throw fail("INFER_ENDPOINT_REDIRECT", endpoint, "redirects, which is not followed; name the address that is meant");
  if (status === 401 || status === 403)
    throw fail("INFER_ENDPOINT_KEY", endpoint, `answers ${status}: it wants another key, or one at all`);
  if (status === 404)
    throw refused(endpoint, "answers 404: it has no such path, or no such model; the URL of an API often ends in /v1");
  if (status === 429 || status === 503)
    throw fail("INFER_ENDPOINT_LIMIT", endpoint, `answers ${status}: it takes no request now; try again later`);
  if (!refusals.has(status)) throw refused(endpoint, `answers ${status}`);
  const reason = reasonOf(text);
  if (/context.?(length|window|size)|maximum context|too many tokens/.test(reason))
    throw refused(endpoint, "finds the request too long; show fewer tools, or give the model a larger context");
  if (status >= 500 && !members.test(reason)) throw refused(endpoint, `answers ${status}`);
  return { refusal: reason };
}

const members = /logprob|temperature|seed|response_format|json_schema|json_object|grammar/;

/** What a refusal says, in lower case; only looked at for the names of members, never shown. */
function reasonOf(text: string): string {
  const read = readJson(text);
  const error = member(read.ok ? read.value : undefined, "error");
  const parts = [member(error, "param"), member(error, "code"), member(error, "message")];
  const said = parts.filter((part) => typeof part === "string").join(" ");
  return (said === "" ? text : said).toLowerCase();
}

/** What the refusal complains of is left out; where it does not say, the least of what is left. `undefined`: nothing can be left out. */
function lessOf(form: RequestForm, reason: string): RequestForm | undefined {
  const without: readonly (readonly [RegExp, RequestForm | undefined])[] = [
    [/logprob/, form.hasLogprobs ? { ...form, hasLogprobs: false } : undefined],
    [/temperature/, form.hasTemperature ? { ...form, hasTemperature: false } : undefined],
    [/\bseed\b/, form.hasSeed ? { ...form, hasSeed: false } : undefined],
    [/response_format|json_schema|json_object|schema|grammar|format/, lessFormat(form)],
  ];
  const named = without.find(([pattern, less]) => less !== undefined && pattern.test(reason));
  if (named !== undefined) return named[1];
  if (form.hasLogprobs) return { ...form, hasLogprobs: false };
  if (form.format === "json_schema") return lessFormat(form);
  if (form.hasSeed) return { ...form, hasSeed: false };
  return form.hasTemperature ? { ...form, hasTemperature: false } : lessFormat(form);
}

function lessFormat(form: RequestForm): RequestForm | undefined {
  if (form.format === "none") return undefined;
  return { ...form, format: form.format === "json_schema" ? "json_object" : "none" };
}

function refused(endpoint: Endpoint, what: string): InferError {
  return fail("INFER_ENDPOINT_REFUSED", endpoint, what);
}

type EndpointCode = ConstructorParameters<typeof InferError>[0] & `INFER_ENDPOINT_${string}`;

/** The host is the operator's own word, from the URL that was checked; nothing else of the exchange is said. */
function fail(code: EndpointCode, { address }: Endpoint, what: string): InferError {
  return new InferError(code, `the endpoint at ${address.host} ${what}`);
}
