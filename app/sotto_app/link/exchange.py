"""What belongs to one set of keys: both directions, and whether the other end is heard."""

from collections import Counter
from collections.abc import Sequence

from sotto_app.link.control import Control
from sotto_app.link.costs import sealed_cost
from sotto_app.link.datagram import Dropped
from sotto_app.link.events import Back, Silent
from sotto_app.link.incoming import Content, Incoming
from sotto_app.link.link_settings import LinkSettings
from sotto_app.link.meter import Cost, Meter
from sotto_app.link.outgoing import Outgoing
from sotto_app.link.schedule import Schedule
from sotto_app.link.sealing import COUNTER_END
from sotto_app.link.setup import Established
from sotto_app.link.talk import Packet

SILENT_S = 25.0  # a keepalive of 20 s, and a slow link
DOWN_S = 660.0  # an outage of 10 minutes, and a keepalive on either side of it
LAST_COUNTER = COUNTER_END - 1024


class Exchange:
    """From a set-up to the end of its keys, through any silence between."""

    def __init__(
        self, established: Established, link: LinkSettings, schedule: Schedule[Packet], now: float
    ) -> None:
        self.control = Control(link.quiet_s, link.segment_bytes)
        self.outgoing = Outgoing(established.sealer, self.control, link, schedule)
        self.is_silent = False
        self._incoming = Incoming(established.opener, self.control, link.shapes)
        self._link = link
        self.outgoing.heard(now)

    @property
    def dropped(self) -> Counter[str]:
        return self._incoming.dropped

    @property
    def is_used_up(self) -> bool:
        """There are no more packet numbers."""
        return self.outgoing.sealer.counter >= LAST_COUNTER

    @property
    def due_s(self) -> float | None:
        """When there is something to send, or to notice."""
        due_s = [self.outgoing.due_s]
        if (deaf_s := self.outgoing.deaf_since_s) is not None:
            due_s.append(deaf_s + (DOWN_S if self.is_silent else SILENT_S))
        return min((at for at in due_s if at is not None), default=None)

    def receive(
        self, datagram: bytes, now: float, meter: Meter
    ) -> tuple[list[Back], Sequence[Content]] | None:
        """What an authentic datagram brings; None for any other."""
        below = self._link.below(datagram)
        try:
            received = self._incoming.receive(datagram, now)
        except Dropped:
            meter.add(Cost(header=len(datagram), below=below), now)
            return None
        meter.add(sealed_cost(datagram, received.plain_bytes, received.chunks, below), now)
        return self._heard(now), received.contents

    def notice(self, now: float) -> list[Silent]:
        """That nothing has been heard for a while."""
        deaf_s = self.outgoing.deaf_since_s
        if self.is_silent or deaf_s is None or now < deaf_s + SILENT_S:
            return []
        self.is_silent = self.control.is_silent = True
        return [Silent()]

    def is_over(self, now: float) -> bool:
        """Nothing has been heard for so long that the other end must have forgotten us."""
        deaf_s = self.outgoing.deaf_since_s
        return deaf_s is not None and now >= deaf_s + DOWN_S

    def _heard(self, now: float) -> list[Back]:
        silent_s = now - self.outgoing.heard_s
        self.outgoing.heard(now)
        if not self.is_silent:
            return []
        self.is_silent = self.control.is_silent = False
        self.control.sender.hurry(now)
        return [Back(silent_s)]
