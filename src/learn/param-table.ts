/**
 * The parameters of a plan that is learned from several runs: one for each sequence of values over the runs, with the value of each run.
 * Pure but for itself. Two places share a parameter only where they had the same value in every run that has both, and not always one.
 */
import { canonicalJson } from "../json/canonical.ts";
import { isArray, type Json, type JsonObject, jsonEqual } from "../json/value.ts";
import type { ParamSpec } from "../plan/plan.ts";
import { freshName } from "../plan/names.ts";
import { countBound, specOf } from "./bounds.ts";
import type { Leaf, NodeModel } from "./model.ts";
import { paramNameOf } from "./names.ts";

/** Where a parameter is used: by which a further run is asked for its value. */
export interface ParamUse {
  readonly node: NodeModel;
  /** Absent: in the condition of a loop. */
  readonly leaf?: Leaf;
  /** The form that has the word; absent: the value of the argument is the word. */
  readonly key?: string | undefined;
}

/** One parameter. */
export interface LearnedParam {
  readonly uses: ParamUse[];
  readonly name: string;
  /** By the place of the run. */
  readonly values: Map<number, Json>;
  /** Whether the words of the task are its values; else the host has to know them. */
  readonly isHost: boolean;
  /** Whether a session need not give it: an empty list, or an empty text, stands for none. `rows`: a list of objects, one for each call. */
  readonly form: "plain" | "list" | "text" | "rows";
}

/** What a place asks for. */
export interface ParamRequest {
  readonly hint: string;
  readonly values: ReadonlyMap<number, Json>;
  readonly isHost: boolean;
  readonly form: LearnedParam["form"];
  readonly use: ParamUse;
}

/** The table while the plan is written. */
export interface ParamTable {
  readonly params: readonly LearnedParam[];
  request(request: ParamRequest): LearnedParam;
}

/** An empty table. */
export function openParamTable(): ParamTable {
  const params: LearnedParam[] = [];
  const taken = new Set<string>();
  return {
    params,
    request: (request) => {
      const known = params.find((param) => isSame(param, request));
      if (known !== undefined) {
        for (const [place, value] of request.values) known.values.set(place, value);
        known.uses.push(request.use);
        return known;
      }
      const { isHost, form, hint, use } = request;
      const param = {
        name: freshName(paramNameOf(hint, false), taken),
        values: new Map(request.values),
        isHost,
        form,
        uses: [use],
      };
      params.push(param);
      return param;
    },
  };
}

function isSame(param: LearnedParam, { values, form, isHost }: ParamRequest): boolean {
  if (param.form !== form || param.isHost !== isHost) return false;
  const shared = [...values.keys()].filter((place) => param.values.has(place));
  const isCovered = shared.length === values.size || shared.length === param.values.size;
  const kinds = new Set(shared.map((place) => canonicalJson(values.get(place) as Json)));
  return isCovered && kinds.size > 1 && shared.every((place) => jsonEqual(values.get(place), param.values.get(place)));
}

/** What the plan says of a parameter: the tightest bounds of its values. */
export function paramSpecOf({ values, form }: LearnedParam): ParamSpec {
  const all = [...values.values()];
  if (form === "list") return { type: "array", maxItems: 1, items: specOf(all), default: [] };
  if (form === "rows") {
    const rows = all.filter((value) => isArray(value));
    const most = Math.max(...rows.map((value) => value.length));
    return { type: "array", maxItems: countBound(most, rows.length), items: specOf(rows.flat()), default: [] };
  }
  if (form === "text") {
    const longest = Math.max(...all.map((value) => String(value).length));
    return { type: "string", maxLength: Math.max(16, longest * 2), default: "" };
  }
  return specOf(all) as ParamSpec;
}

/** The parameters of one run; where a run has none, any value that was seen, since nothing of that run uses it. */
export function paramsOfRun(params: readonly LearnedParam[], place: number): JsonObject {
  const entries = params.flatMap(({ name, values, form }): readonly (readonly [string, Json])[] => {
    const value = values.get(place);
    if (value !== undefined) return [[name, form === "list" ? [value] : value]];
    if (form !== "plain") return [];
    const [seen] = values.values();
    return seen === undefined ? [] : [[name, seen]];
  });
  return Object.fromEntries(entries);
}
