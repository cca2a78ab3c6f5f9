"""What a session is told of its way."""

from dataclasses import dataclass, replace

import pytest

from sotto_app.catalogue import Catalogue
from sotto_app.gateway.line import ALIKE_BYTES
from sotto_app.gateway.opening import bounds_within, mode_payload
from sotto_app.link.link_settings import LinkSettings
from sotto_app.modes import load_modes
from sotto_codecs.base import CodecSpec, Decoder, Encoder

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


@dataclass(frozen=True)
class Versioned:
    """What set-up looks at of a codec."""

    spec: CodecSpec

    def encoder(self) -> Encoder:
        raise AssertionError("nobody talks")

    def decoder(self) -> Decoder:
        raise AssertionError("nobody talks")


def payload(**versions: int) -> bytes:
    """Of a relay that runs these modes, by the codec's version."""
    known = {name.replace("-", "_"): mode for name, mode in load_modes().items()}
    codecs = {
        known[name].name: Versioned(replace(FIXED, version=version))
        for name, version in versions.items()
    }
    return mode_payload(Catalogue(load_modes(), {}, codecs, {}, "", ""))


def test_what_both_ends_must_have_alike_stands_first() -> None:
    ours = payload(opus_6k=1, focal_600=1)
    assert len(ours) == 8
    assert ours == payload(opus_6k=1, focal_600=1)
    for other in (payload(opus_6k=2, focal_600=1), payload(focal_600=1), payload(opus_9k=1)):
        assert other[:ALIKE_BYTES] != ours[:ALIKE_BYTES]


def test_weights_that_are_up_to_each_relay_stand_behind_it() -> None:
    ours = payload(opus_6k=1, focal_600=1)
    for other in (
        payload(opus_6k=1, focal_600=2),
        payload(opus_6k=1),
        payload(opus_6k=1, focal_800=1),
    ):
        assert other[:ALIKE_BYTES] == ours[:ALIKE_BYTES] and other != ours
