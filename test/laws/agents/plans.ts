/**
 * Generated plans around a sink that data of one label must not reach, and programs for agents under them.
 * What the plan says is known to the agent: a program is written with the plan at hand.
 */
import type { Json, JsonObject } from "../../../src/json/value.ts";
import { freezePlan } from "../../../src/plan/freeze.ts";
import type { ArgRule, FrozenPlan, Plan, PlanNode } from "../../../src/plan/plan.ts";
import type { Dice } from "../../spec/dice.ts";
import { generateSource, type Instruction, type ProgramCall, type Source } from "./program.ts";
import { generateTheme, type Theme } from "./themes.ts";
import { catalogueOf, label, type Protection, secretTool, sinkTool } from "./world.ts";

/** A plan, and how it protects its sink. */
export interface Setting {
  readonly frozen: FrozenPlan;
  readonly protection: Protection;
  readonly isTrusted: boolean;
  /** Whether the plan releases `$.n` of the data: by `removes`, or by an endorsement. */
  readonly isReleasing: boolean;
  /** Whether some node shows a part of the data: then how its run ended is shown without its label, which is said in the limits. */
  readonly showsParts: boolean;
  readonly secretNodes: readonly string[];
  readonly theme: Theme;
}

interface Draft {
  readonly dice: Dice;
  readonly nodes: { [name: string]: PlanNode };
  readonly isReleasing: boolean;
}

const tos = ["/a", "/b"];
const choices: readonly JsonObject[] = [
  { enum: ["/a", "/b"] },
  { enum: ["u1", "u2", "u3", "u4"] },
  { type: "string", maxLength: 200 },
];

/** Paths that are there in the results of a tool. */
function pathOf(dice: Dice, tool: string | undefined): string {
  if (tool === "in/secret" || tool === "in/open")
    return dice.pick(["$.id", "$.n", "$.text", "$.id", "$.rows[0].id", "$", "$.rows[?@.n > 0].id"]);
  if (tool === "calc/run") return dice.pick(["$.id", "$.base64", "$.hash", "$.rows[0].id", "$"]);
  if (tool === "disk/get") return dice.pick(["$.found", "$"]);
  return "$.done";
}

function generateRule({ dice, nodes, isReleasing }: Draft, role: "target" | "content" | "selector", hasItem: boolean): ArgRule {
  const earlier = Object.keys(nodes);
  const from = (): ArgRule => {
    const node = dice.pick(earlier);
    const { tool } = nodes[node] ?? {};
    const options = {
      ...(dice.chance(25) ? { pick: dice.pick(["first", "last", "agent"] as const) } : {}),
      ...(dice.chance(15) ? { optional: true } : {}),
    };
    if (isReleasing && tool === secretTool && dice.chance(60)) {
      const endorse = { from: label, to: "own", why: "a number" };
      return { from: `${node}$.n`, match: { type: "integer", minimum: 0, maximum: 3 }, ...(dice.chance(50) ? { endorse } : {}) };
    }
    return { from: `${node}${pathOf(dice, tool)}`, ...options };
  };
  const written: ArgRule = { write: { maxLength: 2_000, links: "none" } };
  return dice.pick<() => ArgRule>([
    () => dice.pick(tos),
    () => ({ choose: dice.pick(choices) }),
    () => (role === "content" ? written : dice.pick(tos)),
    () => ({ param: "p" }),
    ...(earlier.length === 0 ? [] : [from, from, from]),
    ...(hasItem ? [() => ({ item: dice.pick(["$.id", "$.n"]) })] : []),
    ...(earlier.length === 0 ? [] : [() => exprOf(dice, earlier, nodes)]),
    () => ({
      template: "text" as const,
      text: "to {x}",
      with: { x: earlier.length > 0 && dice.chance(70) ? plain(from()) : "/a" },
    }),
    () => ({ object: { x: dice.pick(tos), y: earlier.length > 0 ? from() : { choose: choices[0] as JsonObject } } }),
  ])();
}

/** A hole is filled by the plan. */
function plain(rule: ArgRule): ArgRule {
  const { pick, optional: _, ...rest } = rule as unknown as { readonly [name: string]: Json };
  return { ...rest, ...(pick === "agent" || pick === undefined ? {} : { pick }) } as unknown as ArgRule;
}

const dataTools = [secretTool, "in/open"];

function exprOf(dice: Dice, earlier: readonly string[], nodes: Draft["nodes"]): ArgRule {
  const data = earlier.filter((name) => dataTools.includes(nodes[name]?.tool ?? ""));
  if (data.length === 0) return { expr: "params.p" };
  const name = dice.pick(data);
  return { expr: dice.pick([`${name}.id`, `${name}.n + 1`, `${name}.ok ? "/a" : "/b"`, `size(${name}.rows)`]) };
}

