/**
 * Tells OpenTelemetry: spans, metrics and logs through `@opentelemetry/api`, which the host's SDK exports or nobody does.
 * Never gives it a value: codes, digests, counts, and names that a plan has.
 *
 * Names follow the semantic conventions for generative AI (`gen_ai.operation.name`, `gen_ai.tool.name`, span `execute_tool …`; status
 * "development") and `error.type`; what they have no word for begins with `sluice.`. Units by UCUM.
 */
import {
  type Attributes,
  type Counter,
  context,
  type Histogram,
  logs,
  metrics,
  type Observable,
  SeverityNumber,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import type { Family } from "./exposition.ts";
import type { CheckTold, SettleTold, StoreTold, Telemetry, Told } from "./telemetry.ts";

/** Name of tracer, meter and logger. */
const scope = "sluice";

/** Calls in flight whose start is remembered; of those before them there is no span of the tool. */
const flightsMax = 10_000;

/** Names of labels that one span carries. */
const labelsMax = 32;

/** An allowed call whose result is not in yet. */
interface Flight {
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly attributes: Attributes;
  readonly tool: string;
}

/**
 * Telemetry by the globally registered providers, to be made after the SDK has registered them. Spans are children of the span that is active
 * where a surface is called, so that a host's own instrumentation, and the trace context that it takes in, go around them.
 *
 * @example const firewall = createFirewall({ plans: [frozen], store, telemetry: openTelemetry() });
 */
export function openTelemetry(): Telemetry {
  const flights = new Map<string, Flight>();
  const measure = createMeasure();
  return (told) => {
    // Milliseconds since the epoch, as spans have them.
    const now = Date.now();
    measure(told);
    logOf(told);
    if (told.kind === "check") spanOfCheck(told, { now, flights });
    else if (told.kind === "settle") spansOfSettle(told, { now, flights });
  };
}

/** Gives gauges to the meter, asked for at each collection. `names`: those that will ever come. */
export function observeGauges(names: readonly string[], read: () => Promise<readonly Family[]>): void {
  const meter = metrics.getMeter(scope);
  const gauges = new Map(names.map((name): [string, Observable] => [name, meter.createObservableGauge(dotted(name))]));
  meter.addBatchObservableCallback(
    async (result) => {
      for (const { name, samples } of await read()) {
        const instrument = gauges.get(name);
        const [sample] = samples;
        if (instrument !== undefined && sample !== undefined) result.observe(instrument, sample.value);
      }
    },
    [...gauges.values()],
  );
}

/** `sluice_calls_in_flight` is `sluice.calls_in_flight`. */
function dotted(name: string): string {
  return name.replace(/^sluice_/, "sluice.");
}

interface Spanning {
  readonly now: number;
  readonly flights: Map<string, Flight>;
}

function spanOfCheck(told: CheckTold, { now, flights }: Spanning): void {
  const attributes = attributesOf(told);
  const labels = told.labels().slice(0, labelsMax);
  const span = trace.getTracer(scope).startSpan("sluice.check", {
    kind: SpanKind.INTERNAL,
    startTime: now - told.seconds * 1_000,
    attributes: { ...attributes, ...(labels.length === 0 ? {} : { "sluice.labels": [...labels] }) },
  });
  if (isFault(told)) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(now);
  if (told.verdict !== "allow" || told.session === undefined || told.run === undefined) return;
  flights.set(`${told.session} ${told.run}`, { since: now, attributes, tool: told.tool ?? "" });
  const [oldest] = flights.keys();
  if (flights.size > flightsMax && oldest !== undefined) flights.delete(oldest);
}

/** What the tool took, from the verdict to its answer, and what taking the answer took. */
function spansOfSettle(told: SettleTold, { now, flights }: Spanning): void {
  const tracer = trace.getTracer(scope);
  const key = `${told.session} ${told.run}`;
  const flight = flights.get(key);
  flights.delete(key);
  const answered = now - told.seconds * 1_000;
  const { code, outcome } = told;
  const attributes: Attributes = {
    "sluice.session": told.session,
    "sluice.run": told.run,
    "sluice.outcome": outcome,
    ...(code === undefined ? {} : { "sluice.code": code }),
  };
  if (flight !== undefined) {
    const isError = outcome === "error";
    const span = tracer.startSpan(`execute_tool ${flight.tool}`, {
      kind: SpanKind.INTERNAL,
      startTime: flight.since,
      attributes: { ...flight.attributes, ...(isError ? { "error.type": "tool_error" } : {}) },
    });
    if (isError) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(Math.max(flight.since, answered));
  }
  tracer.startSpan("sluice.settle", { kind: SpanKind.INTERNAL, startTime: answered, attributes }).end(now);
}

function attributesOf({ tool, node, session, plan, run, verdict, code }: CheckTold): Attributes {
  return {
    "gen_ai.operation.name": "execute_tool",
    "sluice.verdict": verdict,
    ...(tool === undefined ? {} : { "gen_ai.tool.name": tool }),
    ...(node === undefined ? {} : { "sluice.node": node }),
    ...(session === undefined ? {} : { "sluice.session": session }),
    ...(plan === undefined ? {} : { "sluice.plan.digest": plan }),
    ...(run === undefined ? {} : { "sluice.run": run }),
    ...(code === undefined ? {} : { "sluice.code": code, "error.type": code }),
  };
}

/** A denial is a verdict and no error; these are what an operator has to mend. */
function isFault({ code }: CheckTold): boolean {
  return code === "INTERNAL" || code === "STORE_UNAVAILABLE" || code === "OVERLOADED";
}

/** Instruments are made once; whatever provider is registered then is theirs. */
function createMeasure(): (told: Told) => void {
  const meter = metrics.getMeter(scope);
  const seconds = (name: string, description: string): Histogram =>
    meter.createHistogram(name, { unit: "s", description, advice: { explicitBucketBoundaries: boundaries } });
  const count = (name: string, unit: string, description: string): Counter => meter.createCounter(name, { unit, description });
  const checks = count("sluice.checks", "{call}", "Checks of calls");
  const checkSeconds = seconds("sluice.check.duration", "Time from a call to its verdict");
  const settles = count("sluice.settles", "{result}", "Results that were taken");
  const sessions = count("sluice.sessions", "{session}", "Sessions that were opened, refused or closed");
  const failures = count("sluice.store.failures", "{answer}", "Answers of the store that were failures");
  const storeSeconds = seconds("sluice.store.duration", "Time that the store took");
  const withCode = (attributes: Attributes, code: string | undefined): Attributes =>
    code === undefined ? attributes : { ...attributes, "sluice.code": code };
  const onStore = ({ method, failure, seconds: took }: StoreTold): void => {
    const attributes = { "sluice.store.method": method };
    if (failure !== undefined) failures.add(1, { ...attributes, "error.type": failure });
    storeSeconds.record(took, attributes);
  };
  return (told) => {
    if (told.kind === "check") {
      checks.add(1, withCode({ "sluice.verdict": told.verdict }, told.code));
      checkSeconds.record(told.seconds, { "sluice.verdict": told.verdict });
    } else if (told.kind === "settle") settles.add(1, withCode({ "sluice.outcome": told.outcome }, told.code));
    else if (told.kind === "session") sessions.add(1, withCode({ "sluice.session.event": told.event }, told.code));
    else onStore(told);
  };
}

/** Seconds, from a check in memory to a store that hangs. */
const boundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** A log record for what an operator may want to look at; allows have spans alone. */
function logOf(told: Told): void {
  const said = logged(told);
  if (said === undefined) return;
  const { event, severity, attributes } = said;
  logs.getLogger(scope).emit({
    eventName: `sluice.${event.replaceAll(" ", ".")}`,
    body: event,
    severityNumber: severity,
    severityText: severity === SeverityNumber.ERROR ? "ERROR" : severity === SeverityNumber.WARN ? "WARN" : "INFO",
    attributes,
    context: context.active(),
  });
}

interface Logged {
  readonly event: string;
  readonly severity: SeverityNumber;
  readonly attributes: Record<string, string | number>;
}

function logged(told: Told): Logged | undefined {
  if (told.kind === "check" && told.verdict !== "allow")
    return {
      event: told.verdict === "hold" ? "call held" : "call denied",
      severity: isFault(told) ? SeverityNumber.ERROR : told.verdict === "hold" ? SeverityNumber.INFO : SeverityNumber.WARN,
      attributes: attributesOf(told) as Record<string, string | number>,
    };
  if (told.kind === "store" && told.failure === "unavailable")
    return {
      event: "store unavailable",
      severity: SeverityNumber.ERROR,
      attributes: { "sluice.store.method": told.method, "error.type": told.failure },
    };
  if (told.kind === "session" && told.event === "refused")
    return {
      event: "session refused",
      severity: SeverityNumber.WARN,
      attributes: told.code === undefined ? {} : { "sluice.code": told.code },
    };
  return undefined;
}
