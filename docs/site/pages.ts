/**
 * The pages of the documentation site: which document of the project is which page, in which part of the side bar.
 * Data, and the links between pages. Never a text of its own: what the site says stands in the documents.
 */
import { dirname, join, normalize, relative } from "node:path/posix";

/** A document as a page. `title` is what the side bar calls it. */
export interface Page {
  readonly from: string;
  readonly to: string;
  readonly title: string;
}

const guide = (name: string, title: string): Page => ({ from: `docs/${name}.md`, to: `${name}.md`, title });

/** The side bar. */
export const parts: readonly { readonly title: string; readonly pages: readonly Page[] }[] = [
  {
    title: "Start",
    pages: [
      { from: "README.md", to: "index.md", title: "Sluice" },
      guide("first-plan", "A first plan"),
      guide("drafting", "Drafting plans"),
      guide("parameters", "Parameters"),
      guide("catalogues", "Catalogues"),
    ],
  },
  {
    title: "Mount it",
    pages: [
      guide("middleware", "Middleware"),
      guide("runtimes", "Node, Bun, Deno, Workers"),
      guide("surfaces", "Surfaces"),
      guide("mcp", "MCP"),
      guide("python", "Python"),
      guide("http-proxy", "HTTP proxy"),
      guide("model-proxy", "Model APIs"),
      guide("sdks", "SDKs"),
      guide("coding-agents", "Coding agents"),
      guide("agents", "Agents that call agents"),
    ],
  },
  {
    title: "Govern it",
    pages: [
      guide("policies", "Policies"),
      guide("approval", "Approval, amendments"),
      guide("audit", "Audit and reports"),
      guide("dashboard", "Dashboard"),
      guide("access", "Access"),
    ],
  },
  {
    title: "Run it",
    pages: [
      guide("stores", "Stores"),
      guide("deployments", "Deployments"),
      guide("operation", "Operation"),
      guide("runbook", "Runbook"),
    ],
  },
  {
    title: "Look up",
    pages: [
      guide("plan-language", "The plan language"),
      guide("reference/plan", "Every member of a plan"),
      guide("reference/commands", "Commands"),
      guide("reference/settings", "Settings"),
      guide("reference/codes", "Codes"),
      guide("reference/limits", "Limits"),
      guide("denials", "Denials"),
      guide("soundness", "Soundness and limits"),
      guide("evidence", "Evidence"),
      guide("figures", "Figures"),
    ],
  },
  {
    title: "Know it",
    pages: [
      { from: "src/README.md", to: "architecture.md", title: "Architecture" },
      { from: "plans/README.md", to: "examples.md", title: "Example plans" },
      { from: "plans/policy/README.md", to: "example-policy.md", title: "Example policy" },
      { from: "bench/README.md", to: "benchmarks.md", title: "Benchmarks" },
      { from: "models/README.md", to: "models.md", title: "Models" },
      { from: "test/vectors/README.md", to: "vectors.md", title: "Conformance vectors" },
      { from: ".github/CONTRIBUTING.md", to: "contributing.md", title: "Contributing" },
      { from: ".github/SECURITY.md", to: "security.md", title: "Security" },
      { from: "CHANGELOG.md", to: "changelog.md", title: "Changes" },
    ],
  },
];

/** All pages. */
export const pages: readonly Page[] = parts.flatMap((part) => part.pages);

/**
 * A document's text as its page: links to documents lead to their pages, links to other files of the project to the repository, or, where
 * nobody said where that is, to nothing. `images` gets the files that the page shows.
 */
export function pageText({ from, to }: Page, text: string, repository: string | undefined, images: Set<string>): string {
  const target = (path: string): string => (path === "" ? from : normalize(join(dirname(from), path)));
  return outsideCode(text, (part) =>
    part.replace(
      /(!?)\[([^\]]*)\]\((?!https?:)([^)#\s]*)(#[^)\s]*)?\)/g,
      (_, image: string, words: string, path: string, anchor = "") => {
        const wanted = target(path);
        if (image === "!") {
          images.add(wanted);
          return `![${words}](/${wanted})`;
        }
        const page = pages.find((each) => each.from === wanted);
        if (page !== undefined) return `[${words}](${relative(dirname(to), page.to) || page.to}${anchor})`;
        return repository === undefined ? words : `[${words}](${repository}/blob/main/${wanted}${anchor})`;
      },
    ),
  );
}

/** Changes a Markdown text where it is no block of code. Remarks to whoever edits it are left out, and what tests say of a block. */
function outsideCode(text: string, change: (part: string) => string): string {
  return text
    .split(/(^```[\s\S]*?^```$)/m)
    .map((part, i) => (i % 2 === 1 ? part.replace(/^```(\w+)[^\n]*/, "```$1") : change(part.replace(/^<!--[\s\S]*?-->\n/gm, ""))))
    .join("");
}
