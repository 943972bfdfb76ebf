/**
 * What the tools of `@playwright/mcp` do.
 * Pure data. Never takes a page for anything but its author's text, and never a click for harmless: the user is logged in somewhere.
 */
import type { Effect } from "../../plan/plan.ts";
import { webLabels } from "./fetch.ts";
import { type RoleTable, type StarterServer, type StarterTool, tool } from "./facts.ts";

/** Looks at the page. Each of these can also write its answer to a file that `filename` names. */
const looks = (table: RoleTable, why: string): StarterTool =>
  tool(
    ["read", "write", "network"],
    { ...table, target: "filename" },
    {
      resource: [
        { template: "page:current", access: "read" },
        { template: "file:{filename}", access: "write" },
      ],
      audience: [],
      idempotent: true,
      why,
    },
  );

/** Acts on the page, which may send what it is given to anybody. */
const acts = (table: RoleTable, why: string, more: readonly Effect[] = []): StarterTool =>
  tool(["read", "write", "network", ...more], table, {
    resource: { template: "page:current", access: "both" },
    audience: "public",
    idempotent: false,
    why,
  });

/** Acts on the page with files of the disk, which other tools of this server may have written. */
const gives = (table: RoleTable, why: string): StarterTool => ({
  ...acts(table, why),
  resource: [
    { template: "page:current", access: "both" },
    { template: "file:{paths}", access: "read" },
  ],
});

/** Changes how the page is shown. Nothing is sent. */
const shows = (table: RoleTable, why: string): StarterTool =>
  tool(["read", "write", "network"], table, {
    resource: { template: "page:current", access: "both" },
    audience: "public",
    idempotent: true,
    why,
  });

const inFile = "With `filename` the answer goes to a file, so the name is a target and the tool writes.";
const onPage = "Which element is meant steers: on a page with a log-in a click is the user's word. `element` is text for people.";

/** A browser under remote control. */
export const browser: StarterServer = {
  server: "browser",
  title: "a browser under remote control (Playwright)",
  label: "web_content",
  labels: webLabels,
  // What was typed into a page is read again from it.
  resource: "page:current",
  tools: {
    browser_navigate: acts(
      { target: "url" },
      "The address is where the request goes, and with it whatever was put into the address.",
    ),
    browser_navigate_back: acts({}, "Goes where the page before was: a page can put itself there."),
    browser_tabs: acts({ target: "url index", control: "action" }, "May open an address and close what the user has open."),
    browser_click: acts({ target: "target", content: "element", control: "doubleClick button modifiers" }, onPage),
    browser_drag: acts({ target: "startTarget endTarget", content: "startElement endElement" }, onPage),
    browser_hover: acts({ target: "target", content: "element" }, onPage),
    browser_select_option: acts({ target: "target", control: "values", content: "element" }, onPage),
    browser_type: acts(
      { target: "target", content: "element text", control: "submit slowly" },
      "The page gets the text, at the latest when it is submitted; `target` chooses the field.",
    ),
    browser_fill_form: acts(
      { target: "fields fields.target", content: "fields.element fields.name fields.value", control: "fields.type" },
      "As browser_type for several fields: within `fields` only the texts are content.",
    ),
    browser_press_key: acts({ control: "key" }, "A key acts on whatever has the focus (Enter submits), so it steers."),
    browser_handle_dialog: acts({ control: "accept", content: "promptText" }, "Accepting a dialog is the user's word."),
    browser_file_upload: gives(
      { selector: "paths" },
      "Gives files of the disk to the page: `paths` chooses which, so it steers.",
    ),
    browser_drop: gives(
      { target: "target", selector: "paths", content: "element data" },
      "Gives files of the disk, or texts, to the page: `paths` chooses which, so it steers.",
    ),
    browser_evaluate: acts(
      { command: "function", target: "target filename", content: "element" },
      "Runs code in the page, with the user's log-in; with `filename` the answer goes to a file.",
      ["execute"],
    ),
    browser_run_code_unsafe: acts(
      { command: "code filename" },
      "Runs code in the server's own process; `filename` names a file with such code, so it is a command too.",
      ["execute"],
    ),
    browser_close: shows({}, "Throws away what was typed."),
    browser_resize: shows({ control: "width height" }, "Pages see the size."),
    browser_emulate_media: shows({ control: "colorScheme reducedMotion forcedColors contrast media" }, "Pages see the settings."),
    browser_wait_for: tool(
      ["read", "network"],
      { control: "time", selector: "text textGone" },
      { audience: [], idempotent: true, why: "What is waited for is compared with the page here and sent nowhere." },
    ),
    browser_snapshot: looks({ selector: "target", control: "depth boxes" }, inFile),
    browser_find: looks({ selector: "text regex" }, `What is looked for is compared here and sent nowhere. ${inFile}`),
    browser_take_screenshot: looks({ selector: "target", content: "element", control: "type fullPage scale" }, inFile),
    browser_console_messages: looks({ control: "level all" }, `Messages are the page's. ${inFile}`),
    browser_network_requests: looks({ selector: "filter", control: "static" }, `Addresses are the page's. ${inFile}`),
    browser_network_request: looks(
      { selector: "index part" },
      `Headers may hold the user's log-in: give the label readers where that matters. ${inFile}`,
    ),
  },
};
