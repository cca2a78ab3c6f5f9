"""What was said makes itself likelier."""

from sotto_codecs.text.coding.context import KEPT_WORDS, Context, Expectation
from sotto_codecs.text.coding.words import ONE, english

MODEL = english()


def expects(said: str, phrase: str, word: str) -> float:
    """The probability of `word` after the phrase so far."""
    expectation = Expectation(MODEL, Context(tuple(said.split())))
    for spoken in phrase.split():
        expectation.say(spoken)
    weights = expectation.weights()
    return float(weights[expectation.symbol(word)] / weights.sum())


def test_a_word_of_the_call_is_likelier() -> None:
    assert expects("the lobster", "it is a", "lobster") > 5 * expects("", "it is a", "lobster")


def test_what_followed_a_word_is_likelier() -> None:
    known = expects("mister thornton said that", "oh mister", "thornton")
    assert known > 5 * expects("thornton said that mister", "oh mister", "thornton")


def test_a_spelled_word_is_a_symbol_from_then_on() -> None:
    expectation = Expectation(MODEL, Context(("helstone",)))
    symbol = expectation.symbol("helstone")
    assert symbol > expectation.spell
    assert expectation.word(symbol) == "helstone"
    assert expectation.symbol("shoppy") == expectation.spell
    expectation.say("shoppy")
    assert expectation.word(expectation.symbol("shoppy")) == "shoppy"
    assert len(expectation.weights()) == len(MODEL.words) + 3


def test_a_phrase_may_carry_on_a_sentence() -> None:
    assert expects("they came from the united", "", "states") > 0.2
    assert expects("", "", "states") < 0.01


def test_every_symbol_can_come() -> None:
    expectation = Expectation(MODEL, Context(("a",) * 2000 + ("helstone",)))
    assert expectation.weights().min() > 0
    assert expectation.weights().sum() < 2 * ONE


def test_the_context_is_bounded() -> None:
    context = Context().after(("a",) * 5000).after(("b",))
    assert len(context.words) == KEPT_WORDS
    assert context.words[-1] == "b"
