"""A browser's Opus into the frames of another codec."""

import numpy as np

from sotto_app.media.capture import Captured
from sotto_app.media.comfort import Background
from sotto_codecs.abilities import Continuing
from sotto_codecs.backends.libopus import OpusDecoder
from sotto_codecs.base import Codec, CodecSpec, Encoder, Frame, Pcm
from sotto_codecs.errors import BadFrame


class Transcoder:
    """Opus packets into frames of one mode's codec."""

    def __init__(self, spec: CodecSpec, encoder: Encoder, background: Background) -> None:
        self.spec, self.encoder = spec, encoder
        self._background = background
        self._decoder = OpusDecoder(spec.sample_rate_hz, 1)
        self._pending: Pcm = np.zeros(0, np.float32)

    def encode(self, packet: Captured) -> list[tuple[int, Frame]]:
        """The frames that are whole now, and when they start; an empty payload is silence.

        The first packet after a pause waits for another one: where none comes, it only told how it
        sounds where nobody talks (a browser with DTX does so every 400 ms), and is not sent."""
        pcm = self._decode(packet)
        self._background.add(pcm, self.spec.sample_rate_hz)
        if packet.is_onset:
            held = self.encoder.flush()
            self._pending = pcm
            return [] if self.spec.keeps_time else [(packet.start_ms, it) for it in held]
        pending_ms = len(self._pending) * 1000 / self.spec.sample_rate_hz
        start_ms = packet.start_ms - packet.lost_ms - pending_ms
        self._pending = np.concatenate([self._pending, pcm])
        frames = []
        while len(self._pending) >= self.spec.frame_samples:
            whole, self._pending = np.split(self._pending, [self.spec.frame_samples])
            frames += [(round(start_ms), frame) for frame in self.encoder.encode(whole)]
            start_ms += self.spec.frame_s * 1000
        return frames

    def go_on_in(self, codec: Codec) -> bool:
        """From the next packet on in another mode of the same network, as if it had been so from
        the beginning. False, and nothing is done, where `codec` cannot do so."""
        is_alike = codec.spec.sample_rate_hz == self.spec.sample_rate_hz
        if not is_alike or not isinstance(codec, Continuing):
            return False
        self.spec, self.encoder = codec.spec, codec.encoder_after(self.encoder)
        return True

    @property
    def is_between_frames(self) -> bool:
        return len(self._pending) == 0

    def _decode(self, packet: Captured) -> Pcm:
        pieces = []
        if packet.lost_ms:
            lost = self.spec.sample_rate_hz * packet.lost_ms // 1000
            pieces.append(self._decoder.decode(packet.payload, lost, fec=True))
        try:
            pieces.append(self._decoder.decode(packet.payload))
        except BadFrame:  # the talker's own browser sent it: conceal, the call goes on
            samples = self.spec.sample_rate_hz * packet.duration_ms // 1000
            pieces.append(self._decoder.decode(None, samples))
        return np.concatenate(pieces)
