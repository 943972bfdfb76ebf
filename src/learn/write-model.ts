/**
 * Writes what was learned from several runs as a plan, with the parameters of each run and how many runs support each element.
 * Pure but for the computed nodes of the draft. Never writes an element without its evidence.
 */
import { canonicalJson } from "../json/canonical.ts";
import { pointerOf } from "../json/pointer.ts";
import type { Json } from "../json/value.ts";
import type { Finding } from "../plan/finding.ts";
import type { ArgRule, EachRule, Plan, PlanNode } from "../plan/plan.ts";
import { quoted } from "./argument.ts";
import { countBound, specOf } from "./bounds.ts";
import { optionalFinding, othersText, repeatedFinding, roomFinding, sometimesFinding, wordsFinding } from "./cautions.ts";
import { boundsOf } from "./tighten.ts";
import { addLet, isReader, type LearnedRule, type LetDraft, readTimesMin } from "./draft.ts";
import type { Evidence, EvidenceTable } from "./evidence.ts";
import { type EvidenceKind, type Leaf, type Model, type NodeModel, type Option, optionOf, type Tree } from "./model.ts";
import { type Call, retryFinding, runsIn, wasRetried } from "./nodes.ts";
import { edgesOf } from "./order-model.ts";
import { type LearnedParam, openParamTable, type ParamTable, paramSpecOf } from "./param-table.ts";
import { memberStep } from "./places.ts";

/** The plan as it stands. */
export interface Written {
  readonly plan: Plan;
  readonly params: readonly LearnedParam[];
  readonly findings: readonly Finding[];
  readonly evidence: EvidenceTable;
  /** Rules by node and argument, for the order of nodes. */
  readonly reads: ReadonlyMap<NodeModel, ReadonlySet<string>>;
}

/** Rows that a loop of a reader may have, beyond those seen: a list grows. */
const readRowsMin = 20;

interface Writing {
  readonly model: Model;
  readonly params: ParamTable;
  readonly findings: Finding[];
  readonly evidence: Map<string, Evidence>;
}

interface NodeText {
  readonly node: NodeModel;
  readonly body: PlanNode;
  readonly reads: ReadonlySet<string>;
}

/** Writes the plan under a name. */
export function writeModel(model: Model, { name }: { readonly name: string }): Written {
  const writing: Writing = { model, params: openParamTable(), findings: [], evidence: new Map() };
  const texts = model.nodes.map((node) => nodeText(writing, node));
  const reads = new Map(texts.map((one) => [one.node, one.reads]));
  const edges = edgesOf(model, reads);
  const used = readNames(model, texts);
  const nodes: Record<string, PlanNode> = {};
  const lets = new Map([...model.draft.lets.values()].map((one) => [one.name, one]));
  const writeLets = (names: Iterable<string>): void => {
    for (const read of names) {
      const one = lets.get(read);
      if (one === undefined || Object.hasOwn(nodes, read)) continue;
      writeLets(one.reads);
      nodes[read] = { let: one.expression };
    }
  };
  for (const { node, body, reads: own } of texts) {
    writeLets(own);
    const after = edges.get(node) ?? [];
    const { tool = "", each, ...rest } = body;
    const parse = node.tool.facts.parse === undefined && used.has(node.name) ? parseOf(node) : undefined;
    const support = after.map((other) => [other.name, sharedRuns(node, other)] as const);
    for (const [index, [, runs]] of support.entries())
      note(writing, ["nodes", node.name, "after", index], { kind: "order", runs, of: model.runs.length });
    nodes[node.name] = {
      tool,
      ...(each === undefined ? {} : { each }),
      ...(after.length === 0 ? {} : { after: after.map((other) => other.name) }),
      ...(parse === undefined ? {} : { parse }),
      ...rest,
    };
  }
  const specs = Object.fromEntries(writing.params.params.map((param) => [param.name, paramSpecOf(param)]));
  for (const param of writing.params.params)
    note(writing, ["params", param.name], { kind: "parameter", runs: param.values.size, of: model.runs.length });
  const calls = Math.max(...model.runs.map((run) => run.steps.length)) * 2;
  note(writing, ["limits", "calls"], { kind: "constraint", runs: model.runs.length, of: model.runs.length });
  const plan: Plan = {
    sluice: 1,
    name,
    ...(Object.keys(specs).length === 0 ? {} : { params: specs }),
    limits: { calls: Math.max(calls, mostCalls(texts)) },
    nodes,
  };
  return {
    plan,
    params: writing.params.params,
    findings: writing.findings,
    evidence: Object.fromEntries(writing.evidence),
    reads,
  };
}

