/**
 * The words in the content of a message: a text, or a list of parts of which some are text.
 * Pure. Never reads anything but text as words.
 */
import { isArray, type Json, member } from "../json/value.ts";

const textParts: ReadonlySet<Json | undefined> = new Set<Json | undefined>(["text", "input_text", "output_text"]);

/** The text of a content, its parts joined by line feeds; empty if it has none. */
export function joinedText(content: Json | undefined): string {
  if (typeof content === "string") return content;
  if (!isArray(content)) return "";
  const texts = content.map((part) => (textParts.has(member(part, "type")) ? member(part, "text") : undefined));
  return texts.filter((text) => typeof text === "string").join("\n");
}