function testOf({ dice, nodes }: Draft): string | undefined {
  const data = Object.keys(nodes).filter(
    (name) => dataTools.includes(nodes[name]?.tool ?? "") && nodes[name]?.each === undefined,
  );
  return data.length === 0 ? undefined : `${dice.pick(data)}.${dice.pick(["ok", "n > 1", 'id == "u1"', "n < 4"])}`;
}

const shapes: { readonly [tool: string]: readonly (readonly [string, "target" | "content" | "selector"])[] } = {
  [secretTool]: [["q", "selector"]],
  "in/open": [["q", "selector"]],
  "calc/run": [
    ["body", "content"],
    ["n", "selector"],
  ],
  "disk/put": [
    ["to", "target"],
    ["body", "content"],
  ],
  "disk/get": [["to", "target"]],
  [sinkTool]: [
    ["to", "target"],
    ["body", "content"],
    ["n", "selector"],
  ],
  "out/log": [
    ["body", "content"],
    ["n", "selector"],
  ],
};

function generateNode(draft: Draft, tool: string): PlanNode {
  const { dice, nodes } = draft;
  const isSource = dataTools.includes(tool);
  const loop = Object.keys(nodes).filter(
    (name) => dataTools.includes(nodes[name]?.tool ?? "") && nodes[name]?.each === undefined,
  );
  const each = !isSource && loop.length > 0 && dice.chance(15) ? { from: `${dice.pick(loop)}$.rows[*]`, max: 3 } : undefined;
  const when = dice.chance(12) ? testOf(draft) : undefined;
  const args = Object.fromEntries(
    (shapes[tool] ?? [])
      .filter(([name]) => (tool.startsWith("disk") ? true : dice.chance(name === "q" ? 15 : 70)))
      .map(([name, role]) => [
        name,
        name === "to" && tool.startsWith("disk") && dice.chance(60) ? "/a" : generateRule(draft, role, each !== undefined),
      ]),
  );
  const show = dice.chance(tool === secretTool ? 60 : 15)
    ? dice.pick<NonNullable<PlanNode["show"]>>(
        isSource ? ["none", "none", ["$.id"], ["$.rows[*].id"], ["$.n", "$.text"]] : ["none"],
      )
    : undefined;
  const removes = draft.isReleasing && tool === secretTool && dice.chance(50) ? { labels: [label], paths: ["$.n"] } : undefined;
  return {
    tool,
    args,
    times: dice.pick<NonNullable<PlanNode["times"]>>([1, { max: 3 }, { min: 0, max: 2 }, { max: 2 }]),
    ...(each === undefined ? {} : { each }),
    ...(when === undefined ? {} : { when }),
    ...(show === undefined ? {} : { show }),
    ...(removes === undefined ? {} : { removes }),
    ...(dice.chance(12) ? { optional: true } : {}),
  };
}

/** A plan with a sink; `undefined`: freezing refuses it. */
export function generateSetting(dice: Dice): Setting | undefined {
  const protection = dice.pick<Protection>(["control", "control", "flow", "flow", "audience"]);
  const isTrusted = dice.chance(40);
  const draft: Draft = { dice, nodes: {}, isReleasing: protection !== "audience" && dice.chance(15) };
  const tools = [
    ...dice.pick([[secretTool, "in/open"], ["in/open", secretTool], [secretTool]]),
    ...Array.from({ length: 1 + dice.below(4) }, () =>
      dice.pick(["calc/run", "disk/put", "disk/get", "out/log", sinkTool, "in/open"]),
    ),
    sinkTool,
    ...(dice.chance(50) ? ["disk/put", "disk/get"] : []),
    ...(dice.chance(60) ? [sinkTool] : []),
  ];
  for (const [i, tool] of tools.entries()) draft.nodes[`${"abcdefghijkl"[i]}${i}`] = generateNode(draft, tool);
  const theme = generateTheme(dice);
  Object.assign(draft.nodes, theme.nodes);
  const { nodes, isReleasing } = draft;
  const all = ["target", "command", "credential", "selector", "content"] as const;
  const plan: Plan = {
    sluice: 1,
    name: "generated",
    params: { p: { type: "string", default: "/a" } },
    nodes,
    ...(protection === "audience"
      ? {}
      : {
          flows: [
            { id: "kept", deny: [label], to: sinkTool, ...(protection === "control" ? { roles: [...all, "control"] } : {}) },
          ],
        }),
    ...(dice.chance(60) ? { envelope: envelopeOf(dice) } : {}),
  };
  const frozen = freezePlan(plan, catalogueOf(isTrusted, protection));
  if (!frozen.ok) return undefined;
  const secretNodes = Object.keys(nodes).filter((name) => nodes[name]?.tool === secretTool);
  const showsParts = secretNodes.some((name) => typeof nodes[name]?.show === "object");
  return { frozen: frozen.value, protection, isTrusted, isReleasing, showsParts, secretNodes, theme };
}

