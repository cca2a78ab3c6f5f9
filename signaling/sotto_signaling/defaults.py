"""What every room of a relay offers: modes, links, ICE servers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sotto_signaling.errors import Code, SignalingError
from sotto_signaling.messages import IceServer


@dataclass(frozen=True, slots=True)
class RoomDefaults:
    """What a room offers. `modes` can run here; `unavailable` are modes with why they cannot."""

    modes: tuple[str, ...]
    links: tuple[str, ...]
    mode: str
    link: str
    unavailable: tuple[tuple[str, str], ...] = ()
    ice_servers: Callable[[str], list[IceServer]] = lambda peer: []  # may be the peer's own

    def __post_init__(self) -> None:
        if self.mode not in self.modes:
            raise ValueError(f"the default mode {self.mode!r} is not one of the modes")
        if self.link not in self.links:
            raise ValueError(f"the default link {self.link!r} is not one of the links")

    def check_mode(self, mode: str) -> None:
        reason = dict(self.unavailable).get(mode)
        if reason is not None:
            raise SignalingError(Code.UNKNOWN_MODE, f"The mode {mode} cannot run here: {reason}")
        if mode not in self.modes:
            raise SignalingError(Code.UNKNOWN_MODE, _unknown("mode", mode, self.modes))

    def check_link(self, link: str) -> None:
        if link not in self.links:
            raise SignalingError(Code.UNKNOWN_LINK, _unknown("link", link, self.links))


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    return f"There is no {what} {name[:40]!r}; there are {', '.join(known)}."
