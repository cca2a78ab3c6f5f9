"""The bench of stalls: a loop that is held up is late, one that is not is in time."""

import asyncio
import time

import numpy as np
import pytest

from benchmarks.text.stalls import BLOCK_SAMPLES, AtOnce, packets, row, stalls, table
from sotto_codecs import registry
from sotto_codecs.base import Codec
from sotto_codecs.events import Deferrable
from tests.speech import Speech

SECOND = packets(np.zeros(16_000, np.float32))


@pytest.fixture(scope="module")
def codec() -> Codec:
    return registry.load("stcts", {"prosody": "none", "stt": "pocketsphinx", "tts": "flite"})


def test_a_loop_that_is_held_up_is_late() -> None:
    async def held_up() -> list[float]:
        asyncio.get_running_loop().call_later(0.3, time.sleep, 0.2)
        return await stalls(None, SECOND)

    assert max(asyncio.run(held_up())) > 150
    assert len(asyncio.run(stalls(None, SECOND))) > 150


def test_a_talker_is_heard_in_packets_of_20_ms(speech: Speech) -> None:
    sent = packets(speech.at_16k[: 16_000 + 7])
    assert [it.sequence for it in sent] == list(range(50))
    assert [it.timestamp for it in sent] == [number * 960 for number in range(50)]


def test_done_at_once_gives_the_same_phrases_and_hides_that_they_could_wait(
    codec: Codec, speech: Speech
) -> None:
    said = speech.at_16k[: 6 * 16_000]
    found = []
    for encoder in (codec.encoder(), AtOnce(codec).encoder()):
        blocks = np.split(said, len(said) // BLOCK_SAMPLES)
        found.append([it for block in blocks for it in encoder.encode(block)] + encoder.flush())
    assert found[0] == found[1] and found[0]
    assert isinstance(codec.encoder(), Deferrable)
    assert not isinstance(AtOnce(codec).encoder(), Deferrable)


def test_a_row_has_the_figures_that_its_heads_name() -> None:
    found = row("one", [1.0] * 98 + [30.0, 50.0])
    assert (found.middle_ms, found.longest_ms, found.over_20_ms) == (1.0, 50.0, 2.0)
    assert table([found]).splitlines()[-1] == "| one | 1.0 | 30.2 | 50.0 | 2.0 |"
