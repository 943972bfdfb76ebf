/**
 * What one plan lets through that another does not, as a list: what opens something comes first.
 * Never says that nothing was found where nothing could be shown.
 */
import { html } from "hono/html";
import type { PlanChange, Relation } from "../../amend/diff.ts";
import { badge, block, brief, type Html, nothing, sentence as sentenceOf, type Tone } from "../shell.ts";

const order: readonly Relation[] = ["wider", "incomparable", "narrower", "same"];

/** How a relation looks: what opens something is to be looked at. */
export function relationTone(relation: Relation): Tone {
  return relation === "wider" || relation === "incomparable" ? "wait" : "good";
}

/** The changes, each with where it is and an example of what it lets through. */
export function changeList(changes: readonly PlanChange[]): Html {
  if (changes.length === 0) return nothing({ title: "The same calls are allowed" });
  const sorted = [...changes].sort((a, b) => order.indexOf(a.relation) - order.indexOf(b.relation));
  return html`<ul class="diff">${sorted.map(changeItem)}</ul>`;
}

function changeItem({ relation, before, after, sentence, witness }: PlanChange): Html {
  const example =
    witness === undefined
      ? ""
      : html`<div class="agent-wrote"><span class="muted small">For example</span>${block(witness)}</div>`;
  return html`<li class="${relation}"><div>${badge(relationTone(relation), relation)} <code>${brief(after ?? before ?? "", 120)}</code></div><div>${sentenceOf(sentence)}</div>${example}</li>`;
}
