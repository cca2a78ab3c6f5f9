"""Which engine: by its name, or the best that is here. What is loaded is shared by all calls."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pkgutil import resolve_name
from typing import Any

from sotto_codecs.errors import BackendUnavailable, BadSettings, UnavailableCodec
from sotto_codecs.models import Models

Engines = Mapping[str, str]  # name -> "module:Class", the best first


def named(name: str, engines: Engines, models: Models) -> Any:
    """An engine, or an engine with one of its models: "faster-whisper/whisper-tiny".

    Raises BadSettings for an unknown name, BackendUnavailable, WeightsMissing.
    """
    engine, _, only = name.partition("/")
    if engine not in engines:
        raise BadSettings(f"no engine {name!r}; known: {', '.join(engines)}, auto")
    return _loaded(engines[engine], replace(models, only=only))


def best(engines: Engines, models: Models, fits: Callable[[Any], bool], failing: str) -> Any:
    """The first that is here and fits.

    Raises BackendUnavailable: `failing`, with the reason and the remedy of each that is not here.
    """
    missing: list[UnavailableCodec] = []
    for target in engines.values():
        try:
            engine = _loaded(target, models)
        except UnavailableCodec as fault:
            missing.append(fault)
            continue
        if fits(engine):
            return engine
    reasons = "; ".join(fault.reason for fault in missing) or "every engine is here"
    remedy = "; or: ".join(dict.fromkeys(fault.remedy for fault in missing)) or "none is known"
    raise BackendUnavailable(f"{failing} ({reasons})", remedy)


@cache  # three modes of text would load a Whisper three times
def _loaded(target: str, models: Models) -> Any:
    return resolve_name(target)(models)
