/**
 * Programs in the manner of planners, made at random: straight lines, arithmetic, templates, conditions, loops, lists.
 * Test support. Most of them are within the subset; some are not, and must be refused.
 */
import fc from "fast-check";

/** Names of values by what they are. */
interface Known {
  readonly contacts: readonly string[];
  readonly quotes: readonly string[];
  readonly numbers: readonly string[];
  readonly texts: readonly string[];
}

const start: Known = { contacts: [], quotes: [], numbers: [], texts: [] };

/** A maker of one program from a list of choices, so that shrinking drops statements. */
class Writer {
  private at = 0;
  private count = 0;
  private readonly choices: readonly number[];
  constructor(choices: readonly number[]) {
    this.choices = choices;
  }
  below(most: number): number {
    const choice = this.choices[this.at % this.choices.length] ?? 0;
    this.at += 1;
    return (choice + this.at) % most;
  }
  one<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0];
  }
  name(hint: string): string {
    this.count += 1;
    return `${hint}${this.count}`;
  }
  from(list: readonly string[], otherwise: string): string {
    return list.length === 0 ? otherwise : (list[this.below(list.length)] ?? otherwise);
  }
}

function number(w: Writer, known: Known, depth = 0): string {
  const quote = w.from(known.quotes, "");
  const contact = w.from(known.contacts, "");
  const inner = (): string => number(w, known, depth + 1);
  const leaf = w.one([
    String(w.below(9)),
    w.from(known.numbers, "2"),
    quote === "" ? "3" : `${quote}.price`,
    quote === "" ? "0.5" : `${quote}.stock`,
  ]);
  if (depth > 2) return leaf;
  return w.one([
    leaf,
    leaf,
    `(${inner()} + ${inner()})`,
    `(${inner()} - ${inner()})`,
    `${inner()} * ${inner()}`,
    `${inner()} % 7`,
    `${inner()} / 4`,
    `Math.round(${inner()})`,
    `Math.max(${inner()}, ${inner()})`,
    `-(${inner()})`,
    contact === "" ? leaf : `${contact}.orders.length`,
    contact === "" ? leaf : `${contact}.orders.reduce((sum, o) => sum + o.total, 0)`,
    contact === "" ? leaf : `${contact}.orders.filter((o) => o.total > ${inner()}).length`,
    `(${test(w, known, depth + 1)} ? ${inner()} : ${inner()})`,
  ]);
}

function text(w: Writer, known: Known, depth = 0): string {
  const contact = w.from(known.contacts, "");
  const inner = (): string => text(w, known, depth + 1);
  const leaf = w.one([
    w.one(['"a"', '"it\'s"', '"{x}"', '"Ünal"', '""']),
    w.from(known.texts, '"b"'),
    contact === "" ? '"c"' : `${contact}.name`,
    contact === "" ? '"d"' : `${contact}.nick`,
  ]);
  if (depth > 2) return leaf;
  return w.one([
    leaf,
    leaf,
    `\`${w.one(["", "is ", "{", "a: "])}\${${inner()}} and \${${number(w, known, depth + 1)}}\``,
    `${inner()} + ${inner()}`,
    `${inner()} + (${number(w, known, depth + 1)})`,
    `(${inner()} || ${inner()})`,
    `(${test(w, known, depth + 1)} ? ${inner()} : ${inner()})`,
    `(${number(w, known, depth + 1)}).toFixed(${w.below(3)})`,
    contact === "" ? leaf : `(${contact}.note ?? ${inner()})`,
    contact === "" ? leaf : `(${contact}.company?.name ?? ${inner()})`,
    contact === "" ? leaf : `${contact}.orders.map((o) => o.id).join(", ")`,
    `${leaf}.toUpperCase()`,
    `String(${number(w, known, depth + 1)})`,
  ]);
}

function test(w: Writer, known: Known, depth = 0): string {
  const contact = w.from(known.contacts, "");
  const inner = (): string => test(w, known, depth + 1);
  const leaf = w.one([
    `${number(w, known, depth + 2)} ${w.one(["<", "<=", ">", ">=", "===", "!=="])} ${number(w, known, depth + 2)}`,
    `${text(w, known, depth + 2)} === ${text(w, known, depth + 2)}`,
    contact === "" ? "true" : `${contact}.vip`,
  ]);
  if (depth > 2) return leaf;
  return w.one([
    leaf,
    leaf,
    `(${inner()} && ${inner()})`,
    `(${inner()} || ${inner()})`,
    `!(${inner()})`,
    `${text(w, known, depth + 1)}.startsWith("a")`,
    contact === "" ? leaf : `${contact}.orders.some((o) => o.open && o.total > ${number(w, known, depth + 2)})`,
    contact === "" ? leaf : `${contact}.note === undefined`,
    contact === "" ? leaf : `(${contact}.company)`,
  ]);
}

interface Block {
  readonly lines: readonly string[];
  readonly known: Known;
}

