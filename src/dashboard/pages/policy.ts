/**
 * The policies in force: what they rule, which plans each binds, and what linting says of them.
 * Never changes one: a policy is a file of the operator's.
 */
import { html } from "hono/html";
import { ok } from "../../result.ts";
import type { Finding } from "../../plan/finding.ts";
import type { Page } from "../dashboard.ts";
import { type BoundPlan, type PoliciesInForce, type PolicyInForce, type PolicyRule, policiesOf } from "../record/policies.ts";
import {
  badge,
  block,
  brief,
  digest,
  facts,
  grouped,
  href,
  type Html,
  notice,
  nothing,
  section,
  shown,
  table,
  type Tone,
} from "../shell.ts";

/** The policies. */
export const policyPage: Page<PoliciesInForce> = {
  path: "/policy",
  title: "Policy",
  role: "viewer",
  nav: "Policy",
  refresh: ["plan"],
  load: async (world) => ok(policiesOf(world)),
  view: ({ policies, unbound, planCount }) => {
    if (policies.length === 0)
      return nothing({
        title: "No policy is in force",
        text: html`A policy is an organisation's standing rules, which every plan must satisfy: when it is frozen, and again at every call. Start the server with <code>--policy policy.yaml</code>, and freeze plans with it.${
          planCount === 0 ? "" : html` ${grouped(planCount)} ${planCount === 1 ? "plan is" : "plans are"} in force without one.`
        }`,
      });
    return html`${
      unbound.length === 0
        ? ""
        : notice(
            "wait",
            html`No policy binds ${unbound.length === 1 ? "one plan" : `${grouped(unbound.length)} plans`} in force: ${planLinks(unbound)}`,
          )
    }${policies.map(policyPart)}`;
  },
};

const origins: { readonly [O in PolicyInForce["origins"][number]]: string } = {
  today: "today's: this process was started with it",
  frozen: "frozen with plans: it binds them wherever they are enforced",
};

function policyPart({ digest: id, name, description, origins: from, plans, rules, findings, whole }: PolicyInForce): Html {
  const worst = findings.filter(({ severity }) => severity !== "info").length;
  return section(
    `Policy ${name}`,
    html`${description === undefined ? "" : html`<div class="lead">${shown(description)}</div>`}${facts([
      ["In force as", from.map((origin) => origins[origin]).join("; ")],
      ["Binds", plans.length === 0 ? "no plan that is in force" : planLinks(plans)],
      ["Digest", digest(id)],
    ])}${
      findings.length === 0
        ? html`<p>${badge("good", "no findings")}</p>`
        : html`<h3 class="r-h">Findings</h3>${findingList(findings)}`
    }<h3 class="r-h">Rules</h3>${table<PolicyRule>({
      caption: `Rules of ${name}`,
      columns: [
        { head: "Kind", kind: "short", cell: ({ kind }) => kind },
        { head: "Name", cell: (rule) => (rule.name === undefined ? "" : brief(rule.name, 60)) },
        { head: "Says", kind: "grow", cell: ({ says }) => shown(says) },
      ],
      rows: rules,
      empty: nothing({ title: "It rules nothing" }),
    })}<details class="r-whole"><summary>As it is written</summary>${block(whole)}</details>`,
    {
      id: `policy-${id.slice(0, 12)}`,
      aside: worst === 0 ? html`` : badge("wait", worst === 1 ? "1 finding" : `${worst} findings`),
    },
  );
}

function planLinks(plans: readonly BoundPlan[]): Html {
  return html`<span class="r-seqs">${plans.map(
    ({ digest: id, name }) => html`<a href="${href("/plans/:digest", { digest: id })}">${brief(name, 40)}</a>`,
  )}</span>`;
}

const tones: { readonly [S in Finding["severity"]]: Tone } = { error: "bad", warning: "wait", info: "info" };

/** Findings, the worst first. */
export function findingList(findings: readonly Finding[]): Html {
  return html`<ul class="findings">${findings.map(
    ({ code, severity, pointer, message }) =>
      html`<li>${badge(tones[severity], severity)} <code>${code}</code> <span class="muted small">${brief(pointer, 80)}</span><div>${shown(message)}</div></li>`,
  )}</ul>`;
}
