"""What the same bundles would cost with LXST over Reticulum, by their packet formats.

A packet on a link (Reticulum's manual, "Wire Format", and its tokens): header, one address,
context; then IV, AES-256-CBC padded as in PKCS #7, HMAC. Inside is LXST's map of one field in
msgpack, with the codec's number and Codec2's own mode byte before the frames. LXST itself sends
Codec2 700C in bundles of 0.4 s and no others.
"""

from math import floor

from sotto_app.link.tariff import UDP_IPV4_BYTES, Speech

PACKET_BYTES = 2 + 16 + 1
TOKEN_BYTES, BLOCK_BYTES = 16 + 32, 16
MOST_BYTES = 431  # that a packet on a link may hold, of its 500
MAP_BYTES = 2 + 2  # map, key, and the length of up to 255 bytes
CODEC_BYTES = 1 + 1
SERIAL_BYTES = 2  # flags of its HDLC framing; escapes come on top


def lxst_bps(speech: Speech) -> tuple[float, float] | None:
    """On a serial line, and over UDP and IPv4; of one direction that talks, and no more than that.
    None for a bundle that no packet can hold."""
    inside = CODEC_BYTES + speech.bundle_bytes
    plain = MAP_BYTES + (inside > 255) + inside
    if plain > MOST_BYTES:
        return None
    sealed = TOKEN_BYTES + (floor(plain / BLOCK_BYTES) + 1) * BLOCK_BYTES
    per_byte = 8 / speech.bundle_s
    return (
        (SERIAL_BYTES + PACKET_BYTES + sealed) * per_byte,
        (UDP_IPV4_BYTES + PACKET_BYTES + sealed) * per_byte,
    )
