"""What a peer can be told that it did wrong, or that cannot be done.

SignalingError            carries a `Code`, a sentence, and whether the socket is closed after it
└── MessageError          the text is not a message of this protocol
"""

from enum import StrEnum


class Code(StrEnum):
    """Every error code on the wire; docs/signaling.md says what a client does with each."""

    BAD_MESSAGE = "bad-message"
    MESSAGE_TOO_LARGE = "message-too-large"
    RATE_LIMITED = "rate-limited"
    TOO_MANY_ROOMS = "too-many-rooms"
    TOO_MANY_SOCKETS = "too-many-sockets"
    SERVER_FULL = "server-full"
    LINK_FULL = "link-full"
    ROOM_UNKNOWN = "room-unknown"
    ROOM_FULL = "room-full"
    ALREADY_JOINED = "already-joined"
    NOT_JOINED = "not-joined"
    SEAT_TAKEN_OVER = "seat-taken-over"
    SILENT_SOCKET = "silent-socket"
    UNKNOWN_MODE = "unknown-mode"
    UNKNOWN_LINK = "unknown-link"
    BAD_SDP = "bad-sdp"
    BAD_CANDIDATE = "bad-candidate"
    UNEXPECTED_CANDIDATE = "unexpected-candidate"
    UNEXPECTED_ANSWER = "unexpected-answer"
    MEDIA_UNAVAILABLE = "media-unavailable"
    SHUTTING_DOWN = "shutting-down"
    INTERNAL = "internal"


class SignalingError(Exception):
    """An error that is told to one peer, and to nobody else."""

    def __init__(self, code: Code, sentence: str, *, fatal: bool = False) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.fatal = fatal


class MessageError(SignalingError):
    """The text is not a message of this protocol."""

    def __init__(self, sentence: str) -> None:
        super().__init__(Code.BAD_MESSAGE, sentence)
