/**
 * The calls that all peers answer, and the policy that they enforce: `policy.json` and `calls.json` of one folder, which are no part of the
 * project (`SLUICE_PERF`, or `shared/perf` beside the checkout).
 * Never goes on with half a workload: a file that is missing or of another form is one clear error.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod";

/** What one argument must be. All that is said must hold. */
export interface ArgSpec {
  readonly type: "string" | "number" | "integer" | "array";
  readonly const?: string | undefined;
  readonly enum?: readonly string[] | undefined;
  /** Name of one of the policy's lists. */
  readonly inList?: string | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly pattern?: string | undefined;
  /** Registrable names: an `https` URL of one of them or of a name below. */
  readonly host?: readonly string[] | undefined;
  readonly items?: ArgSpec | undefined;
  readonly maxItems?: number | undefined;
}

/** One step of the plan. All its arguments are required, and no others may come. */
export interface PolicyNode {
  readonly tool: string;
  /** Nodes that must be done. */
  readonly after: readonly string[];
  /** Of the whole call as it arrives. */
  readonly maxBytes: number;
  readonly args: { readonly [name: string]: ArgSpec };
  /** Arguments that nothing untrusted may have had a part in. */
  readonly noTaint: readonly string[];
}

/** The rules. */
export interface Policy {
  readonly lists: { readonly [name: string]: readonly string[] };
  readonly tools: readonly string[];
  /** Tools whose results are untrusted. */
  readonly untrustedTools: readonly string[];
  readonly nodes: { readonly [name: string]: PolicyNode };
}

/** A value that the agent holds: it came from a tool (or the user), or was made of other values. */
export type HeldValue = { readonly src: string } | { readonly parents: readonly string[] };

/** What a session has behind it when the calls come. */
export interface PerfSession {
  readonly done: readonly string[];
  readonly values: { readonly [handle: string]: HeldValue };
}

/** A call as it arrives, once it is parsed. `prov` names the value that each argument was made of. */
export interface ParsedCall {
  readonly session: string;
  readonly node: string;
  readonly tool: string;
  readonly args: { readonly [name: string]: unknown };
  readonly prov: { readonly [arg: string]: string };
}

/** One call and the right answer to it. */
export interface PerfCall {
  readonly id: string;
  readonly raw: string;
  readonly expect: "allow" | "deny";
  /** The kind of denial. */
  readonly reason: string | null;
}

/** Policy, sessions and calls. */
export interface Workload {
  readonly policy: Policy;
  readonly sessions: { readonly [name: string]: PerfSession };
  readonly calls: readonly PerfCall[];
}

const argSpec: z.ZodType<ArgSpec> = z.strictObject({
  type: z.enum(["string", "number", "integer", "array"]),
  const: z.string().optional(),
  enum: z.array(z.string()).optional(),
  inList: z.string().optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  maxLength: z.number().optional(),
  pattern: z.string().optional(),
  host: z.array(z.string()).optional(),
  items: z.lazy(() => argSpec).optional(),
  maxItems: z.number().optional(),
});
const policySchema = z.object({
  lists: z.record(z.string(), z.array(z.string())),
  tools: z.array(z.string()),
  untrustedTools: z.array(z.string()),
  nodes: z.record(
    z.string(),
    z.strictObject({
      tool: z.string(),
      after: z.array(z.string()),
      maxBytes: z.number(),
      args: z.record(z.string(), argSpec),
      noTaint: z.array(z.string()),
    }),
  ),
}) satisfies z.ZodType<Policy>;
const callsSchema = z.object({
  sessions: z.record(
    z.string(),
    z.object({
      done: z.array(z.string()),
      values: z.record(z.string(), z.union([z.object({ src: z.string() }), z.object({ parents: z.array(z.string()).min(1) })])),
    }),
  ),
  calls: z
    .array(z.object({ id: z.string(), raw: z.string(), expect: z.enum(["allow", "deny"]), reason: z.string().nullable() }))
    .min(1),
}) satisfies z.ZodType<Omit<Workload, "policy">>;

/** Where the workload lies if nobody says: beside the checkout. */
const beside = fileURLToPath(new URL("../../../shared/perf", import.meta.url));

/** The folder of the workload. Throws what to do where there is none. */
export function workloadFolder(): string {
  const folder = process.env.SLUICE_PERF ?? beside;
  for (const name of ["policy.json", "calls.json"])
    if (!existsSync(join(folder, name)))
      throw new Error(`the workload is missing: expected \`${name}\` in \`${folder}\`; say where it lies by SLUICE_PERF`);
  return folder;
}

/** Reads both files and checks their form. Throws what is wrong with them. */
export function readWorkload(folder: string): Workload {
  const read = <T>(name: string, schema: z.ZodType<T>): T => {
    const parsed = schema.safeParse(JSON.parse(readFileSync(join(folder, name), "utf8")));
    if (parsed.success) return parsed.data;
    throw new Error(`\`${name}\` in \`${folder}\` is no workload: ${z.prettifyError(parsed.error)}`);
  };
  const policy = read("policy.json", policySchema);
  return { policy, ...read("calls.json", callsSchema) };
}
