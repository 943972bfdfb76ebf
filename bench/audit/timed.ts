/**
 * A job with its wall and processor time. Processor time is of this process, all its threads.
 */

/** Seconds of a job. */
export interface Seconds {
  readonly wall: number;
  readonly cpu: number;
}

/** Runs a job and times it. */
export async function timed<T>(job: () => Promise<T> | T): Promise<{ readonly value: T; readonly seconds: Seconds }> {
  const [began, before] = [performance.now(), process.cpuUsage()];
  const value = await job();
  const { user, system } = process.cpuUsage(before);
  return { value, seconds: { wall: (performance.now() - began) / 1_000, cpu: (user + system) / 1_000_000 } };
}
