/**
 * What each format of calls refuses: one error, its code, its place, and a message that says what would be right.
 */
import { describe, expect, it } from "vitest";
import { type CallFormat, importCalls } from "../../src/intent/import.ts";
import { catalogue } from "./call-formats.ts";

type Row = readonly [what: string, text: string, code: string, place: object];

function check(from: CallFormat, [, text, code, place]: Row): void {
  const read = importCalls(text, catalogue, { from });
  if (read.ok) throw new Error(`it was read: ${JSON.stringify(read.value.plan)}`);
  expect({ code: read.error.code, place: read.error.place }).toEqual({ code, place });
}

const call = (rest: object): string =>
  JSON.stringify({ role: "assistant", tool_calls: [{ id: "c", type: "function", ...rest }] });
const mail = '{"to":"a@example.com","body":"x"}';

const openai: readonly Row[] = [
  ["no text", " \n", "IMPORT_EMPTY", {}],
  ["a stream of events", 'data: {"choices":[{"delta":{}}]}\n\ndata: [DONE]\n', "IMPORT_STREAM", { line: 1 }],
  ["a chunk", '{"object":"chat.completion.chunk","choices":[]}', "IMPORT_STREAM", { pointer: "" }],
  ["a list of chunks", '[{"object":"chat.completion.chunk"}]', "IMPORT_STREAM", { pointer: "/0" }],
  ["a delta", '{"choices":[{"index":0,"delta":{}}]}', "IMPORT_STREAM", { pointer: "/choices/0" }],
  ["an event of the Responses API", '{"type":"response.output_item.added"}', "IMPORT_STREAM", { pointer: "" }],
  ["broken JSON", '{"role": ', "JSON_SYNTAX", { line: 1, column: 10, pointer: "/role" }],
  ["a key twice", '{"role":"user","role":"assistant"}', "JSON_DUPLICATE_KEY", { line: 1, column: 16, pointer: "/role" }],
  ["a broken line", '{"role":"user","content":"x"}\n{"role"\n', "JSON_SYNTAX", { line: 2, column: 8, pointer: "" }],
  ["a number", "7", "IMPORT_SHAPE", { pointer: "" }],
  ["another document", '{"tools":[]}', "IMPORT_SHAPE", { pointer: "" }],
  ["an unknown role", '[{"role":"robot"}]', "IMPORT_SHAPE", { pointer: "/0/role" }],
  ["no call at all", '{"role":"assistant","content":"Hello"}', "IMPORT_EMPTY", {}],
  [
    "several answers",
    '{"choices":[{"message":{"role":"assistant"}},{"message":{"role":"assistant"}}]}',
    "IMPORT_CHOICES",
    { pointer: "/choices/1" },
  ],
  [
    "an answer that was cut off",
    '{"choices":[{"finish_reason":"length","message":{"role":"assistant"}}]}',
    "IMPORT_INCOMPLETE",
    { pointer: "/choices/0/finish_reason" },
  ],
  ["several conversations", '{"messages":[]}\n{"messages":[]}', "IMPORT_SHAPE", { line: 2, pointer: "" }],
  [
    "a custom tool",
    '{"role":"assistant","tool_calls":[{"id":"c","type":"custom","custom":{"name":"x","input":"y"}}]}',
    "IMPORT_CALL_KIND",
    { pointer: "/tool_calls/0" },
  ],
  ["no name", call({ function: { arguments: "{}" } }), "IMPORT_SHAPE", { pointer: "/tool_calls/0/function" }],
  [
    "arguments that are no JSON",
    call({ function: { name: "send_mail", arguments: "{to: 1}" } }),
    "IMPORT_ARGUMENTS",
    { pointer: "/tool_calls/0/function/arguments" },
  ],
  [
    "arguments with a key twice",
    call({ function: { name: "send_mail", arguments: '{"to":"a","to":"b"}' } }),
    "IMPORT_ARGUMENTS",
    { pointer: "/tool_calls/0/function/arguments" },
  ],
  [
    "arguments that are a list",
    call({ function: { name: "send_mail", arguments: "[]" } }),
    "IMPORT_ARGUMENTS",
    { pointer: "/tool_calls/0/function/arguments" },
  ],
  [
    "arguments that are a number",
    call({ function: { name: "send_mail", arguments: 5 } }),
    "IMPORT_ARGUMENTS",
    { pointer: "/tool_calls/0/function/arguments" },
  ],
  [
    "a tool that there is not",
    call({ function: { name: "send_male", arguments: mail } }),
    "IMPORT_TOOL_UNKNOWN",
    { pointer: "/tool_calls/0" },
  ],
  [
    "an argument that there is not",
    call({ function: { name: "send_mail", arguments: '{"to":"a@example.com","body":"x","bcc":"y"}' } }),
    "IMPORT_ARGUMENT",
    { pointer: "/tool_calls/0" },
  ],
  [
    "a result of no call",
    '{"messages":[{"role":"tool","tool_call_id":"c","content":"x"}]}',
    "IMPORT_LOG",
    { pointer: "/messages/0" },
  ],
  [
    "two open calls with one id",
    JSON.stringify([1, 2].map(() => ({ id: "c", function: { name: "get_time", arguments: "{}" } }))),
    "IMPORT_LOG",
    { pointer: "/1" },
  ],
  [
    "a response in progress",
    '{"object":"response","status":"in_progress","output":[]}',
    "IMPORT_INCOMPLETE",
    { pointer: "/status" },
  ],
  [
    "a call in progress",
    '[{"type":"function_call","status":"in_progress","call_id":"c","name":"get_time","arguments":"{"}]',
    "IMPORT_INCOMPLETE",
    { pointer: "/0" },
  ],
  [
    "a call that the provider runs",
    '{"output":[{"type":"web_search_call","id":"ws_1","status":"completed"}]}',
    "IMPORT_CALL_KIND",
    { pointer: "/output/0" },
  ],
  [
    "a call of a kind that is not known",
    '{"output":[{"type":"teleport_call","id":"t"}]}',
    "IMPORT_CALL_KIND",
    { pointer: "/output/0" },
  ],
  ["an item of another kind", '{"output":[{"type":"item_reference","id":"fc_1"}]}', "IMPORT_SHAPE", { pointer: "/output/0" }],
  [
    "an MCP call without its server",
    '{"output":[{"type":"mcp_call","id":"m","name":"create_issue","arguments":"{}"}]}',
    "IMPORT_SHAPE",
    { pointer: "/output/0" },
  ],
  [
    "a call of another server",
    '{"output":[{"type":"mcp_call","id":"m","server_label":"gitlab","name":"create_issue","arguments":"{}"}]}',
    "IMPORT_TOOL_UNKNOWN",
    { pointer: "/output/0" },
  ],
];

