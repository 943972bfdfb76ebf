/**
 * The journal of the Redis store: one list, written in the scripts that write what its lines tell, so that it has their order.
 * Never shows a line in place of another that was seen: a journal that lost lines (by a failover, say) answers `unavailable` to its cursors.
 */
import { canonicalJson } from "../../json/canonical.ts";
import type { JsonObject } from "../../json/value.ts";
import { assert, err, ok, type Result } from "../../result.ts";
import { entryOfText, listAt, numberAt, type Place, placeOf } from "./rows.ts";
import type { Runner } from "./runner.ts";
import { jsonOf, textOfOrderKey } from "../columns.ts";
import { badCursor, type JournalLine, type JournalPage, noJournal, type Store, type StoreFailure } from "../store.ts";

/** Lines that one script touches at most. */
const linesPerScript = 500;

/** How the journal is kept. */
export interface JournalUse {
  /** Whether this store was opened with a journal. */
  readonly isKept: boolean;
  /** Whether reading leaves a trace, so that its answer can wait until replicas have the lines. */
  readonly isTraced: boolean;
}

/** The methods of a store that are about its journal. */
export function journalMethods(
  runner: Runner,
  { isKept, isTraced }: JournalUse,
): Pick<Store, "note" | "journal" | "trimJournal"> {
  const { keys, run } = runner;
  return {
    note: async (facts) =>
      isKept ? run("note", [keys.journal], { args: [canonicalJson(facts)], read: () => undefined }) : ok(undefined),
    journal: async (page) => (isKept ? linesOf(runner, page, isTraced) : err(noJournal)),
    trimJournal: async (upTo) => {
      if (!isKept) return err(noJournal);
      const place = placeOf(upTo);
      if (place === undefined) return err(badCursor);
      const args = [place.number, place.moment, String(linesPerScript)];
      for (;;) {
        const left = await run("trim", [keys.journal, keys.trimmed, keys.journaled], {
          args,
          read: (reply) => numberAt(reply, 1),
        });
        if (!left.ok) return left;
        if (left.value <= 0) return ok(undefined);
      }
    },
  };
}

/** A line as the list has it: when it was written, the event's number or `-`, the session or the note. */
interface Reference extends Place {
  readonly event: string;
  readonly rest: string;
}

async function linesOf(
  runner: Runner,
  { limit, after }: JournalPage,
  isTraced: boolean,
): Promise<Result<readonly JournalLine[], StoreFailure>> {
  const { keys, run } = runner;
  const place = after === undefined ? { number: "0", moment: "0" } : placeOf(after);
  if (place === undefined) return err(badCursor);
  if (limit < 1) return ok([]);
  const found = await run("journal", [keys.journal, keys.trimmed, keys.reads], {
    args: [place.number, place.moment, String(limit), isTraced ? "1" : "0"],
    read: (reply) => listAt(reply, 2).map((line, i) => referenceOf(String(line), numberAt(reply, 1) + i + 1)),
  });
  if (!found.ok) return found;
  const lines: JournalLine[] = [];
  for (let from = 0; from < found.value.length; from += linesPerScript) {
    const part = await withEntries(runner, found.value.slice(from, from + linesPerScript));
    if (!part.ok) return part;
    lines.push(...part.value);
  }
  return ok(lines);
}

function referenceOf(line: string, number: number): Reference {
  const [, moment, event, rest] = /^(\d+) (\d+|-) (.*)$/s.exec(line) ?? [];
  assert(moment !== undefined && event !== undefined && rest !== undefined, "a line has three words");
  return { number: String(number), moment, event, rest };
}

/** Lines with the events that they refer to, which stay as long as the journal has the lines. */
async function withEntries(
  { keys, run }: Runner,
  lines: readonly Reference[],
): Promise<Result<readonly JournalLine[], StoreFailure>> {
  const events = lines.filter(({ event }) => event !== "-");
  const texts = await run(
    "entries",
    events.map(({ rest }) => keys.session(textOfOrderKey(rest))),
    {
      args: events.map(({ event }) => event),
      read: (reply) => reply.slice(1),
    },
  );
  if (!texts.ok) return texts;
  // Somebody trimmed the journal in between, and the session was forgotten.
  if (texts.value.length !== events.length || texts.value.includes(null))
    return err({ kind: "unavailable", detail: "redis trimmed" });
  let at = 0;
  return ok(
    lines.map(({ number, moment, event, rest }): JournalLine => {
      const cursor = `${number}-${moment}`;
      if (event === "-") return { cursor, note: jsonOf(rest) as JsonObject };
      return { cursor, session: textOfOrderKey(rest), number: Number(event), entry: entryOfText(texts.value[at++]) };
    }),
  );
}
