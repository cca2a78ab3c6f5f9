"""Codecs by name, ours and other people's."""

import pytest

from sotto_codecs import registry
from sotto_codecs.errors import BadSettings, UnknownCodec


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UnknownCodec, match="no codec named 'speex'; known: .*codec2.*opus"):
        registry.load("speex")


def test_an_entry_point_brings_another_codec(ulaw_installed: None) -> None:
    codec = registry.load("ulaw")
    assert codec.spec.payload_bps == 64_000


def test_an_entry_point_cannot_take_our_names(ulaw_installed: None) -> None:
    assert registry.BACKENDS.items() <= registry.known().items()


def test_settings_reach_the_codec() -> None:
    assert registry.load("codec2", {"rate": "1300"}).spec.payload_bps == 1300


def test_defaults_stand_where_no_setting_does() -> None:
    defaults: registry.Defaults = {"codec2": {"rate": "1300"}, "opus": {"bitrate_bps": 6000}}
    assert registry.load("codec2", None, defaults).spec.payload_bps == 1300
    assert registry.load("codec2", {"rate": "2400"}, defaults).spec.payload_bps == 2400


def test_an_unknown_setting_lists_the_known_ones() -> None:
    with pytest.raises(BadSettings, match="codec2: .*'bitrate'; it takes rate"):
        registry.load("codec2", {"bitrate": 1300})
