"""Modes and links as shipped, what they cost, and settings that cannot be."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from sotto_app.catalogue import load_catalogue, load_codecs, offers_of
from sotto_app.files import config_path
from sotto_app.modes import browser_opus, load_links, load_modes
from sotto_app.pace import Paces
from sotto_app.strict_toml import SettingsError
from sotto_codecs.base import Codec, CodecSpec, Decoder, Encoder

GOOD_MODE = """
[thin]
title = "Thin"
words = "A test."
codec = "codec2"
settings = { rate = "700C" }
bundle_frames = 2
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "modes.toml"
    path.write_text(text)
    return path


def test_the_shipped_modes_go_from_24_kbit_to_text_alone() -> None:
    modes = load_modes()
    assert list(modes)[0] == "opus-24k" and list(modes)[-1] == "text-min"
    assert [mode.wire_id for mode in modes.values()] == list(range(len(modes)))
    assert all(mode.words and mode.title for mode in modes.values())


def test_the_shipped_links_have_the_names_that_the_readme_tells_of() -> None:
    assert {"perfect", "2g-edge", "geo-satellite", "hf-radio", "lossy-wifi"} <= set(load_links())


def test_each_relay_picks_the_weights_of_the_focal_modes_alone() -> None:
    own = [name for name, mode in load_modes().items() if mode.has_own_weights]
    assert own == ["focal-800", "focal-600", "focal-550"]


def test_a_browser_sends_what_an_opus_mode_is_and_a_good_voice_for_the_others() -> None:
    modes = load_modes()
    assert browser_opus(modes["opus-6k"]).frame_ms == 60
    assert browser_opus(modes["opus-6k"]).bitrate_bps == 6000
    assert browser_opus(modes["codec2-700c"]).frame_ms == 20


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD_MODE + "colour = 3\n", r"modes.toml: \[thin\]: there is no key 'colour'"),
        (GOOD_MODE.replace("bundle_frames = 2", ""), "the key 'bundle_frames' is missing"),
        (GOOD_MODE.replace("= 2", '= "two"'), "bundle_frames"),
        (GOOD_MODE.replace("= 2", "= 16"), "bundle_frames = 16 is not from 1 to 15"),
        ("title = 3\n", "outside of any"),
        ("[thin\n", "not TOML"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=words):
        load_modes(written(tmp_path, text))


def test_a_link_that_cannot_be_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, '[bad]\ntitle = "Bad"\nwords = ""\nloss = 2.0\n')
    with pytest.raises(SettingsError, match=r"\[bad\].*loss"):
        load_links(path)


def test_a_mode_with_settings_that_the_codec_lacks_is_an_error_at_start(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD_MODE.replace("700C", "12"))
    with pytest.raises(SettingsError, match="thin"):
        load_catalogue("thin", "perfect", path)


@pytest.mark.parametrize(("mode", "link"), [("morse", "perfect"), ("opus-24k", "string")])
def test_a_default_that_does_not_exist_lists_those_that_do(mode: str, link: str) -> None:
    with pytest.raises(SettingsError, match="codec2-700c|geo-satellite"):
        load_catalogue(mode, link)


def test_costs_add_the_headers_of_each_bundle(tmp_path: Path) -> None:
    (offer,) = load_catalogue("thin", "perfect", written(tmp_path, GOOD_MODE)).offers()
    assert offer.payload_bps == 700
    assert offer.wire_bps == pytest.approx(700 + 35 * 8 / 0.16)  # 28 and 7 bytes in 160 ms
    assert offer.mb_per_hour == pytest.approx((700 + 1750) * 3600 / 8e6)
    assert offer.delay_ms is not None and 160 < offer.delay_ms < 240


@dataclass(frozen=True)
class Reworded:
    """A codec with another spec."""

    codec: Codec
    spec: CodecSpec

    def encoder(self) -> Encoder:
        return self.codec.encoder()

    def decoder(self) -> Decoder:
        return self.codec.decoder()


@pytest.mark.parametrize("keeps_time", [True, False])
def test_modes_that_send_words_have_captions(tmp_path: Path, keeps_time: bool) -> None:
    modes = load_modes(written(tmp_path, GOOD_MODE))
    codec = modes["thin"].load()
    spoken = Reworded(codec, replace(codec.spec, keeps_time=keeps_time))
    (offer,) = offers_of(modes, {"thin": spoken}, {})
    assert offer.captions is not keeps_time


def test_a_mode_that_this_machine_is_too_slow_for_is_shown_with_the_figure(tmp_path: Path) -> None:
    modes = load_modes()
    wanted = {name: modes[name] for name in ("tiny-750", "codec2-700c")}
    slow = Paces(tmp_path / "pace.json", measure=lambda codec: 1.26)
    codecs, reasons = load_codecs(wanted, slow)
    assert {*codecs} == {"codec2-700c"}
    tiny, _ = offers_of(wanted, codecs, reasons)
    assert not tiny.available and tiny.reason is not None
    assert "too slow for tiny: a second of talk takes it 1.3 s" in tiny.reason


def test_a_phrase_is_a_packet_and_another_acknowledges_it() -> None:
    modes = load_modes()
    codecs, reasons = load_codecs({"text": modes["text"]})
    (offer,) = offers_of({"text": modes["text"]}, codecs, reasons)
    assert offer.wire_bps == pytest.approx(90 + (32 + 31) * 8 / 4)
    assert offer.delay_ms == 4000
    assert offer.hears and offer.speaks


def test_a_mode_that_cannot_run_has_no_captions(tmp_path: Path) -> None:
    (offer,) = offers_of(load_modes(written(tmp_path, GOOD_MODE)), {}, {"thin": "It is missing."})
    assert not offer.available and not offer.captions


def test_files_are_found_in_a_checkout() -> None:
    assert config_path("modes.toml").is_file()
