/**
 * The AI SDK itself, with a scripted model: what runs, what the model is shown, what a denial looks like to it.
 */
import { generateText, isStepCount, jsonSchema, streamText, tool } from "ai";
import { convertArrayToReadableStream, MockLanguageModelV4 } from "ai/test";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ConfigError, guarded } from "../../../src/surfaces/adapters/ai-sdk.ts";
import { benign, clerk, hijacked, iban, injection, type Office, office, type Turn } from "./clerk.ts";

/** A part of a model's stream. */
type StreamPart = Awaited<ReturnType<MockLanguageModelV4["doStream"]>>["stream"] extends ReadableStream<infer P> ? P : never;

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 1, text: 1, reasoning: undefined },
};

/** A model that says what it was told to say, and keeps all that it was sent. */
function scripted(turns: readonly Turn[]): { readonly model: MockLanguageModelV4; readonly sent: () => string[] } {
  let turn = 0;
  const model = new MockLanguageModelV4({
    doGenerate: async () => {
      const said = turns[turn++] ?? "end";
      const isText = typeof said === "string";
      const content = isText
        ? [{ type: "text" as const, text: said }]
        : said.map(({ tool: toolName, args }, i) => ({
            type: "tool-call" as const,
            toolCallId: `call-${turn}-${i}`,
            toolName,
            input: JSON.stringify(args),
          }));
      return { content, finishReason: { unified: isText ? "stop" : "tool-calls", raw: undefined }, usage, warnings: [] };
    },
  });
  return { model, sent: () => model.doGenerateCalls.map((call) => JSON.stringify(call)) };
}

const toolsOf = ({ tools }: Office) => ({
  inbox: tool({
    description: "old words",
    inputSchema: z.object({ folder: z.string() }),
    execute: async (args) => tools.inbox(args as never),
  }),
  account: tool({ inputSchema: z.object({ owner: z.string() }), execute: async (args) => tools.account(args as never) }),
  pay: tool({
    inputSchema: z.object({ iban: z.string(), amount: z.number(), reference: z.string() }),
    execute: async (args) => tools.pay(args as never),
  }),
  mail: tool({ inputSchema: jsonSchema({ type: "object" }), execute: async (args) => tools.mail(args as never) }),
  wipe: tool({ inputSchema: z.object({}), execute: async (args) => tools.wipe(args as never) }),
});

async function run(turns: readonly Turn[], over: Parameters<typeof office>[0] = {}) {
  const open = await office(over);
  const { firewall, session } = open;
  const { model, sent } = scripted(turns);
  const result = await generateText({
    model,
    prompt: "Pay what is due.",
    tools: guarded(toolsOf(open), { firewall, session }),
    stopWhen: isStepCount(12),
    telemetry: { isEnabled: false },
  });
  return { open, result, sent: sent(), ran: open.ran };
}

