/**
 * Arbitrary argument rules of every class, and expressions, over nodes that exist. Never makes one that names what is not there.
 */
import type { Json, JsonObject } from "../../src/json/value.ts";
import type { ArgRule, FromRule, PlanNode, Role, RuleOptions } from "../../src/plan/plan.ts";
import type { Dice } from "./dice.ts";

/** Names of arguments, with the role that each has in every tool. */
export const roles: { readonly [arg: string]: Role } = {
  a: "selector",
  b: "target",
  body: "content",
  n: "selector",
  to: "target",
  o: "command",
};

/** Roles that a tool may give to parts of them. */
export const partRoles: { readonly [place: string]: Role } = { "body.x": "target", "a.y": "content", "o.x.y": "selector" };
const paths = [
  "$",
  "$.id",
  "$.n",
  "$.rows[0].id",
  "$.rows[*].id",
  "$.rows[?@.n > 1].id",
  "$.rows[?@.id == $.id].n",
  "$.deep.id",
  "$.rows",
  "$..id",
  "$.none",
];
const texts = ["$.text", "$.text", "$.rows[*].text", "$.id"];
/** More often those whose grammar takes anything. */
const templates = [
  { template: "text", text: "https://h.example/{x}" },
  { template: "url", text: "https://h.example/{x}" },
  { template: "text", text: "https://h.example/{x}" },
  { template: "url", text: "https://h.example/{x}" },
  { template: "path", text: "/tmp/{x}" },
  { template: "header", text: "to {x}" },
  { template: "argv", text: "ls {x}" },
  { template: "sql", text: "select id from t where id = {x}" },
] as const;

/** What a rule may refer to. `used` collects the classes and forms that occur, for statistics. */
export interface Scope {
  readonly dice: Dice;
  readonly earlier: readonly string[];
  readonly nodes: { readonly [name: string]: PlanNode };
  readonly hasItem: boolean;
  readonly used: Set<string>;
}

/** CEL that reads earlier nodes, parameters, the row or the arguments. */
export function generateExpression(scope: Scope, purpose: "value" | "test" | "require"): string {
  const { dice, earlier, hasItem } = scope;
  const node = earlier.length === 0 ? undefined : dice.pick(earlier);
  const name = node === undefined ? "" : /^[a-z]\w*$/.test(node) && dice.chance(80) ? node : `nodes["${node}"]`;
  const ofItem = hasItem ? ["item.n", "item.id"] : [];
  if (purpose === "require")
    return dice.pick([
      "args.n <= 2",
      "has(args.a)",
      "args.a == params.p",
      "args.n + params.q < 4",
      "args.b",
      ...(hasItem ? ["item.n > 0"] : []),
    ]);
  if (node === undefined) return purpose === "test" ? "params.q > 0" : dice.pick(["params.p", "params.q + 1", ...ofItem]);
  const tests = [
    `${name}.n > 0`,
    `size(${name}.rows) > 0`,
    `${name}.id == params.p`,
    `${name}.ok`,
    `params.q > 0`,
    `size(${name}) > 0`,
    `${name}.n < 9`,
  ];
  const values = [
    `${name}.id`,
    `${name}.n + params.q`,
    `${name}.rows.map(r, r.id)`,
    `{"id": ${name}.id, "rows": ${name}.rows}`,
    `size(${name})`,
    `${name}`,
    `params.p`,
  ];
  return dice.pick(purpose === "test" ? tests : [...values, ...ofItem]);
}

interface RulePlace {
  readonly name: string;
  readonly depth: number;
}

/** An argument rule of any class. */
export function generateRule(scope: Scope, place: RulePlace): ArgRule {
  const { dice, used } = scope;
  const kinds: readonly string[] = [
    "literal",
    "param",
    "choose",
    "const",
    ...(scope.earlier.length > 0 ? ["from", "from", "from", "from", "expr", "template"] : ["expr", "literal", "choose"]),
    ...(scope.hasItem ? ["item", "item", "item", "item"] : []),
    ...(roles[place.name] === "content" ? ["write", "write"] : []),
    ...(place.depth < 2 ? ["list", "object"] : []),
  ];
  const kind = dice.pick(kinds);
  used.add(kind);
  if (kind === "literal") return dice.pick<ArgRule>(["u1", 1, true, null, "https://h.example/x"]);
  if (kind === "list")
    return Array.from({ length: 1 + dice.below(2) }, () => generateRule(scope, { ...place, depth: place.depth + 1 }));
  const rule = generateClass(scope, kind, place) as object;
  const { optional, ...options } = generateOptions(scope);
  return { ...rule, ...options, ...(optional === undefined || "otherwise" in rule ? {} : { optional }) } as ArgRule;
}

