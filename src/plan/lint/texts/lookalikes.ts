/**
 * Which texts a person takes for other texts: words in a foreign script made of letters that look Latin, and ASCII letters that look alike.
 * Pure; own tables. After UTS #39 (confusables), cut down to what is confused with ASCII.
 */

/** Letters that are taken for the ASCII letter, each with its own. Lower and upper case; Greek, Cyrillic, Armenian, Cherokee and full width. */
const looksLike: ReadonlyMap<string, string> = new Map(
  Object.entries({
    a: "аαɑ",
    b: "ЬƄ",
    c: "сϲⅽ",
    d: "ԁⅾ",
    e: "еҽ℮",
    f: "ϝք",
    g: "ɡց",
    h: "һհ",
    i: "іιɩⅰ",
    j: "јϳ",
    k: "κк",
    l: "ӏⅼլ",
    m: "мⅿ",
    n: "ոп",
    o: "оοօσ",
    p: "рρ",
    q: "ԛգ",
    r: "гᴦ",
    s: "ѕꜱ",
    t: "тτ",
    u: "υսᴜ",
    v: "νѵⅴ",
    w: "ѡԝա",
    x: "хχⅹ",
    y: "уγү",
    z: "ᴢ",
    A: "АΑᎪ",
    B: "ВΒᏴ",
    C: "СϹᏟ",
    D: "Ꭰ",
    E: "ЕΕᎬ",
    G: "Ꮐ",
    H: "НΗᎻ",
    I: "ІΙ",
    J: "ЈᎫ",
    K: "КΚᏦ",
    L: "Ꮮ",
    M: "МΜᎷ",
    N: "Ν",
    O: "ОΟՕ",
    P: "РΡᏢ",
    S: "ЅՏᏚ",
    T: "ТΤᎢ",
    U: "Ս",
    V: "ѴᏙ",
    W: "ᎳԜ",
    X: "ХΧ",
    Y: "ΥҮ",
    Z: "ΖᏃ",
  }).flatMap(([ascii, others]) => [...others].map((other) => [other, ascii] as const)),
);

/** The ASCII word that a word of other letters is taken for; `undefined` if it has a letter that looks like none. */
export function takenFor(word: string): string | undefined {
  let read = "";
  for (const char of word) {
    const ascii = looksLike.get(char) ?? fullWidth(char);
    if (ascii === undefined) return undefined;
    read += ascii;
  }
  return read;
}

function fullWidth(char: string): string | undefined {
  const code = char.codePointAt(0) ?? 0;
  return code >= 0xff01 && code <= 0xff5e ? String.fromCharCode(code - 0xfee0) : undefined;
}

const asciiPairs: readonly (readonly [RegExp, string])[] = [
  [/rn/g, "m"],
  [/vv/g, "w"],
  [/[0O]/g, "o"],
  [/[1lI|]/g, "l"],
  [/cl/g, "d"],
  [/[5S]/g, "s"],
];

/** What a text looks like at a glance: two texts with the same one are told apart by nobody. */
export function glance(text: string): string {
  let seen = "";
  for (const char of text) seen += looksLike.get(char) ?? fullWidth(char) ?? char;
  for (const [shape, like] of asciiPairs) seen = seen.replace(shape, like);
  return seen.toLowerCase();
}
