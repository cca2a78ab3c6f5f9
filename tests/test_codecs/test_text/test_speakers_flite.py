"""flite is a system package that scripts/install-system-packages brings."""

import numpy as np
import pytest

from sotto_codecs.errors import BackendUnavailable, BadSettings
from sotto_codecs.text.speakers.flite import VOICES, Flite, placed
from sotto_codecs.text.speaking import RATE_HZ

TEXT = "there are twenty five apples in this large basket"


@pytest.mark.parametrize("voice", VOICES)
def test_speech_lasts_as_long_as_it_should_and_names_every_word(voice: str) -> None:
    (spoken,) = Flite().speak(TEXT, voice)
    assert spoken.pcm.dtype == np.float32 and spoken.pcm.ndim == 1
    assert 1.5 < len(spoken.pcm) / RATE_HZ < 5 and 0.05 < np.abs(spoken.pcm).max() <= 1
    assert [word.text for word in spoken.words] == TEXT.split()


@pytest.mark.parametrize("voice", VOICES)
def test_words_follow_one_another_inside_the_sound(voice: str) -> None:
    (spoken,) = Flite().speak(TEXT, voice)
    edges = [edge for word in spoken.words for edge in (word.start_s, word.end_s)]
    assert edges == sorted(edges) and edges[-1] <= len(spoken.pcm) / RATE_HZ
    assert all(word.end_s - word.start_s > 0.04 for word in spoken.words)


def test_a_word_is_where_its_time_says() -> None:
    """Commas make pauses: between the words that they part it is silent, inside them it is not."""
    (spoken,) = Flite().speak("apples, houses, mountains, rivers", "slt")
    for word, after in zip(spoken.words, spoken.words[1:], strict=False):
        said = spoken.pcm[int(word.start_s * RATE_HZ) : int(word.end_s * RATE_HZ)]
        pause = spoken.pcm[int(word.end_s * RATE_HZ) + 480 : int(after.start_s * RATE_HZ) - 160]
        assert len(pause) > 160 and np.sqrt(np.mean(pause**2)) < 0.1 * np.sqrt(np.mean(said**2))


def test_words_stay_as_they_were_written() -> None:
    text = "Dr. Smith\u2019s 25 cafés: isn't THAT strange?"
    (spoken,) = Flite().speak(text)
    assert [word.text for word in spoken.words] == text.split()


def test_what_it_cannot_say_is_left_out_of_the_words() -> None:
    (spoken,) = Flite().speak("well \N{GRINNING FACE} привет [laughter] yes -- no")
    assert [word.text for word in spoken.words] == ["well", "yes", "no"]


@pytest.mark.parametrize("text", ["", "\N{GRINNING FACE}", "Привет, мир", "a" * 10_000, "-- ..."])
def test_nothing_to_say_gives_nothing(text: str) -> None:
    assert list(Flite().speak(text)) == []


def test_text_is_only_ever_spoken() -> None:
    (spoken,) = Flite().speak("hello; $(touch /tmp/x) `id` | -o out.wav --help <break/>")
    assert [word.text for word in spoken.words][:2] == ["hello;", "$(touch"]


def test_long_text_comes_in_pieces_the_first_before_the_rest() -> None:
    speech = Flite().speak(" ".join(["seven words are not a long sentence."] * 300), "kal16")
    assert len(next(speech).words) < 40


@pytest.mark.parametrize("voice", ["kal", "/etc/passwd", "http://far.example/voice.flitevox"])
def test_an_unknown_voice_is_refused_at_once(voice: str) -> None:
    with pytest.raises(BadSettings, match="rms, slt"):
        Flite().speak("hello", voice)


def test_without_flite_the_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BackendUnavailable, match="apt-get install flite"):
        Flite()


def test_phones_that_differ_in_a_sentence_are_shared_out() -> None:
    words = [["dh", "ax"], ["d", "r", "ay", "v"], ["eh", "n", "d"]]
    said = ["pau", "dh", "iy", "d", "aa", "k", "t", "er", "pau", "eh", "n", "d", "pau"]
    segments = [(phone, index / 10, (index + 1) / 10) for index, phone in enumerate(said)]
    assert placed(words, segments) == [(0.1, 0.3), (0.3, 0.8), (0.9, 1.2)]


def test_a_word_of_which_nothing_is_left_has_no_length() -> None:
    assert placed([["a"], [], ["b"]], [("a", 0.0, 0.1), ("b", 0.1, 0.2)]) == [
        (0.0, 0.1),
        (0.1, 0.1),
        (0.1, 0.2),
    ]
