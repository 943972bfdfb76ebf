/** The scenarios of the suite, in the order of the table. */
import type { Scenario } from "../scenario.ts";
import { board } from "./board.ts";
import { budget } from "./budget.ts";
import { claims } from "./claims.ts";
import { cycle } from "./cycle.ts";
import { deputy } from "./deputy.ts";
import { hiring } from "./hiring.ts";
import { hospital } from "./hospital.ts";
import { middle } from "./middle.ts";
import { partner } from "./partner.ts";
import { purchase } from "./purchase.ts";
import { relay } from "./relay.ts";
import { release } from "./release.ts";
import { report } from "./report.ts";
import { support } from "./support.ts";
import { trading } from "./trading.ts";
import { travel } from "./travel.ts";

/** All of them. */
export const scenarios: readonly Scenario[] = [
  purchase,
  relay,
  report,
  support,
  trading,
  release,
  hospital,
  hiring,
  travel,
  cycle,
  board,
  partner,
  claims,
  deputy,
  budget,
  middle,
];
