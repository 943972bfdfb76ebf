/**
 * An address of every page of the table, for a desk with history: so that a page that somebody adds is looked at too.
 * Throws for a pattern that it does not know how to fill.
 */
import type { Json } from "../../src/json/value.ts";
import { pageGroups } from "../../src/dashboard/pages.ts";
import { must } from "../audit/fixture.ts";
import type { Desk } from "./fixture.ts";

/** An address, and what a picture of it is called. */
export interface Address {
  readonly name: string;
  readonly path: string;
}

/** What the addresses are of. */
export interface History {
  readonly session: string;
  readonly principal: string;
  readonly draft: string;
}

/** The place where an act leads. */
async function actOf(desk: Desk, path: string, body: Json): Promise<string> {
  const response = await fetch(`${desk.url}${path}`, {
    method: "POST",
    redirect: "manual",
    headers: { authorization: `Bearer ${desk.tokens.root}`, "content-type": "application/json", accept: "text/html" },
    body: JSON.stringify(body),
  });
  const to = response.headers.get("location");
  if (to === null) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return to.replace(/^\/dashboard/, "");
}

/** An address for each page. Asks for a report, and for a person by name. */
export async function addressesOf(desk: Desk, { session, principal, draft }: History): Promise<readonly Address[]> {
  const [call] = must(await desk.firewall.approvals());
  const [amendment] = must(await desk.firewall.waitingAmendments());
  const [guard] = desk.firewall.guards.values();
  const digest = guard?.digest ?? "";
  const known: { readonly [pattern: string]: () => Promise<string> | string } = {
    "/approvals/:id": () => `/approvals/${call?.id}`,
    "/amendments/:id": () => `/amendments/${amendment?.id}`,
    "/drafts/:id": () => `/drafts/${draft}`,
    "/plans/:digest": () => `/plans/${digest}`,
    "/plans/:digest/compare/:with": () => `/plans/${amendment?.plan}/compare/${digest}`,
    "/sessions/:session": () => `/sessions/${session}`,
    "/records/:seq": () => "/records/7",
    "/subjects/:id": () => actOf(desk, "/subjects/find", { name: principal }),
    "/reports/:id": () => actOf(desk, "/reports", { framework: "gdpr" }),
  };
  const found: Address[] = [];
  for (const { path } of pageGroups.flatMap(({ pages }) => pages)) {
    const name =
      path === "/"
        ? "live"
        : path
            .slice(1)
            .replace(/\/:\w+/g, "-one")
            .replaceAll("/", "-");
    if (!path.includes(":")) found.push({ name, path });
    else {
      const fill = known[path];
      if (fill === undefined) throw new Error(`test/dashboard/addresses.ts does not know ${path}`);
      found.push({ name, path: await fill() });
    }
  }
  return found;
}
