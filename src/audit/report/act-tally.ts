/**
 * Flows that were refused, people who were erased, and what administrators did.
 * Pure; bounded. A tool that no plan has is an agent's own word, and is not named here.
 */
import { type Code, CODES } from "../../codes.ts";
import { reportRowsMax } from "./bounds.ts";
import { type AuditKind, noteKinds } from "../record.ts";
import type { Row } from "./form.ts";
import { addTo, type Point, type Proof, proofOf, timeText } from "./proof.ts";
import { textFact, textsFact } from "./facts.ts";
import { byText, type Groups, openGroups, type Rows, type Taken, within } from "./tally.ts";

interface Refused {
  readonly plan: string;
  readonly node: string | undefined;
  readonly tool: string | undefined;
  readonly code: string;
  readonly rule: string | undefined;
  readonly labels: readonly string[];
  readonly proof: Proof;
}

interface Act {
  readonly kind: AuditKind;
  readonly what: string | undefined;
  readonly by: string | undefined;
  readonly proof: Proof;
}

/** Counts refusals and acts. */
export interface ActTally {
  /** Takes a record of the period. */
  take(taken: Taken): void;
  refusals(world: Rows): readonly Row<"refusals">[];
  erasures(world: Rows): readonly Row<"erasures">[];
  acts(world: Rows): readonly Row<"acts">[];
}

/** Opens one. */
export function openActTally(): ActTally {
  const refusals: Groups<Refused> = openGroups();
  const acts: Groups<Act> = openGroups();
  const erasures: (Point & { readonly subject: string; readonly by: string | null })[] = [];
  let lost = 0;
  const refuse = ({ record }: Taken): void => {
    const { plan = "", node, tool, code = "" } = record;
    const rule = textFact(record, "rule");
    const labels = [...textsFact(record, "labels")].sort();
    const key = [plan, node ?? "", tool ?? "", code, rule ?? "", ...labels].join("\n");
    const group = refusals.of(key, () => ({ plan, node, tool, code, rule, labels, proof: proofOf() }));
    if (group !== undefined) addTo(group.proof, record);
  };
  const act = ({ record }: Taken): void => {
    const { kind } = record;
    const [what, by] = [textFact(record, "what") ?? textFact(record, "act"), textFact(record, "by")];
    const group = acts.of([kind, what ?? "", by ?? ""].join("\n"), () => ({ kind, what, by, proof: proofOf() }));
    if (group !== undefined) addTo(group.proof, record);
  };
  return {
    take: (taken) => {
      const { record } = taken;
      if (record.kind === "deny") refuse(taken);
      if ((noteKinds as readonly string[]).includes(record.kind) && record.kind !== "erase") act(taken);
      if (record.kind !== "erase") return;
      const [subject, by] = [textFact(record, "subject") ?? "", textFact(record, "by") ?? null];
      if (erasures.length >= reportRowsMax) lost += 1;
      else erasures.push({ seq: record.seq, at: record.at, subject, by });
    },
    refusals: (world) => {
      const rows = refusals.values().map((group) => refusalRow(group, world));
      rows.sort((a, b) => b.calls - a.calls || byText(a.code, b.code));
      return within(rows, "refusals", world, refusals.lost());
    },
    erasures: (world) => {
      const rows = erasures.map(({ seq, at, subject, by }) => ({
        at: timeText(at),
        subject,
        by,
        cites: world.citing.cite(proofOf({ seq, at })),
      }));
      return within(rows, "erasures", world, lost);
    },
    acts: (world) => {
      const rows = acts.values().map(({ kind, what, by, proof }) => ({
        kind,
        what: what ?? null,
        by: by ?? null,
        times: proof.count,
        ...world.citing.span(proof, { kind, by }),
      }));
      rows.sort((a, b) => byText(a.kind, b.kind) || byText(a.what ?? "", b.what ?? ""));
      return within(rows, "acts", world, acts.lost());
    },
  };
}

function refusalRow(
  { plan, node, tool, code, rule, labels, proof }: Refused,
  { citing, declared, planName }: Rows,
): Row<"refusals"> {
  const known = Object.hasOwn(CODES, code) ? CODES[code as Code].text : "a code that this version does not know";
  return {
    plan,
    planName: planName(plan),
    node: node ?? null,
    tool: tool ?? null,
    code,
    meaning: known,
    rule: rule ?? null,
    categories: declared.categories(labels),
    calls: proof.count,
    ...citing.span(proof, { kind: "deny", plan, node, tool, code }),
  };
}
