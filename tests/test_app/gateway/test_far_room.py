"""Between two whole relays: the room around a talker who is silent is heard at the other end."""

from pathlib import Path

import numpy as np
import pytest

from tests.speech import Speech
from tests.test_app.gateway.test_two_relays import CHANCES, RATE_HZ, heard_of, two_sites
from tests.test_app.media.test_comfort import level, room

LOUD = 45
TALK_S, SILENCE_S, LISTENED_S = 3, 5, 2


async def test_the_room_crosses_the_link_as_a_level(tmp_path: Path, speech: Speech) -> None:
    voice = speech.at(RATE_HZ)[: TALK_S * RATE_HZ]
    source = np.pad(voice, (0, SILENCE_S * RATE_HZ)) + room(TALK_S + SILENCE_S, LOUD)
    found = list[float]()
    async with two_sites(tmp_path, budget_bps=2400) as sites:
        while len(found) < CHANCES and (not found or abs(found[-1] - LOUD) > 3):
            heard = await heard_of(source, "codec2-1200", sites, tmp_path)
            found.append(level(heard[-LISTENED_S * RATE_HZ :]))  # long after the last word
    assert found[-1] == pytest.approx(LOUD, abs=3)
