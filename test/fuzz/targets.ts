/**
 * Everything that is fuzzed, in one list.
 */
import type { Target } from "./target.ts";
import { jsonTargets } from "./targets/json.ts";
import { langTargets } from "./targets/lang.ts";
import { constraintTargets } from "./targets/constraints.ts";
import { textTargets } from "./targets/texts.ts";
import { planTargets } from "./targets/plan.ts";
import { evidenceTargets } from "./targets/evidence.ts";
import { settingTargets } from "./targets/settings.ts";
import { signedTargets } from "./targets/signed.ts";
import { streamTargets } from "./targets/streams.ts";
import { surfaceTargets } from "./targets/surfaces.ts";
import { wireTargets } from "./targets/wire.ts";

/** All targets. Their names are those of their corpora. */
export const targets: readonly Target[] = [
  ...jsonTargets,
  ...langTargets,
  ...textTargets,
  ...constraintTargets,
  ...planTargets,
  ...evidenceTargets,
  ...signedTargets,
  ...surfaceTargets,
  ...wireTargets,
  ...streamTargets,
  ...settingTargets,
];
