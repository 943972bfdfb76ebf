/**
 * Rows of a report as lines of text: the one place that turns them into words, for every form that people read.
 * Pure. What nobody declared is said to be so, and never left blank.
 */
import type { Category, Cites, Recipient, Report, Row, SectionName } from "./form.ts";

/** A line of a cell. `undeclared` and `quiet` lines are less loud; `item` is one of a list; `code` is an identifier; `time` RFC 3339; `digest` a long one. */
export interface Line {
  readonly text: string;
  readonly kind?: "code" | "time" | "digest" | "undeclared" | "quiet" | "strong" | "good" | "bad" | "item";
}

/** One cell, by its heading. */
export interface Cell {
  readonly heading: string;
  readonly lines: readonly Line[];
}

/** A row as people read it. */
export interface RowLines {
  readonly cells: readonly Cell[];
  readonly cites: Cites;
  /** Further records: where the data came from. */
  readonly sources?: Cites;
}

/** The rows of a section. */
export function linesOf(report: Report, name: SectionName): readonly RowLines[] {
  const rows: readonly unknown[] = report[name] ?? [];
  const write = writers[name] as (row: unknown) => Omit<RowLines, "cites">;
  return rows.map((row) => ({ ...write(row), cites: (row as { readonly cites: Cites }).cites }));
}

const notDeclared: Line = { text: "not declared", kind: "undeclared" };

function said(text: string | null, before = ""): Line {
  return text === null ? { ...notDeclared, text: `${before}not declared` } : { text: `${before}${text}` };
}

const code = (text: string): Line => ({ text, kind: "code" });
const quiet = (text: string): Line => ({ text, kind: "quiet" });
const strong = (text: string): Line => ({ text, kind: "strong" });
const time = (text: string): Line => ({ text, kind: "time" });
const digest = (text: string): Line => ({ text, kind: "digest" });
const number = (count: number, one: string, many = `${one}s`): string => `${count.toString()} ${count === 1 ? one : many}`;

function cell(heading: string, ...lines: readonly (Line | readonly Line[])[]): Cell {
  return { heading, lines: lines.flat() };
}

/** What kinds of data, the category first. */
export function categoryLines(categories: readonly Category[]): readonly Line[] {
  if (categories.length === 0) return [quiet("no label left on it")];
  const others = categories.filter(({ isPersonal }) => isPersonal === false).map(({ label }) => label);
  const told = categories.filter(({ isPersonal }) => isPersonal !== false);
  return [
    ...told.flatMap(({ label, category, isPersonal, isSpecial }): readonly Line[] => [
      isPersonal === null ? { ...notDeclared, text: `${label}: not declared` } : strong(category ?? "personal data"),
      ...(isPersonal === null ? [] : [quiet(`label ${label}`)]),
      ...(isSpecial ? [{ text: "special category or sensitive", kind: "bad" } as const] : []),
    ]),
    ...(others.length === 0
      ? []
      : [{ text: "not personal data" }, quiet(`label${others.length === 1 ? "" : "s"} ${others.join(", ")}`)]),
  ];
}

function recipientLines({ tool, name, kind, country, safeguard, hosts, effects }: Recipient): readonly Line[] {
  return [
    name === null ? { ...notDeclared, text: "recipient not declared" } : strong(name),
    code(tool),
    whereLine(kind, country),
    ...(safeguard === null ? [] : [quiet(safeguard)]),
    ...(hosts.length === 0 ? [] : [quiet(`hosts: ${hosts.join(", ")}`)]),
    quiet(`effects: ${effects.join(", ")}`),
  ];
}

/** What a recipient is, and in which country. */
function whereLine(kind: string | null, country: string | null): Line {
  const words = kind?.replace("-", " ");
  if (country === null)
    return { ...notDeclared, text: words === undefined ? "country not declared" : `${words}, country not declared` };
  return { text: words === undefined ? country : `${words}, ${country}` };
}

