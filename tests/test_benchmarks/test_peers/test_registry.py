from pathlib import Path

import pytest

from benchmarks.peers.registry import PEERS, peers
from sotto_codecs.errors import WeightsMissing


def test_every_peer_says_which_folder_it_wants(tmp_path: Path) -> None:
    systems = peers(tmp_path / "lyra", tmp_path / "weights")
    assert len(systems) == len({system.name for system in systems}) == len(PEERS)
    for system in systems:
        assert system.is_peer
        with pytest.raises(WeightsMissing, match=str(tmp_path)):
            system.load()


def test_a_peer_is_loaded_at_its_rate(
    tmp_path: Path, encodec_folder: Path, mimi_folder: Path
) -> None:
    (tmp_path / "encodec_24khz").symlink_to(encodec_folder)
    (tmp_path / "mimi").symlink_to(mimi_folder)
    specs = [each.load().spec for each in peers(tmp_path, tmp_path) if each.family != "Lyra"]
    assert [spec.payload_bps for spec in specs] == [1500, 3000, 6000, 550, 1100]
