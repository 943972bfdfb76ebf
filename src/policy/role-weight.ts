/**
 * Which of two roles of an argument is the stricter one.
 * Pure. Data only.
 */
import type { Role } from "../plan/plan.ts";

/** The heavier role wins where two are said of one argument: what steers is stricter than what is only text. */
export const roleWeight: { readonly [R in Role]: number } = {
  content: 0,
  control: 1,
  selector: 2,
  target: 3,
  credential: 4,
  command: 5,
};
