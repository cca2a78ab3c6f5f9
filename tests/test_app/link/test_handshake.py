"""Noise XX against published vectors, and against every single flipped bit."""

from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from sotto_app.link.handshake import (
    HandshakeError,
    Initiator,
    Own,
    Responder,
    SessionKeys,
)
from sotto_app.link.keys import KeyPair


@dataclass(frozen=True)
class Vector:
    """Of one handshake: private keys in hexadecimal, and (payload, message) one after another."""

    prologue: bytes
    caller: tuple[str, str]
    listener: tuple[str, str]
    messages: tuple[tuple[str, str], ...]
    caller_sends_first: bool


# The vectors of the Go library flynn/noise, and of the Haskell library cacophony.
FLYNN = Vector(
    prologue=b"",
    caller=(bytes(range(32)).hex(), bytes(range(32, 64)).hex()),
    listener=(bytes(range(1, 33)).hex(), bytes(range(65, 97)).hex()),
    messages=(
        ("", "358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254"),
        (
            "",
            "64b101b1d0be5a8704bd078f9895001fc03e8e9f9522f188dd128d9846d48466"
            "5393019dbd6f438795da206db0886610b26108e424142c2e9b5fd1f7ea70cde8"
            "767ce62d7e3c0e9bcefe4ab872c0505b9e824df091b74ffe10a2b32809cab21f",
        ),
        (
            "",
            "e610eadc4b00c17708bf223f29a66f02342fbedf6c0044736544b9271821ae40"
            "e70144cecd9d265dffdc5bb8e051c3f83db32a425e04d8f510c58a43325fbc56",
        ),
        (
            "79656c6c6f777375626d6172696e65",
            "9ea1da1ec3bfecfffab213e537ed1791bfa887dd9c631351b3f63d6315ab9a",
        ),
        (
            "7375626d6172696e6579656c6c6f77",
            "217c5111fad7afde33bd28abaff3def88a57ab50515115d23a10f28621f842",
        ),
    ),
    caller_sends_first=True,
)
CACOPHONY = Vector(
    prologue=b"John Galt",
    caller=(
        "e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1",
        "893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a",
    ),
    listener=(
        "4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893",
        "bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b",
    ),
    messages=(
        (
            "4c756477696720766f6e204d69736573",
            "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944"
            "4c756477696720766f6e204d69736573",
        ),
        (
            "4d757272617920526f746862617264",
            "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843"
            "757117acceb05bd7a45733bc22015c97a9d0cbaf41b80446d5988ff5127235d7"
            "6b79eade70f473d6a4ef521fdcbeda5340d01e028ba793fc059f2724a83af05f"
            "12dda0448a7621a926b379a92477fd",
        ),
        (
            "462e20412e20486179656b",
            "c90f1cf77eba4e50edb038991565e36c9758943a989229b6051244dc4fbecb69"
            "46744b401af2ee1a5881b65fbb87fd07cb6a328ececc9ce6ce84c399dc332d4f"
            "d521fa4bb7f467ce909395",
        ),
        (
            "4361726c204d656e676572",
            "bc3fa77f6aca3e8466d7dc6bea10013e88a6a29add5132b461806c",
        ),
        (
            "4a65616e2d426170746973746520536179",
            "250b01074cdfe0df2ecf8ccbf1737b15a2ddb5b52fd9a396604e9c793cee3b3bb9",
        ),
        (
            "457567656e2042f6686d20766f6e2042617765726b",
            "449d4d433b3cdc3d02bf6fc881774b9df54366ebcffb9689bb13f14709822cd7ef42bcdb4d",
        ),
    ),
    caller_sends_first=False,
)


def own(keys: tuple[str, str], prologue: bytes) -> Own:
    static, ephemeral = (KeyPair(bytes.fromhex(key)) for key in keys)
    return Own(static, ephemeral, prologue)


def transport(key: bytes, number: int, plain: bytes) -> bytes:
    return AESGCM(key).encrypt(number.to_bytes(12, "big"), plain, b"")