/** What the nodes that are no readers may be called in all: a limit must not deny what the nodes allow. */
function mostCalls(texts: readonly NodeText[]): number {
  return texts.reduce((sum, { node, body }) => {
    const times = body.times ?? 1;
    const each = typeof body.each === "object" ? body.each.max : 1;
    return sum + (isReader(node.tool) ? 1 : (typeof times === "number" ? times : times.max) * each);
  }, 0);
}

function sharedRuns(a: NodeModel, b: NodeModel): number {
  return [...a.calls.keys()].filter((place) => b.calls.has(place)).length;
}

function note({ evidence }: Writing, path: readonly (string | number)[], one: Evidence): void {
  evidence.set(pointerOf(path), one);
}

function say({ findings }: Writing, finding: Finding | undefined): void {
  if (
    finding !== undefined &&
    !findings.some((other) => canonicalJson(other as unknown as Json) === canonicalJson(finding as unknown as Json))
  )
    findings.push(finding);
}

function nodeText(writing: Writing, node: NodeModel): NodeText {
  const { model } = writing;
  const reads = new Set<string>();
  const require: string[] = [];
  const each = node.rows === undefined ? eachOf(writing, node, reads) : eachGiven(writing, node, reads);
  const args: Record<string, ArgRule> = {};
  for (const [name, tree] of node.args) {
    if (node.rows?.includes(name) === true) {
      const all = [...node.calls.values()].flat().map((call) => call.first.args[name]);
      const values = all.filter((value) => value !== undefined);
      const optional = values.length < all.length ? { optional: true } : {};
      args[name] = { item: `$${memberStep(name)}`, match: specOf(values), ...optional };
      note(writing, ["nodes", node.name, "args", name], { kind: "parameter", runs: node.calls.size, of: model.runs.length });
      continue;
    }
    const item = node.loop?.items.get(name);
    if (item !== undefined) {
      args[name] = { item: item.item, ...(item.extract === undefined ? {} : { extract: item.extract as string }) };
      note(writing, ["nodes", node.name, "args", name], { kind: "item", runs: node.calls.size, of: model.runs.length });
      sayItem(writing, node, name);
      continue;
    }
    args[name] = ruleOf({ writing, node, reads, require }, tree, ["nodes", node.name, "args", name]);
  }
  const when = [...guardOf(writing, node, reads)];
  const times = timesOf(node);
  const runs = node.calls.size;
  say(writing, repeatedFinding(node, times));
  if (times !== undefined) note(writing, ["nodes", node.name, "times"], { kind: "times", runs, of: model.runs.length });
  const isRetried = wasRetried([...node.calls.values()].flat().flatMap(({ steps }) => steps));
  const constraints = { ...(node.isUnbounded ? {} : boundsOf(node, args)), ...(isRetried ? { idempotent: true } : {}) };
  if (isRetried) say(writing, retryFinding(node.name, node.tool));
  for (const name of Object.keys(constraints))
    note(writing, ["nodes", node.name, "constraints", name], { kind: "constraint", runs, of: model.runs.length });
  const body: PlanNode = {
    tool: node.tool.name,
    ...(each === undefined ? {} : { each }),
    ...(when.length === 0 ? {} : { when: when.join(" && ") }),
    ...(node.presence.kind === "optional" && when.length === 0 ? { optional: true } : {}),
    ...(times === undefined ? {} : { times }),
    ...(Object.keys(args).length === 0 ? {} : { args }),
    ...(require.length === 0 ? {} : { require: [...new Set(require)] }),
    ...(Object.keys(constraints).length === 0 ? {} : { constraints }),
  };
  return { node, body, reads };
}

