/**
 * What is done beside the way of a call: in order for each key, bounded, and never in the way.
 * Never rejects and never throws: a job that fails is somebody's count, not the client's.
 */

/** Jobs of several keys. */
export interface Jobs {
  /** Runs a job after those of its key; `false`: there are too many, and it is not run. `weight`: of what it holds in memory. */
  add(key: string, job: () => Promise<void>, weight?: number): boolean;
  /** Resolves when all jobs so far have ended. */
  idle(): Promise<void>;
}

/** Makes a queue of at most so many jobs, and of so much weight. `failed` is told of a job that throws, which is a fault of ours. */
export function createJobs(max: { readonly jobs: number; readonly weight: number }, failed: (error: unknown) => void): Jobs {
  const tails = new Map<string, Promise<void>>();
  let [waiting, heavy] = [0, 0];
  return {
    add: (key, job, weight = 0) => {
      if (waiting >= max.jobs || (waiting > 0 && heavy + weight > max.weight)) return false;
      waiting++;
      heavy += weight;
      const tail = (tails.get(key) ?? Promise.resolve())
        .then(job)
        .catch(failed)
        .finally(() => {
          waiting--;
          heavy -= weight;
          if (tails.get(key) === tail) tails.delete(key);
        });
      tails.set(key, tail);
      return true;
    },
    idle: async () => {
      while (tails.size > 0) await Promise.all(tails.values());
    },
  };
}
