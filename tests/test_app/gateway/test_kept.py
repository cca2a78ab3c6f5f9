"""A voice crosses the link once; then its hash does, and who does not know that asks."""

from sotto_app.gateway.crossing import Ask, Keep, Known, Told, write
from sotto_app.gateway.kept import MOST, Kept, hash_of
from sotto_app.media.told import Body

CARD = Body(b"\x33\x00" + bytes(range(42)), waits=True)


def test_a_known_voice_costs_four_bytes() -> None:
    near, far = Kept(), Kept()
    first, again = near.tell(3, CARD), near.tell(5, CARD)
    assert isinstance(first, Keep) and far.hear(first) == CARD.data
    assert again == Known(5, hash_of(CARD.data)) and far.hear(again) == CARD.data
    assert (len(write(first)), len(write(again))) == (2 + len(CARD.data), 2 + 4)
    assert hash_of(CARD.data).hex() == "122efe42"


def test_what_need_not_wait_is_not_kept() -> None:
    kept, words = Kept(), Body(b"\x31a phrase")
    assert [kept.tell(0, words) for _ in range(2)] == [Told(0, words.data)] * 2


def test_who_was_started_again_asks_and_has_it_whole() -> None:
    near, far = Kept(), Kept()
    near.tell(3, CARD)
    again = near.tell(3, CARD)
    assert isinstance(again, Known)
    asked = far.hear(again)
    assert asked == Ask(3, hash_of(CARD.data))
    answer = near.answer(asked)
    assert answer == Keep(3, CARD.data) and far.hear(answer) == CARD.data
    assert far.hear(again) == CARD.data
    assert Kept().answer(asked) is None


def test_the_oldest_is_forgotten_and_one_in_use_is_not() -> None:
    kept = Kept()
    cards = [Body(bytes([number]), waits=True) for number in range(MOST + 1)]
    for card in cards[:MOST]:
        kept.tell(0, card)
    assert isinstance(kept.tell(0, cards[0]), Known)
    kept.tell(0, cards[MOST])
    assert isinstance(kept.tell(0, cards[0]), Known)
    assert isinstance(kept.tell(0, cards[1]), Keep)
