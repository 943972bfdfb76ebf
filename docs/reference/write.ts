/** Writes the generated pages of the reference: `node docs/reference/write.ts` */
import { writeFileSync } from "node:fs";
import { referencePages } from "./pages.ts";

for (const [path, text] of Object.entries(await referencePages())) writeFileSync(new URL(`../../${path}`, import.meta.url), text);
