"""Text mode: what is said travels as words, how it is said as prosody, and who says it as a card.

After STCTS (arXiv 2512.00451), an idea; nothing of its code. A phrase is recognised when it ends,
coded, and spoken again at the far end by a synthesiser, in the talker's rhythm and melody.

    stream 0  text                               a line that was written
    stream 1  text                               a phrase, spoken in the voice's own way
    stream 2  text, prosody, in one code         a phrase and how it was said
    stream 3  kind, what describes the talker    a voice card, where the talker agrees; a language

Frames must arrive, in order, each once: text is coded against what was said before. What is said is
English until a language says otherwise.
"""

from collections import Counter, deque
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np

from sotto_codecs.base import CodecSpec, Frame, Pcm
from sotto_codecs.errors import BadFrame, BadSettings, UnavailableCodec
from sotto_codecs.events import Caption
from sotto_codecs.models import Models
from sotto_codecs.pcm import checked
from sotto_codecs.text import language as language_tag
from sotto_codecs.text.coding.text import TextDecoder, TextEncoder, TextModel, text_model
from sotto_codecs.text.language import ENGLISH
from sotto_codecs.text.listening import QUEUE_S, Listener
from sotto_codecs.text.phrase import Phrase, Word
from sotto_codecs.text.prosody import coding as prosody_coding
from sotto_codecs.text.prosody.dio import pyworld
from sotto_codecs.text.prosody.measuring import Prosody, Talker, measure
from sotto_codecs.text.prosody.moving import apply
from sotto_codecs.text.recognising import Engine, beside, engine, known
from sotto_codecs.text.speaking import Synthesiser, synthesiser
from sotto_codecs.text.voice.bases import base_card
from sotto_codecs.text.voice.card import VoiceCard
from sotto_codecs.text.voice.knowing import encoder as voice_encoder
from sotto_codecs.text.voice.sending import Sharing, Voices, described
from sotto_codecs.text.voice.warping import Warp, warp

RATE_HZ = 16_000
FRAME_SAMPLES = 320
WRITTEN, PLAIN, WITH_PROSODY, ABOUT = 0, 1, 2, 3  # streams
DENSITIES = {"none": 60.0, "sparse": 90.0, "dense": 150.0}  # bits per second of talk, at most
LINE_CHARACTERS = 400
CARRIERS = {"flite"}  # synthesisers whose voices have cards to start from
QUIET_SHARE = 0.01  # of the loudest sample: below it nothing is heard yet
LEAD_SAMPLES = RATE_HZ // 20  # weak consonants begin words
REMEMBERED_S = QUEUE_S + 10.0  # of sound, until its phrase has been recognised


class Stcts:
    """All that the calls share: recogniser, text model, synthesiser."""

    def __init__(  # noqa: PLR0913  # one parameter per setting is how the registry gives them
        self,
        prosody: str = "sparse",
        language: str = ENGLISH,
        stt: str = "auto",
        tts: str = "auto",
        models_dir: str = "",
        xtts_licence_accepted: bool = False,
    ) -> None:
        """Raises BadSettings, BackendUnavailable, WeightsMissing."""
        if prosody not in DENSITIES:
            raise BadSettings(f"stcts: prosody is {', '.join(DENSITIES)}, not {prosody!r}")
        self.prosody, self.language = prosody, language_tag.checked(language)
        self.models = Models(Path(models_dir) if models_dir else None, xtts_licence_accepted)
        self.engine: Engine = engine(stt, language, self.models)
        known(language, self.engine.languages, self.engine.name)
        self._tts = tts
        self.hears = self.engine.name  # sotto_codecs.events' Worded
        self.speaks = synthesiser(tts, language, self.models).name
        self.model: TextModel = text_model()
        if prosody != "none":
            pyworld()  # half a second that the first phrase need not wait
        self.voices = Voices(partial(voice_encoder, self.models))
        self.spec = CodecSpec(
            name="stcts",
            version=int.from_bytes(self.model.digest),  # of the text model: both ends need the same
            sample_rate_hz=RATE_HZ,
            channels=1,
            frame_samples=FRAME_SAMPLES,
            payload_bps=DENSITIES[prosody],
            delay_samples=0,
            frame_bytes=None,
            keeps_time=False,
        )

    def speaker(self, language: str) -> Synthesiser | None:
        """Who speaks `language` here: the one that is wanted, else the best that does, if any."""
        for name in dict.fromkeys((self._tts, "auto")):
            with suppress(UnavailableCodec):
                found = synthesiser(name, language, self.models)
                if found.voices(language):
                    return found
        return None

    def encoder(self) -> "Encoder":
        return Encoder(self)

    def decoder(self) -> "Decoder":
        return Decoder(self)


class Encoder:
    """One talker: sotto_codecs.events' Deferrable as well."""

    def __init__(self, codec: Stcts) -> None:
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
        frames = self._frames(self._listener.recognise(most_s)) or self._card()
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

    def _card(self) -> list[Frame]:
        """Of the voice of a phrase whose words have left: who that is may take a second to tell."""
        if not self._undescribed:
            return []
        pcm, end = self._undescribed.popleft()
        payload = self._sharing.heard(pcm)
        return [Frame(payload, end, 0, ABOUT, priority=1)] if payload else []

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


class Decoder:
    """One listener and talker: sotto_codecs.events' Captioned and Speaking as well."""

    def __init__(self, codec: Stcts) -> None:
        self._codec = codec
        self._text = TextDecoder(codec.model)
        self._number = 0
        self._captions = deque[Caption]()
        self._card: VoiceCard | None = None
        self._language = ENGLISH
        self._speaker = codec.speaker(ENGLISH)

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
        if payload[0] == language_tag.KIND:
            self._language = language_tag.decode(payload)
            self._speaker = self._codec.speaker(self._language)
        else:
            self._card = described(payload)

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
