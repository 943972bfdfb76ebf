/**
 * Links to the dashboard's own pages.
 * Never to anywhere else: a link is a pattern of ours with its holes filled, whatever the values are.
 */

/** Where the dashboard is mounted. */
export const dashboardRoot = "/dashboard";

/** What a query may hold; `undefined` and the empty text are left out. */
export type Query = { readonly [name: string]: string | number | undefined };

/**
 * The address of a page: its pattern with each `:name` filled, and a query.
 *
 * @example href("/sessions/:id", { id }, { only: "denials" })
 */
export function href(pattern: `/${string}`, params: { readonly [name: string]: string } = {}, query: Query = {}): string {
  const path = pattern.replace(/:(\w+)/g, (_, name: string) => segment(params[name] ?? ""));
  const entries = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [[name, String(value)] as [string, string]],
  );
  const text = new URLSearchParams(entries).toString();
  return `${dashboardRoot}${path === "/" ? "" : path}${text === "" ? "" : `?${text}`}`;
}

/** A segment of a path: no value of it climbs out. */
function segment(value: string): string {
  return value === "" || value === "." || value === ".." ? "-" : encodeURIComponent(value.replace(/\p{Cs}/gu, "\u{fffd}"));
}

/**
 * A path below the root that came with a form or a header, as an address: for going back to where one was. What is not one of ours is the
 * first page.
 */
export function ownAddress(at: string | undefined): string {
  const isOurs =
    at !== undefined &&
    at.length <= 2_000 &&
    /^\/(?![/\\])[\w/.~%:-]*(\?[\w/.~%:=&+*-]*)?$/.test(at) &&
    !/(^|\/)\.{1,2}(\/|$|\?)/.test(at);
  return isOurs ? `${dashboardRoot}${at === "/" ? "" : at}` : dashboardRoot;
}
