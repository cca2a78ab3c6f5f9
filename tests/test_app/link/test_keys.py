"""Keys: trust, words that both ends read alike, and no private key in sight."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sotto_app.link.keys import BadKey, KeyPair, Trust, decide, from_text, to_text, words

SECRET = bytes(range(32))
PAIR, OTHER = KeyPair(SECRET), KeyPair(bytes(range(1, 33)))


def test_two_pairs_agree_on_a_secret() -> None:
    assert PAIR.agree(OTHER.public) == OTHER.agree(PAIR.public)


@pytest.mark.parametrize("public", [bytes(32), b"\x01" + bytes(31), bytes(31), b""])
def test_no_secret_is_agreed_with_a_key_that_would_make_it_known(public: bytes) -> None:
    with pytest.raises(BadKey):
        PAIR.agree(public)


def test_a_private_key_is_shown_nowhere() -> None:
    with pytest.raises(BadKey) as fault:
        KeyPair(SECRET[:31])
    for shown in (repr(PAIR), str(PAIR), repr(fault.value)):
        assert SECRET[:31].hex() not in shown
        assert repr(SECRET[:31])[2:-1] not in shown
    assert to_text(PAIR.public) in repr(PAIR)


def test_a_key_is_trusted_when_known_or_when_none_is() -> None:
    assert decide([], PAIR.public) is Trust.FIRST_USE
    assert decide([OTHER.public, PAIR.public], PAIR.public) is Trust.PINNED
    assert decide([OTHER.public], PAIR.public) is Trust.CHANGED


def test_golden_words_the_same_at_both_ends() -> None:
    said = words(PAIR.public, OTHER.public)
    assert said == "DU7Z MB76 TSTB LHOO 5HVX F3XZ"
    assert words(OTHER.public, PAIR.public) == said


def test_each_key_has_its_own_half_of_the_words() -> None:
    third = KeyPair(bytes(range(2, 34)))
    halves = [set(words(PAIR.public, key.public).split()) for key in (OTHER, third)]
    assert len(halves[0] & halves[1]) == 3


@settings(max_examples=30)
@given(st.binary(min_size=32, max_size=32))
def test_a_public_key_as_text_comes_back(public: bytes) -> None:
    text = to_text(public)
    assert len(text) == 52
    assert from_text(f" {text.upper()}\n") == public


@pytest.mark.parametrize("text", ["", "abc", "a" * 51, "1" * 52, "a" * 53, "é" * 52])
def test_other_text_is_no_key(text: str) -> None:
    with pytest.raises(BadKey, match="no public key"):
        from_text(text)
