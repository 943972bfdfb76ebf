/**
 * Where recordings go, and a sink in memory.
 * Never given a value that the record policy digests or redacts: what comes here may be kept.
 */
import { traceEventsMax } from "../../limits.ts";

/** Keeps recorded lines. What it throws or rejects is a line that is not kept: it changes nothing for the client. */
export interface TraceSink {
  /** Adds a line, which is one JSON text without its line end, to a trace. Lines of one trace come one after another. */
  append(trace: string, line: string): Promise<void> | void;
  /** Nothing more of the trace is expected for now. */
  end?(trace: string): Promise<void> | void;
}

/** A sink in memory, for tests and small tools: trace → its lines. */
export interface MemoryTraceSink extends TraceSink {
  readonly traces: ReadonlyMap<string, readonly string[]>;
}

/** Makes a sink in memory. It keeps at most `tracesMax` traces, the newest. */
export function createMemoryTraceSink(tracesMax = 1_000): MemoryTraceSink {
  const traces = new Map<string, string[]>();
  return {
    traces,
    append: (trace, line) => {
      const lines = traces.get(trace) ?? [];
      if (lines.length >= traceEventsMax) throw new RangeError("the trace is full");
      lines.push(line);
      traces.set(trace, lines);
      if (traces.size > tracesMax) for (const [oldest] of traces) return void traces.delete(oldest);
    },
  };
}
