"""Trains the planner on packs that `data/packs.ts` wrote, and resumes where it stopped.

usage: train_planner.py --base BASE --packs DIR --out WORK [--total N] [--encoder WORK/retriever.pt]
Reads shards in order and waits for the next while the writer is still at work. Writes WORK/planner.pt (running mean of the weights) and
WORK/state.pt (to resume). A pack is one row; `--total` is the number of packs, and with it the length of the schedule.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from batches import batch_loss, batches, read_shard
from network import Planner
from tqdm import tqdm

RATE_ENCODER, RATE_HEADS = 1.2e-4, 6e-4


def shards_from(folder: Path, first: int) -> Iterator[list[dict]]:
    """The shards from number `first`, in order; after the last one that the writer announced (`done`), from the start again."""
    at = first
    while True:
        path = folder / f"packs-{at:05d}.jsonl"
        if path.exists():
            yield read_shard(path)
            at += 1
        elif (folder / "done").exists() and at > 0:
            at = 0
        else:
            time.sleep(1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", required=True)
    parser.add_argument("--packs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--total", type=int, default=80_000)
    parser.add_argument("--tokens", type=int, default=4096, help="sub-words a batch, padding included")
    parser.add_argument("--encoder", help="a trained retriever to start the encoder from")
    parser.add_argument("--start", help="weights of an earlier run to go on from")
    parser.add_argument("--minutes", type=float, help="stop after this time; the schedule follows whichever is nearer to its end")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(options.seed)
    torch.set_flush_denormal(True)
    options.out.mkdir(parents=True, exist_ok=True)
    model = Planner(options.base)
    if options.encoder:
        trained = torch.load(options.encoder, map_location="cpu")
        model.encoder.load_state_dict({name.removeprefix("encoder."): value for name, value in trained.items()})
    if options.start:
        model.load_state_dict(torch.load(options.start, map_location="cpu"))
    model.to(device).train()
    inner = [weight for name, weight in model.named_parameters() if name.startswith("encoder") and weight.requires_grad]
    heads = [weight for name, weight in model.named_parameters() if not name.startswith("encoder")]
    optimiser = torch.optim.AdamW([{"params": inner}, {"params": heads}], weight_decay=0.01, betas=(0.9, 0.98))
    average = {name: weight.detach().clone() for name, weight in model.named_parameters() if weight.requires_grad}
    seen, step, shard, spent = 0, 0, 0, 0.0
    state = options.out / "state.pt"
    if state.exists():
        saved = torch.load(state, map_location=device)
        model.load_state_dict(saved["model"])
        optimiser.load_state_dict(saved["optimiser"])
        average, seen, step, shard, spent = saved["average"], saved["seen"], saved["step"], saved["shard"], saved["spent"]
    began = time.monotonic()

    def share() -> float:
        """How much of the schedule is behind us, 0 to 1."""
        by_time = (spent + time.monotonic() - began) / (options.minutes * 60) if options.minutes else 0.0
        return max(seen / options.total, by_time)

    def averaged() -> dict[str, torch.Tensor]:
        return {name: average.get(name, value).detach().cpu() for name, value in model.state_dict().items()}

    def save() -> None:
        torch.save(averaged(), options.out / "planner.part")
        (options.out / "planner.part").replace(options.out / "planner.pt")
        now = {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "average": average, "seen": seen, "step": step, "shard": shard}
        torch.save({**now, "spent": spent + time.monotonic() - began}, options.out / "state.part")
        (options.out / "state.part").replace(state)

    means: dict[str, float] = {}
    progress = tqdm(total=options.total, initial=seen, unit="pack", mininterval=10)
    for rows in shards_from(options.packs, shard):
        for kind, batch in batches(rows, tokens=options.tokens, rng=random.Random(options.seed * 100_003 + shard)):
            done = share()
            for group, rate in zip(optimiser.param_groups, (RATE_ENCODER, RATE_HEADS), strict=True):
                group["lr"] = rate * min(1, (step + 1) / 60) * max(0.02, 1 - done)
            loss, right = batch_loss(model, kind, batch, device)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(inner + heads, 1.0)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            step += 1
            seen += len(batch)
            if step % 4 == 0:
                keep = min(0.99, step / (step + 40))
                for name, weight in model.named_parameters():
                    if name in average:
                        average[name].lerp_(weight.detach(), 1 - keep)
            for name, value in ((f"{kind}.loss", loss.item()), (f"{kind}.right", right.item())):
                means[name] = value if name not in means else 0.98 * means[name] + 0.02 * value
            progress.update(len(batch))
            if step % 20 == 0:
                progress.set_postfix({name: f"{value:.3f}" for name, value in sorted(means.items())})
            if share() >= 1:
                save()
                return
        shard += 1
        if shard % 2 == 0:
            save()


if __name__ == "__main__":
    main()
