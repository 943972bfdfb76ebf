/**
 * What a log with results allows: what failed, was cancelled, made at once or said afterwards must not make the plan wider than the run.
 */
import { describe, expect, it } from "vitest";
import { type CallFormat, importCalls } from "../../src/intent/import.ts";
import type { Json } from "../../src/json/value.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { replayTrace } from "../../src/replay.ts";
import type { TraceEvent } from "../../src/trace.ts";
import { catalogue } from "./call-formats.ts";

const iban = "DE89370400440532013000";
const pay = { iban, amount: 5, note: "rent" };

type Turn = readonly (readonly [id: string, tool: string, args: object])[];

const user = (content: string): object => ({ role: "user", content });
const calls = (turn: Turn): object => ({
  role: "assistant",
  tool_calls: turn.map(([id, name, args]) => ({ id, type: "function", function: { name, arguments: JSON.stringify(args) } })),
});
const answer = (id: string, content: string): object => ({ role: "tool", tool_call_id: id, content });

function planOf(from: CallFormat, log: unknown): { readonly plan: Plan; readonly codes: readonly string[] } {
  const read = importCalls(JSON.stringify(log), catalogue, { from, task: `Pay 5 to ${iban} for the rent` });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return { plan: read.value.plan, codes: read.value.findings.map(({ code }) => code) };
}

function verdicts(plan: Plan, made: readonly (readonly [tool: string, args: object, value: Json])[]): readonly string[] {
  const frozen = freezePlan(plan, catalogue);
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
  const events = made.flatMap(([tool, args, value], at): readonly TraceEvent[] => [
    { type: "call", id: String(at), tool, args: args as { readonly [name: string]: Json } },
    { type: "result", id: String(at), value },
  ]);
  const replayed = replayTrace(frozen.value, { events });
  if (!replayed.ok) throw new Error(JSON.stringify(replayed.error));
  return replayed.value.map(({ code }) => code ?? "allow");
}

describe("a call that failed in a log and was made again", () => {
  const failures = ['{"error":"timeout"}', '{"error":{"code":504},"status":"failed"}', "Error: timeout", "Tool error: timeout"];

  it.each(failures)("may be made again and succeeds once (%s)", (text) => {
    const turns: readonly Turn[] = [[["1", "bank__send_money", pay]], [["2", "bank__send_money", pay]]];
    const log = [user("Pay"), ...turns.flatMap((turn, at) => [calls(turn), answer(String(at + 1), at === 0 ? text : "sent")])];
    const { plan, codes } = planOf("openai", log);
    expect(codes).toContain("LEARN_RETRY");
    const send = ["bank/send_money", pay] as const;
    const failed = [...send, { error: "timeout" }] as const;
    const sent = [...send, "sent"] as const;
    expect(verdicts(plan, [failed, sent, sent])).toEqual(["allow", "allow", "CALL_LIMIT"]);
    expect(verdicts(plan, [sent, sent])).toEqual(["allow", "CALL_REPEATED"]);
    expect(verdicts(plan, [failed, failed, failed])).toEqual(["allow", "allow", "CALL_LIMIT"]);
  });

  it("is no part of the plan where it was corrected, but stays where a reader read such a text", () => {
    const wrong = { ...pay, iban: "DE00" };
    const log = [
      calls([["1", "bank__send_money", wrong]]),
      answer("1", "Error: no such account"),
      calls([["2", "bank__send_money", pay]]),
      answer("2", "sent"),
    ];
    const { plan, codes } = planOf("openai", log);
    expect([Object.keys(plan.nodes), codes]).toEqual([["send_money"], ["LEARN_FAILED_CALL"]]);
    const page = [
      calls([["1", "web__fetch_page", { url: "https://a.example/log" }]]),
      answer("1", "Error: disk full"),
      calls([["2", "mail__send_mail", { to: "ops@a.example", body: "x" }]]),
      answer("2", "ok"),
    ];
    expect(planOf("openai", page).plan.nodes.fetch_page?.times).toEqual({ min: 1, max: 3 });
  });
});

describe("calls of one turn", () => {
  it("are allowed again as they were made, also where one acts and the other reads", () => {
    const log = [
      calls([
        ["1", "bank__find_invoice", { number: "INV-1" }],
        ["2", "bank__send_money", pay],
      ]),
      answer("1", `{"iban":"${iban}"}`),
      answer("2", "sent"),
    ];
    const { plan, codes } = planOf("openai", log);
    expect(codes).not.toContain("LEARN_DENIES_RUN");
    expect(plan.nodes.send_money?.after).toBeUndefined();
  });
});

describe("a call of MCP that was cancelled", () => {
  const request = (id: number, name: string, args: object): object => ({
    jsonrpc: "2.0",
    id,
    method: "tools/call",
    params: { name, arguments: args },
  });
  const result = (id: number): object => ({ jsonrpc: "2.0", id, result: { content: [{ type: "text", text: "done" }] } });
  const cancelled = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } };

  it("is no part of the plan, whether or not it was answered all the same", () => {
    for (const late of [[], [result(1)]]) {
      const { plan, codes } = planOf("mcp", [
        request(1, "send_money", pay),
        cancelled,
        ...late,
        request(2, "get_time", {}),
        result(2),
      ]);
      expect([Object.keys(plan.nodes), codes]).toEqual([["get_time"], ["LEARN_FAILED_CALL"]]);
    }
  });
});

describe("a call of the Responses API that failed without a message", () => {
  it("is no part of the plan", () => {
    const failed = {
      type: "mcp_call",
      id: "m",
      server_label: "bank",
      name: "send_money",
      arguments: JSON.stringify(pay),
      status: "failed",
    };
    const time = { type: "function_call", call_id: "c", name: "get_time", arguments: "{}" };
    const { plan } = planOf("openai", [failed, time, { type: "function_call_output", call_id: "c", output: "noon" }]);
    expect(Object.keys(plan.nodes)).toEqual(["get_time"]);
  });
});

describe("the user's words", () => {
  it("explain nothing that was called before they were said", () => {
    const log = [
      user("Pay my rent"),
      calls([["1", "bank__send_money", pay]]),
      answer("1", "sent"),
      user(`Why did you pay 5 to ${iban}?`),
    ];
    const read = importCalls(JSON.stringify(log), catalogue, { from: "openai" });
    if (!read.ok) throw new Error(read.error.message);
    expect([read.value.plan.task, read.value.plan.nodes.send_money?.args?.iban]).toEqual(["Pay my rent", iban]);
    expect(read.value.findings.map(({ code }) => code)).toContain("LEARN_UNEXPLAINED");
  });
});
