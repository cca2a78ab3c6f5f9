"""What a peer is refused, in words. Each names the way on, where there is one."""

from sotto_signaling.errors import Code, SignalingError
from sotto_signaling.limits import Limits


def rate_limited(limits: Limits, *, fatal: bool) -> SignalingError:
    return SignalingError(
        Code.RATE_LIMITED,
        f"More than {limits.messages_per_s:g} messages a second: this one was dropped.",
        fatal=fatal,
    )


def too_large(limits: Limits) -> SignalingError:
    return SignalingError(
        Code.MESSAGE_TOO_LARGE, f"A message has at most {limits.message_bytes} bytes.", fatal=True
    )


def silent(limits: Limits) -> SignalingError:
    return SignalingError(
        Code.SILENT_SOCKET,
        f"Nothing was heard for {limits.silent_after_s:g} s: ping every {limits.ping_every_s} s.",
        fatal=True,
    )


def shutting_down() -> SignalingError:
    return SignalingError(
        Code.SHUTTING_DOWN, "The relay is shutting down; try again in a minute.", fatal=True
    )


def seat_taken_over() -> SignalingError:
    return SignalingError(
        Code.SEAT_TAKEN_OVER, "This call goes on in another window or connection.", fatal=True
    )


def room_unknown() -> SignalingError:
    return SignalingError(
        Code.ROOM_UNKNOWN, "There is no such room: the link is wrong, or its room is gone."
    )


def room_full(seats: int) -> SignalingError:
    return SignalingError(Code.ROOM_FULL, f"This room is full: it has {seats} people already.")


def already_joined() -> SignalingError:
    return SignalingError(
        Code.ALREADY_JOINED, "This connection has a seat already: leave it first."
    )


def not_joined(asked: str) -> SignalingError:
    return SignalingError(Code.NOT_JOINED, f"Join a room before you send {asked}.")


def unexpected_candidate() -> SignalingError:
    return SignalingError(
        Code.UNEXPECTED_CANDIDATE, "A candidate belongs to an offer: send that first."
    )
