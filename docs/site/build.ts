/**
 * Builds the documentation site into docs/site/dist: `npm run docs [-- --serve]`
 * Its packages are installed into docs/site when they are missing, never with Sluice. A link to a page that is not there fails the build.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { pages, pageText } from "./pages.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const site = fileURLToPath(new URL(".", import.meta.url));
const laid = join(site, "pages");

interface Manifest {
  readonly repository?: { readonly url: string };
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
}
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;

function run(command: string, args: readonly string[], cwd: string): void {
  const { status, error } = spawnSync(command, args, { cwd, stdio: "inherit" });
  if (status === 0) return;
  process.stderr.write(`docs: ${command} ${args.join(" ")} ended with ${error?.message ?? status}\n`);
  process.exit(1);
}

function install(): void {
  const lock = readFileSync(join(site, "package-lock.json"), "utf8");
  const stamp = join(site, "node_modules", ".lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], site);
  writeFileSync(stamp, lock);
}

/** Puts the documents where VitePress finds them. */
function layOut(): void {
  rmSync(laid, { recursive: true, force: true });
  const repository = manifest.repository?.url.replace(/^git\+|\.git$/g, "");
  const images = new Set<string>();
  for (const page of pages) {
    const text = pageText(page, readFileSync(join(root, page.from), "utf8"), repository, images);
    mkdirSync(dirname(join(laid, page.to)), { recursive: true });
    // Tables of the reference need the width more than a list of their headings.
    const front = page.to.startsWith("reference/") ? "---\naside: false\n---\n\n" : "";
    writeFileSync(join(laid, page.to), front + text);
  }
  for (const image of images) cpSync(join(root, image), join(laid, "public", image));
}

/** The API of every entry point, of the types and comments of the source. */
function describeApi(): void {
  const entries = Object.values(manifest.exports).flatMap((target) =>
    typeof target === "string" ? [] : [target.default.replace("./dist/", "src/").replace(/\.js$/, ".ts")],
  );
  const options = [
    ["--plugin", join(site, "node_modules", "typedoc-plugin-markdown", "dist", "index.js")],
    ["--tsconfig", join(site, "tsconfig.json")],
    ["--out", join(laid, "api")],
    ["--readme", "none"],
    ["--entryFileName", "index"],
    ["--disableSources", "true"],
    ["--excludeInternal", "true"],
    ["--hideBreadcrumbs", "true"],
    ["--logLevel", "Error"],
    ["--validation.notExported", "false"],
    ["--parametersFormat", "table"],
    ["--interfacePropertiesFormat", "table"],
  ];
  run(process.execPath, [join(site, "node_modules", "typedoc", "bin", "typedoc"), ...options.flat(), ...entries], root);
}

install();
layOut();
describeApi();
const vitepress = join(site, "node_modules", "vitepress", "bin", "vitepress.js");
run(process.execPath, [vitepress, "build", site], site);
process.stdout.write(`The site is in ${join("docs", "site", "dist")}.\n`);
if (process.argv.includes("--serve")) run(process.execPath, [vitepress, "preview", site], site);
