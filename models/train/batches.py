"""Packs that TypeScript wrote (models/train/data/packs.ts) as batches of tensors."""

from __future__ import annotations

import json
import random
from pathlib import Path

import torch
from network import TOOL_FEATURE_SCALE, Planner, fill_loss, select_loss
from torch import Tensor

OUTCOMES_MAX = 4
NEARNESS_NOISE = 0.03


def read_shard(path: Path) -> list[dict]:
    with path.open() as lines:
        return [json.loads(line) for line in lines]


def padded(rows: list[list], width: int, filler: list | int = 0, kind: torch.dtype = torch.long) -> Tensor:
    return torch.tensor([[*row, *[filler] * (width - len(row))] for row in rows], dtype=kind)


def longest(rows: list[dict], key: str) -> int:
    return max(1, max(len(row.get(key, ())) for row in rows))


def sparse(rows: list[dict], key: str, shape: tuple[int, ...]) -> Tensor:
    """Entries [i, j, value(s)] of each row as a dense tensor."""
    dense = torch.zeros(shape)
    for at, row in enumerate(rows):
        entries = row.get(key)
        if not entries:
            continue
        table = torch.tensor(entries, dtype=torch.float)
        first, second = table[:, 0].long(), table[:, 1].long()
        dense[at, first, second] = table[:, 2] if len(shape) == 3 else table[:, 2:]
    return dense


def inputs(rows: list[dict]) -> dict[str, Tensor]:
    """The inputs of the planner's graph, for packs of one kind."""
    size = len(rows)
    length = longest(rows, "ids")
    words, tools, calls, params, values, outputs = (longest(rows, key) for key in ("w", "t", "c", "p", "v", "o"))
    none = [0, 0]
    first_two = lambda key, width: padded([[entry[:2] for entry in row.get(key, ())] for row in rows], width, none)
    third = lambda key, width: padded([[entry[2] for entry in row.get(key, ())] for row in rows], width)
    return {
        "input_ids": padded([row["ids"] for row in rows], length),
        "position_ids": padded([row["pos"] for row in rows], length),
        "token_type_ids": padded([row["seg"] for row in rows], length),
        "attention_mask": padded([[1] * len(row["ids"]) for row in rows], length),
        "word_spans": first_two("w", words),
        "tool_spans": first_two("t", tools),
        "tool_feature": padded([row.get("tf", []) for row in rows], tools, [0.0] * len(TOOL_FEATURE_SCALE), torch.float),
        "call_spans": first_two("c", calls),
        "param_spans": first_two("p", params),
        "param_call": third("p", params),
        "value_spans": first_two("v", values),
        "value_param": third("v", values),
        "output_spans": first_two("o", outputs),
        "output_call": third("o", outputs),
        "hint_start": sparse(rows, "hs", (size, params, words)),
        "hint_end": sparse(rows, "he", (size, params, words)),
        "match": sparse(rows, "m", (size, params, outputs, 2)),
        "value_hit": padded([row.get("vh", []) for row in rows], values, 0, torch.float),
        "param_feature": padded([row.get("pf", []) for row in rows], params, none, torch.float),
    }


def select_labels(rows: list[dict]) -> dict[str, Tensor]:
    tools = longest(rows, "t")
    chosen = torch.zeros(len(rows), tools)
    counts = torch.full((len(rows), tools), -1)
    for at, row in enumerate(rows):
        for tool, count in zip(row["y"], row["n"], strict=True):
            chosen[at, tool] = 1
            if count > 0:
                counts[at, tool] = min(count, 4) - 1
    return {"chosen": chosen, "counts": counts}


KINDS = {"a": 1, "s": 2, "v": 3, "f": 4}


def fill_labels(rows: list[dict]) -> dict[str, Tensor]:
    """One line for each labelled parameter, with at most four acceptable outcomes."""
    table: list[list[list[int]]] = []
    for at, row in enumerate(rows):
        for param, outcomes in enumerate(row["y"]):
            if not outcomes:
                continue
            line = [
                [KINDS[outcome[0]], at, param, outcome[1] if len(outcome) > 1 else 0, outcome[2] if len(outcome) > 2 else 0]
                for outcome in outcomes[:OUTCOMES_MAX]
            ]
            table.append(line + [[0, at, param, 0, 0]] * (OUTCOMES_MAX - len(line)))
    columns = torch.tensor(table, dtype=torch.long)
    return dict(zip(("kind", "row", "param", "first", "final"), columns.unbind(-1), strict=True))


def batches(rows: list[dict], *, tokens: int, rng: random.Random) -> list[tuple[str, list[dict]]]:
    """Batches of one kind ("s" or "f") and of similar length, each of about `tokens` sub-words, in random order."""
    ready: list[tuple[str, list[dict]]] = []
    for kind in ("s", "f"):
        own = sorted((row for row in rows if row["k"] == kind and (kind == "s" or any(row["y"]))), key=lambda row: len(row["ids"]))
        batch: list[dict] = []
        for row in own:
            if batch and (len(batch) + 1) * len(row["ids"]) > tokens:
                ready.append((kind, batch))
                batch = []
            batch.append(row)
        if batch:
            ready.append((kind, batch))
    rng.shuffle(ready)
    return ready


def batch_loss(model: Planner, kind: str, batch: list[dict], device: torch.device) -> tuple[Tensor, Tensor]:
    """-> loss of a batch, share of it that is right already. The encoder computes in bfloat16, the heads and the loss do not."""
    pack = {name: tensor.to(device) for name, tensor in inputs(batch).items()}
    if kind == "s":
        # The retriever has seen some of these tasks: what it says of them is surer than what it will say of others.
        pack["tool_feature"][..., :3] += NEARNESS_NOISE * torch.randn_like(pack["tool_feature"][..., :3])
    labels = {name: tensor.to(device) for name, tensor in (select_labels if kind == "s" else fill_labels)(batch).items()}
    with torch.autocast(device.type, dtype=torch.bfloat16):
        states = model.encode(pack)
    states = tuple(tensor.float() for tensor in states)
    if kind == "s":
        return select_loss(model.select(pack, *states), labels)
    return fill_loss(model.fill(pack, *states), pack, labels)
