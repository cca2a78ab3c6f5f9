"""Sound files in and out, block by block, at the rate and with the channels that a codec wants."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr

from sotto_app.errors import BadSound
from sotto_codecs.base import CodecSpec, Pcm

BLOCK_S = 1.0
RATES_HZ = range(1_000, 384_001)


class SoundFile:
    """A file that libsndfile reads (wav, flac, ogg), resampled and mixed for a codec."""

    def __init__(self, path: Path, rate_hz: int, channels: int) -> None:
        """Raises BadSound."""
        try:
            self._file = soundfile.SoundFile(path)
        except soundfile.LibsndfileError as fault:
            raise BadSound(f"{path}: {fault.error_string}") from fault
        if self._file.samplerate not in RATES_HZ:
            raise BadSound(f"{path}: {self._file.samplerate} samples per second")
        if self._file.frames == 0:
            raise BadSound(f"{path}: there is no sound in it")
        self._path, self._rate_hz, self._channels = path, rate_hz, channels
        self.seconds: float = self._file.frames / self._file.samplerate

    def blocks(self) -> Iterator[Pcm]:
        """About a second at a time, shape (samples,) for mono. Raises BadSound for NaN."""
        source_hz = self._file.samplerate
        resampler = soxr.ResampleStream(source_hz, self._rate_hz, self._channels, dtype="float32")
        size = round(BLOCK_S * source_hz)
        with self._file:
            while len(block := self._file.read(size, dtype="float32", always_2d=True)):
                if not np.isfinite(block).all():
                    raise BadSound(f"{self._path}: it has samples that are not finite")
                yield self._shaped(resampler.resample_chunk(self._mixed(block)))
        rest = np.zeros((0, self._channels), np.float32)
        yield self._shaped(resampler.resample_chunk(rest, last=True))

    def _mixed(self, block: Pcm) -> Pcm:
        if block.shape[1] == self._channels:
            return block
        mono: Pcm = block.mean(axis=1, keepdims=True, dtype=np.float32)
        return np.repeat(mono, self._channels, axis=1)

    def _shaped(self, block: Pcm) -> Pcm:
        return block[:, 0] if self._channels == 1 else block


def framed(blocks: Iterator[Pcm], spec: CodecSpec) -> Iterator[tuple[Pcm, int]]:
    """Whole frames and how many samples of each are not padding.

    Padding goes on until the last sample has come out of a codec that is `spec.delay_samples` late.
    """
    held = np.zeros((0, *(() if spec.channels == 1 else (spec.channels,))), np.float32)
    for block in blocks:
        held = np.concatenate([held, block])
        while len(held) >= spec.frame_samples:
            yield held[: spec.frame_samples], spec.frame_samples
            held = held[spec.frame_samples :]
    samples = len(held)
    missing = -(samples + spec.delay_samples) % spec.frame_samples + spec.delay_samples
    held = np.concatenate([held, np.zeros((missing, *held.shape[1:]), np.float32)])
    for start in range(0, len(held), spec.frame_samples):
        real = min(max(samples - start, 0), spec.frame_samples)
        yield held[start : start + spec.frame_samples], real
