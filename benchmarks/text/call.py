"""A phrase's whole way, from the microphone to the far end's ear, and what it costs on the wire.

    python -m benchmarks.text.call MANIFEST [--limit 20] [--delay 0]

CALL_SENTENCES of a speaker are one call with one talker, BETWEEN_S of quiet behind each, the voice
card agreed to. The real encoder hears them in blocks of 20 ms; what it tells crosses two real
sessions over UDP and IPv4 in virtual time; the real decoder speaks it. Times are as on a core of
its own at each end: work, in seconds of processor, begins when what it needs is there and the work
before it is done. Browsers and their jitter buffers are not in it.
"""

import argparse
import resource
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.codecs.material import Speech, recorded
from benchmarks.codecs.results import Sentence
from benchmarks.metrics.base import RATE_HZ
from benchmarks.text.words import BLOCK_SAMPLES, Clock
from sotto_app.gateway import crossing
from sotto_app.link.events import Message
from sotto_app.link.link_settings import LinkSettings
from sotto_app.link.profile import LinkProfile
from sotto_app.media.told import told
from sotto_app.modes import load_modes
from sotto_codecs.backends.stcts import Stcts
from sotto_codecs.base import Frame, Pcm
from sotto_codecs.registry import load
from sotto_codecs.text.encoding import Encoder
from sotto_codecs.text.streams import ABOUT
from tests.test_app.link.thin_call import ThinCall

MODE = "text"
CALL_SENTENCES = 5
BETWEEN_S = 0.6  # a little more than what ends a phrase
SET_UP_S = 30.0  # before anybody talks
LAST_S = 10.0  # for the last acknowledgement
QUIET = 0.02  # below it nothing of a phrase is heard yet


@dataclass(frozen=True, slots=True)
class Sent:
    """A frame, when it leaves the encoder, and when what it stands for had been said."""

    at_s: float
    said_s: float
    frame: Frame


@dataclass(frozen=True, eq=False, slots=True)
class Heard:
    """A phrase at the far end, on the talker's clock."""

    said_s: float
    ready_s: float  # its sound might start
    starts_s: float  # and does, for the phrase before it is still being spoken
    pcm: Pcm


@dataclass(frozen=True, eq=False, slots=True)
class Journey:
    """One call with one talker."""

    seconds: float  # from the first sample to the last
    there_bytes: int  # all headers included
    back_bytes: int  # acknowledgements, reports
    payload_bytes: int
    phrases: tuple[Heard, ...]
    sounds: tuple[Pcm, ...]  # what is heard of each sentence


@dataclass(frozen=True, slots=True)
class Row:
    """Of all calls together."""

    seconds: float
    phrases: int
    payload_bps: float
    there_bps: float
    back_bps: float
    ready_s: float  # from the end of a phrase until its sound can start; median
    ready_p90_s: float
    starts_s: float  # until it does, behind the phrase before it; median

    @property
    def all_bps(self) -> float:
        """Both directions."""
        return self.there_bps + self.back_bps