function block(w: Writer, known: Known, { size, depth }: { readonly size: number; readonly depth: number }): Block {
  const lines: string[] = [];
  let now = known;
  for (let i = 0; i < size; i++) {
    const made = statement(w, now, depth);
    lines.push(...made.lines.map((line) => `${"  ".repeat(depth)}${line}`));
    now = made.known;
  }
  return { lines, known: now };
}

function inner(w: Writer, known: Known, depth: number): readonly string[] {
  return block(w, known, { size: 1 + w.below(2), depth: depth + 1 }).lines;
}

function statement(w: Writer, known: Known, depth: number): Block {
  const kind = w.below(depth > 1 ? 7 : 13);
  switch (kind) {
    case 0: {
      const name = w.name("contact");
      const made = `const ${name} = await crm.contact({ email: ${w.one(['"ann@example.com"', '"bob@example.com"'])} });`;
      return { lines: [made], known: { ...known, contacts: [...known.contacts, name] } };
    }
    case 1: {
      const name = w.name("quote");
      const made = `const ${name} = await tools.shop.quote({ sku: ${w.one(['"A-1"', '"B-2"'])} });`;
      return { lines: [made], known: { ...known, quotes: [...known.quotes, name] } };
    }
    case 2: {
      const name = w.name("n");
      return { lines: [`let ${name} = ${number(w, known)};`], known: { ...known, numbers: [...known.numbers, name] } };
    }
    case 3: {
      const name = w.name("t");
      return { lines: [`let ${name} = ${text(w, known)};`], known: { ...known, texts: [...known.texts, name] } };
    }
    case 4:
    case 5:
      return { lines: [`await chat.post({ channel: "#log", text: ${text(w, known)} });`], known };
    case 6: {
      const target = w.from(known.numbers, "");
      if (target === "") return { lines: [`await files.write({ path: "/a", content: ${text(w, known)} });`], known };
      return { lines: [`${target} ${w.one(["=", "+=", "-="])} ${number(w, known)};`], known };
    }
    case 7:
    case 8: {
      const lines = [
        `if (${test(w, known)}) {`,
        ...inner(w, known, depth),
        ...(w.below(2) === 0 ? ["} else {", ...inner(w, known, depth)] : []),
        "}",
      ];
      return { lines, known };
    }
    case 9: {
      const contact = w.from(known.contacts, "");
      const row = w.name("row");
      if (contact === "") return statement(w, known, depth + 2);
      const body = w.one([
        [`await chat.post({ channel: "#rows", text: \`\${${row}.id} \${${text(w, known)}}\` });`],
        [`if (${row}.open) await shop.order({ sku: "A-1", quantity: ${number(w, known)}, limit: ${row}.total });`],
        [
          `const got${row} = await mail.read({ id: ${row}.id });`,
          `await chat.post({ channel: "#rows", text: ${w.one([`got${row}.subject`, `${row}.id + got${row}.subject`])} });`,
        ],
        inner(w, { ...known, texts: [...known.texts, `${row}.id`], numbers: known.numbers }, depth),
      ]);
      return {
        lines: [
          `for (const ${row} of ${contact}.orders${w.one(["", ".filter((o) => o.open)", ".slice(0, 2)"])}) {`,
          ...body,
          "}",
        ],
        known,
      };
    }
    case 10: {
      const total = w.name("total");
      const contact = w.from(known.contacts, "");
      if (contact === "") return statement(w, known, depth + 2);
      const lines = [
        `let ${total} = 0;`,
        `for (const each${total} of ${contact}.orders) {`,
        `  ${w.one(["", `if (each${total}.open) `])}${total} += each${total}.total;`,
        "}",
      ];
      return { lines, known: { ...known, numbers: [...known.numbers, total] } };
    }
    case 11: {
      const contact = w.from(known.contacts, "");
      const list = w.name("got");
      if (contact === "") return statement(w, known, depth + 2);
      const lines = [
        `const ${list} = await Promise.all(${contact}.orders.map((o) => mail.read({ id: o.id })));`,
        `await chat.post({ channel: "#got", text: ${list}.map((m) => m.subject).join("; ") });`,
      ];
      return { lines, known };
    }
    default: {
      const name = w.name("sku");
      const quote = w.name("each");
      return {
        lines: [
          `for (const ${name} of ["A-1", "C-3"]) {`,
          `  const ${quote} = await shop.quote({ sku: ${name} });`,
          `  if (${quote}.stock > ${number(w, known)}) await chat.post({ channel: "#shop", text: ${name} });`,
          "}",
        ],
        known,
      };
    }
  }
}

/** A program of a few statements. */
export const programs: fc.Arbitrary<string> = fc
  .tuple(fc.array(fc.nat(10_000), { minLength: 4, maxLength: 60 }), fc.integer({ min: 2, max: 9 }))
  .map(([choices, size]) => block(new Writer(choices), start, { size, depth: 0 }).lines.join("\n"));
