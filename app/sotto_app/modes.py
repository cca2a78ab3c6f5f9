"""Modes: a named codec with settings, how many frames share a packet, words for the page."""

from dataclasses import dataclass, field
from pathlib import Path

from sotto_app.files import config_path
from sotto_app.link.packet import MAX_FRAMES
from sotto_app.link.profile import LinkProfile
from sotto_app.strict_toml import build, read_tables
from sotto_codecs import registry
from sotto_codecs.base import Codec


@dataclass(frozen=True, slots=True)
class Mode:
    """A table of configs/modes.toml. `wire_id`, its place in the file, stands for it in packets."""

    name: str
    wire_id: int
    title: str
    words: str
    codec: str
    settings: registry.Settings
    bundle_frames: int
    defaults: registry.Defaults = field(default_factory=dict)  # of the operator, by codec

    def __post_init__(self) -> None:
        if not 1 <= self.bundle_frames <= MAX_FRAMES:
            raise ValueError(f"bundle_frames = {self.bundle_frames} is not from 1 to {MAX_FRAMES}")

    def load(self) -> Codec:
        """The codec with this mode's settings. Raises sotto_codecs.errors.CodecError."""
        return registry.load(self.codec, self.settings, self.defaults)

    @property
    def is_opus(self) -> bool:
        """Packets of this mode are what a browser speaks: they may pass through undecoded."""
        return self.codec == "opus"

    @property
    def has_own_weights(self) -> bool:
        """Each relay picks the weights of this mode: it crosses only where two have the same."""
        return self.codec in registry.OWN_WEIGHTS


@dataclass(frozen=True, slots=True)
class BrowserOpus:
    """How the talker's browser sets its own Opus encoder while it sends in a mode.

    With DTX it sends nothing in silence, and so nothing crosses the thin link either, in any mode.
    """

    bitrate_bps: int = 32_000
    frame_ms: int = 20
    dtx: bool = True
    fec: bool = False


def load_modes(
    path: Path | None = None, defaults: registry.Defaults | None = None
) -> dict[str, Mode]:
    """All modes of a TOML file by name, in its order. Raises SettingsError naming file and key."""
    path = path or config_path("modes.toml")
    given = {"defaults": defaults or {}}
    return {
        name: build(Mode, table, f"{path}: [{name}]", name=name, wire_id=index, **given)
        for index, (name, table) in enumerate(read_tables(path).items())
    }


def load_links(path: Path | None = None) -> dict[str, LinkProfile]:
    """All link profiles of a TOML file by name. Raises SettingsError naming file and key."""
    path = path or config_path("links.toml")
    return {
        name: build(LinkProfile, table, f"{path}: [{name}]", name=name)
        for name, table in read_tables(path).items()
    }


def browser_opus(mode: Mode) -> BrowserOpus:
    """Opus modes come from the browser as they are; others get a good voice over the local
    network.
    """
    if not mode.is_opus:
        return BrowserOpus()
    values = mode.settings
    return BrowserOpus(
        int(values["bitrate_bps"]),
        int(values["frame_ms"]),
        bool(values["dtx"]),
        bool(values["fec"]),
    )
