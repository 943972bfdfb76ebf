/**
 * The table of rules about plans that allow more, or less, than they seem to: mistakes of authors and tricks of planners.
 * Pure. Each rule stands in the file of what it is about; `test/mistakes` holds a plan for each of them.
 */
import { ownedHosts, ownedPaths } from "./addresses.ts";
import { computedCommands, narrowStatements } from "./commands.ts";
import { livelyConditions } from "./conditions.ts";
import { optionalDefaults, unsaidDefaults } from "./defaults.ts";
import { boundedDeclassifications, carriedLabels, invertedRules, liftedRules } from "./flow-rules.ts";
import { bindingBudgets, boundedAmounts, countedPayments, misplacedApprovals, repeatedEffects } from "./money.ts";
import { heededChecks, orderedResources, sufficientLimits } from "./order.ts";
import { narrowPatterns } from "./patterns.ts";
import { promisedPaths } from "./promises.ts";
import { guardedSecrets, shownAgain, shownSecrets, writtenSecrets } from "./secrets.ts";
import type { LintRule } from "./subject.ts";
import { distinctAddresses } from "./twins.ts";
import { chosenByStrangers, pickedFromStrangers } from "./untrusted.ts";
import { disputedFacts, usefulRemovals, vouchedSources } from "./vouching.ts";

/** Rules that only advise: warnings, never errors. */
export const mistakeRules: readonly LintRule[] = [
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
];
