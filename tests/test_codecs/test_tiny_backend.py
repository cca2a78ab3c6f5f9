"""The back-end `tiny` with the weights that are shipped: what the contract does not ask."""

import os
from pathlib import Path

import numpy as np
import pytest

from sotto_codecs import registry
from sotto_codecs.abilities import Remembering
from sotto_codecs.backends.tiny import Tiny
from sotto_codecs.base import Frame, Pcm
from sotto_codecs.errors import BadFrame, BadSettings
from tests.hearing import distance_db
from tests.speech import Speech
from tests.test_codecs.streams import decoded, encoded, level_db, talk

RATE_HZ = 16_000
HEALED_S = 0.2


@pytest.fixture(scope="module")
def codec() -> Tiny:
    return Tiny(stages=6)


def of(stages: int) -> Tiny:
    return Tiny(stages=stages)


@pytest.mark.parametrize(
    ("stages", "frame_ms", "size", "bps"),
    [(2, 80, 5, 500), (3, 160, 15, 750), (6, 80, 15, 1500), (12, 40, 15, 3000), (16, 40, 20, 4000)],
)
def test_every_bit_is_said(stages: int, frame_ms: int, size: int, bps: float) -> None:
    spec = of(stages).spec
    assert spec.frame_s * 1000 == frame_ms
    assert spec.frame_bytes == size
    assert spec.payload_bps == bps == 8 * size / spec.frame_s


def test_modes_share_one_network() -> None:
    assert of(2)._network is of(16)._network


@pytest.mark.parametrize("stages", [0, 17, -1, 2.0, "6", True])
def test_stages_out_of_range_are_refused(stages: object) -> None:
    with pytest.raises(BadSettings, match="from 1 to 16"):
        registry.load("tiny", {"stages": stages})  # type: ignore[dict-item]  # the point


def test_a_folder_is_a_path() -> None:
    with pytest.raises(BadSettings, match="folder"):
        Tiny(folder=3)  # type: ignore[arg-type]  # the point


