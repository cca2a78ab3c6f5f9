"""A talker in text mode: what was said before a switch, a mute or another listener is not lost.
What a talker who stops has said leaves in time."""

import threading
from collections.abc import Iterator

import pytest

from sotto_app.link.packet import unpack
from sotto_app.media import told
from sotto_app.media.uplink import SILENT_S, Uplink
from sotto_codecs import registry
from sotto_codecs.backends.stcts import Stcts
from sotto_codecs.base import Frame, Pcm
from sotto_codecs.text.coding.text import TextDecoder, text_model
from tests.counting import PATIENCE_S, Engine, Gated, Ticking
from tests.speech import Speech
from tests.test_app.media.virtual_call import CATALOGUE, RATE_HZ, START_S, Browser

TEXT = CATALOGUE.modes["text"]
OPUS = "opus-24k"


class Talker:
    """A browser, its uplink, and what was told so far. The recogniser is the only thing that takes
    time."""

    def __init__(self, engine: Engine) -> None:
        codec = registry.load("stcts", {"prosody": "none", "stt": "pocketsphinx", "tts": "flite"})
        assert isinstance(codec, Stcts)
        codec.engine = engine
        self.codec = codec
        self.now = START_S
        self.told = list[tuple[int, str]]()  # mode, words
        self.captions = list[str]()  # that stand
        self._decoders = dict[int, TextDecoder]()
        self._browser = Browser("text")
        self._woken = threading.Event()
        self.uplink = Uplink(TEXT, codec, self._woken.set)

    def say(self, sound: Pcm) -> None:
        size = self._browser.frame_samples
        for at in range(0, len(sound) - size + 1, size):
            if packet := self._browser.packet(sound[at : at + size]):
                self.uplink.receive(packet, self.now)
            self.now += size / RATE_HZ
            self._collect()

    def switch(self, mode: str) -> None:
        codec = self.codec if mode == "text" else CATALOGUE.codecs[mode]
        self.uplink.set_mode(CATALOGUE.modes[mode], codec)
        self._browser.set_mode(mode)

    def heed(self) -> None:
        """Until something came of what was said."""
        assert self._woken.wait(PATIENCE_S)
        self._woken.clear()
        self.uplink.catch_up()
        self._collect()

    def heed_all(self) -> None:
        """Until all encoders but the present one are over."""
        while len(self.uplink._asides) > (self.uplink.mode is TEXT):
            self.heed()

    def _collect(self) -> None:
        bodies, self.uplink.told = self.uplink.told, []
        for body in bodies:
            what = told.read(body.data)
            assert not isinstance(what, str)
            mode, frame = what
            decoder = self._decoders.setdefault(mode, TextDecoder(text_model()))
            self.told.append((mode, decoder.decode(frame.payload)))
        self.captions += [it.words for it in self.uplink.captions() if it.is_final]


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    before = threading.active_count()
    yield
    assert threading.active_count() == before


@pytest.fixture
def said(speech: Speech) -> Pcm:
    return speech.at(RATE_HZ)[: 3 * RATE_HZ]


def test_what_was_said_before_a_switch_to_opus_is_told_after_it(said: Pcm) -> None:
    engine = Gated(Ticking("text"))
    talker = Talker(engine)
    talker.say(said)
    assert 2.0 < talker.uplink.behind_s < 3.5
    talker.switch(OPUS)
    talker.say(said)
    assert talker.uplink.mode.name == OPUS and talker.told == []
    engine.gate.set()
    talker.heed_all()
    assert {mode for mode, _ in talker.told} == {TEXT.wire_id}
    assert len(" ".join(words for _, words in talker.told).split()) >= 4
    assert talker.captions == [words for _, words in talker.told]
    assert talker.uplink.behind_s == 0.0


