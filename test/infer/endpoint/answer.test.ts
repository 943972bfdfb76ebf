/**
 * Responses of chat completions: the forms that servers document, and everything else as one clear error.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readAnswer } from "../../../src/infer/endpoint/answer.ts";
import type { Json } from "../../../src/json/value.ts";
import { completion } from "./scripted-server.ts";

const plan = { outcome: "plan", calls: [{ tool: "rooms/list", words: "rooms" }] };
const text = JSON.stringify(plan);
const expected = { outcome: "plan", calls: [{ tool: "rooms/list", words: "rooms", args: [] }] };

function read(response: unknown) {
  return readAnswer(response as Json);
}

function withMessage(message: unknown, more: object = {}): unknown {
  return { choices: [{ index: 0, message, finish_reason: "stop", ...more }] };
}

/** Shapes as the servers' documentation and sources have them. */
const served: readonly (readonly [string, unknown])[] = [
  ["OpenAI", completion(plan, { logprobs: null })],
  [
    "vLLM",
    {
      id: "chatcmpl-5",
      object: "chat.completion",
      created: 1,
      model: "m",
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: text, refusal: null, tool_calls: [], reasoning_content: null },
          logprobs: null,
          finish_reason: "stop",
          stop_reason: null,
          token_ids: null,
        },
      ],
      service_tier: null,
      system_fingerprint: null,
      usage: { prompt_tokens: 1, total_tokens: 2, completion_tokens: 1, prompt_tokens_details: null },
      prompt_logprobs: null,
      kv_transfer_params: null,
    },
  ],
  [
    "Ollama",
    {
      id: "chatcmpl-8",
      object: "chat.completion",
      created: 1,
      model: "m:8b",
      system_fingerprint: "fp_ollama",
      choices: [{ index: 0, message: { role: "assistant", content: text, reasoning: "Let me see." }, finish_reason: "stop" }],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    },
  ],
  ["a list of parts", withMessage({ role: "assistant", content: [{ type: "text", text }] })],
  ["a fence of Markdown", withMessage({ role: "assistant", content: `\`\`\`json\n${text}\n\`\`\`\n` })],
  ["thoughts before it", withMessage({ role: "assistant", content: `<think>{"no": 1}</think>\n\n${text}` })],
  ["thoughts and a fence", withMessage({ role: "assistant", content: `<think>x</think>\`\`\`\n${text}\`\`\`` })],
];

describe("an answer", () => {
  it.each(served)("is read as %s sends it", (_, response) => {
    expect(read(response)).toEqual({ ok: true, value: expected });
  });

  it("says where each argument comes from", () => {
    const args = [
      { name: "a", from: "task", words: ["two"], value: 2 },
      { name: "b", from: "task", words: "two", value: "2" },
      { name: "c", from: "result", call: 0, path: "id" },
      { name: "d", from: "ask" },
    ];
    const answer = read(completion({ outcome: "plan", calls: [{ tool: "t", words: "w", args }] }));
    expect(answer.ok && answer.value.calls[0]?.args.map(({ source }) => source)).toEqual([
      { from: "task", words: ["two"], value: 2 },
      { from: "task", words: ["two"], value: "2" },
      { from: "result", call: 0, path: "id" },
      { from: "ask" },
    ]);
  });

  it("has the certainty of its tokens, where the server gives them", () => {
    const content = [text.slice(0, 27), text.slice(27)].map((token, at) => ({
      token,
      logprob: -at,
      bytes: null,
      top_logprobs: [],
    }));
    const answer = read(completion(text, { logprobs: { content } }));
    expect(answer.ok && answer.value.calls[0]?.certainty).toBeCloseTo(Math.exp(-1));
  });

  it.each([
    ["declined", withMessage({ role: "assistant", content: null, refusal: "I cannot help with that." })],
    ["filtered", withMessage({ role: "assistant", content: "" }, { finish_reason: "content_filter" })],
  ])("that is %s means that the task is out of scope", (_, response) => {
    expect(read(response)).toEqual({ ok: true, value: { outcome: "out_of_scope", calls: [] } });
  });
});

