"""What a gateway tells its own peers when the other end is another than before."""

import pytest

from sotto_app.gateway.gateway import Gateway
from sotto_app.gateway.line import ThinLine
from sotto_app.link.events import Up
from sotto_app.link.keys import Trust
from sotto_signaling.defaults import RoomDefaults
from sotto_signaling.limits import Limits
from sotto_signaling.media import NoMedia, Place
from sotto_signaling.messages import Error, Message, SetMode
from sotto_signaling.rooms import Rooms
from sotto_signaling.server import Server, ServerOptions
from tests.test_app.gateway.test_near_calls import MODES, THIN, line

UP = Up(bytes(32), Trust.PINNED, "words", bytes(8))


async def test_who_was_barred_gets_on_the_link_when_the_other_end_comes_back_with_the_same_weights(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    has_others = True
    monkeypatch.setattr(ThinLine, "bars", lambda line, mode: has_others)
    rooms = Rooms(Limits(), RoomDefaults((THIN,), ("perfect",), THIN, "perfect"))
    server, said = Server(rooms, NoMedia(), ServerOptions()), list[Message]()
    gateway = Gateway(server, MODES, line(0), 2)

    def to_page(message: Message) -> bool:
        said.append(message)
        return True

    gateway.came(Place("room", "ada", "Ada"), to_page)
    near = gateway.near_in("room")
    assert near is not None
    gateway.did("ada", SetMode(THIN))
    assert near.call is None and isinstance(said[0], Error)
    for has_others in (False, True, False):
        gateway.is_up(UP)
        assert near.fits is not has_others
    assert near.call == 0 and [type(it) for it in said] == [Error, Error]
