/**
 * The rules that fit a value in all runs that have it, best first: the same in all, the user's word of each, a form that all offer, and in the
 * end one that cannot fail: text of the agent's, one of few values, or a parameter that the host gives.
 * Pure but for the computed nodes of the draft. Never leaves what steers a tool to the agent where anything else fits.
 */
import { argumentDefault, inputProperties } from "../catalogue/catalogue.ts";
import { isArray, type Json, jsonEqual, member } from "../json/value.ts";
import { linksIn } from "../lang/host.ts";
import type { Finding } from "../plan/finding.ts";
import { pointerOf } from "../json/pointer.ts";
import { type Argument, type ArgumentContext, constant, quoted, writeCharsMin } from "./argument.ts";
import { distinctOf, isWordList, roundUp, specOf } from "./bounds.ts";
import { costs, givenRule, type Hypothesis, hypothesesOf } from "./hypotheses.ts";
import { type Cell, type EvidenceKind, type Model, type NodeModel, type Option, sourcesIn } from "./model.ts";

/** Costs of what is left where no form explains a value. */
const lastCosts = { setting: costs.task + 1, seenOnce: 800, choice: 900, host: 1_000, text: 500 } as const;

/** What the options of an argument are worked out from. */
export interface OptionContext {
  readonly model: Model;
  readonly node: NodeModel;
  readonly argument: Argument;
  readonly cells: readonly Cell[];
  /** Whether some calls do not have it. */
  readonly isAbsent: boolean;
}

/** Every option, the best first. There is always one. */
export function optionsFor(context: OptionContext): readonly Option[] {
  const { argument, cells } = context;
  const isText = argument.role === "content" && cells.every(({ value }) => typeof value === "string");
  const options = [...constantOptions(context), ...(isText ? textOptions(context) : []), ...formOptions(context, isText)];
  if (!isText) options.push(...lastOptions(context));
  return options.sort((a, b) => a.cost - b.cost);
}

function placesOfRuns(cells: readonly Cell[]): ReadonlySet<number> {
  return new Set(cells.map(({ run }) => run.place));
}

function constantOptions({ model, node, argument, cells }: OptionContext): readonly Option[] {
  const value = cells[0]?.value as Json;
  if (!cells.every((cell) => jsonEqual(cell.value, value))) return [];
  const runs = placesOfRuns(cells).size;
  const fallback = argument.path.length === 1 ? argumentDefault(node.tool, argument.name) : undefined;
  const isSetting = typeof value === "boolean" || isArray(member(inputProperties(node.tool).get(argument.name), "enum"));
  const isKnown = runs > 1 || model.runs.length === 1 || isSetting || (fallback !== undefined && jsonEqual(fallback, value));
  const isEmpty = value === "" || (isArray(value) && value.length === 0);
  const isSound = isKnown || isEmpty;
  // One of a tool's few words that one run has: where its task says it, the next run has another.
  const isOnce = runs === 1 && model.runs.length > 1 && isSetting;
  const message = `${quoted(value)} as \`${argument.name}\` was seen in one run only, and nothing explains it: confirm it`;
  return [
    {
      kind: "constant",
      cost: isOnce ? lastCosts.setting : isSound ? 0 : lastCosts.seenOnce,
      hint: argument.name,
      findings: isSound ? [] : [findingAt(node, argument, message)],
      build: () => ({ rule: constant(value), learned: "const", strength: isSound ? "given" : "guess", reads: [] }),
    },
  ];
}

function findingAt(node: NodeModel, argument: Argument, message: string): Finding {
  return {
    code: "LEARN_UNEXPLAINED",
    severity: "warning",
    pointer: pointerOf(["nodes", node.name, "args", ...argument.path]),
    message,
  };
}

/** Free text within the length and the links that were seen. */
function textOptions({ argument, cells, isAbsent, node }: OptionContext): readonly Option[] {
  const texts = cells.map(({ value }) => String(value));
  const maxLength = Math.max(writeCharsMin, roundUp(Math.max(...texts.map((text) => text.length)) * 2));
  const optional = isAbsent ? { optional: true } : {};
  const open: Option = {
    kind: "text",
    cost: lastCosts.text,
    hint: argument.name,
    findings: [],
    build: () => ({ rule: { write: { maxLength }, ...optional }, learned: "write", strength: "given", reads: [] }),
  };
  const links = [...new Set(texts.flatMap((text) => linksIn(text).map((link) => link.host)))].sort();
  if (links.length === 0) return [open];
  const message = `links in \`${argument.name}\` may lead to ${links.map(quoted).join(", ")} only: confirm these hosts`;
  const finding: Finding = { ...findingAt(node, argument, message), code: "LEARN_LINKS" };
  const listed: Option = {
    ...open,
    cost: lastCosts.text + 1,
    findings: [finding],
    build: () => ({ rule: { write: { maxLength, links }, ...optional }, learned: "write", strength: "given", reads: [] }),
  };
  return [open, listed];
}

/** Cells whose forms are worked out; the others are held to them by trying the plan. */
const cellsMax = 60;

