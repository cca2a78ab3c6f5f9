"""Score a checkpoint: held-out speakers of the cache, or any folder of speech.

PESQ-WB, STOI and ESTOI at some rates, mean over the clips; DNSMOS OVR with --natural.
"""

import argparse
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from training.tiny.batches import SOUNDS
from training.tiny.corpus import Corpus, opened
from training.tiny.network import Tiny
from training.tiny.prepare import RATE_HZ, levelled
from training.tiny.run import saved_config

Floats = npt.NDArray[np.float32]

STAGES = (2, 3, 6, 12)  # 500, 750, 1500 and 3000 bit/s
HELD_CLIPS, HELD_S = 16, 6.0


@dataclass(frozen=True, slots=True)
class Scores:
    payload_bps: float
    pesq_wb: float
    stoi: float
    estoi: float
    ovr: float | None = None

    def __str__(self) -> str:
        natural = "" if self.ovr is None else f" ovr {self.ovr:.2f}"
        return (
            f"{self.payload_bps:.0f} bit/s: pesq {self.pesq_wb:.3f} "
            f"stoi {self.stoi:.3f} estoi {self.estoi:.3f}{natural}"
        )


def held_clips(corpus: Corpus, rate_hz: int) -> list[Floats]:
    """The first seconds of clips of held speakers, of as many speakers as there are."""
    samples = round(HELD_S * rate_hz)
    by_speaker = {(clip.corpus, clip.speaker): clip for clip in corpus.part("held")}
    chosen = sorted(by_speaker.values(), key=lambda clip: (-clip.samples, clip.first))
    return [corpus.cut(clip, 0, min(samples, clip.samples))[0] for clip in chosen[:HELD_CLIPS]]


def sounds_of(folder: Path) -> list[Floats]:
    """Every sound file below a folder, at the level of training."""
    import soundfile

    files = sorted(path for path in folder.rglob("*") if path.suffix in SOUNDS)
    return [levelled(soundfile.read(path)[0]).astype(np.float32) for path in files]


def clips_of(speech: Path) -> list[Floats]:
    """Held clips of a cache, or all of a folder."""
    if (speech / "clips.tsv").exists():
        return held_clips(opened(speech), RATE_HZ)
    return sounds_of(speech)


@torch.no_grad()
def spoken(network: Tiny, sound: Floats, stages: int, device: str = "cpu") -> Floats:
    """A clip through the codec, its delay taken off again."""
    config = network.config
    samples = -(-(len(sound) + config.delay) // config.step) * config.step
    padded = np.zeros((1, samples), np.float32)
    padded[0, : len(sound)] = sound
    clip = torch.from_numpy(padded).to(device)
    carried = torch.full((1, samples // config.step), stages, device=device)
    noise = torch.randn(clip.shape, generator=torch.Generator().manual_seed(0)).to(device)
    heard = network(clip, carried, noise).spoken.sound[0].float().cpu().numpy()
    return np.asarray(heard[config.delay :][: len(sound)], np.float32)


def scored(
    network: Tiny, clips: Sequence[Floats], stages: int, device: str = "cpu", natural: bool = False
) -> Scores:
    """Of a network at so many stages."""
    heard = [spoken(network, clip, stages, device) for clip in clips]
    return judged(clips, heard, network.config.payload_bps(stages), natural)


def judged(
    clips: Sequence[Floats], heard: Sequence[Floats], payload_bps: float, natural: bool = False
) -> Scores:
    """Mean over the clips that each metric can judge."""
    from pesq import pesq
    from pystoi import stoi

    rate_hz, pairs = RATE_HZ, list(zip(clips, heard, strict=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Scores(
            payload_bps,
            _mean(lambda said, got: pesq(rate_hz, said, got, "wb"), pairs),
            _mean(lambda said, got: stoi(said, got, rate_hz), pairs),
            _mean(lambda said, got: stoi(said, got, rate_hz, extended=True), pairs),
            _overall(heard, rate_hz) if natural else None,
        )


def _mean(judge: Callable[[Floats, Floats], Any], pairs: Iterable[tuple[Floats, Floats]]) -> float:
    found = []
    for said, got in pairs:
        try:
            found.append(float(judge(said, got)))
        except Exception:  # noqa: BLE001, S112 -- a clip without speech, says the C code in its way
            continue
    return float(np.mean(found)) if found else float("nan")


def _overall(heard: Sequence[Floats], rate_hz: int) -> float:
    from speechmos import dnsmos

    clipped = [np.clip(clip, -1, 1) for clip in heard]
    return float(np.mean([dnsmos.run(clip, rate_hz)["ovrl_mos"] for clip in clipped]))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("speech", type=Path, help="a cache made by prepare, or a folder of speech")
    parser.add_argument("--stages", type=int, nargs="+", default=STAGES)
    parser.add_argument("--natural", action="store_true", help="DNSMOS as well")
    parser.add_argument("--limit", type=int, default=None, help="so many clips at most")


def run(arguments: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    network = Tiny(saved_config(arguments.checkpoint)).eval()
    content = torch.load(arguments.checkpoint, map_location="cpu", weights_only=True)
    network.load_state_dict(content["averaged"])
    clips = clips_of(arguments.speech)
    for stages in arguments.stages:
        print(scored(network, clips[: arguments.limit], stages, natural=arguments.natural))