/** Whatever a server may send instead. */
const broken: readonly (readonly [string, unknown, string])[] = [
  ["nothing", null, "INFER_ENDPOINT_FORMAT"],
  ["an error with status 200", { error: { message: "boom" } }, "INFER_ENDPOINT_FORMAT"],
  ["no choice", { choices: [] }, "INFER_ENDPOINT_FORMAT"],
  ["choices that are a text", { choices: "0" }, "INFER_ENDPOINT_FORMAT"],
  ["no message", { choices: [{ text }] }, "INFER_ENDPOINT_FORMAT"],
  ["no content", withMessage({ role: "assistant", content: null, tool_calls: [] }), "INFER_ENDPOINT_FORMAT"],
  ["a blank content", withMessage({ role: "assistant", content: " \n" }), "INFER_ENDPOINT_FORMAT"],
  ["what was cut off", withMessage({ role: "assistant", content: text }, { finish_reason: "length" }), "INFER_ENDPOINT_CUT_OFF"],
  ["prose", completion("I would list the rooms."), "INFER_ENDPOINT_ANSWER"],
  ["prose before JSON", completion(`Sure: ${text}`), "INFER_ENDPOINT_ANSWER"],
  ["two answers", completion(`${text}${text}`), "INFER_ENDPOINT_ANSWER"],
  ["a duplicate key", completion('{"outcome":"plan","calls":[],"calls":[]}'), "INFER_ENDPOINT_ANSWER"],
  ["a lone surrogate", completion('{"outcome":"plan","calls":[],"x":"\\ud800"}'), "INFER_ENDPOINT_ANSWER"],
  ["a list", completion("[]"), "INFER_ENDPOINT_ANSWER"],
  ["another outcome", completion({ outcome: "done", calls: [] }), "INFER_ENDPOINT_ANSWER"],
  ["calls that are no list", completion({ outcome: "plan", calls: { 0: plan.calls[0] } }), "INFER_ENDPOINT_ANSWER"],
  ["a call that is a text", completion({ outcome: "plan", calls: ["rooms/list"] }), "INFER_ENDPOINT_ANSWER"],
  [
    "a tool that is a number",
    completion({ outcome: "plan", calls: [{ tool: 1, words: "", args: [] }] }),
    "INFER_ENDPOINT_ANSWER",
  ],
  [
    "args that are an object",
    completion({ outcome: "plan", calls: [{ tool: "t", words: "", args: {} }] }),
    "INFER_ENDPOINT_ANSWER",
  ],
  [
    "a source of no kind",
    completion({ outcome: "plan", calls: [{ tool: "t", words: "", args: [{ name: "a", from: "web" }] }] }),
    "INFER_ENDPOINT_ANSWER",
  ],
  [
    "a reference to a name",
    completion({
      outcome: "plan",
      calls: [{ tool: "t", words: "", args: [{ name: "a", from: "result", call: "x", path: "" }] }],
    }),
    "INFER_ENDPOINT_ANSWER",
  ],
  ["very many calls", completion({ outcome: "plan", calls: Array(65).fill(plan.calls[0]) }), "INFER_ENDPOINT_ANSWER"],
  [
    "very many arguments",
    completion({ outcome: "plan", calls: [{ tool: "t", words: "", args: Array(65).fill({ name: "a", from: "ask" }) }] }),
    "INFER_ENDPOINT_ANSWER",
  ],
  ["what is deep", completion(`${"[".repeat(200)}${"]".repeat(200)}`), "INFER_ENDPOINT_ANSWER"],
  ["what is long", completion(`"${"x".repeat(300_000)}"`), "INFER_ENDPOINT_TOO_LARGE"],
];

describe("a response that is no answer", () => {
  it.each(broken)("because it has %s is one error", (_, response, code) => {
    const answer = read(response);
    expect(answer.ok).toBe(false);
    if (answer.ok) return;
    expect(answer.error.code).toBe(code);
    expect(answer.error.message).toMatch(/^[a-z][^\n]{10,160}[^.\n]$/);
  });

  it("is never thrown, whatever JSON it is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (response, content) => {
        expect(typeof read(response).ok).toBe("boolean");
        expect(typeof read(completion(JSON.stringify(content))).ok).toBe("boolean");
        expect(typeof read(completion({ outcome: "plan", calls: content })).ok).toBe("boolean");
        expect(typeof read(completion({ outcome: "plan", calls: [{ tool: "t", args: [content] }] })).ok).toBe("boolean");
      }),
      { numRuns: 300 },
    );
  });
});