function generateClass(scope: Scope, kind: string, place: RulePlace): ArgRule {
  const { dice, used } = scope;
  const inside = { ...place, depth: place.depth + 1 };
  const pick = dice.chance(35) ? { pick: dice.pick<"first" | "last" | "agent">(["first", "agent", "last", "agent"]) } : {};
  if ("pick" in pick && (kind === "from" || kind === "item")) used.add(`pick-${pick.pick}`);
  const extract = dice.chance(20) ? { extract: dice.pick(["iban", "email", "url", "integer"]) } : {};
  const textOrPath = "extract" in extract ? dice.pick(texts) : dice.pick(paths);
  if ("extract" in extract && (kind === "from" || kind === "item")) used.add("extract");
  const otherwise = "pick" in pick ? {} : dice.chance(15) ? { otherwise: dice.pick<Json>(["u1", 0, null]) } : {};
  if ("otherwise" in otherwise && (kind === "from" || kind === "item")) used.add("otherwise");
  switch (kind) {
    case "param":
      return { param: dice.pick(["p", "q", "p", "q", "p", "q", "whole", "flag", "list", "thing"]) };
    case "const":
      return { const: dice.pick<Json>([{ x: 1, y: ["u1"] }, "u2", 2, null]) };
    case "from": {
      const where = dice.chance(15) ? { where: dice.pick(["true", 'item != "u3"', "item == params.p", "item.n > 0"]) } : {};
      if ("where" in where) used.add("where");
      return { from: `${dice.pick(scope.earlier)}${textOrPath}`, ...where, ...pick, ...extract, ...otherwise };
    }
    case "item":
      return {
        item: dice.pick(["$.id", "$.n", "$.id", "$", "$.n", "$.text", "$.rows[*].id"]),
        ...pick,
        ...extract,
        ...otherwise,
      };
    case "expr":
      return { expr: generateExpression(scope, "value") };
    case "template":
      return { ...dice.pick(templates), with: { x: generateHole(scope) } };
    case "choose":
      return {
        choose: dice.pick<JsonObject>([
          { enum: ["u1", "u2"] },
          { type: "integer", minimum: 0, maximum: 3 },
          { type: "string", maxLength: 12 },
          { enum: ["u1", null] },
        ]),
      };
    case "write":
      return {
        write: {
          ...(dice.chance(50) ? { maxLength: 30 } : {}),
          ...(dice.chance(70)
            ? { links: dice.pick<"none" | "plan" | readonly string[]>(["plan", "none", ["*.ok.example"]]) }
            : {}),
        },
      };
    default:
      return {
        object: Object.fromEntries(dice.some(["x", "y", "z"], 60).map((name) => [name, generateRule(scope, { ...inside })])),
      };
  }
}

function generateHole(scope: Scope): ArgRule {
  const kind = scope.dice.pick(["param", "from", "literal", ...(scope.hasItem ? ["item"] : [])]);
  const { pick, ...rule } =
    kind === "literal" ? { const: "u1" } : (generateClass(scope, kind, { name: "b", depth: 2 }) as FromRule);
  return { ...rule, ...(pick === undefined || pick === "agent" ? {} : { pick }) } as ArgRule;
}

function generateOptions(scope: Scope): RuleOptions {
  const { dice, used } = scope;
  const options = {
    ...(dice.chance(15)
      ? { match: dice.pick<JsonObject>([{ enum: ["u1", "u2", 1] }, { type: "string" }, { type: "number", maximum: 2 }]) }
      : {}),
    ...(dice.chance(25) ? { optional: true } : {}),
    ...(dice.chance(15)
      ? {
          endorse: {
            from: dice.pick([["ext"], ["ext", "fin", "external_api", "unknown"]]),
            to: dice.pick(["risk", "user_input", "hr"]),
            why: "a test",
          },
        }
      : {}),
    ...(dice.chance(10)
      ? {
          declassify: {
            from: dice.pick<string | readonly string[]>(["hr", "fin", ["hr", "fin"]]),
            to: dice.pick<string | readonly string[]>([["dave"], "public"]),
            why: "a test",
          },
        }
      : {}),
  };
  for (const option of Object.keys(options)) used.add(option);
  return options;
}
