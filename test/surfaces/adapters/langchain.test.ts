/**
 * LangChain.js and LangGraph.js themselves, with a scripted model: `createAgent`, a `ToolNode` and middleware.
 */
import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import { createAgent, createMiddleware, type DynamicStructuredTool, fakeModel, tool } from "langchain";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ConfigError, guarded, guardMiddleware } from "../../../src/surfaces/adapters/langchain.ts";
import { benign, hijacked, iban, injection, type Office, office, type Turn } from "./clerk.ts";

/** A model that says what it was told to say. */
function scripted(turns: readonly Turn[]) {
  const model = fakeModel();
  turns.forEach((said, turn) => {
    if (typeof said === "string") model.respond(new AIMessage(said));
    else model.respondWithTools(said.map(({ tool: name, args }, i) => ({ name, args: { ...args }, id: `call-${turn}-${i}` })));
  });
  const sent = (): string[] => model.calls.map(({ messages }) => JSON.stringify(messages.map((message) => message.toDict())));
  return { model, sent };
}

const toolsOf = ({ tools }: Pick<Office, "tools">) => [
  tool(async (args) => tools.inbox(args as never), {
    name: "inbox",
    description: "old words",
    schema: z.object({ folder: z.string() }),
  }),
  tool(async (args) => tools.account(args as never), {
    name: "account",
    description: "a",
    schema: z.object({ owner: z.string() }),
  }),
  tool(async (args) => tools.pay(args as never), {
    name: "pay",
    description: "p",
    schema: z.object({ iban: z.string(), amount: z.number(), reference: z.string() }),
  }),
  tool(async (args) => tools.mail(args as never), {
    name: "mail",
    description: "m",
    schema: { type: "object", properties: { to: { type: "string" }, body: { type: "string" } }, required: ["to", "body"] },
  }),
  tool(async (args) => tools.wipe(args as never), { name: "wipe", description: "w", schema: z.object({}) }),
];

const texts = (messages: readonly BaseMessage[]): string[] => messages.map(({ content }) => JSON.stringify(content));

describe("tools of LangChain behind a plan", () => {
  it("complete a benign task in createAgent, with what the plan fills in and the model never sees", async () => {
    const open = await office();
    const { firewall, session, ran } = open;
    const { model, sent } = scripted(benign);
    const agent = createAgent({ model, tools: guarded(toolsOf(open), { firewall, session }) });
    const { messages } = await agent.invoke({ messages: [{ role: "user", content: "Pay what is due." }] });
    expect(messages.at(-1)?.content).toBe("done");
    expect(ran).toEqual([
      { tool: "inbox", args: { folder: "in" } },
      { tool: "account", args: { owner: "Ada" } },
      { tool: "pay", args: { amount: 25, iban, reference: "invoice 7" } },
      { tool: "mail", args: { body: "I have paid.", to: "ada@example.org" } },
    ]);
    expect(sent().join()).not.toContain(iban);
    expect(sent().at(-1)).toContain("sluice:h:");
  });

  it("stop a hijacked model, which sees why and goes on to a right end", async () => {
    const open = await office();
    const { firewall, session, ran } = open;
    const { model, sent } = scripted(hijacked);
    const agent = createAgent({ model, tools: guarded(toolsOf(open), { firewall, session }) });
    const { messages } = await agent.invoke({ messages: [{ role: "user", content: "Pay what is due." }] });
    expect(messages.at(-1)?.content).toBe("done");
    expect(ran.map(({ tool: name }) => name)).toEqual(["inbox", "account", "pay"]);
    expect(ran.at(-1)?.args.iban).toBe(iban);
    expect(sent()[1]).toContain(injection);
    expect(sent()[3]).toContain("ARG_MISMATCH");
    expect(sent()[3]).toContain("omit-argument");
    expect(sent()[4]).toContain("HIDDEN");
    expect(sent()[5]).toContain("wipe is not a valid tool");
    expect(sent().join()).not.toContain(iban);
  });

  it("show the model the plan's words, choices and optional arguments, and no tool that it has not (threat 16, 21)", async () => {
    const open = await office();
    const { firewall, session } = open;
    const tools = guarded(toolsOf(open), { firewall, session });
    expect(tools.map(({ name }) => name)).toEqual(["inbox", "account", "pay", "mail"]);
    expect(tools[0]).toMatchObject({
      description: "Reads mail.",
      schema: { properties: { folder: { enum: ["in", "spam"] } }, required: ["folder"] },
    });
    expect(tools[2]).toMatchObject({ schema: { required: ["reference"] } });
  });

  it("work in a ToolNode of LangGraph, where calls made at once are one batch (threat 10)", async () => {
    const open = await office();
    const { firewall, session, ran } = open;
    const node = new ToolNode(guarded(toolsOf(open), { firewall, session }));
    const call = (id: string, name: string, args: object) => ({ id, name, args: { ...args }, type: "tool_call" as const });
    const ask = async (...calls: ReturnType<typeof call>[]): Promise<string[]> => {
      const { messages } = (await node.invoke({ messages: [new AIMessage({ content: "", tool_calls: calls })] })) as {
        readonly messages: BaseMessage[];
      };
      return texts(messages);
    };
    const both = await ask(call("1", "inbox", { folder: "in" }), call("2", "inbox", { folder: "spam" }));
    expect(both.map((text) => text.includes("FLOW_CHOICE_UNTRUSTED"))).toEqual([true, true]);
    expect(ran).toEqual([]);
  });

  it("tell the model a tool's own error, but nothing of one whose result is hidden", async () => {
    const open = await office({
      inbox: () => {
        throw new Error("the mailbox is locked");
      },
      account: () => {
        throw new Error(`no account ${iban}`);
      },
    });
    const { firewall, session } = open;
    const { model, sent } = scripted([[{ tool: "inbox", args: { folder: "in" } }], [{ tool: "account", args: {} }], "done"]);
    await createAgent({ model, tools: guarded(toolsOf(open), { firewall, session }) }).invoke({ messages: ["go"] });
    expect(sent()[1]).toContain("the mailbox is locked");
    expect(sent().join()).not.toContain(iban);
  });

  it("keep a tool's artifact from the application where the agent does not see the result", async () => {
    const open = await office();
    const { firewall, session } = open;
    const withArtifact = (name: string) =>
      tool(async () => [`about ${name}`, { raw: name }], {
        name,
        description: name,
        schema: z.object({}).loose(),
        responseFormat: "content_and_artifact",
      });
    const [inbox, account] = guarded([withArtifact("inbox"), withArtifact("account")], { firewall, session });
    const shown = await inbox?.invoke({ id: "1", name: "inbox", args: { folder: "in" }, type: "tool_call" });
    const hidden = await account?.invoke({ id: "2", name: "account", args: {}, type: "tool_call" });
    expect(shown).toMatchObject({ content: "about inbox", artifact: { raw: "inbox" } });
    expect(JSON.stringify(hidden)).not.toContain("about account");
    expect(hidden).toMatchObject({ artifact: undefined });
  });

  it("let a graph be paused by a tool, and count what was begun", async () => {
    const open = await office({
      inbox: () => {
        throw Object.assign(new Error("ask a person"), { is_bubble_up: true });
      },
    });
    const { firewall, session } = open;
    const [inbox] = guarded(toolsOf(open), { firewall, session });
    const call = { id: "1", name: "inbox", args: { folder: "in" }, type: "tool_call" } as never;
    await expect((inbox as DynamicStructuredTool).invoke(call)).rejects.toThrow("ask a person");
    const loaded = await open.store.load(session.session, 0);
    expect(loaded.ok && loaded.value.entries.map(({ event }) => event.type)).toEqual(["open", "allow", "settle"]);
  });

  it("are refused at set-up where nothing could be checked (threat 22)", async () => {
    const { firewall, session } = await office();
    expect(() => guarded([{ name: "inbox", type: "function" }], { firewall, session })).toThrow(ConfigError);
    expect(guarded([{ type: "web_search" }], { firewall, session })).toEqual([]);
    expect(() => guardMiddleware({ firewall, session: { token: "", plan: "none" } })).toThrow(ConfigError);
  });
});

