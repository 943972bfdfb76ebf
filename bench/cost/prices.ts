/**
 * What a second of a processor costs, by public list prices: on demand, without discounts, free shares or taxes.
 * Only what is written here is taken for a price: nothing is looked up when it runs.
 */

/** A list price of processor time. */
export interface Price {
  readonly name: string;
  readonly dollarsPerCpuSecond: number;
  /** What the list says, and how it becomes a second of one processor. */
  readonly terms: string;
  readonly source: string;
  /** Month of the last report of it at hand; the list itself may have changed since. */
  readonly asOf: string;
}

const secondsPerHour = 3_600;
/** MB of memory for which Lambda gives a function one whole processor (docs.aws.amazon.com/lambda, "Memory and computing power"). */
const lambdaMegabytesPerCpu = 1_769;

/** The prices that costs are stated at, the first of them in one-line summaries. */
export const prices: readonly [Price, ...Price[]] = [
  {
    name: "AWS Fargate",
    dollarsPerCpuSecond: 0.04048 / secondsPerHour,
    terms: "$0.04048 a vCPU-hour, Linux on x86, us-east-1; memory is apart",
    source: "https://aws.amazon.com/fargate/pricing/",
    asOf: "2026-06",
  },
  {
    name: "AWS Lambda",
    dollarsPerCpuSecond: (0.0000133334 * lambdaMegabytesPerCpu) / 1_024,
    terms: "$0.0000133334 a GB-second on arm64, at 1,769 MB for one vCPU; $0.20 a million requests are apart",
    source: "https://aws.amazon.com/lambda/pricing/",
    asOf: "2026-05",
  },
  {
    name: "Cloudflare Workers",
    // A million CPU-milliseconds are a thousand seconds.
    dollarsPerCpuSecond: 0.02 / 1_000,
    terms: "$0.02 a million CPU-milliseconds beyond 30 million a month; $0.30 a million requests are apart",
    source: "https://developers.cloudflare.com/workers/platform/pricing/",
    asOf: "2026-08",
  },
];

/** What the article that this project began with says a million checks cost, in dollars; it does not say at which price. */
export const claimedDollarsPerMillion = 0.02;

/** Dollars for a million checks that take so many microseconds of one processor each: a microsecond each is a second for all of them. */
export function dollarsPerMillion(cpuMicroseconds: number, { dollarsPerCpuSecond }: Price): number {
  return cpuMicroseconds * dollarsPerCpuSecond;
}
