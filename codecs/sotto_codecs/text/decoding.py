"""One listener and talker in text mode: words in, speech and captions out."""

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from sotto_codecs.base import Frame, Pcm
from sotto_codecs.errors import BadFrame
from sotto_codecs.events import Caption
from sotto_codecs.text import language as language_tag
from sotto_codecs.text.coding.text import TextDecoder
from sotto_codecs.text.language import ENGLISH
from sotto_codecs.text.phrase import Word
from sotto_codecs.text.prosody import coding as prosody_coding
from sotto_codecs.text.prosody.measuring import Prosody
from sotto_codecs.text.prosody.moving import apply
from sotto_codecs.text.speaking import Cloning
from sotto_codecs.text.streams import ABOUT, PLAIN, RATE_HZ, WITH_PROSODY, WRITTEN
from sotto_codecs.text.voice import sample as voice_sample
from sotto_codecs.text.voice.bases import base_card
from sotto_codecs.text.voice.card import VoiceCard
from sotto_codecs.text.voice.sending import described
from sotto_codecs.text.voice.warping import Warp, warp

if TYPE_CHECKING:
    from sotto_codecs.backends.stcts import Stcts

CARRIERS = {"flite"}  # synthesisers whose voices have cards to start from
QUIET_SHARE = 0.01  # of the loudest sample: below it nothing is heard yet
LEAD_SAMPLES = RATE_HZ // 20  # weak consonants begin words


class Decoder:
    """One listener and talker: sotto_codecs.events' Captioned and Speaking as well."""

    def __init__(self, codec: "Stcts") -> None:
        self._codec = codec
        self._text = TextDecoder(codec.model)
        self._number = 0
        self._captions = deque[Caption]()
        self._card: VoiceCard | None = None
        self._sample = b""
        self._language = ENGLISH
        self._choose()

    def decode(self, frame: Frame | None) -> Pcm:
        if frame is None or not frame.payload:
            return np.zeros(0, np.float32)
        if frame.stream == ABOUT:
            self._learn(frame.payload)
            return np.zeros(0, np.float32)
        text, prosody = self._read(frame)
        is_written = frame.stream == WRITTEN
        self._captions.append(Caption(0 if is_written else self._number, text, True, is_written))
        self._number += not is_written
        return self._spoken(text, prosody)

    @property
    def unspoken(self) -> str:
        return "" if self._speaker else self._language

    @property
    def wants_sample(self) -> bool:
        return self._card is not None and self._clones

    def recover(self, following: Frame) -> Pcm:
        return self.decode(None)

    def fork(self) -> "Decoder":
        raise NotImplementedError("stcts: what is said anew is not said twice")

    def captions(self) -> list[Caption]:
        return [self._captions.popleft() for _ in range(len(self._captions))]

    def _read(self, frame: Frame) -> tuple[str, Prosody | None]:
        """Raises BadFrame where the text is damaged. Where only its prosody is, the phrase is
        spoken in the voice's own way."""
        if frame.stream in (WRITTEN, PLAIN):
            return self._text.decode(frame.payload), None
        if frame.stream != WITH_PROSODY:
            raise BadFrame(f"stcts: there is no stream {frame.stream}")
        text, rest = self._text.begin(frame.payload)
        try:
            return text, prosody_coding.read(rest, text.split(" "))
        except BadFrame:
            return text, None

    def _learn(self, payload: bytes) -> None:
        """Of the talker. Raises BadFrame."""
        match payload[0]:
            case language_tag.KIND:
                self._language = language_tag.decode(payload)
            case voice_sample.KIND:
                self._sample = voice_sample.checked(payload)
            case _:
                card = described(payload)
                if card == self._card:
                    return
                self._card, self._sample = card, b""
        self._choose()

    def _choose(self) -> None:
        """Who speaks: like the talker, where that is known and an engine can."""
        self._speaker = self._codec.speaker(self._language)
        self._clones = isinstance(self._speaker, Cloning)
        if self._sample and isinstance(self._speaker, Cloning):
            self._speaker = self._speaker.like(voice_sample.decode(self._sample))

    def _spoken(self, text: str, prosody: Prosody | None) -> Pcm:
        pieces, words, length = [np.zeros(0, np.float32)], list[Word](), 0
        if self._speaker is None:
            return pieces[0]
        card = self._card if self._speaker.name in CARRIERS else None
        voice_name = card.base if card else self._speaker.voices(self._language)[0]
        for spoken in self._speaker.speak(text, voice_name):
            offset_s = length / RATE_HZ
            words += [
                Word(it.text, it.start_s + offset_s, it.end_s + offset_s) for it in spoken.words
            ]
            pieces.append(spoken.pcm)
            length += len(spoken.pcm)
        pcm = np.concatenate(pieces)
        voice = Warp(base_card(card.base), card) if card else None
        if prosody and words:
            pcm = apply(pcm, words, prosody, voice)[0]
        elif voice:
            pcm = warp(pcm, voice.base, voice.wanted)
        return prompt(pcm)


def prompt(pcm: Pcm) -> Pcm:
    """Without most of the quiet in front: the talker's breath before a phrase has been waited for
    already, while the words were on their way."""
    heard = np.flatnonzero(np.abs(pcm) > QUIET_SHARE * np.abs(pcm).max(initial=0))
    return pcm[max(0, heard[0] - LEAD_SAMPLES) :] if len(heard) else pcm
