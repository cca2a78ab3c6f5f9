"""Rooms in virtual time: who is told what, and what is kept how long."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from sotto_signaling.defaults import RoomDefaults
from sotto_signaling.errors import Code, SignalingError
from sotto_signaling.limits import Limits
from sotto_signaling.messages import (
    Candidate,
    CreateRoom,
    Error,
    IceServer,
    Join,
    Leave,
    LinkChanged,
    Message,
    ModeChanged,
    Mute,
    Offer,
    PeerDropped,
    PeerInfo,
    PeerJoined,
    PeerLeft,
    PeerMuted,
    PeerResumed,
    Ping,
    Pong,
    SetLink,
    SetMode,
    ShareVoice,
    Write,
    to_json,
)
from sotto_signaling.outputs import Close, ClosePipeline, OpenPipeline, Send, ToPipeline
from sotto_signaling.rooms import Rooms, unguessable
from tests.test_signaling.virtual import DEFAULTS, UNLIMITED, House, joined, refused, sent


def test_two_meet() -> None:
    house = House()
    room = house.room()
    ada_socket, ada = house.join(room, "  Ada\n")
    assert (ada.room, ada.resumed, ada.peers) == (room, False, [])
    assert (ada.mode, ada.link, ada.seat_kept_s, ada.ping_every_s) == ("opus-24k", "perfect", 60, 3)

    grace_socket = house.connect()
    outputs = house.say(grace_socket, Join(room, "Grace"))
    grace = joined(outputs, grace_socket)
    assert grace.peers == [PeerInfo(ada.peer, "Ada", "opus-24k", muted=False, present=True)]
    about_grace = PeerInfo(grace.peer, "Grace", "opus-24k", muted=False, present=True)
    assert outputs == [
        OpenPipeline(room, grace.peer, "Grace"),
        ToPipeline(grace.peer, SetLink("perfect")),
        ToPipeline(grace.peer, SetMode("opus-24k")),
        Send(grace_socket, grace),
        Send(ada_socket, PeerJoined(about_grace)),
    ]
    assert house.rooms.counts() == {"sockets": 2, "rooms": 1, "peers": 2}


def test_a_third_is_told_that_the_room_is_full_and_may_ask_again() -> None:
    house = House()
    (ada_socket, ada), _ = house.call()
    third = house.connect()
    assert refused(house.say(third, Join(ada.room, "Eve")), third) is Code.ROOM_FULL
    house.say(ada_socket, Leave())
    assert joined(house.say(third, Join(ada.room, "Eve")), third).resumed is False


def test_ids_and_tokens_are_long_and_never_the_same() -> None:
    made = {unguessable() for _ in range(1000)}
    assert len(made) == 1000
    assert all(len(text) * 6 >= 128 for text in made)  # 6 bits a character
    house = House()
    (_, ada), (_, grace) = house.call()
    assert len({ada.room, ada.peer, ada.token, grace.peer, grace.token}) == 5


def test_the_other_is_told_of_mute_mode_and_link_and_so_is_the_pipeline() -> None:
    house = House()
    (ada_socket, ada), (grace_socket, _) = house.call()
    table: list[tuple[Message, list[Message], list[Message]]] = [
        (Mute(True), [], [PeerMuted(ada.peer, True)]),
        (SetMode("codec2-700c"), [changed := ModeChanged(ada.peer, "codec2-700c")], [changed]),
        (SetLink("hf-radio"), [LinkChanged("hf-radio")], [LinkChanged("hf-radio")]),
        (Offer("v=0"), [], []),
        (Candidate("candidate:1"), [], []),
        (Write("fine"), [], []),
        (ShareVoice(True), [], []),
    ]
    for said, to_ada, to_grace in table:
        outputs = house.say(ada_socket, said)
        assert sent(outputs, ada_socket) == to_ada
        assert sent(outputs, grace_socket) == to_grace
        assert outputs[-1] == ToPipeline(ada.peer, said)


def test_who_comes_later_hears_of_mode_mute_and_link() -> None:
    house = House()
    room = house.room()
    ada_socket, ada = house.join(room)
    for message in (Mute(True), SetMode("codec2-700c"), SetLink("hf-radio")):
        house.say(ada_socket, message)
    grace_socket = house.connect()
    outputs = house.say(grace_socket, Join(room, "Grace"))
    grace = joined(outputs, grace_socket)
    assert (grace.mode, grace.link) == ("opus-24k", "hf-radio")
    assert grace.peers == [PeerInfo(ada.peer, "Ada", "codec2-700c", muted=True, present=True)]
    assert ToPipeline(grace.peer, SetLink("hf-radio")) in outputs


@pytest.mark.parametrize(
    ("message", "code", "says"),
    [
        (SetMode("opus-1k"), Code.UNKNOWN_MODE, "there are opus-24k, codec2-700c."),
        (SetMode("focal"), Code.UNKNOWN_MODE, "cannot run here: pip install it first"),
        (SetLink("wet-string"), Code.UNKNOWN_LINK, "there are perfect, hf-radio."),
        (Candidate("candidate:1"), Code.UNEXPECTED_CANDIDATE, "offer"),
        (Join("id-1", "Ada"), Code.ALREADY_JOINED, "seat already"),
    ],
)
def test_refused_in_a_room_to_that_peer_alone(message: Message, code: Code, says: str) -> None:
    house = House()
    (ada_socket, _), _ = house.call()
    before = house.rooms.counts()
    outputs = house.say(ada_socket, message)
    assert outputs == [Send(ada_socket, error) for error in sent(outputs, ada_socket)]
    assert refused(outputs, ada_socket) is code
    (error,) = sent(outputs, ada_socket)
    assert isinstance(error, Error) and says in error.message
    assert house.rooms.counts() == before


IN_A_ROOM = [
    Leave(),
    Offer(""),
    Candidate(""),
    Mute(True),
    SetMode("opus-24k"),
    SetLink("perfect"),
    Write("hello"),
    ShareVoice(True),
]


@pytest.mark.parametrize("text", ["", " \n", "a" * 401])
def test_a_line_that_is_empty_or_too_long_is_refused(text: str) -> None:
    house = House()
    (ada_socket, _), _ = house.call()
    assert refused(house.say(ada_socket, Write(text)), ada_socket) is Code.BAD_MESSAGE


@pytest.mark.parametrize("message", IN_A_ROOM, ids=lambda message: message.TYPE)
def test_refused_before_a_join(message: Message) -> None:
    house = House()
    socket = house.connect()
    assert refused(house.say(socket, message), socket) is Code.NOT_JOINED


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nonsense", Code.BAD_MESSAGE),
        (b"\x00\x01", Code.BAD_MESSAGE),
        ('{"type": "answer", "sdp": "v=0"}', Code.UNEXPECTED_ANSWER),
        ('{"type": "join", "room": "no-such", "name": "Ada"}', Code.ROOM_UNKNOWN),
        (to_json(Offer("x" * 65_536)), Code.MESSAGE_TOO_LARGE),
        (to_json(Offer("\N{EURO SIGN}" * 22_000)), Code.MESSAGE_TOO_LARGE),  # three bytes each
    ],
)
def test_bad_input_is_told_to_its_sender(text: str | bytes, code: Code) -> None:
    house = House()
    socket = house.connect()
    assert refused(house.rooms.received(socket, text, house.now), socket) is code


def test_two_answers_leave_the_call_as_it_is() -> None:
    house = House()
    (socket, _), _ = house.call()
    for _ in range(2):
        outputs = house.rooms.received(socket, '{"type": "answer", "sdp": ""}', house.now)
        assert refused(outputs, socket) is Code.UNEXPECTED_ANSWER
    assert house.rooms.counts()["peers"] == 2


def test_the_largest_message_that_fits_is_taken() -> None:
    house = House()
    (socket, ada), _ = house.call()
    offer = Offer("x" * (65_536 - len(to_json(Offer("")))))
    assert house.say(socket, offer) == [ToPipeline(ada.peer, offer)]


# --- drops -----------------------------------------------------------------------------------


def test_a_seat_is_kept_and_everything_with_it() -> None:
    house = House()
    (ada_socket, ada), (grace_socket, _) = house.call()
    for message in (SetMode("codec2-700c"), Mute(True), Offer("v=0")):
        house.say(ada_socket, message)
    assert house.drop(ada_socket) == [Send(grace_socket, PeerDropped(ada.peer, 60))]
    assert house.after(59, grace_socket) == []

    again = house.connect("198.51.100.9")  # another network: only the token counts
    outputs = house.say(again, Join(ada.room, "Somebody", ada.token))
    resumed = joined(outputs, again)
    assert resumed == replace(ada, resumed=True, mode="codec2-700c", peers=resumed.peers)
    assert sent(outputs, grace_socket) == [PeerResumed(ada.peer)]
    assert not any(isinstance(output, OpenPipeline | ClosePipeline) for output in outputs)
    assert house.rooms.socket_of(ada.peer) == again

    late = house.say(again, Candidate("candidate:1"))  # of the offer before the drop
    assert late == [ToPipeline(ada.peer, Candidate("candidate:1"))]
    house.drop(grace_socket)
    _, seen = house.join(ada.room, token=ada.token)
    assert [peer.present for peer in seen.peers] == [False]


def test_name_and_mute_are_kept_too() -> None:
    house = House()
    (ada_socket, ada), (grace_socket, grace) = house.call()
    house.say(ada_socket, Mute(True))
    house.drop(ada_socket)
    house.drop(grace_socket)
    house.join(ada.room, "Mallory", ada.token)
    _, back = house.join(grace.room, "", grace.token)
    assert back.peers == [PeerInfo(ada.peer, "Ada", "opus-24k", muted=True, present=True)]


def test_a_kept_seat_runs_out() -> None:
    house = House()
    (ada_socket, ada), (grace_socket, _) = house.call()
    house.drop(ada_socket)
    house.after(59, grace_socket)
    assert house.rooms.socket_of(ada.peer) is None
    outputs = house.after(1, grace_socket)
    assert outputs == [Send(grace_socket, PeerLeft(ada.peer, "timeout")), ClosePipeline(ada.peer)]
    _, newcomer = house.join(ada.room, "Ada", ada.token)
    assert (newcomer.resumed, newcomer.peer != ada.peer) == (False, True)


def test_a_page_that_goes_away_is_back_in_five_seconds_or_has_left() -> None:
    house = House()
    (ada_socket, ada), (grace_socket, _) = house.call()
    outputs = house.rooms.gone(ada_socket, house.now, page_went=True)
    assert outputs == [Send(grace_socket, PeerDropped(ada.peer, 5))]
    house.after(4, grace_socket)
    ada_socket, reloaded = house.join(ada.room, "Ada", ada.token)
    assert reloaded.resumed
    house.rooms.gone(ada_socket, house.now, page_went=True)
    house.after(4, grace_socket)
    outputs = house.after(1, grace_socket)
    assert outputs == [Send(grace_socket, PeerLeft(ada.peer, "left")), ClosePipeline(ada.peer)]


def test_a_seat_that_is_kept_is_taken() -> None:
    house = House()
    (ada_socket, ada), _ = house.call()
    house.drop(ada_socket)
    third = house.connect()
    assert refused(house.say(third, Join(ada.room, "Eve", "guess")), third) is Code.ROOM_FULL


def test_a_token_takes_over_from_a_socket_that_is_still_open() -> None:
    house = House()
    (old, ada), (grace_socket, _) = house.call()
    new = house.connect()
    outputs = house.say(new, Join(ada.room, "Ada", ada.token))
    assert refused(outputs, old) is Code.SEAT_TAKEN_OVER
    assert Close(old) in outputs
    assert joined(outputs, new).resumed
    assert sent(outputs, grace_socket) == []
    assert house.drop(old) == []  # its end is no drop any more
    assert house.rooms.received(old, to_json(Leave()), house.now) == []
    assert house.rooms.socket_of(ada.peer) == new


@pytest.mark.parametrize("token", [None, "", "wrong", "\N{SNOWMAN}"])
def test_no_token_but_the_right_one_resumes(token: str | None) -> None:
    house = House()
    room = house.room()
    socket, ada = house.join(room)
    house.drop(socket)
    _, other = house.join(room, "Ada", token)
    assert (other.resumed, other.peer != ada.peer) == (False, True)


def test_a_token_of_another_room_does_not_open_this_one() -> None:
    house = House()
    (_, ada), _ = house.call()
    _, newcomer = house.join(house.room(), "Ada", ada.token)
    assert not newcomer.resumed


# --- the end of things -----------------------------------------------------------------------


def test_leaving_gives_the_seat_back_and_keeps_the_connection() -> None:
    house = House()
    (ada_socket, ada), (grace_socket, _) = house.call()
    assert house.say(ada_socket, Leave()) == [
        Send(grace_socket, PeerLeft(ada.peer, "left")),
        ClosePipeline(ada.peer),
    ]
    assert sent(house.say(ada_socket, Ping(3)), ada_socket) == [Pong(3)]
    assert joined(house.say(ada_socket, Join(ada.room, "Ada")), ada_socket).peer != ada.peer


@pytest.mark.parametrize("seated", [False, True])
def test_a_silent_socket_is_closed(seated: bool) -> None:
    house = House()
    room = house.room()
    socket = house.join(room)[0] if seated else house.connect()
    assert house.after(7) == []
    outputs = house.after(1)
    assert refused(outputs, socket) is Code.SILENT_SOCKET
    assert house.after(59) == []  # told once
    assert house.rooms.counts()["sockets"] == 0


def test_pings_every_five_seconds_keep_a_call_for_a_day() -> None:
    house = House()
    (ada_socket, _), (grace_socket, _) = house.call()
    for minute in range(24 * 60):
        house.now += 60
        for socket in (ada_socket, grace_socket):
            assert sent(house.say(socket, Ping(minute)), socket) == [Pong(minute)]
        house.now += 5
        assert house.rooms.tick(house.now) == []


def test_an_empty_room_stays_for_an_hour_and_its_link_works_again() -> None:
    house = House()
    (ada_socket, ada), (grace_socket, _) = house.call()
    for socket in (ada_socket, grace_socket):
        house.say(socket, Leave())
    house.after(3599)
    again, _ = house.join(ada.room)
    house.say(again, Leave())
    house.after(3599)
    assert house.rooms.counts()["rooms"] == 1
    house.after(1)
    late = house.connect()
    assert refused(house.say(late, Join(ada.room, "Ada")), late) is Code.ROOM_UNKNOWN


def test_shutdown_tells_everybody_and_lets_nobody_in() -> None:
    house = House()
    (ada_socket, ada), (grace_socket, _) = house.call()
    outputs = house.rooms.shutdown(house.now)
    for socket in (ada_socket, grace_socket):
        told = [message for message in sent(outputs, socket) if isinstance(message, Error)]
        assert [error.code for error in told] == [Code.SHUTTING_DOWN]
        assert outputs.index(Send(socket, told[0])) < outputs.index(Close(socket))
    assert refused(house.rooms.connected(99, "192.0.2.1", house.now), 99) is Code.SHUTTING_DOWN
    assert house.rooms.failed(ada.peer, SignalingError(Code.INTERNAL, "."), house.now) == []


def test_what_a_pipeline_could_not_do_is_told_to_its_peer_alone() -> None:
    house = House()
    (ada_socket, ada), (grace_socket, _) = house.call()
    fault = SignalingError(Code.BAD_SDP, "This is no SDP.")
    outputs = house.rooms.failed(ada.peer, fault, house.now)
    assert outputs == [Send(ada_socket, Error(Code.BAD_SDP, "This is no SDP.", False))]
    fatal = SignalingError(Code.INTERNAL, "Broken.", fatal=True)
    outputs = house.rooms.failed(ada.peer, fatal, house.now)
    assert refused(outputs, ada_socket) is Code.INTERNAL
    assert sent(outputs, grace_socket) == [PeerDropped(ada.peer, 60)]
    assert house.rooms.failed(ada.peer, fault, house.now) == []  # nobody is there to be told


# --- limits ----------------------------------------------------------------------------------


def test_a_flood_is_dropped_then_closed_and_a_pause_forgives() -> None:
    house = House(replace(UNLIMITED, messages_per_s=30, message_burst=100, refusals=20))
    socket = house.connect()
    for rounds in range(3):
        told = [sent(house.say(socket, Ping(n)), socket)[0] for n in range(119)]
        assert told[:100] == [Pong(n) for n in range(100)], rounds
        assert [error.fatal for error in told[100:] if isinstance(error, Error)] == [False] * 19
        house.now += 100 / 30 + 0.1
    for number in range(119):
        house.say(socket, Ping(number))
    assert refused(outputs := house.say(socket, Ping(0)), socket) is Code.RATE_LIMITED
    assert Close(socket) in outputs


def test_sockets_of_an_address_are_limited_and_released() -> None:
    house = House(replace(UNLIMITED, sockets_per_address=2, sockets=3))
    first, _ = house.connect("a"), house.connect("a")
    outputs = house.rooms.connected(98, "a", house.now)
    assert refused(outputs, 98) is Code.TOO_MANY_SOCKETS
    house.connect("b")
    assert refused(house.rooms.connected(99, "b", house.now), 99) is Code.SERVER_FULL
    assert house.drop(98) == house.drop(99) == []  # they were never counted
    house.drop(first)
    house.connect("a")


def test_rooms_of_an_address_are_limited_and_released() -> None:
    house = House(replace(UNLIMITED, rooms_per_address=2, rooms=3, empty_room_kept_s=100))
    first, second = house.connect("a"), house.connect("b")
    for _ in range(2):
        house.say(first, CreateRoom())
    assert refused(house.say(first, CreateRoom()), first) is Code.TOO_MANY_ROOMS
    house.say(second, CreateRoom())
    assert refused(house.say(second, CreateRoom()), second) is Code.SERVER_FULL
    house.after(100)
    third = house.connect("a")
    for _ in range(2):
        house.say(third, CreateRoom())
    assert house.rooms.counts()["rooms"] == 2


def test_nothing_is_left_of_sockets_that_vanish_at_any_point() -> None:
    house = House(replace(Limits(), sockets_per_address=3, rooms_per_address=3))
    steps: list[Callable[[int], object]] = [
        lambda socket: None,
        lambda socket: house.say(socket, CreateRoom()),
        lambda socket: house.rooms.received(socket, "garbage", house.now),
    ]
    for number in range(200):
        socket = house.connect()
        steps[number % 3](socket)
        room = f"id-{number}"
        house.say(socket, Join(room, "Ada"))
        house.drop(socket)
        house.after(60)
        house.now += 3600
        house.rooms.tick(house.now)
        assert house.rooms.counts() == {"sockets": 0, "rooms": 0, "peers": 0}


def test_defaults_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="default mode 'x'"):
        replace(DEFAULTS, mode="x")
    with pytest.raises(ValueError, match="default link 'x'"):
        RoomDefaults(("a",), ("b",), "a", "x")


def test_ice_servers_are_asked_for_each_peer() -> None:
    asked: list[str] = []

    def ice_servers(peer: str) -> list[IceServer]:
        asked.append(peer)
        return [IceServer(["stun:192.0.2.1"])]

    defaults = replace(DEFAULTS, ice_servers=ice_servers)
    rooms = Rooms(UNLIMITED, defaults, iter(["room", "peer", "token"]).__next__)
    rooms.connected(1, "a", 0.0)
    rooms.received(1, to_json(CreateRoom()), 0.0)
    outputs = rooms.received(1, to_json(Join("room", "Ada")), 0.0)
    assert asked == ["peer"]
    assert joined(outputs, 1).ice_servers == [IceServer(["stun:192.0.2.1"])]


FAR_SOCKET = 9000


def test_a_peer_of_another_relay_sits_in_the_same_room() -> None:
    house = House()
    room = house.room()
    ada_socket, ada = house.join(room, "Ada")
    outputs = house.rooms.join_far(FAR_SOCKET, room, "Grace", house.now)
    grace = joined(outputs, FAR_SOCKET)
    assert [peer.name for peer in grace.peers] == ["Ada"]
    assert OpenPipeline(room, grace.peer, "Grace", far=True) in outputs
    about_grace = PeerInfo(grace.peer, "Grace", "opus-24k", muted=False, present=True)
    assert sent(outputs, ada_socket) == [PeerJoined(about_grace)]
    told = house.say(FAR_SOCKET, SetMode("codec2-700c"))
    assert ToPipeline(grace.peer, SetMode("codec2-700c")) in told


def test_a_far_peer_brings_its_room_along_and_need_not_ping() -> None:
    house = House()
    outputs = house.rooms.join_far(FAR_SOCKET, "made-elsewhere", "Grace", house.now)
    grace = joined(outputs, FAR_SOCKET)
    house.after(100)
    ada_socket, ada = house.join("made-elsewhere", "Ada")
    assert [peer.peer for peer in ada.peers] == [grace.peer]
    gone = house.say(FAR_SOCKET, Leave())
    assert sent(gone, ada_socket) == [PeerLeft(grace.peer, "left")]
    house.drop(FAR_SOCKET)
    house.say(ada_socket, Leave())
    house.drop(ada_socket)
    house.after(UNLIMITED.empty_room_kept_s + 1)
    assert house.rooms.counts() == {"sockets": 0, "rooms": 0, "peers": 0}


def test_a_far_peer_is_told_of_a_full_room_and_leaves_nothing() -> None:
    house = House()
    (_, ada), _ = house.call()
    before = house.rooms.counts()
    outputs = house.rooms.join_far(FAR_SOCKET, ada.room, "Eve", house.now)
    assert refused(outputs, FAR_SOCKET) is Code.ROOM_FULL
    assert Close(FAR_SOCKET) in outputs
    assert house.rooms.counts() == before
