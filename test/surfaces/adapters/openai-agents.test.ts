/**
 * The OpenAI Agents SDK itself, with a scripted model: what runs, what the model is shown, what a denial looks like to it.
 */
import {
  Agent,
  type Model,
  type ModelRequest,
  type ModelResponse,
  Runner,
  setTracingDisabled,
  tool,
  Usage,
  webSearchTool,
} from "@openai/agents";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ConfigError, guarded } from "../../../src/surfaces/adapters/openai-agents.ts";
import { benign, hijacked, iban, injection, type Office, office, type Turn } from "./clerk.ts";

setTracingDisabled(true);

/** A model that says what it was told to say, and keeps all that it was sent. */
function scripted(turns: readonly Turn[]): { readonly model: Model; readonly sent: ModelRequest[] } {
  const sent: ModelRequest[] = [];
  const model: Model = {
    getResponse: async (request): Promise<ModelResponse> => {
      sent.push(structuredClone({ ...request, signal: undefined, _internal: undefined }) as unknown as ModelRequest);
      const said = turns[sent.length - 1] ?? "end";
      const output =
        typeof said === "string"
          ? [
              {
                type: "message" as const,
                role: "assistant" as const,
                status: "completed" as const,
                content: [{ type: "output_text" as const, text: said }],
              },
            ]
          : said.map(({ tool: name, args }, i) => ({
              type: "function_call" as const,
              callId: `call-${sent.length}-${i}`,
              name,
              arguments: "raw" in args ? String(args.raw) : JSON.stringify(args),
              status: "completed" as const,
            }));
      return { output, usage: new Usage() };
    },
    getStreamedResponse: () => {
      throw new Error("not streamed");
    },
  };
  return { model, sent };
}

const toolsOf = ({ tools }: Pick<Office, "tools">) => [
  tool({
    name: "inbox",
    description: "old words",
    parameters: z.object({ folder: z.string() }),
    execute: async (args) => tools.inbox(args as never),
  }),
  tool({
    name: "account",
    description: "a",
    parameters: z.object({ owner: z.string() }),
    execute: async (args) => tools.account(args as never),
  }),
  tool({
    name: "pay",
    description: "p",
    parameters: z.object({ iban: z.string(), amount: z.number(), reference: z.string() }),
    execute: async (args) => tools.pay(args as never),
  }),
  tool({
    name: "mail",
    description: "m",
    parameters: z.object({ to: z.string(), body: z.string() }),
    execute: async (args) => tools.mail(args as never),
  }),
  tool({ name: "wipe", description: "w", parameters: z.object({}), execute: async (args) => tools.wipe(args as never) }),
];

async function run(turns: readonly Turn[], over: Parameters<typeof office>[0] = {}) {
  const open = await office(over);
  const { firewall, session, ran } = open;
  const { model, sent } = scripted(turns);
  const agent = new Agent({ name: "clerk", model, tools: guarded(toolsOf(open), { firewall, session }) });
  const runner = new Runner({ tracingDisabled: true });
  const result = await runner.run(agent, "Pay what is due.", { maxTurns: 12 });
  return { result, ran, sent, texts: sent.map((request) => JSON.stringify(request)), open };
}