function envelopeOf(dice: Dice): NonNullable<Plan["envelope"]> {
  return [
    { tool: sinkTool, args: { to: { choose: { enum: tos } }, body: { choose: { type: "string", maxLength: 2_000 } } }, times: 2 },
    ...(dice.chance(50)
      ? [{ tool: "disk/put", args: { to: "/a", body: { choose: { type: "string", maxLength: 2_000 } } } }]
      : []),
  ];
}

/** What a program sends for a rule; `undefined` is nothing. */
function sentFor(dice: Dice, rule: ArgRule, steps: number): Source | undefined {
  const source = generateSource(dice, steps);
  if (typeof rule !== "object" || rule === null || Array.isArray(rule)) return dice.chance(5) ? source : undefined;
  if ("choose" in rule) {
    const values = (rule.choose as JsonObject).enum as readonly Json[] | undefined;
    return values === undefined ? { kind: "join", parts: [source] } : { kind: "among", of: source, values };
  }
  if ("write" in rule) return { kind: "join", parts: [source] };
  // What Sluice fills in is mostly left to it; else the agent guesses, with the verdict for an answer.
  return dice.chance(12)
    ? dice.chance(50)
      ? source
      : { kind: "literal", value: dice.pick<Json>(["u1", "u2", 1, 2, "/a"]) }
    : undefined;
}

function generateCall(
  dice: Dice,
  { frozen }: Pick<Setting, "frozen">,
  at: { readonly name: string; readonly steps: number },
): ProgramCall {
  const node = frozen.plan.nodes[at.name];
  const args = Object.entries(node?.args ?? {}).flatMap(([name, rule]): [string, Source][] => {
    const source = sentFor(dice, rule, at.steps);
    return source === undefined ? [] : [[name, source]];
  });
  return { tool: node?.tool ?? "", node: at.name, args: Object.fromEntries(args) };
}

/** An agent for a plan: mostly forward through its nodes, with what it knows in whatever it may say, and by whatever it may choose. */
export function generateProgram(dice: Dice, setting: Setting, conversation: "x" | "y"): readonly Instruction[] {
  return mixed(dice, setting.theme.acts[conversation], ownProgram(dice, setting));
}

/** Both in their order; mostly the attack's acts first. */
function mixed(dice: Dice, first: readonly Instruction[], second: readonly Instruction[]): readonly Instruction[] {
  const [a, b] = [[...first], [...second]];
  const all: Instruction[] = [];
  while (a.length > 0 || b.length > 0) all.push(...(b.length === 0 || (a.length > 0 && dice.chance(70)) ? a : b).splice(0, 1));
  return all;
}

function ownProgram(dice: Dice, setting: Setting): readonly Instruction[] {
  const names = Object.keys(setting.frozen.plan.nodes);
  const program: Instruction[] = [];
  let steps = 0;
  const call = (): Instruction => {
    // Forward, with some looking back: most nodes wait for those before them.
    const reach = Math.min(names.length, 1 + Math.floor(steps / 2) + dice.below(3));
    const name = names[dice.below(reach)] as string;
    const made = generateCall(dice, setting, { name, steps });
    return dice.chance(6)
      ? { kind: "batch", calls: [made, generateCall(dice, setting, { name: dice.pick(names), steps })] }
      : { kind: "call", call: made };
  };
  const length = names.length + 4 + dice.below(8);
  for (let i = 0; i < length; i++, steps++) {
    const bit = generateSource(dice, steps);
    const kind = dice.below(100);
    const forward: Instruction =
      i < names.length && dice.chance(70)
        ? { kind: "call", call: generateCall(dice, setting, { name: names[i] as string, steps }) }
        : call();
    if (kind < 62) program.push(forward);
    else if (kind < 78)
      program.push({
        kind: "if",
        bit,
        yes: [dice.chance(20) ? generateAmend(dice, names, steps) : call()],
        no: dice.chance(50) ? [] : [call()],
      });
    else if (kind < 86) program.push({ kind: "repeat", count: bit, most: 2, body: [call()] });
    else if (kind < 89) program.push({ kind: "stop", bit });
    else program.push(generateAmend(dice, names, steps));
  }
  return program;
}

function generateAmend(dice: Dice, names: readonly string[], steps: number): Instruction {
  const source = generateSource(dice, steps);
  const tool = dice.pick([sinkTool, sinkTool, "disk/put"]);
  const args = { to: { kind: "literal", value: dice.pick(tos) }, body: { kind: "join", parts: [source] } } as const;
  return { kind: "amend", name: dice.pick(["x0", "x1", dice.pick(names)]), node: { tool, args }, isDrop: dice.chance(20) };
}
