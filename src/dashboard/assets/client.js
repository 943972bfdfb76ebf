// Comforts of the dashboard: live updates, the reader's time, copying, keys. Every page works without it.
// It asks nobody but the server that the page is from, and makes no markup of texts: what it shows comes from that server, escaped.
const find = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const root = "/dashboard";

/** Says something to who cannot see it, and to nobody twice. */
function say(text) {
  const told = find("#told");
  if (told !== null && told.textContent !== text) told.textContent = text;
}

// Times: the server writes UTC; here they become the reader's own.
const dates = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
function distance(ms) {
  const seconds = Math.round(Math.abs(ms) / 1000);
  if (seconds < 5) return "now";
  const [size, unit] = [
    [86400, "d"],
    [3600, "h"],
    [60, "min"],
    [1, "s"],
  ].find(([length]) => seconds >= length * 2) ?? [1, "s"];
  const amount = `${Math.round(seconds / size)} ${unit}`;
  return ms < 0 ? `${amount} ago` : `in ${amount}`;
}
/** How far the server's clock is from this one. */
let skew = Number(document.body.dataset.now ?? Number.NaN) - Date.now();
if (!Number.isFinite(skew)) skew = 0;
function localTimes(within) {
  for (const element of all("time[datetime]", within)) {
    const at = Date.parse(element.dateTime);
    if (!Number.isFinite(at)) continue;
    if (element.dataset.away !== undefined) {
      element.textContent = distance(at - Date.now() - skew);
      element.title = dates.format(at);
    } else {
      element.title = element.dateTime;
      element.textContent = dates.format(at);
    }
  }
}

// Buttons that are of use only here.
function showButtons(within) {
  if (navigator.clipboard !== undefined) for (const button of all("button.copy[hidden]", within)) button.hidden = false;
}
async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy ?? "");
    button.classList.add("done");
    say("Copied.");
    setTimeout(() => button.classList.remove("done"), 1500);
  } catch {
    say("The browser does not allow copying.");
  }
}

