"""Codec2 as a back-end: what it adds to the contract."""

import gc
import subprocess
import sys

import numpy as np
import psutil
import pycodec2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sotto_codecs.backends.codec2 import RATES, Codec2, Rate, pack, unpack
from sotto_codecs.base import Frame, Pcm
from sotto_codecs.conceal import FADE_S
from sotto_codecs.errors import BackendUnavailable, BadFrame, BadSettings
from sotto_codecs.pcm import to_int16
from tests.speech import Speech
from tests.test_codecs.streams import encoded, level_db, talk


@pytest.mark.parametrize("rate", RATES)
def test_a_rate_costs_what_its_name_says(rate: str) -> None:
    spec = Codec2(rate).spec
    assert spec.frame_bytes is not None
    assert 8 * spec.frame_bytes / spec.frame_s == spec.payload_bps == int(rate.rstrip("C"))


def test_700c_is_two_frames_in_seven_bytes() -> None:
    spec = Codec2("700C").spec
    assert (spec.frame_samples, spec.frame_bytes) == (640, 7)


@pytest.mark.parametrize("rate", RATES.values(), ids=list(RATES))
def test_the_table_says_what_the_library_does(rate: Rate) -> None:
    native = pycodec2.Codec2(rate.native_mode)
    assert native.samples_per_frame() == rate.native_samples
    assert native.bits_per_frame() == rate.native_bits
    assert native.bytes_per_frame() == rate.native_bytes


@pytest.mark.parametrize("name", ["700C", "1300"])
def test_packed_bits_are_those_of_the_library(speech: Speech, name: str) -> None:
    codec, rate = Codec2(name), RATES[name]
    pcm = talk(codec, speech, 2)
    native = pycodec2.Codec2(rate.native_mode)
    halves = [native.encode(half) for half in np.split(to_int16(pcm), len(pcm) // 320)]
    bits = [f"{int.from_bytes(h):0{8 * len(h)}b}"[: rate.native_bits] for h in halves]
    sent = b"".join(frame.payload for frame in encoded(codec, pcm))
    assert f"{int.from_bytes(sent):0{8 * len(sent)}b}" == "".join(bits)


def test_packing_bit_by_bit() -> None:
    one, other = bytes.fromhex("abcdef10"), bytes.fromhex("12345670")
    assert pack([one, other], 28) == bytes.fromhex("abcdef11234567")
    assert unpack(bytes.fromhex("abcdef11234567"), 28) == [one, other]


@given(st.sampled_from(list(RATES.values())), st.data())
def test_unpacking_undoes_packing(rate: Rate, data: st.DataObject) -> None:
    payload = data.draw(st.binary(min_size=rate.frame_bytes, max_size=rate.frame_bytes))
    parts = unpack(payload, rate.native_bits)
    assert [len(part) for part in parts] == [rate.native_bytes] * rate.natives
    assert pack(parts, rate.native_bits) == payload


@pytest.mark.parametrize("rate", ["450", "700", "3201", "", 3200, None, []])
def test_rates_that_are_not_there_are_refused(rate: object) -> None:
    with pytest.raises(BadSettings, match="rate is one of 3200, 2400, .*, 700C, not"):
        Codec2(rate)  # type: ignore[arg-type]  # the point


@pytest.mark.parametrize("change", [-1, 1])
def test_a_payload_of_the_wrong_size_is_refused(change: int) -> None:
    with pytest.raises(BadFrame, match=f"codec2 700: {7 + change} bytes in a frame of 7"):
        Codec2("700C").decoder().decode(Frame(bytes(7 + change), 0, 640))


def largest_step(pcm: Pcm) -> float:
    return float(np.abs(np.diff(pcm)).max())


@pytest.mark.parametrize("rate", RATES)
def test_a_loss_fades_without_a_click_and_comes_back_without_one(speech: Speech, rate: str) -> None:
    codec = Codec2(rate)
    frames = encoded(codec, talk(codec, speech, 6))
    lost = round(0.4 / codec.spec.frame_s)
    for first in range(10, len(frames) - lost - 10, 9):
        decoder = codec.decoder()
        before = np.concatenate([decoder.decode(frame) for frame in frames[:first]])
        hole = np.concatenate([decoder.decode(None) for _ in range(lost)])
        after = np.concatenate([decoder.decode(frame) for frame in frames[first + lost :]])
        usual = largest_step(np.concatenate([before, after]))
        assert largest_step(np.concatenate([before[-80:], hole, after[:80]])) <= 1.5 * usual
        assert not hole[round(FADE_S * 8000) :].any()
        assert level_db(hole[:160]) > level_db(before[-160:]) - 20


def test_silence_of_the_sender_is_at_once() -> None:
    codec = Codec2("3200")
    decoder = codec.decoder()
    tone = (0.3 * np.sin(2 * np.pi * 200 * np.arange(8000) / 8000)).astype(np.float32)
    for frame in encoded(codec, tone):
        decoder.decode(frame)
    assert level_db(decoder.decode(Frame(b"", 8000, 160))) < -10
    assert not decoder.decode(Frame(b"", 8160, 160)).any()


def test_native_memory_goes_with_its_object() -> None:
    process, codec = psutil.Process(), Codec2("700C")

    def rounds(count: int) -> int:
        for _ in range(count):
            codec.decoder().decode(codec.encoder().encode(np.zeros(640, np.float32))[0])
        gc.collect()
        return int(process.memory_info().rss)

    before = rounds(50)
    assert rounds(500) - before < 8_000_000  # each takes more than 50 kB: 50 MB if kept


def test_a_machine_without_pycodec2_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pycodec2", None)
    with pytest.raises(BackendUnavailable, match=r"pip install 'sotto-call\[media\]'"):
        Codec2("3200")


def test_importing_loads_no_library() -> None:
    code = (
        "import sys, sotto_codecs.backends.codec2, sotto_codecs.backends.opus;"
        "assert 'pycodec2' not in sys.modules;"
        "from sotto_codecs.backends.libopus import library;"
        "assert library.cache_info().currsize == 0"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
