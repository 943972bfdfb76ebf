/**
 * Approved plans of a made-up travel agent, for the tests of the memory.
 */
import { type Catalogue, readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { type DraftTool, draftTool } from "../../../src/infer/tools.ts";
import type { JsonObject } from "../../../src/json/value.ts";
import { freezePlan } from "../../../src/plan/freeze.ts";
import type { ArgRule, FrozenPlan } from "../../../src/plan/plan.ts";

const definitions: readonly JsonObject[] = [
  {
    name: "rail/book",
    description: "Books seats on a train",
    inputSchema: {
      type: "object",
      properties: {
        from: { type: "string", description: "City of departure" },
        to: { type: "string", description: "City of arrival" },
        date: { type: "string", format: "date", description: "Day of the journey" },
        seats: { type: "integer", description: "Number of seats" },
        class: { type: "string", enum: ["first", "second"] },
      },
      required: ["from", "to"],
    },
    outputSchema: { type: "object", properties: { ticket: { type: "string" } }, required: ["ticket"] },
  },
  {
    name: "mail/send",
    description: "Sends a message",
    inputSchema: {
      type: "object",
      properties: { to: { type: "string", format: "email" }, body: { type: "string" }, attachment: { type: "string" } },
      required: ["to"],
    },
  },
  {
    name: "weather/today",
    description: "Weather of a city",
    inputSchema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
];

/** The catalogue; `change` replaces the description of a tool. */
export function travelCatalogue(change: { readonly [tool: string]: string } = {}): Catalogue {
  const read = readCatalogue(
    definitions.map((one) => ({ ...one, description: change[String(one.name)] ?? one.description ?? "" })),
  );
  if (!read.ok) throw new Error(read.error[0]?.message);
  return read.value;
}

/** The tools of a catalogue as planners see them. */
export function toolsOf(catalogue: Catalogue): readonly DraftTool[] {
  return [...catalogue.tools.values()].map(draftTool);
}

/** Freezes a plan of calls in order. */
export function approve(
  task: string,
  calls: readonly (readonly [tool: string, args: { readonly [name: string]: ArgRule }])[],
  catalogue: Catalogue = travelCatalogue(),
): FrozenPlan {
  const nodes = Object.fromEntries(calls.map(([tool, args], at) => [`n${at}`, { tool, args }]));
  const frozen = freezePlan({ sluice: 1, name: "approved", task, nodes }, catalogue);
  if (!frozen.ok) throw new Error(frozen.error.map(({ message }) => message).join("; "));
  return frozen.value;
}

/** Approved journeys with the same arguments in different words. */
export const journeys: readonly FrozenPlan[] = [
  ["Book 2 seats from Leeds to York on 2026-05-04", "Leeds", "York", "2026-05-04", 2],
  ["I need 3 seats on the train from Bath to Hull on 2026-06-11 please", "Bath", "Hull", "2026-06-11", 3],
  ["Please reserve 4 seats from Derby to Crewe for 2026-07-01", "Derby", "Crewe", "2026-07-01", 4],
  ["Book 5 seats to Truro from Exeter on 2026-08-09", "Exeter", "Truro", "2026-08-09", 5],
].map(([task, from, to, date, seats]) =>
  approve(String(task), [["rail/book", { from: String(from), to: String(to), date: String(date), seats: Number(seats) }]]),
);

/** Approved questions about the weather. */
export const forecasts: readonly FrozenPlan[] = [
  ["What is the weather in Leeds today?", "Leeds"],
  ["How is the weather in Oslo?", "Oslo"],
  ["Tell me the weather in Truro", "Truro"],
].map(([task = "", city = ""]) => approve(task, [["weather/today", { city }]]));
