"""What a session knows of its link, from its first packet on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sotto_app.link.budget import LARGEST_CONTROL_BYTES, Line
from sotto_app.link.control import SMALL_BYTES
from sotto_app.link.datagram import HELLO_BYTES, TAG_BYTES
from sotto_app.link.packet import IPV4_UDP_BYTES
from sotto_app.link.reliable import SEGMENT_BYTES, SEGMENT_HEAD_BYTES
from sotto_app.link.run import FrameShape
from sotto_app.link.tariff import UDP_IPV4

OURS_AT_MOST = 4 + TAG_BYTES  # the whole counter, and the tag
QUIET_S = 20.0  # how long who listens may be silent where nothing keeps a link alive


def udp_ipv4(datagram: bytes) -> int:
    """Headers below a datagram over UDP and IPv4."""
    return IPV4_UDP_BYTES


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """What a session knows of its link and of what travels there.

    `shapes` are the frames of each mode, by its number on the wire. Datagrams have at most
    `mtu_bytes`, and in any 5 s no more leave than `rate_bps` allows (0: no limit), with what is
    below; `around_bytes` is the most around the chunks of one. `keepalive_s` of 0 is none.
    Plaintexts are padded to a multiple of `multiple_bytes`. `depth` of redundancy is kept until
    the other end reports. Raises ValueError where there is no room for control.
    """

    shapes: Mapping[int, FrameShape]
    mtu_bytes: int = 1200
    rate_bps: float = 0
    keepalive_s: float = 20.0
    multiple_bytes: int = 1
    below: Callable[[bytes], int] = udp_ipv4
    around_bytes: int = UDP_IPV4.around_bytes
    depth: int = 0

    def __post_init__(self) -> None:
        self.line  # noqa: B018  # its ValueError

    @property
    def line(self) -> Line:
        """As the schedule sees it. Padding may double what a small datagram has."""
        around = self.around_bytes + self.multiple_bytes - 1
        room = self.mtu_bytes - OURS_AT_MOST
        return Line(self.rate_bps, around, around + room - room % self.multiple_bytes)

    def wire_bytes(self, datagram: bytes) -> int:
        """With all that is below it."""
        return len(datagram) + self.below(datagram)

    @property
    def quiet_s(self) -> float:
        """How long who listens may be silent."""
        return self.keepalive_s or QUIET_S

    @property
    def greeting_s(self) -> float:
        """How long hello and welcome take on the line."""
        return 2 * self.line.takes_s(self.wire_bytes(bytes(HELLO_BYTES)))

    @property
    def segment_bytes(self) -> int:
        """Of the reliable stream, so that one fits beside the small control."""
        room = max(int(self.line.room_bytes), LARGEST_CONTROL_BYTES)
        return min(SEGMENT_BYTES, room - SMALL_BYTES - SEGMENT_HEAD_BYTES)
