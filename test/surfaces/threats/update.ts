/**
 * Writes the table of threats into `.github/SECURITY.md`: `node test/surfaces/threats/update.ts`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { threats } from "./table.ts";
import { threatsFile, withThreats } from "./text.ts";

const path = fileURLToPath(new URL(`../../../${threatsFile}`, import.meta.url));
writeFileSync(path, withThreats(readFileSync(path, "utf8"), threats));
