/**
 * From what an agent intends to a draft plan: tools and arguments resolved, defaults added, checked by the linter.
 * Pure. Never leaves out a step, never gives a value that the intent does not give, and never freezes what it made.
 */
import { type Catalogue, inputProperties } from "../catalogue/catalogue.ts";
import type { Json } from "../json/value.ts";
import { importStepsMax, proseCharsMax } from "../limits.ts";
import type { Finding } from "../plan/finding.ts";
import { frozenFindings, subjectOf } from "../plan/lint.ts";
import { runsMax } from "../plan/lint/bits.ts";
import { slugOf } from "../plan/names.ts";
import type { ArgRule, FrozenTool, Plan, PlanNode } from "../plan/plan.ts";
import { parsePlan } from "../plan/schema.ts";
import { err, ok, type Result } from "../result.ts";
import { changing, constraintsOf } from "./constraints.ts";
import type { Imported, ImportError, Intent, IntentStep, Place } from "./intent.ts";
import { orderLookalikes } from "./lookalikes.ts";
import { mergeTwins } from "./twins.ts";
import type { ResolvedStep } from "./resolved-step.ts";
import { quotedName, type ToolFinder, toolFinder } from "./tool-names.ts";
import { toolsByUse } from "./tools-by-use.ts";

/** How a draft is made. */
export interface DraftOptions {
  /** Name of the plan. Default `imported`. */
  readonly name?: string;
  /** The user's words; they stand before those of the intent. */
  readonly task?: string;
  /**
   * Leaves calls of tools that only read without an order where one could pass for another: nothing depends on it, and an agent that does
   * not name its node is asked to. Default: they follow each other.
   */
  readonly areReadsUnordered?: boolean;
}

/** What of a plan only a person can mend, so that the draft says it instead of being refused. */
const mendable: ReadonlySet<Finding["code"]> = new Set<Finding["code"]>([
  "PLAN_ARG_REQUIRED",
  "PLAN_WRITE_ROLE",
  "PLAN_READ_ONLY",
  "PLAN_NETWORK",
  "LINT_CONSTRAINT_EMPTY",
]);

/**
 * Makes a draft plan of an intent. Without a catalogue the tools are those that the intent names, and what they do is inferred from their
 * names and arguments (`IMPORT_NO_CATALOGUE`). Errors: `IMPORT_EMPTY`, `IMPORT_TOO_LARGE`, `IMPORT_TOOL_UNKNOWN`, `IMPORT_TOOL_AMBIGUOUS`,
 * `IMPORT_ARGUMENT` (one that the tool has not, twice, or too many by place), `IMPORT_UNREPRESENTABLE` (the linter's word for what no plan
 * can say), each at the place of its step.
 */
export function draftOf(
  intent: Intent,
  catalogue: Catalogue | undefined,
  options: DraftOptions = {},
): Result<Imported, ImportError> {
  const [first] = intent.steps;
  if (first === undefined) return err({ code: "IMPORT_EMPTY", place: {}, message: "there is no call of a tool in this" });
  if (intent.steps.length > importStepsMax) {
    const place = intent.steps[importStepsMax]?.place ?? {};
    return err({ code: "IMPORT_TOO_LARGE", place, message: `a plan is made of at most ${importStepsMax} steps` });
  }
  const resolved = resolveSteps(intent.steps, catalogue);
  if (!resolved.ok) return resolved;
  const params = new Set(Object.keys(intent.params ?? {}));
  const { tools } = resolved.value;
  const merged = mergeTwins(resolved.value.steps, { tools, params });
  const { areReadsUnordered = false } = options;
  const ordered = orderLookalikes(merged.steps, { tools: areReadsUnordered ? actingOf(tools) : tools, params });
  const task = taskOf(intent.task, options);
  const plan = writePlan(intent, {
    steps: ordered.steps,
    tools,
    isDescribed: catalogue !== undefined,
    task: task.text,
    name: options.name,
  });
  const checked = checkDraft(plan, catalogue, (name) => intent.steps.find((step) => step.name === name)?.place ?? {});
  if (!checked.ok) return checked;
  const open = catalogue === undefined ? [noCatalogue] : [];
  const own = intent.findings.map((finding) => moved(finding, merged.joined));
  return ok({ plan, findings: [...own, ...task.findings, ...merged.findings, ...ordered.findings, ...open, ...checked.value] });
}

