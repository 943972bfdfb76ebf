/**
 * Constraints by effect for the reference interpreter, which is given the functions that judge one text; which text is judged by which is said here
 * again, naively.
 */
import { isArgvWithin } from "../../src/constraints/argv.ts";
import { compileHostList, isDomain } from "../../src/constraints/domain.ts";
import { compileMailList, looksLikeEmail } from "../../src/constraints/email.ts";
import { isUnder, readPrefix } from "../../src/constraints/path.ts";
import { readCommandLine } from "../../src/constraints/shell.ts";
import { compileSql } from "../../src/constraints/sql.ts";
import { leadsTo, looksLikeUrl } from "../../src/constraints/url.ts";
import type { Json } from "../../src/json/value.ts";
import type { Constraints } from "../../src/plan/plan.ts";
import { stringsIn } from "./lang.ts";

/** What a node's constraints by effect say of one argument: `steers` if it says where the tool acts. */
export function constraintHolds(
  allowed: Constraints,
  value: Json,
  at: { readonly steers: boolean; readonly isNetwork: boolean },
): boolean {
  const { hosts, paths, emails, domains } = allowed;
  const hostList = listOf(compileHostList(hosts ?? []));
  const mailList = listOf(compileMailList(emails ?? [], domains ?? []));
  const domainList = listOf(compileHostList(domains ?? []));
  const prefixes = (paths ?? []).flatMap((prefix) => readPrefix(prefix) ?? []);
  const isMail = (text: string): boolean => mailList.accepts(text) || (isDomain(text) && domainList.has(text.toLowerCase()));
  return addressesIn(value).every((text) => {
    const isHost = hosts === undefined || leadsTo(text, hostList) || (!at.steers && !(at.isNetwork && looksLikeUrl(text)));
    const isPath = paths === undefined || !at.steers || isUnder(text, prefixes);
    const hasMail = emails === undefined && domains === undefined;
    return isHost && isPath && (hasMail || isMail(text) || (!at.steers && !looksLikeEmail(text)));
  });
}

/** Whether a command keeps to the SQL and the programs that a node allows. */
export function commandHolds({ sql, argv }: Constraints, value: Json): boolean {
  const isSql = sql === undefined || stringsIn(value).every((text) => compileSql(sql).accepts(text, undefined));
  if (argv === undefined) return isSql;
  const words = typeof value === "string" ? readCommandLine(value) : value;
  return isSql && Array.isArray(words) && words.every((word) => typeof word === "string") && isArgvWithin(words, argv);
}

function listOf<List extends object>(list: List): Exclude<List, { readonly bad: number }> {
  if ("bad" in list) throw new TypeError("a frozen plan's lists are well-formed");
  return list as Exclude<List, { readonly bad: number }>;
}

/** All strings in a value, and those names of members that could be an address. */
function addressesIn(value: Json): readonly string[] {
  if (typeof value !== "object" || value === null) return stringsIn(value);
  const names = Array.isArray(value) ? [] : Object.keys(value).filter((name) => looksLikeEmail(name) || looksLikeUrl(name));
  return [...names, ...Object.values(value).flatMap(addressesIn)];
}
