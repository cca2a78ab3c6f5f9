"""`make bench-link`: what two gateways put on the thin link, to the byte, and how long they work.

python -m benchmarks.bench_link --quick
python -m benchmarks.bench_link --parts speed

Two real sessions over two channels in virtual time: rates are the same on every machine, and follow
from counting what the sessions hand out. Only the part `speed` looks at a real clock.
"""

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from itertools import count
from math import ceil
from multiprocessing import get_context
from pathlib import Path
from statistics import mean, median
from typing import Annotated

import psutil
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.report import Machine, now, this_machine
from sotto_app.link.chunks import Media, TalkerChunk, read, write
from sotto_app.link.datagram import is_set_up
from sotto_app.link.elsewhere import PEERS, data_channel, webrtc_audio
from sotto_app.link.events import Bundle, Up
from sotto_app.link.hear import TalkReceiver
from sotto_app.link.outgoing import LinkSettings
from sotto_app.link.profile import LinkProfile
from sotto_app.link.run import Arrivals, FrameShape
from sotto_app.link.sealing import Opener, Sealer
from sotto_app.link.session import ThinSession
from sotto_app.link.talk import TalkSender
from sotto_app.link.tariff import UDP_IPV4_BYTES, Speech, price
from sotto_app.strict_toml import build
from sotto_app.transports.base import UDP_IPV4_COST, kiss_cost
from sotto_codecs.base import CodecSpec
from sotto_codecs.registry import load
from tests.test_app.link.thin_call import End, ThinCall

RESULTS = Path(__file__).parent / "results"
LIBRARIES = ("sotto-call", "cryptography", "pycodec2")
PARTS = ("wire", "loss", "speed")
LINKS = {"UDP/IPv4": UDP_IPV4_COST, "KISS": kiss_cost()}
RATES = ("700C", "1200", "3200")
BUNDLES_S = (0.2, 0.4, 1.0, 2.0)  # to the nearest whole frame
ROWS = [*((rate, bundle_s) for rate in RATES for bundle_s in BUNDLES_S), ("700C", 1.12)]
LOSSES, BURSTS = (0.0, 0.05, 0.1, 0.2, 0.3), (1.0, 3.0)
LOSSY_RATE, LOSSY_BUNDLES_S = "700C", (0.4, 1.04)
AROUND_S = 30.0  # before anyone talks and after everyone has: set-up and last reports are over
MODE = 1
ROUNDS, ROUND_PACKETS = 9, 2000
SESSIONS = 200  # of which the memory is taken, two to a call, each having talked for a minute


@dataclass(frozen=True, slots=True)
class Targets:
    """Of the design: the first is for 700 bit/s in bundles of a second, the third for 0.4 s."""

    talking_bps: float = 1000.0
    silent_bps: float = 30.0
    kiss_ratio: float = 1.3
    packet_us: float = 50.0
    session_mb: float = 2.0
    set_up_bytes: int = 150


@dataclass(frozen=True, slots=True)
class Wire:
    """One mode in bundles of one length. Bits per second of one direction, all headers included."""

    link: str
    rate: str
    payload_bps: float
    bundle_s: float
    bundles: int  # that `talking_bps` was counted over, in each direction
    talking_bps: float  # while both talk, the mean of both directions
    listening_bps: float  # while the other end talks
    silent_bps: float  # while nobody does
    tariff_bps: tuple[float, ...]  # the same three by tariff.py's arithmetic
    delay_s: float  # from speaking a bundle's first sample to its arrival, on a link without delay
    webrtc_audio_bps: tuple[float, ...]  # the same bundles there, and what goes back meanwhile
    data_channel_bps: tuple[float, ...]

    @property
    def ratio(self) -> float:
        return self.talking_bps / self.payload_bps


@dataclass(frozen=True, slots=True)
class Loss:
    """One mode over a link that loses packets, 300 ms one way; mean of both directions."""

    bundle_s: float
    loss: float
    burst: float  # mean run of lost packets
    redundancy: bool
    frames: int
    lost: float  # share of the packets that did not arrive
    heard: float  # share of the frames that came, at once or later
    at_once: float  # in the packet that they were first sent in
    twice: int  # frames that were given more than once
    misplaced: float  # share of what came that was given a wrong media time
    talking_bps: float


