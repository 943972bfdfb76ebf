import { describe, expect, it } from "vitest";
import { type Catalogue, readCatalogue } from "../../src/catalogue/catalogue.ts";
import type { Json, JsonObject } from "../../src/json/value.ts";
import { type Learned, learnPlan } from "../../src/learn/learn.ts";
import type { Trace } from "../../src/trace.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { ArgRule, FrozenPlan } from "../../src/plan/plan.ts";
import { replayTrace } from "../../src/replay.ts";
import { catalogueOf, traceOf } from "./worlds.ts";

interface Draft extends Learned {
  readonly frozen: FrozenPlan;
  readonly codes: readonly string[];
}

function learn(catalogue: Catalogue, trace: Trace): Draft {
  const learned = learnPlan([trace], catalogue);
  if (!learned.ok) throw new Error(learned.error[0]?.message);
  const frozen = freezePlan(learned.value.plan, catalogue);
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
  return { ...learned.value, frozen: frozen.value, codes: learned.value.findings.map(({ code }) => code) };
}

function codesOf(frozen: FrozenPlan, trace: Trace, params?: JsonObject): readonly (string | null)[] {
  const calls = replayTrace(frozen, trace, params === undefined ? {} : { params });
  if (!calls.ok) throw new Error(calls.error[0]?.message);
  return calls.value.map((call) => call.code);
}

function rule({ plan }: Draft, node: string, arg: string): ArgRule | undefined {
  return plan.nodes[node]?.args?.[arg];
}

const office = catalogueOf({
  read_note: ["Reads a note.", { name: "string" }],
  list_shops: ["Returns the names of the shops of a city.", { city: "string" }],
  get_kinds: ["Returns the kinds of shops.", { shops: "array" }],
  get_fees: ["Returns the fees of shops.", { shops: "array" }],
  find_files: ["Finds files.", { query: "string" }],
  delete_file: ["Deletes a file.", { file_id: "string" }],
  pay: ["Pays.", { account: "string", amount: "number" }],
  create_event: ["Creates an event.", { title: "string", start: "string", end: "string", participants: "array" }],
});

describe("a value behind a label of a form", () => {
  const bill = "Bill\nTotal: 41.20\nAccount: DE89370400440532013000\nThanks";
  const trace = traceOf("Pay the bill `May`.", [
    ["read_note", { name: "May" }, bill],
    ["pay", { account: "DE89370400440532013000", amount: 41.2 }, "ok"],
  ]);

  it("is an extract that says what it is otherwise, and no conditional", () => {
    const draft = learn(office, trace);
    expect(rule(draft, "pay", "account")).toEqual({
      from: "read_note$",
      extract: { kind: "iban", after: "Account:" },
      otherwise: "DE89370400440532013000",
    });
    expect(rule(draft, "pay", "amount")).toEqual({
      from: "read_note$",
      extract: { kind: "amount", after: "Total:" },
      otherwise: 41.2,
    });
    expect(JSON.stringify(draft.plan.nodes)).not.toContain("?");
  });

  it("stays a plain extract in running text, so that the call is denied where the text has no such value", () => {
    const prose = traceOf("Pay what the note `May` says to DE89370400440532013000.", [
      ["read_note", { name: "May" }, "Hello, this month the rent is 640 euros, as agreed."],
      ["pay", { account: "DE89370400440532013000", amount: 640 }, "ok"],
    ]);
    const draft = learn(office, prose);
    expect(rule(draft, "pay", "amount")).not.toHaveProperty("otherwise");
    const gone = traceOf("", [
      ["read_note", { name: "May" }, "Hello."],
      ["pay", { account: "DE89370400440532013000", amount: 640 }, "ok"],
    ]);
    expect(codesOf(draft.frozen, gone)).toEqual([null, "ARG_UNRESOLVED"]);
  });
});

describe("what a session brings", () => {
  const trace = traceOf("Create the event 'Review' on 2031-02-03 at 10:00 with Ana (ana@team.example), for one hour.", [
    [
      "create_event",
      { title: "Review", start: "2031-02-03 10:00", end: "2031-02-03 11:00", participants: ["ana@team.example"] },
      "ok",
    ],
  ]);

  it("is a typed parameter with the seen value as its default, also within a list", () => {
    const draft = learn(office, trace);
    expect(rule(draft, "create_event", "participants")).toEqual([{ param: "participant" }]);
    expect(draft.plan.params?.participant).toEqual({ type: "string", format: "email", default: "ana@team.example" });
    expect(draft.plan.params?.start).toEqual({
      type: "string",
      pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}$",
      default: "2031-02-03 10:00",
    });
  });

  it("has a time that nothing explains as a parameter too, and says so", () => {
    const draft = learn(office, trace);
    expect(rule(draft, "create_event", "end")).toEqual({ param: "end" });
    expect(draft.findings).toContainEqual(
      expect.objectContaining({ code: "LEARN_UNEXPLAINED", pointer: "/nodes/create_event/args/end" }),
    );
    const later = traceOf("", [
      [
        "create_event",
        { title: "Review", start: "2031-02-03 10:00", end: "2031-02-03 12:00", participants: ["ana@team.example"] },
        "ok",
      ],
    ]);
    expect(codesOf(draft.frozen, later)).toEqual(["ARG_MISMATCH"]);
    expect(codesOf(draft.frozen, later, { end: "2031-02-03 12:00" })).toEqual([null]);
  });
});

