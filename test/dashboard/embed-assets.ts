/**
 * Writes the dashboard's assets into a module: `node test/dashboard/embed-assets.ts`, after a change of `src/dashboard/assets`.
 * They are in a module so that the package, an executable and a Worker need no file beside them.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "../../src/dashboard/assets");

/** The module that is written. */
export const embedded: string = join(folder, "embedded.ts");

/** A text as a template literal on one line. */
function literal(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("`", "\\`").replaceAll("${", "\\${").replaceAll("\n", "\\n");
  return `\`${escaped}\``;
}

/** The module's text. The styles are one: `style.css` first, then those of parts. */
export function embed(): string {
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");
  const styles = readdirSync(folder).filter((name) => name.endsWith(".css") && name !== "style.css");
  const css = ["style.css", ...styles.sort()].map(read).join("\n");
  return `/**
 * The dashboard's assets, written by test/dashboard/embed-assets.ts from the files beside this one.
 * Never written by hand.
 */

/** The style sheet. */
export const styleText = ${literal(css)};

/** The script of every page. */
export const clientText = ${literal(read("client.js"))};

/** The icon. */
export const iconText = ${literal(read("icon.svg"))};
`;
}

if (process.argv[1] === import.meta.filename) writeFileSync(embedded, embed());
