/**
 * Which calls are measured: by size of the plan, of the arguments, of the labels, of the session, and by argument class.
 * Never more than one thing at a time differs within a group.
 */
import type { Json, JsonObject } from "../../src/json/value.ts";
import type { ArgRule } from "../../src/plan/plan.ts";
import type { Scenario } from "./scenario.ts";

const sentence = "The quarterly report is ready for review and the numbers are as expected. ";

/** Prose of exactly this many characters. */
function prose(chars: number): string {
  return sentence.repeat(Math.ceil(chars / sentence.length)).slice(0, chars);
}

/** A call as agents make them: a recipient from the user, a constant, a value out of an earlier result, a choice in a content role, and text. */
const ordinaryRules: { readonly [arg: string]: ArgRule } = {
  to: { param: "recipient" },
  kind: "report",
  amount: { from: "source$.amount" },
  a: { choose: { enum: ["low", "high"] } },
  text: { write: { maxLength: 2_000_000 } },
};

function ordinary(bytes: number): JsonObject {
  const args = { to: "bob@example.com", kind: "report", amount: 25, a: "low", text: "" };
  const rest = bytes - JSON.stringify({ tool: "bench/probe", args }).length;
  return { ...args, text: prose(Math.max(0, rest)) };
}

/** The same choice five times. */
function five(rule: ArgRule, value: Json): Pick<Scenario, "rules" | "sent"> {
  const names = ["a", "b", "c", "d", "e"];
  return {
    rules: Object.fromEntries(names.map((name) => [name, rule])),
    sent: Object.fromEntries(names.map((name) => [name, value])),
  };
}

function rowsOf(bytes: number): Json {
  const row = { id: 12345, name: "a name of some length", amount: 12.5, isOpen: true, tags: ["one", "two"] };
  return Array.from({ length: Math.ceil(bytes / (JSON.stringify(row).length + 1)) }, (_, i) => ({ ...row, id: i }));
}

const bySize: readonly Scenario[] = [
  ...([100, 300, 1_000, 3_000, 100_000, 1_000_000] as const).map((bytes) => ({
    group: "argument bytes, text",
    name: `${bytes} B`,
    rules: ordinaryRules,
    sent: ordinary(bytes),
  })),
  ...([3_000, 100_000, 1_000_000] as const).map((bytes) => ({
    group: "argument bytes, objects",
    name: `${bytes} B`,
    rules: { rows: { choose: { type: "array" } } },
    sent: { rows: rowsOf(bytes) },
  })),
];

const classes: readonly Omit<Scenario, "group">[] = [
  { name: "5 constants, sent", ...five("report", "report") },
  { name: "5 constants, omitted", ...five("report", "report"), sent: {} },
  { name: "5 parameters", ...five({ param: "recipient" }, "bob@example.com") },
  { name: "5 references", ...five({ from: "source$.to" }, "bob@example.com") },
  { name: "5 references, omitted", ...five({ from: "source$.to" }, "bob@example.com"), sent: {} },
  { name: "5 choices (enum)", ...five({ choose: { enum: ["low", "high"] } }, "low") },
  { name: "5 choices (number)", ...five({ choose: { type: "number", minimum: 0, maximum: 10 } }, 5) },
  {
    name: "free text, 300 B, 3 flow rules",
    rules: { text: { write: { maxLength: 4_000 } } },
    sent: { text: prose(260) },
    flows: ["one", "two", "three"].map((id) => ({ id, deny: ["unknown"], to: "bench/*" })),
  },
  {
    name: "free text with 3 links",
    rules: { text: { write: { links: ["example.com"] } } },
    sent: { text: `${prose(200)} https://example.com/a example.com https://example.com/b?c=d` },
  },
  {
    name: "object of 5",
    rules: { a: { object: five({ param: "recipient" }, "").rules } },
    sent: { a: five("", "bob@example.com").sent },
  },
  { name: "5 patterns (re2)", ...five({ choose: { type: "string", pattern: "^[a-z]{2,20}-[0-9]{1,6}$" } }, "order-12345") },
  { name: "1 expression (CEL)", rules: { a: { expr: "round(source.amount * 1.195, 2)" } }, sent: { a: 29.88 } },
  {
    name: "1 template (URL)",
    rules: {
      a: {
        template: "url",
        text: "https://example.com/u/{x}?n={y}",
        with: { x: { from: "source$.to" }, y: { from: "source$.amount" } },
      },
    },
    sent: {},
  },
  {
    name: "1 template (SQL)",
    rules: { a: { template: "sql", text: "SELECT a FROM t WHERE b = {x}", with: { x: { from: "source$.to" } } } },
    sent: {},
  },
  { name: "1 extract (IBAN)", rules: { a: { from: "source$.text", extract: "iban" } }, sent: {} },
  { name: "1 filtered reference (where)", rules: { a: { from: "source$.rows[*].symbol", where: "item == 'BND'" } }, sent: {} },
];
const byClass: readonly Scenario[] = classes.map((scenario) => ({ group: "argument class", ...scenario }));

/** This many distinct labels in one session, in the results of up to a thousand runs. */
function tainted(labels: number): Pick<Scenario, "fillers" | "labels"> {
  return { fillers: Math.min(labels, 1_000), labels };
}

/** A call that the agent wrote after it had seen everything: its result carries every label of the session. */
const read = { node: { tool: "bench/read", args: { text: { write: {} } } }, sent: { text: "all of it" }, result: { amount: 25 } };

/** All scenarios; `isQuick` leaves out what takes many seconds to make. */
export function scenariosOf(isQuick: boolean): readonly Scenario[] {
  const base = { rules: ordinaryRules, sent: ordinary(300) };
  const sizes = isQuick ? [10, 1_000] : [10, 1_000, 100_000];
  return [
    ...sizes.map((nodes) => ({ ...base, group: "plan nodes", name: `${nodes}`, fillers: nodes - 3 })),
    ...[10, 100, 1_000].map((nodes) => ({
      ...base,
      group: "nodes of one tool",
      name: `${nodes}`,
      fillers: nodes - 1,
      isShared: true,
    })),
    { ...base, group: "nodes of one tool", name: "1000, node named", fillers: 999, isShared: true, isNamed: true },
    ...bySize,
    ...(isQuick ? [1, 10, 1_000] : [1, 10, 1_000, 100_000]).flatMap((labels) => [
      { ...base, group: "labels in the session", name: `${labels}`, ...tainted(labels) },
      {
        ...base,
        group: "labels in an argument",
        name: `${labels}`,
        ...tainted(labels),
        rules: { ...base.rules, amount: { from: "read$.amount" } },
        more: { read },
      },
    ]),
    ...(isQuick ? [1, 10, 1_000] : [1, 10, 1_000, 100_000]).map((events) => ({
      ...base,
      group: "calls before",
      name: `${events}`,
      events,
    })),
    ...byClass,
  ];
}
