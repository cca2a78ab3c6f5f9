"""The addresses that an SDP answer offers, where the relay cannot see its own public ones.

Behind one-to-one NAT (most cloud machines, a bridged container) the relay's sockets have private
addresses, and a page outside would try those in vain.
"""

from collections.abc import Sequence
from ipaddress import ip_address

ADDRESS = 4  # a=candidate:foundation component transport priority ADDRESS port typ host


def announce(sdp: str, addresses: Sequence[str]) -> str:
    """`sdp` with its host candidates at `addresses` instead; the ports stay.

    A candidate is replaced by addresses of its own family only, and stays where there are none.
    """
    lines = (new for line in sdp.splitlines() for new in _announced(line, addresses))
    return "".join(line + "\r\n" for line in lines)


def _announced(line: str, addresses: Sequence[str]) -> list[str]:
    words = line.split(" ")
    if not line.startswith("a=candidate:") or "host" not in words:
        return [line]
    version = ip_address(words[ADDRESS]).version
    fitting = [address for address in addresses if ip_address(address).version == version]
    return [
        " ".join([*words[:ADDRESS], address, *words[ADDRESS + 1 :]]) for address in fitting
    ] or [line]
