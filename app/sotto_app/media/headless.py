"""A peer without a browser: speaks and hears Opus over WebRTC as a browser would."""

import time
from collections.abc import Callable
from functools import partial

import numpy as np

from sotto_app.link.jitter import MediaFrame
from sotto_app.media.capture import Capture, Captured, RtpOpus
from sotto_app.media.downlink import OpusOut
from sotto_app.media.playout import TICK_S, Playout
from sotto_app.media.sound import RATE_HZ, Sink, Source
from sotto_app.media.worker import Worker
from sotto_app.modes import BrowserOpus
from sotto_codecs import registry
from sotto_codecs.backends.libopus import Ctl, OpusEncoder
from sotto_codecs.base import Codec


class Mouth:
    """Reads a source in real time and gives out Opus. The callbacks run on its own thread."""

    def __init__(
        self,
        source: Source,
        settings: BrowserOpus,
        send: Callable[[OpusOut], None],
        on_end: Callable[[], None],
    ) -> None:
        self._source, self._send, self._on_end = source, send, on_end
        self._encoder = OpusEncoder(RATE_HZ, 1)
        self._timestamp = 0
        self._due: float | None = None
        self._set(settings)
        self._worker = Worker("mouth", lambda: self._due, self._speak)
        self._worker.start()

    def start(self) -> None:
        """Speak from now on."""
        self._worker.post(self._start)

    def stop(self) -> None:
        self._worker.stop()
        self._worker.join()

    def _start(self, now: float) -> None:
        self._due = now

    def _set(self, settings: BrowserOpus) -> None:
        self._frame_samples = RATE_HZ * settings.frame_ms // 1000
        self._encoder.set(Ctl.BITRATE, settings.bitrate_bps)
        self._encoder.set(Ctl.DTX, settings.dtx)
        self._encoder.set(Ctl.INBAND_FEC, settings.fec)
        self._encoder.set(Ctl.PACKET_LOSS_PERC, 10 if settings.fec else 0)

    def _speak(self, now: float) -> None:
        pcm = self._source.read(self._frame_samples)
        if pcm is None:
            self._due = None
            self._on_end()
            return
        assert self._due is not None  # else nothing is due
        self._due += len(pcm) / RATE_HZ
        payload = self._encoder.encode(np.ascontiguousarray(pcm))
        if len(payload) > 2:  # else DTX: nothing needs to be sent
            self._send(OpusOut(self._timestamp, payload))
        self._timestamp += len(pcm)


class Ear:
    """Hears Opus packets, even and in time, into a sink; silence where there is nothing."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._capture = Capture()
        self._playout = Playout(_opus)
        self._due = time.monotonic()
        self._worker = Worker("ear", lambda: self._due, self._hear)
        self._worker.start()

    def receive(self, packet: RtpOpus) -> None:
        self._worker.post(partial(self._receive, packet))

    def stop(self) -> None:
        self._worker.stop()
        self._worker.join()

    def _receive(self, packet: RtpOpus, now: float) -> None:
        for captured in self._capture.push(packet, now):
            self._playout.buffer.push([_frame(captured)], now)

    def _hear(self, now: float) -> None:
        self._due += TICK_S
        pcm = self._playout.tick(now)
        samples = round(RATE_HZ * TICK_S)
        self._sink.write(np.zeros(samples, np.float32) if pcm is None else pcm)


def _frame(captured: Captured) -> MediaFrame:
    """The relay sends nothing but Opus; here its frame length stands for the mode."""
    return MediaFrame(
        captured.duration_ms, captured.start_ms, captured.duration_ms, captured.payload
    )


def _opus(frame_ms: int) -> Codec:
    return registry.load("opus", {"bitrate_bps": 24_000, "frame_ms": frame_ms})
