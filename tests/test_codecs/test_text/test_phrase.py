"""Words and phrases: what all of text mode passes on."""

from sotto_codecs.text.phrase import Phrase, Word


def test_a_phrase_reads_as_its_words() -> None:
    words = (Word("good", 0.1, 0.3), Word("evening", 0.3, 0.8))
    assert Phrase(words, "en", 4.0, 5.0).text == "good evening"
    assert Phrase((), "en", 4.0, 4.0).text == ""


def test_an_event_is_a_name_in_brackets() -> None:
    assert Word("[laughter]", 0.0, 0.5).is_event
    assert not any(Word(text, 0.0, 0.5).is_event for text in ("", "laughter", "[", "a[0]"))