const anthropic: readonly Row[] = [
  ["a stream of events", "event: message_start\ndata: {}\n", "IMPORT_STREAM", { line: 1 }],
  ["an event of a stream", '{"type":"content_block_delta","index":0}', "IMPORT_STREAM", { pointer: "" }],
  [
    "a result that a model wrote",
    '[{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"get_time","input":{}},{"type":"tool_result","tool_use_id":"a"}]}]',
    "IMPORT_SHAPE",
    { pointer: "/0/content/1" },
  ],
  [
    "an answer that the provider broke off",
    '{"role":"assistant","stop_reason":"refusal","content":[{"type":"tool_use","id":"a","name":"get_time","input":{}}]}',
    "IMPORT_INCOMPLETE",
    { pointer: "/stop_reason" },
  ],
  ["events in lines", '{"type":"message_start"}\n{"type":"message_stop"}', "IMPORT_STREAM", { line: 1, pointer: "" }],
  [
    "a block of a kind that is not known",
    '[{"type":"robot_use","id":"x","name":"get_time","input":{}}]',
    "IMPORT_CALL_KIND",
    { pointer: "/0" },
  ],
  [
    "a call of the user",
    '[{"role":"user","content":[{"type":"tool_use","id":"x","name":"get_time","input":{}}]}]',
    "IMPORT_SHAPE",
    { pointer: "/0/content/0" },
  ],
  [
    "an input that is text",
    '[{"type":"tool_use","id":"x","name":"get_time","input":"{}"}]',
    "IMPORT_ARGUMENTS",
    { pointer: "/0/input" },
  ],
  ["a call without an id", '[{"type":"tool_use","name":"get_time","input":{}}]', "IMPORT_SHAPE", { pointer: "/0" }],
  [
    "an MCP call without its server",
    '[{"type":"mcp_tool_use","id":"x","name":"get_time","input":{}}]',
    "IMPORT_SHAPE",
    { pointer: "/0" },
  ],
  ["a result of no call", '[{"type":"tool_result","tool_use_id":"x"}]', "IMPORT_LOG", { pointer: "/0" }],
  [
    "an answer that was cut off",
    '{"role":"assistant","stop_reason":"max_tokens","content":[{"type":"tool_use","id":"x","name":"get_time","input":{}}]}',
    "IMPORT_INCOMPLETE",
    { pointer: "/stop_reason" },
  ],
  ["a content that is a number", '{"role":"assistant","content":7}', "IMPORT_SHAPE", { pointer: "/content" }],
  ["messages that are no list", '{"messages":{}}', "IMPORT_SHAPE", { pointer: "/messages" }],
];

