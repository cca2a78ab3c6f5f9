"""libopus itself, as the media path uses it for what browsers send."""

import ctypes.util
import gc

import numpy as np
import psutil
import pytest

from sotto_codecs.backends import libopus
from sotto_codecs.backends.libopus import (
    Bandwidth,
    Ctl,
    OpusDecoder,
    OpusEncoder,
    packet_bandwidth,
    packet_samples,
)
from sotto_codecs.base import Pcm
from sotto_codecs.errors import BackendUnavailable, BadAudio, BadFrame, BadSettings
from tests.hearing import distance_db
from tests.speech import Speech

RATE_HZ = 48_000


def packets(pcm: Pcm, frame_ms: int, encoder: OpusEncoder) -> list[bytes]:
    step = RATE_HZ * frame_ms // 1000
    return [encoder.encode(pcm[i : i + step]) for i in range(0, len(pcm) - step + 1, step)]


@pytest.mark.parametrize("frame_ms", [10, 20, 40, 60, 80, 100, 120])
def test_packets_of_every_length_come_back_whole(speech: Speech, frame_ms: int) -> None:
    pcm = speech.at(RATE_HZ)[: 3 * RATE_HZ]
    decoder = OpusDecoder(RATE_HZ, 1)
    heard = []
    for packet in packets(pcm, frame_ms, OpusEncoder(RATE_HZ, 1)):
        assert packet_samples(packet, RATE_HZ) == RATE_HZ * frame_ms // 1000
        heard.append(decoder.decode(packet))
        assert len(heard[-1]) == RATE_HZ * frame_ms // 1000
    sound = np.concatenate(heard)[312:]
    assert distance_db(pcm[: len(sound)], sound, RATE_HZ) < 1.5


def test_stereo_packets_come_out_mono(speech: Speech) -> None:
    pcm = speech.at(RATE_HZ)[: 2 * RATE_HZ]
    encoder, decoder = OpusEncoder(RATE_HZ, 2), OpusDecoder(RATE_HZ, 1)
    encoder.set(Ctl.BITRATE, 48_000)
    encoder.set(Ctl.FORCE_CHANNELS, 2)
    stereo = np.ascontiguousarray(np.stack([pcm, pcm / 2], axis=1))
    sent = packets(stereo, 20, encoder)
    assert all(packet[0] & 4 for packet in sent), "RFC 6716 section 3.1: the s bit says stereo"
    sound = np.concatenate([decoder.decode(packet) for packet in sent])[312:]
    assert sound.ndim == 1
    assert distance_db(0.75 * pcm[: len(sound)], sound, RATE_HZ) < 1.5


def test_stereo_decoder_keeps_the_sides_apart(speech: Speech) -> None:
    pcm = speech.at(RATE_HZ)[:RATE_HZ]
    encoder, decoder = OpusEncoder(RATE_HZ, 2), OpusDecoder(RATE_HZ, 2)
    encoder.set(Ctl.BITRATE, 96_000)
    left_only = np.ascontiguousarray(np.stack([pcm, 0 * pcm], axis=1))
    sound = np.concatenate([decoder.decode(each) for each in packets(left_only, 20, encoder)])
    left, right = np.sqrt(np.mean(sound**2, axis=0))
    assert sound.shape == (RATE_HZ, 2) and left > 10 * right


def test_decodes_straight_to_the_rate_of_another_codec(speech: Speech) -> None:
    pcm = speech.at(RATE_HZ)[: 2 * RATE_HZ]
    decoder = OpusDecoder(8_000, 1)
    sound = np.concatenate(
        [decoder.decode(each) for each in packets(pcm, 20, OpusEncoder(RATE_HZ, 1))]
    )
    assert len(sound) == 2 * 8_000
    assert distance_db(speech.at(8_000)[: 16_000 - 52], sound[52:], 8_000) < 1.5


def test_a_loss_is_as_long_as_asked_or_as_the_packet_before() -> None:
    decoder = OpusDecoder(RATE_HZ, 1)
    assert len(decoder.decode(None)) == 960
    decoder.decode(OpusEncoder(RATE_HZ, 1).encode(np.zeros(2880, np.float32)))
    assert len(decoder.decode(None)) == 2880
    assert len(decoder.decode(b"")) == 2880
    assert len(decoder.decode(None, 480)) == 480


