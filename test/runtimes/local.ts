/**
 * The entry for Node, Bun and Deno: reads test/vectors from disk and prints the report as one line of JSON.
 * `node test/runtimes/local.ts NAME`. Never decides whether the report is good; all.ts does.
 */
import { readFileSync, readdirSync } from "node:fs";
import { runVectors } from "./run.ts";

const folder = new URL("../vectors/", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
const texts = Object.fromEntries(names.map((name) => [name, readFileSync(new URL(name, folder), "utf8")]));
console.log(JSON.stringify(await runVectors(process.argv[2] ?? "local", texts)));
