/**
 * One version of a plan: its picture, what it lets happen at worst, findings, policy, and how it compares with its other versions.
 * Never shows a plan whose text does not have its digest.
 */
import { html } from "hono/html";
import type { Json } from "../../json/value.ts";
import { writeFrozen } from "../../plan/freeze.ts";
import { catalogueOf } from "../../plan/freeze-resolve.ts";
import type { FrozenPlan, Plan } from "../../plan/plan.ts";
import { policyOf } from "../../policy/frozen.ts";
import { err, ok } from "../../result.ts";
import type { Download, Page } from "../dashboard.ts";
import { planGraph } from "../graph/plan-graph.ts";
import { isPlanRevoked, libraryOf, planOf, type PlanVersion } from "../plans/library.ts";
import { lookAt, type PlanLook } from "../plans/look.ts";
import { findingCounts, lookParts, nodeTable, planLink, planText, versionText } from "../plans/pieces.ts";
import { badge, block, brief, digest as digestOf, facts, href, type Html, notice, section, shown, table } from "../shell.ts";

/** A version of a plan. */
export interface PlanModel {
  readonly digest: string;
  readonly plan: Plan;
  readonly tools: readonly string[];
  readonly isInForce: boolean;
  readonly isRevoked: boolean;
  readonly isSigned: boolean;
  readonly approvals: number;
  readonly look: PlanLook;
  readonly policy?: Json;
  /** Other versions of the same name. */
  readonly versions: readonly PlanVersion[];
}

/** The page. */
export const planPage: Page<PlanModel> = {
  path: "/plans/:digest",
  title: "Plan",
  titleOf: ({ plan }) => plan.name,
  role: "viewer",
  under: "/plans",
  isWide: true,
  load: async (world, c) => {
    const found = await planOf(world, c.req.param("digest") ?? "");
    if (!found.ok) return found;
    const frozen = found.value;
    const { digest, plan, policy } = frozen;
    const [library, revoked] = [await libraryOf(world), await isPlanRevoked(world, digest)];
    if (!library.ok) return err(library.error);
    if (!revoked.ok) return err(revoked.error);
    return ok({
      digest,
      plan,
      tools: Object.keys(frozen.tools).sort(),
      isInForce: world.enforcer.guards.get(digest) !== undefined,
      isRevoked: revoked.value,
      isSigned: frozen.signature !== undefined,
      approvals: frozen.approvals?.length ?? 0,
      look: lookAt(plan, catalogueOf(frozen), policyOf(frozen)),
      ...(policy === undefined ? {} : { policy: policy as unknown as Json }),
      versions: library.value.plans.filter((version) => version.name === plan.name && version.digest !== digest),
    });
  },
  view: (model) => {
    const { digest, plan, tools, isInForce, isRevoked, isSigned, approvals, look, policy, versions } = model;
    return html`${isRevoked ? notice("bad", "This plan is revoked: no session of it is allowed anything.") : ""}
${plan.task === undefined ? "" : html`<div class="lead">${shown(plan.task)}</div>`}
${facts([
  ["State", isInForce ? badge("good", "in force") : badge("plain", "not in force")],
  ["Version", digestOf(digest, { length: 20 })],
  ["Nodes", Object.keys(plan.nodes).length],
  ["Tools", html`${brief(tools.join(", "), 200)}`],
  ["Signature", isSigned ? "signed" : "none"],
  ["Approvals signed", approvals],
])}
${section("The plan as a picture", planGraph({ digest, plan }))}
${lookParts(look)}
${section("Nodes", nodeTable(plan))}
${versions.length === 0 ? "" : section("Other versions", versionTable(digest, versions))}
${policy === undefined ? "" : section("Policy that was frozen with it", block(policy))}
${planText(plan, href("/plans/:digest/frozen.json", { digest }))}`;
  },
};

function versionTable(digest: string, versions: readonly PlanVersion[]): Html {
  return table({
    caption: "Other versions of this plan",
    rows: versions,
    columns: [
      { head: "Version", kind: "grow", cell: (version) => planLink(version.digest, versionText(version.digest)) },
      { head: "State", cell: ({ isInForce }) => (isInForce ? badge("good", "in force") : badge("plain", "kept")) },
      { head: "Nodes", kind: "number", cell: ({ nodes }) => nodes },
      { head: "Findings", cell: ({ findings }) => findingCounts(findings) },
      {
        head: "Compare",
        cell: (version) =>
          html`<a href="${href("/plans/:digest/compare/:with", { digest: version.digest, with: digest })}">What this page's version opens</a>`,
      },
    ],
  });
}

/** The frozen plan, as the file that `--plan` takes. */
export const planDownload: Download = {
  path: "/plans/:digest/frozen.json",
  role: "viewer",
  run: async (world, c) => {
    const found = await planOf(world, c.req.param("digest") ?? "");
    return found.ok ? fileOf(found.value) : c.notFound();
  },
};

function fileOf(frozen: FrozenPlan): Response {
  return new Response(writeFrozen(frozen), {
    headers: {
      "content-type": "application/json",
      // A name of a plan is letters, digits, `_`, `.` and `-`.
      "content-disposition": `attachment; filename="${frozen.plan.name.replace(/[^\w.-]/g, "_")}.frozen.json"`,
    },
  });
}