def test_back_in_text_mode_the_old_words_still_come_first(said: Pcm) -> None:
    first, second = Gated(Ticking("old")), Gated(Ticking("new"))
    talker = Talker(first)
    talker.say(said)
    talker.switch(OPUS)
    talker.say(said[: RATE_HZ // 2])
    talker.codec.engine = second
    talker.switch("text")
    talker.say(said)
    second.gate.set()
    talker.uplink.pause()
    first.gate.set()
    talker.heed_all()
    while not talker.told[-1][1].startswith("new"):
        talker.heed()
    words = " ".join(words for _, words in talker.told).split()
    assert words == sorted(words, reverse=True) and {"old", "new"} == set(words)
    talker.uplink.close()


def test_a_talker_who_is_muted_is_heard_out_and_goes_on_where_it_was(said: Pcm) -> None:
    talker = Talker(Ticking("word"))
    talker.say(said)
    talker.uplink.pause()
    talker.uplink.muted = True
    while not talker.told:
        talker.heed()
    before = len(talker.told)
    talker.say(said)
    talker.uplink.muted = False
    talker.say(said)
    talker.uplink.pause()
    while len(talker.told) == before:
        talker.heed()
    assert len(talker.uplink._asides) == 1  # one encoder, one process
    talker.uplink.close()


def test_a_new_listener_gets_nothing_of_what_was_meant_for_another(said: Pcm) -> None:
    engine = Gated(Ticking("old"))
    talker = Talker(engine)
    talker.say(said)
    talker.uplink.listened_anew()
    engine.gate.set()
    talker.codec.engine = Ticking("new")
    talker.say(said)
    talker.uplink.pause()
    talker.heed_all()
    while not talker.told:
        talker.heed()
    assert "old" not in " ".join(words for _, words in talker.told)
    assert any(words.startswith("old") for words in talker.captions)  # but its talker reads it
    talker.uplink.close()


class Describing:
    """An encoder that describes the voice at once, whether or not that is shared."""

    def __init__(self) -> None:
        self.wants_sample = self.is_shared = False

    def encode(self, pcm: Pcm) -> list[Frame]:
        return [Frame(b"words", 0, 0, 1), Frame(b"a sample", 0, 0, 3, priority=1)]

    def flush(self) -> list[Frame]:
        return []

    def write(self, text: str) -> list[Frame]:
        return []

    def share_voice(self, shared: bool) -> None:
        self.is_shared = shared

    def want_sample(self, wanted: bool) -> None:
        self.wants_sample = wanted


def test_nothing_of_a_voice_leaves_that_is_not_shared(said: Pcm) -> None:
    codec, made = Talker(Ticking("word")).codec, list[Describing]()

    def encoder() -> Describing:
        made.append(Describing())
        return made[-1]

    codec.encoder = encoder  # type: ignore[method-assign,assignment]  # all else is the codec's
    uplink, browser = Uplink(TEXT, codec), Browser("text")
    uplink.want_sample(True)
    size = browser.frame_samples
    for at in range(0, RATE_HZ, size):
        if at == RATE_HZ // 2:
            uplink.share_voice(True)
            assert {it.waits for it in uplink.told} == {False}
        if packet := browser.packet(said[at : at + size]):
            uplink.receive(packet, START_S)
    assert {it.waits for it in uplink.told} == {False, True}
    assert [(it.is_shared, it.wants_sample) for it in made] == [(True, True)]


def test_who_hangs_up_is_heard_out(said: Pcm) -> None:
    talker = Talker(Ticking("word"))
    talker.say(said)
    talker.uplink.hang_up(PATIENCE_S)
    talker._collect()
    assert len(" ".join(words for _, words in talker.told).split()) >= 4


def test_a_call_that_ends_waits_for_no_recogniser_that_is_behind(said: Pcm) -> None:
    engine = Gated(Ticking("word"))
    talker = Talker(engine)
    talker.say(said)
    talker.uplink.hang_up(0.0)
    engine.gate.set()
    talker.uplink.close()
    assert talker.told == []


def test_a_bundle_leaves_in_time_though_its_talker_has_stopped(speech: Speech) -> None:
    """Bundles of four frames of 40 ms, after those of one to three."""
    uplink = Uplink(CATALOGUE.modes["tiny-500"], CATALOGUE.codecs["tiny-500"])
    browser, sound = Browser("tiny-500"), speech.at(RATE_HZ)[RATE_HZ:]
    size, now = browser.frame_samples, START_S
    for at in range(0, round(1.1 * RATE_HZ), size):
        assert (packet := browser.packet(sound[at : at + size]))
        now += size / RATE_HZ
        uplink.receive(packet, now)
    due_s = uplink.due_s
    assert due_s is not None and now + SILENT_S <= due_s <= now + 0.16
    [bundle] = uplink.leave()
    frame_bytes = CATALOGUE.codecs["tiny-500"].spec.frame_bytes
    assert 1 <= len(unpack(bundle.data, frame_bytes).payloads) < 4
    assert uplink.due_s is None and uplink.leave() == []
