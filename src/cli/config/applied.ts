/**
 * What a configuration makes of a process: its times, its limits, its secrets, its store.
 * Never keeps a secret longer than it takes to hand it on.
 */
import { type Retention, readRetention, retentionDefault } from "../../stores/retention.ts";
import type { OwnEnforcement } from "../../surfaces/hono.ts";
import { closeGraceMs } from "../server/runtime.ts";
import { InputError, refuseInput } from "../read/input.ts";
import { parsersFor } from "../read/sql-parsers.ts";
import { kindOfStore } from "../read/store-url.ts";
import { addressOf, type Configured, secretOf, type Settled, storeOf } from "./config.ts";
import { secretAt, secretOfEnvironment } from "./secret.ts";

/** Options that every configured command has. */
export interface OperatedOptions {
  readonly store: string;
  readonly audit?: string;
  readonly auditStream?: string;
  readonly shutdown?: number;
  readonly clockSkew?: number;
  readonly watch?: true;
}

/** What is made of it. */
export interface Applied {
  /** For `createFirewall`. */
  readonly own: Partial<OwnEnforcement>;
  /** Milliseconds that calls in flight have when the process is asked to end. */
  readonly graceMs: number;
  /** Refused credentials of one address in a minute. */
  readonly failuresPerMinute: number | undefined;
  readonly retention: Retention;
  /** What the store is named. */
  readonly store: string;
  /** Where it is named, for messages. */
  readonly storePlace: string;
  /** The audit log, if there is one. */
  readonly audit: string | undefined;
  /** Where its records are streamed to, if anywhere. */
  readonly auditStream: string | undefined;
}

/** Seconds by which clocks may differ where several machines share a store; one machine has one clock. */
export const skewSecondsDefault = 5;

/** Reads what has no option of its own. Exit 2 for what is unusable. */
export function applied(settled: Settled<OperatedOptions>): Applied {
  const { config, options, source } = settled;
  const { text: store, place: storePlace } = storeOf(settled);
  const kind = kindOfStore(store, storePlace);
  const { addressFailuresPerMinute, ...limits } = config.limits ?? {};
  const { seconds, leaseSeconds, holdSeconds } = config.sessions ?? {};
  const retention = config.retention === undefined ? undefined : readRetention(config.retention);
  if (retention !== undefined && !retention.ok) {
    const [first] = retention.error;
    refuseInput(source ?? "", first?.message ?? "", { pointer: `/retention${first?.pointer ?? ""}` });
  }
  const audit = addressOf(settled, "audit", "SLUICE_AUDIT");
  const auditStream = addressOf(settled, "auditStream", "SLUICE_AUDIT_STREAM");
  if (auditStream !== undefined && audit === undefined)
    throw new InputError("--audit-stream: there is nothing to stream without an audit log (--audit)");
  const isShared = kind !== "memory" && kind !== "sqlite";
  return {
    own: {
      limits,
      clockSkewSeconds: options.clockSkew ?? (isShared ? skewSecondsDefault : 0),
      unloaded: config.reload?.unloaded ?? "serve",
      sqlOf: (plan) => parsersFor([plan]),
      ...(seconds === undefined ? {} : { sessionSeconds: seconds }),
      ...(leaseSeconds === undefined ? {} : { leaseSeconds }),
      ...(holdSeconds === undefined ? {} : { holdSeconds }),
      ...(config.storeTimeoutMs === undefined ? {} : { storeTimeoutMs: config.storeTimeoutMs }),
    },
    graceMs: options.shutdown === undefined ? 2 * closeGraceMs : options.shutdown * 1_000,
    failuresPerMinute: addressFailuresPerMinute,
    retention: retention?.value ?? retentionDefault,
    audit,
    auditStream,
    store,
    storePlace,
  };
}

/** The people who approve: `NAME=SECRET,…` of the environment, else those of the configuration. A name without a secret, or twice, stops the start. */
export function approversOf({ config, source, world }: Configured): { readonly [name: string]: string } {
  const given = secretOfEnvironment("SLUICE_APPROVERS", world);
  if (given !== undefined) return readApprovers(given);
  const approvers = Object.entries(config.secrets?.approvers ?? {}).map(([name, place]) => {
    const at = `${source ?? ""}: /secrets/approvers/${name}`;
    const secret = secretAt(place, at, world);
    if (!/^[\x21-\x7e]{16,512}$/.test(secret))
      throw new InputError(`${at}: 16 to 512 printable ASCII characters without spaces are needed`);
    return [name, secret] as const;
  });
  return Object.fromEntries(approvers);
}

function readApprovers(text: string): { readonly [name: string]: string } {
  const approvers = new Map<string, string>();
  for (const part of text.split(/[,\n]/).filter((one) => one !== "")) {
    const [, name, secret] = /^([A-Za-z0-9_.-]{1,128})=([\x21-\x7e]{16,512})$/.exec(part) ?? [];
    if (name === undefined || secret === undefined || approvers.has(name))
      throw new InputError(
        "SLUICE_APPROVERS: NAME=SECRET,… with each name once and secrets of 16 printable ASCII characters or more",
      );
    approvers.set(name, secret);
  }
  return Object.fromEntries(approvers);
}

/** The secret that signs what the webhook is told. */
export function webhookSecret(configured: Configured): string {
  return secretOf("SLUICE_WEBHOOK_SECRET", configured, "webhook") ?? "";
}
