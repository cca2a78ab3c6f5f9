from pathlib import Path

import pytest

from sotto_codecs.errors import BackendUnavailable
from sotto_codecs.focal.room import make_sure


def told(folder: Path, free_kb: int) -> Path:
    meminfo = folder / "meminfo"
    meminfo.write_text(f"MemTotal:       8000000 kB\nMemAvailable:   {free_kb} kB\nBuffers: 1 kB\n")
    return meminfo


def test_too_little_memory_is_told_before_anything_is_loaded(tmp_path: Path) -> None:
    file = tmp_path / "encoder.onnx"
    file.write_bytes(bytes(3_000_000))
    make_sure(file, told(tmp_path, 6000))
    with pytest.raises(
        BackendUnavailable, match=r"encoder.onnx needs 6 MB of memory, 5 MB are free"
    ):
        make_sure(file, told(tmp_path, 5000))


def test_a_system_that_does_not_say_is_trusted(tmp_path: Path) -> None:
    file = tmp_path / "encoder.onnx"
    file.write_bytes(b"")
    make_sure(file, tmp_path / "none")
