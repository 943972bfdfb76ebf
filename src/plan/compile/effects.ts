/**
 * Compiles a node's constraints by effect into one check for each argument that they bind.
 * Pure. No I/O, no clock. A list that names nothing readable is a fault, never a constraint that holds nothing.
 */
import { type ArgvSpec, isArgvWithin, isRunner } from "../../constraints/argv.ts";
import { compileHostList, isDomain, toLowerAscii } from "../../constraints/domain.ts";
import { compileMailList, looksLikeEmail } from "../../constraints/email.ts";
import { isUnder, type PathReading, readPrefix } from "../../constraints/path.ts";
import { readCommandLine } from "../../constraints/shell.ts";
import { compileSql, type SqlParser, type SqlRule } from "../../constraints/sql.ts";
import { leadsTo, looksLikeUrl } from "../../constraints/url.ts";
import { isArray, isObject, type Json } from "../../json/value.ts";
import type { Constraints, FrozenTool } from "../plan.ts";
import type { CompiledArg, EffectCheck } from "./compiled.ts";
import { type CompileContext, fault } from "./expressions.ts";

/** Where the constraints stand. */
export interface EffectPlace {
  /** Pointer to the node. */
  readonly pointer: string;
  readonly tool: FrozenTool | undefined;
  readonly args: readonly CompiledArg[];
}

/** A test of one text. */
type TextTest = (text: string) => boolean;

/** What a kind of constraint asks: of every text that steers, and of others that are of its kind. */
interface PlaceKind {
  readonly accepts: TextTest;
  /** Which texts of arguments that do not steer are held to it too; absent: none. */
  readonly isKind?: TextTest;
}

/** A kind of constraint on commands. */
type CommandTest = (value: Json, parser: SqlParser | undefined) => boolean;

/** The checks that constraints by effect come to, in the order of the arguments; empty where the node has none. */
export function compileEffects(context: CompileContext, spec: Constraints, place: EffectPlace): readonly EffectCheck[] {
  const commands = [sqlTest(context, spec, place), argvTest(context, spec, place)].filter((test) => test !== undefined);
  const kinds = [hostKind(context, spec, place), pathKind(context, spec, place), mailKind(context, spec, place)].filter(
    (kind) => kind !== undefined,
  );
  if (commands.length === 0 && kinds.length === 0) return [];
  const hasCommand = place.args.some((arg) => arg.role === "command");
  return place.args.flatMap((arg): EffectCheck | readonly EffectCheck[] => {
    const isSteering = steers(place.args, arg);
    // A command is judged as one: the words in it are no hosts or paths.
    if (isSteering && commands.length > 0 && (arg.role === "command" || !hasCommand))
      return { arg: arg.name, keeps: (value, parser) => commands.every((test) => test(value, parser)) };
    const tests = isSteering ? kinds.map(({ accepts }) => accepts) : kinds.flatMap(orOther);
    return tests.length === 0 ? [] : { arg: arg.name, keeps: (value) => everyText(value, tests) };
  });
}

/** The test of an argument that does not steer: a text that is not of the kind passes. */
function orOther({ accepts, isKind }: PlaceKind): readonly TextTest[] {
  return isKind === undefined ? [] : [(text) => !isKind(text) || accepts(text)];
}

/**
 * Whether an argument says where the tool acts: targets and commands or, on a node that has neither, those selectors that are no constants.
 */
function steers(args: readonly CompiledArg[], arg: CompiledArg): boolean {
  const isActing = (each: CompiledArg): boolean => each.roles.includes("target") || each.roles.includes("command");
  return isActing(arg) || (arg.roles.includes("selector") && arg.rule.kind !== "const" && !args.some(isActing));
}

/** Whether every text in a value passes, names of members too that look like an address. */
function everyText(value: Json, tests: readonly TextTest[]): boolean {
  if (typeof value === "string") return tests.every((test) => test(value));
  if (isArray(value)) return value.every((each) => everyText(each, tests));
  if (!isObject(value)) return true;
  return Object.keys(value).every(
    (key) =>
      (!(looksLikeEmail(key) || looksLikeUrl(key)) || tests.every((test) => test(key))) && everyText(value[key] ?? null, tests),
  );
}

