/**
 * arm64 Linux programs on this machine: as they are where it is one, else in QEMU, which is installed where that can be.
 * Never leaves a test out silently: `emulator` says why, and with CI=true it throws.
 */
import { existsSync } from "node:fs";
import { hostTarget } from "../../.ci/executable.mjs";
import { service } from "../services/service.ts";

/** What is put before an arm64 program (nothing, on arm64 itself), or why there is nothing. */
export type Emulator = { readonly path: string; readonly before: readonly string[] } | { readonly missing: string };

/** The libraries that an arm64 program of the GNU system is linked with, and a file of each package that has them. */
const libraries = {
  "libc6-arm64-cross": "libc.so.6",
  "libstdc++6-arm64-cross": "libstdc++.so.6",
  "libgcc-s1-arm64-cross": "libgcc_s.so.1",
};
const prefix = "/usr/aarch64-linux-gnu";

/** The emulator of this machine. */
export function findEmulator(): Emulator {
  if (hostTarget === "linux-arm64") return { path: "", before: [] };
  const qemu = service({ program: "qemu-aarch64-static", package: "qemu-user-static" });
  if ("missing" in qemu) return qemu;
  for (const [name, file] of Object.entries(libraries)) {
    const library = service({ program: file, package: name, folders: [`${prefix}/lib`] });
    if ("missing" in library) return library;
  }
  if (!existsSync(`${prefix}/lib/ld-linux-aarch64.so.1`)) return { missing: `${prefix} has no dynamic linker` };
  // The processor of a Raspberry Pi 5: QEMU's own default has instructions that no Pi has.
  return { path: qemu.path, before: [qemu.path, "-cpu", "cortex-a76", "-L", prefix] };
}
