"""Every registered back-end with each of its main settings, for the contract tests."""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sotto_codecs import registry
from sotto_codecs.base import Codec

DOCS = Path(__file__).parents[2] / "docs" / "codecs.md"


@dataclass(frozen=True)
class Case:
    codec: str
    settings: dict[str, str | int | float | bool] = field(default_factory=dict)


def opus(bitrate_bps: int, frame_ms: int, fec: bool, dtx: bool = True) -> Case:
    settings = {"bitrate_bps": bitrate_bps, "frame_ms": frame_ms, "fec": fec, "dtx": dtx}
    return Case("opus", dict(settings))


CASES = {
    "codec2-3200": Case("codec2", {"rate": "3200"}),
    "codec2-2400": Case("codec2", {"rate": "2400"}),
    "codec2-1600": Case("codec2", {"rate": "1600"}),
    "codec2-1400": Case("codec2", {"rate": "1400"}),
    "codec2-1300": Case("codec2", {"rate": "1300"}),
    "codec2-1200": Case("codec2", {"rate": "1200"}),
    "codec2-700C": Case("codec2", {"rate": "700C"}),
    "focal-550": Case("focal", {"rate": "550"}),
    "focal-600": Case("focal", {"rate": "600"}),
    "focal-800": Case("focal", {"rate": "800"}),
    "opus-6k-60ms": opus(6_000, 60, fec=False),
    "opus-6k-120ms": opus(6_000, 120, fec=False),
    "opus-9k-60ms": opus(9_000, 60, fec=False),
    "opus-12k-40ms": opus(12_000, 40, fec=True),
    "opus-16k-20ms": opus(16_000, 20, fec=True),
    "opus-24k-20ms": opus(24_000, 20, fec=True),
    "opus-24k-10ms-no-dtx": opus(24_000, 10, fec=False, dtx=False),
    "tiny-750": Case("tiny", {"stages": 3}),
    "tiny-1500": Case("tiny", {"stages": 6}),
    "tiny-4k": Case("tiny", {"stages": 16}),
    "ulaw": Case("ulaw"),
}
EVENT_CASES = {  # these keep no time: test_contract_events.py
    density: Case("stcts", {"prosody": density, "stt": "pocketsphinx", "tts": "flite"})
    for density in ("none", "sparse", "dense")
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


@pytest.fixture
def codec(case: Case, ulaw_installed: None) -> Codec:
    return registry.load(case.codec, case.settings)


@pytest.fixture(scope="session")
def ulaw_installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The example of docs/codecs.md as an installed package with its entry point."""
    site = tmp_path_factory.mktemp("site")
    (site / "ulaw.py").write_text(documented("ulaw.py"))
    info = site / "ulaw-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ulaw\nVersion: 1.0\n")
    header, line = documented("entry point").splitlines()
    group = re.findall(r'"(.*)"', header)[0]
    (info / "entry_points.txt").write_text(f"[{group}]\n{line.replace(chr(34), '')}\n")
    sys.path.append(str(site))
    yield
    sys.path.remove(str(site))


def documented(name: str) -> str:
    """The block of docs/codecs.md between the markers of that name."""
    pattern = rf"<!-- begin {name} -->\n```\w+\n(.*?)```\n<!-- end {name} -->"
    found = re.search(pattern, DOCS.read_text(), re.DOTALL)
    assert found, f"docs/codecs.md has no block {name!r}"
    return found[1]
