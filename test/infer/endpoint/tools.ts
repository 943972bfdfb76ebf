/**
 * A made-up catalogue for the tests of planners behind an endpoint.
 * Never more than the tests need.
 */
import { readCatalogue } from "../../../src/catalogue/catalogue.ts";
import type { Json } from "../../../src/json/value.ts";
import { type DraftTool, draftTool } from "../../../src/infer/tools.ts";

/** The tools of a catalogue in the form of planners. */
export function draftTools(tools: Json): readonly DraftTool[] {
  const read = readCatalogue({ tools });
  if (!read.ok) throw new Error(read.error[0]?.message);
  return [...read.value.tools.values()].map(draftTool);
}

const text = { type: "string" };

/** Find a person, send a mail, book a table, list rooms. */
export const tools = draftTools([
  {
    name: "people/find",
    description: "Find a person by name",
    inputSchema: { type: "object", properties: { name: text }, required: ["name"] },
    outputSchema: {
      type: "object",
      properties: { email: text, teams: { type: "array", items: { type: "object", properties: { id: text } } } },
    },
  },
  {
    name: "mail/send",
    description: "Send an e-mail",
    inputSchema: {
      type: "object",
      properties: { to: text, subject: text, body: text, cc: { type: "array", items: text } },
      required: ["to", "subject"],
    },
  },
  {
    name: "tables/book",
    description: "Book a table at a restaurant",
    inputSchema: {
      type: "object",
      properties: {
        restaurant: text,
        seats: { type: "integer" },
        area: { type: "string", enum: ["indoor", "terrace"] },
      },
      required: ["restaurant", "seats"],
    },
  },
  { name: "rooms/list", description: "List the rooms", inputSchema: { type: "object", properties: {} } },
]);
