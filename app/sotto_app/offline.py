"""A sound file through an encoder into a .sotto file, and back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

import soundfile

from sotto_app.errors import BadRecording
from sotto_app.modes import Mode
from sotto_app.recording import Header, Reader, Writer
from sotto_app.wav import SoundFile, framed
from sotto_codecs import registry
from sotto_codecs.base import Codec, Pcm
from sotto_codecs.registry import Defaults

Progress = Callable[[float], None]  # takes seconds of sound done so far


@dataclass(frozen=True, slots=True)
class Count:
    """What a stretch of talk costs, without any header."""

    mode: str
    codec: str
    sample_rate_hz: int
    seconds: float
    frames: int
    payload_bytes: int
    payload_bps: float

    @classmethod
    def of(cls, file: Writer | Reader, samples: int) -> Self:
        header, size = file.header, file.payload_bytes
        seconds = samples / header.sample_rate_hz
        bps = round(8 * size / seconds, 1) if seconds else 0.0
        return cls(
            header.mode, header.codec, header.sample_rate_hz, seconds, file.frames, size, bps
        )


def encode(sound: SoundFile, file: BinaryIO, mode: Mode, codec: Codec, progress: Progress) -> Count:
    """All of `sound`, at the codec's rate, as a .sotto file. Raises BadSound."""
    spec, encoder, samples = codec.spec, codec.encoder(), 0
    writer = Writer(file, Header.of(mode.name, mode.settings, spec))
    for pcm, real in framed(sound.blocks(), spec):
        for frame in encoder.encode(pcm):
            writer.write(frame)
        samples += real
        progress(samples / spec.sample_rate_hz)
    for frame in encoder.flush():
        writer.write(frame)
    writer.end(samples)
    return Count.of(writer, samples)


def decode(
    file: BinaryIO, wav: Path, progress: Progress, defaults: Defaults | None = None
) -> Count:
    """All of a .sotto file as 16-bit wav at the codec's rate, as long as what was encoded; what is
    spoken anew is as long as it takes.

    Raises BadRecording, BadFrame, UnknownCodec, UnavailableCodec, BadSettings.
    """
    reader = Reader(file)
    codec = codec_of(reader.header, defaults)
    spec, ahead, written = codec.spec, codec.spec.delay_samples, 0
    with soundfile.SoundFile(
        wav, "w", spec.sample_rate_hz, spec.channels, "PCM_16", format="WAV"
    ) as out:
        for pcm in decoded(reader, codec):
            out.write(pcm[ahead:])
            written += len(pcm[ahead:])
            ahead = max(0, ahead - len(pcm))
            progress(written / spec.sample_rate_hz)
        samples = (reader.samples or 0) if spec.keeps_time else written
        if samples > written:
            raise BadRecording(f"damaged: it says {samples} samples, its frames hold {written}")
        out.truncate(samples)
    return Count.of(reader, samples)


def decoded(reader: Reader, codec: Codec) -> Iterator[Pcm]:
    """Sound of frame after frame. Raises BadRecording, BadFrame."""
    decoder = codec.decoder()
    return (decoder.decode(frame) for frame in reader)


def codec_of(header: Header, defaults: Defaults | None = None) -> Codec:
    """The codec that a file was made with. Raises BadRecording for another version of it."""
    codec = registry.load(header.codec, header.settings, defaults)
    promised = (header.codec_version, header.sample_rate_hz, header.channels)
    present = (codec.spec.version, codec.spec.sample_rate_hz, codec.spec.channels)
    if promised != present:
        words = "version {}, {} Hz, {} channels"
        this, here = words.format(*promised), words.format(*present)
        raise BadRecording(f"made with {header.codec} {this}; here it is {here}")
    return codec