@dataclass(frozen=True, slots=True)
class Speed:
    """CPU time of one core; medians and least of the rounds."""

    load_average: float
    wire_us: float  # write, seal, open, read: a packet with a bundle of 0.4 s
    wire_least_us: float
    packet_us: float  # and with the sender and the receiver of the talk
    packet_least_us: float
    session_us: float  # through two whole sessions: meters, reports, control
    session_least_us: float
    set_up_us: float  # both ends together, the words to read out included
    session_mb: float  # of memory that the process grew by, for each session


@dataclass(frozen=True, slots=True)
class SetUp:
    """Over UDP and a link of 600 ms one way. Bytes without the headers below."""

    caller_up_s: float
    listener_up_s: float
    first_bundle_s: float  # until one reaches the listener that waited at the caller
    datagrams: tuple[int, ...]  # their sizes


@dataclass(frozen=True, slots=True)
class Report:
    """One run; empty or null where a part was not asked for."""

    started: str  # ISO 8601, UTC
    machine: Machine
    targets: Targets
    load_average_before: float
    load_average_after: float
    minutes: float  # of talk, in each phase of each row
    lxst_bps: tuple[float, ...]  # at 700 bit/s, least and most
    wires: tuple[Wire, ...]
    losses: tuple[Loss, ...]
    set_up: SetUp | None
    speed: Speed | None

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")

    @staticmethod
    def read(path: Path) -> "Report":
        """Raises OSError, ValueError, SettingsError for what is no report of this shape."""
        return build(Report, json.loads(path.read_text()), str(path))


# --- what is on the wire ------------------------------------------------------------------------


def wire(rate: str, bundle_s: float, link: str, minutes: float) -> Wire:
    """Both talk, then the caller alone, then nobody. The listener begins a third of a bundle after
    the caller, for what answers a bundle waits longer or shorter for the next one back."""
    spec, cost = codec2(rate), LINKS[link]
    frames = max(1, int(bundle_s / spec.frame_s + 0.5))
    bundle_s = frames * spec.frame_s
    bundles = ceil(minutes * 60 / bundle_s)
    talk_s = bundles * bundle_s
    call = ThinCall(settings=settings(spec, link))
    starts_s = (AROUND_S, AROUND_S + bundle_s / 3)
    one_s = AROUND_S + talk_s + AROUND_S / 2
    end_s = AROUND_S + 2 * talk_s
    nobody_s = end_s + AROUND_S
    just = 1e-6  # a bundle goes when it ends
    call.talk(call.caller, starts_s[0], end_s + just, MODE, frames)
    call.talk(call.listener, starts_s[1], starts_s[1] + talk_s + just, MODE, frames)
    call.run(nobody_s + talk_s)

    def bps(end: End, from_s: float, to_s: float) -> float:
        went = [data for at, data in end.sent if from_s + just < at <= to_s + just]
        return sum(8 * (len(data) + cost.below(data)) for data in went) / (to_s - from_s)

    both = [bps(end, at, at + talk_s) for end, at in zip(call.ends, starts_s, strict=True)]
    speech = Speech(spec.payload_bps, bundle_s)
    table, audio, channel = price(speech, cost.toll), webrtc_audio(speech), data_channel(speech)
    return Wire(
        link=link,
        rate=rate,
        payload_bps=spec.payload_bps,
        bundle_s=bundle_s,
        bundles=bundles,
        talking_bps=mean(both),
        listening_bps=bps(call.listener, one_s, end_s),
        silent_bps=mean(bps(end, nobody_s, nobody_s + talk_s) for end in call.ends),
        tariff_bps=(table.talking_bps, table.listening_bps, table.silent_bps),
        delay_s=longest_wait_s(call.listener, AROUND_S),
        webrtc_audio_bps=(audio.there_bps, audio.back_bps),
        data_channel_bps=(channel.there_bps, channel.back_bps),
    )


def longest_wait_s(end: End, from_s: float) -> float:
    came = [(at, event) for at, event in end.events if isinstance(event, Bundle)]
    return max(at - from_s - bundle.start_ms / 1000 for at, bundle in came)


def codec2(rate: str) -> CodecSpec:
    return load("codec2", {"rate": rate}).spec


def settings(spec: CodecSpec, link: str = "UDP/IPv4") -> LinkSettings:
    cost, shape = LINKS[link], FrameShape(spec.frame_bytes, 1000 * spec.frame_s)
    return LinkSettings({MODE: shape}, keepalive_s=cost.keepalive_s, below=cost.below)


# --- what loss does -----------------------------------------------------------------------------


