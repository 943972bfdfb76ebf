/**
 * Readers between surfaces and what stands behind them: HTTP requests bound to operations of an API, answers of models and planners, small
 * texts of transports. What is read of a request and written again is the same request to the same place.
 */
import { mappingOf } from "../../../src/dashboard/record/mapping.ts";
import { readAsked } from "../../../src/dashboard/record/search.ts";
import { readCalibration } from "../../../src/infer/adapt/calibration.ts";
import { readAnswer } from "../../../src/infer/endpoint/answer.ts";
import { readJson } from "../../../src/json/read.ts";
import { isObject, type JsonObject } from "../../../src/json/value.ts";
import { StreamFault } from "../../../src/surfaces/event-stream.ts";
import { readRequest, writeRequest } from "../../../src/surfaces/http-proxy/exchange.ts";
import { readFetch, writeFetch } from "../../../src/surfaces/http-proxy/fetch-tool.ts";
import { headersOf } from "../../../src/surfaces/http-proxy/incoming.ts";
import type { Operation } from "../../../src/surfaces/http-proxy/operation.ts";
import { segmentsOf } from "../../../src/surfaces/http-proxy/router.ts";
import { readClientId } from "../../../src/surfaces/mcp/client-id.ts";
import { readEventId } from "../../../src/surfaces/mcp/http-stream.ts";
import { readMessage } from "../../../src/surfaces/mcp/jsonrpc.ts";
import { readChatAnswer } from "../../../src/surfaces/model-api/chat-answer.ts";
import { readMessagesAnswer } from "../../../src/surfaces/model-api/messages-answer.ts";
import { readResponsesAnswer } from "../../../src/surfaces/model-api/responses-answer.ts";
import { toolSpelled } from "../../../src/surfaces/tool-spelling.ts";
import { petsRouter } from "../../surfaces/http-proxy/fixture.ts";
import { must, resultOf, same, shown, type Target } from "../target.ts";
import { jsonWords } from "../words.ts";
import { urlWords } from "../words-text.ts";
import { requestIn } from "./surfaces.ts";

const encoder = new TextEncoder();

/** A request of the pets' API: what it is read as, it is written as, and read as again. */
async function runExchange(input: string): Promise<void> {
  const request = requestIn(input, "");
  if (!request) return;
  const url = new URL(request.url);
  const segments = segmentsOf(url.pathname);
  const found = segments && petsRouter.find("pets", request.method, segments);
  if (!segments || !found) return;
  const contentType = request.headers.get("content-type") ?? "";
  const bytes = new Uint8Array(await request.arrayBuffer());
  const given = { segments, query: url.search.slice(1), headers: headersOf([...request.headers]), body: { bytes, contentType } };
  const args = readRequest(found, given);
  if (!args.ok) return;
  const built = writeRequest(found, args.value);
  if (!built.ok) return;
  checkBuilt(found, args.value, built.value as never);
}

interface Built {
  readonly method: string;
  readonly path: string;
  readonly query?: string;
  readonly headers?: Iterable<readonly [string, string]>;
  readonly body?: string;
}

function checkBuilt(of: Operation, args: JsonObject, built: Built): void {
  const url = new URL(`http://h${built.path}`);
  must(url.host === "h" && !/[\r\n\0 ]/.test(built.path), `a path that leads elsewhere: ${built.path}`);
  const segments = segmentsOf(url.pathname);
  must(
    segments !== undefined && petsRouter.find("pets", built.method, segments) === of,
    `another operation is asked: ${shown(built)}`,
  );
  for (const name of Object.keys(args)) must(!/[\r\n]/.test(name), "an argument's name of two lines");
}

function runFetch(input: string): void {
  const request = requestIn(input, "");
  if (!request) return;
  const { method, url, headers } = request;
  const body = input.split("\n\n").slice(1).join("\n\n");
  const args = readFetch({ method, url, headers: headersOf([...headers]), bytes: encoder.encode(body) });
  if (!args.ok) return;
  const written = writeFetch(args.value);
  if (!written.ok) return;
  must(written.value.url.origin === new URL(url).origin, "a request goes to another place than was checked");
  must(written.value.method === method, "a request by another method");
}

