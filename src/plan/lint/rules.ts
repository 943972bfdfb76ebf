/**
 * The table of lint rules: what forbids freezing a plan, and what only advises.
 * Pure. Holds no rule itself: each stands in the folder of what it looks at, and `test/mistakes` holds a plan for each mistake.
 */
import { agentGiven, constantsFit, fallbacks, knownArguments, optionalArguments } from "./arguments/schema.ts";
import { optionalDefaults, unsaidDefaults } from "./arguments/defaults.ts";
import { narrowPatterns } from "./arguments/patterns.ts";
import { satisfiableConstraints } from "./arguments/values.ts";
import { computedCommands, narrowStatements } from "./effects/commands.ts";
import {
  boundedLoops,
  declaredConstraints,
  emptyConstraints,
  fixedCommands,
  namedSandboxes,
  staticConstraints,
} from "./effects/constraints.ts";
import { bindingBudgets, boundedAmounts, countedPayments, misplacedApprovals, repeatedEffects } from "./effects/money.ts";
import { boundedSessions, declaredResources, trustedBuiltIns, wholeAudience, wideChoices } from "./effects/width.ts";
import { guards, heldSanitizers, planLinks } from "./flows/reach.ts";
import { deniedChoices, deniedFlows, inferredFacts, labelledSources, untrustedTargets, usedFlows } from "./flows/sources.ts";
import { chosenByStrangers, pickedFromStrangers } from "./flows/untrusted.ts";
import { boundedEndorsements } from "./labels/endorsements.ts";
import { boundedDeclassifications, carriedLabels, invertedRules, liftedRules } from "./labels/flow-rules.ts";
import { declaredLabels, downgrades, keptLabels, readersMode, reservedLabels, unusedLabels } from "./labels/names.ts";
import { boundedRemovals } from "./labels/removes.ts";
import { guardedSecrets, shownAgain, shownSecrets, writtenSecrets } from "./labels/secrets.ts";
import { disputedFacts, usefulRemovals, vouchedSources } from "./labels/vouching.ts";
import { livelyConditions } from "./runs/conditions.ts";
import { acyclic, unusedParams, unusedResults } from "./runs/graph.ts";
import { heededChecks, orderedResources, sufficientLimits } from "./runs/order.ts";
import { promisedPaths } from "./runs/promises.ts";
import { constantConditions, distinctNodes, knownPlaces, runnableNodes } from "./runs/reachable.ts";
import type { LintRule } from "./subject.ts";
import { ownedHosts, ownedPaths } from "./texts/addresses.ts";
import { plainTexts } from "./texts/text.ts";
import { distinctAddresses } from "./texts/twins.ts";

/** Rules that can forbid freezing. */
export const freezeRules: readonly LintRule[] = [
  acyclic,
  declaredLabels,
  reservedLabels,
  keptLabels,
  downgrades,
  knownArguments,
  agentGiven,
  staticConstraints,
  boundedEndorsements,
  boundedRemovals,
  emptyConstraints,
];

/** Rules that only advise: what an author or approver should know, what would never happen, what allows more than it seems to. */
export const adviceRules: readonly LintRule[] = [
  unusedResults,
  unusedParams,
  unusedLabels,
  labelledSources,
  usedFlows,
  deniedFlows,
  deniedChoices,
  untrustedTargets,
  constantsFit,
  optionalArguments,
  fallbacks,
  boundedLoops,
  declaredConstraints,
  namedSandboxes,
  fixedCommands,
  heldSanitizers,
  guards,
  planLinks,
  wideChoices,
  wholeAudience,
  trustedBuiltIns,
  satisfiableConstraints,
  constantConditions,
  runnableNodes,
  knownPlaces,
  distinctNodes,
  declaredResources,
  boundedSessions,
  distinctAddresses,
  ownedHosts,
  ownedPaths,
  narrowPatterns,
  livelyConditions,
  promisedPaths,
  computedCommands,
  narrowStatements,
  unsaidDefaults,
  optionalDefaults,
  boundedAmounts,
  bindingBudgets,
  countedPayments,
  repeatedEffects,
  misplacedApprovals,
  guardedSecrets,
  shownSecrets,
  writtenSecrets,
  shownAgain,
  vouchedSources,
  disputedFacts,
  usefulRemovals,
  carriedLabels,
  invertedRules,
  liftedRules,
  boundedDeclassifications,
  chosenByStrangers,
  pickedFromStrangers,
  heededChecks,
  orderedResources,
  sufficientLimits,
  plainTexts,
  inferredFacts,
  readersMode,
];
