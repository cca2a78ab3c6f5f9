"""Where a headless peer's voice comes from and goes to: wav files, microphone, loudspeaker.

All are mono, float32, 48 kHz.
"""

import queue
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import soundfile

from sotto_app.errors import BadSound
from sotto_app.wav import SoundFile
from sotto_codecs.base import Pcm

RATE_HZ = 48_000
DEVICE_BLOCK = 480
MAX_BLOCKS = 20  # 200 ms; older sound gives way


class NoDevice(Exception):
    """A microphone or loudspeaker that cannot be used; the message is one line for the user."""


class Source(Protocol):
    """A voice to send."""

    def read(self, samples: int) -> Pcm | None:
        """The next samples, silence where they are late, None after the end."""

    def close(self) -> None: ...


class Sink(Protocol):
    """An ear."""

    def write(self, pcm: Pcm) -> None: ...
    def close(self) -> None: ...


class WavSource:
    """A whole file at any rate and number of channels. Raises BadSound."""

    def __init__(self, path: Path) -> None:
        self._pcm: Pcm = np.concatenate(list(SoundFile(path, RATE_HZ, 1).blocks()))

    def read(self, samples: int) -> Pcm | None:
        if not len(self._pcm):
            return None
        piece, self._pcm = self._pcm[:samples], self._pcm[samples:]
        return np.pad(piece, (0, samples - len(piece)))

    def close(self) -> None:
        """Nothing is open."""


class Silence:
    """A peer that only listens."""

    def read(self, samples: int) -> Pcm | None:
        return np.zeros(samples, np.float32)

    def close(self) -> None:
        """Nothing is open."""


class WavSink:
    """A 16-bit file, written as it comes. Raises BadSound."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = soundfile.SoundFile(path, "w", RATE_HZ, 1, "PCM_16")
        except soundfile.LibsndfileError as fault:
            raise BadSound(f"{path}: {fault.error_string}") from fault
        except TypeError as fault:  # how soundfile says that it does not know the name's ending
            raise BadSound(f"{path}: name it like heard.wav") from fault

    def write(self, pcm: Pcm) -> None:
        self._file.write(np.clip(pcm, -1, 1))

    def close(self) -> None:
        self._file.close()


class Nowhere:
    """A peer that only talks."""

    def write(self, pcm: Pcm) -> None:
        """Nobody listens."""

    def close(self) -> None:
        """Nothing is open."""


class Microphone:
    """The system's default microphone. Raises NoDevice."""

    def __init__(self) -> None:
        self._blocks = queue.Queue[Pcm](MAX_BLOCKS)
        self._rest: Pcm = np.zeros(0, np.float32)
        self._stream = _open_device("InputStream", self._take)

    def read(self, samples: int) -> Pcm | None:
        while len(self._rest) < samples and not self._blocks.empty():
            self._rest = np.concatenate([self._rest, self._blocks.get_nowait()])
        piece, self._rest = self._rest[:samples], self._rest[samples:]
        return np.pad(piece, (0, samples - len(piece)))

    def close(self) -> None:
        self._stream.close()

    def _take(self, pcm: Pcm, frames: int, time: object, status: object) -> None:
        _put(self._blocks, pcm[:, 0].copy())


class Loudspeaker:
    """The system's default loudspeaker. Raises NoDevice."""

    def __init__(self) -> None:
        self._blocks = queue.Queue[Pcm](MAX_BLOCKS)
        self._stream = _open_device("OutputStream", self._give)

    def write(self, pcm: Pcm) -> None:
        for at in range(0, len(pcm), DEVICE_BLOCK):
            _put(self._blocks, pcm[at : at + DEVICE_BLOCK])

    def close(self) -> None:
        self._stream.close()

    def _give(self, out: Pcm, frames: int, time: object, status: object) -> None:
        out[:] = 0 if self._blocks.empty() else self._blocks.get_nowait()[:, None]


def _open_device(kind: str, callback: Any) -> Any:
    try:
        import sounddevice
    except OSError as fault:  # sounddevice found no PortAudio
        raise NoDevice(f"{fault}; to mend it: apt-get install libportaudio2") from fault
    try:
        make = getattr(sounddevice, kind)
        stream = make(RATE_HZ, DEVICE_BLOCK, channels=1, dtype="float32", callback=callback)
        stream.start()
    except sounddevice.PortAudioError as fault:
        words = "microphone" if kind == "InputStream" else "loudspeaker"
        raise NoDevice(f"there is no {words} that can be used: {fault}") from fault
    return stream


def _put(blocks: "queue.Queue[Pcm]", pcm: Pcm) -> None:
    if blocks.full():
        blocks.get_nowait()
    blocks.put_nowait(pcm)