def lossy(bundle_s: float, link: LinkProfile, redundancy: bool, minutes: float) -> Loss:
    """Both talk all the time. The reports that redundancy follows are lost like all else."""
    spec = codec2(LOSSY_RATE)
    frame_ms, frames = round(1000 * spec.frame_s), round(bundle_s / spec.frame_s)
    call = ThinCall(link, settings=settings(spec))
    to_s = AROUND_S + ceil(minutes * 60 / bundle_s) * bundle_s + 1e-6
    said, came = [], Counter[str]()
    for end in call.ends:
        end.session.most_depth = 3 if redundancy else 0
        said.append(call.talk(end, AROUND_S, to_s, MODE, frames))
    call.run(to_s + 5)
    for there, end in zip(said, call.ends[::-1], strict=True):
        came += _came(there, end.got(Bundle), frame_ms)
    spoken, packets = sum(map(len, said)), sum(len(end.sent) for end in call.ends)
    sizes = [UDP_IPV4_BYTES + len(it) for end in call.ends for at, it in end.sent if at > AROUND_S]
    return Loss(
        bundle_s=bundle_s,
        loss=link.loss,
        burst=link.burst,
        redundancy=redundancy,
        frames=spoken,
        lost=sum(end.channel.dropped for end in call.ends) / packets,
        heard=came["heard"] / spoken,
        at_once=came["at once"] / spoken,
        twice=came["twice"],
        misplaced=came["misplaced"] / max(1, came["heard"]),
        talking_bps=8 * sum(sizes) / 2 / (to_s - AROUND_S),
    )


def _came(said: list[bytes], bundles: Iterable[Bundle], frame_ms: int) -> Counter[str]:
    """Each frame that was said begins with its number, so that one can be told from another."""
    came, seen = Counter[str](), set[int]()
    for bundle in bundles:
        for place, frame in enumerate(bundle.frames):
            number = int.from_bytes(frame[:3])
            assert said[number] == frame, "a frame that nobody said"
            came["twice"] += number in seen
            came["heard"] += number not in seen
            came["at once"] += not bundle.is_earlier
            came["misplaced"] += bundle.start_ms + place * frame_ms != number * frame_ms
            seen.add(number)
    return came


# --- what it takes ------------------------------------------------------------------------------


def set_up() -> SetUp:
    """The caller talks from the beginning; what is not up yet is not sent."""
    call = ThinCall(LinkProfile("slow", "", "", delay_ms=600), settings=settings(codec2("700C")))
    call.talk(call.caller, 0.0, 10.0, MODE, 1)
    call.run(20.0)
    sizes = (len(it) for end in call.ends for _, it in end.sent if is_set_up(it))
    there, here = _first_s(call.caller, Up), _first_s(call.listener, Up)
    return SetUp(there, here, _first_s(call.listener, Bundle), tuple(sizes))


def _first_s(end: End, kind: type[Up | Bundle]) -> float:
    return next(at for at, event in end.events if isinstance(event, kind))


def speed(seconds_of_talk: float) -> Speed:
    """Thread time, so that what else runs on the machine matters little."""
    load_average = os.getloadavg()[0]
    inner, outer, whole, greet = (_timed(it) for it in (_wire(), _packets(), _sessions(), _greet()))
    with ProcessPoolExecutor(1, get_context("spawn")) as fresh:
        session_mb = fresh.submit(grown_mb, SESSIONS, seconds_of_talk).result()
    return Speed(load_average, *inner, *outer, *whole, greet[0], session_mb)


def _timed(work: tuple[Callable[[], object], int]) -> tuple[float, float]:
    """Microseconds of one call, median and least of the rounds; of each round a mean."""
    act, times = work
    rounds = []
    for _ in range(ROUNDS):
        start_s = time.thread_time()
        for _ in range(times):
            act()
        rounds.append((time.thread_time() - start_s) / times * 1e6)
    return median(rounds), min(rounds)


def _wire() -> tuple[Callable[[], object], int]:
    sealer, opener = Sealer(bytes(32)), Opener(bytes(32))
    chunks = (Media(MODE, 1, bytes(35)),)
    return lambda: read(opener.open(sealer.seal(write(chunks))).plain), ROUND_PACKETS


