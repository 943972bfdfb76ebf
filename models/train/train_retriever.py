"""Contrastive training of the retriever: a task (and each clause of it) near the tools that it asks for, far from their neighbours.

usage: train_retriever.py --base BASE --data retrieval.json --out WORK [--tasks N]
Reads what `data/retrieval.ts` wrote. Score of a task and a tool: the best dot product over the spans of the task (Khattab & Zaharia 2020
take the best over tokens). Negatives: the other tools of the batch, and for each wanted tool its nearest ones of the same catalogue.
Writes WORK/retriever.pt and WORK/neighbours.json (for each tool its nearest ones, which the packs take as candidates).
"""

from __future__ import annotations

import argparse
import json
import random
import re
from pathlib import Path

import torch
import torch.nn.functional as F
from network import Retriever
from torch import Tensor
from tqdm import tqdm

RATES = {"sgd": 0.24, "traject": 0.24, "sealtools": 0.2, "metatool": 0.12, "stabletoolbench": 0.08, "apibank": 0.03, "taubench_retail": 0.01, "snips": 0.02, "synthetic": 0.25}  # fmt: skip
TEMPERATURE = 0.05
NEAR = 16


def family(catalogue: str) -> str:
    return re.sub(r"_x\d+$", "", catalogue)


def service(name: str) -> str:
    return re.sub(r"_\d+\..*", "", name)


def is_twin(one: str, other: str) -> bool:
    """Two services of one domain (`Events_1.…`, `Events_2.…`) do the same: neither is a negative of the other."""
    return "." in one and "." in other and one.split(".")[0] != other.split(".")[0] and service(one) == service(other)


def collate(texts: list[list[int]], spans: list[list[list[int]]], device: torch.device) -> tuple[Tensor, ...]:
    length, most = max(map(len, texts)), max(map(len, spans))
    ids = torch.tensor([text + [0] * (length - len(text)) for text in texts])
    mask = torch.tensor([[1] * len(text) + [0] * (length - len(text)) for text in texts])
    table = torch.tensor([own + [[0, 0]] * (most - len(own)) for own in spans])
    return tuple(tensor.to(device) for tensor in (ids, mask, torch.zeros_like(ids), table))


class Corpus:
    """Tools and tasks of `retrieval.json`."""

    def __init__(self, path: Path) -> None:
        data = json.loads(path.read_text())
        self.tools: list[list[int]] = [tool["ids"] for tool in data["tools"]]
        keys = [tool["key"].partition("/") for tool in data["tools"]]
        self.catalogue = [catalogue for catalogue, _, _ in keys]
        self.name = [name for _, _, name in keys]
        self.members: dict[str, list[int]] = {}
        for at, catalogue in enumerate(self.catalogue):
            self.members.setdefault(catalogue, []).append(at)
        self.tasks: dict[str, list[dict]] = {}
        for task in data["tasks"]:
            if task["gold"]:
                self.tasks.setdefault(task["src"], []).append(task)


def encode(model: Retriever, texts: list[list[int]], spans: list[list[list[int]]], *, rows: int, device: torch.device) -> Tensor:
    """[N, C, D] in the order given; encoded by length, `rows` texts at once, since padding costs as much as words do."""
    order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
    most = max(map(len, spans))
    found: list[Tensor] = []
    for at in range(0, len(order), rows):
        part = order[at : at + rows]
        with torch.autocast(device.type, dtype=torch.bfloat16):
            vectors = model(*collate([texts[i] for i in part], [spans[i] for i in part], device)).float()
        found.append(F.pad(vectors, (0, 0, 0, most - vectors.shape[1])))
    back = torch.empty(len(order), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(order))
    return torch.cat(found)[back.to(device)]


def whole(texts: list[list[int]]) -> list[list[list[int]]]:
    """One span for each text: all of it."""
    return [[[0, len(text)]] for text in texts]


