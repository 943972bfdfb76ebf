/**
 * A coding agent for the tests: its plan, its catalogue, and the inputs that the documented agents send to their hooks.
 */
import { readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { readJson } from "../../../src/json/read.ts";
import type { Json, JsonObject } from "../../../src/json/value.ts";
import { freezePlan } from "../../../src/plan/freeze.ts";
import type { FrozenPlan, PlanNode } from "../../../src/plan/plan.ts";
import { createMemoryStore } from "../../../src/stores/memory.ts";
import type { Store } from "../../../src/stores/store.ts";
import { createFirewall, type Enforcer } from "../../../src/surfaces/hono.ts";
import { answerHook, type HookAnswer, readHook } from "../../../src/surfaces/hook/hook.ts";

const text = { type: "string" };
const object = (properties: Record<string, Json>): Json => ({ type: "object", properties });

const ownTools = (server: string, [shell, read, write]: readonly [string, string, string]): readonly Json[] => [
  {
    name: `${server}/${shell}`,
    inputSchema: object({ command: text, description: text }),
    sluice: { labels: ["shell"], effects: ["execute"], roles: { command: "command", description: "content" } },
  },
  { name: `${server}/${read}`, inputSchema: object({ file_path: text }), sluice: { labels: ["files"], effects: ["read"] } },
  {
    name: `${server}/${write}`,
    inputSchema: object({ file_path: text, content: text }),
    sluice: { labels: ["files"], effects: ["write"], roles: { file_path: "target", content: "content" } },
  },
];

const mcpTools: readonly Json[] = [
  { name: "web/fetch", inputSchema: object({ url: text }), sluice: { labels: ["external_api"], effects: ["read"] } },
  { name: "vault/key", inputSchema: object({}), sluice: { labels: ["vault"], effects: ["read"] } },
  {
    name: "vault/sign",
    inputSchema: object({ key: text, text }),
    sluice: { labels: ["vault"], effects: ["write"], roles: { key: "credential", text: "content" } },
  },
];

/** A plan for an agent whose own tools stand under `server`. */
export function planFor(
  server: string,
  names: readonly [string, string, string] = ["Bash", "Read", "Write"],
  more: { readonly [name: string]: PlanNode } = {},
): FrozenPlan {
  const catalogue = readCatalogue({ tools: [...ownTools(server, names), ...mcpTools] });
  if (!catalogue.ok) throw new Error(JSON.stringify(catalogue.error));
  const [shell, read, write] = names;
  const frozen = freezePlan(
    {
      sluice: 1,
      name: "fix",
      labels: { shell: { integrity: "trusted" }, files: { integrity: "trusted" }, vault: { integrity: "trusted" } },
      nodes: {
        look: {
          tool: `${server}/${read}`,
          args: { file_path: { choose: { pattern: "/repo/[a-z.]+" } } },
          times: { max: 9 },
          optional: true,
        },
        test: {
          tool: `${server}/${shell}`,
          args: { command: "npm test", description: { write: { maxLength: 100, links: "none" }, optional: true } },
          times: { max: 3 },
        },
        save: {
          tool: `${server}/${write}`,
          args: { file_path: "/repo/fix.txt", content: { write: { maxLength: 1000, links: "none" } } },
          after: ["test"],
          optional: true,
        },
        page: { tool: "web/fetch", args: { url: "https://example.com/a" }, times: { max: 4 }, optional: true },
        key: { tool: "vault/key", show: "none", optional: true },
        sign: {
          tool: "vault/sign",
          args: { key: { from: "key$.pem" }, text: { write: { maxLength: 50, links: "none" } } },
          optional: true,
        },
        ...more,
      },
    },
    catalogue.value,
  );
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error, null, 1));
  return frozen.value;
}

/** An agent at its hooks. */
export interface Agent {
  readonly firewall: Enforcer;
  readonly store: Store;
  readonly session: string;
  readonly token: string;
  /** Sends an input to the hook. */
  tell(input: JsonObject, options?: { readonly format?: string; readonly asks?: boolean }): Promise<HookAnswer>;
  /** The types of the session's events. */
  events(): Promise<readonly string[]>;
}

/** Starts an agent under a plan. */
export async function agentOf(
  plan: FrozenPlan,
  over: { readonly store?: Store; readonly clock?: () => number } = {},
): Promise<Agent> {
  const store = over.store ?? createMemoryStore();
  const firewall = createFirewall({ plans: [plan], store, ...(over.clock === undefined ? {} : { clock: over.clock }) });
  const opened = await firewall.open({ plan: plan.digest, principal: "ada" });
  if (!opened.ok) throw new Error(opened.error.code);
  const { session, token } = opened.value;
  return {
    firewall,
    store,
    session,
    token,
    tell: async (input, { format, asks = false } = {}) => {
      const read = readHook(JSON.stringify(input), { format });
      if (read === undefined) throw new Error("the hook cannot read this input");
      return answerHook({ enforcer: firewall, token, asks }, read);
    },
    events: async () => {
      const loaded = await store.load(session, 0);
      return loaded.ok ? loaded.value.entries.map(({ event }) => event.type) : [];
    },
  };
}

/** What Claude Code sends with every event. */
export const claudeInput = (event: string, tool: string, input: JsonObject, more: JsonObject = {}): JsonObject => ({
  session_id: "c-1",
  transcript_path: "/home/ada/.claude/projects/x.jsonl",
  cwd: "/repo",
  permission_mode: "default",
  hook_event_name: event,
  tool_name: tool,
  tool_input: input,
  tool_use_id: "toolu_1",
  ...more,
});

/** Reads what a hook printed. */
export function printed(answer: HookAnswer): JsonObject {
  const read = readJson(JSON.stringify(answer.stdout ?? {}));
  return read.ok ? (read.value as JsonObject) : {};
}
