/**
 * How a starter catalogue says what the tools of one server do: effects, the role of every argument, labels, audience, resources.
 * Pure data and its shape. Never says that a result is trusted: who writes what a server holds is not known here.
 */
import type { Audience, Effect, LabelSpec, ResourceSpec, Role } from "../../plan/plan.ts";

/** Where the definitions of a starter catalogue came from. */
export interface StarterOrigin {
  readonly registry: "npm" | "pypi";
  readonly package: string;
  readonly version: string;
  /** SPDX identifier of the package, whose authors wrote the definitions. */
  readonly license: string;
  /** The day on which the list was taken (ISO 8601). */
  readonly taken: string;
  /** How the list was taken. */
  readonly how: string;
  /** What the server called itself. */
  readonly server: { readonly name: string; readonly version: string };
}

/** What holds of one tool. */
export interface StarterTool {
  readonly effects: readonly Effect[];
  /** Role of each argument, and of parts where they differ (`files.content`). */
  readonly roles: { readonly [argument: string]: Role };
  /** Absent: nobody outside, or everyone where the effects say `network` or `message`. */
  readonly audience?: Audience;
  /** Absent: the server's own (`StarterServer.resource`). */
  readonly resource?: ResourceSpec | readonly ResourceSpec[];
  /** The text result is JSON in this package's source. */
  readonly parse?: "json";
  /** Whether a call that was made twice leaves what one leaves. Plans say it for a node; here it is advice. */
  readonly idempotent?: boolean;
  /** Why these facts, where somebody might choose others. One or two sentences. */
  readonly why: string;
}

/** What holds of one server's tools. */
export interface StarterServer {
  /** The server's usual name in a catalogue. */
  readonly server: string;
  /** What the server is, in a few words. */
  readonly title: string;
  /** The label of every result, with what it means. */
  readonly label: string;
  readonly labels: { readonly [label: string]: LabelSpec };
  /** What its tools read, and write if they act, where they say nothing else; absent: they declare no resource. */
  readonly resource?: string;
  readonly tools: { readonly [name: string]: StarterTool };
  /** Tools of other versions, whose definitions are not kept here: facts for a list of one's own. */
  readonly later?: { readonly [name: string]: StarterTool };
}

/** The facts of a tool by its name, of whatever version; `undefined`: nobody said anything. */
export function factsOf({ tools, later = {} }: StarterServer, name: string): StarterTool | undefined {
  if (Object.hasOwn(tools, name)) return tools[name];
  return Object.hasOwn(later, name) ? later[name] : undefined;
}

/** Roles of arguments as they are easiest to review: for each role the names, separated by blanks. */
export type RoleTable = { readonly [R in Role]?: string };

/** The roles of a table by argument. */
export function roles(table: RoleTable): StarterTool["roles"] {
  return Object.fromEntries(
    Object.entries(table).flatMap(([role, names]) => names.split(" ").map((name) => [name, role as Role] as const)),
  );
}

/** A tool: effects, roles, why, and the rest. */
export function tool(effects: readonly Effect[], table: RoleTable, more: Omit<StarterTool, "effects" | "roles">): StarterTool {
  return { effects, roles: roles(table), ...more };
}
