/**
 * When the local model keeps its proposal to itself, and what it says then: no tool fits, two answers are as good, or it is not sure enough.
 * Pure. Never hides what it would have proposed: that stays beside the reasons.
 */
import { type Calibration, calibrate } from "../adapt/calibration.ts";
import type { SelectPack } from "../pack.ts";
import type { Abstention, PlannerDecision } from "../proposal.ts";
import type { SetDistribution } from "./select.ts";

/** What is known when a proposal stands. */
export interface AbstentionFacts {
  readonly pack: SelectPack;
  readonly sets: SetDistribution;
  readonly decisions: readonly PlannerDecision[];
  readonly confidence: number;
  readonly calibration: Calibration;
  /** The end of the task was not read. */
  readonly isCut: boolean;
}

/** A second set that exchanges one tool, and is nearly as likely: at least this share of the first one's probability. */
const rivalMin = 0.85;
/** A task to which no candidate is likelier than this is about something else. */
const scopeMin = 0.05;
const candidatesMax = 5;

/** The reasons to keep a proposal back; empty if it is kept. The gravest first. */
export function abstentionsOf(facts: AbstentionFacts): readonly Abstention[] {
  const { sets, calibration, confidence, isCut } = facts;
  const candidates = nearest(facts);
  if (calibrate({ kind: "none", probability: sets.none }, calibration) >= calibration.none) {
    const isForeign = sets.marginals.every((marginal) => marginal < scopeMin);
    return [
      isForeign
        ? {
            code: "INFER_OUT_OF_SCOPE",
            message: "the task is about something that no tool of the catalogue is near to: give a catalogue that has one",
            candidates,
          }
        : {
            code: "INFER_NO_TOOL",
            message: "no tool of the catalogue seems to do what the task asks for: name the tool, or say the task in its words",
            candidates,
          },
    ];
  }
  const found: Abstention[] = [];
  if (isCut)
    found.push({
      code: "INFER_UNSURE",
      message:
        "the task is longer than the model reads, and its end was not looked at: say it in fewer words, or as several tasks",
      candidates: [],
    });
  if (isAmbiguous(sets))
    found.push({
      code: "INFER_AMBIGUOUS",
      message: `${rivals(facts)} fit the task equally well: name the one that is meant`,
      candidates,
    });
  if (confidence < calibration.threshold) found.push({ code: "INFER_UNSURE", message: unsure(facts), candidates });
  return found;
}

function isAmbiguous({ bestSome, second, closest }: SetDistribution): boolean {
  // Where another set was taken than the likeliest, many sets share the probability, and no two of them are the question.
  if (closest?.probability !== bestSome?.probability) return false;
  if (bestSome === undefined || second === undefined || second.tools.length !== bestSome.tools.length) return false;
  return second.probability >= rivalMin * bestSome.probability;
}

/** The two tools that the two likeliest sets differ in. */
function rivals({ pack, sets }: AbstentionFacts): string {
  const [one, other] = [sets.bestSome?.tools ?? [], sets.second?.tools ?? []];
  const name = (row: number | undefined): string => `\`${pack.tools[row ?? -1]?.name ?? ""}\``;
  return `${name(one.find((row) => !other.includes(row)))} and ${name(other.find((row) => !one.includes(row)))}`;
}

/** Which decision is the weakest, in words. */
function unsure({ decisions, calibration, confidence }: AbstentionFacts): string {
  let [weakest] = decisions.filter(({ kind }) => kind !== "none");
  for (const decision of decisions) {
    if (decision.kind === "none" || weakest === undefined) continue;
    if (calibrate(decision, calibration) < calibrate(weakest, calibration)) weakest = decision;
  }
  const what =
    weakest === undefined || weakest.kind === "tools"
      ? "which tools are meant"
      : weakest.kind === "count"
        ? "how often a tool is to be called"
        : `what the argument ${(weakest.path ?? []).join(".")} is`;
  return `the draft is right with a probability of ${percent(confidence)}, less than the ${percent(calibration.threshold)} that are kept; least sure is ${what}`;
}

function percent(share: number): string {
  return `${Math.floor(share * 100)} %`;
}

/** The likeliest candidates. */
function nearest({ pack, sets }: AbstentionFacts): Abstention["candidates"] {
  return sets.marginals
    .map((confidence, row) => ({ tool: pack.tools[row]?.name ?? "", confidence }))
    .sort((one, other) => other.confidence - one.confidence)
    .slice(0, candidatesMax);
}