function actingOf(tools: ReadonlyMap<string, FrozenTool>): ReadonlyMap<string, FrozenTool> {
  return new Map([...tools].filter(([, { facts }]) => facts.effects.some((effect) => changing.has(effect))));
}

const noCatalogue: Finding = {
  code: "IMPORT_NO_CATALOGUE",
  severity: "warning",
  pointer: "/nodes",
  message: "without a catalogue nothing is known of the tools but their names, and no argument was checked",
};

/** A finding at a step that was joined with another points at that one. */
function moved(finding: Finding, joined: ReadonlyMap<string, string>): Finding {
  const [, part, name = "", ...rest] = finding.pointer.split("/");
  const other = part === "nodes" ? joined.get(name) : undefined;
  return other === undefined ? finding : { ...finding, pointer: ["", "nodes", other, ...rest].join("/") };
}

interface Resolved {
  readonly steps: readonly ResolvedStep[];
  /** By the name of the step. */
  readonly tools: ReadonlyMap<string, FrozenTool>;
}

function resolveSteps(steps: readonly IntentStep[], catalogue: Catalogue | undefined): Result<Resolved, ImportError> {
  const finder = findTools(steps, catalogue);
  if (!finder.ok) return finder;
  const find = finder.value;
  const tools = new Map<string, FrozenTool>();
  const resolved: ResolvedStep[] = [];
  for (const step of steps) {
    if (step.tool === undefined) {
      resolved.push({ ...step, args: step.args ?? {} });
      continue;
    }
    const tool = find(step.tool);
    if (!tool.ok) return err({ ...tool.error, place: step.place });
    const args = argumentsOf(step, tool.value);
    if (!args.ok) return args;
    tools.set(step.name, tool.value);
    // Without a catalogue the name stays as it is written: the catalogue that comes later decides what it means.
    resolved.push({ ...step, tool: catalogue === undefined ? step.tool : tool.value.name, args: args.value });
  }
  return ok({ steps: resolved, tools });
}

/** How the tools of steps are found: in the catalogue, or, without one, by their use. Error: `IMPORT_TOOL_UNKNOWN` for what is no name. */
export function findTools(steps: readonly IntentStep[], catalogue: Catalogue | undefined): Result<ToolFinder, ImportError> {
  return catalogue === undefined ? toolsByUse(steps) : ok(toolFinder(catalogue));
}

/** The arguments by name: those by place take the names of the tool's properties, in the order of its schema. */
function argumentsOf(step: IntentStep, tool: FrozenTool): Result<{ readonly [name: string]: ArgRule }, ImportError> {
  const { positional = [], args = {}, place } = step;
  if (positional.length === 0) return ok(args);
  const names = [...inputProperties(tool).keys()];
  const refuse = (message: string): Result<never, ImportError> => err({ code: "IMPORT_ARGUMENT", place, message });
  if (names.length === 0)
    return refuse(
      `the arguments of \`${tool.name}\` are not known, so that none can be given by its place: name them, or give a catalogue that does`,
    );
  if (positional.length > names.length)
    return refuse(`\`${tool.name}\` takes ${names.length} arguments, and ${positional.length} are given by their place`);
  const twice = names.slice(0, positional.length).find((name) => Object.hasOwn(args, name));
  if (twice !== undefined) return refuse(`${quotedName(twice)} of \`${tool.name}\` is given by its place and by its name`);
  return ok({ ...Object.fromEntries(positional.map((rule, at) => [names[at] as string, rule] as const)), ...args });
}

/** The user's words for a plan: those that are given, else those of the log, or `IMPORT_TASK` where they are too long for one. */
export function taskOf(
  own: string | undefined,
  { task = own }: DraftOptions,
): { readonly text: string | undefined; readonly findings: readonly Finding[] } {
  if (task === undefined || task.trim() === "") return { text: undefined, findings: [] };
  if (task.length <= proseCharsMax) return { text: task, findings: [] };
  const message = `the user's words are longer than the ${proseCharsMax} characters of a plan's \`task\`, and were left out: say it shorter`;
  return { text: undefined, findings: [{ code: "IMPORT_TASK", severity: "warning", pointer: "", message }] };
}

