/**
 * How much harm there is in what a tool does and in what an argument steers: the order in which flows are told.
 * Pure data. Decides nothing: a rule that lets pass or denies never asks it.
 */
import type { Effect, Role } from "../plan/plan.ts";

/** Role → its weight, 1 to 6. */
export const roleWeight: { readonly [R in Role]: number } = {
  command: 6,
  credential: 5,
  target: 4,
  control: 3,
  selector: 2,
  content: 1,
};

/** Effect → its weight, 1 to 6. */
export const effectWeight: { readonly [E in Effect]: number } = {
  execute: 6,
  money: 5,
  message: 4,
  write: 3,
  network: 2,
  read: 1,
};
