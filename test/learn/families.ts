/**
 * Families of runs for the tests of `learn`: one made-up procedure, run on as many made-up worlds as are asked for.
 * Pure: the same seed gives the same world. Never a value of a benchmark.
 */
import fc from "fast-check";
import { type Catalogue, readCatalogue } from "../../src/catalogue/catalogue.ts";
import type { Json, JsonObject } from "../../src/json/value.ts";
import type { Trace } from "../../src/trace.ts";
import { type Exchange, traceOf } from "./worlds.ts";

/** A step of a procedure. */
export type StepKind =
  | "list"
  | "search"
  | "profile"
  | "rate"
  | "read-named"
  | "read-all"
  | "read-open"
  | "pay-named"
  | "remind-overdue"
  | "mail-const"
  | "mail-task"
  | "mail-profile"
  | "tag"
  | "alert-if-flag"
  | "log-sometimes"
  | "remark";

/** Every kind of step. */
export const stepKinds: readonly StepKind[] = [
  "list",
  "search",
  "profile",
  "rate",
  "read-named",
  "read-all",
  "read-open",
  "pay-named",
  "remind-overdue",
  "mail-const",
  "mail-task",
  "mail-profile",
  "tag",
  "alert-if-flag",
  "log-sometimes",
  "remark",
];

function tool(name: string, args: { readonly [name: string]: string }, effects: readonly string[]): Json {
  const properties = Object.fromEntries(Object.entries(args).map(([arg, type]) => [arg, { type }]));
  return { name, description: name, inputSchema: { type: "object", properties }, sluice: { effects, labels: ["office"] } };
}

function catalogueWith(integrity: "trusted" | "untrusted"): Catalogue {
  const read = readCatalogue({
    server: "office",
    labels: { office: { integrity } },
    tools: [
      tool("list_orders", { status: "string" }, ["read"]),
      tool("search_orders", { query: "string" }, ["read"]),
      tool("get_profile", {}, ["read"]),
      tool("get_rate", { currency: "string" }, ["read"]),
      tool("read_order", { id: "string" }, ["read"]),
      tool("pay_order", { order: "string", amount: "number" }, ["money"]),
      tool("send_reminder", { order: "string", email: "string", text: "string" }, ["message"]),
      tool("send_mail", { to: "string", subject: "string", body: "string" }, ["message"]),
      tool("set_tag", { order: "string", tag: "string" }, ["write"]),
      tool("raise_alert", { channel: "string" }, ["write"]),
      tool("write_log", { line: "string", level: "string" }, ["write"]),
      tool("add_note", { text: "string" }, ["write"]),
    ],
  });
  if (!read.ok) throw new Error(read.error[0]?.message);
  return read.value;
}

/** The tools of all families, whose results are of a trusted and of an untrusted source. */
export const catalogues = { trusted: catalogueWith("trusted"), untrusted: catalogueWith("untrusted") } as const;

