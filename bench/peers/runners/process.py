"""Measures one engine in a process of its own, by the protocol of `../node.ts`: arguments FOLDER MILLISECONDS; a line `"first"` at the first
verdict, then a line with what was measured. Never measures before the answers are taken."""

import json
import resource
import sys
import time

LARGE_BYTES = 100_000
LARGE_RUNS = 15
PASSES_MIN = 2


def measure_peer(open_peer):
    """`open_peer(policy, sessions)` gives `check(raw: bytes) -> bool`."""
    folder, budget = sys.argv[1], float(sys.argv[2]) / 1_000
    policy, workload = read(folder, "policy.json"), read(folder, "calls.json")
    calls = [call["raw"].encode() for call in workload["calls"]]
    check = open_peer(policy, workload["sessions"])
    check(calls[0])
    print('"first"', flush=True)
    verdicts = [check(raw) for raw in calls]
    small = [raw for raw in calls if len(raw) <= LARGE_BYTES]
    large = [raw for raw in calls if len(raw) > LARGE_BYTES]
    warm = time.perf_counter() + budget / 3
    while time.perf_counter() < warm:
        run(check, small)
    singles, cpus = [], []
    end = time.perf_counter() + budget * 2 / 3
    while len(cpus) < PASSES_MIN or time.perf_counter() < end:
        singles += singles_of(check, small)
        cpus.append(run(check, small) / len(small))
    larges = [each for _ in range(LARGE_RUNS) for each in singles_of(check, large)]
    print(
        json.dumps(
            {
                "verdicts": verdicts,
                "isSteady": [check(raw) for raw in calls] == verdicts,
                "p50": quantile(singles, 0.5),
                "p99": quantile(singles, 0.99),
                "cpu": quantile(cpus, 0.5),
                "largeMs": quantile(larges, 0.5) / 1_000,
                "samples": len(singles),
            }
        ),
        flush=True,
    )


def read(folder, name):
    with open(f"{folder}/{name}", encoding="utf8") as file:
        return json.load(file)


def singles_of(check, calls):
    """Microseconds of each call."""
    times = []
    for raw in calls:
        start = time.perf_counter_ns()
        check(raw)
        times.append((time.perf_counter_ns() - start) / 1_000)
    return times


def run(check, calls):
    """Microseconds of processor time for all of the calls, all threads included."""
    before = cpu()
    for raw in calls:
        check(raw)
    return cpu() - before


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return (usage.ru_utime + usage.ru_stime) * 1e6


def quantile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
