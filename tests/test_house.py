"""The house: three import roots, arrows between them, and modules that do nothing when imported."""

import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
ROOTS = ("app", "codecs", "signaling")
HEAVY = (
    "sotto_app.gateway",
    "sotto_app.media",
    "sotto_app.metrics",
    "sotto_app.web",
    "sotto_app.offline",
    "sotto_app.wav",
    "sotto_app.transports.aioice_internals",
    "sotto_app.transports.lobby",
    "sotto_app.transports.redial",
    "sotto_app.transports.webrtc",
)

IMPORT_ALL = """
import importlib, sys, threading
for name in sys.argv[1:]:
    importlib.import_module(name)
assert threading.active_count() == 1, threading.enumerate()
print(*(name for name in ("av", "torch", "aiortc", "pycodec2") if name in sys.modules))
"""


def modules() -> list[str]:
    """All but commands, and what is torch by nature: training, and the network of FocalCodec."""
    paths = [
        path.relative_to(CHECKOUT / root).with_suffix("")
        for root in ROOTS
        for path in (CHECKOUT / root).rglob("*.py")
        if path.name != "__main__.py" and not {"training", "network"} & {*path.parts}
    ]
    return sorted(".".join(path.parts).removesuffix(".__init__") for path in paths)


def loaded_after_importing(names: list[str]) -> list[str]:
    """Which heavy packages a fresh interpreter has then. Fails where the import says anything."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORT_ALL, *names],
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr, done.stderr
    return done.stdout.split()


def test_the_import_roots_are_no_packages() -> None:
    strays = [root for root in (*ROOTS, "tests") if (CHECKOUT / root / "__init__.py").exists()]
    assert not strays
    assert not (CHECKOUT / "tests" / "codecs").exists()  # it would hide the standard library's


def test_light_modules_load_nothing_heavy_and_do_nothing() -> None:
    light = [name for name in modules() if not name.startswith(HEAVY)]
    assert len(light) > 20
    assert loaded_after_importing(light) == []


def test_no_module_does_anything_or_loads_torch_when_it_is_imported() -> None:
    assert "torch" not in loaded_after_importing(modules())


@pytest.mark.parametrize("name", ["utils", "common", "helpers", "manager"])
def test_files_are_named_with_a_word_of_the_field(name: str) -> None:
    assert not [path for root in ROOTS for path in (CHECKOUT / root).rglob(f"{name}.py")]
