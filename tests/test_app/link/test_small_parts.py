"""Bundles, the meter, loss, order: the small parts of the link."""

from hypothesis import given
from hypothesis import strategies as st

from sotto_app.link.bundle import Bundler
from sotto_app.link.loss import LossMeter
from sotto_app.link.meter import Cost, Meter, cost_of
from sotto_app.link.reorder import Lost, Reorder


def test_bundles_start_small_and_grow_to_their_size() -> None:
    bundler = Bundler(3)
    bundles = [b for n in range(40) if (b := bundler.add(bytes([n]), n * 20))]
    sizes = [len(payloads) for _, payloads in bundles]
    assert sizes[:10] == [1, 1, 1, 1, 2, 2, 2, 2, 3, 3]
    assert b"".join(p for _, payloads in bundles for p in payloads) == bytes(range(sum(sizes)))
    assert all(start_ms == payloads[0][0] * 20 for start_ms, payloads in bundles)


def test_a_flushed_bundle_is_what_there_is() -> None:
    bundler = Bundler(2)
    for n in range(5):  # four alone, then the first of two
        bundler.add(bytes([n]), n * 20)
    assert bundler.flush() == (80, (b"\x04",))
    assert bundler.flush() is None


def test_the_meter_counts_all_and_the_last_second() -> None:
    meter = Meter()
    for n in range(100):
        meter.add(cost_of(bytes(20), 13, 28), n * 0.1)
    assert meter.total == Cost(payload=1300, header=3500)
    assert meter.packets == 100
    recent, packets = meter.recent(9.95)
    assert packets == 10 and recent.total == 480
    assert meter.recent(60.0) == (Cost(), 0)


def test_headers_of_all_layers_are_one_kind_and_no_byte_is_left_out() -> None:
    cost = Cost(payload=1, header=2, control=4, redundancy=8, below=16, cryptography=32)
    assert cost.by_kind["header"] == 18
    assert cost.total == sum(cost.by_kind.values()) == 63


def test_loss_is_the_share_of_numbers_that_never_came() -> None:
    loss = LossMeter()
    for n in range(65_500, 65_700):
        if n % 5:
            loss.add(n % 65_536, n * 0.02)
    assert 0.18 < loss.share(65_700 * 0.02) < 0.22
    assert loss.share(1e6) == 0.0


def test_another_talker_is_no_loss() -> None:
    loss = LossMeter()
    for n in (*range(5000, 5050), *range(50)):
        loss.add(n, 1.0)
    assert loss.share(1.0) == 0.0


@given(st.permutations(range(12)))
def test_order_whatever_comes_is_never_twice_and_never_backwards(order: list[int]) -> None:
    reorder = Reorder[int]()
    out = [item for n in [0, *(n + 1 for n in order)] for item in reorder.push(n, n)]
    out += reorder.give_up()
    numbers = [item for item in out if not isinstance(item, Lost)]
    assert numbers == sorted(set(numbers))
