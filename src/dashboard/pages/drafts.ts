/**
 * Drafts of plans, and the form to hand one in. `POST /drafts` takes `{plan, catalogue?, why?}` of programs as well.
 * Never enforces what is handed in.
 */
import { html } from "hono/html";
import { readJson } from "../../json/read.ts";
import { type Json, member } from "../../json/value.ts";
import { readYaml } from "../../json/yaml.ts";
import { err, ok, type Result } from "../../result.ts";
import { draftCharsMax } from "../bounds.ts";
import type { Act, Page, PageProblem } from "../dashboard.ts";
import { draftTable } from "./approvals.ts";
import { type DraftSummary, draftsOf } from "../plans/drafts.ts";
import { actForm, button, field, href, problem, readSent, section, type Sent } from "../shell.ts";

/** The drafts. */
export interface DraftsModel {
  readonly drafts: readonly DraftSummary[];
}

/** The page. */
export const draftsPage: Page<DraftsModel> = {
  path: "/drafts",
  title: "Drafts of plans",
  role: "viewer",
  under: "/plans",
  refresh: ["plan"],
  load: async (world) => {
    const drafts = await draftsOf(world).list();
    return drafts.ok ? ok({ drafts: drafts.value }) : err(drafts.error);
  },
  view: ({ drafts }, seen) => {
    const form = actForm({
      action: href("/drafts"),
      seen,
      hasFile: true,
      body: html`${field({ name: "text", label: "Plan", hint: "YAML or JSON, as `sluice lint` takes it.", lines: 12, isCode: true, placeholder: "sluice: 1\nname: …" })}
${field({ name: "file", label: "or a file", type: "file" })}
${field({ name: "catalogue", label: "Catalogue of its tools (file)", type: "file", hint: "Left out: the operator's catalogue, or the tools of the plans in force." })}
${field({ name: "why", label: "What it is for", max: 500 })}
${button("Hand in", { kind: "primary" })}`,
    });
    return html`<p class="lead">A draft is looked at by somebody else than who hands it in; approved, it is frozen exactly as it was seen.</p>
${section("Drafts", draftTable(drafts, seen.now))}
${seen.may("approver") ? section("Hand in a draft", form) : html`<p class="muted">Only people with the role approver hand in drafts.</p>`}`;
  },
};

const reasonCharsMax = 500;

/** Handing in. */
export const draftAddAct: Act = {
  path: "/drafts",
  role: "approver",
  run: async (world, c, by) => {
    const sent = await readSent(c);
    if (!sent.ok) return sent;
    const why = sent.value.text("why").trim();
    if (why.length > reasonCharsMax) return problem(400, `\`why\` has at most ${reasonCharsMax} characters`);
    const parts = partsOf(sent.value);
    if (!parts.ok) return parts;
    const noted = await world.access.note(c, { act: "draft-handed-in" });
    if (!noted.ok) return problem(503, "the store does not take the note of this act: nothing was done");
    const added = await draftsOf(world).add({ ...parts.value, by: by.name, ...(why === "" ? {} : { why }) });
    if (!added.ok) return added;
    return ok({ to: href("/drafts/:id", { id: added.value }), answer: { id: added.value }, status: 201 });
  },
};

function partsOf(sent: Sent): Result<{ readonly plan: Json; readonly catalogue?: Json }, PageProblem> {
  if (sent.isJson) {
    const [plan, catalogue] = [member(sent.json, "plan"), member(sent.json, "catalogue")];
    if (plan === undefined) return problem(400, "`plan` is needed: a draft plan");
    return ok({ plan, ...(catalogue === undefined ? {} : { catalogue }) });
  }
  const text = sent.text("text").trim() === "" ? sent.text("file") : sent.text("text");
  if (text.trim() === "") return problem(400, "paste a plan, or choose a file");
  const plan = readText(text, "the plan");
  if (!plan.ok) return plan;
  const listed = sent.text("catalogue");
  if (listed.trim() === "") return ok({ plan: plan.value });
  const catalogue = readText(listed, "the catalogue");
  return catalogue.ok ? ok({ plan: plan.value, catalogue: catalogue.value }) : catalogue;
}

/** JSON, or YAML as plans may be written in. */
function readText(text: string, what: string): Result<Json, PageProblem> {
  // Before it is read: a text of some megabytes takes a second, in which no call is decided.
  if (text.length > draftCharsMax) return problem(413, `${what} has at most ${draftCharsMax} characters`);
  const json = readJson(text);
  if (json.ok) return json;
  const yaml = readYaml(text);
  if (yaml.ok) return yaml;
  const { message } = /^\s*[{[]/.test(text) ? json.error : yaml.error;
  return problem(422, `${what} cannot be read: ${message}`);
}
