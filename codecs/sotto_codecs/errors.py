"""What can go wrong in a codec, as one small tree.

CodecError
├── UnknownCodec          no back-end of that name; lists the known ones
├── UnavailableCodec      it exists but cannot run here; `remedy` is the command that mends it
│   ├── BackendUnavailable    a package or system library is missing
│   ├── WeightsMissing        trained weights are not on disk
│   ├── BadWeights            they are, but are not what their manifest says
│   └── TooSlow               all is there, but this machine cannot keep up with talk
├── BadSettings           a setting that the back-end does not know or cannot do
├── BadAudio              PCM of the wrong shape, type or with non-finite samples
├── BadFrame              bytes that are not a frame of this codec
└── Unspeakable           a synthesiser that failed on a text, or took too long
"""


class CodecError(Exception):
    """Base of all errors of the codec room."""


class UnknownCodec(CodecError):
    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(f"no codec named {name!r}; known: {', '.join(sorted(known))}")


class UnavailableCodec(CodecError):
    """The codec exists but cannot run here. `remedy` is what the user can type to mend it."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}; to mend it: {remedy}")
        self.reason = reason
        self.remedy = remedy


class BackendUnavailable(UnavailableCodec):
    """A package or a system library is missing."""


class WeightsMissing(UnavailableCodec):
    """Trained weights are not on disk."""


class BadWeights(UnavailableCodec):
    """Trained weights that are truncated, tampered with or of another version: none of it ran."""


class TooSlow(UnavailableCodec):
    """All is there, but in a call this machine would fall behind."""

    def __init__(self, name: str, factor: float, most: float) -> None:
        super().__init__(
            f"this machine is too slow for {name}: a second of talk takes it {factor:.1f} s to "
            f"code and decode, and may take {most:.1f} s",
            "pick another mode, or a faster machine for the relay",
        )


class BadSettings(CodecError):
    """A setting that the back-end does not know, or a value that it cannot do."""


class BadAudio(CodecError):
    """PCM of the wrong shape or type, or with samples that are not finite."""


class BadFrame(CodecError):
    """Bytes that are not a frame of this codec."""


class Unspeakable(CodecError):
    """A synthesiser that failed on a text, or took too long over it."""