describe("tools of the AI SDK behind a plan", () => {
  it("complete a benign task, with what the plan fills in and the model never sees", async () => {
    const { result, ran, sent } = await run(benign);
    expect(result.text).toBe("done");
    expect(ran).toEqual([
      { tool: "inbox", args: { folder: "in" } },
      { tool: "account", args: { owner: "Ada" } },
      { tool: "pay", args: { amount: 25, iban, reference: "invoice 7" } },
      { tool: "mail", args: { body: "I have paid.", to: "ada@example.org" } },
    ]);
    expect(sent.some((text) => text.includes(iban))).toBe(false);
    expect(sent.at(-1)).toContain("sluice:h:");
    expect(sent.at(-1)).toContain("p-1");
  });

  it("stop a hijacked model, which sees why and goes on to a right end", async () => {
    const { result, ran, sent } = await run(hijacked);
    expect(result.text).toBe("done");
    expect(ran.map(({ tool: name }) => name)).toEqual(["inbox", "account", "pay"]);
    expect(ran.at(-1)?.args.iban).toBe(iban);
    expect(sent[1]).toContain(injection);
    expect(sent[3]).toContain("ARG_MISMATCH");
    expect(sent[3]).toContain("error-json");
    expect(sent[3]).toContain("omit-argument");
    expect(sent[4]).toContain("HIDDEN");
    expect(sent.join()).not.toContain(iban);
  });

  it("are shown as the plan has them: its words, what it fills in optional, its choices, and no tool that it has not (threat 16, 21)", async () => {
    const { firewall, session, ...open } = await office();
    const { model } = scripted(["done"]);
    const tools = guarded(toolsOf({ firewall, session, ...open }), { firewall, session });
    expect(Object.keys(tools)).toEqual(["inbox", "account", "pay", "mail"]);
    await generateText({ model, prompt: "?", tools });
    const shown = model.doGenerateCalls[0]?.tools ?? [];
    expect(JSON.stringify(shown)).not.toContain("old words");
    expect(shown.find(({ name }) => name === "inbox")).toMatchObject({
      description: "Reads mail.",
      inputSchema: { properties: { folder: { enum: ["in", "spam"] } }, required: ["folder"] },
    });
    expect(shown.find(({ name }) => name === "pay")).toMatchObject({ inputSchema: { required: ["reference"] } });
    expect(JSON.stringify(shown)).not.toContain(iban);
  });

  it("hand a tool arguments that nobody can change after the check (threat 9)", async () => {
    const open = await office();
    const { firewall, session } = open;
    const given = { folder: "in" };
    const tools = guarded(
      {
        inbox: tool({ inputSchema: z.object({ folder: z.string() }), execute: async (args) => open.tools.inbox(args as never) }),
      },
      { firewall, session },
    );
    const running = tools.inbox.execute?.(given, { toolCallId: "1", messages: [], context: {} });
    given.folder = "secret";
    await running;
    expect(open.ran).toEqual([{ tool: "inbox", args: { folder: "in" } }]);
  });

  it("are checked as one batch when the model calls them at once (threat 10)", async () => {
    const { sent, ran } = await run([
      [
        { tool: "inbox", args: { folder: "in" } },
        { tool: "inbox", args: { folder: "spam" } },
      ],
      "done",
    ]);
    // Which folder is read steers: after the first stranger's mail nobody chooses it, in whichever order the two came.
    expect(ran).toEqual([]);
    expect(sent[1]?.match(/FLOW_CHOICE_UNTRUSTED/g)).toHaveLength(2);
  });

  it("tell the model a tool's own error, which is recorded as one", async () => {
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

  it("that stream show their final result alone", async () => {
    const open = await office();
    const { firewall, session } = open;
    const { model } = scripted([[{ tool: "inbox", args: { folder: "in" } }], "done"]);
    const inbox = tool({
      inputSchema: z.object({ folder: z.string() }),
      async *execute() {
        yield "half of";
        yield "all of it";
      },
    });
    const { steps } = await generateText({
      model,
      prompt: "?",
      tools: guarded({ inbox }, { firewall, session }),
      stopWhen: isStepCount(3),
    });
    expect(steps[0]?.toolResults.map(({ output }) => output)).toEqual(["all of it"]);
  });

  it("are not run for an agent that was stopped, and what was begun is spent", async () => {
    const open = await office({ inbox: () => new Promise(() => {}) });
    const { firewall, session } = open;
    const { inbox } = guarded(toolsOf(open), { firewall, session });
    const stopped = AbortSignal.abort(new Error("stopped"));
    const call = { toolCallId: "1", messages: [], context: {} };
    await expect(inbox.execute?.({ folder: "in" }, { ...call, abortSignal: stopped })).rejects.toThrow("stopped");
    expect(open.ran).toEqual([]);
    const controller = new AbortController();
    const fails = guarded(
      {
        inbox: tool({
          inputSchema: z.object({ folder: z.string() }),
          execute: async (_, { abortSignal }) =>
            new Promise((_resolve, reject) => {
              abortSignal?.addEventListener("abort", () => reject(abortSignal.reason as Error));
              setTimeout(() => controller.abort(new Error("stopped")), 0);
            }),
        }),
      },
      { firewall, session },
    );
    await expect(fails.inbox.execute?.({ folder: "in" }, { ...call, abortSignal: controller.signal })).rejects.toThrow("stopped");
    const loaded = await open.store.load(session.session, 0);
    expect(loaded.ok && loaded.value.entries.map(({ event }) => event.type)).toEqual(["open", "allow", "settle"]);
  });

  it("work with streamText and keep how a tool shows its result", async () => {
    const open = await office();
    const { firewall, session } = open;
    const finish = (unified: "stop" | "tool-calls") => ({
      type: "finish" as const,
      finishReason: { unified, raw: undefined },
      usage,
    });
    let turn = 0;
    const model = new MockLanguageModelV4({
      doStream: async () => ({
        stream: convertArrayToReadableStream<StreamPart>(
          turn++ === 0
            ? [
                { type: "stream-start" as const, warnings: [] },
                { type: "tool-call" as const, toolCallId: "1", toolName: "inbox", input: '{"folder":"in"}' },
                finish("tool-calls"),
              ]
            : [
                { type: "text-start" as const, id: "t" },
                { type: "text-delta" as const, id: "t", delta: "done" },
                { type: "text-end" as const, id: "t" },
                finish("stop"),
              ],
        ),
      }),
    });
    const inbox = tool({
      inputSchema: z.object({ folder: z.string() }),
      execute: async (args) => open.tools.inbox(args as never),
      toModelOutput: () => ({ type: "text", value: "as the tool shows it" }),
    });
    const result = streamText({ model, prompt: "?", tools: guarded({ inbox }, { firewall, session }), stopWhen: isStepCount(3) });
    expect(await result.text).toBe("done");
    expect(JSON.stringify(model.doStreamCalls[1])).toContain("as the tool shows it");
  });

  it("are refused at set-up where nothing could be checked (threat 22)", async () => {
    const { firewall, session } = await office();
    const here = { inbox: tool({ inputSchema: z.object({}), outputSchema: z.string() }) };
    expect(() => guarded(here, { firewall, session })).toThrow(ConfigError);
    expect(() => guarded({}, { firewall, session: { token: session.token, plan: "sha256:other" } })).toThrow(ConfigError);
    expect(() => guarded({}, { firewall: {} as never, session })).toThrow(ConfigError);
    expect(() => guarded({}, undefined as never)).toThrow(ConfigError);
  });

  it("of a session that is closed, unknown, or another's are all denied (threat 13)", async () => {
    const open = await office();
    const { firewall, session } = open;
    const other = await office();
    const mixed = guarded(toolsOf(open), { firewall, session: { token: other.session.token, plan: clerk.digest } });
    const call = { toolCallId: "1", messages: [], context: {} };
    expect(await mixed.inbox.execute?.({ folder: "in" }, call)).toMatchObject({ error: { code: "SESSION_UNKNOWN" } });
    await firewall.close(session.session);
    const closed = guarded(toolsOf(open), { firewall, session });
    expect(await closed.inbox.execute?.({ folder: "in" }, call)).toMatchObject({ error: { code: "SESSION_CLOSED" } });
    expect(open.ran).toEqual([]);
  });

  it("are denied in one shape, whatever hidden thing failed, and never repeat a value (threat 19)", async () => {
    const open = await office();
    const { firewall, session } = open;
    const tools = guarded(toolsOf(open), { firewall, session });
    const call = { toolCallId: "1", messages: [], context: {} };
    await tools.inbox.execute?.({ folder: "in" }, call);
    await tools.account.execute?.({ owner: "Ada" }, call);
    const equal = await tools.pay.execute?.({ iban, amount: 25, reference: "x" }, call);
    const other = await tools.pay.execute?.({ iban: "GB33", amount: 25, reference: "x" }, call);
    const broken = await tools.pay.execute?.({ iban: "GB33", amount: 26, reference: "x" }, call);
    expect(equal).toEqual(other);
    expect(broken).toEqual(other);
    expect(JSON.stringify([equal, other, broken])).not.toMatch(/DE89|GB33/);
  });
});
