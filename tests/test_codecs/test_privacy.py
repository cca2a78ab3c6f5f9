"""What the packages beneath do without being asked."""

import os
import subprocess
import sys
from pathlib import Path

LOADS_A_NETWORK = "from sotto_codecs.text.silero import _network; _network()"


def left_by_a_network(folder: Path, **environ: str) -> list[str]:
    """Files that a fresh interpreter leaves in its home."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("ORT_")}
    home = {"HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache")}
    subprocess.run([sys.executable, "-c", LOADS_A_NETWORK], env=known | home | environ, check=True)
    return [it.name for it in folder.rglob("*") if it.is_file()]


def test_onnx_runtime_reports_to_nobody(tmp_path: Path) -> None:
    """It keeps what it is to report, and an id of the machine, in the user's cache."""
    assert left_by_a_network(tmp_path) == []