function runAnswers(input: string): void {
  const read = readJson(input);
  if (!read.ok || !isObject(read.value)) return;
  for (const readWhole of [readChatAnswer, readMessagesAnswer, readResponsesAnswer]) {
    try {
      const answer = readWhole(read.value);
      must(same(readWhole(read.value), answer), "an answer is read otherwise the second time");
    } catch (error) {
      if (!(error instanceof StreamFault)) throw error;
    }
  }
  resultOf(readAnswer(read.value));
  resultOf(readCalibration(read.value));
}

function runSmall(input: string): void {
  const id = readEventId(input);
  if (id) must(Number.isSafeInteger(id.number), "an id of an event without a number");
  readClientId("secret", input);
  const read = readJson(input);
  if (read.ok) readMessage(read.value);
  const spelled = toolSpelled(input, ["shop/order", "shop/note", "a/b"]);
  must(spelled === undefined || ["shop/order", "shop/note", "a/b"].includes(spelled), "a tool that is not known");
  readAsked(new URLSearchParams(input));
  const mapping = mappingOf(input);
  must(typeof mapping.ok === "boolean", "no answer");
}

const headers = "content-type: application/json\nx-trace: t\nx-ids: 1,2\ncookie: region=eu";
const pets = [
  `GET /pets?limit=5&price=1.5&sold=true&q=a%20b&id=1&id=2&tags=a,b&pipes=a%7Cb&filter%5Bcolor%5D=red&where=%7B%22a%22%3A1%7D\n${headers}\n\n`,
  `POST /pets\n${headers}\n\n{"name":"x","age":3,"extra":[1]}`,
  `GET /pets/a%2Fb/photos/7.png\n${headers}\n\n`,
  `DELETE /pets/mine\n${headers}\n\n`,
  `GET /compare/a,b,c\n${headers}\n\n`,
  "POST /forms\ncontent-type: application/x-www-form-urlencoded\n\nto=a+b&n=1&n=2&meta=%7B%7D",
  "PUT /notes\ncontent-type: text/plain\n\nhello",
];
const pieces = [
  "GET ",
  "POST ",
  "PUT ",
  "DELETE ",
  "?",
  "&",
  "=",
  "%20",
  "%2F",
  "+",
  "%5B",
  "%5D",
  "limit=",
  "id=",
  "filter[color]=",
  "x-ids: ",
  "\n\n",
];
const chatAnswer =
  '{"id":"c","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"{\\"calls\\":[]}","tool_calls":[{"id":"c1","type":"function","function":{"name":"a","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}';
const messagesAnswer =
  '{"id":"m","type":"message","role":"assistant","content":[{"type":"text","text":"x"},{"type":"tool_use","id":"t","name":"a","input":{}}],"stop_reason":"tool_use","usage":{"input_tokens":1}}';
const responsesAnswer =
  '{"id":"r","object":"response","status":"completed","output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"x"}]},{"type":"function_call","id":"f","call_id":"c","name":"a","arguments":"{}","status":"completed"}]}';

/** Between the surfaces and what stands behind them. */
export const wireTargets: readonly Target[] = [
  { name: "proxy-exchange", seeds: pets, dictionary: [...urlWords, ...jsonWords, ...pieces], lengthMax: 2_000, run: runExchange },
  {
    name: "proxy-fetch",
    seeds: [`GET https://a.example/x?y=1\naccept: text/html\n\n`, `POST https://a.example/x\n${headers}\n\n{"a":1}`],
    dictionary: [...urlWords, ...jsonWords, ...pieces],
    lengthMax: 2_000,
    run: runFetch,
  },
  {
    name: "model-answers",
    seeds: [chatAnswer, messagesAnswer, responsesAnswer, '{"version":1}'],
    dictionary: jsonWords,
    run: runAnswers,
  },
  {
    name: "small-texts",
    seeds: [
      "client.7",
      '{"jsonrpc":"2.0","id":1,"method":"x","params":{}}',
      "kind=deny&from=2031-01-01T00:00:00Z&to=x&q=a",
      "mcp__shop__order",
      "controls:\n  - { id: A.1, title: x, sections: [plans] }\n",
    ],
    dictionary: [...jsonWords, "&", "=", ".", "__", "from=", "until=", "session="],
    run: runSmall,
  },
];
