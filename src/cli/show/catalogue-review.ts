/**
 * The review of a catalogue on a terminal: one table of tools, and below each tool what was inferred of it and why.
 * Never shows a text of a tool: only names, facts and reasons, which hold words of published lists.
 */
import type { Reviewed, ToolReview } from "../../catalogue/review.ts";
import { pointerOf } from "../../json/pointer.ts";
import type { Json } from "../../json/value.ts";
import { jsonText } from "./output.ts";
import { hang, plain, type Terminal } from "./terminal.ts";

/** Columns of a fact's title: `credential` is the longest. */
const titleChars = 10;
/** Arguments that one line names before it says how many more there are. */
const argsShown = 40;

/** The lines of a review. Inferred facts are marked by `?`. */
export function reviewLines(tools: readonly ToolReview[], terminal: Terminal): readonly string[] {
  const { paint, columns } = terminal;
  const inferred = tools.filter(isInferred).length;
  const legend = `${tools.length} ${tools.length === 1 ? "tool" : "tools"}; ${inferred} with facts that nobody confirmed, marked ${paint.yellow("?")}`;
  const advice =
    "Facts with ? were inferred. Mend `sluice` in the file where a fact is wrong, and take its name out of `sluice.inferred` where it is right. Until then lint says that it was inferred.";
  const footnotes = [
    ...(tools.some(hasNoLabels)
      ? ["labels unknown: nobody declared where the results come from, so they are untrusted, and nothing removes that."]
      : []),
    ...(tools.some(({ audience }) => audience.isInferred)
      ? [
          "audience everyone?: nobody declared it, and the tool reaches the network or sends messages, so data that not everyone may read is not sent.",
        ]
      : []),
    ...(tools.some(({ audience }) => audience.value === null)
      ? ["audience -: no effect of the tool sends anything, so nobody is asked who reads it."]
      : []),
    ...(tools.some(({ resource }) => resource === null)
      ? ["resource -: nobody declared what is read or written, so labels are not kept with what is written."]
      : []),
    ...(inferred === 0 ? [] : [advice]),
  ];
  return [
    paint.bold(legend),
    ...tools.flatMap((tool) => ["", ...toolLines(tool, terminal)]),
    ...(footnotes.length === 0 ? [] : [""]),
    ...footnotes.map((text) => paint.dim(hang("", text, columns))),
  ];
}

function hasNoLabels({ labels }: ToolReview): boolean {
  return labels.length === 1 && labels[0] === "unknown";
}

function isInferred(tool: ToolReview): boolean {
  return tool.effects.some((effect) => effect.isInferred) || Object.values(tool.roles).some((role) => role.isInferred);
}

function toolLines(tool: ToolReview, terminal: Terminal): readonly string[] {
  const { paint } = terminal;
  const mark = (text: string, { isInferred: guessed }: { readonly isInferred: boolean }): string => (guessed ? `${text}?` : text);
  const effects = tool.effects.map((effect) => mark(effect.value, effect)).join(", ") || "none";
  const row = (title: string, text: string): readonly string[] => [field(title, text, terminal)];
  return [
    paint.bold(plain(tool.tool)),
    ...row("effects", effects),
    ...reasonLines(tool.effects, terminal),
    ...roleLines(tool, terminal),
    ...row("labels", tool.labels.join(", ")),
    ...row("audience", audienceText(tool.audience)),
    ...(tool.hosts.length === 0 ? [] : row("hosts", tool.hosts.join(", "))),
    ...row("resource", tool.resource === null ? "-" : resourceText(tool.resource)),
    ...(tool.parse === null ? [] : row("parse", tool.parse)),
    ...tool.suspicions.map(({ message, place }) =>
      paint.red(hang(`  ${"!".padEnd(titleChars)} `, `${message}, at ${plain(pointerOf(place))}`, terminal.columns)),
    ),
  ];
}

/** One fact: its title in a column of its own, `?` in yellow. */
function field(title: string, text: string, { paint, columns }: Terminal): string {
  const hung = hang(`  ${title.padEnd(titleChars)} `, text, columns);
  return `  ${paint.cyan(title.padEnd(titleChars))} ${coloured(hung.slice(titleChars + 3), paint)}`;
}

function coloured(text: string, paint: Terminal["paint"]): string {
  return text.replace(/\?(?=[,\s;]|$)/g, paint.yellow("?"));
}

/** Why each effect was inferred, effects with one reason together. */
function reasonLines(effects: readonly Reviewed<string>[], terminal: Terminal): readonly string[] {
  const reasons = new Map<string, string[]>();
  for (const { value, because } of effects)
    if (because !== undefined) reasons.set(because, [...(reasons.get(because) ?? []), value]);
  return Array.from(reasons, ([because, values]) =>
    terminal.paint.dim(hang(" ".repeat(titleChars + 3), `${values.join(", ")}: ${because}`, terminal.columns)),
  );
}

/** The arguments of each role, the most harmful role first, with the reason that most of them have. */
function roleLines({ roles }: ToolReview, terminal: Terminal): readonly string[] {
  const order = ["command", "credential", "target", "control", "selector", "content"];
  const all = Object.entries(roles);
  return order.flatMap((role): readonly string[] => {
    const of = all.filter(([, { value }]) => value === role);
    if (of.length === 0) return [];
    const names = of.slice(0, argsShown).map(([arg, one]) => (one.isInferred ? `${arg}?` : arg));
    const more = of.length > argsShown ? ` and ${of.length - argsShown} more` : "";
    const reasons = [...new Set(of.flatMap(([, { because }]) => because ?? []))];
    return [
      field(role, `${names.join(", ")}${more}`, terminal),
      ...reasons.slice(0, 3).map((because) => terminal.paint.dim(hang(" ".repeat(titleChars + 3), because, terminal.columns))),
    ];
  });
}

function audienceText({ value, isInferred: guessed }: Reviewed<Json>): string {
  const mark = guessed ? "?" : "";
  if (value === null) return "-";
  if (value === "public") return `everyone${mark}`;
  if (Array.isArray(value)) return `${value.length === 0 ? "nobody outside" : value.join(", ")}${mark}`;
  return `whom these arguments name: ${jsonText((value as { readonly arg: Json }).arg)}${mark}`;
}

function resourceText(resource: Json): string {
  if (typeof resource === "string") return resource;
  if (Array.isArray(resource)) return resource.map(resourceText).join(", ");
  const { template, access } = resource as { readonly template: string; readonly access?: string };
  return access === undefined ? template : `${template} (${access})`;
}
