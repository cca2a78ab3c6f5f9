"""How long the work takes, what set-up costs and what a session needs of memory."""

import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from multiprocessing import get_context
from statistics import median

import psutil

from benchmarks.link.figures import SetUp, Speed
from benchmarks.link.wire import AROUND_S, MODE, codec2, settings
from sotto_app.link.chunks import Media, TalkerChunk, read, write
from sotto_app.link.datagram import is_set_up
from sotto_app.link.events import Bundle, Up
from sotto_app.link.hear import TalkReceiver
from sotto_app.link.profile import LinkProfile
from sotto_app.link.run import Arrivals
from sotto_app.link.sealing import Opener, Sealer
from sotto_app.link.session import ThinSession
from sotto_app.link.talk import TalkSender
from tests.test_app.link.thin_call import End, ThinCall

ROUNDS, ROUND_PACKETS = 9, 2000
SESSIONS = 200  # of which the memory is taken, two to a call, each having talked for a minute


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
                here.send_media(0, chunks, now)
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
