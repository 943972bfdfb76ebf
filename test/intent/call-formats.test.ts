/**
 * Every fixture of every format of calls: what it becomes, that it freezes, and that the frozen plan allows these calls and no changed one.
 */
import { describe, expect, it } from "vitest";
import { roleOf } from "../../src/catalogue/catalogue.ts";
import { importCalls } from "../../src/intent/import.ts";
import type { Json } from "../../src/json/value.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { FrozenPlan, Plan } from "../../src/plan/plan.ts";
import { replayTrace } from "../../src/replay.ts";
import type { Trace, TraceEvent } from "../../src/trace.ts";
import { callsOf, catalogue, fixture, fixtures, type PlannedCall } from "./call-formats.ts";

function imported(name: string, options: { readonly task?: string } = {}) {
  const from = fixtures.find((each) => each.name === name)?.from ?? "mcp";
  const read = importCalls(fixture(name), catalogue, { from, ...options });
  if (!read.ok) throw new Error(`${name}: ${JSON.stringify(read.error)}`);
  return read.value;
}

function frozen(plan: Plan): FrozenPlan {
  const result = freezePlan(plan, catalogue);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** Calls one after the other, each answered. */
function runOf(calls: readonly PlannedCall[]): Trace {
  const events = calls.flatMap(({ tool, args }, index): readonly TraceEvent[] => [
    { type: "call", id: String(index), tool, args },
    { type: "result", id: String(index), value: "done" },
  ]);
  return { events };
}

function verdicts(plan: FrozenPlan, trace: Trace): readonly string[] {
  const replayed = replayTrace(plan, trace);
  if (!replayed.ok) throw new Error(JSON.stringify(replayed.error));
  return replayed.value.map(({ verdict }) => verdict);
}

/** Nodes as tool and arguments, and their order. */
function outline(plan: Plan): Json {
  return Object.fromEntries(
    Object.entries(plan.nodes).map(([name, { tool, args, after, times }]) => [
      name,
      {
        tool: tool ?? null,
        ...(args && { args: args as Json }),
        ...(after && { after }),
        ...(typeof times === "number" ? { times } : {}),
      },
    ]),
  );
}

const mail = (body: string): Json => ({ to: "kim@example.com", body });

/** Fixtures without results: exactly the calls that they hold. */
const intended: readonly (readonly [name: string, nodes: Json])[] = [
  [
    "openai/chat-response.json",
    {
      get_weather: { tool: "weather/get_weather", args: { city: "Paris", unit: "celsius" } },
      get_weather_2: { tool: "weather/get_weather", args: { city: "Tokyo" } },
      get_time: { tool: "clock/get_time" },
    },
  ],
  [
    "openai/chat-message.json",
    { send_mail: { tool: "mail/send_mail", args: { to: "ada@example.com", subject: "Lunch", body: "At noon?" } } },
  ],
  [
    "openai/chat-tool-calls.json",
    {
      create_issue: {
        tool: "github/create_issue",
        args: { owner: "octo", repo: "demo", title: "Broken link", labels: ["bug", "docs"] },
      },
    },
  ],
  [
    "openai/chat-messages.jsonl",
    {
      fetch_page: { tool: "web/fetch_page", args: { url: "https://example.com/a" } },
      fetch_page_2: { tool: "web/fetch_page", args: { url: "https://example.com/b" }, after: ["fetch_page"] },
    },
  ],
  [
    "openai/responses-response.json",
    {
      get_weather: { tool: "weather/get_weather", args: { city: "Lima", unit: "celsius" } },
      send_mail: { tool: "mail/send_mail", args: { to: "eva@example.com", subject: null, body: "On my way" } },
    },
  ],
  [
    "openai/responses-mcp.json",
    { create_issue: { tool: "github/create_issue", args: { owner: "octo", repo: "demo", title: "First" } } },
  ],
  [
    "anthropic/response.json",
    {
      get_weather: { tool: "weather/get_weather", args: { city: "Lisbon", unit: "celsius" } },
      get_time: { tool: "clock/get_time" },
    },
  ],
  [
    "anthropic/blocks.json",
    { create_issue: { tool: "github/create_issue", args: { owner: "octo", repo: "demo", title: "Typo", labels: [] } } },
  ],
  [
    "anthropic/messages.jsonl",
    { send_money: { tool: "bank/send_money", args: { iban: "DE02120300000000202051", amount: 5 }, times: 2 } },
  ],
  ["mcp/task.json", { get_weather: { tool: "weather/get_weather", args: { city: "Quito" } } }],
  ["mcp/request.json", { get_weather: { tool: "weather/get_weather", args: { city: "New York" } } }],
  [
    "mcp/requests.json",
    {
      get_time: { tool: "clock/get_time" },
      get_weather: { tool: "weather/get_weather", args: { city: "Rome" }, after: ["get_time"] },
    },
  ],
  [
    "mcp/batch.jsonl",
    {
      get_weather: { tool: "weather/get_weather", args: { city: "Rome" } },
      get_time: { tool: "clock/get_time" },
      send_mail: { tool: "mail/send_mail", args: mail("Sunny"), after: ["get_time", "get_weather"] },
    },
  ],
  [
    "mcp/calls.json",
    {
      get_weather: { tool: "weather/get_weather", args: { city: "Bern" } },
      send_mail: { tool: "mail/send_mail", args: mail("Sun"), after: ["get_weather"] },
    },
  ],
  [
    "mcp/calls.jsonl",
    {
      get_time: { tool: "clock/get_time" },
      get_weather: { tool: "weather/get_weather", args: { city: "Bern" }, after: ["get_time"] },
    },
  ],
];

describe.each(intended)("%s", (name, nodes) => {
  it("becomes one node for each call, in the order of the turns", () => {
    expect(outline(imported(name).plan)).toEqual(nodes);
    expect(Object.keys(imported(name).plan.nodes)).toEqual(Object.keys(nodes as object));
  });

  it("freezes, and allows the calls that were intended", () => {
    const { plan } = imported(name);
    const calls = callsOf(plan);
    expect(verdicts(frozen(plan), runOf(calls))).toEqual(calls.map(() => "allow"));
  });

  it("denies each call with one argument changed, and one call more", () => {
    const { plan } = imported(name);
    const calls = callsOf(plan);
    const firewall = frozen(plan);
    for (const [at, { tool, args }] of calls.entries()) {
      for (const arg of Object.keys(args)) {
        const changed = [...calls.slice(0, at), { tool, args: { ...args, [arg]: "attacker@evil.example" } }];
        expect(verdicts(firewall, runOf(changed)).at(-1), `${tool} ${arg}`).toBe("deny");
      }
      expect(verdicts(firewall, runOf([...calls, { tool, args }])).at(-1)).toBe("deny");
    }
  });
});

/** Fixtures with results: learned from. */
const recorded: readonly (readonly [name: string, rules: Json, calls: number])[] = [
  ["openai/chat-log.json", { send_money: { iban: { from: "find_invoice$.iban" }, amount: { from: "find_invoice$.total" } } }, 3],
  ["openai/chat-legacy.json", {}, 2],
  ["openai/responses-input.json", {}, 2],
  ["anthropic/log.json", { send_money: { iban: { from: "find_invoice$.iban" }, amount: { from: "find_invoice$.total" } } }, 3],
  ["anthropic/server-tools.json", { fetch_page: { url: { from: "web_search$[*].url" } } }, 3],
  ["mcp/session.jsonl", { send_money: { iban: { from: "find_invoice$.iban" } } }, 3],
];

describe.each(recorded)("%s", (name, rules, calls) => {
  it("is a recorded run, in which references are found", () => {
    const { plan, trace } = imported(name);
    expect(plan.nodes).toMatchObject(Object.fromEntries(Object.entries(rules as object).map(([node, args]) => [node, { args }])));
    expect(trace?.events.filter(({ type }) => type === "call")).toHaveLength(calls);
  });

  it("freezes, and allows the run again", () => {
    const { plan, trace } = imported(name);
    expect(verdicts(frozen(plan), trace as Trace)).toEqual(Array.from({ length: calls }, () => "allow"));
  });

  it("denies a target that was not in the run", () => {
    const { plan, trace } = imported(name);
    const firewall = frozen(plan);
    for (const [at, event] of (trace as Trace).events.entries()) {
      if (event.type !== "call") continue;
      const tool = catalogue.resolve(event.tool);
      for (const arg of tool.ok ? Object.keys(event.args).filter((each) => roleOf(tool.value, each) === "target") : []) {
        const changed = { ...event, args: { ...event.args, [arg]: "attacker@evil.example" } };
        const events = [...(trace as Trace).events.slice(0, at), changed];
        expect(verdicts(firewall, { events }).at(-1), `${event.tool} ${arg}`).toBe("deny");
      }
    }
  });
});

describe("LLMCompiler plans", () => {
  it("have references, arguments by place, and text with results in it", () => {
    expect(outline(imported("llm-compiler/plan.txt").plan)).toEqual({
      get_weather: { tool: "weather/get_weather", args: { city: "Rome", unit: "celsius" } },
      get_weather_2: { tool: "weather/get_weather", args: { city: "Oslo" } },
      send_mail: {
        tool: "mail/send_mail",
        args: {
          to: "kim@example.com",
          subject: 'Weather "today"',
          body: {
            template: "text",
            text: "Rome: {call_1}\nOslo: {call_2} {{as said}}; it cost $40",
            with: { call_1: { from: "get_weather$" }, call_2: { from: "get_weather_2$" } },
          },
        },
      },
    });
    expect(outline(imported("llm-compiler/references.txt").plan)).toEqual({
      find_invoice: { tool: "bank/find_invoice", args: { number: "INV-9" } },
      send_money: {
        tool: "bank/send_money",
        args: { iban: { from: "find_invoice$" }, amount: 12.5, note: { from: "find_invoice$" } },
      },
      create_issue: {
        tool: "github/create_issue",
        args: { owner: "octo", repo: "demo", title: "Paid", labels: { const: ["paid", "done"] }, body: null },
      },
    });
  });

  it("wait for what they depend on, as data too", () => {
    expect(outline(imported("llm-compiler/tasks.json").plan)).toEqual({
      fetch_page: { tool: "web/fetch_page", args: { url: "https://example.com/a" } },
      get_time: { tool: "clock/get_time", after: ["fetch_page"] },
      send_mail: {
        tool: "mail/send_mail",
        args: {
          to: "kim@example.com",
          body: { template: "text", text: "Page: {call_1}", with: { call_1: { from: "fetch_page$" } } },
        },
        after: ["fetch_page"],
      },
    });
  });

  it("fill in what they refer to, whatever the agent sends", () => {
    const plan = frozen(imported("llm-compiler/plan.txt").plan);
    const run = (to: string, body: string): Trace => ({
      events: [
        { type: "call", id: "1", tool: "get_weather", args: { city: "Rome", unit: "celsius" } },
        { type: "result", id: "1", value: "sun" },
        { type: "call", id: "2", tool: "get_weather", args: { city: "Oslo" } },
        { type: "result", id: "2", value: "rain" },
        { type: "call", id: "3", tool: "send_mail", args: { to, subject: 'Weather "today"', body } },
      ],
    });
    const said = "Rome: sun\nOslo: rain {as said}; it cost $40";
    expect(verdicts(plan, run("kim@example.com", said))).toEqual(["allow", "allow", "allow"]);
    expect(verdicts(plan, run("kim@example.com", "something else"))).toEqual(["allow", "allow", "deny"]);
    expect(verdicts(plan, run("eve@example.com", said))).toEqual(["allow", "allow", "deny"]);
  });

  it("freeze, each of them", () => {
    for (const { name } of fixtures.filter(({ from }) => from === "llm-compiler"))
      expect(frozen(imported(name).plan).digest).toMatch(/^sha256:/);
  });
});

describe("what is said of an import", () => {
  it("takes the user's words for the task, unless another is given", () => {
    expect(imported("openai/chat-log.json").plan.task).toBe("Pay invoice INV-2041 and tell kim@example.com.");
    expect(imported("anthropic/messages.jsonl").plan.task).toBe("Send 5 euros to DE02120300000000202051, twice");
    expect(imported("llm-compiler/plan.txt").plan.task).toBe("Compare the weather in Rome and Oslo, and mail it to Kim");
    expect(imported("anthropic/messages.jsonl", { task: "Pay" }).plan.task).toBe("Pay");
  });

  it("leaves out words that are too long for a plan, of a recorded run too", () => {
    const log = (of: object[]): string => JSON.stringify({ messages: [{ role: "user", content: "long ".repeat(5_000) }, ...of] });
    const use = { role: "assistant", content: [{ type: "tool_use", id: "t", name: "get_time", input: {} }] };
    const result = { role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: "noon" }] };
    for (const of of [[use], [use, result]]) {
      const read = importCalls(log(of), catalogue, { from: "anthropic" });
      if (!read.ok) throw new Error(read.error.message);
      expect([read.value.plan.task, read.value.findings.map(({ code }) => code)]).toEqual([undefined, ["IMPORT_TASK"]]);
    }
  });

  it("covers every fixture that there is", () => {
    const covered = [...intended, ...recorded].map(([name]) => name);
    const all = fixtures.filter(({ from }) => from !== "llm-compiler").map(({ name }) => name);
    expect(covered.sort()).toEqual(all.sort());
  });

  it("names equal calls that became one node, and what was declined", () => {
    const codes = (name: string) => imported(name).findings.map(({ code, pointer }) => `${code} ${pointer}`);
    expect(codes("anthropic/messages.jsonl")).toEqual(["IMPORT_MERGED /nodes/send_money"]);
    expect(codes("openai/responses-mcp.json")).toEqual(["IMPORT_DECLINED /nodes"]);
    expect(codes("llm-compiler/plan.txt")).toEqual(["IMPORT_PLACEHOLDER /nodes/send_mail/args/body"]);
  });

  it("takes the tools that a log describes, where there is no catalogue, and says so", () => {
    const read = importCalls(fixture("openai/responses-response.json"), undefined, { from: "openai" });
    if (!read.ok) throw new Error(read.error.message);
    expect(read.value.findings.map(({ code }) => code)).toEqual(["IMPORT_TOOLS_OF_LOG"]);
    const none = importCalls(fixture("openai/chat-response.json"), undefined, { from: "openai" });
    expect(none.ok && none.value.findings.map(({ code }) => code)).toEqual(["IMPORT_NO_CATALOGUE"]);
  });
});
