"""A picture of a real call, in test-results/call.png.

SOTTO_SCREENSHOT=docs/call.png pytest tests/test_end_to_end/test_picture.py renews the README's.
"""

import os
import shutil
from pathlib import Path

from playwright.sync_api import expect

from tests.test_end_to_end.conftest import Pair

ROOT = Path(__file__).resolve().parents[2]
MOST_BYTES = 200_000
SCENES = ("Opus 24", "Opus 12", "Codec2 3200", "Codec2 1300")
SCENE_S = 4.0


def test_a_picture_of_a_call(call: Pair) -> None:
    ada, bo = call
    ada.page.set_viewport_size({"width": 1200, "height": 900})
    bo.choose_mode("Opus 16")
    for scene in SCENES:
        ada.choose_mode(scene)
        ada.wait_s(SCENE_S)
    ada.page.evaluate("scrollTo(0, 0)")
    expect(ada.card("The other")).to_contain_text("Speaking")
    picture = ROOT / "test-results" / "call.png"
    ada.page.screenshot(path=picture)
    assert picture.stat().st_size < MOST_BYTES
    if wanted := os.environ.get("SOTTO_SCREENSHOT"):
        shutil.copy(picture, ROOT / wanted)
