"""Bits are counted from bytes, and a broken promise is seen."""

import numpy as np
import pytest

from benchmarks.codecs.bits import TALK_SHARE, Streams, count, streams_of, worst_minute_bps
from sotto_app.link.packet import HEADER_BYTES, IPV4_UDP_BYTES
from sotto_codecs import registry
from sotto_codecs.base import Frame
from tests.speech import Speech
from tests.test_benchmarks.test_judge.planted import Planted


@pytest.fixture(scope="module")
def streams(speech: Speech) -> Streams:
    return streams_of([speech.at_16k[: 16_000 * 5], speech.at_16k[16_000 * 5 : 16_000 * 9]], 20)


def test_a_conversation_is_silent_most_of_the_time(streams: Streams) -> None:
    assert len(streams.talk) == 20 * 16_000
    assert len(streams.call) / 16_000 == pytest.approx(20 / TALK_SHARE, rel=0.3)
    assert 0.3 < streams.sent.mean() < 0.55


def test_payload_and_headers_of_a_codec_with_fixed_frames(streams: Streams) -> None:
    codec = registry.load("codec2", {"rate": "1200"})  # 6 bytes each 40 ms
    bits = count(codec, 4, streams)
    header_bps = (HEADER_BYTES + IPV4_UDP_BYTES) * 8 / 0.16
    assert bits.talk_bps == pytest.approx(1200, rel=0.005)
    assert bits.wire_talk_bps == pytest.approx(1200 + header_bps, rel=0.01)
    assert bits.packet_ms == 160
    assert not bits.broken


@pytest.mark.parametrize("name", ["opus", "codec2"])
def test_silence_costs_less_with_and_without_a_codec_that_knows_it(
    streams: Streams, name: str
) -> None:
    bits = count(registry.load(name), 1, streams)
    assert bits.wall_bps < 0.6 * bits.talk_bps
    assert bits.wire_wall_bps < 0.6 * bits.wire_talk_bps


@pytest.mark.parametrize(("excess", "broken"), [(1.0, False), (1.005, False), (1.01, True)])
def test_one_percent_more_than_promised_is_flagged(
    streams: Streams, excess: float, broken: bool
) -> None:
    assert count(Planted(excess), 1, streams).broken is broken


def test_the_worst_minute_counts() -> None:
    spec = Planted().spec
    seconds = [b"12345" if 60 <= second < 120 else b"1" for second in range(180)]
    frames = [Frame(it, second * 16_000, 16_000) for second, it in enumerate(seconds)]
    assert worst_minute_bps(frames, spec) == 5 * 8
    assert worst_minute_bps(frames[:60], spec) == 8
    assert worst_minute_bps(frames[:30], spec) == 8


def test_a_timbre_is_counted_apart(streams: Streams) -> None:
    class Carded(Planted):
        def encoder(self) -> "CardFirst":  # type: ignore[override]  # a stream of another kind
            return CardFirst()

    class CardFirst:
        def __init__(self) -> None:
            self._stream = Planted().encoder()
            self._card = [Frame(bytes(60), 0, 0)]

        def encode(self, pcm: np.ndarray[tuple[int], np.dtype[np.float32]]) -> list[Frame]:
            card, self._card = self._card, []
            return card + self._stream.encode(pcm)

        def flush(self) -> list[Frame]:
            return []

    plain, carded = count(Planted(), 1, streams), count(Carded(), 1, streams)
    assert carded.one_off_bits == 480 and carded.one_off_bps == 8
    assert carded.talk_bps == plain.talk_bps