function planCell(row: { readonly plan: string; readonly planName: string }, ...more: readonly Line[]): Cell {
  return cell("Plan", strong(row.planName === "" ? "not in the log" : row.planName), digest(row.plan), ...more);
}

function when({ first, last }: { readonly first: string; readonly last: string }, ...before: readonly Line[]): Cell {
  return cell("When", ...before, time(first), first === last ? [] : [quiet("to"), time(last)]);
}

/** Each recipient once, with its tools. */
function recipientNames(recipients: readonly Recipient[]): readonly Line[] {
  const byName = new Map<string, Recipient[]>();
  for (const each of recipients)
    byName.set(`${each.name}\n${each.country}`, [...(byName.get(`${each.name}\n${each.country}`) ?? []), each]);
  return [...byName.values()].flatMap((own) => {
    const { name = null, country = null } = own[0] ?? {};
    const words = name === null ? "not declared" : `${name}, ${country ?? "country not declared"}`;
    return [name === null ? { ...notDeclared, text: words } : strong(words), quiet(own.map(({ tool }) => tool).join(", "))];
  });
}

/** Milliseconds in words. */
export function duration(ms: number | null): string {
  if (ms === null) return "unknown";
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}

const outcomes = { approved: "good", refused: "bad", expired: "quiet", void: "quiet", waiting: "strong" } as const;

