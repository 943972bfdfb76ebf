/**
 * What coding agents tell their hooks of tool calls, and what they are answered, in words of our own.
 * Types only, and what every format reads alike. Never says how an agent writes it.
 */
import type { ToolResult } from "../../decide/observe.ts";
import { readJson } from "../../json/read.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";

/** A tool as an agent names it. */
export interface HookTool {
  /** The agent's own name of it. */
  readonly name: string;
  /** The server and the tool's name there, where the agent tells them apart from the name. */
  readonly of?: { readonly server: string; readonly tool: string };
}

interface ToolEvent {
  /** The agent's own session: who cannot be told apart is one. */
  readonly session: string;
  readonly tool: HookTool;
  readonly args: JsonObject;
  /** The agent's name of the call, the same before and after it; absent where the agent has none. */
  readonly call?: string;
}

/** A call that the agent is about to make. */
export interface BeforeEvent extends ToolEvent {
  readonly kind: "before";
  /** Whether the agent takes other arguments from a hook: instead of its own, laid over its own, or not at all. */
  readonly substitutes: "instead" | "over" | "no";
  /** Whether the agent lets a hook replace what this tool answers. */
  readonly hides: boolean;
}

/** A call that has come to its end. */
export interface AfterEvent extends ToolEvent {
  readonly kind: "after";
  readonly result: ToolResult;
}

/** What a hook was called for. `other`: nothing that is decided here. */
export type HookEvent = BeforeEvent | AfterEvent | { readonly kind: "other" };

/** What the agent's hook process prints and ends with. */
export interface HookAnswer {
  readonly stdout?: JsonObject;
  readonly stderr?: string;
  /** 2 blocks in every agent; any other code than 0 and 2 does not. */
  readonly exit: 0 | 2;
}

/** How one agent speaks with its hooks. */
export interface HookFormat {
  /** The server under which the agent's own tools stand in a catalogue. */
  readonly server: string;
  /** Whether an input is certainly this agent's. */
  owns(input: JsonObject): boolean;
  /** Reads an input; `undefined`: it is none that this agent is documented to send. */
  read(input: JsonObject): HookEvent | undefined;
  /** The name under which the agent calls a tool of an MCP server; there may be several. */
  spell(server: string, tool: string): readonly string[];
  allow(event: BeforeEvent, said: { readonly args: JsonObject | undefined; readonly asks: boolean }): HookAnswer;
  deny(event: BeforeEvent, reason: string): HookAnswer;
  /** Shows the agent a text in place of the result. Only for calls of which the event before said that it `hides`. */
  replace(event: AfterEvent, text: string): HookAnswer;
}

/** Nothing to say: what the agent would do, it does. */
export const silence: HookAnswer = { exit: 0 };

/** A member that is a text; `undefined` for anything else. */
export function textOf(input: Json | undefined, name: string): string | undefined {
  const value = member(input, name);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Arguments as an object, or as the JSON text of one; `undefined` for anything else. */
export function argsOf(value: Json | undefined): JsonObject | undefined {
  if (isObject(value)) return value;
  const read = typeof value === "string" ? readJson(value) : undefined;
  return read?.ok === true && isObject(read.value) ? read.value : undefined;
}

/** What an MCP tool answered, as Sluice records it: the structured content if there is any, else the text of its blocks, else all of it. */
export function mcpValue(value: Json): Json {
  const structured = member(value, "structuredContent");
  if (structured !== undefined && structured !== null) return structured;
  const content = isArray(value) ? value : member(value, "content");
  if (!isArray(content) || content.length === 0) return value;
  const texts = content.map((block) => (member(block, "type") === "text" ? member(block, "text") : undefined));
  return texts.every((text) => typeof text === "string") ? texts.join("\n") : value;
}
