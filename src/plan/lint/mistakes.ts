/**
 * The table of rules about plans that allow more, or less, than they seem to: mistakes of authors and tricks of planners.
 * Pure. Each rule stands in the file of what it is about; `test/mistakes` holds a plan for each of them.
 */
import { ownedHosts, ownedPaths } from "./texts/addresses.ts";
import { computedCommands, narrowStatements } from "./effects/commands.ts";
import { livelyConditions } from "./runs/conditions.ts";
import { optionalDefaults, unsaidDefaults } from "./arguments/defaults.ts";
import { boundedDeclassifications, carriedLabels, invertedRules, liftedRules } from "./labels/flow-rules.ts";
import { bindingBudgets, boundedAmounts, countedPayments, misplacedApprovals, repeatedEffects } from "./effects/money.ts";
import { heededChecks, orderedResources, sufficientLimits } from "./runs/order.ts";
import { narrowPatterns } from "./arguments/patterns.ts";
import { promisedPaths } from "./runs/promises.ts";
import { guardedSecrets, shownAgain, shownSecrets, writtenSecrets } from "./labels/secrets.ts";
import type { LintRule } from "./subject.ts";
import { distinctAddresses } from "./texts/twins.ts";
import { chosenByStrangers, pickedFromStrangers } from "./flows/untrusted.ts";
import { disputedFacts, usefulRemovals, vouchedSources } from "./labels/vouching.ts";

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
