"""How many frames travel in one datagram: few are early, many are cheap, the budget decides."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil

from sotto_app.link.budget import WINDOW_S
from sotto_app.link.tariff import KIND_BYTES, Speech, Toll, talk_bps, upkeep_bps, wrap_bytes

ROOM_S = 10.0  # of room before bundles become shorter
CONTROL_SHARE = 0.05  # of the budget, kept for reports and text
LEAST_CONTROL_BPS = 40.0  # a report, a ping, a pong and a run mark in each 5 s


@dataclass(frozen=True, slots=True)
class Bounds:
    """A mode as packing sees it. Raises ValueError for bounds that leave nothing between them."""

    payload_bps: float
    frame_ms: float
    least_frames: int
    most_frames: int
    core: float = 1.0  # of a bundle, in redundancy

    def __post_init__(self) -> None:
        if not 1 <= self.least_frames <= self.most_frames:
            raise ValueError(f"no bundle has {self.least_frames} to {self.most_frames} frames")

    def speech(self, frames: int) -> Speech:
        return Speech(self.payload_bps, frames * self.frame_ms / 1000, self.core)


@dataclass(frozen=True, slots=True)
class Share:
    """One talker's part of a link with so many; `together` if their bundles end together."""

    bps: float
    toll: Toll
    talkers: int = 1
    together: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """`fits` is False where even the leanest bundles are too much; they are chosen then."""

    frames: int
    depth: int
    wire_bps: float
    bundle_s: float
    fits: bool

    def words(self, more_delay_s: float = 0.0) -> str:
        """For the page; `more_delay_s` is that of codec and link."""
        behind_s = self.bundle_s + more_delay_s
        return f"{self.wire_bps / 1000:.1f} kbit/s, {behind_s:.1f} s behind"


def usable_bps(budget_bps: float) -> float:
    """What all talkers may use together."""
    return budget_bps - max(LEAST_CONTROL_BPS, CONTROL_SHARE * budget_bps)


def bundles_in_window(bundle_s: float) -> int:
    """The most that any 5 s see: the budget holds for each of them, not on average."""
    return ceil(WINDOW_S / bundle_s - 1e-9)


def peak_bps(speech: Speech, share: Share, depth: int = 0) -> float:
    """The most in any 5 s, without what is kept for control."""
    datagram = talk_bps(speech, share.toll, depth) * speech.bundle_s / 8
    if share.talkers > 1:
        datagram += wrap_bytes(KIND_BYTES + speech.bundle_bytes) * (1 + share.toll.escaped)
    if share.together:
        datagram -= share.toll.datagram_bytes(0) * (1 - 1 / share.talkers)
    return datagram * 8 * bundles_in_window(speech.bundle_s) / WINDOW_S


def leanest_frames(bounds: Bounds, share: Share) -> int:
    """Of the bundles that need least: not always the longest, for whole ones are counted."""
    lengths = range(bounds.least_frames, bounds.most_frames + 1)
    return min(lengths, key=lambda frames: peak_bps(bounds.speech(frames), share))


@lru_cache(maxsize=256)
def _least_bps(bounds: Bounds, share: Share) -> float:
    """Of those bundles; asked for all who talk with every packet of each."""
    return peak_bps(bounds.speech(leanest_frames(bounds, share)), share)


def choose(bounds: Bounds, share: Share, depth: int = 0) -> Choice:
    """The shortest bundle that the share allows, with as much of the redundancy as it allows."""
    for less in range(depth, -1, -1):
        for frames in range(bounds.least_frames, bounds.most_frames + 1):
            if _fits(bounds, share, frames, less):
                return _choice(bounds, share, frames, less)
    return _choice(bounds, share, leanest_frames(bounds, share), 0)


def shares(talking: Mapping[int, Bounds], budget_bps: float, toll: Toll) -> dict[int, Share]:
    """Of all who talk, by their number: what the leanest bundles of each need, and an even part of
    what is left of the budget; where that is not enough, each as much of its need. If all have
    bundles of one kind these end together.
    """
    count = len(talking)
    together = count > 1 and len({(it.payload_bps, it.frame_ms) for it in talking.values()}) == 1
    even = Share(0.0, toll, count, together)
    needs_bps = {n: _least_bps(it, even) for n, it in talking.items()}
    usable, needed = usable_bps(budget_bps), sum(needs_bps.values())
    if needed > usable:
        return {n: replace(even, bps=usable * bps / needed) for n, bps in needs_bps.items()}
    return {n: replace(even, bps=bps + (usable - needed) / count) for n, bps in needs_bps.items()}


def frames_to_grid(frames: int, frame_ms: float, since_ms: float) -> int:
    """Of the first bundle of a run, so that it ends with those of others: bundles of one length
    that end together travel together. `since_ms`: from when one of theirs began to when its first
    frame does.
    """
    left_ms = frames * frame_ms - since_ms % (frames * frame_ms)
    return min(frames, round(left_ms / frame_ms)) or frames


class Packer:
    """Bundles of one talker: longer at once where the share is too small, shorter only after 10 s
    in which they could have been.
    """

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._frames = 0
        self._room_since_s: float | None = None
        self._needed = 0  # frames, the most since then

    def update(self, share: Share, depth: int, now: float) -> Choice:
        """The choice from now on; `depth` is the redundancy that the loss asks for."""
        wanted = choose(self._bounds, share, depth)
        kept = self._frames and _fits(self._bounds, share, self._frames, wanted.depth)
        if wanted.frames >= self._frames or not kept:
            self._set(wanted.frames)
        elif self._room_since_s is None:
            self._room_since_s, self._needed = now, wanted.frames
        else:
            self._needed = max(self._needed, wanted.frames)
            if now - self._room_since_s >= ROOM_S:
                self._set(self._needed)
        return _choice(self._bounds, share, self._frames, wanted.depth)

    def _set(self, frames: int) -> None:
        self._frames, self._room_since_s = frames, None


def _fits(bounds: Bounds, share: Share, frames: int, depth: int) -> bool:
    return peak_bps(bounds.speech(frames), share, depth) <= share.bps


def _choice(bounds: Bounds, share: Share, frames: int, depth: int) -> Choice:
    speech = bounds.speech(frames)
    wire_bps = talk_bps(speech, share.toll, depth) + upkeep_bps(speech.bundle_s)
    fits = _fits(bounds, share, frames, depth)
    return Choice(frames, depth, wire_bps, speech.bundle_s, fits)
