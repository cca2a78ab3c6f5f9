"""What happens seldom on the thin link, in the operator's log."""

import logging

from sotto_app.link.datagram import Reason
from sotto_app.link.events import Back, Down, Event, Silent, Up
from sotto_app.link.keys import Trust
from sotto_app.link.setup import Refused

log = logging.getLogger(__name__)

COMPLAIN_S = 60.0


class Journal:
    """A refusal comes again with each hello: it is told of once in COMPLAIN_S."""

    def __init__(self) -> None:
        self._complain_s = 0.0

    def note(self, event: Event, now: float) -> None:
        match event:
            case Up(trust=trust, words=words):
                first = "" if trust is Trust.PINNED else ", met for the first time"
                log.info("the thin link is up%s; words to compare: %s", first, words)
            case Down(reason):
                log.warning("the thin link is down: %s", reason)
            case Silent():
                log.warning("nothing is heard on the thin link; calls go on when it is back")
            case Back(silent_s):
                log.info("the thin link is back after %.0f s", silent_s)
            case Refused() if now >= self._complain_s:
                self._complain_s = now + COMPLAIN_S
                log.error("no thin link: %s", _why(event))


def _why(refused: Refused) -> str:
    """In words; a refusal ends nothing, the calling side goes on asking."""
    if refused.reason is Reason.VERSION:
        return f"the other end speaks version {refused.version} of the wire"
    if refused.reason is Reason.UNKNOWN_KEY:
        who = "the other end has another key than before" if refused.by_us else "it knows us not"
        return f"{who}: see the list of known gateways"
    return "the other end has too many half-open set-ups"
