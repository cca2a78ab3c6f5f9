import pytest
from hypothesis import given
from hypothesis import strategies as st

from sotto_codecs.errors import BadFrame
from sotto_codecs.text.voice.card import (
    BANDS,
    SIZE,
    VERSION,
    VoiceCard,
    decode,
    encode,
)

CARD = VoiceCard(
    base="slt",
    pitch_st=63.86 + 0.25 * 100,
    range_st=0.1 * 25,
    tract_cm=10 + 0.05 * 100,
    breath_db=-24.0,
    voiced_db=tuple(20.0 - 1.5 * band for band in range(BANDS)),
    spread_db=tuple(4.0 + band % 16 for band in range(BANDS)),
)
GOLDEN = "0101641964302825221f1c191613100d0a070401fefbf8f5f2efece9e6e31032547698badcfe10325476"


def test_a_card_has_the_bytes_that_it_always_had() -> None:
    assert encode(CARD).hex() == GOLDEN
    assert decode(bytes.fromhex(GOLDEN)) == CARD
    assert len(encode(CARD)) == SIZE <= 64


def test_pitch_is_told_in_hertz() -> None:
    assert CARD.pitch_hz == pytest.approx(169.5, abs=0.1)


@given(st.binary(min_size=SIZE - 1, max_size=SIZE - 1))
def test_all_bytes_mean_something(rest: bytes) -> None:
    card = decode(bytes([VERSION]) + rest)
    again = decode(encode(card))
    assert again == card


@given(st.binary(max_size=80).filter(lambda it: len(it) != SIZE or it[0] != VERSION))
def test_other_bytes_are_no_card(payload: bytes) -> None:
    with pytest.raises(BadFrame, match="no voice card of version 1"):
        decode(payload)


def test_what_is_out_of_range_takes_the_nearest() -> None:
    wild = VoiceCard("nobody", 1e6, -5, 1e3, 30, (1e9,) * BANDS, (-1e9,) * BANDS)
    held = decode(encode(wild))
    assert held.base == "" and held.range_st == 0 and held.breath_db == 0
    assert held.tract_cm == pytest.approx(22.75) and set(held.voiced_db) == {63.5}
    assert set(held.spread_db) == {4.0}