def _packets() -> tuple[Callable[[], object], int]:
    spec = codec2("700C")
    shapes, frames, number = settings(spec).shapes, [bytes(7)] * 5, count()
    sealer, opener, arrivals = Sealer(bytes(32)), Opener(bytes(32)), Arrivals()
    sender, receiver = TalkSender(shapes, MODE, 5, 5), TalkReceiver(shapes, arrivals)

    def packet() -> None:
        start_ms = 400 * next(number)
        for place, frame in enumerate(frames):
            for chunks in sender.add(frame, start_ms + 80 * place):
                opened = opener.open(sealer.seal(write(chunks)))
                arrivals.add(opened.counter)
                inside = [it for it in read(opened.plain) if isinstance(it, TalkerChunk)]
                receiver.receive(inside, opened.counter, start_ms / 1000)

    return packet, ROUND_PACKETS


def _sessions() -> tuple[Callable[[], object], int]:
    call = ThinCall(settings=settings(codec2("700C")))
    call.run(AROUND_S)
    here, there, number = call.caller.session, call.listener.session, count()
    sender, frames = here.talk(0, MODE, 5, 5), [bytes(7)] * 5

    def packet() -> None:
        start_ms = 400 * next(number)
        now = AROUND_S + start_ms / 1000
        for place, frame in enumerate(frames):
            for chunks in sender.add(frame, start_ms + 80 * place):
                here.send_media(0, chunks)
        for one, other in ((here, there), (there, here)):
            for datagram in one.poll(now)[0]:
                other.receive(datagram, now)

    return packet, ROUND_PACKETS


def _greet() -> tuple[Callable[[], object], int]:
    def greet() -> None:
        call = ThinCall()
        call.run(0.0)
        assert call.listener.got(Up)

    return greet, ROUND_PACKETS // 100