def nearest(model: Retriever, corpus: Corpus, device: torch.device) -> list[list[int]]:
    """Of each tool, the tools of its catalogue that are nearest to it."""
    with torch.no_grad():
        vectors = encode(model, corpus.tools, whole(corpus.tools), rows=64, device=device)[:, 0].cpu()
    found: list[list[int]] = [[] for _ in corpus.tools]
    for members in corpus.members.values():
        own = vectors[members]
        near = (own @ own.T).topk(min(NEAR + 1, len(members)), 1).indices.tolist()
        for at, row in zip(members, near, strict=True):
            found[at] = [members[i] for i in row if members[i] != at]
    return found


def step_loss(model: Retriever, corpus: Corpus, batch: list[dict], near: list[list[int]], device: torch.device, rng: random.Random) -> Tensor:
    tools: dict[int, int] = {}
    wanted: list[tuple[int, int]] = []
    for row, task in enumerate(batch):
        for gold in rng.sample(task["gold"], min(3, len(task["gold"]))):
            wanted.append((row, tools.setdefault(gold, len(tools))))
            others = [at for at in near[gold][:10] if not is_twin(corpus.name[gold], corpus.name[at])]
            for at in rng.sample(others, min(2, len(others))):
                tools.setdefault(at, len(tools))
    chosen = list(tools)
    texts = [corpus.tools[at] for at in chosen]
    asked = encode(model, [task["ids"] for task in batch], [task["spans"] for task in batch], rows=-(-len(batch) // 4), device=device)
    offered = encode(model, texts, whole(texts), rows=-(-len(texts) // 4), device=device)[:, 0]
    there = torch.tensor([[1.0] * len(task["spans"]) + [0.0] * (asked.shape[1] - len(task["spans"])) for task in batch], device=device)
    scores = ((asked @ offered.T) + (there - 1).unsqueeze(-1) * 9).amax(1) / TEMPERATURE
    allowed = torch.ones(len(batch), len(chosen), dtype=torch.bool)
    for row, task in enumerate(batch):
        gold = set(task["gold"])
        for column, at in enumerate(chosen):
            is_other = corpus.catalogue[at] != task["catalogue"] and family(corpus.catalogue[at]) == family(task["catalogue"])
            if at in gold or is_other or any(is_twin(corpus.name[g], corpus.name[at]) for g in gold):
                allowed[row, column] = False
    losses = []
    for row, column in wanted:
        keep = allowed[row].clone()
        keep[column] = True
        losses.append(-F.log_softmax(scores[row].masked_fill(~keep.to(device), -1e4), 0)[column])
    return torch.stack(losses).mean()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tasks", type=int, default=16_000, help="tasks to train on in all; 16,000 take about eight minutes of two cores")
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--start", type=Path, help="weights of an earlier run to go on from")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(options.seed)
    rng = random.Random(options.seed)
    torch.set_flush_denormal(True)
    options.out.mkdir(parents=True, exist_ok=True)
    corpus = Corpus(options.data)
    model = Retriever(options.base)
    if options.start:
        model.load_state_dict(torch.load(options.start, map_location="cpu"))
    model.to(device).train()
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=1e-4, weight_decay=0.01)
    sources = [source for source in RATES if source in corpus.tasks]
    steps = options.tasks // options.batch
    near = nearest(model, corpus, device)
    progress = tqdm(range(steps), unit="step", mininterval=5)
    mean = 0.0
    for step in progress:
        if step == steps // 2:
            near = nearest(model, corpus, device)
        rate = 1e-4 * min(1, (step + 1) / 30) * max(0.03, 1 - step / steps)
        for group in optimiser.param_groups:
            group["lr"] = rate
        picked = rng.choices(sources, [RATES[source] for source in sources], k=options.batch)
        loss = step_loss(model, corpus, [rng.choice(corpus.tasks[source]) for source in picked], near, device, rng)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
        optimiser.zero_grad()
        mean = loss.item() if step == 0 else 0.97 * mean + 0.03 * loss.item()
        progress.set_postfix(loss=f"{mean:.3f}")
    torch.save(model.state_dict(), options.out / "retriever.pt")
    near = nearest(model, corpus, device)
    keys = [f"{catalogue}/{name}" for catalogue, name in zip(corpus.catalogue, corpus.name, strict=True)]
    named = {keys[at]: [keys[i] for i in row] for at, row in enumerate(near)}
    (options.out / "neighbours.json").write_text(json.dumps(named))


if __name__ == "__main__":
    main()
