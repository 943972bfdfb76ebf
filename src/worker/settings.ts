/**
 * The settings of a Worker: its bindings, variables and secrets, checked.
 * Never shows a value: what is wrong is named, and what would be right.
 */
import { readJson } from "../json/read.ts";
import type { Policy } from "../policy/policy.ts";
import { parsePolicy } from "../policy/schema.ts";
import { ConfigError } from "../result.ts";
import type { CloudflareBindings } from "../stores/cloudflare.ts";

/** What a Worker is given by `wrangler.jsonc` and `wrangler secret put`. */
export interface WorkerEnv extends CloudflareBindings {
  /** Secret of the host's routes: 16 to 512 printable ASCII characters. */
  readonly SLUICE_ADMIN_TOKEN?: string;
  /** People who approve held calls: `NAME=SECRET,…`. */
  readonly SLUICE_APPROVERS?: string;
  /** Where the tools are: `POST URL/server/tool`. */
  readonly SLUICE_UPSTREAM?: string;
  /** Whose sessions these are: two tenants share nothing. Default `default`. */
  readonly SLUICE_TENANT?: string;
  /** `required`: a principal needs a grant for a plan. Default `none`. */
  readonly SLUICE_GRANTS?: string;
  /** Seconds that a call which needs approval is kept before it is answered. */
  readonly SLUICE_APPROVAL_WAIT?: string;
  /** The organisation's policy, as JSON. */
  readonly SLUICE_POLICY?: string;
  /** `on`: every event and note becomes a line of the journal. Default `off`. */
  readonly SLUICE_JOURNAL?: string;
  /** Seconds by which the clocks of the machines that run the Worker may differ, 0 to 300. Default 2. */
  readonly SLUICE_CLOCK_SKEW?: string;
}

/** The settings, read. */
export interface Settings {
  readonly admin: string;
  readonly approvers: { readonly [name: string]: string };
  readonly upstream: URL | undefined;
  readonly tenant: string;
  readonly grants: "none" | "required";
  readonly approvalWaitSeconds: number | undefined;
  readonly policy: Policy | undefined;
  readonly journal: boolean;
  readonly clockSkewSeconds: number;
}

/** Requests of one session may come to machines far apart. */
const clockSkewDefault = 2;

/** Reads them. Throws `ConfigError`. */
export function readSettings(env: WorkerEnv): Settings {
  return {
    admin: secretOf(env.SLUICE_ADMIN_TOKEN),
    approvers: approversOf(env.SLUICE_APPROVERS ?? ""),
    upstream: upstreamOf(env.SLUICE_UPSTREAM),
    tenant: env.SLUICE_TENANT ?? "default",
    grants: oneOf("SLUICE_GRANTS", env.SLUICE_GRANTS ?? "none", ["none", "required"]),
    approvalWaitSeconds: secondsOf("SLUICE_APPROVAL_WAIT", env.SLUICE_APPROVAL_WAIT, [1, 3_600]),
    policy: policyOf(env.SLUICE_POLICY),
    journal: oneOf("SLUICE_JOURNAL", env.SLUICE_JOURNAL ?? "off", ["off", "on"]) === "on",
    clockSkewSeconds: secondsOf("SLUICE_CLOCK_SKEW", env.SLUICE_CLOCK_SKEW, [0, 300]) ?? clockSkewDefault,
  };
}

function secretOf(text: string | undefined): string {
  if (text === undefined || !/^[\x21-\x7e]{16,512}$/.test(text))
    throw new ConfigError(
      "`SLUICE_ADMIN_TOKEN` must be a secret of 16 to 512 printable ASCII characters: `wrangler secret put SLUICE_ADMIN_TOKEN`",
    );
  return text;
}

function approversOf(text: string): { readonly [name: string]: string } {
  const approvers = new Map<string, string>();
  for (const part of text.split(",").filter((one) => one !== "")) {
    const [, name, secret] = /^([A-Za-z0-9_.-]{1,128})=([\x21-\x7e]{16,512})$/.exec(part) ?? [];
    if (name === undefined || secret === undefined || approvers.has(name))
      throw new ConfigError("`SLUICE_APPROVERS` must be NAME=SECRET,… with each name once and secrets of 16 characters or more");
    approvers.set(name, secret);
  }
  return Object.fromEntries(approvers);
}

function upstreamOf(text: string | undefined): URL | undefined {
  if (text === undefined || text === "") return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "")
    throw new ConfigError("`SLUICE_UPSTREAM` must be an http or https URL without query, such as https://tools.example.com");
  return url;
}

function secondsOf(name: string, text: string | undefined, [least, most]: readonly [number, number]): number | undefined {
  if (text === undefined || text === "") return undefined;
  const seconds = Number(text);
  if (!(Number.isInteger(seconds) && seconds >= least && seconds <= most))
    throw new ConfigError(`\`${name}\` must be a whole number of seconds from ${least} to ${most}`);
  return seconds;
}

function policyOf(text: string | undefined): Policy | undefined {
  if (text === undefined || text === "") return undefined;
  const read = readJson(text);
  const parsed = read.ok ? parsePolicy(read.value) : undefined;
  if (parsed === undefined) throw new ConfigError("`SLUICE_POLICY` must be strict JSON");
  if (parsed.ok) return parsed.value;
  const [first] = parsed.error;
  throw new ConfigError(`\`SLUICE_POLICY\`: ${first?.code ?? ""} at \`${first?.pointer ?? ""}\`: ${first?.message ?? ""}`);
}

function oneOf<const T extends string>(name: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === text);
  if (found === undefined) throw new ConfigError(`\`${name}\` must be one of ${allowed.join(", ")}`);
  return found;
}
