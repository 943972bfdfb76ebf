/**
 * The order of calls: what a call must wait for beyond the data that it reads.
 * Pure. Never lets a call that changes something overtake a call that stands before it in the code.
 *
 * A call that changes something comes after all calls before it; a call that only reads comes after the last ones that change something, and
 * after earlier calls of its own tool, from which nothing else might tell it apart. Readers are otherwise unordered: what they give does
 * not depend on each other, and an agent that asks in another order sees the same.
 */

/** What the next call has to wait for. */
export interface Order {
  /** Calls that change something, the last ones. */
  readonly effects: ReadonlySet<string>;
  /** Calls since then that only read, with their tools. */
  readonly reads: ReadonlyMap<string, string>;
}

/** Nothing came before. */
export const noOrder: Order = { effects: new Set(), reads: new Map() };

/** The names that a call waits for. */
export function waitsFor(
  order: Order,
  { tool, isReader }: { readonly tool: string; readonly isReader: boolean },
): readonly string[] {
  if (!isReader) return [...order.effects, ...order.reads.keys()];
  const own = Array.from(order.reads).flatMap(([name, other]) => (other === tool ? [name] : []));
  return [...order.effects, ...own];
}

/** The order after one more call. Rows of a loop may be none, so that such a call does not stand for those before it. */
export function afterCall(
  order: Order,
  name: string,
  { tool, isReader, isLoop }: { readonly tool: string; readonly isReader: boolean; readonly isLoop: boolean },
): Order {
  if (isReader) {
    const reads = new Map(order.reads);
    if (!isLoop) for (const [other, its] of order.reads) if (its === tool) reads.delete(other);
    return { effects: order.effects, reads: reads.set(name, tool) };
  }
  if (isLoop) return { effects: new Set([...order.effects, name]), reads: order.reads };
  return { effects: new Set([name]), reads: new Map() };
}

/** The order after two parts, of which one or both ran, and which began with the same order. */
export function joinOrders(start: Order, a: Order, b: Order): Order {
  // What has changed in a part came after all of the start, and is settled when it was skipped, too.
  const isNew = (order: Order): boolean => [...order.effects].some((name) => !start.effects.has(name));
  const isReplaced = [a, b].some((order) => isNew(order) && [...start.effects].every((name) => !order.effects.has(name)));
  const effects = new Set([...a.effects, ...b.effects].filter((name) => !isReplaced || !start.effects.has(name)));
  const isCovered = (name: string): boolean => isReplaced && start.reads.has(name);
  const reads = new Map([...a.reads, ...b.reads].filter(([name]) => !isCovered(name)));
  return { effects, reads };
}
