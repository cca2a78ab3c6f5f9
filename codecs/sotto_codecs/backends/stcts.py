"""Text mode: what is said travels as words, how it is said as prosody, and who says it as a card.

After STCTS (arXiv 2512.00451), an idea; nothing of its code. A phrase is recognised when it ends,
coded, and spoken again at the far end by a synthesiser, in the talker's rhythm and melody. What
travels: text/streams.py.
"""

from contextlib import suppress
from functools import partial
from pathlib import Path

from sotto_codecs.base import CodecSpec
from sotto_codecs.errors import BadSettings, UnavailableCodec
from sotto_codecs.models import Models
from sotto_codecs.text import language as language_tag
from sotto_codecs.text.coding.text import TextModel, text_model
from sotto_codecs.text.decoding import Decoder
from sotto_codecs.text.encoding import Encoder
from sotto_codecs.text.language import ENGLISH
from sotto_codecs.text.prosody.dio import pyworld
from sotto_codecs.text.recognising import Engine, engine, known
from sotto_codecs.text.speaking import Synthesiser, synthesiser
from sotto_codecs.text.streams import FRAME_SAMPLES, RATE_HZ
from sotto_codecs.text.voice.knowing import encoder as voice_encoder
from sotto_codecs.text.voice.sending import Voices

DENSITIES = {"none": 60.0, "sparse": 90.0, "dense": 150.0}  # bits per second of talk, at most


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

    def encoder(self) -> Encoder:
        return Encoder(self)

    def decoder(self) -> Decoder:
        return Decoder(self)
