"""Write a checkpoint as the files that a call runs: four graphs and a manifest.

Encoder and decompressor as sotto_codecs.focal.graph reads them, the voice as Tiny's. Needs the
package onnx.
"""

import argparse
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from sotto_codecs.focal.graph import DECODER, ENCODER
from sotto_codecs.focal.network.export import Store, digest_of, written
from sotto_codecs.focal.network.quantiser import tokens
from sotto_codecs.focal.small import FILES, FILTERS, PITCH
from sotto_codecs.focal.weights import FORMAT
from sotto_codecs.shipped import MANIFEST
from training.focal.network import Listener, ListenerState, Small
from training.focal.run import saved
from training.tiny.export import LICENCE, table_of
from training.tiny.graphs import filters_graph, pitch_graph


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("folder", type=Path, help="of the files; made if it is not there")
    parser.add_argument("--full-precision", action="store_true", help="weights of 32 bits")
    parser.add_argument("--version", type=int, default=1, help="of the bit stream")
    parser.add_argument("--run", default="", help="words on the training run, for the manifest")


def run(arguments: argparse.Namespace) -> None:
    network, content = saved(arguments.checkpoint)
    training = {
        "run": arguments.run,
        "steps": int(content["step"]),
        "hours_heard": round(content["heard_s"] / 3600, 1),
    }
    bits = 32 if arguments.full_precision else 16
    export(network, arguments.folder, bits, arguments.version, training)
    for path in sorted(arguments.folder.iterdir()):
        print(f"{path.stat().st_size / 1e6:7.3f} MB  {path.name}")


def export(
    network: Small,
    folder: Path,
    bits: int = 32,
    version: int = 1,
    training: Mapping[str, Any] | None = None,
) -> None:
    """All files of a folder that sotto_codecs.focal.small reads. Weights have 32 bits or 16, which
    leave the bits of tokens as they are; the voice's have 7 then, as Tiny's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config, tiny, talker = network.config, network.tiny, network.talker
    digest, store = digest_of(network), Store(bits)
    rows = torch.zeros(1, config.chunk_samples // tiny.row, tiny.features)
    corners = torch.zeros(1, config.chunk, config.bits)
    written(folder / ENCODER, Said(network.listener), ("rows", rows, "tokens"), digest, store)
    written(folder / DECODER, talker, ("corners", corners, "latents"), digest, store)
    kept = "fp32" if bits == 32 else "dynamic"
    for name, graph in ((PITCH, pitch_graph), (FILTERS, filters_graph)):
        (folder / name).write_bytes(graph(talker.voice, tiny, kept).SerializeToString())
    text = f'format = {FORMAT}\nversion = {version}\nlicence = "{LICENCE}"\nbits = {bits}\n'
    hashes = {f'"{it}"': sha256((folder / it).read_bytes()).hexdigest() for it in FILES}
    tables = {"training": training or {}, "tiny": asdict(tiny), "sha256": hashes}
    (folder / MANIFEST).write_text(text + "".join(map(table_of, tables, tables.values())))


class Said(nn.Module):
    """The listener, down to what goes on the wire."""

    def __init__(self, listener: Listener) -> None:
        super().__init__()
        self.listener, self.config, self.blank = listener, listener.config, listener.blank

    def forward(self, rows: Tensor, state: ListenerState) -> tuple[Tensor, ListenerState]:
        entries, fresh = self.listener(rows, state)
        corners = self.listener.books.corners(entries.flatten(0, 1))
        return tokens(corners).reshape(len(rows), -1), fresh
