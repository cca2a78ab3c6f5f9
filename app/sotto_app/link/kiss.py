"""KISS: frames on a line of bytes, as radio modems speak it (Chepponis and Karn, 1987).

    FEND  port:4 command:4  data, escaped ...  FEND

A frame carries no checksum: whole frames are all that is promised, what is in them must be checked.
"""

from collections import Counter
from dataclasses import dataclass
from enum import IntEnum

FEND, FESC, TFEND, TFESC = 0xC0, 0xDB, 0xDC, 0xDD
UNIT_S = 0.01  # of the times in commands
_ESCAPES = {TFEND: FEND, TFESC: FESC}


class Command(IntEnum):
    """What a frame is; all but DATA go from the host to the modem only."""

    DATA = 0
    TX_DELAY = 1
    PERSISTENCE = 2
    SLOT_TIME = 3
    TX_TAIL = 4
    FULL_DUPLEX = 5


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a modem is told of its channel before the first frame. None leaves it as it is set."""

    tx_delay_s: float | None = None  # from keying the transmitter to the first byte
    persistence: float | None = None  # chance to send in a free slot, over 0 to 1
    slot_s: float | None = None
    full_duplex: bool | None = None

    def __post_init__(self) -> None:
        for seconds in (self.tx_delay_s, self.slot_s):
            if seconds is not None and not 0 <= seconds <= 255 * UNIT_S:
                raise ValueError(f"KISS holds times from 0 to 2.55 s, not {seconds}")
        if self.persistence is not None and not 0 < self.persistence <= 1:
            raise ValueError(f"persistence is a chance over 0 to 1, not {self.persistence}")

    def encode(self) -> bytes:
        """The frames that say so."""
        values = {
            Command.TX_DELAY: _units(self.tx_delay_s),
            Command.PERSISTENCE: _persistence(self.persistence),
            Command.SLOT_TIME: _units(self.slot_s),
            Command.FULL_DUPLEX: None if self.full_duplex is None else int(self.full_duplex),
        }
        return b"".join(
            frame(bytes([value]), command) for command, value in values.items() if value is not None
        )


def frame(data: bytes, command: Command = Command.DATA) -> bytes:
    """A frame to port 0."""
    escaped = data.replace(bytes([FESC]), bytes([FESC, TFESC]))
    escaped = escaped.replace(bytes([FEND]), bytes([FESC, TFEND]))
    return bytes([FEND, command]) + escaped + bytes([FEND])


def escapes(data: bytes) -> int:
    """Bytes of a frame besides its data and the three around it."""
    return data.count(FEND) + data.count(FESC)


class KissDecoder:
    """Bytes in, the data of frames of port 0 out. Starts in the middle of anything, and finds its
    place at the next FEND. Frames that are not handed on are counted in `dropped` by reason.
    """

    def __init__(self, max_bytes: int, dropped: Counter[str] | None = None) -> None:
        self.dropped = Counter[str]() if dropped is None else dropped
        self._max_bytes = max_bytes
        self._frame = bytearray()
        self._escaped = False
        self._fault: str | None = "garbage"  # what comes ahead of the first FEND is the end of some

    def feed(self, received: bytes) -> list[bytes]:
        """Data of the frames that end in `received`, in order."""
        found = []
        start = 0
        while (end := received.find(FEND, start)) >= 0:
            self._take(received[start:end])
            data = self._end()
            if data is not None:
                found.append(data)
            start = end + 1
        self._take(received[start:])
        return found

    def _take(self, part: bytes) -> None:
        for byte in part:
            if len(self._frame) > self._max_bytes:  # the type is not of the data
                self._fault = self._fault or "too long"
                return
            if self._escaped:
                self._escaped = False
                if byte not in _ESCAPES:
                    self._fault = self._fault or "bad escape"
                self._frame.append(_ESCAPES.get(byte, byte))
            elif byte == FESC:
                self._escaped = True
            else:
                self._frame.append(byte)

    def _end(self) -> bytes | None:
        """A FEND came: the data, if it ended a frame of data."""
        content, fault = bytes(self._frame), self._fault
        if self._escaped:
            fault = fault or "bad escape"
        self._frame.clear()
        self._escaped, self._fault = False, None
        if not content and fault != "bad escape":  # FEND after FEND, or silence ahead of the first
            return None
        if fault is None and content[0] != Command.DATA:
            fault = "not data"  # another port, or a modem that sends its settings back
        if fault is not None:
            self.dropped[fault] += 1
            return None
        return content[1:]


def _units(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds / UNIT_S)


def _persistence(chance: float | None) -> int | None:
    """A chance p is sent as 256 p - 1."""
    return None if chance is None else max(0, round(chance * 256) - 1)
