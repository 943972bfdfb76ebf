/**
 * How VitePress builds the site of the pages that `docs/site/build.ts` lays out. Nothing is asked of other hosts: search is local.
 */
import { withMermaid } from "vitepress-plugin-mermaid";
import { parts } from "../pages.ts";

export default withMermaid({
  title: "Sluice",
  description: "A deterministic firewall between an AI agent and its tools",
  srcDir: "pages",
  outDir: "dist",
  cacheDir: "../../.cache/vitepress",
  cleanUrls: true,
  lastUpdated: false,
  markdown: {
    // Documents hold no markup and no templates: what looks like one is text.
    html: false,
    config: (md) => {
      for (const rule of ["text", "code_inline"] as const) {
        const render = md.renderer.rules[rule];
        md.renderer.rules[rule] = (...args) => (render?.(...args) ?? "").replaceAll("{{", "&#123;&#123;");
      }
    },
  },
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    nav: [
      { text: "Guide", link: "/first-plan" },
      { text: "Reference", link: "/reference/plan" },
      { text: "API", link: "/api/" },
    ],
    sidebar: parts.map(({ title, pages }) => ({
      text: title,
      collapsed: false,
      items: pages.map(({ title: text, to }) => ({ text, link: `/${to.replace(/(?:index)?\.md$/, "")}` })),
    })),
  },
});
