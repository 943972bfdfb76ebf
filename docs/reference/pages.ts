/**
 * The generated pages of the reference: path → text. `node docs/reference/write.ts` writes them, `test/docs` compares.
 */
import { planJsonSchema } from "../../src/plan/schema.ts";
import { codesReference } from "./codes.ts";
import { commandsReference } from "./commands.ts";
import { planReference } from "./plan-schema.ts";

const note = (from: string): string => `<!-- Made of ${from} by \`node docs/reference/write.ts\`. -->\n`;

/** All pages, by their path from the root. */
export async function referencePages(): Promise<Readonly<Record<string, string>>> {
  return {
    "docs/reference/plan.md": `# Plan reference

${note("`src/plan/schema.ts`")}
Every member of a plan, by the object that it stands in. The guide is [the plan language](../plan-language.md), the exact meaning
[src/README.md](../../src/README.md); editors read the same sentences in \`sluice/schema.json\`.

${planReference(planJsonSchema())}`,
    "docs/reference/codes.md": `# Codes

${note("the tables of codes in `src/`")}
Codes are part of the public interface: once released they are permanent.

${codesReference()}`,
    "docs/reference/commands.md": `# Commands

${note("what `--help` prints")}
Files are JSON or YAML, \`-\` is standard input. A catalogue may be \`starter:NAME\`. Exit codes: 0 success, 1 a denial or findings, 2 unusable
input (one line that says where), 3 a fault of Sluice.

${await commandsReference()}`,
  };
}
