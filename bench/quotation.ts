/**
 * A quotation of the results in a document, and how it is put there.
 * Pure. Never touches what stands around it, and never guesses a place where a document names none.
 */

/**
 * A quotation: the document by its path from the root, and what stands there. With a name it stands between lines such as `<!-- bench -->` and
 * `<!-- /bench -->`; without one it is the section "Results", with its heading, to the document's end.
 */
export interface Quotation {
  readonly file: string;
  readonly name?: string;
  readonly text: string;
}

/** The document with the quotation in its place, or nothing if it has no such place. */
export function quotedIn(document: string, { name, text }: Quotation): string | undefined {
  if (name === undefined) {
    const at = document.indexOf("\n## Results\n");
    return at === -1 ? undefined : `${document.slice(0, at)}\n${text}`;
  }
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->\n`];
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from === -1 || to < from) return undefined;
  return `${document.slice(0, from)}${begin}\n${text.trim()}\n\n${document.slice(to)}`;
}
