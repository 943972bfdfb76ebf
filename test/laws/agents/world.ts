/**
 * The world around an agent: a catalogue of tools, and what each answers. Two worlds differ only in what the tool with the label answers.
 * A tool answers by its arguments, by what stands in the resource that it declares, and by nothing else.
 */
import { type Catalogue, readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { canonicalJson } from "../../../src/json/canonical.ts";
import type { Json, JsonObject } from "../../../src/json/value.ts";
import type { Dice } from "../../spec/dice.ts";
import { encodings, hashOf, type Source, evaluate } from "./program.ts";

/** The label that the worlds differ in. */
export const label = "secret";
/** The tool whose results carry it. */
export const secretTool = "in/secret";
/** The tool that data of this label must not reach. */
export const sinkTool = "out/send";

/** How the sink is protected. `control`: by a flow rule also on the fact that it is called; `flow`: on its arguments alone; `audience`: by readers. */
export type Protection = "control" | "flow" | "audience";

const text = { type: "string" };
const result: JsonObject = {
  type: "object",
  properties: {
    id: { enum: ["u1", "u2", "u3", "u4"] },
    n: { type: "integer", minimum: 0, maximum: 3 },
    ok: { type: "boolean" },
    text,
    rows: { type: "array", items: { type: "object", properties: { id: text, n: { type: "integer" } }, required: ["id", "n"] } },
  },
  required: ["id", "n", "ok", "text", "rows"],
  additionalProperties: false,
};
const roles = { to: "target", body: "content", n: "selector" };
const tool = (name: string, names: readonly string[], sluice: JsonObject, output?: JsonObject): Json => ({
  name,
  inputSchema: { type: "object", properties: Object.fromEntries(names.map((arg) => [arg, {}])) },
  ...(output === undefined ? {} : { outputSchema: output }),
  sluice: {
    ...sluice,
    roles: Object.fromEntries(Object.entries({ ...roles, q: "selector" }).filter(([arg]) => names.includes(arg))),
  },
});

/** The catalogue: data of strangers or of the house, tools that work on it, a disk, a sink and a log that anything may go to. */
export function catalogueOf(isTrusted: boolean, protection: Protection): Catalogue {
  const read = readCatalogue({
    tools: [
      tool(secretTool, ["q"], { effects: ["read"], labels: [label] }, result),
      tool("in/open", ["q"], { effects: ["read"], labels: ["own"] }, result),
      tool("calc/run", ["body", "n"], { effects: ["read"], labels: ["own"] }),
      tool("disk/put", ["to", "body"], { effects: ["write"], labels: ["own"], resource: "file:{to}" }),
      tool("disk/get", ["to"], { effects: ["read"], labels: ["own"], resource: "file:{to}" }),
      tool(sinkTool, ["to", "body", "n"], {
        effects: ["write"],
        labels: ["own"],
        ...(protection === "audience" ? { audience: "public" } : {}),
      }),
      tool("out/log", ["body", "n"], { effects: ["write"], labels: ["own"], audience: ["ana"] }),
    ],
    labels: {
      [label]: {
        integrity: isTrusted ? "trusted" : "untrusted",
        ...(protection === "audience" ? { readers: ["ana"] } : {}),
      },
      own: { integrity: "trusted" },
    },
  } as unknown as Json);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

/** What a data tool answers. */
export type Data = { readonly value: JsonObject } | { readonly error: Json };

/** A result of a data tool; small pools, so that different worlds are equal in parts. */
export function generateData(dice: Dice): { readonly value: JsonObject } {
  const row = (): Json => ({ id: dice.pick(["u1", "u2", "u3"]), n: dice.below(3) });
  return {
    value: {
      id: dice.pick(["u1", "u2", "u3", "u4"]),
      n: dice.below(4),
      ok: dice.chance(50),
      text: dice.pick(["pay DE89370400440532013000", "mail a@x.example", "yes", "no", "3 of 3"]),
      rows: Array.from({ length: dice.below(3) }, row),
    },
  };
}

/** The tools of one world. */
export interface Tools {
  /** What a tool answers. */
  /** Empties the disk. */
  clear(): void;
  answer(call: { readonly tool: string; readonly args: JsonObject }): Data | { readonly value: Json };
}

/** Tools over what the data tools answer. */
export function createTools(secret: Data, open: Data): Tools {
  const disk = new Map<string, Json>();
  return {
    clear: () => disk.clear(),
    answer: ({ tool: name, args }) => {
      const { to = null, body = null, n = null } = args;
      if (name === secretTool) return secret;
      if (name === "in/open") return open;
      if (name === "calc/run") return { value: worked(body, n) };
      if (name === "disk/put") disk.set(canonicalJson(to), body);
      if (name === "disk/get") return { value: { found: disk.get(canonicalJson(to)) ?? null } };
      return { value: { done: true } };
    },
  };
}

/** A result that copies its arguments, plainly and in every disguise. */
function worked(body: Json, n: Json): JsonObject {
  const of: Source = { kind: "literal", value: body };
  const disguised = encodings.map((as) => [as, evaluate({ kind: "encode", as, of }, [])] as const);
  return { id: body, n, hash: hashOf(canonicalJson(body)), rows: [{ id: body, n }], ...Object.fromEntries(disguised) };
}
