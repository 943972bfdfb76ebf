/**
 * The dependency rule as data: which directory may import which, and which file may import which package.
 * layers.test.ts holds src/ to it. Imports point downward only, so a layer names only layers above its own row.
 */

/** One layer of src/. */
export interface Layer {
  readonly name: string;
  /** Files (ending in .ts) and directories (ending in /), relative to src/. The first row that fits a file is its layer. */
  readonly paths: readonly string[];
  /** Layers that it may import, besides itself. */
  readonly may: readonly string[];
  /** Package → the files that may import it, as prefixes relative to src/. */
  readonly packages?: Readonly<Record<string, readonly string[]>>;
  /** Core layers compile with `lib: ES2023, types: []` and know no clock, no randomness and no locale. */
  readonly isCore?: boolean;
}

const core = ["base", "json", "lang", "plan"] as const;
const decision = [...core, "catalogue", "guard", "taint", "decide", "engine"] as const;

/** Lower layers first. */
export const layers: readonly Layer[] = [
  { name: "base", paths: ["result.ts", "codes.ts", "limits.ts", "ports.ts"], may: [], isCore: true },
  { name: "json", paths: ["json/"], may: ["base"], packages: { "js-yaml": ["json/yaml.ts"] }, isCore: true },
  {
    name: "lang",
    paths: ["lang/"],
    may: ["base", "json"],
    // One package per file is checked for all of lang; these are the doors.
    packages: {
      "@marcbachmann/cel-js": ["lang/expression"],
      "jsonpath-rfc9535": ["lang/path"],
      re2js: ["lang/"],
      ibantools: ["lang/extract"],
      "big.js": ["lang/"],
      "ipaddr.js": ["lang/"],
    },
    isCore: true,
  },
  {
    name: "plan",
    paths: ["plan/"],
    may: ["base", "json", "lang"],
    packages: { zod: ["plan/schema"], jose: ["plan/sign.ts"], "@noble/hashes": ["plan/digest.ts"] },
    isCore: true,
  },
  { name: "catalogue", paths: ["catalogue/"], may: core, isCore: true },
  // Siblings that never meet except in decide: what is permitted, and what is tainted, are two questions.
  { name: "guard", paths: ["guard/"], may: core, isCore: true },
  { name: "taint", paths: ["taint/"], may: ["base", "json", "plan"], isCore: true },
  { name: "decide", paths: ["decide.ts", "decide/"], may: [...core, "catalogue", "guard", "taint"], isCore: true },
  { name: "engine", paths: ["engine.ts", "engine/"], may: [...core, "catalogue", "guard", "taint", "decide"], isCore: true },
  { name: "learn", paths: ["learn/"], may: [...core, "catalogue", "engine"], isCore: true },
  { name: "store", paths: ["stores/store.ts"], may: ["base", "json", "plan", "decide", "engine"] },
  { name: "stores", paths: ["stores/"], may: ["base", "json", "plan", "decide", "engine", "store"] },
  {
    name: "surfaces",
    paths: ["surfaces/"],
    may: ["base", "json", "plan", "decide", "engine", "store", "catalogue"],
    packages: { hono: ["surfaces/"] },
  },
  {
    name: "cli",
    paths: ["cli/"],
    may: [...decision, "learn", "store", "stores", "surfaces"],
    packages: { commander: ["cli/"], picocolors: ["cli/"], "@hono/node-server": ["cli/"], hono: ["cli/"] },
  },
  { name: "index", paths: ["index.ts"], may: [...decision, "learn", "store", "stores", "surfaces"] },
];

/** `node:*` is for what touches the machine. */
export const nodeAllowed: readonly string[] = ["cli/", "stores/sqlite"];
