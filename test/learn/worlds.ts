/**
 * Hand-made runs of several domains for the tests of `learn`. All names, numbers and addresses are invented.
 * Data only. Never taken from a benchmark.
 */
import { readCatalogue, type Catalogue } from "../../src/catalogue/catalogue.ts";
import type { Json, JsonObject } from "../../src/json/value.ts";
import type { Trace, TraceEvent } from "../../src/trace.ts";

/** A call and what it returned. */
export type Exchange = readonly [tool: string, args: JsonObject, result: Json];

/** A recorded run with its catalogue. */
export interface World {
  readonly name: string;
  readonly catalogue: Catalogue;
  readonly trace: Trace;
}

/** A trace of exchanges. */
export function traceOf(task: string, exchanges: readonly Exchange[]): Trace {
  const events = exchanges.flatMap(([tool, args, value], index): readonly TraceEvent[] => [
    { type: "call", id: String(index), tool, args },
    { type: "result", id: String(index), value },
  ]);
  return { task, events };
}

/** A catalogue of tools by name: description, and a type for each argument. */
export function catalogueOf(tools: {
  readonly [name: string]: readonly [string, { readonly [arg: string]: string }];
}): Catalogue {
  const list = Object.entries(tools).map(([name, [description, args]]) => ({
    name,
    description,
    inputSchema: { type: "object", properties: Object.fromEntries(Object.entries(args).map(([arg, type]) => [arg, { type }])) },
  }));
  const read = readCatalogue({ tools: list });
  if (!read.ok) throw new Error(read.error[0]?.message);
  return read.value;
}

const calendar = catalogueOf({
  search_events: ["Searches the calendar.", { query: "string" }],
  get_day_events: ["Returns the events of a day.", { day: "string" }],
  reschedule_event: ["Reschedules an event.", { event_id: "string", new_start: "string", duration: "integer" }],
  create_event: ["Creates an event.", { title: "string", start: "string", participants: "array", location: "string" }],
  get_today: ["Returns the current day.", {}],
  cancel_event: ["Cancels an event.", { event_id: "string" }],
});

const dentist = `- all_day: false
  description: Bring the insurance card.
  end: 2031-03-04 10:30
  id_: '17'
  location: Mill Lane 4
  participants:
  - kim@clinic.example
  start: 2031-03-04 10:00
  title: Dentist
`;

const mail = catalogueOf({
  list_mail: ["Lists the messages of a folder.", { folder: "string" }],
  get_mail: ["Returns a message.", { id: "string" }],
  search_contacts: ["Finds contacts by name.", { name: "string" }],
  send_mail: ["Sends a message.", { to: "array", subject: "string", body: "string", attachments: "array" }],
  forward_mail: ["Forwards a message.", { id: "string", to: "string" }],
});

const inbox = {
  messages: [
    { id: "m-301", from: { name: "Ines Ortega", address: "ines@north.example" }, subject: "Lunch on Thursday", unread: true },
    { id: "m-302", from: { name: "Billing", address: "billing@acme.example" }, subject: "Invoice 88-214 for May", unread: false },
    { id: "m-303", from: { name: "Ines Ortega", address: "ines@north.example" }, subject: "Minutes", unread: true },
  ],
};

const files = catalogueOf({
  list_directory: ["Lists the files of a directory.", { path: "string" }],
  read_file: ["Reads a file.", { path: "string" }],
  move_file: ["Moves a file.", { source: "string", destination: "string" }],
  delete_file: ["Deletes a file.", { path: "string" }],
});

const travel = catalogueOf({
  get_hotels: ["Returns the names of the hotels of a city.", { city: "string" }],
  get_hotel_prices: ["Returns prices of hotels.", { hotel_names: "array" }],
  search_hotels: ["Finds hotels with their ratings.", { city: "string" }],
  reserve_hotel: ["Reserves a hotel.", { hotel: "string", start_day: "string", end_day: "string" }],
  get_traveller: ["Returns the traveller.", {}],
});

const billing = catalogueOf({
  list_invoices: ["Lists invoices.", { customer: "string" }],
  send_reminder: ["Sends a reminder.", { invoice_id: "integer", email: "string", text: "string" }],
  get_rate: ["Returns a rate.", { currency: "string" }],
  pay_invoice: ["Pays an invoice.", { invoice_id: "integer", amount: "number", account: "string", on: "string" }],
});

const invoices = [
  { id: 4101, customer: "Falk GmbH", email: "falk@falk.example", status: "overdue", total: 120.5 },
  { id: 4102, customer: "Ruiz SA", email: "ruiz@ruiz.example", status: "paid", total: 80 },
  { id: 4103, customer: "Ono KK", email: "ono@ono.example", status: "overdue", total: 300 },
];

