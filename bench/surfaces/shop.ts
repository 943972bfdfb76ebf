/**
 * One operation behind every surface: its definition, the plan that allows it without end, and what is asked and answered.
 * Never more than one call of one kind: what a check costs by itself is measured in `bench/check`.
 */
import { catalogueFromOpenApi } from "../../src/catalogue/from/from.ts";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import type { Json, JsonObject } from "../../src/json/value.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { FrozenPlan } from "../../src/plan/plan.ts";

/** The arguments of the call, as they are sent and as they come out of the check: a name, a number, 200 characters of text. */
export const args: JsonObject = { amount: 25, symbol: "VTI", text: "a note to the desk ".repeat(11).slice(0, 200) };
/** What the operation answers. */
export const answer: JsonObject = { order: "o-1", state: "accepted", price: 231.4, lines: ["one", "two", "three"] };
/** What stands in every right answer, whole or as text within another text. */
export const mark = "o-1";
/** How long a description of the tool is shown to a model. */
const description = "Orders so much of a symbol, with a note for whoever reads it.";
const schema: JsonObject = {
  type: "object",
  properties: { amount: { type: "number" }, symbol: { type: "string" }, text: { type: "string" } },
};

const document: Json = {
  openapi: "3.1.1",
  info: { title: "shop", version: "1" },
  servers: [{ url: "https://shop.example" }],
  paths: {
    "/order": {
      post: {
        operationId: "order",
        summary: description,
        requestBody: { required: true, content: { "application/json": { schema } } },
        responses: { "200": { description: "ok", content: { "application/json": { schema: {} } } } },
      },
    },
  },
};

/** The tool as a server of MCP lists it, without the name of the server. */
export const definition: JsonObject = readDefinition();

function readDefinition(): JsonObject {
  const made = catalogueFromOpenApi(document, { server: "shop" });
  if (!made.ok) throw new Error("no catalogue");
  const [tool] = (made.value.catalogue as { readonly tools: readonly JsonObject[] }).tools;
  return { ...tool, name: "order" };
}

/** The plan, frozen: a constant, a choice and free text, a million times. */
export function freezeShop(): FrozenPlan {
  const made = catalogueFromOpenApi(document, { server: "shop" });
  if (!made.ok) throw new Error("no catalogue");
  const sluice = { labels: ["desk"], effects: ["write"], roles: { symbol: "target", amount: "target", text: "content" } };
  const read = readCatalogue({ ...(made.value.catalogue as JsonObject), tools: [{ ...definition, name: "shop/order", sluice }] });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  const choose = { type: "number", minimum: 1, maximum: 60 } as const;
  const frozen = freezePlan(
    {
      sluice: 1,
      name: "shop",
      labels: { desk: { integrity: "trusted" } },
      limits: { calls: 1_000_000, seconds: 86_400 },
      nodes: {
        order: {
          tool: "shop/order",
          args: { symbol: "VTI", amount: { choose }, text: { write: { maxLength: 400, links: "none" } } },
          times: { min: 0, max: 1_000_000 },
          optional: true,
        },
      },
    },
    read.value,
  );
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
  return frozen.value;
}

/** A message of MCP as both servers and clients of this benchmark write it. */
export function rpc(id: number, method: string, params: JsonObject): JsonObject {
  return { jsonrpc: "2.0", id, method, params };
}

/** What a model is asked for: at first, and with the result of the call that it has made. */
export function chatRequest(isStream: boolean, hasResult: boolean): JsonObject {
  const user = { role: "user", content: "Order it." };
  const call = { id: "call_1", type: "function", function: { name: "order", arguments: JSON.stringify(args) } };
  const past = [
    { role: "assistant", content: null, tool_calls: [call] },
    { role: "tool", tool_call_id: "call_1", content: JSON.stringify(answer) },
  ];
  const tools = [{ type: "function", function: { name: "order", description, parameters: schema } }];
  return { model: "m", messages: hasResult ? [user, ...past] : [user], tools, ...(isStream ? { stream: true } : {}) };
}

/** Words of the model's text. */
const words = `It is done: ${mark}. ${"I have told the desk about it. ".repeat(8)}`.match(/\S+ ?/g) ?? [];

/** What the scripted model answers: a call first, then text in pieces of a word. */
export function chatAnswer(isStream: boolean, hasResult: boolean): string {
  const call = { id: "call_1", type: "function", function: { name: "order", arguments: JSON.stringify(args) } };
  const common = { id: "c", created: 1, model: "m" };
  const reason = hasResult ? "stop" : "tool_calls";
  if (!isStream) {
    const message = { role: "assistant", ...(hasResult ? { content: words.join("") } : { content: null, tool_calls: [call] }) };
    return JSON.stringify({
      ...common,
      object: "chat.completion",
      choices: [{ index: 0, message, finish_reason: reason, logprobs: null }],
    });
  }
  const text = JSON.stringify(args);
  const pieces = text.match(/.{1,12}/gs) ?? [];
  const { id, type, function: named } = call;
  const deltas: JsonObject[] = hasResult
    ? words.map((content) => ({ content }))
    : [
        { tool_calls: [{ index: 0, id, type, function: { name: named.name, arguments: "" } }] },
        ...pieces.map((piece) => ({ tool_calls: [{ index: 0, function: { arguments: piece } }] })),
      ];
  const chunk = (delta: JsonObject, finish_reason: string | null): string =>
    `data: ${JSON.stringify({ ...common, object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason, logprobs: null }] })}\n\n`;
  const all = [{ role: "assistant", content: null }, ...deltas].map((delta) => chunk(delta, null));
  return `${all.join("")}${chunk({}, reason)}data: [DONE]\n\n`;
}