const mcp: readonly Row[] = [
  ["what came of a bare call", '[{"tool":"get_time","args":{},"error":"declined"}]', "IMPORT_SHAPE", { pointer: "/0/error" }],
  ["a condition of a bare call", '{"tool":"get_time","when":"x"}', "IMPORT_SHAPE", { pointer: "/when" }],
  [
    "a call without an id",
    '{"jsonrpc":"2.0","method":"tools/call","params":{"name":"get_time"}}',
    "IMPORT_SHAPE",
    { pointer: "/params" },
  ],
  ["other requests only", '{"jsonrpc":"2.0","id":1,"method":"tools/list"}', "IMPORT_EMPTY", {}],
  [
    "an id that is used twice",
    '[{"id":1,"method":"tools/call","params":{"name":"get_time"}},{"id":1,"method":"tools/call","params":{"name":"get_time"}}]',
    "IMPORT_LOG",
    { pointer: "/1" },
  ],
  [
    "a response to two requests, of the client and of the server",
    '{"id":1,"method":"tools/call","params":{"name":"get_time"}}\n{"id":1,"method":"sampling/createMessage"}\n{"jsonrpc":"2.0","id":1,"result":{"content":[]}}',
    "IMPORT_LOG",
    { line: 3, pointer: "" },
  ],
  ["a result of no call", '{"jsonrpc":"2.0","id":1,"result":{"content":[]}}', "IMPORT_LOG", { pointer: "" }],
  ["arguments twice", '{"tool":"get_time","args":{},"arguments":{}}', "IMPORT_SHAPE", { pointer: "/arguments" }],
  ["a tool twice", '{"tool":"get_time","name":"get_time"}', "IMPORT_SHAPE", { pointer: "" }],
  [
    "a recorded run",
    '{"type":"call","id":1,"tool":"get_time"}\n{"type":"result","id":1,"value":1}',
    "IMPORT_SHAPE",
    { line: 2, pointer: "" },
  ],
  ["a list of numbers", "[1]", "IMPORT_SHAPE", { pointer: "/0" }],
];