function sayItem(writing: Writing, node: NodeModel, name: string): void {
  const { loop } = node;
  if (loop === undefined) return;
  const role = node.tool.facts.roles[name];
  const isSteering = role === undefined ? !isReader(node.tool) : role === "target" || role === "command" || role === "credential";
  const message = `data from \`${loop.source.name}\` chooses \`${name}\` of \`${node.name}\`, a row for each call (${node.calls.size} of ${writing.model.runs.length} runs)`;
  const pointer = pointerOf(["nodes", node.name, "args", name]);
  if (isSteering) say(writing, { code: "LEARN_DATA_IN_TARGET", severity: "warning", pointer, message });
  else say(writing, { code: "LEARN_DATA_IN_SELECTOR", severity: "info", pointer, message });
}

function eachOf(writing: Writing, node: NodeModel, reads: Set<string>): EachRule | undefined {
  const { loop } = node;
  if (loop === undefined) return undefined;
  const { model } = writing;
  reads.add(loop.source.name);
  const from = `${loop.source.name}$${loop.prefix.map(memberStep).join("")}[*]`;
  const max = isReader(node.tool) ? Math.max(readRowsMin, loop.rows * 4) : countBound(loop.rows, loop.source.calls.size);
  const pointer = ["nodes", node.name, "each"];
  note(writing, pointer, { kind: "loop", runs: node.calls.size, of: model.runs.length });
  const message = `the agent decides for which rows of \`${loop.source.name}\` it calls \`${node.name}\``;
  const severity = isReader(node.tool) ? "info" : "warning";
  if (loop.isPartial) say(writing, { code: "LEARN_AGENT_ROWS", severity, pointer: pointerOf(pointer), message });
  say(writing, roomFinding(node, max, loop.rows));
  if (loop.where === undefined) return { from, max };
  let where = loop.where;
  if (loop.word !== undefined) {
    const param = writing.params.request({
      hint: loop.word.hint,
      values: loop.word.literals,
      isHost: false,
      form: "plain",
      use: { node },
    });
    where = where.replace("{}", () => param.name);
  } else {
    const says = `\`${node.name}\` runs for the rows of \`${loop.source.name}\` with \`${where}\` (${node.calls.size} of ${model.runs.length} runs): confirm it`;
    say(writing, { code: "LEARN_ROWS", severity: "warning", pointer: pointerOf([...pointer, "where"]), message: says });
  }
  return { from, max, where };
}

/** One call for each row of a list that the host gives. */
function eachGiven(writing: Writing, node: NodeModel, reads: Set<string>): EachRule {
  const { model, params } = writing;
  const rowOf = ({ first }: Call): Json =>
    Object.fromEntries((node.rows ?? []).flatMap((name) => (first.args[name] === undefined ? [] : [[name, first.args[name]]])));
  const values = new Map([...node.calls].map(([place, calls]) => [place, calls.map(rowOf)] as const));
  const param = params.request({ hint: `${node.name}_calls`, values, isHost: true, form: "rows", use: { node } });
  const name = addLet(model.draft, { hint: `given_${param.name}`, expression: `params.${param.name}` }, []);
  reads.add(name);
  const path = ["nodes", node.name, "each"];
  note(writing, path, { kind: "parameter", runs: node.calls.size, of: model.runs.length });
  const message = `nothing tells the calls of \`${node.name}\` apart: the host gives their arguments as the parameter \`${param.name}\`; confirm that it can`;
  say(writing, { code: "LEARN_HOST_PARAM", severity: "warning", pointer: pointerOf(path), message });
  return { from: `${name}$[*]`, max: countBound(Math.max(...[...values.values()].map((rows) => rows.length)), values.size) };
}