/** Forms that all cells offer; and those that only some worked out, which are tried on all. */
function formOptions(context: OptionContext, isText: boolean): readonly Option[] {
  const { argument, cells, model } = context;
  const used = cells.slice(0, cellsMax);
  const offers = used.map((cell) => new Map(formsOf(context, cell).map((form) => [form.key, form] as const)));
  const all = new Map<string, Hypothesis>();
  for (const [key, form] of offers.flatMap((offer) => [...offer])) if (all.get(key)?.isGuarded !== true) all.set(key, form);
  const options: Option[] = [];
  for (const [key, form] of all) {
    const count = offers.filter((offer) => offer.has(key)).length;
    if (count < offers.length && !form.isComputed) continue;
    // A text that an earlier result has word for word is a copy only where several runs say so.
    if (isText && (placesOfRuns(cells).size < 2 || (key !== "task" && form.cost > 30))) continue;
    const option = optionOfForm({ argument, key, form, offers, used });
    if (option !== undefined) options.push(count < offers.length ? { ...option, cost: option.cost + 5 } : option);
  }
  if (isText && !used.every(({ run, value }) => typeof value === "string" && run.text.includes(value)))
    return options.filter(({ key }) => key !== "task");
  return model.runs.length === 0 ? [] : options;
}

interface FormCells {
  readonly argument: Argument;
  readonly key: string;
  readonly form: Hypothesis;
  readonly offers: readonly ReadonlyMap<string, Hypothesis>[];
  readonly used: readonly Cell[];
}

/** One form over all runs; `undefined` if one run would need two words for it. */
function optionOfForm({ argument, key, form, offers, used }: FormCells): Option | undefined {
  const literals = new Map<number, Json>();
  for (const [place, { run }] of used.entries()) {
    const literal = offers[place]?.get(key)?.literal;
    if (literal === undefined) continue;
    if (literals.has(run.place) && !jsonEqual(literals.get(run.place), literal)) return undefined;
    literals.set(run.place, literal);
  }
  const cost = Math.max(...offers.map((offer) => offer.get(key)?.cost ?? 0));
  const kind: EvidenceKind = key === "task" ? "parameter" : cost >= 55 || form.isComputed ? "computed" : "reference";
  const { hint, build, findings } = form;
  return {
    kind,
    cost,
    hint: key === "task" ? argument.name : hint,
    key,
    build,
    findings,
    ...(literals.size > 0 && { literals }),
  };
}

/** The forms that one cell offers. */
export function formsOf(
  { model, node, argument }: Pick<OptionContext, "model" | "node" | "argument">,
  cell: Cell,
): readonly Hypothesis[] {
  const { run, call, value } = cell;
  const sources = sourcesIn(model, run, call.first.index).filter(({ name }) => name !== node.name);
  const context: ArgumentContext = {
    draft: { ...model.draft, findings: [] },
    task: run.facts.task,
    tool: node.tool,
    node: node.name,
    sources,
    avoid: run.facts.avoid,
    given: run.facts.given,
    tables: [],
    isFirst: call.first.resultsBefore === 0,
    isTrusted: false,
    isData: run.facts.isData,
    canGuess: true,
    isLiteralCall: false,
    isLiteral: () => false,
  };
  return hypothesesOf(argument, value, context);
}

/** What always fits. */
function lastOptions({ node, argument, cells }: OptionContext): readonly Option[] {
  const values = cells.map(({ value }) => value);
  const distinct = distinctOf(values);
  const literals = new Map<number, Json>();
  let isOne = true;
  for (const { run, value } of cells) {
    if (literals.has(run.place) && !jsonEqual(literals.get(run.place), value)) isOne = false;
    literals.set(run.place, value);
  }
  const options: Option[] = [];
  const runs = placesOfRuns(cells).size;
  const seen = `${distinct.length} values in ${runs} runs`;
  if (isOne) {
    const message = `\`${argument.name}\` varies and nothing explains it (${seen}): the host gives it as a parameter; confirm that it can`;
    options.push({
      kind: "parameter",
      cost: lastCosts.host,
      literals,
      isHost: true,
      hint: argument.name,
      findings: [{ ...findingAt(node, argument, message), code: "LEARN_HOST_PARAM" }],
      build: givenRule,
    });
  }
  const isChoosable = argument.role === "selector" || argument.role === "content" || argument.role === "control";
  const isFew = isWordList(values) && distinct.length > 1;
  if (isFew || argument.role === "content" || !isOne) {
    const choose = isFew || !isChoosable ? { enum: distinct } : specOf(values);
    const message = `the agent chooses \`${argument.name}\` among what was seen (${seen}): confirm that it may`;
    const finding: Finding = { ...findingAt(node, argument, message), code: "LEARN_CHOICE" };
    options.push({
      kind: "choice",
      cost: isChoosable && isFew ? lastCosts.choice : lastCosts.host + 100,
      hint: argument.name,
      findings: argument.role === "content" ? [] : [finding],
      build: () => ({
        rule: { choose: Object.keys(choose).length > 0 ? choose : { enum: distinct } },
        learned: "choose",
        strength: "guess",
        reads: [],
      }),
    });
  }
  return options;
}