describe("lists", () => {
  const names = ["Alba", "Birke", "Cedar", "Dorn"];
  const kinds = { Alba: "books", Birke: "tools", Cedar: "books", Dorn: "shoes" };
  const shops = (task: string, chosen: readonly string[], fees: Json): Trace =>
    traceOf(task, [
      ["list_shops", { city: "Lyon" }, `Shops in Lyon: ${names.join("\n")}\n`],
      ["get_kinds", { shops: names }, kinds],
      ["get_fees", { shops: [...chosen] }, fees],
    ]);

  it("of a text are taken behind a label that does not repeat the request", () => {
    const draft = learn(office, shops("Which shops in Lyon sell books, and what do they charge?", ["Alba", "Cedar"], {}));
    expect(rule(draft, "get_kinds", "shops")).toEqual({ from: "shops$" });
    expect(draft.plan.nodes.shops).toEqual({ let: 'split(trim(split(list_shops, ": ")[1]), "\\n")' });
    expect(rule(draft, "list_shops", "city")).toEqual({ param: "city" });
  });

  it("are narrowed down by what another call said of their elements, and follow other data", () => {
    const draft = learn(office, shops("Which shops in Lyon sell books, and what do they charge?", ["Alba", "Cedar"], {}));
    expect(draft.plan.nodes.shops_2).toEqual({ let: 'shops.filter(n, get_kinds[n] == "books")' });
    expect(draft.codes).toContain("LEARN_COMPUTED");
    const other = traceOf("", [
      ["list_shops", { city: "Lyon" }, "Shops in Lyon: Esche\nFichte"],
      ["get_kinds", { shops: ["Esche", "Fichte"] }, { Esche: "shoes", Fichte: "books" }],
      ["get_fees", { shops: ["Fichte"] }, {}],
    ]);
    expect(codesOf(draft.frozen, other)).toEqual([null, null, null]);
  });

  it("that nothing explains are confirmed as a whole, not put together from positions", () => {
    const draft = learn(office, shops("What do some shops in Lyon charge?", ["Alba", "Dorn"], {}));
    expect(rule(draft, "get_fees", "shops")).toEqual({ const: ["Alba", "Dorn"] });
    const found = draft.findings.filter(({ code }) => code === "LEARN_UNEXPLAINED");
    expect(found.map(({ pointer }) => pointer)).toEqual(["/nodes/get_fees/args/shops"]);
    expect(found[0]?.message).toContain("is in an earlier result");
  });
});

describe("identifiers", () => {
  const rows = (key: string): string =>
    `- id_: '7'\n  name: plan.txt\n  size: 210\n  shared_with:\n    ${key}: rw\n- id_: '9'\n  name: photo.png\n  size: 9\n`;

  it("are found in data whose keys are addresses", () => {
    const trace = traceOf("Delete the file plan.txt.", [
      ["find_files", { query: "plan.txt" }, rows("kim@team.example")],
      ["delete_file", { file_id: "7" }, "ok"],
    ]);
    const draft = learn(office, trace);
    expect(rule(draft, "delete_file", "file_id")).toEqual({ from: "find_files$[?@.name=='plan.txt'].id_" });
  });

  it("by a superlative are the row's with the greatest member", () => {
    const trace = traceOf("Delete the largest file.", [
      ["find_files", { query: "" }, rows("kim@team.example")],
      ["delete_file", { file_id: "7" }, "ok"],
    ]);
    const draft = learn(office, trace);
    expect(rule(draft, "delete_file", "file_id")).toEqual({ from: "find_files_max_size$.id_" });
    expect(draft.plan.nodes.find_files_max_size).toEqual({ let: 'maxBy(find_files, "size")' });
  });

  it("are never taken from a digit that stands in prose by chance", () => {
    const trace = traceOf("Delete the old file.", [
      ["find_files", { query: "old" }, "There are some. We met at 7 o'clock: see you."],
      ["delete_file", { file_id: "7" }, "ok"],
    ]);
    const draft = learn(office, trace);
    expect(rule(draft, "delete_file", "file_id")).toBe("7");
    expect(draft.codes).toContain("LEARN_UNEXPLAINED");
  });
});

describe("a pick of the agent", () => {
  const tools = [
    { name: "list_rooms", description: "Lists rooms.", inputSchema: { type: "object", properties: {} } },
    {
      name: "book_room",
      description: "Books a room.",
      inputSchema: { type: "object", properties: { room: { type: "string" } } },
    },
  ];
  const catalogue = (integrity: string): Catalogue => {
    const read = readCatalogue({
      labels: { office: { integrity } },
      tools: tools.map((tool) => ({ ...tool, sluice: { labels: ["office"] } })),
    });
    if (!read.ok) throw new Error(read.error[0]?.message);
    return read.value;
  };
  const trace = traceOf("Book a room that suits.", [
    ["list_rooms", {}, [{ id: "attic" }, { id: "cellar" }, { id: "porch" }]],
    ["book_room", { room: "cellar" }, "ok"],
  ]);

  it("is left to it where everything that it has read is trusted, with a finding", () => {
    const draft = learn(catalogue("trusted"), trace);
    expect(rule(draft, "book_room", "room")).toEqual({ from: "list_rooms$[*].id", pick: "agent" });
    expect(draft.codes).toContain("LEARN_PICK");
    const other = traceOf("", [
      ["list_rooms", {}, [{ id: "attic" }, { id: "porch" }]],
      ["book_room", { room: "cellar" }, "ok"],
    ]);
    expect(codesOf(draft.frozen, other)).toEqual([null, "ARG_MISMATCH"]);
  });

  it("is a constant to confirm where somebody untrusted wrote what it has read", () => {
    const draft = learn(catalogue("untrusted"), trace);
    expect(rule(draft, "book_room", "room")).toBe("cellar");
    expect(draft.codes).toContain("LEARN_UNEXPLAINED");
  });
});