const compiler: readonly Row[] = [
  ["prose", "I would search first.", "IMPORT_SYNTAX", { line: 1, column: 1 }],
  ["numbers that go back", "2. get_time()\n1. get_time()", "IMPORT_SYNTAX", { line: 2, column: 1 }],
  ["a text without its end", '1. get_weather("Rome)', "IMPORT_SYNTAX", { line: 1, column: 16 }],
  ["a text without quotes", "1. get_weather(Rome)", "IMPORT_SYNTAX", { line: 1, column: 16 }],
  ["an expression", '1. get_weather("Ro" + "me")', "IMPORT_SYNTAX", { line: 1, column: 21 }],
  ["a nested call", "1. get_weather(get_time())", "IMPORT_SYNTAX", { line: 1, column: 16 }],
  ["something behind a call", '1. get_weather("Rome") 2. get_time()', "IMPORT_SYNTAX", { line: 1, column: 23 }],
  ["something behind the end", "1. get_time()<END_OF_PLAN>\n2. get_time()", "IMPORT_SYNTAX", { line: 2, column: 1 }],
  ["an odd escape", '1. get_weather("\\d")', "IMPORT_SYNTAX", { line: 1, column: 17 }],
  ["half of a surrogate pair", '1. get_weather("\\ud800")', "IMPORT_SYNTAX", { line: 1, column: 16 }],
  ["a part of a result", '1. find_invoice("1")\n2. send_money($1.iban, 5)', "IMPORT_SYNTAX", { line: 2, column: 15 }],
  [
    "a part of a result in a text",
    '1. find_invoice("1")\n2. send_money("$1.iban", 5)',
    "IMPORT_REFERENCE",
    { line: 2, column: 15 },
  ],
  [
    "a price that could be a result",
    '1. find_invoice("1")\n2. send_mail("a@example.com", "s", "It is $1.50")',
    "IMPORT_REFERENCE",
    { line: 2, column: 36 },
  ],
  ["a later call", '1. send_mail(to=$2, body="x")\n2. get_time()', "IMPORT_REFERENCE", { line: 1, column: 17 }],
  [
    "a later call in a text",
    '1. send_mail("a@example.com", "s", "Now: $2")\n2. get_time()',
    "IMPORT_REFERENCE",
    { line: 1, column: 36 },
  ],
  ["a call that there is not", "1. get_weather(${7})", "IMPORT_REFERENCE", { line: 1, column: 16 }],
  ["a reference in a name", "1. get_time()\n2. get_weather({'$1': 1})", "IMPORT_REFERENCE", { line: 2, column: 16 }],
  ["a target that is put together", '1. get_time()\n2. fetch_page("https://$1")', "IMPORT_TEXT", { line: 2, column: 1 }],
  ["an argument by name before one by place", '1. get_weather(unit="celsius", "Rome")', "IMPORT_SYNTAX", { line: 1, column: 32 }],
  ["an argument twice", '1. get_weather("Rome", city="Oslo")', "IMPORT_ARGUMENT", { line: 1, column: 1 }],
  ["too many arguments", '1. get_weather("Rome", "celsius", 3)', "IMPORT_ARGUMENT", { line: 1, column: 1 }],
  ["arguments of a tool without any", "1. get_time(1)", "IMPORT_ARGUMENT", { line: 1, column: 1 }],
  ["a task without a number", '[{"tool":"get_time","args":[]}]', "IMPORT_SHAPE", { pointer: "/0" }],
  [
    "a dependency on a later task",
    '[{"idx":1,"tool":"get_time","args":[],"dependencies":[2]},{"idx":2,"tool":"get_time","args":[]}]',
    "IMPORT_REFERENCE",
    { pointer: "/0" },
  ],
  [
    "dependencies that are no list",
    '[{"idx":1,"tool":"get_time","args":[],"dependencies":"1"}]',
    "IMPORT_SHAPE",
    { pointer: "/0/dependencies" },
  ],
  ["arguments that are text", '[{"idx":1,"tool":"get_time","args":"x"}]', "IMPORT_ARGUMENTS", { pointer: "/0/args" }],
  ["a condition", '[{"idx":1,"tool":"get_time","args":[],"if":"$0"}]', "IMPORT_SHAPE", { pointer: "/0/if" }],
  ["a call behind the end", "1. get_time()\n2. join()\n3. get_time()", "IMPORT_SYNTAX", { line: 3, column: 1 }],
  ["a tool that is called as the end is", '1. join(channel="x")', "IMPORT_SYNTAX", { line: 1, column: 1 }],
];

describe.each([
  ["openai", openai],
  ["anthropic", anthropic],
  ["mcp", mcp],
  ["llm-compiler", compiler],
] as const)("%s", (from, rows) => {
  it.each(rows)("refuses %s", (...row) => check(from, row));
});

describe("the error of an import", () => {
  it("stands at a call of the tool, in a recorded run without a catalogue too", () => {
    const log = [
      { type: "tool_use", id: "a", name: "get_time", input: {} },
      { type: "tool_result", tool_use_id: "a", content: "noon" },
      { type: "tool_use", id: "b", name: "tell", input: { "": "noon" } },
    ];
    const read = importCalls(JSON.stringify(log), undefined, { from: "anthropic" });
    expect(read).toMatchObject({ ok: false, error: { code: "IMPORT_UNREPRESENTABLE", place: { pointer: "/2" } } });
  });

  it("names the tools and arguments that would do", () => {
    const message = (text: string): string => {
      const read = importCalls(text, catalogue, { from: "mcp" });
      return read.ok ? "" : read.error.message;
    };
    expect(message('{"tool":"send_male"}')).toBe("the catalogue has no tool `send_male`: did you mean `send_mail`?");
    expect(message('{"tool":"get_weather","args":{"city":"x","units":"y"}}')).toContain("did you mean `unit`?");
  });

  it("says where in the text of the arguments it went wrong, and nothing of what stands there", () => {
    const text = call({ function: { name: "send_mail", arguments: '{\n "to": secret}' } });
    const read = importCalls(text, catalogue, { from: "openai" });
    expect(read.ok ? "" : read.error.message).toBe(
      "the text of the arguments, at its line 2, column 8: not JSON (RFC 8259): expected a value",
    );
  });
});
