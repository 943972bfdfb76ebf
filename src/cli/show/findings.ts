/**
 * Findings as people read them: severity, code, place, and the message below.
 * Never shows a control character of a plan.
 */
import { showPointer } from "../../json/pointer.ts";
import type { Finding } from "../../plan/finding.ts";
import { hang, type Terminal } from "./terminal.ts";

/** Writes findings one after the other, each with its place and its message. */
export function findingLines(findings: readonly Finding[], { paint, columns }: Terminal): readonly string[] {
  const colours = { error: paint.red, warning: paint.yellow, info: paint.cyan };
  return findings.map(({ severity, code, pointer, message }) => {
    const head = `${colours[severity](severity.padEnd(7))}  ${paint.bold(code)}  ${paint.dim(pointer === "" ? "/" : showPointer(pointer))}`;
    return `${head}\n${hang("         ", message, columns)}`;
  });
}

/** How many findings of each severity there are: `2 errors, 1 warning, 5 infos`. */
export function countLine(findings: readonly Finding[]): string {
  const parts = (["error", "warning", "info"] as const).flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}${count === 1 ? "" : "s"}`];
  });
  return parts.length === 0 ? "no findings" : parts.join(", ");
}
