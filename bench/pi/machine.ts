/**
 * What a small computer says of itself: its model, how warm it is, how fast it is allowed to run, and whether it was throttled.
 * Never fails where a file is not there: a machine that says nothing is shown as such.
 */
import { readFileSync, readdirSync } from "node:fs";
import { cpus, totalmem } from "node:os";

/** A machine at one moment. */
export interface Board {
  /** `/proc/device-tree/model`: "Raspberry Pi 5 Model B Rev 1.0"; elsewhere the processor's name. */
  readonly model: string;
  readonly cores: number;
  readonly memoryMB: number;
  /** Degrees Celsius of the warmest zone. */
  readonly celsius: number | undefined;
  /** Megahertz of the first core, now and at most. */
  readonly megahertz: number | undefined;
  readonly megahertzMax: number | undefined;
  /** Whether the firmware says that it was held back since it started: too little voltage, or too hot. */
  readonly wasThrottled: boolean | undefined;
}

/** Reads it; `root` is where `/proc` and `/sys` are. */
export function readBoard(root = ""): Board {
  const frequency = `${root}/sys/devices/system/cpu/cpu0/cpufreq`;
  return {
    model: (text(`${root}/proc/device-tree/model`) ?? cpus()[0]?.model ?? "unknown").replace(/\0+$/, ""),
    cores: cpus().length,
    memoryMB: Math.round(totalmem() / 1e6),
    celsius: warmest(`${root}/sys/class/thermal`),
    megahertz: thousandth(text(`${frequency}/scaling_cur_freq`)),
    megahertzMax: thousandth(text(`${frequency}/cpuinfo_max_freq`)),
    wasThrottled: throttled(root),
  };
}

/** The firmware's bits 16 to 19: under voltage, frequency capped, throttled, soft temperature limit, each since the start. */
function throttled(root: string): boolean | undefined {
  const bits = text(`${root}/sys/devices/platform/soc/soc:firmware/get_throttled`);
  const value = bits === undefined ? Number.NaN : Number.parseInt(bits, 16);
  return Number.isNaN(value) ? undefined : (value & 0xf_0000) !== 0;
}

function warmest(folder: string): number | undefined {
  const zones = attempt(() => readdirSync(folder).filter((name) => name.startsWith("thermal_zone"))) ?? [];
  const degrees = zones.map((zone) => thousandth(text(`${folder}/${zone}/temp`))).filter((each) => each !== undefined);
  return degrees.length === 0 ? undefined : Math.max(...degrees);
}

function thousandth(value: string | undefined): number | undefined {
  const number = Number(value?.trim() || Number.NaN);
  return Number.isNaN(number) ? undefined : Math.round(number / 100) / 10;
}

function text(path: string): string | undefined {
  return attempt(() => readFileSync(path, "utf8"));
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
