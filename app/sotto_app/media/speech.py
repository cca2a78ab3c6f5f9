"""What was told becomes speech: a thread of its own, for a synthesiser takes longer than a tick.

It starts with the first word and ends with the pipeline.
"""

import logging
import queue
import threading
from collections import Counter
from collections.abc import Callable

from sotto_app.link.packet import PacketError
from sotto_app.media import told
from sotto_codecs.base import Codec, Decoder, Pcm
from sotto_codecs.errors import CodecError
from sotto_codecs.events import Caption, Captioned, Speaking

log = logging.getLogger(__name__)

MOST_WAITING = 200  # phrases; a minute of silence at the other end is worth none


class Speech:
    """One listener, one talker. `say` and `restart` may be called from any one thread at a time."""

    def __init__(
        self,
        codec_of: Callable[[int], Codec],
        out: Callable[[int, Pcm, int], None],
        wish: Callable[[], None] = lambda: None,
    ) -> None:
        """On the thread of the speech, `out` gets mode, sound and rate, and `wish` is called when
        `wants_sample` has become another."""
        self._codec_of, self._out, self._wish = codec_of, out, wish
        self._bodies = queue.Queue[bytes | None](MOST_WAITING)
        self._thread: threading.Thread | None = None
        self._decoders = dict[int, Decoder]()
        self._captions = list[Caption]()
        self._lock = threading.Lock()
        self.unspoken = ""  # the language of what was told last, where nobody here speaks it
        self.wants_sample = False  # whoever spoke last could speak like the talker
        self.dropped = Counter[str]()  # what was told, by the kind of fault
        self._is_stopped = False

    def say(self, body: bytes) -> None:
        """Soon, after what was told before; not any more after `stop`."""
        if self._is_stopped:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="speech", daemon=True)
            self._thread.start()
        try:
            self._bodies.put_nowait(body)
        except queue.Full:
            log.warning("more is told than can be spoken: a phrase is left out")

    def restart(self) -> None:
        """Somebody else talks from now on."""
        if self._thread is not None:
            self.say(b"")

    def captions(self) -> list[Caption]:
        """What is new since the last time; words can be read before they are spoken."""
        with self._lock:
            self._read()
            new, self._captions = self._captions, []
        return new

    def stop(self) -> None:
        """After the phrase that is being spoken; `join` waits for it."""
        self._is_stopped = True
        if self._thread is not None:
            while not self._bodies.empty():
                self._bodies.get_nowait()
            self._bodies.put(None)

    def join(self) -> None:
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while (body := self._bodies.get()) is not None:
            if not body:
                self._forget()
                continue
            try:
                self._speak(body)
            except (PacketError, CodecError) as fault:
                self.dropped[type(fault).__name__] += 1
                log.warning("a phrase cannot be spoken: %s", fault)
            except Exception:  # one bad phrase must not end the call
                log.exception("a phrase was given up")
        if self.dropped:
            log.info("of what was told: %s", dict(self.dropped))

    def _speak(self, body: bytes) -> None:
        what = told.read(body)
        if isinstance(what, str):
            self._show([Caption(0, what, True, True)])
            return
        mode, frame = what
        codec = self._codec_of(mode)
        if (decoder := self._decoders.get(mode)) is None:
            decoder = codec.decoder()
            with self._lock:
                self._decoders[mode] = decoder
        pcm = decoder.decode(frame)
        self.unspoken = decoder.unspoken if isinstance(decoder, Speaking) else ""
        self._heed(isinstance(decoder, Speaking) and decoder.wants_sample)
        if len(pcm):
            self._out(mode, pcm, codec.spec.sample_rate_hz)

    def _heed(self, wants_sample: bool) -> None:
        if wants_sample != self.wants_sample:
            self.wants_sample = wants_sample
            self._wish()

    def _forget(self) -> None:
        with self._lock:
            self._read()
            self._decoders.clear()
        self.unspoken = ""
        self._heed(False)

    def _read(self) -> None:
        for decoder in self._decoders.values():
            if isinstance(decoder, Captioned):
                self._captions += decoder.captions()

    def _show(self, captions: list[Caption]) -> None:
        with self._lock:
            self._captions += captions