def grown_mb(sessions_wanted: int, seconds: float) -> float:
    """For each of so many sessions that have talked for so long: what the process holds more than
    before. The channels and what they carried are gone by then."""
    own = psutil.Process()
    _talked(seconds).clear()  # what is imported and cached once
    before = own.memory_info().rss
    sessions = [session for _ in range(sessions_wanted // 2) for session in _talked(seconds)]
    return (own.memory_info().rss - before) / len(sessions) / 1e6


def _talked(seconds: float) -> list[ThinSession]:
    call = ThinCall(settings=settings(codec2("700C")))
    for end in call.ends:
        call.talk(end, 1.0, 1.0 + seconds, MODE, 5)
        call.message(end, 2.0, bytes(200))
    call.run(1.0 + seconds)
    return [end.session for end in call.ends]


# --- the command --------------------------------------------------------------------------------

MINUTES = typer.Option(help="Of talk, in virtual time, for each row and phase.", min=0.2)
ONLY = typer.Option("--parts", help="What to measure, with commas: wire, loss, speed.")
QUICK = typer.Option("--quick", help="Half a minute of talk: a look, no result.")
OUT = typer.Option(help="Where the JSON goes. [default: benchmarks/results/DATE-link.json]")


def main(
    parts: Annotated[str, ONLY] = ",".join(PARTS),
    minutes: Annotated[float, MINUTES] = 10.0,
    quick: Annotated[bool, QUICK] = False,
    out: Annotated[Path | None, OUT] = None,
) -> None:
    """Count what the thin link carries, with and without loss, and time the work."""
    wanted, minutes = parts.split(","), 0.5 if quick else minutes
    if unknown := set(wanted) - set(PARTS):
        raise typer.BadParameter(f"there is no part {unknown.pop()!r}, only {', '.join(PARTS)}")
    started, load_before = now(), os.getloadavg()[0]
    cells = [(rate, bundle_s, link) for link in LINKS for rate, bundle_s in ROWS]
    weathers = [
        (bundle_s, LinkProfile("lossy", "", "", delay_ms=300, loss=loss, burst=burst), redundancy)
        for bundle_s in LOSSY_BUNDLES_S
        for burst in BURSTS
        for loss in LOSSES
        for redundancy in (False, True)
        if loss or burst == 1
    ]
    console = Console()
    report = Report(
        started=started,
        machine=this_machine(None, LIBRARIES),
        targets=Targets(),
        minutes=minutes,
        lxst_bps=(PEERS["LXST"].least_bps, PEERS["LXST"].most_bps),
        wires=tuple(
            wire(*cell, minutes)
            for cell in track(cells if "wire" in wanted else [], "wire", console=console)
        ),
        losses=tuple(
            lossy(*weather, minutes)
            for weather in track(weathers if "loss" in wanted else [], "loss", console=console)
        ),
        set_up=set_up() if "speed" in wanted else None,
        speed=speed(minutes * 6) if "speed" in wanted else None,
        load_average_before=load_before,
        load_average_after=os.getloadavg()[0],
    )
    path = out or RESULTS / f"{started[:10]}-link.json"
    report.write(path)
    show(report, console)
    console.print(f"Written to {path}")


def show(report: Report, console: Console) -> None:
    """Beside the targets, in green and red."""
    if report.wires:
        console.print(_wire_table(report), _elsewhere_table(report))
        least, most = report.lxst_bps
        console.print(f"LXST with Codec2 at 700 bit/s: {least:.0f} to {most:.0f} bit/s.")
    if report.losses:
        console.print(_loss_table(report))
    if report.speed and report.set_up:
        console.print(
            *_speed_lines(report.targets, report.speed, report.set_up), sep="\n", soft_wrap=True
        )


def _wire_table(report: Report) -> Table:
    names = ("link", "mode", "bundle s", "delay s", "both talk", "ratio", "other talks", "nobody")
    table = _table("Bits per second of one direction (by arithmetic)", names)
    most = report.targets
    for it in report.wires:
        is_second = it.link == "UDP/IPv4" and it.rate == "700C" and 1.0 <= it.bundle_s <= 1.1
        is_radio = it.link == "KISS" and it.bundle_s == 0.4
        talking = _held(it.talking_bps, most.talking_bps if is_second else None)
        table.add_row(
            it.link,
            it.rate,
            f"{it.bundle_s:.2f}",
            f"{it.delay_s:.2f}",
            f"{talking} ({it.tariff_bps[0]:.0f})",
            _held(it.ratio, most.kiss_ratio if is_radio else None, 2),
            _held(it.listening_bps, most.silent_bps, 1),
            _held(it.silent_bps, most.silent_bps, 1),
        )
    return table


def _elsewhere_table(report: Report) -> Table:
    names = ("mode", "bundle", "here", "WebRTC audio, back", "data channel, back")
    table = _table("The same bundles elsewhere: bits per second there, back", names)
    for it in (it for it in report.wires if it.link == "UDP/IPv4"):
        elsewhere = (it.webrtc_audio_bps, it.data_channel_bps)
        cells = (", ".join(f"{bps:.0f}" for bps in both) for both in elsewhere)
        table.add_row(it.rate, f"{it.bundle_s:.2f} s", f"{it.talking_bps:.0f}", *cells)
    return table


def _loss_table(report: Report) -> Table:
    names = ("bundle", "burst", "lost", "more", "heard", "at once", "bit/s", "twice", "misplaced")
    table = _table(f"{LOSSY_RATE} over UDP/IPv4 with loss, without and with redundancy", names)
    for it in report.losses:
        table.add_row(
            f"{it.bundle_s:.2f} s",
            f"{it.burst:.0f}",
            f"{100 * it.lost:.1f} %",
            "yes" if it.redundancy else "no",
            f"{100 * it.heard:.1f} %",
            f"{100 * it.at_once:.1f} %",
            f"{it.talking_bps:.0f}",
            _held(it.twice, 0),
            f"{100 * it.misplaced:.2f} %",
        )
    return table


def _table(title: str, names: Sequence[str]) -> Table:
    table = Table(title=title, box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _speed_lines(most: Targets, took: Speed, met: SetUp) -> list[str]:
    sizes = " + ".join(_held(size, most.set_up_bytes) for size in met.datagrams)
    paths = (
        ("write, seal, open, read", took.wire_us, took.wire_least_us),
        ("from frames to frames", took.packet_us, took.packet_least_us),
        ("through two whole sessions", took.session_us, took.session_least_us),
    )
    return [
        f"CPU time of a packet of 0.4 s (target {most.packet_us:.0f} us), at a load average of"
        f" {took.load_average:.1f}:",
        *(
            f"  {name:27} {_held(us, most.packet_us, 1)} us, least {least_us:.1f}"
            for name, us, least_us in paths
        ),
        f"A session takes {_held(took.session_mb, most.session_mb, 3)} MB"
        f" (target {most.session_mb:.0f}).",
        f"Set-up, 600 ms one way: {sizes} bytes; {took.set_up_us / 1000:.1f} ms of CPU at both.",
        f"  The caller is up after {met.caller_up_s:.2f} s, the listener after"
        f" {met.listener_up_s:.2f} s, the first bundle is there after {met.first_bundle_s:.2f} s.",
    ]


def _held(value: float, most: float | None, digits: int = 0) -> str:
    """A figure, coloured by whether it keeps to its target."""
    colour = "default" if most is None else "green" if value <= most else "red"
    return f"[{colour}]{value:.{digits}f}[/]"


if __name__ == "__main__":
    typer.run(main)
