/**
 * The generated pages of the reference: path → text. `node docs/reference/write.ts` writes them, `test/docs` compares.
 */
import { planJsonSchema } from "../../src/plan/schema.ts";
import { codesReference } from "./codes.ts";
import { commandsReference } from "./commands.ts";
import { limitsReference } from "./limits.ts";
import { planReference } from "./plan-schema.ts";
import { settingsReference } from "./settings.ts";

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
    "docs/reference/settings.md": `# Settings

${note("`src/cli/config/form.ts`, `src/cli/config/settings.ts`, `src/worker/settings.ts` and `src/stores/cloudflare/bindings.ts`")}
Default < file < environment < command line; policies of all of them hold together. An empty default is none. \`sluice config check FILE\` says
what is wrong with a file, \`sluice config show COMMAND\` what holds and from where. Options that are no settings are among the
[commands](commands.md), the guide is [operation](../operation.md). An application that mounts the middleware gives the same to \`createFirewall\`.

${await settingsReference()}`,
    "docs/reference/limits.md": `# Limits

${note("`src/limits.ts`")}
Every loop over input is bounded by one of these. None can be raised by a plan or a setting, but those that are called a default; a plan's own
\`limits\` and the [settings](settings.md) are lower. An empty code: what is beyond is cut off, forgotten or waits, as the reason says, or the
schema of the document refuses it.

${limitsReference()}`,
  };
}
