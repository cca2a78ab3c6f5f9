"""Many calls through one gateway: what its process works, and what it grows by.

Both ends are whole relays, each a process of its own, with the thin link between them on real UDP
sockets. Nobody sits in their rooms: calls are said into the thin line as the rooms would, packet by
packet of the relay's own, and heard where the rooms would hear them. So WebRTC, signaling and
playout are not in these figures; Codec2 is where it is asked for.
"""

import asyncio
import os
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
import psutil
from aiohttp import web

from benchmarks.link.figures import Gateway
from benchmarks.processes import beside
from sotto_app.catalogue import load_catalogue, modes_of
from sotto_app.gateway.line import ThinLine
from sotto_app.gateway.opening import LINE
from sotto_app.gateway.said import Said
from sotto_app.link.events import Up
from sotto_app.link.session import State
from sotto_app.settings import GatewaySettings, ServerSettings
from sotto_app.web import relay
from sotto_codecs.base import Codec, Frame, Pcm
from tests.serving import free_port

MODE = "codec2-700c"
UP_WITHIN_S = 30.0
ROUNDS = 5  # that the seconds are cut into: whatever else runs slows some of them down
SETTLE_S = 3.0  # all talk, nothing counts yet
DRAINED_S = 3.0  # after the last word
LOUDNESS = 0.1