describe("tools of the OpenAI Agents SDK behind a plan", () => {
  it("complete a benign task, with what the plan fills in and the model never sees", async () => {
    const { result, ran, texts } = await run(benign);
    expect(result.finalOutput).toBe("done");
    expect(ran).toEqual([
      { tool: "inbox", args: { folder: "in" } },
      { tool: "account", args: { owner: "Ada" } },
      { tool: "pay", args: { amount: 25, iban, reference: "invoice 7" } },
      { tool: "mail", args: { body: "I have paid.", to: "ada@example.org" } },
    ]);
    expect(texts.join()).not.toContain(iban);
    expect(texts.at(-1)).toContain("sluice:h:");
  });

  it("stop a hijacked model, which sees why and goes on to a right end", async () => {
    const turns = hijacked.filter((turn) => typeof turn === "string" || turn[0]?.tool !== "wipe");
    const { result, ran, texts } = await run(turns);
    expect(result.finalOutput).toBe("done");
    expect(ran.map(({ tool: name }) => name)).toEqual(["inbox", "account", "pay"]);
    expect(ran.at(-1)?.args.iban).toBe(iban);
    expect(texts[1]).toContain(injection);
    expect(texts[3]).toContain("ARG_MISMATCH");
    expect(texts[3]).toContain("omit-argument");
    expect(texts[4]).toContain("HIDDEN");
    expect(texts.join()).not.toContain(iban);
  });

  it("are shown as the plan has them, and no tool that it has not (threat 16, 21)", async () => {
    const { sent } = await run(["done"]);
    const shown = sent[0]?.tools ?? [];
    expect(shown.map((one) => (one as { readonly name: string }).name)).toEqual(["inbox", "account", "pay", "mail"]);
    expect(shown[0]).toMatchObject({ description: "Reads mail.", strict: false, parameters: { required: ["folder"] } });
    expect(shown[2]).toMatchObject({ parameters: { required: ["reference"] } });
  });

  it("refuse arguments that two readers would read differently (threat 1)", async () => {
    const { ran, texts } = await run([[{ tool: "inbox", args: { raw: '{"folder":"in","folder":"spam"}' } }], "done"]);
    expect(ran).toEqual([]);
    expect(texts[1]).toContain("CALL_MALFORMED");
  });

  it("are checked as one batch when the model calls them at once (threat 10)", async () => {
    const { ran, texts } = await run([
      [
        { tool: "inbox", args: { folder: "in" } },
        { tool: "inbox", args: { folder: "spam" } },
      ],
      "done",
    ]);
    expect(ran).toEqual([]);
    expect(texts[1]?.match(/FLOW_CHOICE_UNTRUSTED/g)).toHaveLength(2);
  });

  it("tell the model a tool's own error, and record it as one", async () => {
    const { texts, open } = await run([[{ tool: "inbox", args: { folder: "in" } }], [{ tool: "account", args: {} }], "done"], {
      inbox: () => {
        throw new Error("the mailbox is locked");
      },
      account: () => {
        throw new Error(`no account ${iban}`);
      },
    });
    expect(texts[1]).toContain("An error occurred while running the tool");
    expect(texts.join()).not.toContain(iban);
    const loaded = await open.store.load(open.session.session, 0);
    const settled = loaded.ok ? loaded.value.entries.filter(({ event }) => event.type === "settle") : [];
    expect(settled.map(({ event }) => (event as { readonly ok: boolean }).ok)).toEqual([false, false]);
  });

  it("ask a person each time, where the tool would have looked at arguments that are not the final ones (threat 9)", async () => {
    const open = await office();
    const { firewall, session } = open;
    const looks = tool({
      name: "pay",
      description: "p",
      parameters: z.object({ iban: z.string(), amount: z.number(), reference: z.string() }),
      needsApproval: async (_context, { amount }) => amount > 1_000,
      execute: async () => "paid",
    });
    const never = tool({
      name: "inbox",
      description: "i",
      parameters: z.object({ folder: z.string() }),
      execute: async () => "",
    });
    const always = tool({
      name: "mail",
      description: "m",
      parameters: z.object({}),
      needsApproval: true,
      execute: async () => "",
    });
    const asks = guarded([looks, never, always], { firewall, session }).map(({ needsApproval }) =>
      needsApproval({} as never, { reference: "x" } as never, "1"),
    );
    expect(await Promise.all(asks)).toEqual([true, false, true]);
  });

  it("are refused at set-up where nothing could be checked, and hosted tools are left out (threat 22)", async () => {
    const { firewall, session } = await office();
    expect(() => guarded([{ type: "hosted_tool", name: "inbox" }], { firewall, session })).toThrow(ConfigError);
    expect(guarded([webSearchTool()], { firewall, session })).toEqual([]);
  });
});
