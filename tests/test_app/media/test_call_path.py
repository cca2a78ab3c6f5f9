"""Both halves of a call in virtual time: every mode, every change of mode, loss on the way."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from pystoi import stoi

from sotto_app.link.packet import unpack
from sotto_app.media.downlink import OpusOut
from sotto_app.media.uplink import Uplink
from sotto_codecs.backends.libopus import packet_samples
from sotto_codecs.base import Pcm
from tests.hearing import lag_s
from tests.speech import Speech
from tests.test_app.media.virtual_call import CATALOGUE, RATE_HZ, Browser, Call, switch_to, talk

# Measured on the sentences of tests/speech.py (2026-11-21), less 0.05.
STOI_FLOORS = {
    "opus-24k": 0.94,
    "opus-16k": 0.93,
    "opus-12k": 0.92,
    "opus-9k": 0.92,
    "opus-6k": 0.88,
    "tiny-4k": 0.86,
    "tiny-3k": 0.85,
    "tiny-1500": 0.85,
    "tiny-750": 0.81,
    "tiny-500": 0.78,
    "focal-800": 0.80,
    "focal-600": 0.78,
    "focal-550": 0.78,
    "codec2-3200": 0.78,
    "codec2-2400": 0.75,
    "codec2-1600": 0.74,
    "codec2-1400": 0.74,
    "codec2-1300": 0.72,
    "codec2-1200": 0.75,
    "codec2-700c": 0.68,
}


def words_of(speech: Speech) -> Pcm:
    """A woman's and a man's sentences, 10 s."""
    return speech.at(RATE_HZ)[: 10 * RATE_HZ]


def understood(source: Pcm, call: Call, from_s: int = 0) -> float:
    source, heard = (pcm[from_s * RATE_HZ :] for pcm in (source, call.heard()))
    start = round(lag_s(source, heard, RATE_HZ, 0.4) * RATE_HZ)
    size = min(len(source), len(heard) - start)
    return float(stoi(source[:size], heard[start : start + size], RATE_HZ))


def longest_hole_ms(packets: list[OpusOut]) -> float:
    """The longest stretch of RTP time for which the browser gets no sound."""
    holes = [
        after.timestamp - before.timestamp - packet_samples(before.payload, RATE_HZ)
        for before, after in itertools.pairwise(packets)
    ]
    return max(holes) * 1000 / RATE_HZ


@pytest.mark.parametrize("mode", STOI_FLOORS)
def test_every_mode_is_understood_and_costs_what_it_promises(mode: str, speech: Speech) -> None:
    source = words_of(speech)
    call = talk(source, mode)
    assert understood(source, call) > STOI_FLOORS[mode]
    seconds = len(source) / RATE_HZ
    payload_bps = sum(datagram.payload_bytes for _, datagram in call.sent) * 8 / seconds
    assert payload_bps < CATALOGUE.codecs[mode].spec.payload_bps * 1.1
    offers = {offer.name: offer for offer in CATALOGUE.offers()}
    wire_bps = sum(len(d.data) + 28 for _, d in call.sent) * 8 / seconds
    assert offers[mode].wire_bps == pytest.approx(wire_bps, rel=0.2)


def test_no_mode_was_forgotten() -> None:
    timely = {name for name, codec in CATALOGUE.codecs.items() if codec.spec.keeps_time}
    assert set(STOI_FLOORS) == timely


def test_opus_passes_through_without_a_bit_changed(speech: Speech) -> None:
    call = talk(words_of(speech), "opus-24k")
    assert [out.payload for _, out in call.got] == [d.data[7:] for _, d in call.sent]
    assert call.downlink.delay_ms is not None and call.downlink.delay_ms < 30


def test_a_browser_that_does_not_follow_is_transcoded_to_what_the_mode_promises(
    speech: Speech,
) -> None:
    """Its encoder stays at 24 kbit/s and 20 ms; the mode is 6 kbit/s and 60 ms."""
    source = words_of(speech)
    call = talk(source, "opus-24k", events={1.0: switch_to("opus-6k", browser_follows=False)})
    sent = [datagram for at, datagram in call.sent if at > 2]
    assert {packet_samples(d.data[7:], RATE_HZ) for d in sent} == {2880}
    assert sum(d.payload_bytes for d in sent) * 8 / (len(source) / RATE_HZ - 2) < 6600
    assert understood(source, call, from_s=2) > STOI_FLOORS["opus-6k"]


SWITCHES = [
    ("opus-24k", "codec2-700c"),
    ("codec2-700c", "opus-24k"),
    ("codec2-3200", "codec2-700c"),
    ("codec2-700c", "codec2-3200"),
    ("opus-24k", "opus-6k"),
    ("opus-6k", "opus-24k"),
    ("opus-6k", "codec2-1200"),
    ("codec2-1600", "opus-6k"),
]


@pytest.mark.parametrize(("old", "new"), SWITCHES)
def test_a_change_of_mode_is_heard_within_one_bundle_and_leaves_no_hole(
    old: str, new: str, speech: Speech
) -> None:
    switch_s = 3.01
    call = talk(speech.at(RATE_HZ)[: 8 * RATE_HZ], old, events={switch_s: switch_to(new)})
    wire_id = CATALOGUE.modes[new].wire_id
    first = min(at for at, datagram in call.sent if datagram.data[1] == wire_id)
    last = max(at for at, datagram in call.sent if datagram.data[1] != wire_id)
    old_spec = CATALOGUE.codecs[old].spec
    assert first - switch_s < old_spec.frame_s + CATALOGUE.codecs[new].spec.frame_s + 0.01
    assert last <= first
    assert call.downlink.mode == wire_id
    assert longest_hole_ms([out for _, out in call.got]) <= 60


def frames_of(call: Call) -> dict[int, bytes]:
    """Of modes whose frames last 40 ms, by the time at which they start."""
    names = {mode.wire_id: name for name, mode in CATALOGUE.modes.items()}
    found = dict[int, bytes]()
    for _, datagram in call.sent:
        spec = CATALOGUE.codecs[names[datagram.data[1]]].spec
        packet = unpack(datagram.data, spec.frame_bytes)
        starts = itertools.count(packet.time_ms, 40)
        found |= dict(zip(starts, packet.payloads, strict=False))
    return found


def test_rates_of_one_network_go_on_in_its_stream(speech: Speech) -> None:
    """The first stages of a frame are the same, as if the talker had been in the new mode from the
    beginning."""
    source, switch_s = speech.at(RATE_HZ)[: 5 * RATE_HZ], 2.01
    never = frames_of(talk(source, "tiny-4k"))
    once = frames_of(talk(source, "tiny-4k", events={switch_s: switch_to("tiny-3k")}))
    assert {len(it) for it in once.values()} == {20, 15}
    assert len(never.keys() & once.keys()) > 4.8 / 0.04
    for start in never.keys() & once.keys():
        assert never[start][: len(once[start])] == once[start]


SWITCHED = ["codec2-1200", "opus-6k", "codec2-700c", "opus-24k"]


def test_time_stamps_never_go_back_when_modes_change_often(speech: Speech) -> None:
    names = itertools.cycle(SWITCHED)
    events = {0.5 + n * 0.7: switch_to(next(names)) for n in range(12)}
    call = talk(words_of(speech), "opus-24k", events=events)
    stamps = [out.timestamp for _, out in call.got]
    assert all(a < b for a, b in itertools.pairwise(stamps))
    assert {d.data[1] for _, d in call.sent} >= {CATALOGUE.modes[n].wire_id for n in SWITCHED}


@pytest.mark.parametrize("mode", ["opus-24k", "codec2-1200"])
def test_packets_lost_between_browser_and_relay_are_concealed(mode: str, speech: Speech) -> None:
    source = words_of(speech)
    call = talk(source, mode, lose=lambda n: n % 20 == 7)
    assert understood(source, call) > STOI_FLOORS[mode] - 0.1


@pytest.mark.parametrize("link", ["lossy-wifi", "2g-edge", "geo-satellite", "hf-radio"])
def test_a_thin_mode_is_understood_through_every_link(link: str, speech: Speech) -> None:
    source = words_of(speech)
    call = talk(source, "codec2-700c", profile=CATALOGUE.links[link])
    heard = [out for at, out in call.got if at > 3]
    assert len(heard) / ((len(source) / RATE_HZ + 1 - 3) * 50) > 0.8
    assert call.downlink.delay_ms is not None
    assert call.downlink.delay_ms > CATALOGUE.links[link].delay_ms
    assert call.downlink.delay_ms < CATALOGUE.links[link].delay_ms + 700


def test_mute_sends_nothing_and_speech_comes_back(speech: Speech) -> None:
    def mute(muted: bool) -> Callable[[Browser, Uplink], None]:
        return lambda browser, uplink: setattr(uplink, "muted", muted)

    source = words_of(speech)
    call = talk(source, "codec2-1200", events={4.0: mute(True), 8.0: mute(False)})
    assert not [at for at, _ in call.sent if 4.2 < at < 8.0]
    assert [at for at, _ in call.sent if at > 8.2]
    heard = call.heard()
    assert np.sqrt(np.mean(heard[5 * RATE_HZ : 8 * RATE_HZ] ** 2)) < 1e-3
    assert np.sqrt(np.mean(heard[9 * RATE_HZ :] ** 2)) > 1e-2


@pytest.mark.parametrize("mode", ["codec2-1200", "opus-24k"])
def test_a_browser_with_dtx_makes_silence_cost_next_to_nothing(mode: str, speech: Speech) -> None:
    silence = np.zeros(6 * RATE_HZ, np.float32)
    source = np.concatenate([speech.at(RATE_HZ)[: 3 * RATE_HZ], silence, words_of(speech)])
    call = talk(source, mode)
    in_silence = [datagram for at, datagram in call.sent if 4 < at < 9]
    assert sum(len(d.data) + 28 for d in in_silence) * 8 / 5 < 1500
    heard = call.heard()
    start = round((9 + lag_s(source, heard, RATE_HZ, 0.4)) * RATE_HZ)
    words = words_of(speech)[: len(heard) - start]
    assert stoi(words, heard[start : start + len(words)], RATE_HZ) > STOI_FLOORS[mode] - 0.05


PAUSES_S = (0.3, 0.5, 0.7, 0.9, 2.0)


@pytest.mark.parametrize("mode", ["tiny-750", "focal-550", "codec2-700c"])
def test_a_talker_who_pauses_is_heard_at_the_same_delay_afterwards(
    mode: str, speech: Speech
) -> None:
    """Bundles of 320 ms are cut short where the talker stops."""
    said = np.split(words_of(speech), len(PAUSES_S))
    pauses = [np.zeros(round(pause_s * RATE_HZ), np.float32) for pause_s in PAUSES_S]
    call = talk(np.concatenate([*itertools.chain(*zip(said, pauses, strict=True))]), mode)
    heard, lags_s, at = call.heard(), list[float](), 0
    for words, pause in zip(said, pauses, strict=True):
        come = heard[at : at + len(words) + RATE_HZ]
        lags_s.append(lag_s(words, come, RATE_HZ, 0.8))
        at += len(words) + len(pause)
    assert max(lags_s) - min(lags_s) < 0.03
