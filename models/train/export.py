"""Weights -> ONNX (opset 17), int8 for each channel, with the manifest that the run time checks.

usage: export.py --base BASE --planner PLANNER.pt --retriever RETRIEVER.pt --out ../   (either may be `-`: as pretrained)
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import tempfile
from pathlib import Path

import onnx
import torch
from batches import inputs
from network import Planner, Retriever
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process

OUTPUTS = ["tool", "cardinality", "count", "absent", "start", "end", "pair", "value", "flow"]
AXES = {
    "input_ids": "BL", "position_ids": "BL", "token_type_ids": "BL", "attention_mask": "BL", "word_spans": "BW", "tool_spans": "BT", "tool_feature": "BT",
    "call_spans": "BC", "param_spans": "BP", "param_call": "BP", "value_spans": "BV", "value_param": "BV", "output_spans": "BO",
    "output_call": "BO", "hint_start": "BPW", "hint_end": "BPW", "match": "BPO", "value_hit": "BV", "param_feature": "BP",
    "tool": "BT", "cardinality": "B", "count": "BT", "absent": "BP", "start": "BPW", "end": "BPW", "pair": "BWU", "value": "BV", "flow": "BPO",
}  # fmt: skip


class Graph(torch.nn.Module):
    """The planner with its inputs by position, as the exporter wants them."""

    def __init__(self, planner: Planner, names: list[str]) -> None:
        super().__init__()
        self.planner, self.names = planner, names

    def forward(self, *tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return self.planner(dict(zip(self.names, tensors, strict=True)))


def example() -> dict[str, torch.Tensor]:
    row = {
        "k": "f", "ids": list(range(1000, 1040)), "pos": list(range(40)), "seg": [0] * 12 + [1] * 28, "w": [[1, 2], [2, 4], [4, 5]],
        "t": [[13, 20], [21, 30]], "tf": [[0.5, 0, 0.1, 1], [0.4, -0.1, -0.1, 0]], "c": [[13, 16], [25, 28]], "p": [[17, 19, 0], [29, 31, 1], [32, 34, 1]], "v": [[34, 35, 2], [36, 37, 2]],
        "o": [[13, 16, 0], [21, 22, 0], [25, 28, 1]], "hs": [[0, 1, 1]], "he": [[0, 1, 1]], "m": [[1, 1, 1, 1]], "vh": [1, 0],
        "pf": [[1, 0], [1, 0], [0, 1]], "y": [],
    }  # fmt: skip
    return inputs([row, row])


def write(model: torch.nn.Module, args: tuple, names: list[str], outputs: list[str], axes: dict, out: Path, keep: Path | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        plain, ready = Path(folder) / "plain.onnx", Path(folder) / "ready.onnx"
        torch.onnx.export(model, args, str(plain), input_names=names, output_names=outputs, dynamic_axes=axes, opset_version=17, dynamo=False)
        if keep is not None:
            keep.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(plain, keep)
        quant_pre_process(str(plain), str(ready), skip_symbolic_shape=True)
        quantize_dynamic(str(ready), str(out), per_channel=True, weight_type=QuantType.QInt8)
    onnx.checker.check_model(str(out))
    print(f"{out.name}: {out.stat().st_size / 1e6:.1f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", required=True)
    parser.add_argument("--planner", default="-")
    parser.add_argument("--retriever", default="-")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--fp32", type=Path, help="folder to keep the graphs before quantisation in, for comparing")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    planner = Planner(options.base, "eager").eval()
    if options.planner != "-":
        planner.load_state_dict(torch.load(options.planner, map_location="cpu"))
    retriever = Retriever(options.base, "eager").eval()
    if options.retriever != "-":
        retriever.load_state_dict(torch.load(options.retriever, map_location="cpu"))
    pack = example()
    names = list(pack)
    axes = {name: {at: axis.lower() for at, axis in enumerate(letters)} for name, letters in AXES.items()}
    fp32 = (lambda name: options.fp32 / name) if options.fp32 else (lambda _: None)
    with torch.no_grad():
        write(Graph(planner, names), tuple(pack.values()), names, OUTPUTS, axes, options.out / "planner.onnx", fp32("planner.onnx"))
        ids = torch.arange(1000, 1020).repeat(2, 1)
        spans = torch.tensor([[[0, 20], [1, 8]]] * 2)
        args = (ids, torch.ones_like(ids), torch.zeros_like(ids), spans)
        names = ["input_ids", "attention_mask", "token_type_ids", "spans"]
        axes = {**{name: {0: "b", 1: "l"} for name in names[:3]}, "spans": {0: "b", 1: "c"}, "vectors": {0: "b", 1: "c"}}
        write(retriever, args, names, ["vectors"], axes, options.out / "retriever.onnx", fp32("retriever.onnx"))
    finish(options.base, options.out, planner)


def finish(base: str, out: Path, planner: Planner) -> None:
    """The tokenizer beside the graphs, and the digest of every file that the run time reads."""
    tokenizer = json.loads((Path(base) / "tokenizer.json").read_text())
    tokenizer["truncation"] = tokenizer["padding"] = None
    (out / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")))
    shutil.copy(Path(base) / "tokenizer_config.json", out / "tokenizer_config.json")
    # Scalars have no names of their own in the graph; with them it can be trained further (restore.py).
    scalars = {name: weight.detach().tolist() for name, weight in planner.named_parameters() if "." not in name}
    config = {"format": 1, "base": "all-MiniLM-L6-v2", "dimensions": 384, "cardinalityMax": 8, "scalars": scalars}
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    manifest(out)


def manifest(out: Path) -> None:
    files = [out / name for name in ("planner.onnx", "retriever.onnx", "tokenizer.json", "tokenizer_config.json", "config.json", "aliases.json", "calibration.json")]
    entries = {
        file.name: {"sha256": hashlib.sha256(file.read_bytes()).hexdigest(), "bytes": file.stat().st_size} for file in files if file.exists()
    }
    (out / "manifest.json").write_text(json.dumps({"files": entries}, indent=2) + "\n")


if __name__ == "__main__":
    main()
