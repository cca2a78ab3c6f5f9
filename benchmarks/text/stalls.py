"""How long a relay's event loop stands still while somebody talks in text mode.

    python -m benchmarks.text.stalls MANIFEST [--talk 60] [--engine pocketsphinx]

One talker's pipeline gets packets every 20 ms, in real time, on an event loop that also wants to
do something every 5 ms, as the other calls of a relay would: how much later it comes to that is
what they suffer. Without the talker; with everything done on the talker's thread; with the
recogniser in a process of its own, as in a call; and with a listener at the same relay, for whom
it is spoken.
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
from sotto_app.catalogue import Modes
from sotto_app.link.profile import PERFECT
from sotto_app.media.capture import RTP_RATE_HZ, RtpOpus
from sotto_app.media.listening import ListeningSide
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


def packets(sound: Pcm) -> list[RtpOpus]:
    encoder, sent = OpusEncoder(RATE_HZ, 1), list[RtpOpus]()
    for number in range(len(sound) // BLOCK_SAMPLES):
        block = sound[number * BLOCK_SAMPLES : (number + 1) * BLOCK_SAMPLES]
        stamp = round(number * BLOCK_S * RTP_RATE_HZ)
        payload = encoder.encode(np.ascontiguousarray(block))
        sent.append(RtpOpus(number % (1 << 16), stamp, payload))
    return sent


async def stalls(talking: TalkingSide | None, sent: Sequence[RtpOpus]) -> list[float]:
    """Of each round of the loop, how much too late it came, in ms."""
    late_ms = list[float]()
    began_s = wanted_s = time.monotonic()
    for number, packet in enumerate(sent):
        while wanted_s < began_s + number * BLOCK_S:
            wanted_s += EVERY_S
            await asyncio.sleep(max(0.0, wanted_s - time.monotonic()))
            late_ms.append(1000 * (time.monotonic() - wanted_s))
        if talking:
            talking.receive(packet)
    return late_ms


async def in_call(mode: Mode, codec: Codec, sound: Pcm, is_heard: bool) -> list[float]:
    """The same, while this sound is said."""
    talking = TalkingSide("bench", mode, codec)
    listening = ListeningSide(Modes({mode.wire_id: mode}, {mode.name: codec}), PERFECT, seed=1)
    if is_heard:
        talking.connect(listening)
    talking.worker.start()
    silence = np.zeros(round(PREPARED_S * RATE_HZ), np.float32)
    sent, prepared = packets(np.concatenate([silence, sound])), round(PREPARED_S / BLOCK_S)
    try:
        await stalls(talking, sent[:prepared])
        return await stalls(talking, sent[prepared:])
    finally:
        talking.stop()
        listening.stop()
        await asyncio.to_thread(talking.join)
        await asyncio.to_thread(listening.join)


def row(way: str, late_ms: Sequence[float]) -> Row:
    high, longest = np.quantile(late_ms, (0.99, 1.0))
    over = 100 * float(np.mean(np.array(late_ms) > 20.0))
    return Row(way, float(np.median(late_ms)), float(high), float(longest), over)


def rows(codec: Codec, sound: Pcm) -> Iterator[Row]:
    mode = load_modes()["text"]
    yield row("nobody talks", asyncio.run(stalls(None, packets(sound))))
    ways = ("all on the talker's thread", "recogniser aside", "and spoken for a listener")
    for way, used, is_heard in zip(
        ways, (AtOnce(codec), codec, codec), (False, False, True), strict=True
    ):
        yield row(way, asyncio.run(in_call(mode, used, sound, is_heard)))


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
