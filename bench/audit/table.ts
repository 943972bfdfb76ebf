/**
 * Figures of the audit log as tables in Markdown.
 */
import type { CheckRow } from "./checks.ts";
import type { LogRow } from "./log.ts";
import type { Seconds } from "./timed.ts";

/** Both tables. */
export function table({ checks, log }: { readonly checks: readonly CheckRow[]; readonly log: readonly LogRow[] }): string {
  const us = (value: number): string => value.toFixed(1);
  const rows = checks.map(
    ({ store, plainUs, auditedUs, plainCpuUs, auditedCpuUs }) =>
      `| ${store} | ${us(plainUs)} (${us(plainCpuUs)}) | ${us(auditedUs)} (${us(auditedCpuUs)}) | ${(auditedCpuUs / plainCpuUs).toFixed(2)} |`,
  );
  const million = ({ wall, cpu }: Seconds, records: number): string =>
    `${((wall / records) * 1e6).toFixed(1)} s (${((cpu / records) * 1e6).toFixed(1)} s)`;
  const logs = log.map(
    ({ backend, records, write, chain, all, peakMiB }) =>
      `| ${backend} | ${records} | ${Math.round(records / write.wall)} (${Math.round(records / write.cpu)}) | ${million(chain, records)} | ${million(all, records)} | ${Math.round(peakMiB)} |`,
  );
  return `A call (check and settle) with \`--audit\` and without, microseconds; processor time in brackets, and its ratio.

| store | without | with | ratio |
|---|---|---|---|
${rows.join("\n")}

Records written a second (of processor time in brackets); seconds to verify a million records, scaled from so many; peak MiB of the process.

| log | records | written a second | chain, tree, checkpoints | all: values opened, verdicts decided again | MiB |
|---|---|---|---|---|---|
${logs.join("\n")}
`;
}
