/**
 * The documents that a reader follows, in the order of the site, and which of them goes on with the files of which.
 * Data alone.
 */

/** A document, by its path from the root. `after`: whoever reads it has done what that one says, in the same folder. */
export interface Document {
  readonly path: string;
  readonly after?: string;
}

export const documents: readonly Document[] = [
  { path: "README.md" },
  { path: "docs/first-plan.md" },
  { path: "docs/drafting.md" },
  { path: "docs/parameters.md", after: "docs/first-plan.md" },
  { path: "docs/catalogues.md" },
  { path: "docs/middleware.md", after: "docs/first-plan.md" },
  { path: "docs/runtimes.md", after: "docs/first-plan.md" },
  { path: "docs/surfaces.md" },
  { path: "docs/mcp.md" },
  { path: "docs/python.md" },
  { path: "docs/http-proxy.md" },
  { path: "docs/model-proxy.md" },
  { path: "docs/sdks.md" },
  { path: "docs/coding-agents.md" },
  { path: "docs/agents.md" },
  { path: "docs/policies.md", after: "docs/first-plan.md" },
  { path: "docs/approval.md", after: "docs/policies.md" },
  { path: "docs/audit.md", after: "docs/first-plan.md" },
  { path: "docs/dashboard.md" },
  { path: "docs/access.md", after: "docs/audit.md" },
  { path: "docs/stores.md" },
  { path: "docs/deployments.md" },
  { path: "docs/operation.md", after: "docs/first-plan.md" },
  { path: "docs/runbook.md", after: "docs/audit.md" },
  { path: "docs/plan-language.md" },
  { path: "docs/denials.md" },
  { path: "docs/soundness.md" },
  { path: "docs/evidence.md" },
  { path: "docs/figures.md" },
];

/** A document with those that it goes on from, the first one first. */
export function chainOf(path: string): readonly string[] {
  const found = documents.find((document) => document.path === path);
  if (found === undefined) throw new Error(`${path} is no document of the table`);
  return found.after === undefined ? [path] : [...chainOf(found.after), path];
}
