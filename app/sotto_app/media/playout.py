"""From frames to even sound: pulls the jitter buffer, decodes, conceals, keeps the delay at its
target.
"""

from collections.abc import Callable

import numpy as np
import soxr

from sotto_app.link.jitter import Act, JitterBuffer, MediaFrame, Pulled
from sotto_app.media.comfort import ComfortNoise
from sotto_app.media.stretch import Stretcher
from sotto_codecs.abilities import Continuing, Remembering
from sotto_codecs.base import Codec, Decoder, Frame, Pcm
from sotto_codecs.errors import CodecError

TICK_S = 0.02
TOO_LATE_MS = 20.0  # excess delay from which sound is shortened where it is not heard
TOO_EARLY_MS = 0.0
SPLICE_S = 0.005
FAR_OFF_MS = 60.0  # distance to the target from which it is done at any price


class Playout:
    """One listener's ear for one talker. Sound comes out in pieces of 20 ms at `rate_hz`, the rate
    of the codec that plays; it changes with the mode."""

    def __init__(self, codec_of: Callable[[int], Codec]) -> None:
        """`codec_of` gives the loaded codec for a mode's wire id."""
        self.buffer = JitterBuffer()
        self.rate_hz = 48_000
        self.mode: int | None = None
        self.delay_ms: float | None = None
        self._codec_of = codec_of
        self._decoder: Decoder | None = None
        self._is_waiting = False  # nothing is here to go on with
        self._guess: Pcm = np.zeros(0, np.float32)  # what is left of it, while that is so
        self._stretcher = Stretcher(self.rate_hz)
        self._noise = ComfortNoise(self.rate_hz)
        self._pending: Pcm = np.zeros(0, np.float32)
        self._spoken: Pcm = np.zeros(0, np.float32)  # by a voice that keeps no time

    def say(self, pcm: Pcm, rate_hz: int) -> None:
        """Speech that is heard as soon as nothing else is, after what was said before."""
        if self.is_silent:
            self._set_rate(rate_hz)
        at_rate = soxr.resample(pcm, rate_hz, self.rate_hz)
        self._spoken = np.concatenate([self._spoken, at_rate.astype(np.float32)])

    @property
    def has_speech(self) -> bool:
        """Something is yet to be spoken."""
        return len(self._spoken) > 0

    def forget_speech(self) -> None:
        self._spoken = self._spoken[:0]

    def hush(self, level: int) -> None:
        """From now on it sounds so loud, in -dBov, where the talker is silent."""
        self._noise.level = level

    def tick(self, now: float) -> Pcm | None:
        """The next 20 ms, or None while the talker is silent and nothing is heard of the room."""
        pcm = self._voice(now)
        if pcm is None or (self._is_waiting and len(self._spoken)):
            pcm = self._speech()
        noise = self._noise.take(self._tick_samples, wanted=pcm is None or self._is_waiting)
        if pcm is None or noise is None:
            return noise if pcm is None else pcm
        return pcm + noise

    def _voice(self, now: float) -> Pcm | None:
        while len(self._pending) < self._tick_samples:
            pulled = self.buffer.pull(now)
            if pulled is None:
                return self._rest()
            self._is_waiting = pulled.act is Act.WAIT
            if pulled.act is Act.PLAY:
                self.delay_ms = pulled.delay_ms + len(self._pending) * 1000 / self.rate_hz
            self._append(pulled)
        return self._take(self._tick_samples)

    def drain(self) -> list[Pcm]:
        """All sound that waits, in pieces of 20 ms, at once; what has yet to be spoken goes on
        waiting."""
        for frame in self.buffer.drain():
            self._append(Pulled(Act.PLAY, frame, frame.duration_ms))
        pieces = []
        while len(self._pending) >= self._tick_samples:
            pieces.append(self._take(self._tick_samples))
        rest = self._rest()
        self._noise.stop()
        return pieces if rest is None else [*pieces, rest]

    @property
    def is_silent(self) -> bool:
        """Nothing is to be heard: no ticks are needed until the next push or hush."""
        waits = len(self._pending) or len(self._spoken)
        return self.buffer.idle and not waits and not self._noise.is_on

    @property
    def depth_ms(self) -> float:
        """Sound that waits, coded or decoded."""
        waiting = len(self._pending) + len(self._spoken)
        return self.buffer.depth_ms + waiting * 1000 / self.rate_hz

    @property
    def state_bytes(self) -> int:
        """What the decoder remembers. From any thread."""
        decoder = self._decoder
        return decoder.state_bytes if isinstance(decoder, Remembering) else 0

    @property
    def _tick_samples(self) -> int:
        return round(TICK_S * self.rate_hz)

    def _append(self, pulled: Pulled) -> None:
        if pulled.act is Act.WAIT:
            self._pending = np.concatenate([self._pending, self._stretcher.keep(self._waited())])
            return
        excess_ms = pulled.excess_ms
        pieces = [self._pending]
        for piece in _pieces(self._gone_on(self._decode(pulled)), self._tick_samples):
            pieces.append(self._stretched(piece, excess_ms))
            excess_ms += (len(pieces[-1]) - len(piece)) * 1000 / self.rate_hz
        self._pending = np.concatenate(pieces)

    def _waited(self) -> Pcm:
        """A tick of what the decoder guesses."""
        guess = self._guess if len(self._guess) else self._decode(Pulled(Act.CONCEAL, None, 0))
        waited, self._guess = np.split(guess, [min(self._tick_samples, len(guess))])
        return waited

    def _gone_on(self, pcm: Pcm) -> Pcm:
        """Sound that came after a wait; what is left of the guess fades into it."""
        fading = self._fading()[: len(pcm)]
        rise = np.linspace(0, 1, len(fading), endpoint=False, dtype=np.float32)
        return np.concatenate([fading + pcm[: len(fading)] * rise, pcm[len(fading) :]])

    def _fading(self) -> Pcm:
        """The end of a guess that is wanted no more."""
        fading, self._guess = self._guess[: round(SPLICE_S * self.rate_hz)], self._guess[:0]
        return fading * np.linspace(1, 0, len(fading), endpoint=False, dtype=np.float32)

    def _decode(self, pulled: Pulled) -> Pcm:
        if pulled.frame is not None and pulled.frame.mode != self.mode:
            self._change_mode(pulled.frame)
        if self._decoder is None:
            return np.zeros(self._tick_samples, np.float32)
        try:
            if pulled.act is Act.CONCEAL or pulled.frame is None:
                return self._decoder.decode(None)
            frame = Frame(pulled.frame.payload, 0, 0)
            if pulled.act is Act.RECOVER:
                return self._decoder.recover(frame)
            return self._decoder.decode(frame)
        except CodecError:
            return self._decoder.decode(None)  # a damaged frame is a lost frame

    def _change_mode(self, frame: MediaFrame) -> None:
        codec = self._codec_of(frame.mode)
        if self._decoder and isinstance(codec, Continuing):
            self._decoder = codec.decoder_after(self._decoder)
        else:
            self._decoder = codec.decoder()
        self.mode = frame.mode
        self._set_rate(codec.spec.sample_rate_hz)

    def _set_rate(self, rate_hz: int) -> None:
        if rate_hz == self.rate_hz:
            return
        waiting = self._pending, self._spoken, self._guess
        at_rate = (_at_rate(pcm, self.rate_hz, rate_hz) for pcm in waiting)
        self._pending, self._spoken, self._guess = at_rate
        self.rate_hz = rate_hz
        self._stretcher = Stretcher(rate_hz)
        self._noise = self._noise.at(rate_hz)

    def _stretched(self, pcm: Pcm, excess_ms: float) -> Pcm:
        far_off = abs(excess_ms) > FAR_OFF_MS
        if excess_ms > TOO_LATE_MS:
            return self._stretcher.shorten(pcm, at_any_price=far_off)
        if excess_ms < TOO_EARLY_MS:
            return self._stretcher.lengthen(pcm, at_any_price=far_off)
        return self._stretcher.keep(pcm)

    def _take(self, samples: int) -> Pcm:
        taken, self._pending = self._pending[:samples], self._pending[samples:]
        return taken

    def _speech(self) -> Pcm | None:
        if not len(self._spoken):
            return None
        pcm, self._spoken = np.split(self._spoken, [min(self._tick_samples, len(self._spoken))])
        return np.pad(pcm, (0, self._tick_samples - len(pcm)))

    def _rest(self) -> Pcm | None:
        """What is left before a silence, filled up with nothing."""
        self._pending = np.concatenate([self._pending, self._fading()])
        if not len(self._pending):
            return None
        rest = self._take(self._tick_samples)
        return np.pad(rest, (0, self._tick_samples - len(rest)))


def _pieces(pcm: Pcm, samples: int) -> list[Pcm]:
    return [pcm[at : at + samples] for at in range(0, len(pcm), samples)]


def _at_rate(pcm: Pcm, from_hz: int, to_hz: int) -> Pcm:
    """A few milliseconds at another rate, good enough for the splice between two modes."""
    places = np.arange(0, len(pcm), from_hz / to_hz)
    return np.interp(places, np.arange(len(pcm)), pcm).astype(np.float32) if len(pcm) else pcm
