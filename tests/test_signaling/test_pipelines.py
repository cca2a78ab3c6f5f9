"""What goes between a page and its pipeline: in order, and one peer's trouble to that peer."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from sotto_signaling.errors import Code, SignalingError
from sotto_signaling.media import Place, ToPage
from sotto_signaling.messages import (
    Answer,
    Candidate,
    Error,
    Leave,
    Message,
    Mute,
    Offer,
    PeerDropped,
    PeerLeft,
    Ping,
    Pong,
    SetLink,
    SetMode,
)
from tests.test_signaling.relay import LIMITS, QUICK, Client, running, until


@dataclass
class Host:
    """A media host that notes what it is asked, and does what the SDP of an offer says."""

    seen: dict[str, list[object]] = field(default_factory=lambda: defaultdict(list))
    senders: dict[str, ToPage] = field(default_factory=dict)
    down: bool = False

    async def open(self, place: Place, send: ToPage) -> None:
        self.seen[place.peer].append("open")
        self.senders[place.peer] = send

    async def handle(self, peer: str, message: Message) -> None:
        await asyncio.sleep(0)
        self.seen[peer].append(message)
        match message:
            case Offer("answer"):
                self.senders[peer](Answer("v=0"))
            case Offer("garbage"):
                raise SignalingError(Code.BAD_SDP, "This is no SDP.")
            case Offer("crash"):
                raise ZeroDivisionError("a secret of the relay")
            case Offer("hang"):
                await asyncio.Event().wait()
            case Offer("shout"):
                for _ in range(400):
                    self.senders[peer](Answer("x" * 60_000))
                    await asyncio.sleep(0)

    async def close(self, peer: str) -> None:
        self.seen[peer].append("close")

    async def shutdown(self) -> None:
        assert all(seen[-1] == "close" for seen in self.seen.values())
        self.down = True


async def test_a_pipeline_hears_all_in_order_from_open_to_close() -> None:
    host = Host()
    async with running(host) as relay:
        (ada, ada_joined), (grace, _) = await relay.call()
        said = [Offer("answer"), *(Candidate(f"candidate:{n}") for n in range(40)), Mute(True)]
        for message in said:
            await ada.say(message)
        assert await ada.hear(Answer) == Answer("v=0")
        await until(lambda: host.seen[ada_joined.peer][-1] == Mute(True))
        await ada.say(Leave())
        await until(lambda: host.seen[ada_joined.peer][-1] == "close")
        start = ["open", SetLink("perfect"), SetMode("opus-24k")]
        assert host.seen[ada_joined.peer] == [*start, *said, "close"]
    assert host.down


async def test_a_pipeline_lives_on_through_a_drop_and_answers_the_socket_that_is_there() -> None:
    host = Host()
    async with running(host) as relay:
        (ada, ada_joined), (grace, _) = await relay.call()
        ada.vanish()
        await grace.hear(PeerDropped)
        host.senders[ada_joined.peer](Answer("to nobody"))
        back = await relay.connect()
        await back.join(ada_joined.room, "Ada", ada_joined.token)
        await back.say(Offer("answer"))
        assert await back.hear(Answer) == Answer("v=0")
        assert host.seen[ada_joined.peer].count("open") == 1
        await back.say(Leave())
        await until(lambda: host.seen[ada_joined.peer][-1] == "close")
        host.senders[ada_joined.peer](Answer("after the end"))
        await back.say(Ping(1))
        assert await back.hear(Pong) == Pong(1)


@pytest.mark.parametrize(
    ("sdp", "code"),
    [("garbage", Code.BAD_SDP), ("crash", Code.INTERNAL), ("hang", Code.INTERNAL)],
)
async def test_trouble_is_told_to_its_peer_alone(
    sdp: str, code: Code, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    async with running(Host(), options=replace(QUICK, media_call_s=0.2)) as relay:
        (ada, _), (grace, _) = await relay.call()
        await ada.say(Offer(sdp))
        error = await ada.hear(Error)
        assert (error.code, error.fatal) == (code, False)
        assert "secret" not in error.message and "Traceback" not in error.message
        assert ("Traceback" in caplog.text) == (code is Code.INTERNAL)
        for client in (ada, grace):
            await client.say(Offer("answer"))
            assert await client.hear(Answer) == Answer("v=0")


async def test_a_pipeline_that_hangs_takes_so_much_and_no_more() -> None:
    async with running(Host(), options=replace(QUICK, media_call_s=1.0)) as relay:
        (ada, _), (grace, ada_joined) = await relay.call()
        await ada.say(Offer("hang"))
        for number in range(90):
            await ada.say(Candidate(f"candidate:{number}"))
        assert (await ada.hear(Error)).code is Code.RATE_LIMITED
        await grace.say(Ping(1))
        assert await grace.hear(Pong) == Pong(1)


async def test_without_media_an_offer_is_told_what_to_install() -> None:
    async with running() as relay:
        (ada, _), _ = await relay.call()
        await ada.say(Offer("v=0"))
        error = await ada.hear(Error)
        assert error.code is Code.MEDIA_UNAVAILABLE
        assert "pip install 'sotto-call[media]'" in error.message


def stop_reading(client: Client) -> Callable[[], None]:
    """Returns what hangs up."""
    connection = client.ws._response.connection  # no public way to leave a socket unread
    assert connection and isinstance(connection.transport, asyncio.Transport)
    connection.transport.pause_reading()
    return connection.transport.abort


async def test_a_socket_that_reads_nothing_is_cut_off_and_the_others_go_on() -> None:
    async with running(Host(), limits=replace(LIMITS, seat_kept_s=0)) as relay:
        (ada, ada_joined), (grace, _) = await relay.call()
        hang_up = stop_reading(ada)
        await ada.say(Offer("shout"))
        assert (await grace.hear(PeerDropped)).peer == ada_joined.peer
        assert (await grace.hear(PeerLeft)).reason == "timeout"
        await grace.say(Ping(1))
        assert await grace.hear(Pong) == Pong(1)
        hang_up()
