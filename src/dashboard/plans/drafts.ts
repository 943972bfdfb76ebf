/**
 * Drafts of plans that wait for a person: handed in by one, approved by another, frozen as they were seen.
 * Never enforces a draft, and never lets who handed it in approve it.
 */
import { readCatalogue, type Catalogue } from "../../catalogue/catalogue.ts";
import { canonicalJson } from "../../json/canonical.ts";
import { readJson } from "../../json/read.ts";
import { isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { domainDigest, hexOf } from "../../plan/digest.ts";
import { err, ok, type Result } from "../../result.ts";
import type { StoredRecord } from "../../stores/store.ts";
import { answered } from "../../surfaces/enforce/store/answered.ts";
import type { DashboardWorld, PageProblem } from "../dashboard.ts";
import { draftCharsMax, draftsListedMax } from "../bounds.ts";
import { problem, problemOf } from "../shell/problem.ts";
import type { Word } from "./words.ts";

/** Kind of the records of drafts. */
const draftKind = "draft-plan";

/** A draft as a list shows it. */
export interface DraftSummary {
  readonly id: string;
  /** Name of the plan, as the draft has it. */
  readonly name: string;
  readonly nodes: number;
  readonly status: "waiting" | "approved" | "denied";
  /** Who handed it in. */
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Where it comes from, or why: words of who handed it in. */
  readonly why?: string;
  /** Digest of what it was frozen to. */
  readonly frozen?: string;
}

/** A draft. */
export interface Draft extends DraftSummary {
  readonly plan: Json;
  /** Digest of the catalogue that came with it. */
  readonly catalogue?: string;
  readonly words: readonly Word[];
}

/** What is handed in. */
export interface NewDraft {
  /** The draft plan, as parsed JSON or YAML. */
  readonly plan: Json;
  /** The catalogue of its tools. Default: the operator's, or that of the plans in force. */
  readonly catalogue?: Json;
  readonly by: string;
  readonly why?: string;
}

/** The drafts of a store. */
export interface Drafts {
  /** Hands one in; its id. It need not be without findings: whoever looks at it sees them. */
  add(draft: NewDraft): Promise<Result<string, PageProblem>>;
  /** The newest first. */
  list(): Promise<Result<readonly DraftSummary[], PageProblem>>;
  find(id: string): Promise<Result<Draft, PageProblem>>;
  /** Its own catalogue; `undefined`: it brought none. */
  catalogueOf(draft: Draft): Promise<Result<Catalogue | undefined, PageProblem>>;
  /** Records what came of it, if nobody else has meanwhile. */
  decide(
    id: string,
    decided: { readonly word: Word; readonly status: DraftSummary["status"]; readonly frozen?: string },
  ): Promise<Result<undefined, PageProblem>>;
}

/** The drafts of a world. */
export function draftsOf(world: DashboardWorld): Drafts {
  const { store } = world;
  return {
    add: (draft) => add(world, draft),
    list: async () => {
      // Ids begin with the time, counted down: the newest come first.
      const records = await answered(() => store.records(draftKind, { limit: draftsListedMax }));
      return records.ok ? ok(records.value.flatMap((record) => summaryOf(record) ?? [])) : err(problemOf("STORE_UNAVAILABLE"));
    },
    find: async (id) => {
      const found = await find(world, id);
      return found.ok ? ok(found.value.draft) : found;
    },
    catalogueOf: (draft) => catalogueOf(world, draft),
    decide: async (id, { word, status, frozen }) => {
      const found = await find(world, id);
      if (!found.ok) return found;
      const { record, draft } = found.value;
      if (draft.status !== "waiting") return problem(409, "somebody has decided on this draft already");
      const value = {
        ...record.value,
        status,
        words: [...draft.words, word] as unknown as Json,
        ...(frozen === undefined ? {} : { frozen }),
      };
      const written = await answered(() => store.writeRecord({ ...record, value }));
      if (written.ok) return ok(tellOf(world, id));
      return written.error.kind === "conflict"
        ? problem(409, "somebody decides on this draft at the same moment: look again")
        : err(problemOf("STORE_UNAVAILABLE"));
    },
  };
}

async function add(world: DashboardWorld, { plan, catalogue, by, why }: NewDraft): Promise<Result<string, PageProblem>> {
  const { store, clock, random } = world;
  if (!isObject(plan)) return problem(400, "a plan is an object");
  if (member(plan, "kind") === "sluice.frozen-plan") return problem(400, "this plan is frozen already: hand in its draft");
  if (canonicalJson(plan).length > draftCharsMax) return problem(413, `a draft has at most ${draftCharsMax} characters`);
  const read = catalogue === undefined ? undefined : readCatalogue(catalogue);
  if (read?.ok === false) {
    const [first] = read.error;
    return problem(422, `the catalogue cannot be read: ${first?.pointer ?? ""}: ${first?.message ?? ""}`);
  }
  const text = catalogue === undefined ? undefined : canonicalJson(catalogue);
  const digest = text === undefined ? undefined : domainDigest("catalogue-text", text);
  if (text !== undefined && digest !== undefined) {
    const saved = await answered(() => store.saveDocument("catalogue", digest, text));
    if (!saved.ok) return err(problemOf("STORE_UNAVAILABLE"));
  }
  const at = clock();
  const id = `${String(9_999_999_999_999 - at).padStart(13, "0")}-${hexOf(random(8))}`;
  const value: JsonObject = {
    ...{ plan, by, at, status: "waiting", words: [] },
    ...(digest === undefined ? {} : { catalogue: digest }),
    ...(why === undefined || why === "" ? {} : { why }),
  };
  const written = await answered(() => store.writeRecord({ kind: draftKind, id, version: 0, value }));
  if (!written.ok) return err(problemOf("STORE_UNAVAILABLE"));
  tellOf(world, id);
  return ok(id);
}

/** Pages that show drafts are fetched again. */
function tellOf({ events }: DashboardWorld, draft: string): undefined {
  events.publish({ topic: "plan", data: { draft } });
}

async function find(
  { store }: DashboardWorld,
  id: string,
): Promise<Result<{ readonly record: StoredRecord; readonly draft: Draft }, PageProblem>> {
  const unknown = problem(404, "there is no such draft");
  if (!/^\d{13}-[0-9a-f]{16}$/.test(id)) return unknown;
  const record = await answered(() => store.record(draftKind, id));
  if (!record.ok) return err(problemOf("STORE_UNAVAILABLE"));
  const summary = record.value === undefined ? undefined : summaryOf(record.value);
  if (record.value === undefined || summary === undefined) return unknown;
  const { plan = null, catalogue, words } = record.value.value;
  const draft = {
    ...summary,
    plan,
    words: (words ?? []) as unknown as readonly Word[],
    ...(typeof catalogue === "string" ? { catalogue } : {}),
  };
  return ok({ record: record.value, draft });
}

async function catalogueOf(
  { store }: DashboardWorld,
  { catalogue: digest }: Draft,
): Promise<Result<Catalogue | undefined, PageProblem>> {
  if (digest === undefined) return ok(undefined);
  const text = await answered(() => store.loadDocument("catalogue", digest));
  if (!text.ok) return err(problemOf("STORE_UNAVAILABLE"));
  const isSame = text.value !== undefined && domainDigest("catalogue-text", text.value) === digest;
  const read = isSame ? readJson(text.value ?? "") : undefined;
  const catalogue = read?.ok ? readCatalogue(read.value) : undefined;
  return catalogue?.ok
    ? ok(catalogue.value)
    : problem(422, "the catalogue that came with this draft is not in the store any more");
}

function summaryOf({ id, value }: StoredRecord): DraftSummary | undefined {
  const { plan, by, at, status, why, frozen } = value;
  if (!isObject(plan) || typeof by !== "string" || typeof at !== "number") return undefined;
  if (status !== "waiting" && status !== "approved" && status !== "denied") return undefined;
  const [name, nodes] = [member(plan, "name"), member(plan, "nodes")];
  return {
    ...{ id, by, at, status },
    name: typeof name === "string" && name !== "" ? name : "without a name",
    nodes: isObject(nodes) ? Object.keys(nodes).length : 0,
    ...(typeof why === "string" ? { why } : {}),
    ...(typeof frozen === "string" ? { frozen } : {}),
  };
}
