"""What a relay offers: modes with their loaded codecs, link profiles, and what each mode costs."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sotto_app.link.packet import HEADER_BYTES, IPV4_UDP_BYTES, PacketError
from sotto_app.link.profile import LinkProfile
from sotto_app.link.reliable import SEGMENT_HEAD_BYTES
from sotto_app.modes import BrowserOpus, Mode, browser_opus, load_links, load_modes
from sotto_app.pace import Paces
from sotto_app.strict_toml import SettingsError
from sotto_codecs.base import Codec, CodecSpec
from sotto_codecs.errors import BadSettings, CodecError, UnavailableCodec
from sotto_codecs.events import Worded
from sotto_codecs.registry import Defaults

HEADER_WORDS = (
    f"Headers are what a real link would add to each packet: {IPV4_UDP_BYTES} bytes of IPv4 and "
    f"UDP, {HEADER_BYTES} bytes of our own. Both ends of this call are on one relay."
)
SECONDS_PER_HOUR = 3600
PHRASE_S = 4.0  # from the end of one to that of the next, where somebody reads: measured
PHRASE_BYTES = 1 + SEGMENT_HEAD_BYTES + IPV4_UDP_BYTES  # around one; told.py's byte is the first
ACK_BYTES = 3 + IPV4_UDP_BYTES  # that comes back for it
OPUS_RATES_HZ = (8_000, 12_000, 16_000, 24_000, 48_000)  # what it decodes to without a resampler


@dataclass(frozen=True, slots=True)
class Offer:
    """A mode as the page and the command line show it. Costs are None where it cannot run."""

    name: str
    title: str
    words: str
    codec: str
    payload_bps: float | None
    wire_bps: float | None  # with headers, while talking
    mb_per_hour: float | None
    delay_ms: float | None  # of codec and bundle, before any network
    available: bool
    reason: str | None
    captions: bool  # words travel, not sound: what is said can be read along
    hears: str | None  # the recogniser of such a mode, and who speaks here what comes of it
    speaks: str | None
    browser: BrowserOpus


@dataclass(frozen=True, slots=True)
class Catalogue:
    """`codecs` has the modes that can run here, `reasons` why each of the others cannot."""

    modes: Mapping[str, Mode]
    links: Mapping[str, LinkProfile]
    codecs: Mapping[str, Codec]
    reasons: Mapping[str, str]
    default_mode: str
    default_link: str

    def offers(self) -> list[Offer]:
        return offers_of(self.modes, self.codecs, self.reasons)

    def as_json(self) -> dict[str, Any]:
        """What the page asks for at /api/config."""
        return {
            "modes": [asdict(offer) for offer in self.offers()],
            "links": [asdict(link) for link in self.links.values()],
            "default_mode": self.default_mode,
            "default_link": self.default_link,
            "header_words": HEADER_WORDS,
        }


@dataclass(frozen=True, slots=True)
class Modes:
    """The modes that packets may name, those that can run here, and their loaded codecs."""

    by_wire_id: Mapping[int, Mode]
    codecs: Mapping[str, Codec]  # by mode name

    def codec(self, wire_id: int) -> Codec:
        """Raises PacketError for a mode that is not known or cannot run here."""
        if wire_id not in self.by_wire_id:
            raise PacketError(f"there is no mode number {wire_id} here")
        return self.codecs[self.by_wire_id[wire_id].name]


def modes_of(catalogue: Catalogue) -> Modes:
    """What a relay with this catalogue can receive."""
    running = [mode for mode in catalogue.modes.values() if mode.name in catalogue.codecs]
    return Modes({mode.wire_id: mode for mode in running}, catalogue.codecs)


def offers_of(
    modes: Mapping[str, Mode], codecs: Mapping[str, Codec], reasons: Mapping[str, str]
) -> list[Offer]:
    """What each mode is and costs; the arguments are those of Catalogue."""
    return [_offer(it, codecs.get(it.name), reasons.get(it.name)) for it in modes.values()]


def _offer(mode: Mode, codec: Codec | None, reason: str | None) -> Offer:
    wire_bps = wire_bps_of(codec.spec, mode.bundle_frames) if codec else None
    return Offer(
        name=mode.name,
        title=mode.title,
        words=mode.words,
        codec=mode.codec,
        payload_bps=codec.spec.payload_bps if codec else None,
        wire_bps=wire_bps,
        mb_per_hour=wire_bps * SECONDS_PER_HOUR / 8e6 if wire_bps else None,
        delay_ms=delay_ms_of(codec.spec, mode.bundle_frames) if codec else None,
        available=codec is not None,
        reason=reason,
        captions=codec is not None and not codec.spec.keeps_time,
        hears=codec.hears if isinstance(codec, Worded) else None,
        speaks=codec.speaks if isinstance(codec, Worded) else None,
        browser=browser_opus(mode),
    )


def wire_bps_of(spec: CodecSpec, bundle_frames: int) -> float:
    """Bits per second of talk over UDP and IPv4."""
    if not spec.keeps_time:
        return spec.payload_bps + (PHRASE_BYTES + ACK_BYTES) * 8 / PHRASE_S
    return spec.payload_bps + (IPV4_UDP_BYTES + HEADER_BYTES) * 8 / (bundle_frames * spec.frame_s)


def delay_ms_of(spec: CodecSpec, bundle_frames: int) -> float:
    """From the first sample of a bundle to its sound, with no network between; of a phrase, before
    it is understood and spoken."""
    if not spec.keeps_time:
        return 1000 * PHRASE_S
    return 1000 * (bundle_frames * spec.frame_s + spec.delay_samples / spec.sample_rate_hz)


def load_catalogue(
    default_mode: str,
    default_link: str,
    modes_file: Path | None = None,
    links_file: Path | None = None,
    defaults: Defaults | None = None,
) -> Catalogue:
    """Loads every codec that can run here. Raises SettingsError for settings that cannot be."""
    modes, links = load_modes(modes_file, defaults), load_links(links_file)
    codecs, reasons = load_codecs(modes)
    if default_mode not in codecs:
        reason = reasons.get(default_mode, f"known: {', '.join(modes)}")
        raise SettingsError("default_mode", f"{default_mode!r} cannot run here: {reason}")
    if default_link not in links:
        raise SettingsError("default_link", f"no {default_link!r}; known: {', '.join(links)}")
    return Catalogue(modes, links, codecs, reasons, default_mode, default_link)


def load_codecs(
    modes: Mapping[str, Mode], paces: Paces | None = None
) -> tuple[dict[str, Codec], dict[str, str]]:
    """The codecs of the modes that can run here, and why each of the others cannot.

    Raises SettingsError for a mode whose settings cannot be.
    """
    codecs, reasons, paces = dict[str, Codec](), dict[str, str](), paces or Paces()
    for mode in modes.values():
        try:
            codecs[mode.name] = paces.fit(_checked(mode.load()))
        except UnavailableCodec as fault:
            reasons[mode.name] = str(fault)
        except CodecError as fault:
            raise SettingsError(f"mode {mode.name}", str(fault)) from fault
    return codecs, reasons


def _checked(codec: Codec) -> Codec:
    """Raises BadSettings for a codec that the media path cannot feed."""
    spec = codec.spec
    if spec.sample_rate_hz not in OPUS_RATES_HZ or spec.channels != 1:
        raise BadSettings(
            f"calls are mono at one of {', '.join(map(str, OPUS_RATES_HZ))} samples per second, "
            f"not {spec.channels} channels at {spec.sample_rate_hz}"
        )
    return codec
