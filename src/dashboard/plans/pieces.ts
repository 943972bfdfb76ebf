/**
 * Pieces of pages about plans: findings, counts of them, the nodes as a table, the plan's text.
 * Never a judgement of its own.
 */
import { html } from "hono/html";
import { canonicalJson } from "../../json/canonical.ts";
import type { Json } from "../../json/value.ts";
import type { Finding } from "../../plan/finding.ts";
import type { Plan } from "../../plan/plan.ts";
import { badge, brief, href, type Html, nothing, pretty, section, sentence, sentences, shown, table } from "../shell.ts";
import type { PlanLook } from "./look.ts";
import type { PlanVersion } from "./library.ts";

const tones = { error: "bad", warning: "wait", info: "info" } as const;

/** Findings, the worst first. */
export function findingList(findings: readonly Finding[]): Html {
  if (findings.length === 0) return nothing({ title: "No findings" });
  return html`<ul class="findings">${findings.map(
    ({ severity, code, pointer, message }) =>
      html`<li class="finding">${badge(tones[severity], severity)}<div>${sentence(message)}<div class="small muted"><code>${brief(pointer === "" ? "/" : pointer, 120)}</code> ${code}</div></div></li>`,
  )}</ul>`;
}

/** How many findings there are, by severity. */
export function findingCounts({ error, warning, info }: PlanVersion["findings"]): Html {
  if (error + warning + info === 0) return badge("good", "none");
  const part = (tone: "bad" | "wait" | "info", count: number, word: string): Html | string =>
    count === 0 ? "" : html`${badge(tone, `${count} ${word}${count === 1 ? "" : "s"}`)} `;
  return html`<span class="counts">${part("bad", error, "error")}${part("wait", warning, "warning")}${part("info", info, "note")}</span>`;
}

/** What was found about a plan: what who approves it approves, what can reach what, findings. */
export function lookParts({ worst, flows, findings }: PlanLook): Html {
  return html`<div class="columns">${section("What who approves it approves", worst.length === 0 ? html`<p>Nothing can be said before it has the form of a plan.</p>` : sentences(worst))}${section(
    "In the worst case",
    flows.length === 0 ? html`<p>No data that is not trusted can reach a place where it matters.</p>` : sentences(flows),
  )}</div>${section(`Findings (${findings.length})`, findingList(findings), { id: "findings" })}`;
}

/** The nodes, as the plan has them. */
export function nodeTable({ nodes }: Pick<Plan, "nodes">): Html {
  return table({
    caption: "Nodes of the plan",
    rows: Object.entries(nodes),
    columns: [
      { head: "Node", cell: ([name]) => html`<code>${brief(name)}</code>` },
      { head: "Tool", cell: ([, { tool }]) => html`<code>${brief(tool ?? "(a value)")}</code>` },
      {
        head: "Arguments",
        kind: "grow",
        cell: ([, node]) => html`<span class="text">${brief(canonicalJson((node.args ?? {}) as Json), 240)}</span>`,
      },
    ],
  });
}

/** The plan's text, folded, with a way to take it along. */
export function planText(plan: Plan, download?: string): Html {
  return html`<details class="part"><summary>The plan as JSON</summary><pre class="text"><bdi>${shown(pretty(plan as unknown as Json), { max: Number.POSITIVE_INFINITY })}</bdi></pre></details>${download === undefined ? "" : html`<p><a class="button" href="${download}" download>Download the frozen plan</a></p>`}`;
}

/** A digest in a link. */
export function versionText(digest: string): string {
  return digest.replace(/^sha256:/, "").slice(0, 16);
}

/** A link to a version of a plan. */
export function planLink(digest: string, text: string): Html {
  return html`<a href="${href("/plans/:digest", { digest })}">${brief(text)}</a>`;
}
