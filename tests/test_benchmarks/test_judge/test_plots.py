import io
from dataclasses import replace
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from matplotlib import image

from benchmarks.codecs.drawing import COLOURS, GREYS, Plot, looks
from benchmarks.codecs.plots import docs_plot, plots
from tests.judged import planted_run, replaced

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def drawn() -> list[Plot]:
    return plots(planted_run())


def test_every_measure_is_drawn_against_bits_and_some_against_loss(drawn: list[Plot]) -> None:
    titles = [it.title for it in drawn]
    run = planted_run()
    clean = [it.title for it in run.measures if it.key != "plcmos"]
    assert set(titles) == {
        *(f"{it} against bits on the wire" for it in clean),
        *(f"{it} against lost packets" for it in ("PESQ-WB", "STOI", "PLCMOS")),
        "Real-time factor",
    }


def test_they_are_pictures_with_n_in_their_captions(drawn: list[Plot]) -> None:
    for plot in drawn:
        assert plot.kind == "svg+xml"
        root = ElementTree.fromstring(plot.data)
        assert root.tag == f"{SVG}svg" and len(list(root.iter(f"{SVG}path"))) > 10
        assert "n = 12 sentences" in plot.caption


def test_drawing_leaves_no_global_trace() -> None:
    before = dict(matplotlib.rcParams)
    plots(replace(planted_run(), measures=planted_run().measures[:1]))
    assert dict(matplotlib.rcParams) == before


def test_peers_are_grey_and_families_keep_their_colour() -> None:
    found = looks(planted_run())
    assert found["Lyra"].colour in GREYS
    assert found["Opus"].colour in COLOURS and found["Codec2"].colour in COLOURS
    assert len({it.colour for it in found.values()}) == len(found)
    assert "original" not in found


def test_the_picture_for_the_documentation_is_small() -> None:
    data = docs_plot(planted_run())
    assert data.startswith(b"\x89PNG") and len(data) < 150_000
    pixels = image.imread(io.BytesIO(data))
    assert pixels.shape[1] > pixels.shape[0] > 500
    assert np.ptp(pixels) > 0.5


def test_what_was_not_measured_is_not_drawn() -> None:
    run = planted_run()
    assert plots(replace(run, conditions=(), systems=())) == []
    only = replace(run, conditions=run.conditions[:1], measures=run.measures[:1])
    for it in run.systems:
        only = replaced(only, it.name, speed=None, lost={})
    assert [it.title for it in plots(only)] == ["PESQ-WB against bits on the wire"]
    assert len(docs_plot(only)) > 10_000
