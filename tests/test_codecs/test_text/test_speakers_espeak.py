"""espeak-ng is a system package that scripts/install-system-packages brings."""

import numpy as np
import pytest

from sotto_codecs.errors import BackendUnavailable, BadSettings
from sotto_codecs.text.speakers.espeak import Espeak
from sotto_codecs.text.speaking import RATE_HZ, synthesiser

SENTENCES = {
    "de": "heute regnet es, morgen scheint die Sonne",
    "fr": "il pleut aujourd'hui à Paris",
    "ru": "сегодня идёт дождь",
    "pt-br": "hoje está chovendo",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_it_speaks_a_language_and_names_every_word(language: str) -> None:
    voice = Espeak().voices(language)[0]
    (spoken,) = Espeak().speak(SENTENCES[language], voice)
    assert 0.8 < len(spoken.pcm) / RATE_HZ < 5 and 0.05 < np.abs(spoken.pcm).max() <= 1
    assert [word.text for word in spoken.words] == SENTENCES[language].split()
    edges = [edge for word in spoken.words for edge in (word.start_s, word.end_s)]
    assert edges[-1] <= len(spoken.pcm) / RATE_HZ and edges[0] >= 0
    assert [word.start_s for word in spoken.words] == sorted({w.start_s for w in spoken.words})


def test_a_region_that_it_does_not_know_is_spoken_as_its_language() -> None:
    espeak = Espeak()
    assert espeak.voices("de-AT")[0] == "de" and espeak.voices("pt_BR")[0] == "pt-br"
    assert espeak.voices("tlh") == ()


def test_timbres_differ() -> None:
    own, woman, _ = Espeak().voices("de")
    (low,), (high,) = Espeak().speak("Guten Tag", own), Espeak().speak("Guten Tag", woman)
    assert not np.array_equal(low.pcm, high.pcm)


def test_other_languages_than_english_fall_to_it() -> None:
    assert synthesiser("auto", "de").voices("de")[0].startswith("de")


@pytest.mark.parametrize("text", ["", "\N{GRINNING FACE}", "世界", "!?", "a" * 10_000])
def test_nothing_to_say_gives_nothing(text: str) -> None:
    assert list(Espeak().speak(text, "de")) == []


def test_what_it_cannot_say_is_left_out_of_the_words() -> None:
    (spoken,) = Espeak().speak("ja \N{GRINNING FACE} -- 世界 nein", "de")
    assert [word.text for word in spoken.words] == ["ja", "nein"]


@pytest.mark.parametrize("voice", ["xx", "de+../../etc", "--help", "mb/mb-de1"])
def test_an_unknown_voice_is_refused_at_once(voice: str) -> None:
    with pytest.raises(BadSettings, match="no voice"):
        Espeak().speak("hallo", voice)


def test_without_espeak_the_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BackendUnavailable, match="apt-get install espeak-ng"):
        Espeak()