def calls(speech: Speech, limit: int | None) -> list[list[Sentence]]:
    """So many sentences in all, about, of speakers from the whole list."""
    groups = groupby(speech.material.sentences, key=lambda it: it.speaker)
    by_speaker = [list(sentences)[:CALL_SENTENCES] for _, sentences in groups]
    count = len(by_speaker) if limit is None else max(1, limit // CALL_SENTENCES)
    return by_speaker[:: max(1, round(len(by_speaker) / count))]


def journeys(
    speech: Speech, wanted: Iterable[Sequence[Sentence]], delay_ms: float = 0
) -> Iterator[Journey]:
    """Of each call. Raises UnavailableCodec where the default engines are missing."""
    codec = load("stcts", {"prosody": "sparse"})
    assert isinstance(codec, Stcts)
    for sentences in wanted:
        yield journey(codec, speech, sentences, LinkProfile("", "", "", delay_ms=delay_ms))


def journey(
    codec: Stcts, speech: Speech, sentences: Sequence[Sentence], link: LinkProfile
) -> Journey:
    quiet = np.zeros(round(BETWEEN_S * RATE_HZ), np.float32)
    sounds = [np.concatenate([speech.sounds[it.id], quiet]) for it in sentences]
    ends_s = np.cumsum([len(sound) for sound in sounds]) / RATE_HZ
    sent = list(encoded(codec, np.concatenate(sounds)))
    call, came_s = carried(sent, float(ends_s[-1]), link)
    phrases = tuple(spoken(codec, sent, came_s))
    places = [int(np.searchsorted(ends_s, it.said_s)) for it in phrases]
    heard = [
        [it.pcm for it, at in zip(phrases, places, strict=True) if at == place]
        for place in range(len(sentences))
    ]
    until_s = SET_UP_S + float(ends_s[-1]) + LAST_S
    return Journey(
        float(ends_s[-1]),
        call.caller.bytes_between(SET_UP_S, until_s),
        call.listener.bytes_between(SET_UP_S, until_s),
        sum(len(it.frame.payload) for it in sent),
        phrases,
        tuple(np.concatenate([quiet, *pieces, quiet]) for pieces in heard),
    )


def encoded(codec: Stcts, sound: Pcm) -> Iterator[Sent]:
    encoder, clock = codec.encoder(), Clock()
    encoder.share_voice(True)
    for start in range(0, len(sound) - BLOCK_SAMPLES + 1, BLOCK_SAMPLES):
        yield from _heard(encoder, sound[start : start + BLOCK_SAMPLES], clock)
    began_s = worked_s()
    frames = encoder.flush()
    clock.free_s += worked_s() - began_s
    yield from (_sent(frame, clock) for frame in frames)


def _heard(encoder: Encoder, block: Pcm, clock: Clock) -> Iterator[Sent]:
    began_s = worked_s()
    frames = encoder.encode(block)
    work_s = worked_s() - began_s
    clock.samples += len(block)
    clock.free_s = max(clock.free_s, clock.samples / RATE_HZ) + work_s
    return (_sent(frame, clock) for frame in frames)


def _sent(frame: Frame, clock: Clock) -> Sent:
    return Sent(clock.free_s, (frame.start_sample + frame.samples) / RATE_HZ, frame)


def carried(
    sent: Sequence[Sent], seconds: float, link: LinkProfile
) -> tuple[ThinCall, list[float]]:
    """Over a link without a budget; when each frame was there."""
    number = load_modes()[MODE].wire_id
    call = ThinCall(link, settings=LinkSettings({}))
    for it in sent:
        body = crossing.write(crossing.Told(0, told(number, it.frame).data))
        call.message(call.caller, SET_UP_S + it.at_s, body)
    call.run(SET_UP_S + seconds + LAST_S)
    came_s = [at - SET_UP_S for at, event in call.listener.events if isinstance(event, Message)]
    assert len(came_s) == len(sent), "all that is told arrives"
    return call, came_s


def spoken(codec: Stcts, sent: Sequence[Sent], came_s: Sequence[float]) -> Iterator[Heard]:
    """As the far end says it: one phrase after the other."""
    decoder, free_s, silent_s = codec.decoder(), 0.0, 0.0
    for it, at_s in zip(sent, came_s, strict=True):
        began_s = worked_s()
        pcm = decoder.decode(it.frame)
        free_s = max(free_s, at_s) + worked_s() - began_s
        if it.frame.stream == ABOUT or not len(pcm):
            continue
        lead_s = int(np.argmax(np.abs(pcm) > QUIET)) / RATE_HZ
        begins_s = max(free_s, silent_s)
        silent_s = begins_s + len(pcm) / RATE_HZ
        yield Heard(it.said_s, free_s + lead_s, begins_s + lead_s, pcm)


def worked_s() -> float:
    """Seconds of processor, of this process and of those that it has waited for."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(it.ru_utime + it.ru_stime for it in used)


def row(found: Sequence[Journey]) -> Row:
    seconds = sum(it.seconds for it in found)
    phrases = [phrase for call in found for phrase in call.phrases]
    ready_s = [it.ready_s - it.said_s for it in phrases]
    return Row(
        seconds,
        len(phrases),
        8 * sum(it.payload_bytes for it in found) / seconds,
        8 * sum(it.there_bytes for it in found) / seconds,
        8 * sum(it.back_bytes for it in found) / seconds,
        median(ready_s),
        float(np.quantile(ready_s, 0.9)),
        median(it.starts_s - it.said_s for it in phrases),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--limit", type=int, default=20)
    parser.add_argument("--delay", type=float, default=0, help="ms, one way")
    asked = parser.parse_args()
    speech = recorded(asked.manifest, 0)
    it = row(list(journeys(speech, calls(speech, asked.limit), asked.delay)))
    print(
        f"{it.phrases} phrases in {it.seconds:.0f} s: payload {it.payload_bps:.0f} bit/s, on the"
        f" wire {it.there_bps:.0f} there and {it.back_bps:.0f} back, {it.all_bps:.0f} in all; sound"
        f" is ready {it.ready_s:.2f} s after a phrase's end (nine of ten: {it.ready_p90_s:.2f}) and"
        f" starts, behind the phrase before it, after {it.starts_s:.2f} s"
    )


if __name__ == "__main__":
    main()
