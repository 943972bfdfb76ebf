/**
 * The pieces that pages are made of, by one name.
 * Never holds anything of its own.
 */
export { readSent, type Sent } from "./shell/body.ts";
export { actForm, button, choice, field, viewForm } from "./shell/forms.ts";
export { dashboardRoot, href, ownAddress } from "./shell/href.ts";
export {
  away,
  badge,
  copyButton,
  digest,
  distance,
  facts,
  nothing,
  notice,
  pager,
  section,
  sentence,
  sentences,
  table,
  type Tone,
  time,
} from "./shell/pieces.ts";
export { problem, problemOf } from "./shell/problem.ts";
export { block, brief, grouped, type Html, plainText, pretty, shown } from "./shell/text.ts";
