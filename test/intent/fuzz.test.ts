import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Catalogue } from "../../src/catalogue/catalogue.ts";
import { importJavaScript } from "../../src/intent/code/javascript.ts";
import type { Imported, ImportError } from "../../src/intent/intent.ts";
import { importPython } from "../../src/intent/python/import-python.ts";
import type { Json } from "../../src/json/value.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import { parsePlan } from "../../src/plan/schema.ts";
import type { Result } from "../../src/result.ts";
import { mutatedFrom, soup, towers } from "./mutations.ts";
import { desk, recordedRuns } from "./python/native.ts";

const numRuns = Number(process.env.SLUICE_FUZZ_RUNS ?? 200);

type Import = (text: string, catalogue: Catalogue | undefined) => Result<Imported, ImportError>;

const python = [...new Set(recordedRuns().map(({ code }) => code))];
const javascript: readonly string[] = [
  `const order = await tools.desk.get_order({ id: "A" });
if (order.total > 100) await note({ value: \`Order \${order.id}: \${order.total}\` });
else { await note({ value: order.memo ?? "none", title: order.customer.name }); }`,
  `const [a, b] = await Promise.all([get_order({ id: "A" }), get_order({ id: "B" })]);
const best = a.total >= b.total ? a : b;
await callTool("desk/note", { value: best.items.filter((item) => item.quantity > 1).map((item) => item.sku), title: best.tags.join(", ") });`,
  `async function plan(city: string, limit: number = 3) {
  const found = await search_emails({ query: city, limit });
  for (const mail of found) {
    if (!mail.unread) continue;
    await send_email({ to: mail.sender, subject: "Re: " + mail.subject, body: \`Dear \${mail.sender},\n\${mail.body.length}\` });
  }
  return found.length;
}`,
  `const users = (await get_users({ team: "core" })).users;
await Promise.all(users.map(async (user) => await send_email({ to: user.email, subject: "Hi", body: user["name"] })));
const total = users.reduce((sum, user) => sum + user.age, 0);
const oldest = users.find((user) => user.age === Math.max(...users.map((u) => u.age)));
await client.callTool({ name: "note", arguments: { value: total / users.length, title: oldest.name.slice(0, 3), extra: { users } } });`,
  `let text = "";
for (const key of ["a", 'b', \`c\`]) text += key;
const { total, items: [first, ...rest] } = await get_order({ id: text as string });
if (total > 5 && first?.in_stock) await note({ value: Math.round(total * 1.19) / 100, title: String(total) });
else if (total === 0 || !first) await note({ value: null });`,
];

/** Never throws; an error says where; what is accepted is a plan that can be frozen. */
function holdsOf(read: Import, text: string): boolean {
  for (const catalogue of [desk, undefined]) {
    const imported = read(text, catalogue);
    if (!imported.ok) {
      const { code, message, place } = imported.error;
      expect(code).toMatch(/^IMPORT_[A-Z_]+$/u);
      expect(message).toMatch(/^[^\n]{3,400}$/u);
      if (code !== "IMPORT_EMPTY") expect(place.line).toBeGreaterThan(0);
      continue;
    }
    expect(parsePlan(imported.value.plan as unknown as Json).ok).toBe(true);
    const frozen = freezePlan(imported.value.plan, catalogue);
    if (!frozen.ok) throw new Error(`accepted, and not frozen: ${JSON.stringify(frozen.error)}`);
  }
  return true;
}

describe.each([
  ["importPython", importPython, python],
  ["importJavaScript", importJavaScript, javascript],
] as const)("%s", (_name, read, corpus) => {
  it("reads programs with mistakes in them, or refuses them with a place", () => {
    fc.assert(
      fc.property(mutatedFrom(corpus), (text) => holdsOf(read, text)),
      { numRuns },
    );
  });

  it("reads words in any order, or refuses them with a place", () => {
    fc.assert(
      fc.property(soup, (text) => holdsOf(read, text)),
      { numRuns },
    );
  });

  it("reads any text, or refuses it with a place", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => holdsOf(read, text)),
      { numRuns },
    );
  });

  it("refuses towers of brackets, operators and blocks", () => {
    fc.assert(
      fc.property(towers, (text) => holdsOf(read, text)),
      { numRuns: Math.ceil(numRuns / 4) },
    );
  });
});
