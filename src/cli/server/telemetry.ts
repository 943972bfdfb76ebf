/**
 * What a command that listens tells of its work: counters for `GET /sluice/metrics`, and OpenTelemetry where a collector is named.
 * Never given a value of a call, and needs no package of OpenTelemetry until a collector is named.
 */
import { gaugeNames, type Gauges, gaugesOf } from "../../surfaces/hono/metrics-route.ts";
import { createMetrics, type Metrics } from "../../telemetry/metrics.ts";
import { type Telemetry, toEach } from "../../telemetry/telemetry.ts";
import { InputError } from "../read/input.ts";
import type { Terminal } from "../show/terminal.ts";
import type { Gate } from "./gate.ts";
import type { OtlpExport } from "./otlp.ts";

/** What tells. */
export interface Telling extends Pick<OtlpExport, "outgoing" | "close"> {
  readonly telemetry: Telemetry;
  readonly metrics: Metrics;
  /** Tells the collector what an enforcer has at hand, too. */
  watch(enforcer: Gauges): void;
  /** A door whose requests are spans. */
  through(gate: Gate): Gate;
}

/** The argument of `--otlp`, for commander. Exit 2: no URL, or one with a password, which the command line is no place for. */
export function readOtlp(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "")
    throw new InputError("--otlp: an http or https URL without query is needed, such as http://127.0.0.1:4318");
  if (url.username !== "" || url.password !== "")
    throw new InputError("--otlp: credentials go into OTEL_EXPORTER_OTLP_HEADERS, where no other process reads them");
  return url.href;
}

/** Begins to tell. Exit 2: a collector is named and the packages of OpenTelemetry are not installed. */
export async function openTelling(otlp: string | undefined, { say }: Terminal): Promise<Telling> {
  const metrics = createMetrics();
  if (otlp === undefined)
    return {
      telemetry: metrics.telemetry,
      metrics,
      watch: () => undefined,
      through: (gate) => gate,
      outgoing: () => ({}),
      close: async () => undefined,
    };
  const [{ startOtlp }, { observeGauges, openTelemetry }] = await loaded();
  const running = startOtlp(new URL(otlp), () =>
    say("telemetry: the collector of --otlp takes nothing; what waits too long is lost"),
  );
  return {
    outgoing: running.outgoing,
    close: running.close,
    through: (gate) => ({
      serve: async (request, inner, address) => running.around((asked, from) => gate.serve(asked, inner, from))(request, address),
      close: () => gate.close(),
      get isClosing() {
        return gate.isClosing;
      },
      get open() {
        return gate.open;
      },
    }),
    telemetry: toEach([metrics.telemetry, openTelemetry()]),
    metrics,
    watch: (enforcer) => observeGauges(gaugeNames, gaugesOf(enforcer)),
  };
}

async function loaded(): Promise<[typeof import("./otlp.ts"), typeof import("../../telemetry/open-telemetry.ts")]> {
  try {
    return await Promise.all([import("./otlp.ts"), import("../../telemetry/open-telemetry.ts")]);
  } catch {
    throw new InputError(
      `--otlp: packages of OpenTelemetry are missing: npm install ${packages.map((name) => `@opentelemetry/${name}`).join(" ")}`,
    );
  }
}

const packages = [
  "api",
  "context-async-hooks",
  "core",
  "exporter-logs-otlp-proto",
  "exporter-metrics-otlp-proto",
  "exporter-trace-otlp-proto",
  "resources",
  "sdk-logs",
  "sdk-metrics",
  "sdk-trace",
];