// The main region is brought in line with what the server sends, in place: what has the focus keeps it, what is open stays open.
const kept = new Set(["open"]);
function align(from, to) {
  if (from.nodeType !== to.nodeType || from.nodeName !== to.nodeName || (from.id ?? "") !== (to.id ?? "")) {
    from.replaceWith(to);
    return;
  }
  if (from.nodeType !== Node.ELEMENT_NODE) {
    if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
    return;
  }
  if (from.isEqualNode(to)) return;
  for (const { name, value } of [...to.attributes])
    if (!kept.has(name) && from.getAttribute(name) !== value) from.setAttribute(name, value);
  for (const { name } of [...from.attributes]) if (!kept.has(name) && !to.hasAttribute(name)) from.removeAttribute(name);
  alignChildren(from, to);
}
function alignChildren(from, to) {
  const wanted = [...to.childNodes];
  const byId = new Map([...from.children].filter((child) => child.id !== "").map((child) => [child.id, child]));
  let at = from.firstChild;
  for (const next of wanted) {
    const same = next.nodeType === Node.ELEMENT_NODE && next.id !== "" ? byId.get(next.id) : undefined;
    if (same !== undefined && same !== at) from.insertBefore(same, at);
    const old = same ?? at;
    if (
      old === null ||
      (same === undefined && old.nodeType === Node.ELEMENT_NODE && old.id !== "" && find(`#${CSS.escape(old.id)}`, to) !== null)
    ) {
      from.insertBefore(next, at);
      continue;
    }
    at = old.nextSibling;
    align(old, next);
  }
  while (at !== null) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

/** Whether somebody is filling in a form: then the page stays as it is. */
function isWriting() {
  return all("main form[method=post] input:not([type=hidden]), main textarea, main form[method=post] select").some((control) =>
    control instanceof HTMLSelectElement
      ? ![...control.options].every((option) => option.selected === option.defaultSelected) && control === document.activeElement
      : control.type === "checkbox" || control.type === "radio"
        ? control.checked !== control.defaultChecked
        : control.value !== control.defaultValue,
  );
}

const live = find("[data-live]");
const topics = (find("#main")?.dataset.refresh ?? "").split(" ").filter((topic) => topic !== "");
let isPaused = false;
let isAwaited = false;
let isFetching = false;
let isScheduled = false;
let lastAt = 0;

function state(name, text) {
  if (live === null || live.dataset.state === name) return;
  live.dataset.state = name;
  find("[data-live-text]", live).textContent = text;
  say(text);
}

async function refresh() {
  isScheduled = false;
  if (isPaused || document.hidden || isWriting()) {
    isAwaited = true;
    return;
  }
  if (isFetching) return schedule();
  isFetching = true;
  isAwaited = false;
  lastAt = Date.now();
  try {
    const response = await fetch(location.href, {
      headers: { "sluice-fragment": "main", accept: "text/html" },
      credentials: "same-origin",
    });
    if (response.status === 401 || response.redirected) return location.reload();
    if (!response.ok) return;
    const next = new DOMParser().parseFromString(await response.text(), "text/html").body.firstElementChild;
    const main = find("#main");
    if (next === null || main === null) return;
    localTimes(next);
    showButtons(next);
    if (live !== null) for (const place of all("[data-live]", next)) place.replaceWith(live.cloneNode(true));
    const waiting = response.headers.get("sluice-waiting");
    for (const place of all("[data-waiting]")) {
      // Beside the number stands a word that is read out.
      if (place.firstChild !== null) place.firstChild.nodeValue = waiting ?? "";
      place.hidden = (waiting ?? "0") === "0";
    }
    const said = find("[data-live]", main)?.dataset.state;
    align(main, next);
    if (said !== undefined && live !== null) live.dataset.state = said;
  } catch {
    state("lost", "Connection lost");
  } finally {
    isFetching = false;
  }
}

/** Soon, but not more often than every second. */
function schedule() {
  if (isScheduled) return;
  isScheduled = true;
  setTimeout(refresh, Math.max(250, lastAt + 1000 - Date.now()));
}

function listen() {
  if (live === null || topics.length === 0) return;
  live.hidden = false;
  const source = new EventSource(`${root}/events?topics=${encodeURIComponent(topics.join(","))}`);
  let wasLost = false;
  source.addEventListener("open", () => {
    if (!isPaused) state("live", "Live");
    // What was missed meanwhile may be more than the server has kept.
    if (wasLost) schedule();
    wasLost = false;
  });
  source.addEventListener("error", () => {
    wasLost = true;
    if (!isPaused)
      state(
        "lost",
        source.readyState === EventSource.CLOSED ? "Connection lost: reload the page" : "Connection lost, trying again",
      );
  });
  for (const topic of topics) source.addEventListener(topic, schedule);
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}

function pause(button) {
  isPaused = !isPaused;
  button.textContent = isPaused ? "Go on" : "Pause";
  state(isPaused ? "paused" : "live", isPaused ? "Paused" : "Live");
  if (!isPaused && isAwaited) schedule();
}

// Keys: `?` lists them, `g` and a letter goes to a page.
const targets = new Map(all(".side a[data-key]").map((link) => [link.dataset.key, link]));
let isGoing = false;
let goingTimer;
function press(event) {
  const isText =
    event.target instanceof HTMLElement &&
    event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]") !== null;
  if (isText || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const keys = find("#keys");
  if (keys?.open === true) return;
  if (isGoing) {
    isGoing = false;
    clearTimeout(goingTimer);
    const link = targets.get(event.key);
    if (link !== undefined) {
      event.preventDefault();
      location.assign(link.href);
    }
    return;
  }
  if (event.key === "g") {
    isGoing = true;
    goingTimer = setTimeout(() => {
      isGoing = false;
    }, 1500);
  } else if (event.key === "?") {
    event.preventDefault();
    keys?.showModal();
  } else if (event.key === "p") find("[data-pause]")?.click();
  else if (event.key === "/") {
    const search = find("main input[type=search]");
    if (search !== null) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  } else if (event.key === "j" || event.key === "k") move(event.key === "j" ? 1 : -1);
}

/** Goes through the links that name rows. */
function move(by) {
  const links = all("main table.list tbody th[scope=row] a[href]");
  if (links.length === 0) return;
  const at = links.indexOf(document.activeElement);
  const next = links[at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + by))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", press);
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  if (button === null) return;
  if (button.dataset.copy !== undefined) copy(button);
  else if (button.dataset.pause !== undefined) pause(button);
  else if (button.dataset.keys !== undefined) find("#keys")?.showModal();
});
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm ?? "";
  if (question !== "" && !confirm(question)) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && isAwaited) schedule();
});
document.addEventListener("focusout", () => isAwaited && !isPaused && schedule());
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of all("details.menu[open]")) {
    menu.open = false;
    find("summary", menu)?.focus();
  }
});

for (const element of all("[data-needs-script]")) element.hidden = false;
localTimes(document);
showButtons(document);
setInterval(() => localTimes(find("#main") ?? document), 15000);
listen();
