/**
 * The difference of two catalogues on a terminal: what binds less and what is suspicious first, then every change of a definition.
 * Never lets a text of a tool move the cursor: what a description holds is shown on one line, with its hidden characters spelled out.
 */
import type { DefinitionChange } from "../../catalogue/definition-changes.ts";
import type { CatalogueDiff, ServerDiff, ToolDiff, Voided } from "../../catalogue/diff.ts";
import type { FactChange } from "../../catalogue/fact-changes.ts";
import { showPointer } from "../../json/pointer.ts";
import type { Json } from "../../json/value.ts";
import { jsonText } from "./output.ts";
import { hang, plain, type Terminal } from "./terminal.ts";

/** A frozen plan, and why it no longer holds. */
export interface PlanVerdict {
  readonly plan: string;
  readonly voided: readonly Voided[];
}

/** Characters of one value that are shown: enough to see an order that was slipped into a description. */
const valueCharsMax = 800;
/** Characters that are shown before and after what changed in a long text. */
const contextChars = 60;

/** The lines of a difference. */
export function diffLines(diff: CatalogueDiff, plans: readonly PlanVerdict[], terminal: Terminal): readonly string[] {
  const { paint } = terminal;
  const digests = diff.isSame
    ? [paint.dim(diff.digest.after)]
    : [`${paint.red("-")} ${paint.dim(diff.digest.before)}`, `${paint.green("+")} ${paint.dim(diff.digest.after)}`];
  return [
    ...diff.servers.flatMap((server) => serverLines(server, terminal)),
    ...diff.tools.flatMap((tool) => toolLines(tool, terminal)),
    ...diff.labels.flatMap((change) => [
      "",
      `${paint.yellow("label")}    ${paint.bold(plain(change.fact.slice("labels.".length)))}`,
      factLine(change, terminal),
    ]),
    ...plans.flatMap((plan) => planLines(plan, terminal)),
    "",
    paint.bold(summary(diff)),
    ...digests,
  ].slice(diff.isSame && plans.length === 0 ? 1 : 0);
}

function summary({ tools, servers, labels, isSame }: CatalogueDiff): string {
  if (isSame) return "The same tools, servers and labels.";
  const count = (change: ToolDiff["change"]): number => tools.filter((tool) => tool.change === change).length;
  const weaker = [...tools.flatMap(({ facts }) => facts), ...labels].filter(({ direction }) => direction === "weaker").length;
  const warnings = tools.reduce((sum, tool) => sum + tool.warnings.length, 0);
  const parts = [
    [count("added"), "added"],
    [count("removed"), "removed"],
    [count("changed"), "changed"],
    [servers.length, servers.length === 1 ? "server differs" : "servers differ"],
    [weaker, weaker === 1 ? "fact binds less" : "facts bind less"],
    [warnings, warnings === 1 ? "warning" : "warnings"],
  ] as const;
  return `Tools: ${parts.flatMap(([number, what]) => (number === 0 ? [] : [`${number} ${what}`])).join(", ") || "none changed"}.`;
}

function serverLines({ server, before, after }: ServerDiff, { paint, columns }: Terminal): readonly string[] {
  const word = before === null ? "new server" : after === null ? "server gone" : "other server";
  return [
    "",
    `${paint.yellow(word)}  ${paint.bold(plain(server))}`,
    ...(before === null ? [] : [paint.red(valueLine("-", before, columns))]),
    ...(after === null ? [] : [paint.green(valueLine("+", after, columns))]),
  ];
}

function toolLines(tool: ToolDiff, terminal: Terminal): readonly string[] {
  const { paint, columns } = terminal;
  const colours = { added: paint.green, removed: paint.red, changed: paint.yellow };
  const own = tool.warnings.map(({ kind, message, pointer }) =>
    paint.red(hang("  ! ", `${kind}: ${message}, at ${showPointer(pointer)}`, columns)),
  );
  const weaker = tool.facts.filter(({ direction }) => direction === "weaker");
  const others = tool.facts.filter(({ direction }) => direction !== "weaker");
  return [
    "",
    `${colours[tool.change](tool.change.padEnd(7))}  ${paint.bold(plain(tool.tool))}`,
    ...own,
    ...[...weaker, ...others].map((change) => factLine(change, terminal)),
    ...tool.definition.flatMap((change) => changeLines(change, terminal)),
  ];
}

function factLine({ fact, direction, meaning }: FactChange, { paint, columns }: Terminal): string {
  const colours = { weaker: paint.red, stricter: paint.green, note: paint.dim };
  return colours[direction](hang("  ", `${direction.padEnd(8)}  ${plain(fact)}: ${meaning}`, columns));
}

function changeLines({ pointer, before, after, kind }: DefinitionChange, { paint, columns }: Terminal): readonly string[] {
  const [old, now] = excerpts(before, after);
  return [
    `  ${paint.cyan(kind.padEnd(8))}  ${showPointer(pointer)}`,
    ...(old === undefined ? [] : [paint.red(hang("    - ", old, columns))]),
    ...(now === undefined ? [] : [paint.green(hang("    + ", now, columns))]),
  ];
}

function valueLine(sign: string, value: Json, columns: number): string {
  return hang(`    ${sign} `, middleOut(textOf(value)), columns);
}

/** Texts as they are, other values as JSON. */
function textOf(value: Json): string {
  return plain(typeof value === "string" ? value : jsonText(value));
}

/** Two values as they are shown: where both are long, from a little before their first difference to a little after the last. */
function excerpts(before: Json | undefined, after: Json | undefined): readonly [string | undefined, string | undefined] {
  const [old, now] = [before, after].map((value) => (value === undefined ? undefined : [...textOf(value)]));
  if (old === undefined || now === undefined) return [old && middleOut(old.join("")), now && middleOut(now.join(""))];
  const shorter = Math.min(old.length, now.length);
  let head = 0;
  while (head < shorter && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < shorter - head && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail++;
  const excerpt = (text: readonly string[]): string => {
    const [from, to] = [
      head > contextChars * 2 ? head - contextChars : 0,
      tail > contextChars * 2 ? text.length - tail + contextChars : text.length,
    ];
    return `${from > 0 ? "…" : ""}${middleOut(text.slice(from, to).join(""))}${to < text.length ? "…" : ""}`;
  };
  return [excerpt(old), excerpt(now)];
}

/** A long text without its middle: what was slipped in stands as often at the end as at the beginning. */
function middleOut(text: string): string {
  const characters = [...text];
  if (characters.length <= valueCharsMax) return text;
  const half = valueCharsMax / 2;
  const hidden = characters.length - valueCharsMax;
  return `${characters.slice(0, half).join("")} … (${hidden} characters) … ${characters.slice(-half).join("")}`;
}

const reasons: { readonly [R in Voided["reason"]]: string } = {
  removed: "the tool is gone",
  changed: "the tool is not the one that was approved",
  server: "the server is not the one that was approved",
  label: "the catalogue says something else of the label",
};

function planLines({ plan, voided }: PlanVerdict, { paint, columns }: Terminal): readonly string[] {
  if (voided.length === 0) return ["", `${paint.green("holds")}    ${paint.bold(plain(plan))}`];
  return [
    "",
    `${paint.red("void")}     ${paint.bold(plain(plan))}`,
    ...voided.map(({ reason, name, nodes }) =>
      hang("  ", `${plain(name)}: ${reasons[reason]}${nodes.length === 0 ? "" : `; nodes ${nodes.join(", ")}`}`, columns),
    ),
  ];
}
