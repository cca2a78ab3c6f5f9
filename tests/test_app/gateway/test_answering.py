"""A listening port that answers probes, and a probe of it, on real sockets."""

from sotto_app.gateway.answering import open_answering
from sotto_app.gateway.probing import probe
from sotto_app.link.probe import LEAST_BYTES, Answer, Ask, Unanswered, is_probe, read
from sotto_app.link.prober import Prober
from sotto_app.transports.base import Address
from sotto_app.transports.udp import open_udp
from tests.test_app.transports.catching import eventually

HERE = ("127.0.0.1", 0)


async def test_probes_are_answered_and_all_else_goes_on() -> None:
    heard, answers = list[bytes](), list[bytes]()
    port = await open_answering(lambda datagram, sender: heard.append(datagram), HERE)
    guest = await open_udp(lambda datagram, sender: answers.append(datagram), remote=port.address)
    try:
        guest.send(b"\xc9hello")
        guest.send(Ask(b"name", 4, LEAST_BYTES, 1, LEAST_BYTES).write(bytes(99)))
        guest.send(Ask(b"name", 5, LEAST_BYTES, 9, LEAST_BYTES).write(bytes(99)))
        await eventually(lambda: bool(answers and port.traffic.dropped))
        assert heard == [b"\xc9hello"]
        (answer,) = answers
        found = read(answer)
        assert is_probe(answer) and isinstance(found, Answer) and found.number == 4
        assert port.traffic.dropped == {Unanswered.GREEDY: 1}
    finally:
        await guest.close()
        await port.close()


async def test_a_probe_counts_what_the_sockets_count() -> None:
    stages = list[str]()

    def show(prober: Prober) -> None:
        stages.append(prober.stage)

    port = await open_answering(ignore, HERE)
    try:
        prober, toll = await probe(port.address, show)
    finally:
        await port.close()
    measured = prober.measured
    assert measured is not None and measured.up.rate and measured.down.rate
    assert min(measured.up.rate.bps, measured.down.rate.bps) > 50_000  # on a busy machine too
    assert list(dict.fromkeys(stages)) == [
        "looking for the other end",
        "round trip",
        "rate",
        "loss",
    ]
    assert measured.sent_bytes == port.traffic.received_bytes
    assert measured.heard_bytes == port.traffic.sent_bytes
    assert toll.below_bytes == 28


def ignore(datagram: bytes, sender: Address | None) -> None:
    raise AssertionError(f"{datagram!r} is not for the line")
