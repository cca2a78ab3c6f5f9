"""The thin link at work: a session, its transport, and time."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from sotto_app.gateway import crossing
from sotto_app.gateway.bill import Bill
from sotto_app.gateway.journal import Journal
from sotto_app.gateway.packed import PackedTalker
from sotto_app.gateway.said import Said
from sotto_app.link.admission import Verdict, fits
from sotto_app.link.events import Bundle, Down, Event, Message, SpurtEnd, Up
from sotto_app.link.packing import Bounds, Share, shares
from sotto_app.link.session import State, ThinSession
from sotto_app.link.setup import Reply
from sotto_app.link.tariff import Toll
from sotto_app.modes import Mode
from sotto_app.transports.base import Address, Traffic, Transport

log = logging.getLogger(__name__)

ALIKE_BYTES = 2  # of the payload of set-up: where they differ no call can cross
FIRST_DEPTH = 1  # of redundancy, until the other end has seen the link clean for a while
METER_S = 5.0  # bundles may be seconds apart


class Ear(Protocol):
    """Who is told what happens on the link."""

    def is_up(self, up: Up) -> None: ...
    def is_down(self, reason: str) -> None: ...
    def told(self, message: bytes) -> None: ...
    def heard(self, said: Said, now: float) -> None: ...
    def hushed(self, call: int, level: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Terms:
    """What the operator gives the link, and what each mode needs of it."""

    budget_bps: float
    bounds: Mapping[int, Bounds]  # by the mode's number
    payload: bytes  # of set-up: both ends' are the same where their modes and weights are


class ThinLine:
    """Used on one event loop. `run` until it is cancelled; `close` then says goodbye."""

    def __init__(self, session: ThinSession, terms: Terms) -> None:
        self.ear: Ear | None = None
        self._session, self._terms = session, terms
        self._transport: Transport | None = None
        self._peer: Address | None = None
        self._talkers: dict[int, PackedTalker] = {}
        self._wake = asyncio.Event()
        self._journal, self._agrees = Journal(), False
        self._has_other_weights = False  # the far end, for modes where that is up to it
        self._since_s = 0.0  # when who talks began, if nobody did: all bundles keep to its grid
        session.sent.window_s = session.received.window_s = METER_S

    def use(self, transport: Transport) -> None:
        """From now on; before `run`."""
        self._transport = transport

    # --- its figures, to be read only --------------------------------------------------------

    @property
    def session(self) -> ThinSession:
        return self._session

    @property
    def traffic(self) -> Traffic:
        """What the transport has carried."""
        assert self._transport is not None
        return self._transport.traffic

    # --- what the gateway asks ---------------------------------------------------------------

    @property
    def state(self) -> State:
        return self._session.state

    @property
    def round_trip_s(self) -> float | None:
        return self._session.rtt_s

    def loss(self, now: float) -> float:
        return self._session.loss(now)

    def tell(self, message: bytes, waits: bool = False) -> None:
        """One that `waits` delays none of the others."""
        self._session.send_message(message, _now(), waits)
        self._wake.set()

    def take_back(self, call: int) -> None:
        """What of a call still waits does not go any more."""
        self._session.take_back(lambda message: crossing.call_of(message) == call)

    def say(self, said: Said) -> None:
        now = _now()
        if said.call not in self._talkers:
            self._talkers[said.call] = PackedTalker(said.call, self._session, self._terms.bounds)
        talker = self._talkers[said.call]
        others = [it for it in self._talkers.values() if it.is_talking and it is not talker]
        if not others and not talker.is_talking:
            self._since_s = now
        talker.say(said, self._share(said), self._since_s, now)
        self._wake.set()

    def fits(self, others: Iterable[int], mode: int) -> Verdict:
        """Whether one more may talk in this mode beside those."""
        bounds = self._terms.bounds
        calls = [bounds[other] for other in others]
        return fits(calls, bounds[mode], self._terms.budget_bps, self._toll)

    def bars(self, mode: Mode) -> bool:
        """Its bits mean something else at the far end."""
        return self._has_other_weights and mode.has_own_weights

    def hush(self, call: int, level: int) -> None:
        """Who talks has stopped, with a background of so many -dBov."""
        if talker := self._talkers.get(call):
            talker.end(level, _now())
            self._wake.set()

    def hang_up(self, call: int) -> None:
        if talker := self._talkers.pop(call, None):
            talker.hang_up()

    def open_bill(self, now: float) -> Bill:
        return Bill(self._session.sent, self._session.received, now)

    def words(self, call: int) -> str | None:
        """How this call is packed: "0.9 kbit/s, 0.9 s behind"."""
        choice = self._talkers[call].choice if call in self._talkers else None
        return choice.words((self._session.rtt_s or 0.0) / 2) if choice else None

    # --- time and datagrams --------------------------------------------------------------------

    async def run(self) -> None:
        while True:
            self._wake.clear()
            self._go_on(_now())
            due_s = self._due_s
            wait_s = None if due_s is None else max(0.0, due_s - _now())
            try:
                async with asyncio.timeout(wait_s):
                    await self._wake.wait()
            except TimeoutError:
                pass

    def receive(self, datagram: bytes, sender: Address | None) -> None:
        """For the transport."""
        before = self._session.authentic
        events = self._session.receive(datagram, _now())
        if self._session.authentic > before:
            self._peer = sender
        self._handle(events, sender)
        self._wake.set()

    async def close(self) -> None:
        if self._transport:
            self._send(self._session.close(_now()))
            await self._transport.close()

    def _go_on(self, now: float) -> None:
        for talker in self._talkers.values():
            talker.hush(now)
        datagrams, events = self._session.poll(now)
        self._send(datagrams)
        self._handle(events, None)

    @property
    def _due_s(self) -> float | None:
        due_s = [
            self._session.due_s,
            *(talker.hushed_at for talker in self._talkers.values()),
        ]
        return min((at for at in due_s if at is not None), default=None)

    def _send(self, datagrams: Iterable[bytes], to: Address | None = None) -> None:
        assert self._transport is not None
        for datagram in datagrams:
            self._transport.send(datagram, to or self._peer)

    def _handle(self, events: Iterable[Event], sender: Address | None) -> None:
        for event in events:
            match event:
                case Reply(datagram):
                    self._send([datagram], sender)
                case Bundle(talker, mode, start_ms, frames, is_earlier):
                    if self.ear and self._agrees:
                        said = Said(talker, mode, round(start_ms), frames, is_earlier)
                        self.ear.heard(said, _now())
                case SpurtEnd(talker, level):
                    if self.ear and self._agrees:
                        self.ear.hushed(talker, level)
                case Message(body):
                    if self.ear and self._agrees:
                        self.ear.told(body)
                case _:
                    self._note(event)

    def _note(self, event: Event) -> None:
        """What happens seldom."""
        self._journal.note(event, _now())
        match event:
            case Up(payload=payload):
                ours = self._terms.payload
                self._agrees = payload[:ALIKE_BYTES] == ours[:ALIKE_BYTES]
                self._has_other_weights = payload != ours
                if not self._agrees:
                    log.error("the two relays have different modes or codecs: no call can cross")
                elif self.ear:
                    self.ear.is_up(event)
            case Down(reason) if self.ear:
                self.ear.is_down(reason)

    def _share(self, said: Said) -> Share:
        """Of the budget, for this talker beside all who talk now."""
        bounds = self._terms.bounds
        talking = {
            call: bounds[it.mode]
            for call, it in self._talkers.items()
            if it.is_talking and it.mode is not None
        }
        talking[said.call] = bounds[said.mode]
        return shares(talking, self._terms.budget_bps, self._toll)[said.call]

    @property
    def _toll(self) -> Toll:
        assert self._transport is not None
        return self._transport.cost.toll


def _now() -> float:
    return asyncio.get_running_loop().time()
