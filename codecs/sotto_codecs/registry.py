"""Codecs by name. Loading is on demand: a name costs nothing until somebody asks for it.

Other people's back-ends come in through the entry-point group `sotto.codecs`, with the same
"module:Class" strings; a name that is taken here stays ours.
"""

from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from inspect import signature
from pkgutil import resolve_name

from sotto_codecs.base import Codec
from sotto_codecs.errors import BadSettings, UnknownCodec

ENTRY_POINT_GROUP = "sotto.codecs"

BACKENDS: dict[str, str] = {
    "codec2": "sotto_codecs.backends.codec2:Codec2",
    "focal": "sotto_codecs.backends.focal:Focal",
    "opus": "sotto_codecs.backends.opus:Opus",
    "stcts": "sotto_codecs.backends.stcts:Stcts",
    "tiny": "sotto_codecs.backends.tiny:Tiny",
}

OWN_WEIGHTS = frozenset({"focal"})  # two ends may hold other ones: spec.version tells them apart

Settings = Mapping[str, str | int | float | bool]
Defaults = Mapping[str, Settings]  # by codec


def known() -> dict[str, str]:
    """Name to "module:Class" of every codec, ours first."""
    others = {entry.name: entry.value for entry in entry_points(group=ENTRY_POINT_GROUP)}
    return others | BACKENDS


def load(name: str, settings: Settings | None = None, defaults: Defaults | None = None) -> Codec:
    """The codec `name` with its settings, e.g. `load("codec2", {"rate": "700C"})`.

    `defaults` are settings by codec that stand where `settings` says nothing.

    Raises UnknownCodec, BackendUnavailable, WeightsMissing, BadSettings.
    """
    targets = known()
    if name not in targets:
        raise UnknownCodec(name, list(targets))
    backend = resolve_name(targets[name])
    wanted = {**(defaults or {}).get(name, {}), **(settings or {})}
    try:
        signature(backend).bind(**wanted)
    except TypeError as fault:
        raise BadSettings(f"{name}: {fault}; it takes {_taken(backend)}") from None
    codec: Codec = backend(**wanted)
    return codec


def _taken(backend: Callable[..., object]) -> str:
    return ", ".join(signature(backend).parameters) or "no settings"
