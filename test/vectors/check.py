"""Checks the conformance vectors of this folder: python3 check.py [FOLDER]

An implementation of its own, in nothing but Python's standard library, so that the vectors are not the engine's portrait of itself.
Prints one line of JSON a file, a line for each vector that comes out otherwise, and exits 1 if there is one. See README.md.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
# Ed25519 and the proofs of RFC 6962 are those of the witness of the audit log.
sys.path[:0] = [HERE, os.path.join(HERE, "../audit")]

from checker import audit, dates, digests, labels, paths, receipts, texts, verdicts  # noqa: E402
from checker.json_text import canonical, read  # noqa: E402

VERSION = 1


def expecting(outcome):
    def run(vector):
        got = outcome(vector)
        return canonical(got), canonical(vector["expect"])

    return run


def check_lang(vector):
    """Paths and dates; what else there is of the language needs more than a small program."""
    if vector["kind"] == "path":
        got = paths.run(vector["source"], vector["input"])
    elif vector["kind"] == "date":
        got = dates.run(vector["source"], vector["input"])
    else:
        raise verdicts.Skip(vector["kind"])
    return canonical(got), canonical({name: vector[name] for name in ("ok", "error") if name in vector})


FILES = {
    "json.json": texts.check_json,
    "canonical.json": expecting(texts.check_canonical),
    "digests.json": expecting(digests.check),
    "labels.json": expecting(labels.check),
    "receipts.json": expecting(receipts.check),
    "audit.json": expecting(audit.check),
    "verdicts.json": verdicts.check,
    "lang.json": check_lang,
}


def check_file(path, run):
    """How many vectors passed, how many were skipped for which reason, and a line for each failure."""
    with open(path, encoding="utf-8", newline="") as file:
        vectors = read(file.read())
    passed, skipped, failures = 0, {}, []
    for vector in vectors:
        try:
            if vector.get("version", VERSION) != VERSION:
                raise ValueError(f"version {vector['version']}")
            got, expected = run(vector)
        except verdicts.Skip as skip:
            skipped[str(skip)] = skipped.get(str(skip), 0) + 1
            continue
        except Exception as error:  # A checker that stumbles has not shown anything.
            failures.append(f"{vector['name']}: {type(error).__name__} {error}")
            continue
        if got == expected:
            passed += 1
        else:
            failures.append(f"{vector['name']}: {got} instead of {expected}")
    return passed, skipped, failures


def main(folder):
    failed = False
    for name, run in FILES.items():
        passed, skipped, failures = check_file(os.path.join(folder, name), run)
        line = {"file": name, "passed": passed, "failed": len(failures), "skipped": sum(skipped.values())}
        print(canonical({**line, **({"why": skipped} if skipped else {})}))
        for failure in failures:
            print(f"  {name}: {failure}"[:2000])
        failed = failed or bool(failures) or passed == 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else HERE))
