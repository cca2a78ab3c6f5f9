"""What chunks take on the wire, and what a sealed datagram costs by kind."""

from collections.abc import Sequence

from sotto_app.link.chunks import Broken, Chunk, Earlier, Media, Side, Spurt, Talker, write
from sotto_app.link.datagram import TAG_BYTES
from sotto_app.link.meter import Cost

SPURT_BYTES = 6
LONG_LENGTH = 128  # from here on a length takes two bytes


def size_of(chunk: Chunk) -> int:
    """Bytes on the wire, without writing them for the frequent kinds."""
    match chunk:
        case Media(_, _, bundle):
            return 1 + len(bundle)
        case Earlier(_, bundle):
            return 3 + (len(bundle) >= LONG_LENGTH) + len(bundle)
        case Spurt():
            return SPURT_BYTES
        case Talker(_, inner):
            body = size_of_all(inner)
            return 3 + (body >= LONG_LENGTH) + body
        case Side(_, _, data):
            return 3 + len(data)
        case Broken():
            return 0
        case _:
            return len(write([chunk]))


def size_of_all(chunks: Sequence[Chunk]) -> int:
    return sum(map(size_of, chunks))


def sealed_cost(datagram: bytes, plain_bytes: int, chunks: Sequence[Chunk], below: int) -> Cost:
    """Of a sealed datagram with these chunks. Our header is the counter and what places media;
    padding, and what could not be read, counts as cryptography."""
    size = payload = redundancy = placing = 0
    for chunk in chunks:
        size += size_of(chunk)
        for it in chunk.chunks if isinstance(chunk, Talker) else (chunk,):
            if isinstance(it, Media):
                payload, placing = payload + len(it.bundle), placing + 1
            elif isinstance(it, Earlier):
                redundancy += size_of(it)
            elif isinstance(it, Spurt):
                placing += SPURT_BYTES
        if isinstance(chunk, Talker):
            placing += size_of(chunk) - size_of_all(chunk.chunks)
    counter = len(datagram) - plain_bytes - TAG_BYTES
    control = size - payload - redundancy - placing
    sealing = TAG_BYTES + plain_bytes - size
    return Cost(payload, counter + placing, control, redundancy, below, sealing)
