"""How long a relay's event loop stands still while somebody talks in text mode.

    python -m benchmarks.text.stalls MANIFEST [--talk 60] [--engine pocketsphinx]

One talker's pipeline gets packets every 20 ms, in real time, on an event loop that also wants to
do something every 5 ms, as the other calls of a relay would: how much later it comes to that is
what they suffer. Without the talker; with everything done on the talker's thread; and as in a
call, with the recogniser in a process of its own.
"""

import argparse
import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.codecs.material import recorded
from benchmarks.metrics.base import RATE_HZ
from sotto_app.media.capture import RTP_RATE_HZ, RtpOpus
from sotto_app.media.talking import TalkingSide
from sotto_app.modes import Mode, load_modes
from sotto_codecs.backends.libopus import OpusEncoder
from sotto_codecs.backends.stcts import Stcts
from sotto_codecs.base import Codec, CodecSpec, Decoder, Encoder, Frame, Pcm

BLOCK_SAMPLES = 320
BLOCK_S = BLOCK_SAMPLES / RATE_HZ
EVERY_S = 0.005
PREPARED_S = 3.0  # processes start; a call's first seconds are connecting


class AtOnce:
    """A codec whose encoder hides that it could take its time: all is done as a packet comes."""

    def __init__(self, codec: Codec) -> None:
        self.spec: CodecSpec = codec.spec
        self._codec = codec

    def encoder(self) -> Encoder:
        return _Encoder(self._codec.encoder())

    def decoder(self) -> Decoder:
        return self._codec.decoder()


class _Encoder:
    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def encode(self, pcm: Pcm) -> list[Frame]:
        return self._encoder.encode(pcm)

    def flush(self) -> list[Frame]:
        return self._encoder.flush()


@dataclass(frozen=True, slots=True)
class Row:
    way: str
    middle_ms: float
    high_ms: float  # 99 of 100 are shorter
    longest_ms: float
    over_20_ms: float  # share of the time, per cent: a packet of sound comes so often


def packets(sound: Pcm) -> Iterator[RtpOpus]:
    encoder = OpusEncoder(RATE_HZ, 1)
    for number in range(len(sound) // BLOCK_SAMPLES):
        block = sound[number * BLOCK_SAMPLES : (number + 1) * BLOCK_SAMPLES]
        stamp = round(number * BLOCK_S * RTP_RATE_HZ)
        yield RtpOpus(number % (1 << 16), stamp, encoder.encode(np.ascontiguousarray(block)))


async def stalls(mode: Mode, codec: Codec | None, sound: Pcm) -> list[float]:
    """Of each round of the loop, how much too late it came, in ms."""
    talking = TalkingSide("bench", mode, codec) if codec else None
    if talking:
        talking.worker.start()
    prepared = [np.zeros(round(PREPARED_S * RATE_HZ), np.float32), sound]
    late_ms = list[float]()
    began_s = wanted_s = time.monotonic()
    for number, packet in enumerate(packets(np.concatenate(prepared))):
        while wanted_s < began_s + number * BLOCK_S:
            wanted_s += EVERY_S
            await asyncio.sleep(max(0.0, wanted_s - time.monotonic()))
            if wanted_s > began_s + PREPARED_S:
                late_ms.append(1000 * (time.monotonic() - wanted_s))
        if talking:
            talking.receive(packet)
    if talking:
        talking.stop()
        await asyncio.to_thread(talking.join)
    return late_ms


def row(way: str, late_ms: Sequence[float]) -> Row:
    high, longest = np.quantile(late_ms, (0.99, 1.0))
    over = 100 * float(np.mean(np.array(late_ms) > 20.0))
    return Row(way, float(np.median(late_ms)), float(high), float(longest), over)


def rows(codec: Codec, sound: Pcm) -> Iterator[Row]:
    mode = load_modes()["text"]
    for way, used in (
        ("nobody talks", None),
        ("all on the talker's thread", AtOnce(codec)),
        ("recogniser aside", codec),
    ):
        yield row(way, asyncio.run(stalls(mode, used, sound)))


def table(found: Sequence[Row]) -> str:
    lines = [
        "| the loop is late by | median, ms | 99 of 100, ms | longest, ms | over 20 ms, % |",
        "|---|---|---|---|---|",
    ]
    for it in found:
        figures = (it.middle_ms, it.high_ms, it.longest_ms, it.over_20_ms)
        lines.append(f"| {it.way} | " + " | ".join(f"{figure:.1f}" for figure in figures) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--talk", type=float, default=60.0, help="seconds")
    parser.add_argument("--engine", default="pocketsphinx")
    asked = parser.parse_args()
    sounds = recorded(asked.manifest, 0).sounds.values()
    sound = np.concatenate(list(sounds))[: round(asked.talk * RATE_HZ)]
    print(table(list(rows(Stcts(stt=asked.engine, tts="flite"), sound))))


if __name__ == "__main__":
    main()
