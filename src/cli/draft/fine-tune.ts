/**
 * A short fine-tune of the local model by Python, on the tasks that a catalogue was adapted with: writes what the training reads, and starts it.
 * Never installs anything, and never puts a model in place of another: the new one has a folder of its own.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Catalogue } from "../../catalogue/catalogue.ts";
import type { MadeTask } from "../../infer/adapt/synthesise.ts";
import type { Json } from "../../json/value.ts";
import { InputError } from "../read/input.ts";
import { jsonText, writeFileAtOnce } from "../show/output.ts";
import type { Terminal } from "../show/terminal.ts";

/** What is trained on, and where. */
export interface FineTuning {
  readonly catalogue: Catalogue;
  readonly tasks: readonly MadeTask[];
  /** Folder of the new model. */
  readonly out: string;
  readonly models: string | undefined;
  readonly python: string;
}

/** Modules that the training imports. */
const modules = ["torch", "onnx", "onnxruntime"];

/** Trains. Exit 2 where Python or a module is missing, where the weights come without their training code, and where the training fails. */
export async function fineTune({ catalogue, tasks, out, models, python }: FineTuning, terminal: Terminal): Promise<void> {
  const { modelsFolder } = await import("../../infer/runtime/files.ts");
  const { folder } = await modelsFolder(models);
  const script = join(folder, "train", "adapt.py");
  if (!existsSync(script))
    throw new InputError(`--fine-tune: the models in ${folder} come without their training code (train/adapt.py)`);
  const found = await run(python, ["-c", `import ${modules.join(", ")}`], { isQuiet: true });
  if (found === "absent") throw new InputError(`--fine-tune: there is no command ${python}: name a Python with --python`);
  if (found !== 0)
    throw new InputError(
      `--fine-tune: ${python} lacks one of ${modules.join(", ")}: pip install -r ${join(folder, "train", "requirements.txt")}`,
    );
  try {
    mkdirSync(out, { recursive: true });
  } catch {
    throw new InputError(`--fine-tune: the folder ${out} cannot be made`);
  }
  const [catalogueFile, taskFile] = [join(out, "catalogue.json"), join(out, "tasks.jsonl")];
  writeFileAtOnce(
    catalogueFile,
    `${jsonText({ tools: [...catalogue.tools.values()].map(({ name, definition }) => ({ ...definition, name })) })}\n`,
  );
  writeFileAtOnce(taskFile, tasks.map((task, at) => `${jsonText(taskLine(task, at))}\n`).join(""));
  terminal.say(`Training on ${tasks.length} tasks …`);
  const args = ["--catalogue", catalogueFile, "--tasks", taskFile, "--models", folder, "--out", out];
  const code = await run(python, [script, ...args], { isQuiet: false });
  if (code !== 0)
    throw new InputError(
      `--fine-tune: the training ended with ${code === "absent" ? "no Python" : `code ${code}`}; no model was written`,
    );
}

/** A task in the form of the training sets: `{id, task, tools: [names], plan: {nodes, edges}}`. */
function taskLine({ task, tools, right, flows, kind }: MadeTask, at: number): Json {
  const nodes = right.calls.map(({ tool, args }, index) => ({
    id: `n${index}`,
    tool,
    args: Object.fromEntries([
      ...Object.entries(args).map(([name, value]) => [name, { const: value }]),
      // Which call a result is taken from is known, its place in the result is not: nothing is learned of these.
      ...[...flows]
        .filter((flow) => flow.startsWith(`${tool}.`))
        .map((flow) => [flow.slice(tool.length + 1), { unresolved: true }]),
    ]),
  }));
  const idOf = (tool: string): string => nodes.find((node) => node.tool === tool)?.id ?? "";
  return {
    id: `adapt/${at}`,
    task,
    kind,
    tools: tools.map(({ name }) => name),
    plan: { nodes, edges: right.edges.map(([from, to]) => [idOf(from), idOf(to)]) },
    flows: [...flows].sort(),
  };
}

/** The exit code of a command, whose output goes to standard error. */
function run(command: string, args: readonly string[], { isQuiet }: { readonly isQuiet: boolean }): Promise<number | "absent"> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", isQuiet ? "ignore" : 2, isQuiet ? "ignore" : 2] });
    child.on("error", () => resolve("absent"));
    child.on("close", (code) => resolve(code ?? 1));
  });
}