/** The runs. */
export const worlds: readonly World[] = [
  {
    name: "calendar: an id of a list of one, a date in words",
    catalogue: calendar,
    trace: traceOf("Move my 'Dentist' appointment to March 9th, 2031 at 3pm. It takes 45 minutes.", [
      ["search_events", { query: "Dentist" }, dentist],
      ["reschedule_event", { event_id: "17", new_start: "2031-03-09 15:00", duration: 45 }, "{'message': 'done'}"],
    ]),
  },
  {
    name: "calendar: participants and place of another event",
    catalogue: calendar,
    trace: traceOf(
      "Create a follow-up on 2031-03-11 at 09:00 with everyone who takes part in the 'Dentist' event, at the same place.",
      [
        ["search_events", { query: "Dentist" }, dentist],
        [
          "create_event",
          { title: "Follow-up", start: "2031-03-11 09:00", participants: ["kim@clinic.example"], location: "Mill Lane 4" },
          "created",
        ],
      ],
    ),
  },
  {
    name: "calendar: the day after the current one",
    catalogue: calendar,
    trace: traceOf("Cancel my 'Dentist' appointment of tomorrow.", [
      ["get_today", {}, "2031-03-03"],
      ["get_day_events", { day: "2031-03-04" }, dentist],
      ["cancel_event", { event_id: "17" }, "cancelled"],
    ]),
  },
  {
    name: "mail: a message by a word of its subject, in JSON text",
    catalogue: mail,
    trace: traceOf("Forward the invoice for May to books@corp.example.", [
      ["list_mail", { folder: "inbox" }, JSON.stringify(inbox)],
      ["forward_mail", { id: "m-302", to: "books@corp.example" }, { ok: true }],
    ]),
  },
  {
    name: "mail: an address from the contacts, in JSON",
    catalogue: mail,
    trace: traceOf("Send Ines the text 'See you at noon.' with the subject 'Lunch'.", [
      ["search_contacts", { name: "Ines" }, [{ name: "Ines Ortega", address: "ines@north.example" }]],
      ["send_mail", { to: ["ines@north.example"], subject: "Lunch", body: "See you at noon.", attachments: [] }, { ok: true }],
    ]),
  },
  {
    name: "mail: every unread message is read",
    catalogue: mail,
    trace: traceOf("Summarise my unread messages.", [
      ["list_mail", { folder: "inbox" }, inbox],
      ["get_mail", { id: "m-301" }, { body: "Are you free?" }],
      ["get_mail", { id: "m-303" }, { body: "The minutes are below." }],
    ]),
  },
  {
    name: "files: the largest file, by its path",
    catalogue: files,
    trace: traceOf("Move the largest file of /data/reports to /archive.", [
      [
        "list_directory",
        { path: "/data/reports" },
        [
          { name: "north.csv", size: 200 },
          { name: "south.csv", size: 9_000 },
        ],
      ],
      ["move_file", { source: "/data/reports/south.csv", destination: "/archive/south.csv" }, "ok"],
    ]),
  },
  {
    name: "files: a path named in a text",
    catalogue: files,
    trace: traceOf("Read /notes/todo.txt and delete the file that it names.", [
      ["read_file", { path: "/notes/todo.txt" }, "Things to do\n\nRemove the old draft: /notes/draft-2.md\nThen rest."],
      ["delete_file", { path: "/notes/draft-2.md" }, "ok"],
    ]),
  },
  {
    name: "travel: names in a text, the best rating",
    catalogue: travel,
    trace: traceOf("Book the hotel in Lyon with the highest rating from 2031-05-01 to 2031-05-04.", [
      ["get_hotels", { city: "Lyon" }, "Hotel Names: Bellecour Inn\nSaône House\nCroix Lodge\n"],
      [
        "get_hotel_prices",
        { hotel_names: ["Bellecour Inn", "Saône House", "Croix Lodge"] },
        "Bellecour Inn: 90; Saône House: 120",
      ],
      [
        "search_hotels",
        { city: "Lyon" },
        [
          { name: "Bellecour Inn", rating: 4.1 },
          { name: "Saône House", rating: 4.7 },
          { name: "Croix Lodge", rating: 3.9 },
        ],
      ],
      ["reserve_hotel", { hotel: "Saône House", start_day: "2031-05-01", end_day: "2031-05-04" }, "reserved"],
    ]),
  },
  {
    name: "billing: the rows with the status that the task names",
    catalogue: billing,
    trace: traceOf("Send a reminder for every overdue invoice.", [
      ["list_invoices", { customer: "" }, invoices],
      ["send_reminder", { invoice_id: 4101, email: "falk@falk.example", text: "Please pay invoice 4101." }, "sent"],
      ["send_reminder", { invoice_id: 4103, email: "ono@ono.example", text: "Please pay invoice 4103." }, "sent"],
    ]),
  },
  {
    name: "billing: an amount computed from a rate",
    catalogue: billing,
    trace: traceOf("Pay the invoice of Ruiz SA in pounds on 2031-06-01, from account DE89370400440532013000.", [
      ["list_invoices", { customer: "Ruiz SA" }, [invoices[1] as Json]],
      ["get_rate", { currency: "GBP" }, { rate: 0.85 }],
      ["pay_invoice", { invoice_id: 4102, amount: 68, account: "DE89370400440532013000", on: "2031-06-01" }, "paid"],
    ]),
  },
];
