/**
 * AgentDojo's environments, tools and judges, in a process of their own (`python/environments.py`), asked line by line.
 * Never judges and never decides: it carries questions and answers, and stops the run at an answer that it cannot read.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { readJson } from "../../src/json/read.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../src/json/value.ts";
import { text } from "./data.ts";

const script = fileURLToPath(new URL("python/environments.py", import.meta.url));

/** A call as AgentDojo's ground truth has it. */
export interface PlainCall {
  readonly tool: string;
  readonly args: JsonObject;
}

/** What a suite consists of. */
export interface SuiteFacts {
  readonly tools: Json;
  readonly userTasks: readonly { readonly id: string; readonly prompt: string }[];
  readonly injectionTasks: readonly { readonly id: string; readonly goal: string; readonly output: string }[];
}

/** What AgentDojo's judges say of a run. `security` is true where the attacker's goal is reached, as AgentDojo has it. */
export interface Judgement {
  readonly utility: boolean;
  readonly security: boolean;
}

/** One environment at a time: `start` begins another. */
export interface Environments {
  suites(): Promise<readonly string[]>;
  suite(name: string): Promise<SuiteFacts>;
  /** Opens the environment of a pair, or of a user task alone: the ground truth's calls in it, and its answer. */
  start(
    suite: string,
    userTask: string,
    injectionTask?: string,
  ): Promise<{ readonly calls: readonly PlainCall[]; readonly output: string }>;
  /** The attacker's calls in the environment as it is now. `isWritten`: AgentDojo has none, and they are ours (`python/attacker.py`). */
  attacker(): Promise<{ readonly calls: readonly PlainCall[]; readonly isWritten: boolean }>;
  /** Executes a call: its result as AgentDojo gives it to an agent, or `{ error }`. */
  call(call: PlainCall): Promise<Json>;
  judge(answer: string): Promise<Judgement>;
  close(): void;
}

/** Starts the process. */
export function openEnvironments(python: string): Environments {
  const child = spawn(python, [script], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { PATH: process.env.PATH ?? "", PYTHONDONTWRITEBYTECODE: "1", PYTHONHASHSEED: "0" },
  });
  const lines = createInterface({ input: child.stdout });
  const waiting: { readonly resolve: (value: Json) => void; readonly reject: (error: Error) => void }[] = [];
  lines.on("line", (line) => {
    const asked = waiting.shift();
    const read = readJson(line);
    if (!read.ok) asked?.reject(new Error(`environments.py: ${read.error.message}`));
    else if (member(read.value, "fault") !== undefined) asked?.reject(new Error(`environments.py: ${text(read.value, "fault")}`));
    else asked?.resolve(member(read.value, "ok") ?? null);
  });
  const end = (why: string): void => {
    for (const asked of waiting.splice(0)) asked.reject(new Error(`environments.py: ${why}`));
  };
  child.on("error", ({ message }) => end(message));
  child.on("close", (code) => end(`ended with exit code ${code}`));
  child.stdin.on("error", () => undefined);
  const ask = (question: JsonObject): Promise<Json> =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      child.stdin.write(`${JSON.stringify(question)}\n`);
    });
  return {
    suites: async () => list(await ask({ op: "suites" })).filter((name) => typeof name === "string"),
    suite: async (name) => factsOf(await ask({ op: "suite", suite: name })),
    start: async (suite, userTask, injectionTask) => {
      const said = await ask({ op: "start", suite, userTask, injectionTask: injectionTask ?? null });
      return { calls: callsOf(said), output: text(said, "output") };
    },
    attacker: async () => {
      const said = await ask({ op: "attacker" });
      return { calls: callsOf(said), isWritten: member(said, "isWritten") === true };
    },
    call: async ({ tool, args }) => {
      const said = await ask({ op: "call", tool, args });
      return isObject(said) && "error" in said ? said : (member(said, "value") ?? null);
    },
    judge: async (answer) => {
      const said = await ask({ op: "judge", answer });
      return { utility: member(said, "utility") === true, security: member(said, "security") === true };
    },
    close: () => void child.stdin.end(),
  };
}

function list(value: Json | undefined): readonly Json[] {
  return isArray(value) ? value : [];
}

function callsOf(said: Json): readonly PlainCall[] {
  return list(member(said, "calls")).map((call) => {
    const args = member(call, "args");
    return { tool: text(call, "tool"), args: isObject(args) ? args : {} };
  });
}

function factsOf(said: Json): SuiteFacts {
  const entries = (key: string): readonly [string, Json][] => {
    const found = member(said, key);
    return isObject(found) ? Object.entries(found) : [];
  };
  return {
    tools: member(said, "tools") ?? null,
    userTasks: entries("userTasks").map(([id, task]) => ({ id, prompt: text(task, "prompt") })),
    injectionTasks: entries("injectionTasks").map(([id, task]) => ({
      id,
      goal: text(task, "goal"),
      output: text(task, "output"),
    })),
  };
}
