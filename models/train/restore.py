"""The planner's and the retriever's weights back from the int8 graphs, to train further where nobody kept the originals.

What quantisation rounded stays rounded: a fine-tune starts from there.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import onnx
import torch
from network import Planner, Retriever
from onnx import numpy_helper


def restore(model: torch.nn.Module, graph: Path, prefix: str) -> list[str]:
    """Fills `model` from a quantised graph. -> names of parameters that the graph does not name"""
    loaded = onnx.load(str(graph))
    initialisers = {each.name: numpy_helper.to_array(each) for each in loaded.graph.initializer}
    found: dict[str, torch.Tensor] = {}

    def plain(name: str) -> torch.Tensor:
        base = name.removesuffix("_quantized")
        if base == name:
            return torch.tensor(initialisers[name])
        scale, zero = (torch.tensor(initialisers[f"{base}_{part}"]).float() for part in ("scale", "zero_point"))
        return (torch.tensor(initialisers[name]).float() - zero) * scale

    for name in initialisers:
        own = name.removesuffix("_quantized").removeprefix(prefix)
        if re.search(r"\.(weight|bias)$", own) and "_Transposed" not in own:
            found[own] = plain(name)
    for node in loaded.graph.node:
        if node.op_type not in ("MatMulInteger", "DynamicQuantizeMatMul", "MatMul") or len(node.input) < 2 or node.input[1] not in initialisers:
            continue
        path = re.sub(r"/(Gemm_)?MatMul(_quant)?$", "", node.name).strip("/").split("/")
        # The exporter names a layer of a sequence by both: count/count.0.
        parts = [part for at, part in enumerate(path) if not (at + 1 < len(path) and path[at + 1].startswith(f"{part}."))]
        own = ".".join(parts).removeprefix(prefix)
        found[f"{own}.weight"] = plain(node.input[1]).T.contiguous()
    state = model.state_dict()
    known = {name: value for name, value in found.items() if name in state and state[name].shape == value.shape}
    model.load_state_dict(known, strict=False)
    return [name for name, _ in model.named_parameters() if name not in known]


def planner_of(folder: Path, base: str) -> Planner:
    """The planner of a folder of models. Raises where the graph and `config.json` do not name every parameter."""
    planner = Planner(base)
    missing = restore(planner, folder / "planner.onnx", "planner.")
    scalars = json.loads((folder / "config.json").read_text())["scalars"]
    with torch.no_grad():
        for name, values in scalars.items():
            getattr(planner, name).copy_(torch.tensor(values))
    if left := [name for name in missing if name not in scalars]:
        raise ValueError(f"{folder}: not in the graph: {', '.join(left)}")
    return planner


def retriever_of(folder: Path, base: str) -> Retriever:
    """The retriever of a folder of models. Raises where the graph does not name every parameter."""
    retriever = Retriever(base)
    if left := restore(retriever, folder / "retriever.onnx", ""):
        raise ValueError(f"{folder}: not in the graph: {', '.join(left)}")
    return retriever