/** Guards of the node: what a result says, and that the parameters which only it uses are given. */
function* guardOf(writing: Writing, node: NodeModel, reads: Set<string>): Generator<string> {
  const { model, params } = writing;
  const runs = node.calls.size;
  const pointer = ["nodes", node.name];
  const { presence } = node;
  if (presence.kind === "always") return;
  if (presence.kind === "guard") {
    for (const read of presence.reads) reads.add(read);
    const { others } = presence;
    note(writing, [...pointer, "when"], {
      kind: "guard",
      runs: model.runs.length,
      of: model.runs.length,
      ...(others > 0 && { alternatives: others }),
    });
    const also = others === 0 ? "" : `; ${others} other ${others === 1 ? "condition fits" : "conditions fit"} as well`;
    const message = `\`${node.name}\` runs where \`${presence.when}\`: so it was in all ${model.runs.length} runs (${runs} of them with it)${also}; confirm it`;
    say(writing, { code: "LEARN_GUARD", severity: "warning", pointer: pointerOf([...pointer, "when"]), message });
    yield presence.when;
    return;
  }
  const given = params.params.filter(({ form, values }) => form === "text" && isOf(values, node));
  note(writing, [...pointer, given.length > 0 ? "when" : "optional"], { kind: "optional", runs, of: model.runs.length });
  say(writing, optionalFinding(node, model.runs.length));
  for (const { name } of given) yield `params.${name} != ""`;
}

function isOf(values: ReadonlyMap<number, Json>, node: NodeModel): boolean {
  return values.size === node.calls.size && [...values.keys()].every((place) => node.calls.has(place));
}

interface RuleContext {
  readonly writing: Writing;
  readonly node: NodeModel;
  readonly reads: Set<string>;
  readonly require: string[];
}

function ruleOf(context: RuleContext, tree: Tree, path: readonly (string | number)[]): ArgRule {
  if (tree.kind === "list") return tree.elements.map((element, place) => ruleOf(context, element, [...path, place]));
  if (tree.kind === "object") {
    const members = [...tree.members].map(([name, one]) => [name, ruleOf(context, one, [...path, "object", name])] as const);
    return { object: Object.fromEntries(members) };
  }
  const option = optionOf(tree);
  const { writing } = context;
  const learned = learnedOf(context, tree, option);
  for (const read of learned.reads) context.reads.add(read);
  context.require.push(...(learned.require ?? []));
  const runs = new Set(tree.cells.map(({ run }) => run.place)).size;
  const alternatives = tree.options
    .slice(tree.chosen + 1)
    .filter(({ kind }) => kind === "reference" || kind === "computed").length;
  const kind: EvidenceKind = learned.learned === "const" ? "constant" : learned.learned === "param" ? "parameter" : option.kind;
  note(writing, path, { kind, runs, of: writing.model.runs.length, ...(alternatives > 0 && { alternatives }) });
  const others = othersText(alternatives);
  // Of an option that is not taken, since the host says whether there is a value, nothing is true.
  const isTaken = learned.learned !== "param" || option.kind === "parameter";
  for (const finding of isTaken ? option.findings.filter(({ code }) => code !== "LEARN_COMPUTED") : []) {
    const also = finding.code === "LEARN_DATA_IN_TARGET" || finding.code === "LEARN_DATA_IN_SELECTOR" ? others : "";
    say(writing, { ...finding, message: `${finding.message}${also} (${runs} of ${writing.model.runs.length} runs)` });
  }
  if (isTaken && option.kind === "computed") {
    const { rule } = learned;
    const text = typeof rule === "object" && rule !== null ? ("expr" in rule ? rule.expr : "from" in rule ? rule.from : "") : "";
    const code = text === "" ? "" : ` as ${quoted(text)}`;
    const message = `\`${tree.argument.name}\` of \`${context.node.name}\` is computed${code}: so it was in ${runs} of ${writing.model.runs.length} runs${others}; confirm that it is meant`;
    say(writing, { code: "LEARN_COMPUTED", severity: "warning", pointer: pointerOf(path), message });
  }
  return learned.rule;
}

