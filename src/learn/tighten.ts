/**
 * The tightest constraints by effect that the calls of all runs satisfy: read only, hosts, paths, addresses, programs, budgets.
 * Pure. Lists a set only where each of its members was seen at least twice: what was seen once says that there are more.
 */
import { roleOf } from "../catalogue/catalogue.ts";
import { readCommandLine } from "../constraints/shell.ts";
import { looksLikeEmail, readEmail } from "../constraints/email.ts";
import { looksLikeUrl, readUrl } from "../constraints/url.ts";
import { isArray, isObject, type Json } from "../json/value.ts";
import { readSql } from "../lang/template/sql.ts";
import type { ArgRule, Constraints } from "../plan/plan.ts";
import { classOf } from "../plan/walk.ts";
import { boundOf, isClosed } from "./bounds.ts";
import type { NodeModel } from "./model.ts";

/** The constraints of one node. A node whose steering arguments are all constants needs no list. */
export function boundsOf(node: NodeModel, args: { readonly [name: string]: ArgRule }): Constraints {
  const { effects } = node.tool.facts;
  const calls = [...node.calls.values()].flat();
  const isReadOnly = effects.every((effect) => effect === "read" || effect === "network") && effects.includes("read");
  const open = Object.keys(args).filter((name) => {
    const role = roleOf(node.tool, name);
    return (role === "target" || role === "command") && classOf(args[name] as ArgRule) !== "const";
  });
  // Constants are judged too, so that their values belong to the list.
  const steering = Object.keys(args).filter((name) => roleOf(node.tool, name) === "target" && !isPlain(args[name] as ArgRule));
  const texts = calls.flatMap((call) => steering.flatMap((name) => textsOf(call.first.args[name] ?? null)));
  const places = open.some((name) => roleOf(node.tool, name) === "target") ? placesOf(texts) : {};
  return { ...(isReadOnly ? { readOnly: true } : {}), ...places, ...programsOf(node, args), ...budgetOf(node, args) };
}

function isPlain(rule: ArgRule): boolean {
  return typeof rule === "boolean" || typeof rule === "number";
}

function textsOf(value: Json): readonly string[] {
  if (typeof value === "string") return [value];
  if (isArray(value)) return value.flatMap(textsOf);
  return isObject(value) ? Object.values(value).flatMap(textsOf) : [];
}

/** Every text of a node's targets is of one kind, or there is no list: a list judges all of them. */
function placesOf(texts: readonly string[]): Constraints {
  if (texts.length === 0) return {};
  if (texts.every(looksLikeUrl)) {
    const hosts = texts.flatMap((text) => {
      const read = readUrl(text);
      return read.ok ? [read.value.host] : [];
    });
    return hosts.length === texts.length && isClosed(hosts) ? { hosts: sorted(hosts) } : {};
  }
  if (texts.every(looksLikeEmail)) {
    if (isClosed(texts)) return { emails: sorted(texts) };
    const domains = texts.flatMap((text) => readEmail(text)?.domain ?? []);
    return domains.length === texts.length && isClosed(domains) ? { domains: sorted(domains) } : {};
  }
  if (!texts.every((text) => /^\/[^\s]*$/.test(text) && !text.split("/").includes(".."))) return {};
  const folders = texts.map((text) => text.slice(0, text.lastIndexOf("/")));
  return folders.every((folder) => folder !== "") && isClosed(folders) ? { paths: sorted(folders) } : {};
}

function sorted(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}

/** The programs of commands that differ between runs. */
function programsOf(node: NodeModel, args: { readonly [name: string]: ArgRule }): Constraints {
  const names = Object.keys(args).filter((name) => roleOf(node.tool, name) === "command");
  const isOpen = names.some((name) => classOf(args[name] as ArgRule) !== "const");
  if (!isOpen || names.length !== 1) return {};
  const [name = ""] = names;
  const values = [...node.calls.values()].flat().map((call) => call.first.args[name] as Json);
  if (/sql|query|statement/i.test(name)) return statementsOf(values);
  const programs = values.map((value) =>
    typeof value === "string" ? readCommandLine(value)?.[0] : isArray(value) ? value[0] : undefined,
  );
  const known = programs.filter((program) => typeof program === "string");
  return known.length === values.length && isClosed(known) ? { argv: { programs: sorted(known) } } : {};
}

/** The kinds of statements, their tables and their functions, as the constraint reads them. What it cannot read, it would deny. */
function statementsOf(values: readonly Json[]): Constraints {
  const readings = values.flatMap((value) => {
    const read = typeof value === "string" ? readSql(value) : undefined;
    return read?.ok === true ? [read.value] : [];
  });
  const kinds = readings.map(({ firstWord }) => firstWord);
  if (readings.length < values.length || !isClosed(kinds)) return {};
  const tables = readings.flatMap((reading) => [...new Set(reading.tables)]);
  const functions = readings.flatMap((reading) => [...new Set(reading.functions)]);
  return {
    sql: {
      statements: sorted(kinds),
      ...(isClosed(tables) ? { tables: sorted(tables) } : {}),
      ...(functions.length > 0 ? { functions: sorted(functions) } : {}),
    },
  };
}

/** The sum that a session spends, for tools that move money by an amount that is not always the same. */
function budgetOf(node: NodeModel, args: { readonly [name: string]: ArgRule }): Constraints {
  if (!node.tool.facts.effects.includes("money")) return {};
  const sums = Object.keys(args).filter((name) => /amount|total|price|sum|value|quantity/i.test(name));
  const [sum] = sums.filter((name) => !isPlain(args[name] as ArgRule));
  if (sum === undefined) return {};
  const totals = [...node.calls.values()].map((calls) =>
    calls.reduce((total, call) => total + Number(call.first.args[sum] ?? Number.NaN) * call.steps.length, 0),
  );
  const isMoney = totals.every((total) => Number.isFinite(total) && total >= 0);
  return isMoney && totals.length > 0 ? { budget: { sum, max: boundOf(totals) } } : {};
}
