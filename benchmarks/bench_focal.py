"""`make bench-focal`: how long FocalCodec-Stream takes on this CPU, at its full size.

On one thread; on two that share every product; and as a call does it, which codes what is said here
while it decodes what is said there, each on one thread.

python -m benchmarks.bench_focal --seconds 10
python -m benchmarks.bench_focal --checkpoint model.safetensors

Random weights take as long as trained ones. What was exported is held against the network in torch,
over all the sound, before anything is timed. Wants [torch], 3 GB of memory and 2 GB of disk.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Annotated

import numpy as np
import torch
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.report import Machine, Stored, now, this_machine
from sotto_codecs.focal.config import FocalConfig
from sotto_codecs.focal.graph import DECODER, ENCODER, Array, Graph, Stream
from sotto_codecs.focal.network.checkpoint import load
from sotto_codecs.focal.network.export import export
from sotto_codecs.focal.network.network import FocalCodec

RESULTS = Path(__file__).parent / "results"
LIBRARIES = ("sotto-call", "torch", "onnx", "onnxruntime", "numpy")
STORES = {"fp32": False, "int8": True}
THREADS = (1, 2)
UNTIMED = 5  # chunks: the first ones fetch the weights

Work = tuple[float, float]  # seconds of the clock and of the CPU


@dataclass(frozen=True, slots=True)
class Targets:
    """For int8, encoder and decoder together; state of both ends of a direction."""

    one_thread_rtf: float = 0.55
    two_threads_rtf: float = 0.40
    state_mb: float = 40.0
    error: float = 1e-4  # of fp32 against torch, in samples of [-1, 1]; its tokens are the same


@dataclass(frozen=True, slots=True)
class Took:
    """One end, a chunk."""

    median_ms: float
    tenth_ms: float  # a tenth of the chunks took less: the clock, where others left the core alone
    cpu_ms: float  # median of what all threads worked


@dataclass(frozen=True, slots=True)
class Speed:
    store: str
    threads: int
    encoding: Took
    decoding: Took
    load_s: float
    file_mb: float

    def rtf(self, chunk_ms: float) -> float:
        return (self.encoding.median_ms + self.decoding.median_ms) / chunk_ms


@dataclass(frozen=True, slots=True)
class Call:
    """Encoder and decoder at the same time, each on one thread."""

    store: str
    both: Took  # until the later one is done

    def rtf(self, chunk_ms: float) -> float:
        return self.both.median_ms / chunk_ms


@dataclass(frozen=True, slots=True)
class Parity:
    """What runs chunk by chunk, against torch in one call."""

    store: str
    tokens: int
    other_tokens: int
    error: float  # largest, of the sound that the same tokens make


@dataclass(frozen=True, slots=True)
class Report(Stored):
    started: str
    machine: Machine
    targets: Targets
    weights: str
    seconds: float
    chunk_ms: float
    parameters: int
    encoder_state_bytes: int
    decoder_state_bytes: int
    parities: tuple[Parity, ...]
    speeds: tuple[Speed, ...]
    calls: tuple[Call, ...]
    load_average_before: float
    load_average_after: float


def main(
    seconds: Annotated[float, typer.Option(help="Of sound.", min=2.0)] = 10.0,
    bits: Annotated[int, typer.Option(help="Of a token: 11, 12 or 16.")] = 12,
    checkpoint: Annotated[Path | None, typer.Option(help="Published weights.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the JSON goes.")] = None,
) -> None:
    """Export the network at full size, compare it with torch, and time it."""
    started, load_before, console = now(), os.getloadavg()[0], Console()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    config = FocalConfig(bits=bits)
    codec = load(checkpoint, config) if checkpoint else FocalCodec(config).eval()
    parameters = sum(weight.numel() for weight in codec.parameters())
    sound = _speechlike(config, seconds)
    expected = _in_one_call(codec, sound)
    with TemporaryDirectory() as there:
        folders = {store: Path(there) / store for store in STORES}
        for store, folder in folders.items():
            export(codec, folder, STORES[store])
        del codec
        encoder, decoder = _load(folders["int8"], 1)
        report = Report(
            started,
            this_machine(None, LIBRARIES),
            Targets(),
            checkpoint.name if checkpoint else "random",
            seconds,
            1000 * config.chunk_samples / config.rate_hz,
            parameters,
            encoder.state_bytes,
            decoder.state_bytes,
            tuple(_parity(store, folders[store], sound, *expected) for store in STORES),
            tuple(_speed(it, folders[it], threads, sound) for it in STORES for threads in THREADS),
            tuple(_call(it, folders[it], sound) for it in STORES),
            load_before,
            os.getloadavg()[0],
        )
    path = out or RESULTS / f"{started[:10]}-focal.json"
    report.write(path)
    _show(report, console)
    console.print(f"Written to {path}")


def _speechlike(config: FocalConfig, seconds: float) -> Array:
    """Whole chunks of noise whose loudness comes and goes as syllables do."""
    samples = round(seconds * config.rate_hz / config.chunk_samples) * config.chunk_samples
    loudness = 0.1 * np.abs(np.sin(2 * np.pi * 2 * np.arange(samples) / config.rate_hz))
    noise = np.random.default_rng(2).standard_normal(samples)
    return (loudness * noise).astype(np.float32)


@torch.no_grad()
def _in_one_call(codec: FocalCodec, sound: Array) -> tuple[Array, Array]:
    """Tokens and sound."""
    heard, _ = codec.encoder(torch.from_numpy(sound)[None], codec.encoder.blank(1))
    spoken, _ = codec.decoder(heard.tokens, codec.decoder.blank(1))
    return heard.tokens[0].numpy(), spoken[0].numpy()


def _load(folder: Path, threads: int) -> tuple[Graph, Graph]:
    return Graph(folder / ENCODER, threads), Graph(folder / DECODER, threads)


def _parity(store: str, folder: Path, sound: Array, tokens: Array, spoken: Array) -> Parity:
    encoder, decoder = _load(folder, 1)
    chunk = encoder.side.config
    stream, other = encoder.stream(), decoder.stream()
    found = [stream.step(piece) for piece in sound.reshape(-1, chunk.chunk_samples)]
    said = [other.step(piece) for piece in tokens.reshape(-1, chunk.chunk)]
    wrong = int(np.sum(np.concatenate(found) != tokens))
    error = float(np.abs(np.concatenate(said) - spoken).max())
    return Parity(store, len(tokens), wrong, error)


def _speed(store: str, folder: Path, threads: int, sound: Array) -> Speed:
    before = perf_counter()
    encoder, decoder = _load(folder, threads)
    load_s = perf_counter() - before
    speaking, hearing = encoder.stream(), decoder.stream()
    took: tuple[list[Work], list[Work]] = ([], [])
    for piece in sound.reshape(-1, encoder.side.config.chunk_samples):
        tokens = _timed(speaking, piece, took[0])
        _timed(hearing, tokens, took[1])
    size_mb = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
    return Speed(store, threads, _summed(took[0]), _summed(took[1]), load_s, size_mb)


def _call(store: str, folder: Path, sound: Array) -> Call:
    encoder, decoder = _load(folder, 1)
    speaking, hearing = encoder.stream(), decoder.stream()
    pieces = sound.reshape(-1, encoder.side.config.chunk_samples)
    stream, took = encoder.stream(), list[Work]()
    tokens = [stream.step(piece) for piece in pieces]
    with ThreadPoolExecutor(2) as threads:
        for chunk in zip(pieces, tokens, strict=True):
            clock, cpu = perf_counter(), process_time()
            list(threads.map(Stream.step, (speaking, hearing), chunk))
            took.append((perf_counter() - clock, process_time() - cpu))
    return Call(store, _summed(took))


def _timed(stream: Stream, chunk: Array, took: list[Work]) -> Array:
    clock, cpu = perf_counter(), process_time()
    result = stream.step(chunk)
    took.append((perf_counter() - clock, process_time() - cpu))
    return result


def _summed(took: list[Work]) -> Took:
    clock, cpu = 1000 * np.array(took[UNTIMED:]).T
    return Took(float(np.median(clock)), float(np.quantile(clock, 0.1)), float(np.median(cpu)))


def _show(report: Report, console: Console) -> None:
    state_mb = (report.encoder_state_bytes + report.decoder_state_bytes) / 1e6
    console.print(
        f"{report.parameters / 1e6:.2f} M {report.weights} weights; a stream remembers"
        f" {report.encoder_state_bytes / 1e6:.2f} MB where it is encoded,"
        f" {report.decoder_state_bytes / 1e6:.2f} MB where it is decoded:"
        f" {_held(state_mb, report.targets.state_mb)} MB"
    )
    for parity in report.parities:
        most = report.targets.error if parity.store == "fp32" else None
        console.print(
            f"{parity.store}: {parity.other_tokens} of {parity.tokens} tokens other than torch's;"
            f" sound at most {_held(parity.error, most, '.1e')} away"
        )
    table = Table(title="One chunk of 80 ms, in ms", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in ("", "threads", "encode", "decode", "RTF", "RTF, fastest tenth", "RTF, CPU", "MB"):
        table.add_column(name, justify="right")
    wanted = {1: report.targets.one_thread_rtf, 2: report.targets.two_threads_rtf}
    for it in report.speeds:
        ends = (it.encoding, it.decoding)
        table.add_row(
            it.store,
            str(it.threads),
            *(f"{end.median_ms:.1f}" for end in ends),
            _held(it.rtf(report.chunk_ms), wanted[it.threads] if it.store == "int8" else None),
            f"{sum(end.tenth_ms for end in ends) / report.chunk_ms:.2f}",
            f"{sum(end.cpu_ms for end in ends) / report.chunk_ms:.2f}",
            f"{it.file_mb:.0f}",
        )
    for call in report.calls:
        table.add_row(
            call.store,
            "1 + 1",
            "",
            "",
            _held(
                call.rtf(report.chunk_ms),
                report.targets.two_threads_rtf if call.store == "int8" else None,
            ),
            f"{call.both.tenth_ms / report.chunk_ms:.2f}",
            f"{call.both.cpu_ms / report.chunk_ms:.2f}",
        )
    console.print(table)
    console.print(
        f"Load average before {report.load_average_before:.1f},"
        f" after {report.load_average_after:.1f}"
    )


def _held(value: float, most: float | None, digits: str = ".2f") -> str:
    colour = "default" if most is None else "green" if value <= most else "red"
    return f"[{colour}]{value:{digits}}[/]"


if __name__ == "__main__":
    typer.run(main)