/** The rule of an option, with a parameter where the word of the task differs between runs. */
function learnedOf({ writing, node }: RuleContext, leaf: Leaf, option: Option): LearnedRule {
  const { model } = writing;
  const { literals, build, hint, key, isHost = false } = option;
  if (leaf.absent.length > 0 && leaf.argument.role !== "content") {
    if (option.kind !== "choice") {
      say(writing, sometimesFinding(node, leaf));
      return givenOrNone(writing, leaf, node);
    }
    const learned = build({ value: null }, model.draft);
    return { ...learned, rule: { ...(learned.rule as object), optional: true } as ArgRule };
  }
  if (literals === undefined) return build({ value: null }, model.draft);
  const values = [...literals.values()];
  const [first] = values;
  const isSame = values.every((value) => canonicalJson(value) === canonicalJson(first as Json));
  if (isSame && first !== undefined && (!isHost || values.length > 1) && !isLone(model, literals))
    return build({ value: first }, model.draft);
  const isText = node.presence.kind === "optional" && values.every((value) => typeof value === "string" && value !== "");
  const use = { node, leaf, ...(key === undefined ? {} : { key }) };
  const param = writing.params.request({ hint, values: literals, isHost, form: isText ? "text" : "plain", use });
  if (key === "task") say(writing, wordsFinding(node, leaf));
  return build({ param: param.name }, model.draft);
}

/** Whether a word was seen in one run of several with different tasks: the next run has another one. */
function isLone({ runs }: Model, literals: ReadonlyMap<number, Json>): boolean {
  return literals.size === 1 && runs.length > 1 && runs.some(({ text }) => text !== runs[0]?.text);
}

/** An argument that some calls leave out: a parameter that is a list of one value, or of none. */
function givenOrNone({ params, model }: Writing, leaf: Leaf, node: NodeModel): LearnedRule {
  const values = new Map(leaf.cells.map((cell) => [cell.run.place, cell.value]));
  const { name: hint } = leaf.argument;
  const param = params.request({ hint, values, isHost: true, form: "list", use: { node, leaf } });
  const name = addLet(model.draft, { hint: `given_${param.name}`, expression: `params.${param.name}` }, []);
  return { rule: { from: `${name}$[*]`, optional: true }, learned: "param", strength: "given", reads: [name] };
}

/** Names of the nodes that something reads, through computed ones. */
function readNames(model: Model, texts: readonly NodeText[]): ReadonlySet<string> {
  const lets: ReadonlyMap<string, LetDraft> = new Map([...model.draft.lets.values()].map((one) => [one.name, one]));
  const found = new Set<string>();
  const visit = (name: string): void => {
    found.add(name);
    lets.get(name)?.reads.forEach(visit);
  };
  for (const { reads } of texts) for (const name of reads) visit(name);
  return found;
}

function parseOf(node: NodeModel): "json" | "yaml" | undefined {
  return [...node.calls.values()].flat().find((call) => call.run.parse !== undefined)?.run.parse;
}

function timesOf(node: NodeModel): PlanNode["times"] | undefined {
  const isLoop = node.loop !== undefined || node.rows !== undefined;
  const counts = [...node.calls.values()].flatMap((calls) =>
    isLoop ? calls.map((call) => runsIn(call.steps)) : [calls.reduce((sum, call) => sum + runsIn(call.steps), 0)],
  );
  const isFailed = [...node.calls.values()].flat().some((call) => call.run.isFailed);
  const most = Math.max(...counts);
  const least = node.loop?.isPartial === true || isFailed ? 0 : Math.min(...counts);
  if (isReader(node.tool) && !node.isExact) return { min: Math.min(1, least), max: Math.max(readTimesMin, most + 1) };
  if (least === most) return most === 1 ? undefined : most;
  return { min: least, max: most };
}
