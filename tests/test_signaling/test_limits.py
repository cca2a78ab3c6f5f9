import pytest

from sotto_signaling.errors import Code, SignalingError
from sotto_signaling.limits import Tally, TokenBucket, address_key


def taken(bucket: TokenBucket, tries: int, now: float) -> int:
    bucket.refill(now)
    return sum(bucket.take() for _ in range(tries))


def test_a_bucket_gives_its_burst_then_its_rate() -> None:
    bucket = TokenBucket(rate_per_s=30, burst=100, filled_at=0.0)
    assert taken(bucket, 1000, now=0.0) == 100
    assert taken(bucket, 1000, now=1.0) == 30
    assert taken(bucket, 1000, now=1.5) == 15
    assert taken(bucket, 1000, now=1000.0) == 100  # and does not save up


def test_a_tally_refuses_by_address_then_in_all_and_forgets_what_is_gone() -> None:
    tally = Tally("rooms", Code.TOO_MANY_ROOMS, per_address=2, total=3)
    for address in ("a", "a", "b"):
        tally.add(address)
    with pytest.raises(SignalingError) as by_address:
        tally.add("a")
    with pytest.raises(SignalingError) as in_all:
        tally.add("b")
    assert by_address.value.code is Code.TOO_MANY_ROOMS
    assert "2 rooms" in by_address.value.sentence
    assert in_all.value.code is Code.SERVER_FULL
    tally.remove("a")
    tally.add("a")
    assert tally.total == 3


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("a proxy's nonsense", "a proxy's nonsense"),
    ],
)
def test_address_key(address: str, key: str) -> None:
    assert address_key(address) == key
