"""A probe of an emulated link, in virtual time."""

import random
from dataclasses import dataclass

from sotto_app.emulator.line import Impairment, Line
from sotto_app.link.probe import Answerer, BadProbe, is_probe
from sotto_app.link.prober import Measured, Prober
from sotto_app.link.profile import LinkProfile
from sotto_app.link.tariff import UDP_IPV4_BYTES

OTHER_CLOCK_S = 16_776.0  # that of the far end is ahead by so much: soon its stamps wrap


@dataclass(frozen=True)
class Probed:
    """What was found, and what really went over the two lines."""

    measured: Measured | None
    spent_bytes: int
    up: Line
    down: Line
    seconds: float
    dropped: int  # by the answerer

    @property
    def wire_bytes(self) -> int:
        return self.up.tally.sent_bytes + self.down.tally.sent_bytes


def probed(
    up: LinkProfile, down: LinkProfile | None = None, seed: int = 0, answers: bool = True
) -> Probed:
    """`down` is like `up` if it is not said."""
    near, far = (
        Line(Impairment(profile, UDP_IPV4_BYTES, seed=seed + number), near=not number)
        for number, profile in enumerate((up, down or up))
    )
    prober = Prober(random.Random(seed).randbytes, UDP_IPV4_BYTES, 0.0)
    answerer, now, dropped = Answerer(OTHER_CLOCK_S), 0.0, 0
    while prober.due_s is not None:
        now = min(at for at in (prober.due_s, near.due_s, far.due_s) if at is not None)
        for datagram in far.receive(now):
            prober.receive(datagram, now)
        for datagram in near.receive(now):
            assert is_probe(datagram)
            try:
                back = answerer.receive(datagram, now + OTHER_CLOCK_S) if answers else []
            except BadProbe:
                dropped += 1
                continue
            for answer in back:
                far.send(answer, now)
        for datagram in prober.poll(now):
            near.send(datagram, now)
    return Probed(prober.measured, prober.spent_bytes, near, far, now, dropped)


def line(
    rate_bps: float, delay_ms: float = 0, loss: float = 0, queue_ms: float = 3000
) -> LinkProfile:
    return LinkProfile("line", "", "", rate_bps, delay_ms, 0, loss, queue_ms=queue_ms)
