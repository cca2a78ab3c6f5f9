"""Sound through a codec as packets: what is lost is concealed, what is wrong is named."""

import numpy as np
import pytest

from benchmarks.codecs.coding import BadOutput, bundled, encoded, through
from sotto_app.link.packet import HEADER_BYTES, IPV4_UDP_BYTES
from sotto_codecs import registry
from sotto_codecs.base import Frame
from tests.speech import Speech
from tests.test_benchmarks.test_judge.planted import Planted, planted


def never(leaves_s: float) -> bool:
    return False


def test_nothing_is_lost_on_a_clean_way(speech: Speech) -> None:
    coded = through(Planted(), 3, speech.at_16k, never)
    assert np.array_equal(coded.pcm[: len(speech.at_16k)], speech.at_16k)
    assert coded.lost == 0
    assert coded.packets == -(-len(speech.at_16k) // 960)


def test_a_lost_packet_takes_all_its_frames(speech: Speech) -> None:
    coded = through(Planted(), 3, speech.at_16k[:9600], lambda leaves_s: leaves_s == 0.12)
    silent = np.flatnonzero(~coded.pcm.reshape(-1, 320).any(axis=1))
    assert list(silent) == [3, 4, 5]
    assert (coded.lost, coded.packets) == (1, 10)


def test_a_codec_that_repeats_itself_is_asked_to_recover(speech: Speech) -> None:
    """Opus with FEC at 24 kbit/s: the frame before one that is here is not just concealed."""
    codec = registry.load("opus", {"bitrate_bps": 24_000, "dtx": False, "fec": True})
    pcm = speech.at(48_000)[: 48_000 * 4]
    whole = through(codec, 1, pcm, never).pcm
    holed = through(codec, 1, pcm, lambda leaves_s: round(leaves_s * 50) % 10 == 0).pcm
    plain, decoder = [], codec.decoder()
    for index, frame in enumerate(encoded(codec.spec, codec.encoder(), pcm), 1):
        plain.append(decoder.decode(None if index % 10 == 0 else frame))
    worse, better = (np.mean((it - whole) ** 2) for it in (np.concatenate(plain), holed))
    assert better < 0.8 * worse


@pytest.mark.parametrize(
    ("decoder", "words"), [("NotFinite", "not finite"), ("Short", "319 samples for a frame of 320")]
)
def test_what_is_no_sound_is_named(speech: Speech, decoder: str, words: str) -> None:
    with pytest.raises(BadOutput, match=words):
        through(planted("x", decoder=decoder).load(), 1, speech.at_16k[:1600], never)


def test_what_is_spoken_anew_is_sent_until_it_arrives(speech: Speech) -> None:
    codec = planted("x", decoder="Anew").load()
    clean, lossy = (
        through(codec, 1, speech.at_16k[:9600], loses) for loses in (never, lambda leaves_s: True)
    )
    assert np.array_equal(clean.pcm, lossy.pcm)
    assert clean.packets == lossy.packets and lossy.lost == 0


def test_silence_has_no_packet_and_sends_what_was_held_back() -> None:
    payloads = (b"a", b"b", b"", b"", b"c", b"d", b"e")
    frames = [Frame(it, 320 * index, 320) for index, it in enumerate(payloads)]
    bundles = bundled(frames, 2, Planted().spec)
    assert [[it.payload for it in bundle.frames] for bundle in bundles] == [
        [b"a", b"b"],
        [b"c", b"d"],
        [b"e"],
    ]
    assert [bundle.leaves_s for bundle in bundles] == [0.04, 0.12, 0.14]


def test_a_timbre_travels_by_itself() -> None:
    frames = [Frame(b"card", 0, 0), Frame(b"a", 0, 320)]
    (bundle,) = bundled(frames, 2, Planted().spec)
    assert bundle.payload_bytes == 1


def test_the_wire_has_all_headers(speech: Speech) -> None:
    codec = registry.load("codec2", {"rate": "700C"})
    frames = encoded(codec.spec, codec.encoder(), speech.at(8000)[: 8000 * 2])
    bundle = bundled(frames, 3, codec.spec)[0]
    assert bundle.payload_bytes == 21
    assert bundle.wire_bytes(codec.spec) == 21 + HEADER_BYTES + IPV4_UDP_BYTES
