"""What a call is told that it costs."""

from sotto_app.gateway.bill import Bill
from sotto_app.link.meter import Cost, Meter
from sotto_signaling.messages import Bits


def meters() -> tuple[Meter, Meter]:
    return Meter(window_s=4.0), Meter(window_s=4.0)


def test_every_byte_is_of_one_kind() -> None:
    sent, received = meters()
    bill = Bill(sent, received, 0.0)
    sent.add(Cost(payload=100, header=2, control=3, redundancy=50, below=28, cryptography=8), 1.0)
    out, back = bill.bits(2.0)
    assert out == Bits(
        payload_bps=200.0,
        header_bps=60.0,  # ours, and those of the layers below
        control_bps=6.0,
        redundancy_bps=100.0,
        cryptography_bps=16.0,
        packets_per_s=0.25,
        total_bytes=191,
    )
    assert back == Bits(0, 0, 0, 0, 0, 0, 0)


def test_what_went_before_the_call_is_not_on_its_bill() -> None:
    sent, received = meters()
    sent.add(Cost(below=28, cryptography=60), 0.0)
    received.add(Cost(below=28, cryptography=80), 0.0)
    bill = Bill(sent, received, 100.0)
    sent.add(Cost(payload=1000), 101.0)
    received.add(Cost(payload=10_000), 101.0)
    out, back = bill.bits(101.0)
    assert (out.total_bytes, back.total_bytes) == (1000, 10_000)


def test_the_words_are_of_both_directions_at_the_mean_rate() -> None:
    sent, received = meters()
    bill = Bill(sent, received, 100.0)
    sent.add(Cost(payload=5000), 110.0)
    received.add(Cost(payload=6000), 110.0)
    assert bill.words(104.9) is None
    assert bill.words(200.0) == (
        "11 kB so far, 0.4 MB per hour; the same call on Signal: 800 kB"  # 2 x 32 kbit/s x 100 s
    )
