"""What loss takes and what redundancy brings back, frame by frame."""

from collections import Counter
from collections.abc import Iterable
from math import ceil

from benchmarks.link.figures import Loss
from benchmarks.link.wire import AROUND_S, MODE, codec2, settings
from sotto_app.link.events import Bundle
from sotto_app.link.profile import LinkProfile
from sotto_app.link.tariff import UDP_IPV4_BYTES
from tests.test_app.link.thin_call import ThinCall

LOSSY_RATE = "700C"


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
