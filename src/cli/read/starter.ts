/**
 * Starter catalogues on a command line: `starter:github,work=slack`, each under its usual server's name or the one before the `=`.
 * Never guesses: a name that is no starter, or one server twice, is an error of one line.
 */
import { isName } from "../../catalogue/declared.ts";
import type { StarterName } from "../../catalogue/starter/starter.ts";
import type { Json } from "../../json/value.ts";
import { err, ok, type Result } from "../../result.ts";

const prefix = "starter:";

/** A starter and the name that its server goes by. */
export interface StarterChoice {
  readonly starter: StarterName;
  readonly server?: string;
}

/** Whether a source names starter catalogues and no file. A file of such a name is `./starter:…`. */
export function isStarterSource(source: string): boolean {
  return source.startsWith(prefix);
}

/** Reads `NAME` or `SERVER=NAME`. The error is a sentence with the names that there are. */
async function readStarterChoice(text: string): Promise<Result<StarterChoice, string>> {
  const { isStarterName, starterNames } = await import("../../catalogue/starter/starter.ts");
  const at = text.indexOf("=");
  const name = text.slice(at + 1);
  if (!isStarterName(name)) return err(`there is no starter catalogue "${name}"; there are ${starterNames.join(", ")}`);
  if (at < 0) return ok({ starter: name });
  const server = text.slice(0, at);
  if (!isName(server)) return err(`"${server}": a server's name has letters, digits, "_", "." and "-" only`);
  return ok({ starter: name, server });
}

/** Several choices, or the first error. */
export async function readStarterChoices(texts: readonly string[]): Promise<Result<readonly StarterChoice[], string>> {
  const choices: StarterChoice[] = [];
  for (const text of texts) {
    const choice = await readStarterChoice(text);
    if (!choice.ok) return choice;
    choices.push(choice.value);
  }
  return ok(choices);
}

/** Starter catalogues as one catalogue file. An error if two have one server's name. */
export async function starterFile(choices: readonly StarterChoice[]): Promise<Result<Json, string>> {
  const { combineCatalogues, starterCatalogue } = await import("../../catalogue/starter/starter.ts");
  const files = choices.map(({ starter, server }) => starterCatalogue(starter, server === undefined ? {} : { server }));
  const [first] = files;
  if (files.length === 1 && first !== undefined) return ok(first);
  const combined = combineCatalogues(files);
  return combined.ok ? combined : err(`${combined.error[0]?.message ?? "they do not go together"}, as in work=github`);
}

/** The catalogue that `starter:…` names. */
export async function readStarterSource(source: string): Promise<Result<Json, string>> {
  const choices = await readStarterChoices(source.slice(prefix.length).split(","));
  return choices.ok ? await starterFile(choices.value) : choices;
}
