/**
 * The drafter behind `POST /draft` of a host that was started with `--draft`: the host's own catalogue, or the one that a request brings.
 * Never enforces anything, and never answers with a library's text.
 */
import { readCatalogue } from "../../catalogue/catalogue.ts";
import { err, ok } from "../../result.ts";
import type { Drafter } from "../../surfaces/hono.ts";
import { readCatalogueFile } from "../read/input.ts";
import { draftJson } from "./json.ts";
import { type DrafterOptions, openDrafter } from "./drafter.ts";

/** Codes of unusable requests; any other says that the planner cannot work. */
const malformed: ReadonlySet<string> = new Set(["INFER_NOW", "INFER_TASK", "INFER_TOOLS_MAX", "INFER_ZONE"]);

/** Opens what drafts for a host. Exit 2 for options that do not fit together. */
export async function openDrafting(
  options: DrafterOptions & { readonly catalog?: string },
): Promise<{ readonly drafter: Drafter; close(): Promise<void> }> {
  const own = await readCatalogueFile(options.catalog);
  const opened = await openDrafter(options);
  const drafter: Drafter = async ({ task, tools, now, zone }) => {
    const read = tools === undefined ? undefined : readCatalogue(tools);
    if (read !== undefined && !read.ok) {
      const [first] = read.error.filter(({ severity }) => severity === "error");
      const pointer = `/tools${first?.pointer ?? ""}`;
      return err({ kind: "malformed", pointer, message: first?.message ?? "this is no catalogue" });
    }
    const catalogue = read?.value ?? own;
    if (catalogue === undefined)
      return err({
        kind: "malformed",
        pointer: "/tools",
        message: "there are no tools: send them, or start the host with --catalog",
      });
    const given = { ...(now === undefined ? {} : { now }), ...(zone === undefined ? {} : { zone }) };
    const drafted = await opened.draft(task, catalogue, given);
    if (drafted.ok) return ok(draftJson(null, drafted.value, { decisions: true }));
    const { code, message } = drafted.error;
    return err({ kind: malformed.has(code) ? "malformed" : "unable", message: `${message} (${code})` });
  };
  return { drafter, close: () => opened.close() };
}
