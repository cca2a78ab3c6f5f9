"""One local talker on the link: how long its bundles are, and when its talkspurt has ended."""

from collections.abc import Iterable, Mapping

from sotto_app.gateway.said import Said
from sotto_app.link.packet import MAX_FRAMES
from sotto_app.link.packing import Bounds, Choice, Packer, Share, frames_to_grid
from sotto_app.link.session import ThinSession
from sotto_app.link.talk import Packet
from sotto_codecs.base import CodecSpec

HUSHED_S = 0.4  # without a frame: the talkspurt has ended
LONGEST_S = 2.0  # of a bundle
PHRASE_S = 5.0  # what an event codec says at once, about: the longest is 6 s
LINGER_SHARE = 0.1  # of its length a bundle waits for those of others


def bounds_of(spec: CodecSpec) -> Bounds:
    """From one frame, or what an Opus packet holds, to a bundle of LONGEST_S. What is spoken anew
    comes in phrases, which nothing can bundle."""
    if not spec.keeps_time:
        phrase = round(PHRASE_S / spec.frame_s)
        return Bounds(spec.payload_bps, 1000 * spec.frame_s, phrase, phrase)
    most = max(1, min(int(LONGEST_S / spec.frame_s), 4 * MAX_FRAMES))
    core = spec.core_bytes / spec.frame_bytes if spec.core_bytes and spec.frame_bytes else 1.0
    return Bounds(spec.payload_bps, 1000 * spec.frame_s, 1, most, core)


class PackedTalker:
    """Feeds one talker's frames to the session."""

    def __init__(self, call: int, session: ThinSession, bounds: Mapping[int, Bounds]) -> None:
        self.choice: Choice | None = None
        self._call, self._session, self._bounds = call, session, bounds
        self._mode: int | None = None
        self._last_s = 0.0
        self._linger_s = 0.0
        self._begun = 0  # frames of the bundle that is not full yet
        self._early: int | None = None  # that bundle ends with so many, together with others

    def say(self, heard: Said, share: Share, since_s: float, now: float) -> None:
        """Frames of a mode that this end can send. `since_s`: when bundles of others began."""
        if heard.mode != self._mode:
            self._start(heard.mode, share, now)
        before, self.choice = self.choice, self._packer.update(share, self._session.depth, now)
        self._sender.resize(self.choice.frames)
        self._sender.depth = self.choice.depth  # less where the share has no room
        self._linger_s = LINGER_SHARE * self.choice.bundle_s if share.talkers > 1 else 0.0
        if not self._begun and (
            not self.is_talking or before is None or before.frames != self.choice.frames
        ):
            frame_ms = self._bounds[heard.mode].frame_ms
            since_ms = 1000 * (now - since_s)
            self._early = frames_to_grid(self.choice.frames, frame_ms, since_ms)
        self._last_s = now
        self._add(heard, now)

    def hush(self, now: float) -> None:
        """To be called when `hushed_at` has come."""
        at = self.hushed_at
        if at is not None and at <= now:
            self._last_s = 0.0
            self._send(self._sender.flush(), now)

    def end(self, level: int, now: float) -> None:
        """The talkspurt has ended, with a background of so many -dBov."""
        if self.is_talking:
            self._last_s = 0.0
            self._send(self._sender.end(level), now)

    def hang_up(self) -> None:
        self._session.hang_up(self._call)

    @property
    def mode(self) -> int | None:
        """That is talked in."""
        return self._mode

    @property
    def is_talking(self) -> bool:
        return self._last_s > 0

    @property
    def hushed_at(self) -> float | None:
        """When the talkspurt is over unless another frame comes."""
        if self._mode is None or not self._last_s:
            return None
        return self._last_s + max(HUSHED_S, 3 * self._bounds[self._mode].frame_ms / 1000)

    def _start(self, mode: int, share: Share, now: float) -> None:
        self._packer = Packer(self._bounds[mode])
        frames = self._packer.update(share, self._session.depth, now).frames
        if self._mode is None:
            self._sender = self._session.talk(self._call, mode, frames, frames)
        else:
            self._send(self._sender.set_mode(mode, frames, frames), now)
        self._mode = mode

    def _add(self, heard: Said, now: float) -> None:
        frame_ms = self._bounds[heard.mode].frame_ms
        for index, payload in enumerate(heard.payloads):
            packets = self._sender.add(payload, round(heard.start_ms + index * frame_ms))
            self._begun = 0 if packets else self._begun + 1
            if self._begun and self._begun == self._early:
                packets += self._sender.flush()
            self._send(packets, now)

    def _send(self, packets: Iterable[Packet], now: float) -> None:
        for packet in packets:
            self._begun, self._early = 0, None
            self._session.send_media(self._call, packet, now, self._linger_s)
