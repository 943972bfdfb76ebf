/**
 * Mastra itself, with a scripted model: what runs, what the model is shown, what a denial looks like to it.
 */
import { Agent } from "@mastra/core/agent";
import { createTool } from "@mastra/core/tools";
import { convertArrayToReadableStream, MockLanguageModelV4 } from "ai/test";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ConfigError, guarded } from "../../../src/surfaces/adapters/mastra.ts";
import { benign, hijacked, iban, injection, type Office, office, type Turn } from "./clerk.ts";

/** A part of a model's stream. */
type StreamPart = Awaited<ReturnType<MockLanguageModelV4["doStream"]>>["stream"] extends ReadableStream<infer P> ? P : never;

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 1, text: 1, reasoning: undefined },
};

/** A model that says what it was told to say, and keeps all that it was sent. */
function scripted(turns: readonly Turn[]): { readonly model: MockLanguageModelV4; readonly sent: () => string[] } {
  let turn = 0;
  const next = () => {
    const said = turns[turn++] ?? "end";
    const finishReason = { unified: typeof said === "string" ? ("stop" as const) : ("tool-calls" as const), raw: undefined };
    const calls =
      typeof said === "string"
        ? []
        : said.map(({ tool: toolName, args }, i) => ({
            type: "tool-call" as const,
            toolCallId: `call-${turn}-${i}`,
            toolName,
            input: JSON.stringify(args),
          }));
    return { said, finishReason, calls };
  };
  const model = new MockLanguageModelV4({
    doGenerate: async () => {
      const { said, finishReason, calls } = next();
      const content = typeof said === "string" ? [{ type: "text" as const, text: said }] : calls;
      return { content, finishReason, usage, warnings: [] };
    },
    doStream: async () => {
      const { said, finishReason, calls } = next();
      const text: StreamPart[] =
        typeof said === "string"
          ? [
              { type: "text-start", id: "t" },
              { type: "text-delta", id: "t", delta: said },
              { type: "text-end", id: "t" },
            ]
          : [];
      const parts: StreamPart[] = [
        { type: "stream-start", warnings: [] },
        ...text,
        ...calls,
        { type: "finish", finishReason, usage },
      ];
      return { stream: convertArrayToReadableStream(parts) };
    },
  });
  const sent = (): string[] => [...model.doGenerateCalls, ...model.doStreamCalls].map((call) => JSON.stringify(call));
  return { model, sent };
}

const toolsOf = ({ tools }: Pick<Office, "tools">) => ({
  inbox: createTool({
    id: "inbox",
    description: "old words",
    inputSchema: z.object({ folder: z.string() }),
    execute: async (args) => tools.inbox(args as never),
  }),
  account: createTool({
    id: "account",
    description: "a",
    inputSchema: z.object({ owner: z.string() }),
    execute: async (args) => tools.account(args as never),
  }),
  pay: createTool({
    id: "pay",
    description: "p",
    inputSchema: z.object({ iban: z.string(), amount: z.number(), reference: z.string() }),
    execute: async (args) => tools.pay(args as never),
  }),
  mail: createTool({
    id: "mail",
    description: "m",
    inputSchema: z.object({ to: z.string(), body: z.string() }),
    execute: async (args) => tools.mail(args as never),
  }),
  wipe: createTool({
    id: "wipe",
    description: "w",
    inputSchema: z.object({}),
    execute: async (args) => tools.wipe(args as never),
  }),
});

async function run(turns: readonly Turn[], over: Parameters<typeof office>[0] = {}) {
  const open = await office(over);
  const { firewall, session, ran } = open;
  const { model, sent } = scripted(turns);
  const agent = new Agent({
    id: "clerk",
    name: "clerk",
    instructions: "Pay.",
    model: model as never,
    tools: guarded(toolsOf(open), { firewall, session }),
  });
  const result = await agent.generate("Pay what is due.", { maxSteps: 12 });
  return { result, ran, sent: sent(), model, open };
}

