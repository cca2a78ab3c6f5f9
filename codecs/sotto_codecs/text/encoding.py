"""One talker in text mode: sound in; words, how they are said, and what describes the voice out."""

from collections import Counter, deque
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from sotto_codecs.base import Frame, Pcm
from sotto_codecs.events import Caption
from sotto_codecs.pcm import checked
from sotto_codecs.text import language as language_tag
from sotto_codecs.text.coding.text import TextEncoder
from sotto_codecs.text.language import ENGLISH
from sotto_codecs.text.listening import QUEUE_S, Listener
from sotto_codecs.text.phrase import Phrase
from sotto_codecs.text.prosody import coding as prosody_coding
from sotto_codecs.text.prosody.measuring import Prosody, Talker, measure
from sotto_codecs.text.recognising import beside
from sotto_codecs.text.streams import ABOUT, FRAME_SAMPLES, PLAIN, RATE_HZ, WITH_PROSODY, WRITTEN
from sotto_codecs.text.voice.sending import CARD, Sharing

if TYPE_CHECKING:
    from sotto_codecs.backends.stcts import Stcts

LINE_CHARACTERS = 400
REMEMBERED_S = QUEUE_S + 10.0  # of sound, until its phrase has been recognised


class Encoder:
    """One talker: sotto_codecs.events' Deferrable as well."""

    def __init__(self, codec: "Stcts") -> None:
        self._codec = codec
        self._listener = Listener(codec.engine, codec.language)
        self._text = TextEncoder(codec.model)
        self._talker = Talker()
        self._recent = Recent()
        self._number = 0
        self._captions = list[Caption]()
        self._partial = ""
        self._sharing = Sharing(codec.voices)
        self._language = ENGLISH  # that the far end knows of
        self._undescribed = deque[tuple[Pcm, int]]()  # phrases that have left, and their ends

    def encode(self, pcm: Pcm) -> list[Frame]:
        self.hear(pcm)
        return self.work()

    def flush(self) -> list[Frame]:
        self.hear_end()
        frames = self.work()
        while not self.is_done:
            frames += self.work()
        return frames

    def go_aside(self) -> None:
        self._listener = Listener(beside(self._codec.engine), self._codec.language)
        self._listener.prepare()

    def hear(self, pcm: Pcm) -> None:
        pcm = checked(pcm, self._codec.spec)
        self._recent.add(pcm)
        self._listener.hear(pcm)

    def hear_end(self) -> None:
        self._listener.hear_end()

    def work(self, most_s: float = float("inf")) -> list[Frame]:
        frames = self._frames(self._listener.recognise(most_s)) or self._about_voice()
        self._caption_partial(self._listener.partial)
        return frames

    @property
    def behind_s(self) -> float:
        return self._listener.behind_s

    @property
    def is_done(self) -> bool:
        return self._listener.is_done and not self._undescribed

    @property
    def counts(self) -> Counter[str]:
        return self._listener.counts

    def close(self) -> None:
        self._listener.close()

    def write(self, text: str) -> list[Frame]:
        if not 0 < len(text) <= LINE_CHARACTERS:
            raise ValueError(f"a line has 1 to {LINE_CHARACTERS} characters, not {len(text)}")
        self._captions.append(Caption(0, text, is_final=True, is_written=True))
        at = self._recent.samples
        return [*self._told(self._codec.language, at), Frame(self._coded(text), at, 0, WRITTEN)]

    def share_voice(self, shared: bool) -> None:
        self._sharing.agree(shared)

    def want_sample(self, wanted: bool) -> None:
        self._sharing.want_sample(wanted)

    def captions(self) -> list[Caption]:
        new, self._captions = self._captions, []
        return new

    def _frames(self, phrases: Iterable[Phrase]) -> list[Frame]:
        frames = list[Frame]()
        for phrase in phrases:
            start, end, length = (
                round(it * RATE_HZ)
                for it in (phrase.start_s, phrase.end_s, phrase.end_s - phrase.start_s)
            )
            pcm = self._recent.since(phrase.start_s)
            frames += self._told(phrase.language, start)
            frames.append(self._frame(phrase, pcm, start, end))
            self._undescribed.append((pcm[:length], end))
        return frames

    def _told(self, wanted: str, at: int) -> list[Frame]:
        """The language, where it is another than before."""
        if wanted == self._language:
            return []
        self._language = wanted
        return [Frame(language_tag.encode(wanted), at, 0, ABOUT)]

    def _about_voice(self) -> list[Frame]:
        """Of the voice of a phrase whose words have left: who that is may take a second to tell."""
        if not self._undescribed:
            return []
        pcm, end = self._undescribed.popleft()
        payload = self._sharing.heard(pcm)
        waits = payload != CARD  # that consent is taken back does not
        return [Frame(payload, end, 0, ABOUT, priority=int(waits))] if payload else []

    def _caption_partial(self, words: str) -> None:
        if words != self._partial:
            self._partial = words
            self._captions.append(Caption(self._number, words, is_final=False))

    def _frame(self, phrase: Phrase, pcm: Pcm, start: int, end: int) -> Frame:
        self._captions.append(Caption(self._number, phrase.text, is_final=True))
        self._number, self._partial = self._number + 1, ""
        prosody = self._prosody(phrase, pcm)
        payload = self._coded(phrase.text, prosody)
        return Frame(payload, start, end - start, WITH_PROSODY if prosody else PLAIN)

    def _coded(self, text: str, prosody: Prosody | None = None) -> bytes:
        write = partial(prosody_coding.write, prosody, self._codec.prosody) if prosody else None
        payload = self._text.encode(text, behind=write)
        self._text.acknowledged(self._text.number)  # they arrive in order, or not at all
        return payload

    def _prosody(self, phrase: Phrase, pcm: Pcm) -> Prosody | None:
        """Of sound from the start of the phrase on; None where none is wanted."""
        if self._codec.prosody == "none":
            return None
        measured, self._talker = measure(pcm, phrase, self._talker)
        return measured


class Recent:
    """The last REMEMBERED_S of a stream."""

    def __init__(self) -> None:
        self.samples = 0  # since the start
        self._pieces = list[Pcm]()

    def add(self, pcm: Pcm) -> None:
        self.samples += len(pcm)
        self._pieces.append(pcm)
        del self._pieces[: -round(REMEMBERED_S * RATE_HZ / FRAME_SAMPLES)]

    def since(self, start_s: float) -> Pcm:
        """Up to now; from as far back as it is remembered."""
        sound = np.concatenate([np.zeros(0, np.float32), *self._pieces])
        wanted = self.samples - round(start_s * RATE_HZ)
        return sound[-wanted:] if 0 < wanted else sound[:0]
