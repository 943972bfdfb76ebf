/**
 * `sluice serve --observe`: what must be said together, what is said aloud, and where the recordings go.
 * Never observes by half a wish: without a reason, an end and a folder nothing starts, and no variable of the environment is looked at.
 */
import { instantOf } from "../../lang/date.ts";
import { readPeriod } from "../../observe/mode.ts";
import { readRecordPolicy, type RecordPolicy } from "../../observe/record-policy.ts";
import type { Json } from "../../json/value.ts";
import type { Logger } from "../../ports.ts";
import { ConfigError } from "../../result.ts";
import { chainLine } from "../../surfaces/chain-line.ts";
import type { Observer } from "../../surfaces/hono.ts";
import type { Observing } from "../../surfaces/firewall-app.ts";
import { InputError, readCatalogueFile, readValue, refuseInput } from "../read/input.ts";
import { plain, type Terminal } from "../show/terminal.ts";
import { passTo } from "./forward.ts";
import { openTraceFiles } from "./trace-files.ts";

/** The options of the command line that are about observing. */
export interface ObservingOptions {
  readonly plan?: readonly string[];
  readonly upstream?: URL;
  readonly observe?: string;
  readonly until?: string;
  readonly record?: string;
  readonly recordPolicy?: string;
  readonly runHeader?: string;
  readonly catalog?: string;
  /** Drafts need a catalogue, too. */
  readonly draft?: true;
}

/** Exit 2 for a command line that neither enforces plans nor says all that observing needs. */
export function checkMode(options: ObservingOptions): void {
  const { plan, observe, until, record, upstream, runHeader } = options;
  if (observe === undefined) {
    const half = (["until", "record", "recordPolicy", "runHeader", "catalog"] as const).find(
      (name) => options[name] !== undefined && !(name === "catalog" && options.draft === true),
    );
    if (half !== undefined)
      throw new InputError(
        `--${half.replace("P", "-p").replace("H", "-h")}: it goes with --observe; without it everything is enforced`,
      );
    if (plan === undefined) throw new InputError("--plan: name a frozen plan, or observe with --observe, --until and --record");
    return;
  }
  if (until === undefined || record === undefined || upstream === undefined)
    throw new InputError("--observe: --until TIME, --record FOLDER and --upstream URL are needed, too");
  const period = readPeriod({ reason: observe, until }, Date.now());
  if (!period.ok)
    throw new InputError(period.error.replaceAll("`observe.until`", "--until").replaceAll("`observe.reason`", "--observe"));
  if (runHeader !== undefined && !/^[A-Za-z0-9-]{1,64}$/.test(runHeader))
    throw new InputError("--run-header: a name of a header is needed");
  if (plan === undefined && (instantOf(until) ?? 0) <= Date.now())
    throw new InputError("--until: this time is over; without a frozen plan there is nothing to enforce");
}

/** The mode of a command line, with its files; nothing where everything is enforced. */
export async function openObserving(
  options: ObservingOptions,
  terminal: Terminal,
): Promise<{ readonly observing: Observing; readonly logger: Logger; close(): Promise<void> } | undefined> {
  const { observe: reason, until, record: folder, upstream, runHeader } = options;
  if (reason === undefined || until === undefined || folder === undefined || upstream === undefined) return undefined;
  const policy = await readPolicy(options.recordPolicy);
  const catalogue = await readCatalogueFile(options.catalog);
  const sink = await openTraceFiles(folder);
  return {
    observing: {
      mode: {
        observe: {
          reason,
          until,
          sink,
          ...(policy === undefined ? {} : { record: policy }),
          ...(catalogue === undefined ? {} : { catalogue }),
        },
      },
      pass: passTo(upstream),
      runHeader,
    },
    logger: loggerTo(terminal),
    close: () => sink.close(),
  };
}

/** Exit 2 where what is given forbids to observe: a policy that asks for approvals, say. */
export function made<T>(isObserving: boolean, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (isObserving && error instanceof ConfigError) throw new InputError(`--observe: ${error.message}`);
    throw error;
  }
}

async function readPolicy(source: string | undefined): Promise<RecordPolicy | undefined> {
  if (source === undefined) return undefined;
  const read = readRecordPolicy(await readValue(source));
  return read.ok ? read.value : refuseInput(source, read.error.message, { pointer: read.error.pointer });
}

/** What a person who starts the server must see. */
export function modeLines({ period, isOn }: Observer, { paint }: Terminal): readonly string[] {
  const { reason, until } = period;
  if (!isOn()) return [`observing ended at ${until}: everything is enforced`];
  return [paint.red(paint.bold(`OBSERVE MODE: NOTHING IS ENFORCED until ${until}`)), `reason: ${plain(reason)}`];
}

/** What was observed, on one line. */
export function countsLine(observer: Observer): string {
  const { calls, recorded, compared, wouldDeny, unobserved } = observer.status();
  const missed = Object.entries(unobserved).map(([why, count]) => `${why} ${count}`);
  const compare = compared === 0 ? "no plan to compare with" : `${wouldDeny} of ${compared} would have been denied`;
  return `observed: ${calls} calls, ${recorded} recorded, ${compare}${missed.length === 0 ? "" : `; not recorded: ${missed.join(", ")}`}`;
}

/** Facts on standard error: names and codes, never a value. */
function loggerTo({ say, paint }: Terminal): Logger {
  const line = (facts: Readonly<Record<string, unknown>>): string =>
    Object.entries(facts)
      .filter(([, value]) => typeof value === "string")
      .map(([name, value]) => `${name}=${plain(String(value)).slice(0, 128)}`)
      .join(" ");
  const links = ({ chain }: Readonly<Record<string, unknown>>): readonly string[] =>
    Array.isArray(chain) ? chain.map((link: Json) => `  ${plain(chainLine(link))}`) : [];
  return {
    info: (event, facts) => {
      say(`${paint.yellow(event)} ${line(facts)}`);
      for (const link of links(facts)) say(paint.cyan(link));
    },
    error: (event, facts) => say(`${paint.red(event)} ${line(facts)}`),
  };
}
