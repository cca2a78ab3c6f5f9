"""`sotto call --stats`: what a page shows of bits, loss, delay and cost, in lines of text."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from statistics import mean
from typing import TextIO

import typer

from sotto_app.gateway.bill import words_of
from sotto_signaling.messages import Bits, FarLink, Reception, Stats, to_json

EVERY_S = 5.0
HEADS = ("payload", "header", "control", "redundancy", "cryptography", "bit/s in all", "packets/s")


@contextmanager
def heeding(shown: bool, lines: TextIO | None) -> Iterator[Callable[[Stats], None]]:
    """What takes the relay's figures while a call lasts: to stderr where they are `shown`, and each
    as it comes to `lines`."""
    statement = Statement(lambda line: typer.echo(line, err=True))

    def heed(stats: Stats) -> None:
        if shown:
            statement.take(stats, time.monotonic())
        if lines:
            lines.write(to_json(stats) + "\n")

    try:
        yield heed
    finally:
        statement.end(time.monotonic())


class Statement:
    """Says a few lines every EVERY_S, and at the end. `now` is of any clock."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._heard: list[Stats] = []  # since the last lines
        self._last: Stats | None = None
        self._since_s = self._said_s = 0.0
        self._flows_s: float | None = None  # when the first byte was counted
        self._cost: str | None = None

    def take(self, stats: Stats, now: float) -> None:
        """What the relay says, as it comes: twice a second."""
        if self._last is None:
            self._since_s = self._said_s = now
        self._last = stats
        self._heard.append(stats)
        self._cost = self._cost_of(stats, now) or self._cost
        if now >= self._said_s + EVERY_S:
            self._said_s = now - (now - self._since_s) % EVERY_S  # not later each time
            self._state(f"{now - self._since_s:.0f} s", stats)

    def end(self, now: float) -> None:
        if self._last:
            self._state(f"end, {now - self._since_s:.0f} s", self._last)

    def _state(self, when: str, last: Stats) -> None:
        gathered = [last] if last.far else self._heard or [last]  # a thin link's are of 5 s already
        self._say(_row(when, HEADS))
        self._say(_row("sent", _rates([stats.sent for stats in gathered])))
        self._say(_row("received", _rates([stats.received for stats in gathered])))
        self._say("; ".join(_reception(last.reception, last.far)))
        if self._cost:
            self._say(self._cost)
        self._heard.clear()

    def _cost_of(self, stats: Stats, now: float) -> str | None:
        """The relay's words for a thin link; those of a link in memory are worked out here."""
        if stats.far:
            return stats.far.cost
        spent_bytes = stats.sent.total_bytes + stats.received.total_bytes
        if spent_bytes and self._flows_s is None:
            self._flows_s = now
        return words_of(spent_bytes, now - self._flows_s) if self._flows_s is not None else None


def _row(head: str, cells: Sequence[str]) -> str:
    columns = [f"{cell:>{len(name)}}" for cell, name in zip(cells, HEADS, strict=True)]
    return "  ".join([f"{head:<10}", *columns])


def _rates(of: Sequence[Bits]) -> list[str]:
    """Each column's mean."""
    kinds = [
        (it.payload_bps, it.header_bps, it.control_bps, it.redundancy_bps, it.cryptography_bps)
        for it in of
    ]
    cells = [f"{mean(column):.0f}" for column in zip(*kinds, strict=True)]
    packets_per_s = mean(it.packets_per_s for it in of)
    return [*cells, f"{mean(map(sum, kinds)):.0f}", f"{packets_per_s:.1f}"]


def _reception(reception: Reception, far: FarLink | None) -> Iterator[str]:
    if reception.mode is None or reception.delay_ms is None:
        yield "nothing heard yet"
    else:
        yield f"heard in {reception.mode}, {reception.delay_ms:.0f} ms late"
        yield f"lost {reception.loss:.1%}, concealed {reception.concealed:.1%}"
    if far:
        yield f"the thin link is {far.state}"
        if far.packing:
            yield f"sent at {far.packing}"
