"""What a session is told of its way."""

from dataclasses import replace

import pytest

from sotto_app.gateway.opening import bounds_within
from sotto_app.link.outgoing import LinkSettings
from sotto_codecs.base import CodecSpec

FIXED = CodecSpec("fixed", 1, 8000, 1, 640, 700.0, 0, 7)  # 80 ms
VARYING = CodecSpec("varying", 1, 48_000, 1, 960, 24_000.0, 0, None)  # 20 ms, 60 bytes on average


@pytest.mark.parametrize(
    ("spec", "mtu_bytes", "most"),
    [
        (FIXED, 1200, 25),  # 2 s
        (FIXED, 255, 23),  # 255 less 12 of ours, 66 of control, 11 around: 166 bytes
        (FIXED, 128, 5),
        (VARYING, 1200, 9),  # 1111 bytes
        (VARYING, 255, 1),
        (VARYING, 128, 1),
    ],
)
def test_no_bundle_is_longer_than_a_datagram(spec: CodecSpec, mtu_bytes: int, most: int) -> None:
    link = LinkSettings({}, mtu_bytes=mtu_bytes, rate_bps=100_000)
    assert bounds_within(spec, link).most_frames == most


def test_padding_takes_its_part_of_the_datagram() -> None:
    link = LinkSettings({}, mtu_bytes=255, rate_bps=100_000)
    padded = replace(link, multiple_bytes=64)
    assert bounds_within(FIXED, padded).most_frames < bounds_within(FIXED, link).most_frames
