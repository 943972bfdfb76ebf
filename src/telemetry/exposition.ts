/**
 * The texts that Prometheus reads: OpenMetrics 1.0, and the older format 0.0.4 for readers that do not ask for it.
 * Pure. Never lets a value of a label end its line or its quotes.
 *
 * OpenMetrics 1.0.0 (https://github.com/prometheus/OpenMetrics, "ABNF"); text format 0.0.4 (prometheus.io, "Exposition formats").
 */

/** One line of a family. */
export interface Sample {
  /** What follows the family's name: `_total`, `_bucket`, `_sum`, `_count`, or nothing. */
  readonly suffix: "" | "_total" | "_bucket" | "_sum" | "_count";
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly value: number;
}

/** Samples of one meaning. Names, units and help are constants of ours: letters, digits and `_`, one line. */
export interface Family {
  /** Without `_total`; it ends in `_seconds` where that is the unit. */
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** A text and its media type. */
export interface Exposition {
  readonly type: string;
  readonly text: string;
}

/** The media types of both formats. */
export const expositionTypes = {
  openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
  text: "text/plain; version=0.0.4; charset=utf-8",
} as const;

/** Writes families in OpenMetrics if the `Accept` header names it, else in the older format. */
export function expose(families: readonly Family[], accept: string | undefined): Exposition {
  const isOpen = /\bapplication\/openmetrics-text\b/i.test(accept ?? "");
  const lines = families.flatMap((family) => linesOf(family, isOpen));
  return isOpen
    ? { type: expositionTypes.openMetrics, text: `${[...lines, "# EOF"].join("\n")}\n` }
    : { type: expositionTypes.text, text: lines.map((line) => `${line}\n`).join("") };
}

function linesOf({ name, type, help, samples }: Family, isOpen: boolean): readonly string[] {
  // The older format names the type by the line's own name, OpenMetrics by the family's.
  const typed = !isOpen && type === "counter" ? `${name}_total` : name;
  const unit = isOpen && name.endsWith("_seconds") ? [`# UNIT ${name} seconds`] : [];
  const head = [`# TYPE ${typed} ${type}`, ...unit, `# HELP ${typed} ${help}`];
  return [...head, ...samples.map((sample) => `${name}${sample.suffix}${labelsOf(sample)} ${numberOf(sample.value)}`)];
}

function labelsOf({ labels }: Sample): string {
  if (labels.length === 0) return "";
  return `{${labels.map(([name, value]) => `${name}="${escaped(value)}"`).join(",")}}`;
}

/** In both formats a label's value is UTF-8 with `\\`, `\"` and `\n`; half a surrogate pair would be none. */
function escaped(value: string): string {
  return value
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd")
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("\n", "\\n");
}

/** A number as both formats read it. */
export function numberOf(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return String(value);
}
