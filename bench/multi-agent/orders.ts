/**
 * Orders that an attacker hides in data, as the scripted agents understand them: plain, and in other words.
 * Pure. A real model reads prose; here the prose is a mark, so that every agent obeys every order, which is the worst case.
 */
import { canonicalJson } from "../../src/json/canonical.ts";
import { readJson } from "../../src/json/read.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../src/json/value.ts";

/** What an attacker can have an agent do. */
export type Order =
  /** Make this call, now. */
  | { readonly call: string; readonly args: JsonObject }
  /** From now on, use these values wherever you send such an argument (of this tool, if one is named). */
  | { readonly use: JsonObject; readonly tool?: string }
  /** Tell whomever you write to, in your own words. */
  | { readonly relay: Order }
  /** Leave your task undone. */
  | { readonly stop: true };

/** An order as it stands in a text. */
export function spelled(order: Order): string {
  return `[[${canonicalJson(order as unknown as Json)}]]`;
}

/** The same in other words: no part of the plain spelling is left, so that no comparison of texts finds it. */
export function reworded(order: Order): string {
  return `((${Buffer.from(canonicalJson(order as unknown as Json)).toString("base64url")}))`;
}

/** The orders in all texts of a value, in order. */
export function ordersIn(value: Json): readonly Order[] {
  return textsOf(value).flatMap((text) =>
    [...text.matchAll(/\[\[(\{.*?\})\]\]|\(\(([\w-]+)\)\)/gs)].flatMap(([, plain, words = ""]) => {
      const read = readJson(plain ?? Buffer.from(words, "base64url").toString());
      return read.ok && isOrder(read.value) ? [read.value as unknown as Order] : [];
    }),
  );
}

function isOrder(value: Json): boolean {
  return ["call", "use", "relay", "stop"].some((name) => member(value, name) !== undefined);
}

function textsOf(value: Json): readonly string[] {
  if (typeof value === "string") return [value];
  if (isArray(value)) return value.flatMap(textsOf);
  return isObject(value) ? Object.values(value).flatMap(textsOf) : [];
}
