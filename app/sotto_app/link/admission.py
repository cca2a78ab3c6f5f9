"""Whether one more call fits on a link: a new call is refused before all collapse.

A budget is of one direction, and a call has one talker in each. Where both directions share the
line (a radio), half of the budget is each one's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sotto_app.link.budget import LINE_S, WINDOW_S
from sotto_app.link.packing import Bounds, Share, bundles_in_window, leanest_frames, usable_bps
from sotto_app.link.tariff import KIND_BYTES, Toll, wrap_bytes

MOST_CALLS = 255  # the talker's number in a TALKER chunk is a byte


@dataclass(frozen=True, slots=True)
class Verdict:
    """`calls` are on the link now, `most` would fit, were the others like the candidate."""

    admitted: bool
    calls: int
    most: int
    words: str


def fits(calls: Sequence[Bounds], candidate: Bounds, budget_bps: float, toll: Toll) -> Verdict:
    """Whether the candidate may start beside these calls; a budget of 0 is no limit."""
    count, most = len(calls), len(calls)
    together = list(calls)
    while most < MOST_CALLS and _hold([*together, candidate], budget_bps, toll):
        together.append(candidate)
        most += 1
    if most > count:
        return Verdict(True, count, most, f"call {count + 1} of {most}")
    if count:
        return Verdict(False, count, most, f"the link is full: {count} of {most} calls")
    needed_bps = busiest_bps([candidate], toll)
    words = f"{needed_bps / 1000:.1f} kbit/s are needed, {budget_bps / 1000:.1f} are allowed"
    return Verdict(False, 0, 0, f"the link is too thin for this mode: {words}")


def busiest_bps(calls: Sequence[Bounds], toll: Toll) -> float:
    """The most in any 5 s while all talk, in their leanest bundles. On a full link what waits
    travels together: in as few datagrams as the shortest bundles take, or as the line limits.
    """
    inside, counts = 0.0, []
    for call in calls:
        speech = call.speech(leanest_frames(call, Share(0.0, toll)))
        chunk = KIND_BYTES + speech.bundle_bytes
        wrap = wrap_bytes(chunk) if len(calls) > 1 else 0
        counts.append(bundles_in_window(speech.bundle_s))
        inside += counts[-1] * (wrap + chunk)
    datagrams = max(max(counts), min(sum(counts), round(WINDOW_S / LINE_S)))
    window_bytes = inside * (1 + toll.escaped) + datagrams * toll.datagram_bytes(0)
    return window_bytes * 8 / WINDOW_S


def _hold(calls: Sequence[Bounds], budget_bps: float, toll: Toll) -> bool:
    return not budget_bps or busiest_bps(calls, toll) <= usable_bps(budget_bps)
