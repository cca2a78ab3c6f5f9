"""The back-end `focal` with the small weights that are shipped: what the contract does not ask."""

import numpy as np
import pytest
from pystoi import stoi

from sotto_codecs.backends.focal import Focal
from sotto_codecs.base import Frame, Pcm
from sotto_codecs.errors import BadFrame
from tests.hearing import distance_db
from tests.speech import Speech
from tests.test_codecs.streams import decoded, encoded, level_db, talk

RATE_HZ = 16_000
BACK_S = 0.24  # after a loss the talker is heard again
RATES = ("550", "600", "800")


@pytest.fixture(scope="module", params=RATES)
def codec(request: pytest.FixtureRequest) -> Focal:
    return of(request.param)


def of(rate: str) -> Focal:
    return Focal(rate, "small")


@pytest.mark.parametrize(
    ("rate", "frame_ms", "size"), [("550", 160, 11), ("600", 80, 6), ("800", 80, 8)]
)
def test_every_bit_is_said(rate: str, frame_ms: int, size: int) -> None:
    spec = of(rate).spec
    assert spec.frame_s * 1000 == frame_ms
    assert spec.frame_bytes == size
    assert spec.payload_bps == float(rate) == 8 * size / spec.frame_s


def test_rates_share_one_network() -> None:
    codecs = [of(rate) for rate in RATES]
    assert len({id(it._member) for it in codecs}) == 1
    assert len({(it.spec.version, it.weights) for it in codecs}) == 1
    assert codecs[0].lighter() is None


def test_fewer_bits_are_the_first_of_more(speech: Speech) -> None:
    pcm = talk(of("550"), speech, 3.2)
    tokens = {}
    for rate in RATES:
        layout = of(rate).encoder()._layout
        frames = encoded(of(rate), pcm)
        found = np.concatenate([layout.unpacked(it.payload).ravel() for it in frames])
        tokens[rate] = found << 16 - layout.bits
    for rate, kept in (("550", 11), ("600", 12)):
        mask = -1 << 16 - kept
        np.testing.assert_array_equal(tokens[rate], tokens["800"] & mask)


def lossy(codec: Focal, pcm: Pcm, share: float) -> list[Frame | None]:
    chance = np.random.default_rng(3)
    return [None if chance.random() < share else frame for frame in encoded(codec, pcm)]


def understood(pcm: Pcm, heard: Pcm, codec: Focal) -> float:
    late = codec.spec.delay_samples
    return float(stoi(pcm[: len(heard) - late], heard[late:], RATE_HZ, extended=True))


@pytest.mark.parametrize("rate", ["600", "800"])
def test_a_tenth_of_the_chunks_lost_costs_little(rate: str, speech: Speech) -> None:
    codec = of(rate)
    pcm = talk(codec, speech, 16)
    clean = understood(pcm, decoded(codec, encoded(codec, pcm)), codec)
    holed = understood(pcm, decoded(codec, lossy(codec, pcm, 0.1)), codec)
    assert clean - holed < 0.08


@pytest.mark.parametrize("lost_s", [0.16, 0.48, 1.6])
def test_soon_after_a_burst_it_is_as_loud_and_sounds_as_without(
    codec: Focal, speech: Speech, lost_s: float
) -> None:
    frames, lost = encoded(codec, talk(codec, speech, 9.6)), round(lost_s / codec.spec.frame_s)
    whole, faint_db, distances = decoded(codec, frames), [], []
    for start in range(6, len(frames) - lost - 8, 5):
        holed: list[Frame | None] = [*frames]
        holed[start : start + lost] = [None] * lost
        back = (start + lost) * codec.spec.frame_samples + round(BACK_S * RATE_HZ)
        heard = decoded(codec, holed)
        span = slice(back - round(0.08 * RATE_HZ), back)
        if level_db(whole[span]) > -45:
            faint_db.append(level_db(whole[span]) - level_db(heard[span]))
        after = slice(back, back + RATE_HZ // 2)
        distances.append(distance_db(whole[after], heard[after], RATE_HZ))
    assert max(faint_db) < 10
    assert np.median(distances) < 1.0


def test_a_guess_goes_on_for_a_while_and_then_fades(speech: Speech) -> None:
    """In the middle of a vowel, where sound is sure to follow."""
    codec = of("600")
    frames = encoded(codec, talk(codec, speech, 4))
    sound = decoded(codec, frames)
    loudness = [level_db(sound[at : at + 1280]) for at in range(0, len(sound), 1280)]
    at = int(np.argmax(loudness[10:40])) + 11
    decoder = codec.decoder()
    before = np.concatenate([decoder.decode(frame) for frame in frames[:at]])
    guess = np.concatenate([decoder.decode(None) for _ in range(6)])
    assert level_db(guess[:1280]) > level_db(before[-1280:]) - 15
    end = round(0.24 * RATE_HZ)
    assert guess[:end].any() and not guess[end:].any()


def test_digital_silence_is_not_sent_and_speech_after_it_is_whole(
    codec: Focal, speech: Speech
) -> None:
    pcm, frame = talk(codec, speech, 1), codec.spec.frame_samples
    frames = encoded(codec, np.concatenate([pcm, np.zeros(10 * frame, np.float32), pcm]))
    spoken = len(pcm) // frame
    sizes = [len(it.payload) for it in frames]
    assert sizes[: spoken + 1] == [codec.spec.frame_bytes] * (spoken + 1)
    assert sizes[spoken + 1 : spoken + 10] == [0] * 9
    assert frames[spoken + 10].payload == encoded(codec, pcm)[0].payload
    heard = decoded(codec, frames)
    assert not heard[(spoken + 2) * frame : (spoken + 10) * frame].any()


def test_a_frame_of_another_rate_is_refused(codec: Focal) -> None:
    for size in {6, 8, 11} - {codec.spec.frame_bytes}:
        with pytest.raises(BadFrame, match=f"{size} bytes in a frame of {codec.spec.frame_bytes}"):
            codec.decoder().decode(Frame(bytes(size), 0, codec.spec.frame_samples))


def test_a_fork_hears_apart(speech: Speech) -> None:
    codec = of("600")
    frames = encoded(codec, talk(codec, speech, 1))
    decoder = codec.decoder()
    for frame in frames[:6]:
        decoder.decode(frame)
    fork = decoder.fork()
    fork.decode(None)
    expected = decoder.decode(frames[6])
    assert not np.array_equal(fork.decode(frames[6]), expected)
