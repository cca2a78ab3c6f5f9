"""Which modes fit a link that was probed, how they would be packed, and which one to take."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sotto_app.link.admission import busiest_bps, fits
from sotto_app.link.packing import (
    CONTROL_SHARE,
    LEAST_CONTROL_BPS,
    Bounds,
    Choice,
    Share,
    choose,
    usable_bps,
)
from sotto_app.link.prober import Measured
from sotto_app.link.redundancy import Redundancy
from sotto_app.link.sounding import ENOUGH_BPS
from sotto_app.link.tariff import Toll

BUDGET_SHARE = 0.9  # of the rate: a line that is full to the brim has a queue
PROMPT_S = 1.0  # bundles up to here are no hindrance to talk


@dataclass(frozen=True, slots=True)
class Voice:
    """A mode that can run here."""

    name: str
    bounds: Bounds
    codec_delay_s: float


@dataclass(frozen=True, slots=True)
class Link:
    """What counts of a measured link: the slower and the worse of its two directions."""

    budget_bps: float
    one_way_s: float  # of the distance alone, and its jitter
    loss: float

    @property
    def depth(self) -> int:
        """Of the redundancy that its loss asks for."""
        return Redundancy().update(self.loss, 0.0)


@dataclass(frozen=True, slots=True)
class Fit:
    """A mode on this link, both ends talking. `behind_s` is from a sound to when it is heard, but
    for the jitter buffer; `needs_bps` the rate of the thinnest link that it fits.
    """

    voice: Voice
    choice: Choice
    wanted_depth: int
    behind_s: float
    calls: int  # like this one, at once
    needs_bps: float

    @property
    def fits(self) -> bool:
        return self.calls > 0 and self.choice.fits


def link_of(measured: Measured) -> Link | None:
    """None where a rate is not known."""
    up, down = measured.up, measured.down
    if not up.rate or not down.rate:
        return None
    ping_bits = 8 * measured.ping_bytes
    least_bps = min(rate.bps * (1 - min(0.5, rate.error)) for rate in (up.rate, down.rate))
    slower_bps = min(up.rate.bps * BUDGET_SHARE, down.rate.bps * BUDGET_SHARE, least_bps)
    if up.rate.is_enough and down.rate.is_enough:
        slower_bps = ENOUGH_BPS
    distance_s = min(measured.round_trips_s) - ping_bits / up.rate.bps - ping_bits / down.rate.bps
    return Link(
        slower_bps // 10 * 10,
        max(0.0, distance_s / 2) + max(up.jitter_s, down.jitter_s),
        max(up.lost.share, down.lost.share),
    )


def fit(voice: Voice, link: Link, toll: Toll) -> Fit:
    share = Share(usable_bps(link.budget_bps), toll)
    choice = choose(voice.bounds, share, link.depth)
    calls = fits([], voice.bounds, link.budget_bps, toll).most
    busiest = busiest_bps([voice.bounds], toll)
    needs_bps = max(busiest + LEAST_CONTROL_BPS, busiest / (1 - CONTROL_SHARE)) / BUDGET_SHARE
    on_line_s = choice.wire_bps * choice.bundle_s / link.budget_bps
    behind_s = voice.codec_delay_s + choice.bundle_s + on_line_s + link.one_way_s
    return Fit(voice, choice, link.depth, behind_s, calls, needs_bps)


def best(found: Iterable[Fit]) -> Fit | None:
    """With the redundancy that is wanted, or some; soon enough to talk; then the most bits."""
    fitting: Sequence[Fit] = [it for it in found if it.fits]
    return max(fitting, key=_worth, default=None)


def _worth(it: Fit) -> tuple[bool, bool, float]:
    safe = it.choice.depth >= min(1, it.wanted_depth)
    return safe, it.choice.bundle_s <= PROMPT_S, it.voice.bounds.payload_bps
