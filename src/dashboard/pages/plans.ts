/**
 * The library of plans: what is in force, which versions there are, and the drafts that wait.
 * Never a plan of unknown digest.
 */
import { html } from "hono/html";
import { err, ok } from "../../result.ts";
import type { Page } from "../dashboard.ts";
import { draftsOf } from "../plans/drafts.ts";
import { libraryOf, type PlanVersion } from "../plans/library.ts";
import { findingCounts, planLink } from "../plans/pieces.ts";
import { badge, brief, digest, grouped, href, type Html, nothing, section, table } from "../shell.ts";

/** The library. */
export interface PlansModel {
  /** By name, each with its versions, what is in force first. */
  readonly plans: readonly { readonly name: string; readonly versions: readonly PlanVersion[] }[];
  /** Plans of the store that are not listed. */
  readonly left: number;
  /** Drafts that wait. */
  readonly drafts: number;
}

/** The page. */
export const plansPage: Page<PlansModel> = {
  path: "/plans",
  title: "Plans",
  role: "viewer",
  nav: "Plans",
  refresh: ["plan"],
  load: async (world) => {
    const [library, drafts] = [await libraryOf(world), await draftsOf(world).list()];
    if (!library.ok) return err(library.error);
    if (!drafts.ok) return err(drafts.error);
    const byName = new Map<string, PlanVersion[]>();
    for (const version of library.value.plans) byName.set(version.name, [...(byName.get(version.name) ?? []), version]);
    return ok({
      plans: [...byName].map(([name, versions]) => ({ name, versions })),
      left: library.value.left,
      drafts: drafts.value.filter(({ status }) => status === "waiting").length,
    });
  },
  view: ({ plans, left, drafts }) => {
    const inForce = plans.filter(({ versions }) => versions.some(({ isInForce }) => isInForce));
    const kept = plans.filter(({ versions }) => !versions.some(({ isInForce }) => isInForce));
    const draftLink = html`<a class="button" href="${href("/drafts")}">Drafts${drafts === 0 ? "" : ` (${drafts} waiting)`}</a>`;
    return html`${section("In force", planTable("Plans in force", inForce), { aside: draftLink })}
${kept.length === 0 ? "" : section("Kept, not in force", planTable("Plans that are kept", kept))}
${left === 0 ? "" : html`<p class="muted">${grouped(left)} more plans of the store are not listed.</p>`}`;
  },
};

function planTable(caption: string, plans: PlansModel["plans"]): Html {
  return table({
    caption,
    rows: plans,
    empty: nothing({
      title: "No plan is in force",
      text: "Without one every call is denied. Start Sluice with --plan FILE, or hand in a draft here.",
    }),
    columns: [
      {
        head: "Plan",
        kind: "grow",
        cell: ({ name, versions: [first] }) =>
          html`${planLink(first?.digest ?? "", name)}${first?.task === undefined ? "" : html`<div class="small muted">${brief(first.task, 160)}</div>`}`,
      },
      { head: "Version", cell: ({ versions: [first] }) => digest(first?.digest ?? "", { length: 16 }) },
      { head: "Versions", kind: "number", cell: ({ versions }) => versions.length },
      { head: "Nodes", kind: "number", cell: ({ versions: [first] }) => grouped(first?.nodes ?? 0) },
      { head: "Findings", cell: ({ versions: [first] }) => (first === undefined ? "" : findingCounts(first.findings)) },
      {
        head: "Signed",
        cell: ({ versions: [first] }) => (first?.isSigned === true ? badge("good", "signed") : badge("plain", "no")),
      },
    ],
  });
}
