"""The .sotto file: frames of one talker, so that bits can be counted (layout: docs/codecs.md).

    with open("out.sotto", "wb") as file:
        writer = Writer(file, header)
        for frame in frames:
            writer.write(frame)
        writer.end(samples)

Files are streams: written as frames come, read one frame at a time.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import BinaryIO, Self

from sotto_app.errors import BadRecording
from sotto_codecs.base import CodecSpec, Frame

MAGIC = b"SOTT"
VERSION = 1
MOST_PAYLOAD_BYTES = 65_535
_FRAME, _END = 1, 0
_MOST_VARINT_BYTES = 9  # 63 bits


@dataclass(frozen=True, slots=True)
class Header:
    """All that is needed to decode the frames: no mode file has to be the same on both sides."""

    mode: str
    codec: str
    codec_version: int
    settings: Mapping[str, str | int | float | bool]
    sample_rate_hz: int
    channels: int

    @classmethod
    def of(
        cls, mode: str, settings: Mapping[str, str | int | float | bool], spec: CodecSpec
    ) -> Self:
        rate_hz, channels = spec.sample_rate_hz, spec.channels
        return cls(mode, spec.name, spec.version, dict(settings), rate_hz, channels)


class Writer:
    """Writes header, frames and end. What is not ended is read as cut off."""

    def __init__(self, file: BinaryIO, header: Header) -> None:
        self._file = file
        self.header = header
        self.frames = self.payload_bytes = 0
        text = json.dumps(asdict(header), separators=(",", ":")).encode()
        file.write(MAGIC + bytes([VERSION]) + len(text).to_bytes(2) + text)

    def write(self, frame: Frame) -> None:
        fields = (frame.stream, frame.start_sample, frame.samples, len(frame.payload))
        head = b"".join(map(varint, fields))
        self._file.write(bytes([_FRAME]) + head + frame.payload)
        self.frames += 1
        self.payload_bytes += len(frame.payload)

    def end(self, samples: int) -> None:
        """`samples` per channel went in; what comes out beyond them is padding."""
        self._file.write(bytes([_END]) + varint(samples))


class Reader:
    """Reads what Writer wrote. `samples` is known when the last frame has been read."""

    def __init__(self, file: BinaryIO) -> None:
        """Raises BadRecording."""
        self._file = file
        self.frames = self.payload_bytes = 0
        self.samples: int | None = None
        if file.read(len(MAGIC)) != MAGIC:
            raise BadRecording("this is not a .sotto file")
        version = self._take(1)[0]
        if version != VERSION:
            raise BadRecording(f"a .sotto file of version {version}; this reads version {VERSION}")
        self.header = _header(self._take(int.from_bytes(self._take(2))))

    def __iter__(self) -> Iterator[Frame]:
        """Frames in the order in which they were written. Raises BadRecording."""
        while (kind := self._take(1)[0]) == _FRAME:
            yield self._frame()
        if kind != _END:
            raise BadRecording(f"damaged: a record of kind {kind}")
        self.samples = self._varint()
        if self._file.read(1):
            raise BadRecording("damaged: it goes on after its end")

    def _frame(self) -> Frame:
        stream, start, samples, size = (self._varint() for _ in range(4))
        if size > MOST_PAYLOAD_BYTES:
            raise BadRecording(f"damaged: a frame of {size} bytes")
        self.frames += 1
        self.payload_bytes += size
        return Frame(self._take(size), start, samples, stream)

    def _varint(self) -> int:
        value = 0
        for place in range(_MOST_VARINT_BYTES):
            byte = self._take(1)[0]
            value |= (byte & 0x7F) << 7 * place
            if byte < 0x80:
                return value
        raise BadRecording("damaged: a number without end")

    def _take(self, size: int) -> bytes:
        data = self._file.read(size)
        if len(data) != size:
            raise BadRecording("cut off: it ends in the middle")
        return data


def varint(value: int) -> bytes:
    """LEB128: seven bits in a byte, the lowest first, the top bit set on all but the last."""
    data = bytearray()
    while value > 0x7F:
        data.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*data, value])


def _header(text: bytes) -> Header:
    try:
        header = Header(**json.loads(text))
    except (ValueError, TypeError, RecursionError) as fault:
        raise BadRecording("damaged: its header cannot be read") from fault
    kinds = {"mode": str, "codec": str, "codec_version": int, "settings": dict}
    kinds |= {"sample_rate_hz": int, "channels": int}
    for name, kind in kinds.items():
        if type(getattr(header, name)) is not kind:
            raise BadRecording(f"damaged: {name} in its header is not {kind.__name__}")
    if not header.mode.isprintable():  # it goes to terminals
        raise BadRecording("damaged: the mode in its header is not a name")
    return header
