"""Phrases on the wire: lossless, against acknowledged contexts alone, and bounded on noise."""

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sotto_codecs.errors import BadFrame, BadSettings
from sotto_codecs.text.coding.arithmetic import Recorder
from sotto_codecs.text.coding.spelling import MAX_CHARACTERS
from sotto_codecs.text.coding.text import (
    KEPT_CONTEXTS,
    MODELLED_WORDS,
    TextDecoder,
    TextEncoder,
    text_model,
)

MODEL = text_model()
SAID = (
    "there's iron they say in all our blood",
    "margaret said mister hale as he returned",
    "from showing his guest to mister thornton",
    "oh mister hale mister thornton",
)
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def pair() -> tuple[TextEncoder, TextDecoder]:
    return TextEncoder(MODEL), TextDecoder(MODEL)


GOLDEN = {
    "afresh": "fd956b2c191fd2217c0ad9",
    "age 1": "ab5dd9cc165b6661f0dd541e",
    "age 0": "36344ac88a58ec28b923",
    "age 2": "c3a3aadace3a55",
    "an event": "5c22b1",
    "spelled": "afc744b7d1cb1e7eaa9deb41de67ea48703ddce6a6d141",
    "empty, afresh": "fa",
}


def test_golden_payloads_of_every_kind() -> None:
    encoder = TextEncoder(MODEL)
    payloads = [encoder.encode(SAID[0]), encoder.encode(SAID[1])]
    encoder.acknowledged(2)
    payloads += [encoder.encode(SAID[2])]
    encoder.encode(SAID[0])
    payloads += [encoder.encode(SAID[3])]
    encoder.acknowledged(encoder.number)
    payloads += [encoder.encode("mister hale [laughter]"), encoder.encode("nuzhat Größe 😀")]
    encoder.restart()
    payloads += [encoder.encode("")]
    assert dict(zip(GOLDEN, [payload.hex() for payload in payloads], strict=True)) == GOLDEN


@pytest.mark.parametrize("behind", [0, 1, 3, KEPT_CONTEXTS + 2])
def test_a_call_comes_back(behind: int) -> None:
    encoder, decoder = pair()
    for text in SAID * 5:
        encoder.acknowledged(encoder.number - behind)
        assert decoder.decode(encoder.encode(text)) == text


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(ANY, st.integers(0, 20), st.booleans()), max_size=6))
def test_any_text_under_any_acknowledgement(phrases: list[tuple[str, int, bool]]) -> None:
    encoder, decoder = pair()
    for text, behind, restart in phrases:
        encoder.acknowledged(encoder.number - behind)
        if restart:
            encoder.restart()
        assert decoder.decode(encoder.encode(text)) == text


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(ANY, st.lists(st.integers(0, 6), max_size=9)), max_size=4))
def test_something_may_follow_in_the_same_code(phrases: list[tuple[str, list[int]]]) -> None:
    encoder, decoder = pair()
    for text, dice in phrases:

        def write(sink: Recorder, dice: list[int] = dice) -> None:
            for throw in dice:
                sink.uniform(7, throw)

        again, rest = decoder.begin(encoder.encode(text, write))
        assert again == text and [rest.uniform(7) for _ in dice] == dice
        encoder.acknowledged(encoder.number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "  two  spaces ",
        "Größe",
        "日本語",
        "😀 👍🏽",
        "\n\t\0",
        "a" * 10_000,
        "ü" * 10_000,
        "the " * 2000,
    ],
)
def test_odd_texts_come_back(text: str) -> None:
    encoder, decoder = pair()
    assert decoder.decode(encoder.encode(text)) == text


def test_more_words_than_are_modelled() -> None:
    encoder, decoder = pair()
    text = " ".join(["of the"] * MODELLED_WORDS)
    assert decoder.decode(encoder.encode(text)) == text


def test_a_lone_surrogate_becomes_a_replacement() -> None:
    encoder, decoder = pair()
    assert decoder.decode(encoder.encode("a\ud800b")) == "a\ufffdb"


def test_too_long_a_text_is_refused_and_changes_nothing() -> None:
    encoder, decoder = pair()
    with pytest.raises(BadSettings):
        encoder.encode("a" * (MAX_CHARACTERS + 1))
    assert encoder.number == 0
    most = "a" * MAX_CHARACTERS
    assert decoder.decode(encoder.encode(most)) == most


def test_what_was_acknowledged_saves_bytes() -> None:
    sizes = []
    for heard in (True, False):
        encoder = TextEncoder(MODEL)
        for text in SAID:
            payload = encoder.encode(text)
            if heard:
                encoder.acknowledged(encoder.number)
        sizes.append(len(payload))
    assert sizes[0] < sizes[1]


def test_only_acknowledged_phrases_are_stood_on() -> None:
    payloads = set()
    for unheard in SAID[1:3]:
        encoder = TextEncoder(MODEL)
        encoder.encode(SAID[0])
        encoder.acknowledged(1)
        encoder.encode(unheard)
        payloads.add(encoder.encode(SAID[3]))
    assert len(payloads) == 1


def test_a_newcomer_understands_from_a_fresh_start_on() -> None:
    encoder, newcomer = pair()
    for text in SAID:
        payload = encoder.encode(text)
        encoder.acknowledged(encoder.number)
    with pytest.raises(BadFrame):
        newcomer.decode(payload)
    encoder.restart()
    for text in SAID:
        assert newcomer.decode(encoder.encode(text)) == text
        encoder.acknowledged(encoder.number)


def test_after_a_damaged_payload_nothing_is_guessed_until_a_fresh_start() -> None:
    """Nobody acknowledges what could not be read, so that the encoder begins afresh in the end."""
    encoder, decoder = pair()
    decoder.decode(encoder.encode(SAID[0]))
    encoder.acknowledged(1)
    encoder.encode(SAID[1])
    with pytest.raises(BadFrame):
        decoder.decode(b"\xff" * 7)
    for _ in range(KEPT_CONTEXTS - 1):
        with pytest.raises(BadFrame):
            decoder.decode(encoder.encode(SAID[2]))
    for text in SAID:
        assert decoder.decode(encoder.encode(text)) == text


def test_nonsense_is_not_acknowledged() -> None:
    encoder, decoder = pair()
    for number in (-1, 5, 1 << 40):
        encoder.acknowledged(number)
        assert decoder.decode(encoder.encode(SAID[0])) == SAID[0]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60))
def test_noise_is_text_or_a_bad_frame(payload: bytes) -> None:
    decoder = TextDecoder(MODEL)
    decoder.decode(TextEncoder(MODEL).encode(SAID[0]))
    try:
        assert len(decoder.decode(payload)) <= MAX_CHARACTERS
    except BadFrame:
        pass


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(SAID), st.integers(0, 12))
def test_what_is_cut_short_is_text_or_a_bad_frame(text: str, kept: int) -> None:
    payload = TextEncoder(MODEL).encode(text)
    try:
        assert TextDecoder(MODEL).decode(payload[:kept]) != text or kept >= len(payload)
    except BadFrame:
        assert kept < len(payload)


def test_a_phrase_takes_little_time() -> None:
    encoder = TextEncoder(MODEL)
    begin = process_time()
    for text in SAID * 5:
        encoder.acknowledged(encoder.number)
        encoder.encode(text)
    assert (process_time() - begin) / 20 < 0.05
