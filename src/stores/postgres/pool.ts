/**
 * The connections of the PostgreSQL store, as `kysely` takes them.
 * Never gives a connection back to be used again that did not answer, and never takes a wait for a free one for a server that is gone.
 */
import type { PostgresPool, PostgresPoolClient } from "kysely";
import type { Pool, PoolClient } from "pg";

/** How many connections there are, and how long a caller waits for a free one. */
export interface PoolBounds {
  readonly max: number;
  readonly waitMs: number;
}

/**
 * A pool that throws away a connection on which a query failed without a word of the server: it was lost, or did not answer in time and may
 * yet answer the next query with this one's rows. Callers are served in the order in which they came.
 */
export function careful(pool: Pool, bounds: PoolBounds): PostgresPool {
  const turns = createTurns(bounds);
  const clients = new WeakMap<PoolClient, PostgresPoolClient>();
  return {
    connect: async () => {
      await turns.wait();
      try {
        const client = await pool.connect();
        const known = clients.get(client) ?? carefulClient(client, turns.pass);
        clients.set(client, known);
        return known;
      } catch (error) {
        turns.pass();
        throw error;
      }
    },
    end: () => pool.end(),
    options: pool.options,
  };
}

/** `pg` bounds the wait for a free connection and the connecting by one time; so that the first is long and the second short, we wait here. */
function createTurns({ max, waitMs }: PoolBounds): { wait(): Promise<void>; pass(): void } {
  let free = max;
  const waiting = new Set<() => void>();
  return {
    wait: () => {
      if (free > 0) {
        free -= 1;
        return Promise.resolve();
      }
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(next);
          reject(Object.assign(new Error("no connection is free"), { code: "EBUSY" }));
        }, waitMs);
        const next = (): void => {
          clearTimeout(timer);
          resolve();
        };
        waiting.add(next);
      });
    },
    pass: () => {
      const [next] = waiting;
      if (next === undefined) free += 1;
      else {
        waiting.delete(next);
        next();
      }
    },
  };
}

function carefulClient(client: PoolClient, pass: () => void): PostgresPoolClient {
  let isLost = false;
  // A connection that breaks under a query says so twice: to the query, and to nobody, which would end the process.
  client.on("error", () => {
    isLost = true;
  });
  const query = async (text: string, values: unknown[]): Promise<unknown> => {
    try {
      return await client.query(text, values);
    } catch (error) {
      isLost ||= !isSpoken(error);
      throw error;
    }
  };
  return {
    query: query as never,
    release: (destroy) => {
      client.release(destroy === true || isLost);
      pass();
    },
  };
}

/** Whether the server itself refused, and goes on with the connection: its errors have a severity, and class 57P and 08 end it. */
function isSpoken(error: unknown): boolean {
  if (typeof error !== "object" || error === null || !("severity" in error) || !("code" in error)) return false;
  return typeof error.code === "string" && !/^(?:57P|08)/.test(error.code);
}