@pytest.mark.parametrize("vector", [FLYNN, CACOPHONY], ids=["flynn", "cacophony"])
def test_every_byte_is_that_of_the_published_vector(vector: Vector) -> None:
    payloads, messages = zip(
        *[(bytes.fromhex(one), bytes.fromhex(two)) for one, two in vector.messages], strict=True
    )
    initiator = Initiator(own(vector.caller, vector.prologue), payloads[0])
    assert initiator.hello == messages[0]
    responder = Responder(own(vector.listener, vector.prologue), messages[0], payloads[1])
    assert (responder.welcome, responder.payload) == (messages[1], payloads[0])
    welcomed = initiator.read_welcome(messages[1])
    finish, keys, digest = welcomed.finish(payloads[2])
    assert (finish, welcomed.payload) == (messages[2], payloads[1])
    finished = responder.read_finish(finish)
    assert (finished.payload, finished.hash) == (payloads[2], digest)
    assert finished.keys == SessionKeys(keys.receive, keys.send)
    turns = [keys.send, keys.receive] if vector.caller_sends_first else [keys.receive, keys.send]
    for at, (payload, message) in enumerate(zip(payloads[3:], messages[3:], strict=True)):
        assert transport(turns[at % 2], at // 2, payload) == message


CALLER, LISTENER = own(CACOPHONY.caller, b"x"), own(CACOPHONY.listener, b"x")


def test_each_end_learns_the_other_ones_key() -> None:
    initiator = Initiator(CALLER)
    responder = Responder(LISTENER, initiator.hello, b"")
    welcomed = initiator.read_welcome(responder.welcome)
    assert welcomed.peer == LISTENER.static.public
    assert responder.read_finish(welcomed.finish(b"")[0]).peer == CALLER.static.public


def test_another_prologue_does_not_open() -> None:
    initiator = Initiator(CALLER)
    responder = Responder(own(CACOPHONY.listener, b"y"), initiator.hello, b"")
    with pytest.raises(HandshakeError):
        initiator.read_welcome(responder.welcome)


def flipped(message: bytes, bit: int) -> bytes:
    return (int.from_bytes(message, "big") ^ 1 << bit).to_bytes(len(message), "big")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_flipped_bit_anywhere_is_refused_and_the_right_message_still_opens(
    data: st.DataObject,
) -> None:
    initiator = Initiator(CALLER, bytes(8))
    # The top bit of an X25519 public key is ignored (RFC 7748 section 5), yet it is hashed.
    hello = flipped(initiator.hello, data.draw(st.integers(0, 8 * len(initiator.hello) - 1)))
    with pytest.raises(HandshakeError):
        initiator.read_welcome(Responder(LISTENER, hello, b"").welcome)
    responder = Responder(LISTENER, initiator.hello, b"payload")
    bits = st.integers(0, 8 * len(responder.welcome) - 1)
    with pytest.raises(HandshakeError):
        initiator.read_welcome(flipped(responder.welcome, data.draw(bits)))
    finish, _, _ = initiator.read_welcome(responder.welcome).finish(b"payload")
    with pytest.raises(HandshakeError):
        responder.read_finish(flipped(finish, data.draw(st.integers(0, 8 * len(finish) - 1))))
    assert responder.read_finish(finish).payload == b"payload"


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=150))
def test_any_bytes_are_refused_in_one_way(message: bytes) -> None:
    initiator = Initiator(CALLER)
    with pytest.raises(HandshakeError):
        initiator.read_welcome(message)
    with pytest.raises(HandshakeError):
        Responder(LISTENER, initiator.hello, b"").read_finish(message)


@pytest.mark.parametrize("hello", [b"", bytes(31), bytes(32), b"\x01" + bytes(31)])
def test_a_hello_that_is_no_usable_key_is_refused(hello: bytes) -> None:
    with pytest.raises(HandshakeError):
        Responder(LISTENER, hello, b"")


def test_nothing_secret_is_shown() -> None:
    initiator = Initiator(CALLER)
    responder = Responder(LISTENER, initiator.hello, b"")
    welcomed = initiator.read_welcome(responder.welcome)
    finish, keys, _ = welcomed.finish(b"")
    shown = repr([CALLER, initiator, responder, welcomed, keys, responder.read_finish(finish)])
    secrets = [keys.send, keys.receive, *(bytes.fromhex(key) for key in CACOPHONY.caller)]
    for secret in secrets:
        assert secret.hex() not in shown
        assert repr(secret)[2:-1] not in shown
