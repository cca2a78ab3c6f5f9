"""One local talker on the link: how long its bundles are, and when its talkspurt has ended."""

from collections.abc import Mapping

from sotto_app.gateway.said import Said
from sotto_app.link.packet import MAX_FRAMES
from sotto_app.link.packing import Bounds, Choice, Packer, Share
from sotto_app.link.session import ThinSession
from sotto_codecs.base import CodecSpec

HUSHED_S = 0.4  # without a frame: the talkspurt has ended
LONGEST_S = 2.0  # of a bundle


def bounds_of(spec: CodecSpec) -> Bounds:
    """From one frame, or what an Opus packet holds, to a bundle of LONGEST_S."""
    most = max(1, min(int(LONGEST_S / spec.frame_s), 4 * MAX_FRAMES))
    return Bounds(spec.payload_bps, 1000 * spec.frame_s, 1, most)


class PackedTalker:
    """Feeds one talker's frames to the session."""

    def __init__(self, call: int, session: ThinSession, bounds: Mapping[int, Bounds]) -> None:
        self.choice: Choice | None = None
        self._call, self._session, self._bounds = call, session, bounds
        self._mode: int | None = None
        self._last_s = 0.0

    def say(self, heard: Said, share: Share, depth: int, now: float) -> None:
        """Frames of a mode that this end can send; `depth` of redundancy is wanted."""
        if heard.mode != self._mode:
            self._start(heard.mode, share, depth, now)
        self.choice = self._packer.update(share, depth, now)
        self._sender.resize(self.choice.frames)
        self._sender.depth = self.choice.depth  # less where the share has no room
        frame_ms = self._bounds[heard.mode].frame_ms
        self._last_s = now
        for index, payload in enumerate(heard.payloads):
            for packet in self._sender.add(payload, round(heard.start_ms + index * frame_ms)):
                self._session.send_media(self._call, packet)

    def hush(self, now: float) -> None:
        """To be called when `hushed_at` has come."""
        at = self.hushed_at
        if at is not None and at <= now:
            self._last_s = 0.0
            for packet in self._sender.flush():
                self._session.send_media(self._call, packet)

    def hang_up(self) -> None:
        self._session.hang_up(self._call)

    @property
    def is_talking(self) -> bool:
        return self._last_s > 0

    @property
    def hushed_at(self) -> float | None:
        """When the talkspurt is over unless another frame comes."""
        if self._mode is None or not self._last_s:
            return None
        return self._last_s + max(HUSHED_S, 3 * self._bounds[self._mode].frame_ms / 1000)

    def _start(self, mode: int, share: Share, depth: int, now: float) -> None:
        self._packer = Packer(self._bounds[mode])
        frames = self._packer.update(share, depth, now).frames
        if self._mode is None:
            self._sender = self._session.talk(self._call, mode, frames, frames)
        else:
            for packet in self._sender.set_mode(mode, frames, frames):
                self._session.send_media(self._call, packet)
        self._mode = mode
