"""The .sotto file."""

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sotto_app.errors import BadRecording
from sotto_app.recording import MAGIC, VERSION, Header, Reader, Writer, varint
from sotto_codecs.base import Frame

HEADER = Header("codec2-700c", "codec2", 1, {"rate": "700C"}, 8000, 1)
FRAMES = [Frame(b"1234567", 0, 640), Frame(b"", 640, 640), Frame(b"x" * 300, 1280, 640, stream=2)]


def written(frames: list[Frame] = FRAMES, samples: int = 1800) -> bytes:
    file = io.BytesIO()
    writer = Writer(file, HEADER)
    for frame in frames:
        writer.write(frame)
    writer.end(samples)
    return file.getvalue()


def read(data: bytes) -> tuple[Reader, list[Frame]]:
    reader = Reader(io.BytesIO(data))
    return reader, list(reader)


def test_what_was_written_is_read() -> None:
    reader, frames = read(written())
    assert (reader.header, frames, reader.samples) == (HEADER, FRAMES, 1800)
    assert (reader.frames, reader.payload_bytes) == (3, 307)


def test_layout_byte_by_byte() -> None:
    """The table of docs/codecs.md, with its example."""
    text = json.dumps(
        {
            "mode": "codec2-700c",
            "codec": "codec2",
            "codec_version": 1,
            "settings": {"rate": "700C"},
            "sample_rate_hz": 8000,
            "channels": 1,
        },
        separators=(",", ":"),
    ).encode()
    head = b"SOTT" + b"\x01" + len(text).to_bytes(2) + text
    frame = bytes.fromhex("01 00 8005 8005 07") + b"1234567"
    end = bytes.fromhex("00 880e")
    assert written([Frame(b"1234567", 640, 640)], samples=1800) == head + frame + end


@given(st.integers(0, 2**63 - 1))
def test_numbers_of_any_size_come_back(value: int) -> None:
    frame = Frame(b"", value, 1)
    assert read(written([frame], samples=value))[1] == [frame]
    assert len(varint(value)) <= 9


def test_a_file_that_is_cut_off_anywhere_says_so() -> None:
    for size in range(len(written())):
        sentence = "cut off" if size >= len(MAGIC) else "this is not a .sotto file"
        with pytest.raises(BadRecording, match=sentence):
            read(written()[:size])


@given(st.binary(max_size=400), st.booleans())
def test_garbage_is_refused_in_one_line(data: bytes, framed: bool) -> None:
    start = written([])[: -len(varint(1800)) - 1] if framed else MAGIC + bytes([VERSION])
    try:
        read(start + data)
    except BadRecording as fault:
        assert "\n" not in str(fault)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"RIFF" + written()[4:], "not a .sotto file"),
        (written().replace(b"SOTT\x01", b"SOTT\x02"), "version 2; this reads version 1"),
        (written().replace(b'{"mode"', b'{"Mode"'), "header cannot be read"),
        (written().replace(b'"channels":1', b'"channels":"'), "header cannot be read"),
        (written().replace(b"8000", b'"8k"'), "sample_rate_hz in its header is not int"),
        (
            written().replace(b'"codec2-700c"', rb'"\u001b[31m."'),
            "mode in its header is not a name",
        ),
        (written() + b"!", "goes on after its end"),
        (written()[:-3] + b"\x07", "a record of kind 7"),
        (written()[:-3] + b"\x01\x00\x00\x00\xff\xff\x7f", "a frame of 2097151 bytes"),
        (written()[:-2] + b"\xff" * 9, "a number without end"),
    ],
)
def test_damage_is_named(data: bytes, sentence: str) -> None:
    with pytest.raises(BadRecording, match=sentence):
        read(data)


def test_frames_are_read_one_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "a.sotto"
    path.write_bytes(written()[:-4])
    with path.open("rb") as file:
        frames = iter(Reader(file))
        assert next(frames) == FRAMES[0]
