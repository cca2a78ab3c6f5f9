"""A sound file in the voice of another, with a FocalCodec from the shelf; `sotto convert`."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from sotto_app.errors import BadSound
from sotto_app.models.known import load_known
from sotto_app.models.shelf import Shelf
from sotto_app.settings import load_settings
from sotto_app.wav import SoundFile
from sotto_codecs.base import Pcm
from sotto_codecs.errors import BackendUnavailable, UnknownCodec, WeightsMissing
from sotto_codecs.focal.convert import LEAST_S, MOST_S
from sotto_codecs.models import pull

if TYPE_CHECKING:
    from sotto_codecs.focal.network.network import FocalCodec

MODELS = ("focal-800", "focal-600", "focal-550")  # the best first
QUIET = 10 ** (-60 / 20)  # nobody talks in a file that is nowhere louder
Progress = Callable[[float], None]  # takes seconds of sound done so far


def loaded(name: str | None) -> "FocalCodec":
    """That codec, or the best that is here.

    Raises UnknownCodec, WeightsMissing, BadWeights, BackendUnavailable, SettingsError.
    """
    if name is not None and name not in MODELS:
        raise UnknownCodec(name, list(MODELS))
    shelf, known = Shelf(load_settings(None, os.environ).text.models), load_known()
    wanted = MODELS if name is None else (name,)
    here = [it for it in wanted if shelf.state(known[it]) in ("here", "by hand")]
    if not here:
        what = name or f"one of {', '.join(MODELS)}"
        raise WeightsMissing(f"converting needs {what} in {shelf.folder}", pull(wanted[0]))
    try:
        from sotto_codecs.focal.network.conversion import read_codec
    except ModuleNotFoundError as fault:
        remedy = "pip install 'sotto-call[torch]'"
        raise BackendUnavailable(f"the package {fault.name} is missing", remedy) from fault
    return read_codec(shelf.place(here[0]))


def read_talk(path: Path, rate_hz: int) -> Pcm:
    """Somebody talking, mixed to mono. Raises BadSound, also for silence."""
    pcm = np.concatenate([*SoundFile(path, rate_hz, 1).blocks()])
    if np.abs(pcm).max() < QUIET:
        raise BadSound(f"{path}: it is silent")
    return pcm


def read_voice(path: Path, rate_hz: int) -> Pcm:
    """The beginning of somebody talking, MOST_S of it. Raises BadSound, also under LEAST_S."""
    pcm = read_talk(path, rate_hz)
    seconds = len(pcm) / rate_hz
    if seconds < LEAST_S:
        raise BadSound(
            f"{path}: {seconds:.1f} s of a voice; it takes {LEAST_S:.0f} s or more of them talking"
        )
    return pcm[: int(MOST_S * rate_hz)]


def convert(codec: "FocalCodec", source: Pcm, voice: Pcm, wav: Path, progress: Progress) -> None:
    """`source` in that voice, as a 16-bit wav as long as it."""
    from sotto_codecs.focal.network.conversion import converted, heard

    config, written = codec.config, 0
    with soundfile.SoundFile(wav, "w", config.out_rate_hz, 1, "PCM_16", format="WAV") as out:
        for pcm in converted(codec, source, heard(codec, voice)):
            out.write(pcm)
            written += len(pcm)
            progress(written / config.out_rate_hz)
        out.truncate(len(source) * config.out_rate_hz // config.rate_hz)
