/**
 * A made-up folder of training data: two small catalogues and some rows, in the form of the data sets.
 * Nothing in it is from a data set.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Nearness } from "../../models/train/data/lines.ts";
import type { Pieces } from "../../src/infer/pieces.ts";

interface Tool {
  readonly name: string;
  readonly description: string;
  readonly parameters: object;
  readonly returns?: object;
}

function tool(
  name: string,
  description: string,
  parts: { readonly params: Record<string, object>; readonly returns?: readonly string[]; readonly optional?: readonly string[] },
): Tool {
  const { params, returns = [], optional = [] } = parts;
  return {
    name,
    description,
    parameters: { type: "object", properties: params, required: Object.keys(params).filter((key) => !optional.includes(key)) },
    ...(returns.length === 0
      ? {}
      : { returns: { type: "object", properties: Object.fromEntries(returns.map((key) => [key, { type: "string" }])) } }),
  };
}

const text = (description: string): object => ({ type: "string", description });
const number = (description: string): object => ({ type: "number", description });

/** Tools of an office that nobody has. */
export const officeTools: readonly Tool[] = [
  tool("Badges_1.FindBadge", "Find the badge of a visitor", {
    params: { visitor_name: text("The name of the visitor"), floor: { type: "integer", description: "The floor" } },
    returns: ["badge_code", "room"],
    optional: ["floor"],
  }),
  tool("Badges_2.FindBadge", "Find a badge in the archive", {
    params: { visitor_name: text("The name of the visitor") },
    returns: ["badge_code"],
  }),
  tool("Badges_1.RevokeBadge", "Revoke a badge", {
    params: {
      badge_code: text("The code of the badge"),
      reason: { type: "string", description: "Why", enum: ["lost", "stolen", "expired"] },
    },
    returns: ["receipt"],
  }),
  tool("Lamps.dimLamp", "Dim a lamp in a room", {
    params: {
      room: text("The room"),
      percent: number("How bright, in percent"),
      is_permanent: { type: "boolean", description: "Whether to keep it" },
    },
    returns: ["lamp_state"],
    optional: ["is_permanent"],
  }),
  tool("Lamps.listLamps", "List the lamps of a building", {
    params: { building: text("The building") },
    returns: ["lamp_names"],
  }),
  tool("Mail.sendNote", "Send a note to a colleague", {
    params: { recipient: text("E-mail address of the colleague"), message: text("The text of the note") },
    returns: ["note_id"],
  }),
  tool("Mail.translateNote", "Translate a note to a language", {
    params: { text: text("The text"), language: text("The language") },
    returns: ["translated_text"],
  }),
  tool("Rooms.bookRoom", "Book a room for a day", {
    params: { room: text("The room"), date: text("The day (e.g., 2024-01-31)") },
    returns: ["booking_id"],
  }),
  tool("Rooms.addGuests", "Add guests to a booking", {
    params: {
      booking_id: text("The booking"),
      guests: { type: "array", items: { type: "string" }, description: "Names of the guests" },
    },
    returns: ["guest_count"],
  }),
  tool("Stock.computeShelf", "Calculate the length of a shelf", {
    params: { boards: { type: "integer", description: "How many boards" }, width: number("The width of a board") },
    returns: ["shelf_length"],
  }),
];

const row = (id: string, task: string, nodes: readonly object[]): object => ({
  id,
  source: "apibank",
  split: "x",
  task,
  catalog: "apibank",
  plan: { nodes, edges: [] },
});

/** Rows over {@link officeTools}. */
export const officeRows: readonly object[] = [
  row("office/1", "Find the badge of Mara Holt on floor two, then revoke it, it was stolen.", [
    { id: "n0", tool: "Badges_1.FindBadge", args: { visitor_name: { const: "Mara Holt" }, floor: { const: 2 } } },
    {
      id: "n1",
      tool: "Badges_1.RevokeBadge",
      args: { badge_code: { from: "n0", path: "badge_code", value: "B-77" }, reason: { const: "stolen" } },
    },
  ]),
  row("office/2", "Dim the lamp in the Blue Hall to 40 percent", [
    { id: "n0", tool: "Lamps.dimLamp", args: { room: { const: "Blue Hall" }, percent: { const: 40 } } },
  ]),
  row("office/3", "Dim the lamp in the attic to 5 % and the one in the Blue Hall to 80 %.", [
    { id: "n0", tool: "Lamps.dimLamp", args: { room: { const: "Blue Hall" }, percent: { const: 80 } } },
    { id: "n1", tool: "Lamps.dimLamp", args: { room: { const: "attic" }, percent: { const: 5 } } },
  ]),
  row("office/4", "Add Ida, Bo and Kim to booking R-9001, please.", [
    { id: "n0", tool: "Rooms.addGuests", args: { booking_id: { const: "R-9001" }, guests: { const: ["Ida", "Bo", "Kim"] } } },
  ]),
  row("office/5", "Send a note about the picnic.", [
    { id: "n0", tool: "Mail.sendNote", args: { recipient: { const: "zed@nowhere.test" }, message: { unresolved: true } } },
  ]),
  ...Array.from({ length: 40 }, (_, index) =>
    row(`office/more/${index}`, `List the lamps of building ${index + 100}.`, [
      { id: "n0", tool: "Lamps.listLamps", args: { building: { const: `building ${index + 100}` } } },
    ]),
  ),
];

/** Writes `plans/` with the one set `apibank`. */
export function writeFixture(folder: string): string {
  const plans = join(folder, "plans");
  mkdirSync(join(plans, "train"), { recursive: true });
  mkdirSync(join(plans, "catalogs"), { recursive: true });
  writeFileSync(join(plans, "catalogs", "apibank.json"), JSON.stringify(officeTools));
  writeFileSync(join(plans, "train", "apibank.jsonl.gz"), gzipSync(officeRows.map((one) => JSON.stringify(one)).join("\n")));
  return plans;
}

/** A vocabulary of its own: a word or a sign is one number, and the words can be had back. */
export function openWords(): { readonly pieces: Pieces; readonly wordOf: (id: number) => string } {
  const ids = new Map<string, number>();
  const words: string[] = [];
  const first = 2000;
  return {
    pieces: (given) =>
      (given.toLowerCase().match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? []).map((word) => {
        const known = ids.get(word);
        if (known !== undefined) return known;
        ids.set(word, first + words.length);
        words.push(word);
        return first + words.length - 1;
      }),
    wordOf: (id) => words[id - first] ?? "",
  };
}

/** A nearness that differs from tool to tool. */
export const nearness: Nearness = (task, tools) =>
  Promise.resolve([tools.map(({ name }) => ((name.length * 7 + task.length) % 10) / 10)]);