function refuse(context: CompileContext, place: EffectPlace, at: string, message: string): undefined {
  return fault(context, "PLAN_CONSTRAINT", `${place.pointer}/constraints/${at}`, message);
}

function hostKind(context: CompileContext, { hosts }: Constraints, place: EffectPlace): PlaceKind | undefined {
  if (hosts === undefined) return undefined;
  const list = compileHostList(hosts);
  if ("bad" in list)
    return refuse(
      context,
      place,
      `hosts/${list.bad}`,
      "a host is a name such as `api.example.com`, one with its port, or `*.example.com`",
    );
  const accepts: TextTest = (text) => leadsTo(text, list);
  // What a tool on the network is given as a whole address it may fetch, whatever the argument is for.
  return place.tool?.facts.effects.includes("network") === true ? { accepts, isKind: looksLikeUrl } : { accepts };
}

function pathKind(context: CompileContext, { paths }: Constraints, place: EffectPlace): PlaceKind | undefined {
  if (paths === undefined) return undefined;
  const prefixes: PathReading[] = [];
  for (const [i, entry] of paths.entries()) {
    const prefix = readPrefix(entry);
    if (prefix === undefined)
      return refuse(
        context,
        place,
        `paths/${i}`,
        "a prefix is a path of plain names such as `/data/in` or `notes`, without `.`, `..` and wildcards",
      );
    prefixes.push(prefix);
  }
  return { accepts: (text) => isUnder(text, prefixes) };
}

function mailKind(context: CompileContext, { emails, domains }: Constraints, place: EffectPlace): PlaceKind | undefined {
  if (emails === undefined && domains === undefined) return undefined;
  const list = compileMailList(emails ?? [], domains ?? []);
  const names = compileHostList(domains ?? []);
  if ("bad" in list || "bad" in names) {
    const [of, bad] = "bad" in list ? [list.of, list.bad] : ["domains", "bad" in names ? names.bad : 0];
    const form =
      of === "emails"
        ? "an address is written out, as in `ada@example.com`"
        : "a domain is a name such as `example.com`, or `*.example.com`";
    return refuse(context, place, `${of}/${bad}`, form);
  }
  const isListed: TextTest = (text) => isDomain(text) && names.has(toLowerAscii(text));
  return { accepts: (text) => list.accepts(text) || isListed(text), isKind: looksLikeEmail };
}

function sqlTest(context: CompileContext, { sql }: Constraints, place: EffectPlace): CommandTest | undefined {
  if (sql === undefined) return undefined;
  if (sql.columns !== undefined && sql.dialect === undefined)
    return refuse(context, place, "sql/columns", "columns are known to a parser only: name the `dialect`");
  if (Array.isArray(sql.columns)) {
    const bad = sql.columns.findIndex((entry) => !/[^.]\.[^.]+$/.test(entry));
    if (bad >= 0) return refuse(context, place, `sql/columns/${bad}`, "a column is written `table.column`");
  }
  const rule: SqlRule = compileSql(sql);
  const test = (value: Json, parser: SqlParser | undefined): boolean => {
    if (typeof value === "string") return rule.accepts(value, parser);
    if (isArray(value)) return value.every((each) => test(each, parser));
    return isObject(value) ? Object.keys(value).every((key) => test(value[key] ?? null, parser)) : true;
  };
  return test;
}

function argvTest(context: CompileContext, { argv }: Constraints, place: EffectPlace): CommandTest | undefined {
  if (argv === undefined) return undefined;
  const runner = argv.programs.findIndex(isRunner);
  if (runner >= 0)
    return refuse(
      context,
      place,
      `argv/programs/${runner}`,
      "a shell, or a program that runs what it is given, makes every other limit void",
    );
  return (value) => isCommandWithin(value, argv);
}

/** Whether a value is a vector of texts, or a command line that needs no shell, within what is allowed. */
function isCommandWithin(value: Json, argv: ArgvSpec): boolean {
  const words = typeof value === "string" ? readCommandLine(value) : isArray(value) ? value : undefined;
  const texts = words?.filter((word) => typeof word === "string");
  return texts !== undefined && texts.length === words?.length && isArgvWithin(texts, argv);
}
