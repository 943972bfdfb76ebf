/**
 * Infers what each argument of a tool is for, and looks up the role of an argument (roles: PACT, arXiv 2605.11039).
 * Pure. Never infers `content` for anything that is not plain text.
 */
import { type Json, type JsonObject, isArray, member } from "../json/value.ts";
import type { Effect, FrozenTool, Role } from "../plan/plan.ts";
import { addressArguments } from "./verbs.ts";
import { wordsOf } from "./words.ts";

/** Every role, as it may be declared. */
export const roleNames: readonly Role[] = ["target", "command", "credential", "selector", "control", "content"];

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(/\s+/));
}

/** Last words of the names of arguments that are plain text. */
const contentWords = words(
  `body subject message content contents text title headline description comment comments note notes summary caption feedback
   question answer reply review remark remarks memo reason thought greeting html markdown paragraph`,
);
/** Last words of names that are secrets, unless they page through results. */
const credentialWords = words("password passwd passphrase passcode token secret secrets credential credentials apikey pin otp");
const keyOwners = words("api access private secret auth encryption signing ssh");
const pagingWords = words("page next continuation cursor sync");
/** On a tool that executes, these carry what is executed. */
const commandWords = words(
  "command commands cmd code script sql query statement expression program source input text content body args argv shell",
);

/** A role, and why it is that one. */
export interface RoleReason {
  readonly role: Role;
  /** A few words, lower case; holds no text of the tool but words of the published lists. */
  readonly because: string;
}

/** The role of an argument from its name, its schema and the effects of its tool. */
export function inferRole(arg: string, effects: readonly Effect[], schema: JsonObject = {}): Role {
  return explainRole(arg, effects, schema).role;
}

/** The role of {@link inferRole}, and why it is that one. */
export function explainRole(arg: string, effects: readonly Effect[], schema: JsonObject = {}): RoleReason {
  const named = wordsOf(arg);
  const last = named.at(-1) ?? "";
  const before = named.at(-2) ?? "";
  if (credentialWords.has(last) && !(last === "token" && pagingWords.has(before)))
    return { role: "credential", because: `named \`${last}\`` };
  if ((last === "key" || last === "keys") && keyOwners.has(before))
    return { role: "credential", because: `named \`${before} ${last}\`` };
  if (effects.includes("execute") && commandWords.has(last))
    return { role: "command", because: `the tool executes, and it is named \`${last}\`` };
  if (contentWords.has(last) && isPlainText(schema)) return { role: "content", because: `plain text, named \`${last}\`` };
  const acting = actingEffects.find((effect) => effects.includes(effect));
  if (acting !== undefined) return { role: "target", because: `the tool has the effect \`${acting}\`` };
  // A page's address is where the request goes, and with it whatever was put into the address.
  if (effects.includes("network") && addressArguments.has(last))
    return { role: "target", because: `an address on the network, named \`${last}\`` };
  return { role: "selector", because: "the tool only reads" };
}

const actingEffects: readonly Effect[] = ["write", "message", "money", "execute"];

/** Whether a schema describes free text or a list of it: not numbers, choices, objects or formatted strings. */
function isPlainText(schema: JsonObject): boolean {
  for (const keyword of ["enum", "const", "format", "pattern", "properties", "$ref"])
    if (Object.hasOwn(schema, keyword)) return false;
  for (const keyword of ["anyOf", "oneOf", "allOf"]) {
    const branches = member(schema, keyword);
    if (isArray(branches) && !branches.every((branch) => isText(branch, true))) return false;
  }
  if (!Object.hasOwn(schema, "type")) return true;
  if (member(schema, "type") === "array") return isText(member(schema, "items"), false);
  return isText(schema, true);
}

/** Whether a branch admits only strings (and null, where `nullable`), without further constraint. */
function isText(schema: Json | undefined, nullable: boolean): boolean {
  for (const keyword of ["enum", "const", "format", "pattern", "properties", "$ref"])
    if (member(schema, keyword) !== undefined) return false;
  const type = member(schema, "type");
  const types = isArray(type) ? type : [type];
  return types.every((one) => one === "string" || (nullable && one === "null"));
}

/**
 * The role of an argument, or of a part of it (`path` dotted, `message.to`): as declared for the longest prefix, else as inferred for
 * the whole argument. An argument that the tool's schema does not mention is judged by its name.
 */
export function roleOf(tool: FrozenTool, path: string): Role {
  const { roles, effects } = tool.facts;
  for (let end = path.length; end > 0; end = path.lastIndexOf(".", end - 1)) {
    const prefix = path.slice(0, end);
    const role = Object.hasOwn(roles, prefix) ? roles[prefix] : undefined;
    if (role !== undefined) return role;
  }
  return inferRole(path.split(".", 1)[0] ?? path, effects);
}
