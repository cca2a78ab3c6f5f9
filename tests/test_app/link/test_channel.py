"""The channel does to packets what the profile says, and nothing else."""

import itertools

import pytest

from sotto_app.link.channel import Channel
from sotto_app.link.profile import PERFECT, LinkProfile


def profile(**values: float) -> LinkProfile:
    return LinkProfile("test", "", "", **values)


def run(channel: Channel, packets: int, every_s: float = 0.02) -> list[tuple[float, int]]:
    """Arrival and number of each packet that came out."""
    for n in range(packets):
        channel.send(n.to_bytes(4, "big"), n * every_s)
    arrived = []
    while (at := channel.next_arrival_s) is not None:
        arrived += [(at, int.from_bytes(datagram, "big")) for datagram in channel.receive(at)]
    return arrived


def test_a_perfect_link_gives_all_at_once_and_in_order() -> None:
    arrived = run(Channel(PERFECT, 28), 100)
    assert arrived == [(n * 0.02, n) for n in range(100)]


def test_delay_is_added_and_jitter_stays_within_its_bounds() -> None:
    arrived = run(Channel(profile(delay_ms=100, jitter_ms=50), 28), 500)
    delays_ms = [(at - n * 0.02) * 1000 for at, n in arrived]
    assert len(arrived) == 500
    assert 100 <= min(delays_ms) < 105 and 145 < max(delays_ms) <= 150


def test_the_rate_counts_the_headers_and_the_queue_is_bounded() -> None:
    channel = Channel(profile(rate_bps=2560, queue_ms=500), 28)  # 32 bytes take 100 ms
    arrived = run(channel, 100)
    gaps = [b - a for (a, _), (b, _) in itertools.pairwise(arrived)]
    assert gaps == pytest.approx([0.1] * len(gaps))
    assert channel.dropped == 100 - len(arrived)
    assert max(at - n * 0.02 for at, n in arrived) <= 0.61


@pytest.mark.parametrize(("loss", "burst"), [(0.05, 1.0), (0.2, 3.0), (0.1, 8.0)])
def test_loss_has_the_share_and_the_mean_run_of_its_profile(loss: float, burst: float) -> None:
    packets = 100_000
    arrived = {n for _, n in run(Channel(profile(loss=loss, burst=burst), 28, seed=5), packets)}
    lost = [n not in arrived for n in range(packets)]
    runs = [sum(1 for _ in run) for gone, run in itertools.groupby(lost) if gone]
    assert sum(lost) / packets == pytest.approx(loss, rel=0.1)
    assert sum(runs) / len(runs) == pytest.approx(max(burst, 1 / (1 - loss)), rel=0.1)


def test_the_same_seed_makes_the_same_link() -> None:
    wild = profile(loss=0.3, jitter_ms=80)
    first, again, other = (run(Channel(wild, 28, seed), 200) for seed in (1, 1, 2))
    assert first == again != other


def test_a_change_of_profile_keeps_what_is_in_flight() -> None:
    channel = Channel(profile(delay_ms=500), 28)
    channel.send(b"slow", 0.0)
    channel.change(PERFECT)
    channel.send(b"fast", 0.1)
    assert channel.receive(0.1) == [b"fast"]
    assert channel.receive(0.5) == [b"slow"]


@pytest.mark.parametrize(
    "values", [{"loss": 1.0}, {"loss": -0.1}, {"burst": 0.5}, {"rate_bps": -1}]
)
def test_a_profile_that_cannot_be_is_refused(values: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        profile(**values)
