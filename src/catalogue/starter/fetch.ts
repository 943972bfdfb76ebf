/**
 * What the tool of `mcp-server-fetch` does.
 * Pure data. Never takes a page for anything but its author's text.
 */
import { type StarterServer, tool } from "./facts.ts";

/** What both the fetcher and the browser say of pages. */
export const webLabels: StarterServer["labels"] = {
  web_content: { integrity: "untrusted", description: "pages of the web: whoever runs or fills the site wrote them" },
};

/** Pages of the web. */
export const fetch: StarterServer = {
  server: "fetch",
  title: "pages of the web",
  label: "web_content",
  labels: webLabels,
  tools: {
    fetch: tool(
      ["read", "network"],
      { target: "url", control: "max_length start_index raw" },
      {
        audience: "public",
        idempotent: true,
        why: "The address is where the request goes, and with it whatever was put into the address: it is a target although nothing is written.",
      },
    ),
  },
};