interface Writing {
  readonly steps: readonly ResolvedStep[];
  readonly tools: ReadonlyMap<string, FrozenTool>;
  readonly isDescribed: boolean;
  readonly task: string | undefined;
  readonly name: string | undefined;
}

function writePlan({ params = {} }: Intent, { steps, tools, isDescribed, task, name }: Writing): Plan {
  const bare = Object.fromEntries(steps.map((step) => [step.name, writeNode(step)]));
  const nodes = Object.fromEntries(
    steps.map(({ name: own, args, each }) => {
      const node = bare[own] as PlanNode;
      const tool = tools.get(own);
      if (tool === undefined) return [own, node];
      const runs = typeof each === "string" ? undefined : runsMax(bare, own);
      const constraints = constraintsOf({ tool, args, runs, isDescribed });
      return [own, constraints === undefined ? node : { ...node, constraints }];
    }),
  );
  const calls = callsOf(steps, bare);
  return {
    sluice: 1,
    name: slugOf(name ?? "imported").replaceAll("_", "-"),
    ...(task === undefined ? {} : { task }),
    ...(Object.keys(params).length === 0 ? {} : { params }),
    ...(calls === undefined ? {} : { limits: { calls } }),
    nodes,
  };
}

/** Calls above which a limit says nothing that a person would look at. */
export const limitCallsMax = 1_000;

/** The most calls that the nodes come to, as the session's limit. */
function callsOf(steps: readonly ResolvedStep[], nodes: Plan["nodes"]): number | undefined {
  const runs = steps.filter(({ tool }) => tool !== undefined).map(({ name }) => runsMax(nodes, name));
  const calls = runs.reduce((sum, count) => sum + count, 0);
  return calls === 0 || calls > limitCallsMax ? undefined : calls;
}

function writeNode(step: ResolvedStep): PlanNode {
  const { tool, description, args, each, after, when, optional, times, require } = step;
  const about = description === undefined ? {} : { description };
  if (tool === undefined) return { let: step.let ?? "null", ...about };
  return {
    tool,
    ...about,
    ...(each === undefined ? {} : { each }),
    ...(after === undefined || after.length === 0 ? {} : { after: [...new Set(after)].sort() }),
    ...(when === undefined ? {} : { when }),
    ...(optional === undefined ? {} : { optional }),
    ...(times === undefined ? {} : { times }),
    ...(Object.keys(args).length === 0 ? {} : { args }),
    ...(require === undefined || require.length === 0 ? {} : { require }),
  };
}

/**
 * What the plan's own form and the rules that forbid freezing say: what a person can mend is a finding, the rest cannot be imported (`IMPORT_ARGUMENT`,
 * `IMPORT_UNREPRESENTABLE`). `placeOf`: where the node of a name comes from.
 */
export function checkDraft(
  plan: Plan,
  catalogue: Catalogue | undefined,
  placeOf: (node: string) => Place,
): Result<readonly Finding[], ImportError> {
  const parsed = parsePlan(plan as unknown as Json);
  const errors = (parsed.ok ? frozenFindings(subjectOf(plan, catalogue, {})) : parsed.error).filter(
    ({ severity }) => severity === "error",
  );
  const hard = errors.find(({ code }) => !mendable.has(code));
  if (hard === undefined) return ok(errors);
  const { code, pointer, message } = hard;
  // Names of nodes have neither `~` nor `/`, so that a step of a pointer is the name itself.
  const [, part, name = ""] = pointer.split("/");
  const place = part === "nodes" ? placeOf(name) : {};
  if (code === "PLAN_ARG_UNKNOWN") return err({ code: "IMPORT_ARGUMENT", place, message });
  // An expression of constants alone was computed here, and has no value.
  const isFailing = code === "LANG_EXPR_RUNTIME" || code === "LANG_EXPR_TYPE";
  if (isFailing) return err({ code: "IMPORT_UNREPRESENTABLE", place, message: `this fails whatever the tools give: ${message}` });
  return err({ code: "IMPORT_UNREPRESENTABLE", place, message: `no plan can say this: ${message} (${code})` });
}
