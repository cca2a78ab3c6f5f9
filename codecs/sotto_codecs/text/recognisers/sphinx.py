"""pocketsphinx: hears American English at once, offline; its wheel carries the model.

It wants the mean of the cepstrum before it hears the first word: with the library's own running
mean 80 % of the words of 20 evaluation sentences are wrong, with the phrase's own 67 %. So the
beginning of a talker's first phrase is held back until there is a mean, each phrase makes the
talker's mean better, and until that one stands on enough speech a phrase is heard once more when
it has told its own.

No word is final before its phrase is over: words on which hypotheses agreed, 1 s behind the edge,
would be wrong more often (73 % of them for 70 %).
"""

import re
from importlib.metadata import version
from typing import Any

import numpy as np
import numpy.typing as npt

from sotto_codecs.base import Pcm
from sotto_codecs.errors import BackendUnavailable
from sotto_codecs.models import NO_MODELS, Models
from sotto_codecs.pcm import to_int16
from sotto_codecs.text.phrase import Word
from sotto_codecs.text.recognisers.aside import Aside, aside
from sotto_codecs.text.recognising import Hypothesis, known
from sotto_codecs.text.talkspurt import RATE_HZ

LANGUAGES = ("en",)
_FRAME_S = 0.01
_HOLD_S = 1.5  # of a talker's first phrase
_SETTLED_S = 3.0  # a phrase of that length has told its own mean
_TRUSTED_S = 6.0  # of speech: from then on the mean is the talker's
_FORGETS_S = 30.0  # of speech: people move, and microphones
_NO_SEARCH, _ONE_WORD = "mean", "#JSGF V1.0; grammar mean; public <mean> = a;"
Mean = npt.NDArray[np.float64]


class Sphinx:
    """One pass and at most 3000 states a frame: 1.8 times as fast as the library's defaults, with
    63.1 % of the words wrong for 61.1 % on the sentences of benchmarks/metrics/recognisers.py."""

    languages = LANGUAGES

    def __init__(self, models: Models = NO_MODELS) -> None:
        """It has its model with it. Raises BackendUnavailable."""
        try:
            from pocketsphinx import Decoder
        except ImportError as error:
            remedy = "pip install 'sotto-call[text]'"
            raise BackendUnavailable(f"pocketsphinx is not here ({error})", remedy) from error
        self._decoder = Decoder
        self.name = f"pocketsphinx {version('pocketsphinx')}, en-us"

    def recogniser(self, language: str) -> "SphinxRecogniser":
        """Loads the model anew (0.3 s): the library shares nothing between two streams."""
        known(language, LANGUAGES, self.name)
        return SphinxRecogniser(
            self._decoder(samprate=RATE_HZ, loglevel="FATAL", fwdflat=False, maxhmmpf=3000)
        )

    def aside(self) -> Aside:
        return aside(f"{__name__}:{type(self).__name__}", self.name, self.languages)


class SphinxRecogniser:
    """One per talker. The library lets no other thread run while it listens."""

    def __init__(self, decoder: Any) -> None:
        self._decoder = decoder
        self._words_search = decoder.current_search()
        decoder.add_jsgf_string(_NO_SEARCH, _ONE_WORD)
        self._mean: Mean | None = None  # of the talker
        self._mean_s = 0.0  # of speech in it
        self._listening = False  # to the phrase, with a mean
        self.start()

    def start(self) -> None:
        self._stop()
        self._sound = bytearray()
        self._settled = self._mean_s >= _TRUSTED_S  # the mean holds to the phrase's end

    def feed(self, pcm: Pcm) -> Hypothesis:
        new = to_int16(pcm).tobytes()
        self._sound += new
        if self._listening and not self._settled and self._seconds >= _SETTLED_S:
            self._listen_with_its_own()
        elif self._listening:
            self._decoder.process_raw(new)
        elif self._mean is not None or self._seconds >= _HOLD_S:
            self._listen(self._mean if self._mean is not None else self._mean_here())
        if not self._listening:
            return Hypothesis(())
        return Hypothesis(tuple(self._words()))

    def finish(self) -> tuple[Word, ...]:
        if not self._sound:
            return ()
        if not (self._listening and self._settled):
            self._listen_with_its_own()
        self._decoder.end_utt()
        self._listening = False
        words = tuple(self._words())
        self._learn()
        return words

    def close(self) -> None:
        self._stop()

    @property
    def _seconds(self) -> float:
        return len(self._sound) / 2 / RATE_HZ

    def _listen(self, mean: Mean) -> None:
        """From the phrase's beginning. The library's estimate of noise would carry over as well."""
        self._decoder.reinit_feat()
        self._decoder.set_cmn(",".join(f"{value:.5g}" for value in mean))
        self._decoder.start_utt()
        self._listening = True
        self._decoder.process_raw(bytes(self._sound))

    def _listen_with_its_own(self) -> None:
        """What was heard with a mean of little sound is heard again: 0.5 s of work at the most."""
        self._stop()
        self._listen(self._mean_here())
        self._settled = True

    def _stop(self) -> None:
        if self._listening:
            self._decoder.end_utt()
        self._listening = False

    def _mean_here(self) -> Mean:
        """Of what is there of the phrase. The library always searches at the end: for one word,
        which takes 20 ms for 7 s of speech."""
        self._decoder.activate_search(_NO_SEARCH)
        self._decoder.reinit_feat()
        self._decoder.start_utt()
        self._decoder.process_raw(bytes(self._sound), no_search=True, full_utt=True)
        mean = np.array([float(value) for value in self._decoder.get_cmn(False).split(",")])
        self._decoder.end_utt()
        self._decoder.activate_search(self._words_search)
        return mean

    def _learn(self) -> None:
        mean = self._mean_here()
        if self._mean is not None:
            mean = (self._mean * self._mean_s + mean * self._seconds) / (
                self._mean_s + self._seconds
            )
        self._mean = mean
        self._mean_s = min(self._mean_s + self._seconds, _FORGETS_S)

    def _words(self) -> list[Word]:
        found = [
            Word(spelt(part.word), part.start_frame * _FRAME_S, (part.end_frame + 1) * _FRAME_S)
            for part in self._decoder.seg() or ()
        ]
        return [word for word in found if word.text]


def spelt(entry: str) -> str:
    """A word of the dictionary as it is sent; "" for what is none.

    "read(2)" is another way to say "read". `<s>` and `<sil>` are silence, `[SPEECH]` is speech
    that it has no word for. `[NOISE]` is a sound that it cannot name, no laughter and no cough:
    it is breath more often than not, so nothing of it is sent.
    """
    if entry[0] in "<[+":
        return ""
    return re.sub(r"\(\d+\)$", "", entry)
