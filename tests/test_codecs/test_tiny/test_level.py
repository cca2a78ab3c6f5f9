"""How much the exported decoder is lifted by: measured, and written into the manifest."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs: pip install '.[torch]'")

from sotto_codecs.errors import BadWeights
from sotto_codecs.tiny import weights
from sotto_codecs.tiny.network import Network
from tests.speech import Speech
from training.tiny.level import measured, written


def test_what_is_lifted_by_what_was_lost_loses_nothing_more(speech: Speech) -> None:
    found = weights.read(weights.shipped())
    clips = [speech.at_16k[: 4 * 16_000], speech.at_16k[4 * 16_000 : 7 * 16_000]]
    lost = measured(Network(replace(found, gains_db=())), clips)
    left = measured(Network(replace(found, gains_db=tuple(lost))), clips)
    assert max(lost) > 2
    assert np.abs(left).max() < 1


def test_it_is_written_once_and_read_again(tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(weights.shipped(), folder)
    for gains_db in ((1.0, 2.0, 3.0, 2.0, -1.0), (0.5, 0.0, 0.0, 0.0, 0.25)):
        written(folder, gains_db)
        assert weights.read(folder).gains_db == gains_db
    assert (folder / weights.MANIFEST).read_text().count("gains_db") == 1


@pytest.mark.parametrize(
    "table", ["gains_db = [1.0]", "gains_db = [1, 2, 3, 4, nan]", "gains_db = 3"]
)
def test_gains_that_are_none_are_refused(tmp_path: Path, table: str) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(weights.shipped(), folder)
    manifest = folder / weights.MANIFEST
    lines = [it for it in manifest.read_text().splitlines() if not it.startswith("gains_db")]
    manifest.write_text("\n".join([*lines, table]))
    with pytest.raises(BadWeights, match="is no manifest"):
        weights.read(folder)
