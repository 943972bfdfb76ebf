/**
 * Sends spans, metrics and logs to a collector by OTLP over HTTP, and takes the trace context of requests in and on.
 * Never holds up a call or the end for a collector, and hands on no baggage: an agent could put anything into it.
 */
import {
  context,
  diag,
  DiagLogLevel,
  logs,
  metrics,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { AlwaysOnSampler, BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { packageVersion } from "../own-program.ts";
import type { Listening } from "./runtime.ts";

/** A running export. */
export interface OtlpExport {
  /** A handler whose requests are spans, within the trace that they say they are part of. */
  readonly around: (fetch: Listening["fetch"]) => Listening["fetch"];
  /** The headers that hand the trace on. */
  readonly outgoing: () => Readonly<Record<string, string>>;
  /** Sends what waits, for a moment, and ends. */
  readonly close: () => Promise<void>;
}

/** Milliseconds between two exports of metrics, between two complaints that the collector does not answer, and for the last export. */
const metricsMs = 15_000;
const complainMs = 60_000;
const closeMs = 3_000;

/** Starts it: providers are registered for the whole process. `failed`: told now and then that nothing gets through. */
export function startOtlp(endpoint: URL, failed: () => void): OtlpExport {
  const base = endpoint.href.replace(/\/$/, "");
  const urlOf = (signal: string): { readonly url: string } => ({ url: `${base}/v1/${signal}` });
  const resource = resourceFromAttributes({
    "service.name": process.env.OTEL_SERVICE_NAME ?? "sluice",
    "service.version": packageVersion(),
  });
  complainRarely(failed);
  // SECURITY: an agent's word that its trace is not sampled would take its calls out of sight.
  const tracers = new TracerProvider({
    resource,
    sampler: new AlwaysOnSampler(),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter(urlOf("traces")) })],
  });
  const exporter = new OTLPMetricExporter(urlOf("metrics"));
  const meters = new MeterProvider({
    resource,
    readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: metricsMs })],
  });
  const loggers = new LoggerProvider({
    resource,
    processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter(urlOf("logs")) })],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(tracers);
  metrics.setGlobalMeterProvider(meters);
  logs.setGlobalLoggerProvider(loggers);
  return {
    around,
    outgoing: () => {
      const headers: Record<string, string> = {};
      propagation.inject(context.active(), headers);
      return headers;
    },
    close: async () => {
      const ended = Promise.allSettled([tracers.shutdown(), meters.shutdown(), loggers.shutdown()]);
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, closeMs))]);
    },
  };
}

/** A library's text may quote what it was sent: it is not shown, only that there is one. */
function complainRarely(failed: () => void): void {
  let last = Number.NEGATIVE_INFINITY;
  const error = (): void => {
    const now = performance.now();
    if (now - last < complainMs) return;
    last = now;
    failed();
  };
  const nothing = (): void => undefined;
  diag.setLogger({ error, warn: nothing, info: nothing, debug: nothing, verbose: nothing }, { logLevel: DiagLogLevel.ERROR });
}

const methods = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"]);
const roots = new Set(["tools", "mcp", "sse", "sluice", "amendments", "dashboard", "v1"]);
/** What supervisors and scrapers ask all day says nothing. */
const unseen = /^\/sluice\/(?:live|ready|metrics)$/;

/** HTTP server spans by the semantic conventions for HTTP 1.x; of a path, which may hold data, its first step alone. */
function around(fetch: Listening["fetch"]): Listening["fetch"] {
  const tracer = trace.getTracer("sluice");
  const getter = {
    get: (headers: Headers, name: string): string | undefined => headers.get(name) ?? undefined,
    keys: (headers: Headers): string[] => [...headers.keys()],
  };
  return (request, address) => {
    const { pathname } = new URL(request.url);
    if (unseen.test(pathname)) return fetch(request, address);
    const [, root = ""] = pathname.split("/");
    const route = roots.has(root) ? `/${root}` : "/*";
    const method = methods.has(request.method) ? request.method : "_OTHER";
    const attributes = { "http.request.method": method, "http.route": route };
    const parent = propagation.extract(ROOT_CONTEXT, request.headers, getter);
    return tracer.startActiveSpan(`${method} ${route}`, { kind: SpanKind.SERVER, attributes }, parent, async (span) => {
      try {
        const response = await fetch(request, address);
        span.setAttribute("http.response.status_code", response.status);
        if (response.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        return response;
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR });
        throw error;
      } finally {
        span.end();
      }
    });
  };
}
