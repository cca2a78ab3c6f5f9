"""A voice crosses the link once; then its hash does, and who does not know that asks."""

from collections.abc import Sequence

from sotto_app.gateway.crossing import Ask, Keep, Known, Told, write
from sotto_app.gateway.kept import MOST, Kept, hash_of
from sotto_app.media.told import Body

CARD = Body(b"\x33\x00" + bytes(range(42)), waits=True)
SAMPLE = Body(b"\x33\x01" + bytes(range(120)), waits=True)
SMALL_SEGMENT_BYTES = 52  # where datagrams are small or the line is slow


def heard(kept: Kept, told: Sequence[Told | Keep | Known]) -> list[bytes | Ask | None]:
    return [kept.hear(it) for it in told if not isinstance(it, Told)]


def test_a_known_voice_costs_four_bytes() -> None:
    near, far = Kept(), Kept()
    (first,), (again,) = near.tell(3, CARD), near.tell(5, CARD)
    assert isinstance(first, Keep) and far.hear(first) == CARD.data
    assert again == Known(5, hash_of(CARD.data)) and far.hear(again) == CARD.data
    assert (len(write(first)), len(write(again))) == (2 + len(CARD.data), 2 + 4)
    assert hash_of(CARD.data).hex() == "122efe42"


def test_what_need_not_wait_is_not_kept() -> None:
    kept, words = Kept(), Body(b"\x31a phrase")
    assert kept.tell(0, words) + kept.tell(0, words) == [Told(0, words.data)] * 2


def test_who_was_started_again_asks_and_has_it_whole() -> None:
    near, far = Kept(), Kept()
    near.tell(3, CARD)
    (again,) = near.tell(3, CARD)
    assert isinstance(again, Known)
    asked = far.hear(again)
    assert asked == Ask(3, hash_of(CARD.data))
    (answer,) = near.answer(asked)
    assert answer == Keep(3, CARD.data) and far.hear(answer) == CARD.data
    assert far.hear(again) == CARD.data
    assert Kept().answer(asked) == []


def test_the_oldest_is_forgotten_and_one_in_use_is_not() -> None:
    kept = Kept()
    cards = [Body(bytes([number]), waits=True) for number in range(MOST + 1)]
    for card in cards[:MOST]:
        kept.tell(0, card)
    assert isinstance(kept.tell(0, cards[0])[0], Known)
    kept.tell(0, cards[MOST])
    assert isinstance(kept.tell(0, cards[0])[0], Known)
    assert isinstance(kept.tell(0, cards[1])[0], Keep)


def test_a_sample_crosses_in_pieces_and_again_as_four_bytes() -> None:
    near, far = Kept(), Kept()
    told = near.tell(3, SAMPLE)
    assert len(told) == 3 and all(len(write(it)) <= SMALL_SEGMENT_BYTES for it in told)
    assert heard(far, told) == [None, None, SAMPLE.data]
    assert heard(far, near.tell(5, SAMPLE)) == [SAMPLE.data]
    (asked,) = heard(Kept(), near.tell(5, SAMPLE))
    assert isinstance(asked, Ask)
    assert heard(Kept(), near.answer(asked)) == [None, None, SAMPLE.data]


def test_the_pieces_of_two_calls_do_not_mix_and_a_cut_one_is_forgotten() -> None:
    near, far = Kept(), Kept()
    one, other = near.tell(3, SAMPLE), Kept().tell(4, Body(b"\x33\x01other" * 20, waits=True))
    mixed = [it for pair in zip(one, other, strict=True) for it in pair]
    assert heard(far, mixed)[-2:] == [SAMPLE.data, b"\x33\x01other" * 20]
    far = Kept()
    heard(far, one[:2])
    far.far_left(3)
    assert heard(far, one[2:]) != [SAMPLE.data]


def test_what_is_taken_back_is_not_told_again_whoever_asks() -> None:
    near = Kept()
    near.tell(3, CARD)
    near.tell(4, SAMPLE)
    near.take_back(3)
    assert near.answer(Ask(3, hash_of(CARD.data))) == []
    assert len(near.answer(Ask(4, hash_of(SAMPLE.data)))) == 3
    assert isinstance(near.tell(3, CARD)[0], Keep)
