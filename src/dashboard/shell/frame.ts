/**
 * The frame of every page: head, menu, who is signed in, the main region; and the headers under which no page runs, loads or frames anything else.
 * Never an inline script, style or handler.
 */
import { html, raw } from "hono/html";
import type { ObserveStatus } from "../../surfaces/observe.ts";
import type { Seen } from "../dashboard.ts";
import type { LiveTopic } from "../live/event.ts";
import { assetAddresses } from "./assets.ts";
import { actForm } from "./forms.ts";
import { dashboardRoot, href } from "./href.ts";
import { sign } from "./pieces.ts";
import { brief, type Html, plainText } from "./text.ts";

/** A link of the menu. */
export interface MenuLink {
  readonly path: `/${string}`;
  readonly text: string;
  /** The letter after `g` that goes there. */
  readonly key: string | undefined;
}

/** Links under one heading. */
export interface MenuGroup {
  readonly title: string;
  readonly links: readonly MenuLink[];
}

/** How the page is lit: as the system is, or as the reader has chosen. */
export const themes = ["auto", "light", "dark"] as const;

/** How the page is lit. */
export type Theme = (typeof themes)[number];

/** What goes into the frame of a page. */
export interface Framed {
  readonly title: string;
  readonly body: Html | Promise<Html>;
  readonly seen: Seen;
  readonly menu: readonly MenuGroup[];
  /** Path of the link that is marked. */
  readonly current: string | undefined;
  readonly theme: Theme;
  /** How much waits for people; `undefined`: it cannot be told. */
  readonly waiting: number | undefined;
  readonly observing: ObserveStatus | undefined;
  readonly refresh: readonly LiveTopic[];
  readonly isWide: boolean;
}

/** Path whose link shows how much waits. */
const waitingPath = "/approvals";

/** The headers of every answer of the dashboard. */
export const pageHeaders: { readonly [name: string]: string } = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "cache-control": "no-store",
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
};

/** The main region alone: what a page is brought up to date with. */
export function mainRegion({ title, body, refresh, isWide, observing }: Framed): Html {
  const banner =
    observing?.mode !== "observe"
      ? ""
      : html`<div class="observing" role="alert">${sign("wait")}<div><strong>Nothing is enforced.</strong> Until ${observing.until} this firewall only observes: ${brief(observing.reason, 300)}</div></div>`;
  return html`<main id="main" tabindex="-1" class="${isWide ? "wide" : ""}" data-refresh="${refresh.join(" ")}">${banner}
<div class="page-head"><h1>${brief(title, 200)}</h1>${refresh.length === 0 ? "" : liveControl}</div>
${body}</main>`;
}

const liveControl = html`<div class="live" data-live hidden data-state=""><span class="dot" aria-hidden="true"></span><span data-live-text>Connecting</span><button type="button" data-pause>Pause</button></div>`;

/** A whole page. */
export async function framePage(framed: Framed): Promise<string> {
  const { title, theme, seen } = framed;
  const page = html`<!doctype html>
<html lang="en" data-theme="${theme}"><head>${head(title)}</head>
<body class="app" data-now="${seen.now}">
<a class="skip" href="#main">Skip to content</a>
<header class="topbar">${brand}<details class="menu"><summary>Menu${countOf(framed.waiting)}</summary><div class="sheet">${menu(framed, "Pages, folded")}${self(framed)}</div></details></header>
<div class="side">${brand}${menu(framed, "Pages")}${self(framed)}</div>
${mainRegion(framed)}
<div id="told" class="unseen" role="status" aria-live="polite"></div>
${keysDialog(framed.menu)}
</body></html>`;
  return String(await page);
}

/** A page that stands alone, before anybody is signed in. */
export async function framePlain({
  title,
  body,
  theme,
}: {
  readonly title: string;
  readonly body: Html | Promise<Html>;
  readonly theme: Theme;
}): Promise<string> {
  const page = html`<!doctype html>
<html lang="en" data-theme="${theme}"><head>${head(title)}</head>
<body class="alone"><main id="main"><div>${brand}</div><div class="panel"><h1>${title}</h1>${body}</div></main></body></html>`;
  return String(await page);
}

function head(title: string): Html {
  return html`<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">
<title>${plainText(title)} · Sluice</title>
<link rel="stylesheet" href="${assetAddresses.style}"><link rel="icon" type="image/svg+xml" href="${assetAddresses.icon}"><script type="module" src="${assetAddresses.client}"></script>`;
}

const brand = html`<a class="brand" href="${dashboardRoot}">${raw(
  '<svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" focusable="false"><path d="M5 3v18M19 3v18M5 7h14M5 11h14" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"/><path d="M3 17c2.200-2 4.400-2 6.500 0s4.300 2 6.500 0 3.600-1.600 5-.6" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"/></svg>',
)}Sluice</a>`;

function menu({ menu: groups, current, waiting }: Framed, label: string): Html {
  const link = ({ path, text, key }: MenuLink): Html =>
    html`<li><a href="${href(path)}" data-key="${key ?? ""}"${path === current ? html` aria-current="page"` : ""}>${text}${path === waitingPath ? countOf(waiting) : ""}</a></li>`;
  return html`<nav class="menu-groups" aria-label="${label}">${groups.map(
    ({ title, links }) => html`<div><h2>${title}</h2><ul>${links.map(link)}</ul></div>`,
  )}</nav>`;
}

function countOf(waiting = 0): Html {
  return html`<span class="count" data-waiting${waiting === 0 ? html` hidden` : ""}>${waiting}<span class="unseen"> waiting</span></span>`;
}

function self({ seen, theme }: Framed): Html {
  const { identity, at } = seen;
  const words: { readonly [T in Theme]: string } = { auto: "Auto", light: "Light", dark: "Dark" };
  const options = themes.map(
    (each) => html`<button name="theme" value="${each}" aria-pressed="${String(each === theme)}">${words[each]}</button>`,
  );
  const light = actForm({
    action: href("/theme"),
    seen,
    kind: "inline",
    body: html`<input type="hidden" name="at" value="${at}"><div class="themes" role="group" aria-label="Light or dark">${options}</div>`,
  });
  const leave =
    identity.via === "cookie"
      ? actForm({ action: href("/logout"), seen, kind: "inline", body: html`<button class="plain">Sign out</button>` })
      : "";
  return html`<div class="self"><p class="who">${brief(identity.name, 60)}<span>${identity.by === "host" ? `host, ${identity.role}` : identity.role}</span></p>${light}
<div class="actions"><button type="button" class="plain" data-keys data-needs-script hidden>Keys <kbd>?</kbd></button>${leave}</div></div>`;
}

function keysDialog(groups: readonly MenuGroup[]): Html {
  const links = groups.flatMap(({ links: list }) => list).filter(({ key }) => key !== undefined);
  const row = (keys: readonly string[], text: string): Html =>
    html`<dt>${keys.map((key, i) => html`${i === 0 ? "" : " "}<kbd>${key}</kbd>`)}</dt><dd>${text}</dd>`;
  return html`<dialog id="keys" aria-labelledby="keys-title"><h2 id="keys-title">Keys</h2><dl>${row(["?"], "this list")}${row(["/"], "search, where there is one")}${row(["j"], "next row")}${row(["k"], "row before")}${row(["p"], "pause live updates, and go on")}${links.map(
    ({ key, text }) => row(["g", key ?? ""], text),
  )}</dl><form method="dialog"><button class="primary">Close</button></form></dialog>`;
}
