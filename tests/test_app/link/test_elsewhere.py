"""What others cost: figures, and words for the page."""

import pytest

from sotto_app.link.elsewhere import PEERS, bytes_words, cost_words, data_channel, webrtc_audio
from sotto_app.link.tariff import Speech, mb_per_hour


def test_what_others_cost() -> None:
    assert PEERS["Signal"].most_bps == pytest.approx(37_333, abs=1)
    assert all(0 < peer.least_bps <= peer.most_bps for peer in PEERS.values())
    assert mb_per_hour(32_000) == 14.4
    tenth = Speech(800, 0.1)  # 10 bytes, as measured
    assert webrtc_audio(tenth).there_bps == 68 * 80 + 1300
    assert data_channel(tenth).there_bps == 107 * 80 + 333
    assert data_channel(tenth).back_bps == 93 * 80 + 333


def test_cost_in_words() -> None:
    words = cost_words(11_200, 890, 80 * 60)
    assert words == "11 kB so far, 0.4 MB per hour; the same call on Signal: 19 MB"


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (11_200, "11 kB"), (999_400, "999 kB")]
    + [(999_600, "1.0 MB"), (19_200_000, "19 MB")],
)
def test_bytes_in_words(size: int, words: str) -> None:
    assert bytes_words(size) == words
