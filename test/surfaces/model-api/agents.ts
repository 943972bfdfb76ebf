/**
 * Agents made of the providers' own clients, with the desk's tools: each runs until its model calls nothing any more.
 */
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { answers, type Desk } from "./desk.ts";

/** A call that an agent made, with the arguments that its tool got. */
export interface Made {
  readonly name: string;
  readonly args: unknown;
}

/** What an agent did, and said at the end. */
export interface Ran {
  readonly made: readonly Made[];
  readonly text: string;
  /** The client's own history, to go on with. */
  readonly history: unknown[];
  readonly usage: unknown;
}

/** An agent over one API. */
export interface Agent {
  readonly name: string;
  run(desk: Desk, token: string, history?: unknown[]): Promise<Ran>;
}

const parameters = { type: "object", properties: {}, additionalProperties: true };
/** The tools that the client has: more than the plan has. */
const names = ["inbox", "account", "transfer", "note", "wipe_disk"];
const task = "Pay ACME's bill.";
const turnsMax = 12;

function callTool(made: Made[], name: string, args: string): string {
  made.push({ name, args: JSON.parse(args) });
  return answers[name] ?? "no such tool";
}

function openAi(desk: Desk, token: string): OpenAI {
  const fetch = desk.fetch;
  return new OpenAI({
    apiKey: "sk-provider",
    baseURL: "http://sluice.test/v1",
    defaultHeaders: { "Sluice-Session": token },
    fetch,
    maxRetries: 0,
  });
}

// biome-ignore lint/suspicious/noExplicitAny: histories are the clients' own
type Any = any;

const chatAgent = (stream: boolean): Agent => ({
  name: stream ? "openai chat, streamed" : "openai chat",
  run: async (desk, token, history = [{ role: "user", content: task }]) => {
    const client = openAi(desk, token);
    const tools = names.map((name) => ({ type: "function" as const, function: { name, parameters } }));
    const made: Made[] = [];
    for (let turn = 0; turn < turnsMax; turn++) {
      const request = { model: "scripted", messages: history as Any, tools };
      const completion = stream
        ? await client.chat.completions.stream({ ...request, stream_options: { include_usage: true } }).finalChatCompletion()
        : await client.chat.completions.create(request);
      const choice = completion.choices[0] as Any;
      history.push(choice.message);
      const calls = choice.message.tool_calls ?? [];
      if (calls.length === 0) return { made, text: choice.message.content ?? "", history, usage: completion.usage };
      for (const { id, function: named } of calls)
        history.push({ role: "tool", tool_call_id: id, content: callTool(made, named.name, named.arguments) });
    }
    throw new Error("the agent did not come to an end");
  },
});

const responsesAgent = (stream: boolean, isKept: boolean): Agent => ({
  name: `openai responses${stream ? ", streamed" : ""}${isKept ? ", kept by the provider" : ""}`,
  run: async (desk, token, history = [{ role: "user", content: task }]) => {
    const client = openAi(desk, token);
    const tools = names.map((name) => ({ type: "function" as const, name, parameters, strict: false }));
    const made: Made[] = [];
    let input: Any[] = history as Any[];
    let previous: string | undefined;
    for (let turn = 0; turn < turnsMax; turn++) {
      const request = { model: "scripted", input, tools, ...(previous === undefined ? {} : { previous_response_id: previous }) };
      const response = stream
        ? await client.responses.stream(request as Any).finalResponse()
        : await client.responses.create(request as Any);
      const output = (response as Any).output as Any[];
      const calls = output.filter((item) => item.type === "function_call");
      history.push(...output);
      const results = calls.map(({ call_id, name, arguments: args }) => ({
        type: "function_call_output",
        call_id,
        output: callTool(made, name, args),
      }));
      if (calls.length === 0) return { made, text: (response as Any).output_text, history, usage: (response as Any).usage };
      history.push(...results);
      if (isKept) [input, previous] = [results, (response as Any).id];
    }
    throw new Error("the agent did not come to an end");
  },
});

const messagesAgent = (stream: boolean): Agent => ({
  name: stream ? "anthropic, streamed" : "anthropic",
  run: async (desk, token, history = [{ role: "user", content: task }]) => {
    const fetch = desk.fetch;
    const defaultHeaders = { "Sluice-Session": token };
    const client = new Anthropic({
      apiKey: "sk-ant-provider",
      baseURL: "http://sluice.test",
      defaultHeaders,
      fetch,
      maxRetries: 0,
    });
    const tools = names.map((name) => ({ name, input_schema: parameters as Any }));
    const made: Made[] = [];
    for (let turn = 0; turn < turnsMax; turn++) {
      const request = { model: "scripted", max_tokens: 100, messages: history as Any, tools };
      const message = stream ? await client.messages.stream(request).finalMessage() : await client.messages.create(request);
      history.push({ role: "assistant", content: message.content });
      const calls = message.content.filter((block) => block.type === "tool_use");
      const text = message.content.map((block) => (block.type === "text" ? block.text : "")).join("");
      if (calls.length === 0) return { made, text, history, usage: message.usage };
      const content = calls.map(({ id, name, input }) => ({
        type: "tool_result",
        tool_use_id: id,
        content: callTool(made, name, JSON.stringify(input)),
      }));
      history.push({ role: "user", content });
    }
    throw new Error("the agent did not come to an end");
  },
});

/** An agent over each API, whole and streamed. */
export const agents: readonly Agent[] = [
  chatAgent(false),
  chatAgent(true),
  responsesAgent(false, false),
  responsesAgent(true, false),
  responsesAgent(false, true),
  responsesAgent(true, true),
  messagesAgent(false),
  messagesAgent(true),
];
