"""Messages between gateways: golden bytes, and nothing but an error for what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sotto_app.gateway.crossing import (
    Ask,
    Crossing,
    CrossingError,
    Join,
    Keep,
    Known,
    Leave,
    Mode,
    Mute,
    Refuse,
    Told,
    Want,
    read,
    write,
)

GOLDEN: dict[str, Crossing] = {
    "01 03 04 726f6f6d 09 6f7075732d32346b 2d 41 6461": Join(3, "room", "opus-24k-", "Ada"),
    "02 00": Leave(0),
    "03 01 6f7075732d366b": Mode(1, "opus-6k"),
    "04 3f 01": Mute(63, True),
    "04 3f 00": Mute(63, False),
    "05 00 66756c6c": Refuse(0, "full"),
    "06 02 31a0b1": Told(2, bytes.fromhex("31a0b1")),
    "07 02 3300a0": Keep(2, bytes.fromhex("3300a0")),
    "08 02 01020304": Known(2, bytes.fromhex("01020304")),
    "09 02 01020304": Ask(2, bytes.fromhex("01020304")),
    "0a 02": Want(2),
}


@pytest.mark.parametrize(("data", "message"), GOLDEN.items())
def test_golden_bytes(data: str, message: Crossing) -> None:
    assert write(message) == bytes.fromhex(data)
    assert read(bytes.fromhex(data)) == message


@pytest.mark.parametrize(
    "data",
    [
        "",
        "01",
        "01 00",
        "01 00 05 41",
        "02 00 00",
        "04 00 02",
        "09 00",
        "02 40",
        "03 00 ff",
        "07 00",
        "08 00 010203",
    ],
)
def test_what_is_no_message(data: str) -> None:
    with pytest.raises(CrossingError):
        read(bytes.fromhex(data))


@given(st.binary(max_size=60))
def test_random_bytes_are_a_message_or_an_error(data: bytes) -> None:
    try:
        message = read(data)
    except CrossingError:
        return
    assert write(message) == data


@given(st.text(max_size=40), st.text(max_size=20), st.text(max_size=40))
def test_any_name_gets_through(room: str, mode: str, name: str) -> None:
    message = Join(0, room, mode, name)
    assert read(write(message)) == message
