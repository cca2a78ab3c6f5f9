"""What leaves of a talker's voice: a card once enough was heard, another where another one talks.
Behind it goes a sample, where the far end can speak like one.

Kinds of what describes a talker (the first byte):

    0  card, SIZE bytes; none at all: the voice is the neutral one again
    1  sample (sample.py)
    2  language (text/language.py)
"""

from collections.abc import Callable
from functools import cached_property
from threading import Lock

from sotto_codecs.base import Pcm
from sotto_codecs.errors import BadFrame
from sotto_codecs.text.voice import card as voice_card
from sotto_codecs.text.voice import sample as voice_sample
from sotto_codecs.text.voice.card import VoiceCard
from sotto_codecs.text.voice.knowing import Embedding, Encoder, Watch, known
from sotto_codecs.text.voice.measuring import VoiceMeter
from sotto_codecs.text.voice.picking import Picking

CARD = b"\0"
CARD_AFTER_S = 4.0  # of voice: what comes later changes little
MOST = 64  # voices


class Voices:
    """Cards that have left, with the voices they are of: shared by all calls, in memory only.

    A known voice gets the card and the sample that it had, so that the far end may know them by
    their hashes.
    """

    def __init__(self, make: Callable[[], Encoder]) -> None:
        """`make` is called for the first talker who agrees: it may load a network."""
        self._make = make
        self._voices = dict[bytes, Embedding]()  # by card
        self._samples = dict[bytes, bytes]()  # likewise
        self._lock = Lock()

    @cached_property
    def encoder(self) -> Encoder:
        return self._make()

    def card(self, voice: Embedding | None, measured: bytes) -> bytes:
        """The card of this voice: its old one, or the one that was measured now."""
        if voice is None:
            return measured
        with self._lock:
            card = known(voice, self._voices, self.encoder.sure) or measured
            self._voices[card] = self._voices.pop(card, voice)  # the first is the one least used
            if len(self._voices) > MOST:
                self._forget(next(iter(self._voices)))
            return card

    def sample(self, card: bytes) -> bytes:
        """Of the voice of a card, as it left before; else none."""
        with self._lock:
            return self._samples.get(card, b"")

    def keep(self, card: bytes, sample: bytes) -> None:
        """As long as the voice is known."""
        with self._lock:
            if card in self._voices:
                self._samples[card] = sample

    def forget(self, card: bytes) -> None:
        with self._lock:
            self._forget(card)

    def _forget(self, card: bytes) -> None:
        self._voices.pop(card, None)
        self._samples.pop(card, None)


class Sharing:
    """Of one talker. Nothing of a voice is measured before its owner agrees."""

    def __init__(self, voices: Voices) -> None:
        self._voices = voices
        self._agreed = self._is_wanted = False
        self._card = b""  # that the far end has
        self._watch: Watch | None = None
        self._begin()

    def agree(self, agreed: bool) -> None:
        """Or not any more: then it is forgotten here, and by the far end with the next phrase."""
        self._agreed = agreed
        if not agreed:
            self._voices.forget(self._card)
            self._watch = None
            self._begin()

    def want_sample(self, wanted: bool) -> None:
        """The far end can make use of one, or not. Before it can, none is put together."""
        self._is_wanted = wanted

    def heard(self, pcm: Pcm) -> bytes:
        """Another phrase at 16 kHz. What is to leave now, mostly nothing.

        Raises BackendUnavailable."""
        if not self._agreed:
            withdrawn, self._card = bool(self._card), b""
            return CARD if withdrawn else b""
        self._watch = self._watch or Watch(self._voices.encoder)
        if self._watch.add(pcm):
            self._begin()
        return self._sample(pcm, self._watch) if self._is_described else self._new_card(pcm)

    def _begin(self) -> None:
        """With a voice that nothing is known of."""
        self._is_described = self._is_sampled = False
        self._meter, self._picking = VoiceMeter(), Picking()

    def _new_card(self, pcm: Pcm) -> bytes:
        self._meter.add(pcm)
        card = self._meter.card()
        if card is None or self._meter.voiced_s < CARD_AFTER_S:
            return b""
        self._is_described = True
        voice = self._watch.voice if self._watch else None
        self._card = self._voices.card(voice, voice_card.encode(card))
        return CARD + self._card

    def _sample(self, pcm: Pcm, watch: Watch) -> bytes:
        if self._is_sampled or not self._is_wanted:
            return b""
        sample = self._voices.sample(self._card)
        if not sample and (picked := self._picking.add(pcm)) is not None and watch.knows(picked):
            sample = voice_sample.encode(picked)
            self._voices.keep(self._card, sample)
        self._is_sampled = bool(sample)
        return sample


def described(payload: bytes) -> VoiceCard | None:
    """The card of a payload of kind 0; None is the neutral voice. Raises BadFrame."""
    if payload[:1] != CARD:
        raise BadFrame(f"no voice card: {payload[:1].hex()}")
    return voice_card.decode(payload[1:]) if payload[1:] else None