@dataclass(frozen=True, slots=True)
class Job:
    """What one end has to do."""

    gateway: GatewaySettings
    calls: int
    seconds: float
    with_codec: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one end saw. Its CPU and its datagrams are those of the seconds that count."""

    said: int  # frames, of all calls
    heard: int
    cpu_shares: tuple[float, ...]  # of one core, in each round
    grown_mb: float
    datagrams_per_s: float  # sent and received


def gateway(calls: int, budget_bps: float, with_codec: bool, seconds: float) -> Gateway:
    """All calls talk without a pause, in both directions; the figures are of the calling end."""
    load_average = os.getloadavg()[0]
    with TemporaryDirectory() as folder, ExitStack() as stack:
        jobs = _jobs(Path(folder), Job(GatewaySettings(), calls, seconds, with_codec), budget_bps)
        pipes = [stack.enter_context(beside(run, job)) for job in jobs]
        for _ in range(3):  # up, all is said, all is heard: both wait for each other
            outcomes = [pipe.recv() for pipe in pipes]
            for pipe in pipes:
                pipe.send(None)
    here, there = outcomes
    return Gateway(
        calls=calls,
        seconds=seconds,
        budget_bps=budget_bps,
        with_codec=with_codec,
        cpu_share=median(here.cpu_shares),
        cpu_least=min(here.cpu_shares),
        call_mb=here.grown_mb / calls,
        datagrams_per_s=here.datagrams_per_s,
        frames=here.said + there.said,
        lost=here.said + there.said - here.heard - there.heard,
        load_average=load_average,
    )


def _jobs(folder: Path, job: Job, budget_bps: float) -> list[Job]:
    at = f"127.0.0.1:{free_port()}"
    ends = (
        GatewaySettings(to=at, key_file=str(folder / "caller.key")),
        GatewaySettings(listen=at, key_file=str(folder / "listener.key")),
    )
    return [
        replace(
            job,
            gateway=replace(
                end,
                known_file=end.key_file.replace(".key", ".known"),
                budget_bps=budget_bps,
                calls=job.calls,
            ),
        )
        for end in ends
    ]


def run(job: Job, pipe: Pipe) -> None:
    """One end, from its start to its end."""
    asyncio.run(_run(job, pipe))


async def _run(job: Job, pipe: Pipe) -> None:
    app = relay(replace(ServerSettings(), gateway=job.gateway))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        calls = _Calls(app[LINE], job)
        await calls.are_up()
        await _meet(pipe, None)
        outcome = await _measured(calls, job)
        await _meet(pipe, None)
        await asyncio.sleep(DRAINED_S)
        await _meet(pipe, replace(outcome, said=calls.frames_said, heard=calls.frames_heard))
    finally:
        await runner.cleanup()


async def _meet(pipe: Pipe, outcome: Outcome | None) -> None:
    """Wait until the other end is here as well."""
    pipe.send(outcome)
    await asyncio.to_thread(pipe.recv)


async def _measured(calls: "_Calls", job: Job) -> Outcome:
    """Talk; what is said and heard is not complete yet."""
    own = psutil.Process()
    empty_bytes = own.memory_info().rss
    talking = asyncio.create_task(calls.talk(SETTLE_S + job.seconds))
    await asyncio.sleep(SETTLE_S)
    talked_s, datagrams = calls.talked_s, calls.datagrams
    shares = [await _cpu_share(calls, job.seconds / ROUNDS) for _ in range(ROUNDS)]
    per_s = (calls.datagrams - datagrams) / (calls.talked_s - talked_s)
    await talking
    grown_mb = (own.memory_info().rss - empty_bytes) / 1e6
    return Outcome(0, 0, tuple(shares), grown_mb, per_s)


async def _cpu_share(calls: "_Calls", seconds: float) -> float:
    """What this process works for each second of talk, also where it falls behind."""
    talked_s, cpu_s = calls.talked_s, time.process_time()
    await asyncio.sleep(seconds)
    return (time.process_time() - cpu_s) / (calls.talked_s - talked_s)


class _Calls:
    """All calls of one end, in the place of its rooms."""

    def __init__(self, line: ThinLine, job: Job) -> None:
        self.frames_said = self.frames_heard = 0
        self._up = asyncio.Event()
        self._line, self._calls = line, job.calls
        catalogue = load_catalogue(MODE, "perfect")
        mode = catalogue.modes[MODE]
        codec = modes_of(catalogue).codec(mode.wire_id)
        self._mode, self._frames, self._spec = mode.wire_id, mode.bundle_frames, codec.spec
        self._voices = [_Voice(codec, call) for call in range(job.calls)] if job.with_codec else []
        line.ear = self
        if line.state is State.UP:  # before anybody listened
            self._up.set()

    async def are_up(self) -> None:
        """Raises TimeoutError."""
        async with asyncio.timeout(UP_WITHIN_S):
            await self._up.wait()

    @property
    def talked_s(self) -> float:
        """That each call has said so far."""
        return self.frames_said * self._spec.frame_s / self._calls

    @property
    def datagrams(self) -> int:
        return self._line.traffic.sent + self._line.traffic.received

    async def talk(self, seconds: float) -> None:
        """One call after the other, evenly, as people begin at any moment."""
        loop = asyncio.get_running_loop()
        packet_s = self._frames * self._spec.frame_s
        start_s, rounds = loop.time(), int(seconds / packet_s)
        for number in range(rounds * self._calls):
            await asyncio.sleep(start_s + number * packet_s / self._calls - loop.time())
            self._say(number % self._calls, number // self._calls)

    def _say(self, call: int, number: int) -> None:
        start_ms = round(1000 * number * self._frames * self._spec.frame_s)
        payloads = tuple(self._payload(call) for _ in range(self._frames))
        self.frames_said += len(payloads)
        self._line.say(Said(call, self._mode, start_ms, payloads))

    def _payload(self, call: int) -> bytes:
        if self._voices:
            return self._voices[call].said()
        return os.urandom(self._spec.frame_bytes or 0)

    def heard(self, said: Said, now: float) -> None:
        self.frames_heard += len(said.payloads)
        if self._voices:
            for payload in said.payloads:
                self._voices[said.call].heard(payload)

    def is_up(self, up: Up) -> None:
        self._up.set()

    def is_down(self, reason: str) -> None:
        """The other end has left: it is over. Before that, frames would be lost."""

    def told(self, message: bytes) -> None:
        """Nobody tells anything."""

    def hushed(self, call: int, level: int) -> None:
        """The rooms would make noise."""


class _Voice:
    """Both halves of one call's codec. Their work does not depend on what is said: it is noise."""

    def __init__(self, codec: Codec, seed: int) -> None:
        self._encoder, self._decoder = codec.encoder(), codec.decoder()
        self._samples, self._heard = codec.spec.frame_samples, 0
        chance = np.random.default_rng(seed)
        self._pcm: Pcm = chance.normal(0, LOUDNESS, self._samples).astype(np.float32)

    def said(self) -> bytes:
        return self._encoder.encode(self._pcm)[0].payload

    def heard(self, payload: bytes) -> None:
        self._decoder.decode(Frame(payload, self._heard * self._samples, self._samples))
        self._heard += 1
