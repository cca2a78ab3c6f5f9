"""Count how often each symbol of prosody comes in training speech: the tables that are shipped.

    python -m training.text.prosody speech.tsv codecs/sotto_codecs/text/prosody/tables.json

Costs decide which coefficients are sent, and what is sent decides costs: counted ROUNDS times.
"""

import argparse
import csv
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.codecs.material import BadMaterial, at_level, read_sound
from benchmarks.text.alignment import Aligner, cut, phrases
from sotto_codecs.text.coding.words import Weights
from sotto_codecs.text.prosody.coding import MOST_TICKS, put
from sotto_codecs.text.prosody.curves import LARGEST, RANKS
from sotto_codecs.text.prosody.measuring import Prosody, Talker, measure
from sotto_codecs.text.prosody.tables import DENSITIES, Density, Row, Tables, parsed
from sotto_codecs.text.prosody.timing import PACES, shapes

ROUNDS = 4
EACH = {"librispeech_tc100": 100, "speechocean762": 300, "kathleen_en": 80, "ljspeech": 60}
TOTAL = 4096  # of the frequencies of a row
PRIOR = 0.02  # of a symbol that never came, against one that came

# rows and symbols
SIZES = {
    "pitch": (RANKS, 2 * LARGEST + 1),
    "level": (RANKS, 2 * LARGEST + 1),
    "pause": (2, MOST_TICKS + 1),
    "duration": (PACES, MOST_TICKS + 1),
}

Table = dict[str, list[list[int]]]


def measured(manifest: Path) -> Iterator[Prosody]:
    """Every phrase of some sentences of each corpus; a sentence is a talker of its own, whose
    first phrase tells what is usual."""
    aligner = Aligner()
    for path, text in picked(manifest):
        try:
            pcm = at_level(read_sound(manifest.parent / path))
        except BadMaterial as fault:
            print(f"{path}: {fault}")
            continue
        words = aligner.words(pcm, text) if text else aligner.guessed(pcm)
        if words is None:
            aligner = Aligner()  # it may have lost its way for good
            continue
        talker = Talker()
        for phrase in phrases(words):
            prosody, talker = measure(cut(pcm, phrase), phrase, talker)
            yield prosody


def picked(manifest: Path) -> list[tuple[str, str]]:
    """Path and transcript."""
    with manifest.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    random.Random(1).shuffle(rows)
    theirs = {corpus: [row for row in rows if row["corpus"] == corpus] for corpus in EACH}
    return [
        (row["path"], row["transcript"])
        for name, most in EACH.items()
        for row in theirs[name][:most]
    ]


def trained(material: Sequence[Prosody], density: Density) -> Table:
    """From even tables on, where every bit counts alike."""
    table: Table = {
        name: [frequencies(Counter(), size)] * rows for name, (rows, size) in SIZES.items()
    } | {"word_ms": [usual_ms(material)]}
    for _ in range(ROUNDS):
        counted = Counted(parsed(table))
        for prosody in material:
            put(prosody, density, counted.tables, counted)
        table |= counted.learnt()
    return table


class Counted:
    """A sink that counts how often each symbol is put under each row."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self._counts: dict[int, Counter[int]] = defaultdict(Counter)  # by identity of the weights

    def choose(self, weights: Weights, wanted: int) -> int:
        self._counts[id(weights)][wanted] += 1
        return wanted

    def uniform(self, count: int, wanted: int) -> int:
        return wanted

    def learnt(self) -> Table:
        return {
            name: [
                frequencies(self._counts[id(row.weights)], size)
                for row in getattr(self.tables, name)
            ]
            for name, (_, size) in SIZES.items()
        }

    def _learnt(self, row: Row, size: int) -> list[int]:
        return frequencies(self._counts[id(row.weights)], size)


def frequencies(counts: Counter[int], size: int) -> list[int]:
    """Each 1 or more, together TOTAL; what never came gets a share that falls off outwards."""
    wide = np.array([counts[it] + PRIOR for it in range(size)])
    near = np.convolve(wide, [0.02, 0.96, 0.02], "same")
    shares = np.maximum(1, np.floor(near / near.sum() * (TOTAL - size))).astype(int)
    shares[int(np.argmax(shares))] += TOTAL - int(shares.sum())
    return [int(it) for it in shares]


def usual_ms(material: Sequence[Prosody]) -> list[int]:
    """The weights of timing.Pace, by least squares."""
    rows = [shape for it in material for shape in shapes([word.text for word in it.words])]
    taken = [1000 * (word.end_s - word.start_s) for it in material for word in it.words]
    design = np.column_stack([np.ones(len(rows)), np.array(rows)])
    return [round(float(it)) for it in np.linalg.lstsq(design, np.array(taken))[0]]


def laid_out(tables: dict[str, Table]) -> str:
    """JSON with one row to a line."""
    kinds = [
        f'  "{name}": {{\n'
        + ",\n".join(_kind(kind, rows) for kind, rows in table.items())
        + "\n  }"
        for name, table in tables.items()
    ]
    return "{\n" + ",\n".join(kinds) + "\n}\n"


def _kind(kind: str, rows: list[list[int]]) -> str:
    lines = ",\n".join("      " + json.dumps(row, separators=(",", ":")) for row in rows)
    return f'    "{kind}": [\n{lines}\n    ]'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("speech", type=Path, help="manifest of the training speech")
    parser.add_argument("tables", type=Path, help="the file to write")
    arguments = parser.parse_args()
    material = list(measured(arguments.speech))
    print(f"{len(material)} phrases, {sum(it.words[-1].end_s for it in material):.0f} s")
    tables = {density.name: trained(material, density) for density in DENSITIES}
    arguments.tables.write_text(laid_out(tables), encoding="ascii")


if __name__ == "__main__":
    main()
