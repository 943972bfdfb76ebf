/**
 * Sluice in front of the tools of Mastra (`@mastra/core` 1): `sluice/mastra`.
 * Knows the SDK by shape and imports nothing of it. Never lets a tool run, see or answer anything that was not checked and recorded.
 */
import { member } from "../../json/value.ts";
import { ConfigError } from "../../result.ts";
import type { AgentTool } from "../agent-tools.ts";
import { createGate, type Gate, type GuardOptions, outputOf } from "./gate.ts";
import { jsonOf, shownSchema } from "./values.ts";

export { ConfigError } from "../../result.ts";
export type { GuardOptions } from "./gate.ts";

/** What is used of the context that Mastra calls a tool with. */
interface CallContext {
  readonly abortSignal?: AbortSignal;
  readonly agent?: { readonly suspend?: (...given: readonly unknown[]) => unknown };
  readonly suspend?: (...given: readonly unknown[]) => unknown;
}

/** What is used of a tool of Mastra. */
interface MastraTool {
  readonly id?: string;
  readonly execute?: (input: never, context: never) => unknown;
  readonly requireApproval?: unknown;
}

/** Members of a tool that would see a call before it is checked, or that say of it what holds no longer. */
const dropped =
  "outputSchema inputExamples strict toModelOutput transform onInputStart onInputDelta onInputAvailable onOutput".split(" ");

/** That a tool has suspended its agent instead of answering. */
const suspended = Symbol("suspended");

/**
 * The tools that the session's plan has, guarded: the model sees what the plan gives it, each call is checked, runs with the final
 * arguments, is recorded, and returns what the agent may see. A denial is the tool's output, with a code and what can be done. Tools that the
 * plan has not are left out; a tool is found by its key and, failing that, its `id`.
 * Throws `ConfigError` for wrong options, and for a tool of the plan that is not run here.
 *
 * @example
 * const session = await firewall.open({ plan: frozen.digest, principal: "ada" });
 * new Agent({ id: "clerk", name: "clerk", instructions, model, tools: guarded(tools, { firewall, session: session.value }) });
 */
export function guarded<T extends { readonly [name: string]: unknown }>(tools: T, options: GuardOptions): T {
  const gate = createGate(options);
  const kept = Object.entries(tools).flatMap(([name, value]) => {
    const tool = value as MastraTool;
    const shown = gate.toolOf(name) ?? (tool?.id === undefined ? undefined : gate.toolOf(tool.id));
    return shown === undefined ? [] : [[name, guardTool(gate, shown, { name, tool })] as const];
  });
  // What the plan has not is not there, whatever the type says: a model can call no tool that it is not shown.
  return Object.fromEntries(kept) as T;
}

function guardTool(gate: Gate, shown: AgentTool, { name, tool }: { readonly name: string; readonly tool: MastraTool }): object {
  const { execute, requireApproval } = tool;
  if (typeof execute !== "function")
    throw new ConfigError(`the tool \`${name}\` is not run here (it has no \`execute\`), so that Sluice cannot check its calls`);
  const run = async (input: unknown, context?: CallContext): Promise<unknown> => {
    let paused: unknown;
    const signal = context?.abortSignal;
    const isPause = (thrown: unknown): boolean => thrown === suspended;
    try {
      const outcome = await gate.run({ tool: shown.tool, args: input, signal, isPause }, async ({ args }) => {
        let isSuspended = false;
        const watched = watchSuspend(context, () => {
          isSuspended = true;
        });
        const output: unknown = await execute.call(tool, structuredClone(args) as never, watched as never);
        if (isSuspended) {
          paused = output;
          throw suspended;
        }
        // Mastra returns what its own validation refuses.
        const json = jsonOf(output);
        if (member(json, "error") === true && member(json, "validationErrors") !== undefined)
          throw new Error("the tool refused its arguments or its own result");
        return output;
      });
      return outputOf(outcome);
    } catch (thrown) {
      if (thrown === suspended) return paused;
      throw thrown;
    }
  };
  const plain = { configurable: true, enumerable: true, writable: true };
  const left = Object.fromEntries(dropped.filter((key) => key in tool).map((key) => [key, { ...plain, value: undefined }]));
  // The prototype and the marks by which Mastra knows its tools stay.
  return Object.create(Object.getPrototypeOf(tool) as object | null, {
    ...Object.getOwnPropertyDescriptors(tool),
    ...left,
    description: { ...plain, value: shown.description },
    inputSchema: { ...plain, value: shownSchema(shown.inputSchema) },
    // A function would be asked about arguments that are not the final ones: then a person is asked each time.
    ...(typeof requireApproval === "function"
      ? { requireApproval: { ...plain, value: true }, needsApprovalFn: { ...plain, value: undefined } }
      : {}),
    execute: { ...plain, value: run },
  }) as object;
}

/** The context, with a word when the tool suspends its agent. */
function watchSuspend(context: CallContext | undefined, told: () => void): CallContext | undefined {
  if (context === undefined) return undefined;
  const { suspend, agent } = context;
  const watch =
    (inner: (...given: readonly unknown[]) => unknown) =>
    (...given: readonly unknown[]): unknown => {
      told();
      return inner(...given);
    };
  return {
    ...context,
    ...(suspend === undefined ? {} : { suspend: watch(suspend) }),
    ...(agent?.suspend === undefined ? {} : { agent: { ...agent, suspend: watch(agent.suspend) } }),
  };
}
