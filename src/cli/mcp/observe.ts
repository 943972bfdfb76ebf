/**
 * `sluice mcp --observe`: messages between a client and its server pass as they are, and the calls among them are recorded.
 * Never enforces anything, and says so; never changes a byte, and never starts without a reason, an end and a folder.
 */
import type { Command } from "commander";
import { isObject, type Json, member } from "../../json/value.ts";
import { callBytesMax, mcpInFlightMax } from "../../limits.ts";
import { createObserver, type ObservedCall, type ObservedRun } from "../../surfaces/observe.ts";
import { type MessageId, readMessage } from "../../surfaces/mcp/jsonrpc.ts";
import { readFrames } from "../../surfaces/mcp/stdio-frames.ts";
import { InputError } from "../read/input.ts";
import { checkMode, countsLine, made, modeLines, openObserving } from "../observe/observing.ts";
import type { Terminal } from "../show/terminal.ts";
import { startProcess } from "./process.ts";

/** Options that are about observing. */
export interface StdioObservingOptions {
  readonly observe?: string;
  readonly until?: string;
  readonly record?: string;
  readonly recordPolicy?: string;
  readonly catalog?: string;
  readonly server?: string;
}

/** Adds them. */
export function addObservingOptions(command: Command): Command {
  return command
    .option("--observe <reason>", "enforce NOTHING: calls go ahead as they came and are recorded; with --until and --record")
    .option("--until <time>", "when observing ends: RFC 3339, at most 92 days ahead; after it nothing starts without a plan")
    .option("--record <folder>", "where recordings go, a file for each run")
    .option("--record-policy <file>", "what recordings keep of values: keep, digest or redact, by tool, place, label and role")
    .option("--catalog <file>", "the catalogue of the tools, for a record policy that names labels and roles");
}

interface Child {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Milliseconds that a server has to end after its client did. */
const observedEndMs = 10_000;

/** Passes everything and records the calls; the server's exit code. Exit 2 without a whole wish to observe. */
export async function observeStdio(child: Child, options: StdioObservingOptions, terminal: Terminal): Promise<number> {
  if (options.observe === undefined)
    throw new InputError("--plan: name a frozen plan, or observe with --observe, --until and --record: nothing passes without");
  // Where calls go is known: the one server behind this command.
  const whole = { ...options, upstream: new URL("http://localhost") };
  checkMode(whole);
  const opened = await openObserving(whole, terminal);
  if (opened === undefined) throw new InputError("--observe: --until TIME and --record FOLDER are needed, too");
  const { observing, logger, close } = opened;
  const observer = made(true, () => createObserver({ mode: observing.mode, logger }));
  for (const line of modeLines(observer, terminal)) terminal.say(line);
  let code = 0;
  let isGone = (): void => {};
  const gone = new Promise<void>((resolve) => {
    isGone = resolve;
  });
  const server = await startProcess({
    ...child,
    // Nothing stands between: it has the time to answer that it would have without us, unless it hangs.
    endMs: observedEndMs,
    onExit: (ended) => {
      code = ended.code ?? 3;
      isGone();
    },
  }).catch(() => {
    throw new InputError(`${child.command.slice(0, 200)} cannot be started`);
  });
  const watched = watch(observer.run(), options.server ?? "local");
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => void server.close());
  const toServer = pass(process.stdin, (bytes) => server.write(bytes), { see: watched.asked, mayPass: observer.isOn }).then(() =>
    server.close(),
  );
  const toClient = pass(server.output, (bytes) => void process.stdout.write(bytes), {
    see: watched.answered,
    mayPass: () => true,
  });
  await Promise.race([gone, toServer]);
  await toClient;
  process.stdin.destroy();
  await observer.close();
  terminal.say(countsLine(observer));
  await close();
  return code;
}

/** Passes bytes on as they come, and shows a copy of each message to `see`, as long as they may pass. */
async function pass(
  source: AsyncIterable<Uint8Array>,
  write: (bytes: Uint8Array) => void,
  { see, mayPass }: { readonly see: (message: Json) => void; readonly mayPass: () => boolean },
): Promise<void> {
  async function* through(): AsyncGenerator<Uint8Array> {
    for await (const bytes of source) {
      // When the time to observe is over, nothing goes ahead that nobody checks.
      if (!mayPass()) return;
      write(bytes);
      yield bytes;
    }
  }
  try {
    for await (const frame of readFrames(through(), callBytesMax)) if (frame.kind === "message") see(frame.value);
  } catch {
    // One side is gone: the other is told by the end of its stream.
  }
}

/** Records the calls among the messages of both sides. */
function watch(
  run: ObservedRun,
  server: string,
): { readonly asked: (message: Json) => void; readonly answered: (message: Json) => void } {
  const calls = new Map<MessageId, ObservedCall>();
  return {
    asked: (value) => {
      const message = readMessage(value);
      if (message.kind !== "request" || message.method !== "tools/call") return;
      const name = member(message.params, "name");
      if (typeof name !== "string" || calls.size >= mcpInFlightMax) return;
      calls.set(message.id, run.call({ tool: `${server}/${name}`, args: member(message.params, "arguments") ?? {} }));
    },
    answered: (value) => {
      const message = readMessage(value);
      const call = message.kind === "response" ? calls.get(message.id) : undefined;
      if (message.kind !== "response" || call === undefined) return;
      calls.delete(message.id);
      call.result(message.outcome.ok ? recorded(message.outcome.result) : { error: message.outcome.error.message });
    },
  };
}

/** A result as traces have it: what is structured, else the text, else the whole. */
function recorded(result: Json): Json {
  const structured = member(result, "structuredContent");
  const content = member(result, "content");
  const texts = Array.isArray(content) ? content.map((part: Json) => member(part, "text")) : [];
  const isText = texts.length > 0 && texts.every((text) => typeof text === "string");
  const value = structured ?? (isText ? texts.join("\n") : isObject(result) ? (content ?? result) : result);
  return member(result, "isError") === true ? { error: value } : value;
}
