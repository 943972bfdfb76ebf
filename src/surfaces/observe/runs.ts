/**
 * The runs that are observed: which of them a call belongs to, and what the plan would have said of it.
 * Never writes to a store, and never lets what one agent sends into the run of another: a token is checked before it names one.
 */
import type { Code } from "../../codes.ts";
import type { Guard, Session } from "../../engine.ts";
import type { JsonObject } from "../../json/value.ts";
import { observedRunsMax } from "../../limits.ts";
import { openRedactor, type Redactor, type RedactOptions } from "../../observe/redact.ts";
import { domainDigest, hexOf } from "../../plan/digest.ts";
import type { Clock, Logger, Random } from "../../ports.ts";
import { openReplayer, type Replayer } from "../../replay.ts";
import { err, ok, type Result } from "../../result.ts";
import type { Store } from "../../stores/store.ts";
import { isSecretOf, readToken } from "../credential.ts";
import { answered } from "../enforce/store/answered.ts";
import type { Guards } from "../enforce/session/live.ts";

/** Whose call it is: who holds a session's token, a name that the host gave, or nobody that we know. */
export interface CallSource {
  readonly token?: string | undefined;
  readonly run?: string | undefined;
}

/** One run that is observed. */
export interface Run {
  readonly trace: string;
  /** Digest of the plan that its calls are compared with; `null`: there is none. */
  readonly plan: string | null;
  readonly replayer: Replayer | undefined;
  readonly redactor: Redactor;
  /** Digest of the secret of the session's token, where it has one. */
  readonly tokenDigest: string | undefined;
  /** Lines that were recorded. */
  lines: number;
  calls: number;
  /** The line that is being kept. */
  tail: Promise<void>;
  /** Milliseconds since the epoch. */
  last: number;
}

/** What runs are made of. */
export interface RunsWorld {
  readonly guards: Guards;
  /** Where the sessions are that hosts opened; absent: there are none. */
  readonly store?: Store | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly redact: RedactOptions;
  readonly idleMs: number;
  readonly logger: Logger | undefined;
  /** Told of a run that has ended. */
  readonly ended: (run: Run) => void;
}

/** The runs that go on now. */
export interface Runs {
  /** The run of a call, new or known. The error: the store could not say whose token it is. */
  of(source: CallSource): Promise<Result<Run, "store">>;
  /** A run for the host's own code. */
  open(options: { readonly plan?: string | undefined; readonly params?: JsonObject | undefined }): Run;
  /** Ends all runs. */
  end(): void;
}

/** Opens the table of runs. */
export function openRuns(world: RunsWorld): Runs {
  const { clock, ended } = world;
  const table = new Map<string, Run>();
  const keep = (key: string, run: Run): Run => {
    table.delete(key);
    table.set(key, run);
    run.last = clock();
    if (table.size > observedRunsMax) {
      for (const [oldest, first] of table) {
        table.delete(oldest);
        ended(first);
        break;
      }
    }
    return run;
  };
  const known = (key: string, isNamed: boolean): Run | undefined => {
    const run = table.get(key);
    if (run === undefined || isNamed || clock() - run.last <= world.idleMs) return run;
    table.delete(key);
    ended(run);
    return undefined;
  };
  const grouped = (name: string | undefined): Run => {
    const key = name === undefined ? "unnamed" : `named:${name}`;
    return keep(key, known(key, name !== undefined) ?? newRun(world, sessionOf(world)));
  };
  return {
    of: async ({ token, run }) => {
      const read = token === undefined ? undefined : readToken(token);
      if (read === undefined) return ok(grouped(run));
      const key = `token:${read.session}`;
      const there = table.get(key);
      if (there?.tokenDigest !== undefined)
        return ok(isSecretOf(there.tokenDigest, read.secret) ? keep(key, there) : grouped(run));
      const found = await ofToken(world, read);
      if (!found.ok) return found;
      // Two calls at once may both have asked.
      const meanwhile = table.get(key);
      return ok(found.value === undefined ? grouped(run) : keep(key, meanwhile ?? found.value));
    },
    open: (options) => newRun(world, sessionOf(world, options)),
    end: () => {
      for (const run of table.values()) ended(run);
      table.clear();
    },
  };
}

interface Shadowed {
  readonly guard: Guard;
  readonly session: Session;
  readonly tokenDigest?: string;
}

function newRun({ clock, random, redact }: RunsWorld, shadowed: Shadowed | undefined): Run {
  const at = clock();
  const time = new Date(at).toISOString().replace(/[-:]/g, "").replace(/\..*/, "Z");
  return {
    trace: `${time}-${hexOf(random(6))}`,
    plan: shadowed?.guard.digest ?? null,
    replayer: shadowed === undefined ? undefined : openReplayer(shadowed.guard, shadowed.session),
    redactor: openRedactor(redact),
    tokenDigest: shadowed?.tokenDigest,
    lines: 0,
    calls: 0,
    tail: Promise.resolve(),
    last: at,
  };
}

/** A session as a host would have opened it: of the named plan, or of the only one there is, with these parameters and its defaults. */
function sessionOf(
  { guards, random, logger }: RunsWorld,
  { plan, params }: { readonly plan?: string | undefined; readonly params?: JsonObject | undefined } = {},
): Shadowed | undefined {
  const all = [...guards.values()];
  const fitting = plan === undefined ? all : all.filter(({ digest }) => digest === plan);
  const [guard] = fitting;
  if (guard === undefined || fitting.length > 1) return undefined;
  const opened = guard.session({
    id: `observed_${hexOf(random(16))}`,
    key: hexOf(random(32)),
    ...(params === undefined ? {} : { params }),
  });
  if (opened.ok) return { guard, session: opened.value };
  const { code, pointer }: { readonly code: Code; readonly pointer: string } = opened.error;
  logger?.error("observe-no-verdict", { code, pointer, plan: guard.digest });
  return undefined;
}

/** The session that a host opened, as its plan began it; nothing, where the token opens none. */
async function ofToken(
  world: RunsWorld,
  { session, secret }: { readonly session: string; readonly secret: string },
): Promise<Result<Run | undefined, "store">> {
  const { store, guards, clock } = world;
  if (store === undefined) return ok(undefined);
  const loaded = await answered(() => store.load(session, 0));
  if (!loaded.ok) return loaded.error.kind === "unknown" ? ok(undefined) : err("store");
  const { header, entries } = loaded.value;
  const [first] = entries;
  const guard = guards.get(header.plan);
  if (!isSecretOf(header.tokenDigest, secret) || clock() > header.expiresAt || guard === undefined || first === undefined)
    return ok(undefined);
  return ok(newRun(world, { guard, session: guard.resume([first.event]), tokenDigest: header.tokenDigest }));
}

/** A text that names nobody: for the names that a host gives to runs. */
export function runKey(name: string): string {
  return domainDigest("observed-run", name);
}
