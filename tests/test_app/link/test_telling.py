"""What must arrive, arrives: in order, once, over any link."""

import pytest

from sotto_app.link.profile import PERFECT, LinkProfile
from sotto_app.link.telling import Telling


def run(
    telling: Telling, messages: dict[float, bytes], until_s: float
) -> list[tuple[float, bytes]]:
    """When each came."""
    script, came, now = sorted(messages.items()), list[tuple[float, bytes]](), 0.0
    while now <= until_s:
        while script and script[0][0] <= now:
            telling.tell(script.pop(0)[1])
        came += [(now, message) for message in telling.poll(now)]
        due_s = [it for it in (telling.due_s, script[0][0] if script else None) if it is not None]
        if not due_s:
            break
        now = max(min(due_s), now + 1e-6)
    return came


@pytest.mark.parametrize("loss", [0.0, 0.2, 0.6])
def test_nothing_is_lost_twice_or_out_of_order(loss: float) -> None:
    link = LinkProfile("lossy", "", "", rate_bps=1200, delay_ms=600, jitter_ms=300, loss=loss)
    messages = {n * 1.0: bytes([n]) * (7 * n) for n in range(40)}
    came = run(Telling(link, seed=4), messages, 4000.0)
    assert [message for _, message in came] == list(messages.values())


def test_on_a_good_link_each_goes_once_and_all_is_counted() -> None:
    telling = Telling(PERFECT, seed=0)
    came = run(telling, {0.0: b"one", 5.0: b"two"}, 60.0)
    assert came == [(0.0, b"one"), (5.0, b"two")]
    costs = telling.spent()
    assert [(it.payload, it.header, it.control, it.below) for it in costs] == [
        (3, 3, 0, 28),
        (0, 0, 3, 28),
    ] * 2
    assert telling.spent() == [] and telling.due_s is None


def test_what_waits_is_overtaken_and_delays_nothing() -> None:
    link = LinkProfile("thin", "", "", rate_bps=500, delay_ms=300)
    words = {0.0: b"first", 0.4: b"second"}  # before the first has arrived
    telling = Telling(link, seed=1)
    telling.tell(b"card" * 11, waits=True)
    *came, (_, last) = run(telling, words, 60.0)
    assert last == b"card" * 11 and came == run(Telling(link, seed=1), words, 60.0)


def test_what_is_taken_back_does_not_leave() -> None:
    link = LinkProfile("thin", "", "", rate_bps=500, delay_ms=300)
    telling = Telling(link, seed=1)
    for place in range(4):
        telling.tell(bytes([place]) * 40, waits=True)
    came = run(telling, {}, 4.0)
    telling.take_back()
    came += run(telling, {}, 60.0)
    assert 1 <= len(came) < 4 and telling.due_s is None


def test_what_waits_may_be_no_longer_than_the_rest() -> None:
    with pytest.raises(ValueError, match="at most 2000"):
        Telling(PERFECT, seed=0).tell(bytes(2001), waits=True)
