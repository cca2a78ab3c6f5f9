"""Whether there is memory for a network, asked before it is loaded: later some program is ended."""

from pathlib import Path

from sotto_codecs.errors import BackendUnavailable

SHARE = 2.0  # of the file: the weights, and how the CPU wants them laid out; 1.5 with 8 bits
MEMINFO = Path("/proc/meminfo")


def make_sure(file: Path, meminfo: Path = MEMINFO) -> None:
    """Raises BackendUnavailable; where the system does not say what is free, nothing is known."""
    needed_mb = SHARE * file.stat().st_size / 1e6
    free_mb = _free_mb(meminfo)
    if free_mb is not None and free_mb < needed_mb:
        raise BackendUnavailable(
            f"{file.name} needs {needed_mb:.0f} MB of memory, {free_mb:.0f} MB are free",
            "end other programs, or choose another mode",
        )


def _free_mb(meminfo: Path) -> float | None:
    """What programs may still have, page cache that can go included."""
    if not meminfo.exists():
        return None
    lines = dict(line.split(":", 1) for line in meminfo.read_text().splitlines())
    return int(lines["MemAvailable"].removesuffix("kB")) * 1024 / 1e6