def test_settings_are_kept_and_impossible_ones_refused() -> None:
    encoder = OpusEncoder(RATE_HZ, 1)
    values = {
        Ctl.BITRATE: 12_000,
        Ctl.DTX: 1,
        Ctl.INBAND_FEC: 1,
        Ctl.PACKET_LOSS_PERC: 20,
        Ctl.COMPLEXITY: 5,
        Ctl.VBR: 0,
        Ctl.VBR_CONSTRAINT: 0,
        Ctl.SIGNAL: libopus.Signal.VOICE,
        Ctl.MAX_BANDWIDTH: Bandwidth.WIDE,
    }
    for ctl, value in values.items():
        encoder.set(ctl, value)
        assert encoder.get(ctl) == value
    with pytest.raises(BadSettings, match="COMPLEXITY = 11: invalid argument"):
        encoder.set(Ctl.COMPLEXITY, 11)
    assert encoder.get(Ctl.LOOKAHEAD) == 312


def test_bandwidth_is_held_and_told(speech: Speech) -> None:
    encoder = OpusEncoder(RATE_HZ, 1)
    encoder.set(Ctl.MAX_BANDWIDTH, Bandwidth.NARROW)
    sent = packets(speech.at(RATE_HZ)[:RATE_HZ], 20, encoder)
    assert {packet_bandwidth(packet) for packet in sent} == {Bandwidth.NARROW}
    with pytest.raises(BadFrame):
        packet_bandwidth(b"")


def test_a_reset_forgets_the_sound_and_keeps_the_settings(speech: Speech) -> None:
    pcm = speech.at(RATE_HZ)[:RATE_HZ]
    encoder = OpusEncoder(RATE_HZ, 1)
    encoder.set(Ctl.BITRATE, 12_000)
    first = packets(pcm, 20, encoder)
    assert packets(pcm, 20, encoder) != first
    encoder.reset()
    assert packets(pcm, 20, encoder) == first


@pytest.mark.parametrize(
    "pcm",
    [
        np.zeros(960, np.float64),
        np.zeros(1920, np.float32)[::2],
        np.zeros((960, 2), np.float32),
        np.zeros(961, np.float32),
        np.zeros(0, np.float32),
    ],
    ids=["float64", "strided", "stereo", "odd length", "empty"],
)
def test_memory_that_is_not_a_frame_is_refused(pcm: Pcm) -> None:
    with pytest.raises(BadAudio):
        OpusEncoder(RATE_HZ, 1).encode(pcm)


@pytest.mark.parametrize("setup", [(44_100, 1), (48_000, 3), (48_000, 0)])
def test_rates_and_channels_that_opus_lacks_are_refused(setup: tuple[int, int]) -> None:
    for kind in (OpusEncoder, OpusDecoder):
        with pytest.raises(BadSettings, match="Opus"):
            kind(*setup)


@pytest.mark.parametrize("payload", [b"", b"\xff\xff", b"\x03\x00"], ids=["empty", "cut", "zero"])
def test_what_is_no_packet_has_no_length(payload: bytes) -> None:
    with pytest.raises(BadFrame, match="corrupted stream|invalid argument|no frames"):
        packet_samples(payload, RATE_HZ)


def test_a_machine_without_libopus_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libopus, "_NAMES", ("libopus-that-is-not-there.so",))
    monkeypatch.setattr(libopus, "find_library", lambda name: None)
    libopus.library.cache_clear()
    with pytest.raises(BackendUnavailable, match="apt-get install libopus0"):
        OpusDecoder(RATE_HZ, 1)
    monkeypatch.undo()
    assert ctypes.util.find_library("opus")
    assert len(OpusDecoder(RATE_HZ, 1).decode(None)) == 960


def test_native_memory_goes_with_its_object() -> None:
    process = psutil.Process()

    def rounds(count: int) -> int:
        for _ in range(count):
            OpusEncoder(RATE_HZ, 2).encode(np.zeros((960, 2), np.float32))
            OpusDecoder(RATE_HZ, 2).fork().decode(None)
        gc.collect()
        return int(process.memory_info().rss)

    before = rounds(50)
    assert rounds(500) - before < 8_000_000  # an encoder and two decoders take 0.1 MB: 50 MB kept
