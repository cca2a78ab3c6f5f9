"""A run as one HTML page that holds everything: tables, pictures and sounds. It asks for nothing
from outside."""

import io
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from benchmarks.codecs.cost import cost_sheets
from benchmarks.codecs.narrowing import CLEAN
from benchmarks.codecs.plots import plots
from benchmarks.codecs.results import ORIGINAL, Run, Sentence, SystemResult
from benchmarks.codecs.sheets import in_order, quality_sheets, short
from benchmarks.codecs.spectrograms import spectrograms
from sotto_codecs.base import Pcm

TEMPLATE = "page.html.j2"
BESIDE = ("pesq_wb", "estoi")  # measures that stand beside a player


@dataclass(frozen=True, eq=False, slots=True)
class Heard:
    """One sentence out of one system, for people to listen to."""

    system: str  # its name
    condition: str
    sentence: str  # its id
    pcm: Pcm  # mono
    rate_hz: int


@dataclass(frozen=True, slots=True)
class Player:
    title: str
    bits: str
    marks: str  # of this sentence: "PESQ-WB 1.60, ESTOI .660"
    peer: bool
    sound: str  # data: URI


@dataclass(frozen=True, slots=True)
class Listening:
    """All systems with the same words."""

    condition: str
    sentence: Sentence
    players: tuple[Player, ...]


def render(run: Run, heard: Sequence[Heard], *, sounds_first: bool = False) -> str:
    pictures = plots(run)
    clean = next((it.sentence for it in heard if it.condition == CLEAN), None)
    if clean is not None:
        sounds = {
            it.system: (it.pcm, it.rate_hz)
            for it in heard
            if (it.condition, it.sentence) == (CLEAN, clean)
        }
        pictures.append(spectrograms(run, sounds, clean))
    return _template().render(
        run=run,
        sheets=[*quality_sheets(run), *cost_sheets(run)],
        plots=pictures,
        listenings=_listenings(run, heard),
        sounds_first=sounds_first,
        licences=list(dict.fromkeys(it.licence for it in run.material.sentences)),
        speakers=len({it.speaker for it in run.material.sentences}),
        seconds=sum(it.seconds for it in run.material.sentences),
    )


def data_uri(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{b64encode(data).decode()}"


def flac(pcm: Pcm, rate_hz: int) -> bytes:
    data = io.BytesIO()
    soundfile.write(data, np.clip(pcm, -1.0, 1.0), rate_hz, format="FLAC", subtype="PCM_16")
    return data.getvalue()


def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["data_uri"] = lambda plot: data_uri(f"image/{plot.kind}", plot.data)
    return environment.get_template(TEMPLATE)


def _listenings(run: Run, heard: Iterable[Heard]) -> list[Listening]:
    """In the order in which they came; players in the order of the tables."""
    sentences = {it.id: it for it in run.material.sentences}
    groups: dict[tuple[str, str], dict[str, Heard]] = {}
    for it in heard:
        groups.setdefault((it.condition, it.sentence), {})[it.system] = it
    return [
        Listening(condition, sentences[sentence], _players(run, group))
        for (condition, sentence), group in groups.items()
    ]


def _players(run: Run, heard: dict[str, Heard]) -> tuple[Player, ...]:
    return tuple(
        Player(
            it.title,
            f"{it.bits.talk_bps:.0f} bit/s" if it.bits else "",
            _marks(run, it, heard[it.name]),
            it.peer,
            data_uri("audio/flac", flac(heard[it.name].pcm, heard[it.name].rate_hz)),
        )
        for it in in_order(run)
        if it.name in heard
    )


def _marks(run: Run, system: SystemResult, heard: Heard) -> str:
    """Nothing for a condition that was not scored, or the original, which is what others miss."""
    condition = next((it for it in run.conditions if it.name == heard.condition), None)
    if condition is None or heard.sentence not in condition.sentences or system.name == ORIGINAL:
        return ""
    place, cells = condition.sentences.index(heard.sentence), system.scores.get(condition.name, {})
    found = {it: cells[it.key].values[place] for it in run.measures if it.key in cells}
    return ", ".join(
        f"{it.title} {short(value, it)}"
        for it, value in found.items()
        if it.key in BESIDE and value is not None
    )