/** Numbers from a seed: the same seed, the same numbers (a linear congruence, Numerical Recipes §7.1). */
function dice(seed: number): (sides: number) => number {
  let state = (seed * 2654435761 + 1013904223) >>> 0;
  return (sides) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

const givenNames = "Ada Bela Chidi Dara Emil Fen Gita Hugo Ines Jun Kofi Lena Mika Noor Otto Pia Quin Rosa Sven Tara".split(" ");
const familyNames =
  "Abel Brandt Costa Diaz Eko Falk Grau Haas Ito Jansen Kaya Lund Mora Nagy Okoro Park Ruiz Sato Toth Vega".split(" ");

interface Row {
  readonly id: string;
  readonly customer: string;
  readonly email: string;
  readonly status: string;
  readonly total: number;
}

/** Runs a procedure on the world of a seed. */
export function runFamily(steps: readonly StepKind[], seed: number): Trace {
  const roll = dice(seed);
  const word = (): string => `${givenNames[roll(20)]} ${familyNames[roll(20)]}`;
  const rows: Row[] = [];
  const count = 2 + roll(4);
  while (rows.length < count) {
    const customer = word();
    if (rows.some((row) => row.customer === customer)) continue;
    const id = `O-${1000 + roll(9000)}`;
    if (rows.some((row) => row.id === id)) continue;
    const email = `${customer.toLowerCase().replace(" ", ".")}@${["north", "south", "east"][roll(3)]}.example`;
    rows.push({ id, customer, email, status: roll(2) === 0 ? "overdue" : "paid", total: 10 + roll(900) / 4 });
  }
  const named = rows[roll(rows.length)] as Row;
  const rate = 0.5 + roll(40) / 64;
  const profile = { name: word(), address: `me.${roll(1000)}@home.example`, vip: roll(2) === 0 };
  const recipient = `${givenNames[roll(20)]?.toLowerCase()}${roll(100)}@mail.example`;
  const exchanges: Exchange[] = [];
  const call = (name: string, args: JsonObject, result: Json): void => void exchanges.push([name, args, result]);
  const done = (kind: StepKind): boolean => steps.indexOf(kind) >= 0 && steps.indexOf(kind) < current;
  let current = 0;
  const table = rows as unknown as Json;
  for (const [index, kind] of steps.entries()) {
    current = index;
    if (kind === "list") call("list_orders", { status: "any" }, { orders: table });
    else if (kind === "search") call("search_orders", { query: named.customer }, [named as unknown as Json]);
    else if (kind === "profile") call("get_profile", {}, profile);
    else if (kind === "rate") call("get_rate", { currency: "EUR" }, { rate });
    else if (kind === "read-named" && done("list"))
      call("read_order", { id: named.id }, { text: `Order ${named.id} of ${named.customer}` });
    else if (kind === "read-all" && done("list"))
      for (const row of rows) call("read_order", { id: row.id }, { text: `Order ${row.id} of ${row.customer}` });
    else if (kind === "read-open" && done("list"))
      for (const row of rows.filter((one) => one.status === "overdue")) call("read_order", { id: row.id }, { text: "late" });
    else if (kind === "pay-named" && done("list"))
      call("pay_order", { order: named.id, amount: done("rate") ? named.total * rate : named.total }, "paid");
    else if (kind === "remind-overdue" && done("list"))
      for (const row of rows.filter((one) => one.status === "overdue"))
        call(
          "send_reminder",
          { order: row.id, email: row.email, text: `Dear ${row.customer}, please pay ${row.total}.` },
          "sent",
        );
    else if (kind === "mail-const")
      call("send_mail", { to: "boss@corp.example", subject: "Report", body: `All ${roll(50)} done.` }, "sent");
    else if (kind === "mail-task")
      call("send_mail", { to: recipient, subject: "Hello", body: `Note ${roll(99)} for you.` }, "sent");
    else if (kind === "mail-profile" && done("profile"))
      call("send_mail", { to: profile.address, subject: "Copy", body: `Copy ${roll(99)}.` }, "sent");
    else if (kind === "tag" && done("search")) call("set_tag", { order: named.id, tag: "checked" }, "ok");
    else if (kind === "alert-if-flag" && done("profile")) {
      if (profile.vip) call("raise_alert", { channel: "vip" }, "ok");
    } else if (kind === "log-sometimes") {
      if (roll(3) > 0) call("write_log", { line: "finished", level: "info" }, "ok");
    } else if (kind === "remark") call("add_note", { text: `Remark ${roll(1000)}: ${word()} called.` }, "ok");
  }
  const task = `Handle the order of ${named.customer} and write to ${recipient} where that is due. Case ${seed}.`;
  return traceOf(task, exchanges);
}

/** The order in which what is read comes before what uses it. */
export const ordered: fc.Arbitrary<readonly StepKind[]> = fc.subarray([...stepKinds], { minLength: 2, maxLength: 9 });

/** Seeds of runs, each another. */
export const seeds = (min: number, max: number): fc.Arbitrary<readonly number[]> =>
  fc.uniqueArray(fc.integer({ min: 1, max: 100_000 }), { minLength: min, maxLength: max });