def test_lower_stages_alone_are_the_same_speech_worse(speech: Speech) -> None:
    codec, pcm = of(12), talk(of(12), speech, 4)
    frames = encoded(codec, pcm)
    distances = []
    for share in (1, 3):  # of all stages: a third
        cut = [
            Frame(it.payload[: len(it.payload) // share], it.start_sample, it.samples)
            for it in frames
        ]
        heard = decoded(codec, cut)[codec.spec.delay_samples :]
        distances.append(distance_db(pcm[: len(heard)], heard, RATE_HZ))
    other = talk(codec, speech, 4, start_s=8)
    assert distances[0] < distances[1] < distance_db(other, pcm, RATE_HZ) / 2


def active_db(said: Pcm, sound: Pcm) -> float:
    """Level of `sound` where `said` is not 15.9 dB below its mean, the margin of ITU-T P.56."""
    whole = len(said) // 320 * 320
    powers = [np.square(it[:whole].reshape(-1, 320)).mean(axis=1) for it in (said, sound)]
    talks = powers[0] > powers[0].mean() * 10**-1.59
    return float(10 * np.log10(powers[1][talks].mean()))


@pytest.mark.parametrize("stages", [2, 3, 6, 12, 16])
def test_a_voice_is_as_loud_as_it_was(speech: Speech, stages: int) -> None:
    """At -26 dBFS; louder ones come out softer (docs/codecs.md, Tiny)."""
    codec = of(stages)
    pcm = talk(codec, speech, 8)
    pcm = pcm * np.float32(10 ** ((-26 - level_db(pcm)) / 20))
    heard = decoded(codec, encoded(codec, pcm))[codec.spec.delay_samples :]
    said = pcm[: len(heard)]
    assert abs(active_db(said, heard) - active_db(said, said)) < 1.5


def test_a_frame_in_the_middle_of_a_stage_is_refused(codec: Tiny, speech: Speech) -> None:
    frame = encoded(codec, talk(codec, speech, 1))[-1]
    for size in (1, 4, 14, 16, 45):
        with pytest.raises(BadFrame, match=f"{size} bytes"):
            codec.decoder().decode(Frame(bytes(size), 0, frame.samples))


def test_a_guess_goes_on_for_a_while_and_then_fades(codec: Tiny, speech: Speech) -> None:
    """In the middle of a vowel, where sound is sure to follow."""
    frames = encoded(codec, talk(codec, speech, 4))
    loudness = [level_db(decoded(codec, frames)[at : at + 1280]) for at in range(0, 60_000, 1280)]
    at = int(np.argmax(loudness[10:40])) + 11
    decoder = codec.decoder()
    before = np.concatenate([decoder.decode(frame) for frame in frames[:at]])
    guess = np.concatenate([decoder.decode(None) for _ in range(6)])
    assert level_db(guess[:1280]) > level_db(before[-1280:]) - 15
    end = round(0.24 * RATE_HZ)
    assert guess[:end].any() and not guess[end:].any()


@pytest.mark.parametrize("lost_s", [0.08, 0.16, 0.4, 1.6])
def test_soon_after_a_burst_it_sounds_as_without(
    codec: Tiny, speech: Speech, lost_s: float
) -> None:
    frames, lost = encoded(codec, talk(codec, speech, 8)), round(lost_s / codec.spec.frame_s)
    whole, distances = decoded(codec, frames), []
    for start in range(10, 80 - lost, 9):
        holed: list[Frame | None] = [*frames]
        holed[start : start + lost] = [None] * lost
        back = (start + lost) * codec.spec.frame_samples + round(HEALED_S * RATE_HZ)
        span = slice(back, back + RATE_HZ // 2)
        distances.append(distance_db(whole[span], decoded(codec, holed)[span], RATE_HZ))
    assert np.median(distances) < 2.0


def test_a_fork_hears_apart(codec: Tiny, speech: Speech) -> None:
    frames = encoded(codec, talk(codec, speech, 1))
    decoder = codec.decoder()
    for frame in frames[:6]:
        decoder.decode(frame)
    fork = decoder.fork()
    expected = decoder.decode(frames[6])
    fork.decode(None)
    assert not np.array_equal(fork.decode(frames[6]), expected)


def test_digital_silence_is_not_sent_and_speech_after_it_is_whole(
    codec: Tiny, speech: Speech
) -> None:
    pcm, frame = talk(codec, speech, 1), codec.spec.frame_samples
    silence = np.zeros(10 * frame, np.float32)
    frames = encoded(codec, np.concatenate([pcm, silence, pcm]))
    spoken = len(pcm) // frame
    sizes = [len(it.payload) for it in frames]
    assert sizes[: spoken + 1] == [15] * (spoken + 1)  # the look-ahead's end lies in silence
    assert sizes[spoken + 1 : spoken + 10] == [0] * 9
    assert frames[spoken + 10].payload == encoded(codec, pcm)[0].payload
    heard = decoded(codec, frames)
    assert not heard[(spoken + 2) * frame : (spoken + 10) * frame].any()


def loudest_db(sound: Pcm) -> float:
    """Of 20 ms: a vocoder's pulses reach higher than a square wave as loud as they are."""
    return max(level_db(piece) for piece in np.split(sound, range(320, len(sound), 320)))


def sounds() -> dict[str, Pcm]:
    time_s = np.arange(2 * RATE_HZ) / RATE_HZ
    square = np.sign(np.sin(2 * np.pi * 200 * time_s))
    bursts = square * (np.sin(2 * np.pi * 2 * time_s) > 0)
    click = np.zeros(len(time_s))
    click[[8000, 16_000, 16_001]] = 1
    steady = np.full(len(time_s), 0.5)
    found = {"square": square, "bursts": bursts, "click": click, "steady": steady}
    found["a softer square"] = 0.1 * square
    return {name: sound.astype(np.float32) for name, sound in found.items()}


@pytest.mark.parametrize("kind", sounds())
@pytest.mark.parametrize("stages", [2, 16])
def test_what_is_no_speech_makes_no_louder_click(kind: str, stages: int) -> None:
    codec, sound = of(stages), sounds()[kind]
    heard = decoded(codec, encoded(codec, np.resize(sound, 25 * 4 * 640)))
    assert np.isfinite(heard).all() and np.abs(heard).max() <= 1.0
    assert loudest_db(heard) <= loudest_db(sound) + 3


def test_ten_minutes_neither_drift_nor_grow(speech: Speech) -> None:
    """The same minute of speech is coded as well and as loudly at last, from as much memory."""
    codec = of(3)
    pcm = talk(codec, speech, 60)
    encoder, decoder = codec.encoder(), codec.decoder()
    distances, levels, sizes, resident_mb = [], [], set(), []
    for _ in range(10):
        heard = np.concatenate([decoder.decode(it) for it in encoded(codec, pcm, encoder)])
        distances.append(distance_db(pcm[:-320], heard[320:], RATE_HZ))
        levels.append(level_db(heard))
        assert isinstance(encoder, Remembering) and isinstance(decoder, Remembering)
        sizes.add(encoder.state_bytes + decoder.state_bytes)
        resident_mb.append(_resident_mb())
    assert max(distances) < distances[0] + 0.5 and np.ptp(levels) < 0.5
    assert len(sizes) == 1 and sizes.pop() < 150_000
    assert resident_mb[-1] < resident_mb[0] + 4


def _resident_mb() -> float:
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6