const writers: { readonly [Name in SectionName]: (row: Row<Name>) => Omit<RowLines, "cites"> } = {
  activities: (row) => ({
    cells: [
      planCell(row, ...(row.task === null ? [] : [quiet(row.task)])),
      cell(
        "Purpose",
        said(row.purpose, row.purpose === null ? "purpose " : ""),
        said(row.basis, "basis: "),
        said(row.retention, "kept: "),
      ),
      cell("Data", categoryLines(row.categories)),
      cell(
        "People",
        { text: `${row.people.isAtLeast ? "at least " : ""}${row.people.count}` },
        quiet(number(row.sessions, "session")),
        quiet(number(row.calls, "call")),
      ),
      cell("Recipients", row.recipients.length === 0 ? [quiet("none")] : recipientNames(row.recipients)),
      cell(
        "Measures",
        row.measures.length === 0 ? [quiet("none in the plan")] : row.measures.map((text) => ({ text, kind: "item" }) as const),
      ),
      when(row),
    ],
  }),
  flows: (row) => ({
    cells: [
      cell(
        "From",
        row.from.kind === "tool"
          ? [strong(row.from.tool ?? ""), quiet(`operation ${row.from.node ?? ""}`)]
          : row.from.kind === "person"
            ? [strong("the session's user"), quiet("parameters and instructions")]
            : [strong("earlier sessions"), quiet("of the same conversation")],
      ),
      cell("Data", categoryLines(row.from.categories)),
      cell("To", recipientLines(row.to.recipient)),
      cell(
        "How",
        row.way === "reference" ? strong("by reference") : { text: "may carry" },
        quiet(`in ${row.to.arguments.join(", ")}`),
        ...(row.isCleaned ? [{ text: "after labels were removed", kind: "good" } as const] : []),
        ...(row.assumed > 0 ? [quiet(`${number(row.assumed, "call")} assumed at worst`)] : []),
      ),
      planCell(row, said(row.purpose, row.purpose === null ? "purpose " : "")),
      when(row, { text: number(row.cites.count, "call") }),
    ],
    sources: row.sources,
  }),
  disclosures: (row) => ({
    cells: [
      cell("Date", time(row.at)),
      cell("Recipient", recipientLines(row.recipient)),
      cell("What", categoryLines(row.categories), quiet(`in ${row.what.join(", ")}`)),
      cell("Purpose", said(row.purpose, row.purpose === null ? "purpose " : "")),
      planCell(row, quiet("session"), digest(row.session)),
      cell("Approved by", row.approvedBy.length === 0 ? [quiet("nobody is named")] : row.approvedBy.map((text) => ({ text }))),
    ],
  }),
  approvals: (row) => ({
    cells: [
      planCell(row),
      cell("Approved by", row.by === null ? { text: "nobody named", kind: "undeclared" } : strong(row.by)),
      cell("When", row.at === null ? quiet("unknown") : time(row.at)),
      cell("How", { text: { signature: "signed", record: "recorded", none: "not recorded" }[row.how] }, quiet(row.detail)),
    ],
  }),
  holds: (row) => ({
    cells: [
      cell("Asked", time(row.at)),
      cell("Call", code(row.tool ?? row.node), quiet(`operation ${row.node}`)),
      planCell(row),
      cell(
        "Outcome",
        { text: row.outcome, kind: outcomes[row.outcome] },
        ...(row.released ? [quiet("the call was then made")] : []),
      ),
      cell("By", row.by.length === 0 ? [quiet("nobody")] : row.by.map((text) => ({ text }))),
      cell(
        "Answered",
        row.answered === null ? quiet("not") : time(row.answered),
        ...(row.responseMs === null ? [] : [quiet(`after ${duration(row.responseMs)}`)]),
      ),
    ],
  }),
  approvers: (row) => ({
    cells: [
      cell("Person", strong(row.by)),
      cell("Approved", { text: String(row.approved) }),
      cell("Refused", { text: String(row.refused) }),
      cell("Fastest", { text: duration(row.fastestMs) }),
      cell("Mean", { text: duration(row.meanMs) }),
      cell("Slowest", { text: duration(row.slowestMs) }),
    ],
  }),
  amendments: (row) => ({
    cells: [
      cell("When", time(row.at)),
      cell("What", { text: row.what }),
      cell(
        "By",
        row.by === null
          ? quiet("the agent asked")
          : row.by === "agent"
            ? quiet("by itself, within the plan's bounds")
            : strong(row.by),
      ),
      cell("Plan", digest(row.plan)),
      cell("Before", row.parent === "" ? quiet("unknown") : digest(row.parent)),
      cell("Session", digest(row.session)),
    ],
  }),
  safeguards: (row) => ({
    cells: [
      cell("Safeguard", strong(row.kind.replace("-", " "))),
      cell("What it does", { text: row.what }, ...(row.why === null ? [] : [quiet(`because: ${row.why}`)])),
      cell("Where", code(row.tool ?? row.node), quiet(`operation ${row.node}`)),
      planCell(row, quiet(row.allowedBy.length === 0 ? "approved by nobody named" : `approved by ${row.allowedBy.join(", ")}`)),
      when(row, { text: number(row.calls, "time") }),
    ],
  }),
  refusals: (row) => ({
    cells: [
      cell("Why", strong(row.meaning), code(row.code), ...(row.rule === null ? [] : [quiet(`rule ${row.rule}`)])),
      cell(
        "Call",
        row.tool === null ? quiet("a tool that the plan does not have") : code(row.tool),
        ...(row.node === null ? [] : [quiet(`operation ${row.node}`)]),
      ),
      cell("Data", row.categories.length === 0 ? [quiet("not about data")] : categoryLines(row.categories)),
      planCell(row),
      when(row, { text: number(row.calls, "call") }),
    ],
  }),
  erasures: (row) => ({
    cells: [
      cell("When", time(row.at)),
      cell("Person", code(row.subject)),
      cell("By", row.by === null ? quiet("not recorded") : strong(row.by)),
    ],
  }),
  acts: (row) => ({
    cells: [
      cell("Act", strong(row.what ?? row.kind), ...(row.what === null ? [] : [quiet(row.kind)])),
      cell("By", row.by === null ? quiet("not recorded") : { text: row.by }),
      cell("Times", { text: String(row.times) }),
      when(row),
    ],
  }),
};
