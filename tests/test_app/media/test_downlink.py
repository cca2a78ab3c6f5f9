"""Speech and Opus at one listener: what was told before a switch is heard when there is room."""

from itertools import pairwise

import numpy as np

from sotto_app.link.packet import Packet, pack
from sotto_app.media.downlink import QUIET_S, STALE_S, Downlink, OpusOut
from sotto_app.media.playout import TICK_S
from sotto_codecs.backends.libopus import OpusDecoder, OpusEncoder
from tests.test_app.media.virtual_call import CATALOGUE, MODES

TEXT, OPUS = CATALOGUE.modes["text"].wire_id, CATALOGUE.modes["opus-24k"].wire_id
RATE_HZ = 48_000
SPEECH_HZ = 16_000
START_S = 1000.0


class Ear:
    """A listener's downlink in virtual time. A phrase is a tone, and so is what Opus says."""

    def __init__(self) -> None:
        self.downlink = Downlink(MODES)
        self.got = list[tuple[float, OpusOut]]()
        self.now = START_S
        self._encoder = OpusEncoder(RATE_HZ, 1)
        self._sequence = 0
        self.payloads = set[bytes]()  # that came in Opus

    def speak(self, seconds: float) -> None:
        tone = 0.3 * np.sin(2 * np.pi * 440 / SPEECH_HZ * np.arange(round(seconds * SPEECH_HZ)))
        self._take(self.downlink.speak(TEXT, tone.astype(np.float32), SPEECH_HZ, self.now))

    def opus(self) -> None:
        """20 ms of it."""
        noise = np.random.default_rng(self._sequence).normal(0, 0.1, RATE_HZ // 50)
        payload = self._encoder.encode(noise.astype(np.float32))
        packet = Packet(OPUS, self._sequence, round(self.now * 1000), (payload,))
        self._sequence += 1
        self.payloads.add(payload)
        self._take(self.downlink.receive(pack(packet, None), self.now))

    def go_on(self, seconds: float, opus_every_s: float | None = None) -> None:
        for step in range(round(seconds / TICK_S)):
            if opus_every_s and step % round(opus_every_s / TICK_S) == 0:
                self.opus()
            self.play()
            self.now += TICK_S

    def play(self) -> None:
        """What is due."""
        due_s = self.downlink.due_s
        if due_s is not None and due_s <= self.now + 1e-6:
            self._take(self.downlink.play(self.now))

    def hear(self, frame: int) -> None:
        """A frame of 80 ms in Codec2."""
        encoder = MODES.codecs["codec2-1300"].encoder()
        [made] = encoder.encode(np.zeros(640, np.float32))
        mode = CATALOGUE.modes["codec2-1300"].wire_id
        start_ms = round(START_S * 1000) + 80 * frame
        packet = Packet(mode, frame, start_ms, (made.payload,))
        self._take(self.downlink.receive(pack(packet, len(made.payload)), self.now))

    def spoken_at(self) -> list[float]:
        """When pieces of phrases went out, in seconds since the start."""
        decoder, at = OpusDecoder(RATE_HZ, 1), []
        for now, out in self.got:
            loud = np.abs(decoder.decode(out.payload)).max() > 0.1
            if out.payload not in self.payloads and loud:
                at.append(now - START_S)
        return at

    def relayed(self) -> int:
        return sum(out.payload in self.payloads for _, out in self.got)

    def _take(self, packets: list[OpusOut]) -> None:
        self.got += [(self.now, packet) for packet in packets]


def spoken_s(ear: Ear) -> float:
    return len(ear.spoken_at()) * TICK_S


def assert_stamps_go_on(ear: Ear) -> None:
    stamps = [out.timestamp for _, out in ear.got]
    assert all(after - before >= RATE_HZ * TICK_S for before, after in pairwise(stamps))


def test_a_phrase_that_opus_breaks_off_is_heard_to_its_end_in_the_next_pause() -> None:
    ear = Ear()
    ear.speak(2.0)
    ear.go_on(0.5)
    ear.go_on(1.0, opus_every_s=TICK_S)
    ear.go_on(3.0)
    assert abs(spoken_s(ear) - 2.0) < 0.1
    while_opus = [at for at in ear.spoken_at() if 0.6 < at < 1.5 + QUIET_S - 2 * TICK_S]
    assert while_opus == [] and ear.relayed() >= 48
    assert max(ear.spoken_at()) > 1.5 + QUIET_S
    assert_stamps_go_on(ear)


def test_a_late_phrase_waits_for_a_pause_and_opus_is_not_touched() -> None:
    ear = Ear()
    ear.go_on(0.5, opus_every_s=TICK_S)
    ear.speak(1.0)
    ear.go_on(0.5, opus_every_s=TICK_S)
    assert spoken_s(ear) == 0.0
    ear.go_on(3.0)
    assert ear.relayed() == 50
    assert abs(spoken_s(ear) - 1.0) < 0.1
    assert 1.0 + QUIET_S - 0.05 < min(ear.spoken_at()) < 1.0 + QUIET_S + 0.05
    assert_stamps_go_on(ear)


def test_packets_that_only_tell_the_noise_of_a_room_break_nothing_off() -> None:
    ear = Ear()
    ear.go_on(0.5, opus_every_s=TICK_S)
    ear.speak(2.0)
    ear.go_on(4.0, opus_every_s=0.4)
    at = ear.spoken_at()
    assert abs(spoken_s(ear) - 2.0) < 0.1
    assert at[-1] - at[0] < 2.1


def test_opus_after_a_pause_is_heard_from_its_second_packet_on() -> None:
    ear = Ear()
    ear.speak(1.0)
    ear.go_on(0.2)
    ear.go_on(0.2, opus_every_s=TICK_S)
    ear.go_on(0.1)
    assert ear.relayed() == 9


def test_where_opus_never_pauses_a_phrase_is_left_to_its_caption() -> None:
    ear = Ear()
    ear.go_on(0.5, opus_every_s=TICK_S)
    ear.speak(1.0)
    ear.go_on(STALE_S + 0.5, opus_every_s=TICK_S)
    ear.go_on(3.0)
    assert spoken_s(ear) == 0.0


def test_back_in_text_mode_a_phrase_is_spoken_at_once() -> None:
    ear = Ear()
    ear.go_on(0.5, opus_every_s=TICK_S)
    ear.go_on(1.0)
    ear.speak(1.0)
    ear.go_on(1.5)
    assert abs(spoken_s(ear) - 1.0) < 0.1 and min(ear.spoken_at()) < 1.6
    assert_stamps_go_on(ear)


def test_a_thread_that_was_held_up_makes_sound_neither_later_nor_shorter() -> None:
    """0.1 s is made up for; of 0.3 s a part is left out, in the browser's time as well."""
    for held_s, made_up in ((0.1, True), (0.3, False)):
        ear, frame, waits = Ear(), 0, False
        while ear.now < START_S + 6:
            at_s = ear.now - START_S
            waits = 3 <= at_s < 3 + held_s - 1e-6
            while not waits and 0.08 * (frame + 1) <= at_s:
                ear.hear(frame)
                frame += 1
            for _ in range(0 if waits else 20):  # more than it can be behind
                ear.play()
            ear.now += TICK_S
        ahead_s = [out.timestamp / RATE_HZ - (at - START_S) for at, out in ear.got]
        before = [it for it, (at, _) in zip(ahead_s, ear.got, strict=True) if at < START_S + 3]
        assert abs(ahead_s[-1] - before[-1]) < TICK_S / 2
        assert_stamps_go_on(ear)
        stamps = [out.timestamp for _, out in ear.got]
        assert (max(after - one for one, after in pairwise(stamps)) == RATE_HZ * TICK_S) == made_up
