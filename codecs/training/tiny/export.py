"""Write a checkpoint as the files that a call runs: three graphs, the code books, a manifest.

What each way to store the weights costs is in docs/codecs.md, *Tiny*. Needs the package onnx.
"""

import argparse
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sotto_codecs.tiny.weights import BOOKS, FORMAT, GRAPHS, MANIFEST
from training.tiny.graphs import encoder_graph, filters_graph, pitch_graph
from training.tiny.network import Tiny
from training.tiny.run import saved_config

STORES = ("fp32", "fp16", "int8", "dynamic")
LICENCE = "Apache-2.0"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("folder", type=Path, help="of the files; made if it is not there")
    parser.add_argument("--store", choices=STORES, default="dynamic", help="how weights are kept")
    parser.add_argument("--version", type=int, default=1, help="of the bit stream")
    parser.add_argument("--run", default="", help="words on the training run, for the manifest")


def run(arguments: argparse.Namespace) -> None:
    network = averaged(arguments.checkpoint)
    content = torch.load(arguments.checkpoint, map_location="cpu", weights_only=True)
    training = {"run": arguments.run, "steps": int(content["step"])}
    training["hours_heard"] = round(content.get("heard_s", 0.0) / 3600, 1)
    export(network, arguments.folder, arguments.store, arguments.version, training)
    for path in sorted(arguments.folder.iterdir()):
        print(f"{path.stat().st_size / 1e6:7.3f} MB  {path.name}")


def averaged(checkpoint: Path) -> Tiny:
    """The averaged network of a checkpoint."""
    network = Tiny(saved_config(checkpoint)).eval()
    content = torch.load(checkpoint, map_location="cpu", weights_only=True)
    network.load_state_dict(content["averaged"])
    return network


def export(
    network: Tiny,
    folder: Path,
    store: str = "fp32",
    version: int = 1,
    training: Mapping[str, Any] | None = None,
) -> None:
    """All files of a folder that sotto_codecs.tiny.weights reads."""
    folder.mkdir(parents=True, exist_ok=True)
    config = network.config
    graphs = (
        encoder_graph(network.encoder, config, store),
        pitch_graph(network.decoder, config, store),
        filters_graph(network.decoder, config, store),
    )
    files = dict(zip(GRAPHS, (graph.SerializeToString() for graph in graphs), strict=True))
    files[BOOKS] = _books(network, store)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    head = {"format": FORMAT, "version": version, "licence": LICENCE, "store": store}
    tables = {
        "training": training or {},
        "config": asdict(config),
        "sha256": {f'"{name}"': sha256(content).hexdigest() for name, content in files.items()},
    }
    text = "".join(_line(*item) for item in head.items())
    text += "".join(map(table_of, tables, tables.values()))
    (folder / MANIFEST).write_text(text)


def _books(network: Tiny, store: str) -> bytes:
    """Both ends add up the same entries, so they are kept finely: half precision at least."""
    books = network.quantiser.books.float().cpu().numpy()
    file = BytesIO()
    np.save(file, books if store == "fp32" else books.astype(np.float16), allow_pickle=False)
    return file.getvalue()


def table_of(name: str, table: Mapping[str, object]) -> str:
    """Of TOML."""
    return f"\n[{name}]\n" + "".join(_line(*item) for item in table.items())


def _line(key: str, value: object) -> str:
    """Of TOML; strings here hold no quotes, and a list is written as Python does."""
    if isinstance(value, str):
        return f'{key} = "{value}"\n'
    return f"{key} = {list(value) if isinstance(value, tuple) else value}\n"
