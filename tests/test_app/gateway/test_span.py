"""Playout waits for repairs where packets are lost, and no longer where they are not."""

from sotto_app.gateway.span import LOSES_S, NEW_S, RECENT, Span


def test_a_new_link_is_taken_for_one_that_loses_packets() -> None:
    span = Span()
    assert span.update(480, False, 0.0) == 960
    assert span.update(480, False, NEW_S - 1) == 960
    assert span.update(480, False, NEW_S + 1) == 480


def test_a_repaired_packet_makes_it_wait_again() -> None:
    span = Span()
    span.update(480, False, 0.0)
    assert span.update(480, True, 100.0) == 480  # this one itself can come no later
    assert span.update(480, False, 100.0 + LOSES_S - 1) == 960
    assert span.update(480, False, 100.0 + LOSES_S + 1) == 480


def test_the_short_end_of_a_talkspurt_does_not_count() -> None:
    span = Span()
    span.update(1040, False, 0.0)
    assert span.update(80, False, NEW_S + 1) == 1040
    for second in range(RECENT):
        last = span.update(240, False, NEW_S + 2 + second)
    assert last == 240
