"""A system under test: a codec behind the seam, and how many of its frames share a packet."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pkgutil import resolve_name

from sotto_app.modes import Mode
from sotto_codecs import registry
from sotto_codecs.base import Codec


@dataclass(frozen=True, slots=True)
class System:
    """Travels between processes; loads where it is used."""

    name: str  # as in tables and on the command line: "opus-6k", "lyra-3200"
    title: str
    family: str  # a curve in the plots: "Opus", "Lyra"
    target: str  # "module:Class"
    settings: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    bundle_frames: int = 1
    is_peer: bool = False  # drawn grey; no mode of a call

    def load(self) -> Codec:
        """Raises sotto_codecs.errors.CodecError; UnavailableCodec where it cannot run here."""
        codec: Codec = resolve_name(self.target)(**self.settings)
        return codec


def systems_of(modes: Iterable[Mode]) -> list[System]:
    """Every mode, then every registered codec that no mode uses, with its default settings."""
    targets = registry.known()
    listed = [
        System(
            name=mode.name,
            title=mode.title,
            family=_family(mode.title),
            target=targets[mode.codec],
            settings={**mode.defaults.get(mode.codec, {}), **mode.settings},
            bundle_frames=mode.bundle_frames,
        )
        for mode in modes
    ]
    used = {mode.codec for mode in modes}
    return listed + [
        System(name, name, name, target) for name, target in targets.items() if name not in used
    ]


def _family(title: str) -> str:
    """ "Codec2" of "Codec2 700C": what the titles of a codec's modes have in common."""
    return title.split()[0]
