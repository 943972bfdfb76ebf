/**
 * The dashboard of a command that listens: what it shows is gathered here, and its pages are loaded when somebody first looks.
 * Never in the way of a start or of a call: a process at whose dashboard nobody looks has none of it in memory.
 */
import { Hono } from "hono";
import type { DashboardOptions } from "../../dashboard.ts";
import type { Firewall, Loaded, OwnEnforcement } from "../../surfaces/hono.ts";
import type { SignalWatch } from "../../signals/watch.ts";
import { kindOfStore } from "../read/store-url.ts";
import type { Terminal } from "../show/terminal.ts";
import { packageVersion } from "../own-program.ts";
import type { Ground } from "./ground.ts";

/** What it is made of. */
export interface DashboardParts {
  readonly ground: Ground;
  readonly enforcer: Firewall;
  /** What is in force besides plans, as it was last read. */
  readonly loaded: () => Omit<Loaded, "plans">;
  /** Where recordings go, of a firewall that observes, and the catalogue of the tools. */
  readonly observing?: { readonly record?: string; readonly catalog?: string };
  readonly terminal: Terminal;
}

/** Pages at `/dashboard`, and what watches beside them. */
export interface Dashboard {
  readonly app: Hono;
  close(): Promise<void>;
}

/** Makes it. */
export async function openDashboard({ ground, enforcer, loaded, observing = {}, terminal }: DashboardParts): Promise<Dashboard> {
  const { access, audit, events, settings } = ground;
  const signals = audit === undefined ? undefined : await watchSignals(ground, terminal);
  const options = (): DashboardOptions => ({
    ...{ enforcer, access, events, loaded },
    policy: () => loaded().policy,
    version: packageVersion(),
    ...(audit === undefined ? {} : { audit: auditOf(audit, { loaded, sqlOf: settings.own.sqlOf }) }),
    ...(signals === undefined ? {} : { signals }),
  });
  let pages: Promise<Hono> | undefined;
  const open = async (): Promise<Hono> => {
    const [{ dashboardRoutes }, { recordingsIn }] = await Promise.all([import("../../dashboard.ts"), import("./recordings.ts")]);
    const { record, catalog } = observing;
    const recordings = record === undefined ? {} : { recordings: recordingsIn(record, { catalogue: catalog }) };
    const app = new Hono();
    app.route("/dashboard", dashboardRoutes({ ...options(), ...recordings }));
    return app;
  };
  const app = new Hono();
  for (const path of ["/dashboard", "/dashboard/*"])
    app.all(path, async (c) => {
      pages ??= open();
      return (await pages).fetch(c.req.raw, c.env);
    });
  return { app, close: async () => signals?.close() };
}

/** The log, verified under the policy of the moment. */
function auditOf(
  audit: NonNullable<Ground["audit"]>,
  { loaded, sqlOf }: Pick<DashboardParts, "loaded"> & { readonly sqlOf: OwnEnforcement["sqlOf"] },
): NonNullable<DashboardOptions["audit"]> {
  return {
    ...audit,
    get verifying() {
      return { policy: loaded().policy, sqlOf };
    },
  };
}

/** Looks for what is unusual in the audit log, from the start on: what was learned is kept beside a log that lies in files. */
async function watchSignals({ audit, events, settings, telling }: Ground, terminal: Terminal): Promise<SignalWatch | undefined> {
  if (audit === undefined) return undefined;
  const [{ createSignalWatch }, { signalStateFile }] = await Promise.all([
    import("../../signals/watch.ts"),
    import("../audit/signal-state.ts"),
  ]);
  const { audit: place = "" } = settings;
  const isFile = kindOfStore(place, "--audit") === "sqlite";
  return createSignalWatch({
    log: audit.log,
    clock: Date.now,
    onSignal: (signal) => {
      telling.metrics.countSignal(signal);
      events.publish({ topic: "signal", data: { kind: signal.kind } });
    },
    ...(isFile ? { saved: signalStateFile(`${place.replace(/\/$/, "")}.signals`, terminal.say) } : {}),
  });
}
