"""The relay's pipelines, with a gateway that writes down what it is told and when."""

import asyncio
import time
from dataclasses import dataclass, field

from sotto_app.media.far import FarPipeline
from sotto_app.media.host import PipelineHost
from sotto_app.media.told import Body
from sotto_signaling.media import Place, ToPage
from sotto_signaling.messages import Bits, FarLink, Message, Mute, SetMode, Write
from tests.test_app.media.virtual_call import CATALOGUE


@dataclass
class Diary:
    """A gateway, and the way to its far listener."""

    lines: list[str] = field(default_factory=list)

    def came(self, place: Place, send: ToPage) -> None:
        self.lines.append(f"{place.peer} came")

    def did(self, peer: str, message: Mute | SetMode) -> None:
        self.lines.append(f"{peer} did")

    def left(self, peer: str) -> None:
        self.lines.append(f"{peer} left")

    def pipeline(self, place: Place) -> FarPipeline:
        return FarPipeline(place.peer, self)

    def bits(self, peer: str, now: float) -> tuple[Bits, Bits] | None:
        return None

    def loss(self, now: float) -> float:
        return 0.0

    def far_link(self, peer: str, now: float) -> FarLink:
        return FarLink("up", None, None)

    def carry(self, datagram: bytes) -> None:
        """Nobody talks."""

    def hush(self, level: int) -> None:
        """Nor is silent."""

    def tell(self, body: Body) -> None:
        self.lines.append(body.data[1:].decode())

    def take_back(self) -> None:
        """Nor shares a voice."""

    def want_sample(self) -> None:
        """Nor has one that could."""


def no_page(message: Message) -> bool:
    return False


async def a_call_by(host: PipelineHost, peer: str) -> None:
    await host.open(Place("room", peer, "Ada"), no_page)


async def write_on_a_busy_thread(host: PipelineHost) -> None:
    host._peers["ada"].pipeline.talking.worker.post(lambda now: time.sleep(0.2))
    await host.handle("ada", Write("the last words"))


async def test_last_words_are_told_before_the_seat_is_given_up() -> None:
    host = PipelineHost(CATALOGUE)
    host.gateway = diary = Diary()
    await a_call_by(host, "ada")
    await host.open(Place("room", "grace", "Grace", far=True), no_page)
    await write_on_a_busy_thread(host)
    await host.close("ada")
    await host.shutdown()
    assert diary.lines == ["ada came", "the last words", "ada left"]


async def test_who_comes_back_at_once_does_not_find_the_own_seat_taken() -> None:
    host = PipelineHost(CATALOGUE)
    host.gateway = diary = Diary()
    await a_call_by(host, "ada")
    await write_on_a_busy_thread(host)
    closing = asyncio.create_task(host.close("ada"))
    await asyncio.sleep(0)
    await a_call_by(host, "ada again")
    await closing
    await host.shutdown()
    assert diary.lines == ["ada came", "ada left", "ada again came", "ada again left"]