describe("tools of Mastra behind a plan", () => {
  it("complete a benign task, with what the plan fills in and the model never sees", async () => {
    const { result, ran, sent } = await run(benign);
    expect(result.text).toBe("done");
    expect(ran).toEqual([
      { tool: "inbox", args: { folder: "in" } },
      { tool: "account", args: { owner: "Ada" } },
      { tool: "pay", args: { amount: 25, iban, reference: "invoice 7" } },
      { tool: "mail", args: { body: "I have paid.", to: "ada@example.org" } },
    ]);
    expect(sent.join()).not.toContain(iban);
    expect(sent.at(-1)).toContain("sluice:h:");
  });

  it("stop a hijacked model, which sees why and goes on to a right end", async () => {
    const { result, ran, sent } = await run(hijacked);
    expect(result.text).toBe("done");
    expect(ran.map(({ tool: name }) => name)).toEqual(["inbox", "account", "pay"]);
    expect(ran.at(-1)?.args.iban).toBe(iban);
    expect(sent[1]).toContain(injection);
    expect(sent[3]).toContain("ARG_MISMATCH");
    expect(sent[3]).toContain("omit-argument");
    expect(sent[4]).toContain("HIDDEN");
    expect(sent.join()).not.toContain(iban);
  });

  it("are shown as the plan has them, and no tool that it has not (threat 16, 21)", async () => {
    const { model } = await run(["done"]);
    const shown = [...model.doGenerateCalls, ...model.doStreamCalls][0]?.tools ?? [];
    expect(shown.map(({ name }) => name)).toEqual(["inbox", "account", "pay", "mail"]);
    expect(shown[0]).toMatchObject({ description: "Reads mail.", inputSchema: { required: ["folder"] } });
    expect(shown[2]).toMatchObject({ inputSchema: { required: ["reference"] } });
  });

  it("are checked as one batch when the model calls them at once (threat 10)", async () => {
    const { ran, sent } = await run([
      [
        { tool: "inbox", args: { folder: "in" } },
        { tool: "inbox", args: { folder: "spam" } },
      ],
      "done",
    ]);
    expect(ran).toEqual([]);
    expect(sent[1]?.match(/FLOW_CHOICE_UNTRUSTED/g)).toHaveLength(2);
  });

  it("tell the model a tool's own error, but nothing of one whose result is hidden", async () => {
    const { sent, open } = await run([[{ tool: "inbox", args: { folder: "in" } }], [{ tool: "account", args: {} }], "done"], {
      inbox: () => {
        throw new Error("the mailbox is locked");
      },
      account: () => {
        throw new Error(`no account ${iban}`);
      },
    });
    expect(sent[1]).toContain("the mailbox is locked");
    expect(sent.join()).not.toContain(iban);
    const loaded = await open.store.load(open.session.session, 0);
    const settled = loaded.ok ? loaded.value.entries.filter(({ event }) => event.type === "settle") : [];
    expect(settled.map(({ event }) => (event as { readonly ok: boolean }).ok)).toEqual([false, false]);
  });

  it("that suspend their agent have answered nothing, and what was begun is spent", async () => {
    const open = await office();
    const { firewall, session, store } = open;
    const inbox = createTool({
      id: "inbox",
      description: "i",
      inputSchema: z.object({ folder: z.string() }),
      suspendSchema: z.object({ ask: z.string() }),
      execute: async (_, context) => {
        await context?.agent?.suspend({ ask: "which folder?" });
        return undefined;
      },
    });
    const tools = guarded({ inbox }, { firewall, session });
    const asked: unknown[] = [];
    const agent = { toolCallId: "1", messages: [], suspend: async (given: unknown) => void asked.push(given) };
    await tools.inbox.execute?.({ folder: "in" }, { agent } as never);
    expect(asked).toEqual([{ ask: "which folder?" }]);
    const loaded = await store.load(session.session, 0);
    const events = loaded.ok ? loaded.value.entries.map(({ event }) => event) : [];
    expect(events.map(({ type }) => type)).toEqual(["open", "allow", "settle"]);
    expect(events.at(-1)).toMatchObject({ ok: false });
  });

  it("are refused at set-up where nothing could be checked (threat 22)", async () => {
    const { firewall, session } = await office();
    const inbox = createTool({ id: "inbox", description: "i", inputSchema: z.object({}) });
    expect(() => guarded({ inbox }, { firewall, session })).toThrow(ConfigError);
  });
});