describe("LangChain middleware", () => {
  it("guards tools that were not wrapped, and hides from the model what the plan has not", async () => {
    const open = await office();
    const { firewall, session, ran } = open;
    const { model, sent } = scripted(hijacked);
    let shown: readonly string[] = [];
    const spy = createMiddleware({
      name: "spy",
      wrapModelCall: (request, handler) => {
        shown = request.tools.map(({ name }) => String(name));
        return handler(request);
      },
    });
    const guard = createMiddleware(guardMiddleware({ firewall, session }));
    const agent = createAgent({ model, tools: toolsOf(open), middleware: [guard, spy] });
    const { messages } = await agent.invoke({ messages: [{ role: "user", content: "Pay what is due." }] });
    expect(messages.at(-1)?.content).toBe("done");
    expect(shown).toEqual(["inbox", "account", "pay", "mail"]);
    expect(ran.map(({ tool: name }) => name)).toEqual(["inbox", "account", "pay"]);
    expect(ran.at(-1)?.args).toEqual({ amount: 25, iban, reference: "invoice 7" });
    expect(sent()[3]).toContain("ARG_MISMATCH");
    expect(sent()[4]).toContain("HIDDEN");
    expect(sent()[5]).toContain("CALL_NOT_IN_PLAN");
    expect(sent().join()).not.toContain(iban);
  });

  it("leaves tools that are guarded already to themselves: one call is one run", async () => {
    const open = await office();
    const { firewall, session, ran, store } = open;
    const { model } = scripted(benign);
    const guard = { firewall, session };
    const agent = createAgent({
      model,
      tools: guarded(toolsOf(open), guard),
      middleware: [createMiddleware(guardMiddleware(guard))],
    });
    await agent.invoke({ messages: ["go"] });
    expect(ran).toHaveLength(4);
    const loaded = await store.load(session.session, 0);
    expect(loaded.ok && loaded.value.entries.filter(({ event }) => event.type === "allow")).toHaveLength(4);
  });

  it("knows from the conversation which calls the model made at once (threat 10)", async () => {
    const open = await office();
    const { firewall, session, ran } = open;
    const { model, sent } = scripted([
      [
        { tool: "inbox", args: { folder: "in" } },
        { tool: "inbox", args: { folder: "spam" } },
      ],
      "done",
    ]);
    const agent = createAgent({
      model,
      tools: toolsOf(open),
      middleware: [createMiddleware(guardMiddleware({ firewall, session }))],
    });
    await agent.invoke({ messages: ["go"] });
    expect(ran).toEqual([]);
    expect(sent()[1]?.match(/FLOW_CHOICE_UNTRUSTED/g)).toHaveLength(2);
  });
});
