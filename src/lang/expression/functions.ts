/**
 * The functions that an expression may call: one closed table, each with its arity and its meaning.
 * Never reads a clock, a locale or anything but its arguments. Pure. No I/O, no clock.
 */
import type { FunctionRow } from "./function-row.ts";
import { listFunctions } from "./list-functions.ts";
import { numberFunctions } from "./number-functions.ts";
import { textFunctions } from "./text-functions.ts";

const rows: readonly FunctionRow[] = [...numberFunctions, ...listFunctions, ...textFunctions];

/** Every function by name. */
export const functions: ReadonlyMap<string, FunctionRow> = new Map(rows.map((row) => [row.name, row]));

/** Name → arity, for the reader. */
export const functionArities: ReadonlyMap<string, readonly [number, number]> = new Map(rows.map((row) => [row.name, row.arity]));
