"""A talker's half of a pipeline: Opus from the browser in, packets for the thin link out.

Where the mode is Opus and the browser's packets keep to it, they pass through undecoded. Else they
are decoded at the rate of the mode's codec (Opus can do that by itself, without the delay of a
resampler), encoded and bundled.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sotto_app.link.bundle import Bundler
from sotto_app.link.packet import Packet, pack
from sotto_app.media.capture import Capture, Captured, RtpOpus
from sotto_app.media.comfort import Background
from sotto_app.media.passing import PassThrough
from sotto_app.media.told import Body, told, written
from sotto_app.media.transcoder import Transcoder
from sotto_app.media.understanding import Understanding
from sotto_app.modes import Mode
from sotto_codecs.abilities import Remembering
from sotto_codecs.base import Codec, Encoder, Frame
from sotto_codecs.events import Caption, Captioned, Deferrable, Writable

SILENT_S = 0.06  # without packets: what there is of a bundle leaves in time, for no more may come


@dataclass(frozen=True, slots=True)
class Datagram:
    """Bytes for the link, and how many of them are the codec's."""

    data: bytes
    payload_bytes: int


@dataclass(frozen=True, slots=True)
class Aside:
    """An encoder that works in a thread of its own, and the mode of what it finds."""

    wire_id: int | None  # None: whom it was meant for is gone
    understanding: Understanding


class Uplink:
    """One talker. Times are of one monotonic clock, in seconds."""

    def __init__(self, mode: Mode, codec: Codec, wake: Callable[[], None] | None = None) -> None:
        """`wake` is called, from any thread, when there is something to `catch_up` with: an encoder
        that takes its time does so in a thread of its own. Without it all is done at once."""
        self._wake = wake
        self._asides = list[Aside]()  # the oldest first, the present one last
        self._capture = Capture()
        self._sequence = 0
        self._came_s = 0.0  # the last packet
        self._next: tuple[Mode, Codec] | None = None
        self._background = Background()
        self.muted = False
        self.told = list[Body]()  # what must arrive, for the owner to take
        self._captions = list[Caption]()
        self._shares_voice = self._wants_sample = False
        self._start_mode(mode, codec)

    def set_mode(self, mode: Mode, codec: Codec) -> None:
        """Send in another mode from the next whole frame on."""
        self._next = (mode, codec)

    def will_pass(self, packet: RtpOpus) -> bool:
        """`receive` will neither decode nor encode."""
        return not (self._next or self._transcoder) and self._passing.will_fit(packet.payload)

    def receive(self, packet: RtpOpus, now: float) -> list[Datagram]:
        """A packet from the browser."""
        self._came_s = now
        return self._send_all(self._capture.push(packet, now))

    @property
    def level(self) -> int | None:
        """Of the talker's background, in -dBov, where playout is to make noise of it: Opus does so
        by itself."""
        return None if self.mode.is_opus else self._background.level

    def restart(self) -> None:
        """The browser comes with a new connection: other numbers, other time stamps."""
        self._capture = Capture()

    @property
    def due_s(self) -> float | None:
        """When a bundle is to `leave` that has begun, whether it is full or not. Else it would be
        late, and the end of a talkspurt heard with a hole before it."""
        full_ms = self._bundler.full_at_ms(self._codec.spec.frame_s * 1000)
        return None if full_ms is None else max(full_ms / 1000, self._came_s + SILENT_S)

    def leave(self) -> list[Datagram]:
        """What there is of a bundle."""
        bundle = self._bundler.flush()
        return [self._datagram(*bundle)] if bundle else []

    def pause(self) -> list[Datagram]:
        """Nothing has come for a while, or the talker is muted: send what is held back."""
        sent = self._send_all(self._capture.give_up()) + self.leave()
        self._end_phrase()
        return sent

    def write(self, text: str) -> None:
        """A line by hand. Raises ValueError where it is too long."""
        encoder = self._encoder
        if isinstance(encoder, Writable):
            self._tell(encoder.write(text))
        else:
            self.told.append(written(text))
            self._captions.append(Caption(0, text, True, True))

    def share_voice(self, shared: bool) -> None:
        """What the talker's voice is like may leave, or not any more."""
        self._shares_voice = shared
        if isinstance(encoder := self._encoder, Writable):
            encoder.share_voice(shared)

    def want_sample(self, wanted: bool) -> None:
        """The far end can make use of a sample of the voice, or not."""
        self._wants_sample = wanted
        if isinstance(encoder := self._encoder, Writable):
            encoder.want_sample(wanted)

    def listened_anew(self) -> None:
        """Somebody else listens from now on, who knows nothing of what was told."""
        if not self._codec.spec.keeps_time:
            self._let_go()
        self._asides = [Aside(None, it.understanding) for it in self._asides]
        self.told.clear()

    def catch_up(self) -> None:
        """What was understood meanwhile is told: one encoder after another, as it was said."""
        while self._asides:
            oldest = self._asides[0]
            is_over = oldest.understanding.is_over
            frames, captions = oldest.understanding.take()
            self._captions += captions
            if oldest.wire_id is not None:
                self._tell(frames, oldest.wire_id)
            if not is_over:
                return
            oldest.understanding.join()
            self._asides = self._asides[1:]

    @property
    def state_bytes(self) -> int:
        """What the encoder remembers. From any thread."""
        encoder = self._encoder
        return encoder.state_bytes if isinstance(encoder, Remembering) else 0

    @property
    def behind_s(self) -> float:
        """Of sound that waits to be understood. From any thread."""
        return sum(it.understanding.behind_s for it in self._asides)

    def hang_up(self, within_s: float) -> None:
        """The call is over: what was said is understood, if that takes no longer."""
        self._let_go()
        for it in self._asides:
            it.understanding.join(within_s)
        self.catch_up()

    def close(self) -> None:
        """No thread is left; what was not understood stays so."""
        for it in self._asides:
            it.understanding.give_up()
        for it in self._asides:
            it.understanding.join()

    def captions(self) -> list[Caption]:
        """What is new since the last time."""
        self._read()
        new, self._captions = self._captions, []
        return new

    @property
    def _encoder(self) -> Encoder | None:
        return self._transcoder.encoder if self._transcoder else None

    def _start_mode(self, mode: Mode, codec: Codec) -> None:
        self.mode, self._codec = mode, codec
        self._transcoder: Transcoder | None = None
        self._passing = PassThrough(mode)
        self._bundler = Bundler(mode.bundle_frames)

    def _change_mode(self, mode: Mode, codec: Codec) -> None:
        before = self._transcoder
        self._let_go()
        self._start_mode(mode, codec)
        if before and before.go_on_in(codec):
            self._transcoder = before

    def _send_all(self, packets: list[Captured]) -> list[Datagram]:
        return [datagram for packet in packets for datagram in self._send(packet)]

    def _send(self, packet: Captured) -> list[Datagram]:
        sent: list[Datagram] = []
        if self._next and (self._transcoder is None or self._transcoder.is_between_frames):
            sent += self.leave()
            self._change_mode(*self._next)
            self._next = None
        fits = self._passing.fits(packet)
        if fits or (self.muted and self._codec.spec.keeps_time):
            self._transcoder = None
        if self.muted:
            return sent
        if packet.is_onset:
            sent += self.leave()
        return sent + self._bundle(
            [(packet.start_ms, packet.payload)] if fits else self._encode(packet)
        )

    def _encode(self, packet: Captured) -> list[tuple[int, bytes]]:
        if self._transcoder is None:
            encoder = self._new_encoder()
            self._transcoder = Transcoder(self._codec.spec, encoder, self._background)
            self.share_voice(self._shares_voice)
            self.want_sample(self._wants_sample)
        frames = self._transcoder.encode(packet)
        if self._codec.spec.keeps_time:
            return [(start_ms, frame.payload) for start_ms, frame in frames]
        self._tell([frame for _, frame in frames])
        return []

    def _new_encoder(self) -> Encoder:
        encoder = self._codec.encoder()
        if self._wake is None or not isinstance(encoder, Deferrable):
            return encoder
        aside = Understanding(encoder, self._codec.spec.sample_rate_hz, self._wake)
        self._asides = [*self._asides, Aside(self.mode.wire_id, aside)]
        return aside

    def _let_go(self) -> None:
        """The encoder ends with what it has heard."""
        self._end_phrase()
        if isinstance(aside := self._encoder, Understanding):
            aside.end()
        self._transcoder = None

    def _end_phrase(self) -> None:
        if self._transcoder and not self._codec.spec.keeps_time:
            self._tell(self._transcoder.encoder.flush())
            self._read()

    def _read(self) -> None:
        if isinstance(encoder := self._encoder, Captioned):
            self._captions += encoder.captions()

    def _tell(self, frames: Iterable[Frame], wire_id: int | None = None) -> None:
        """What may wait describes the voice: it may have been found before that was taken back."""
        mode = self.mode.wire_id if wire_id is None else wire_id
        free = (it for it in frames if it.payload and (self._shares_voice or not it.priority))
        self.told += [told(mode, it) for it in free]

    def _bundle(self, frames: list[tuple[int, bytes]]) -> list[Datagram]:
        sent = []
        for start_ms, payload in frames:
            bundle = self._bundler.add(payload, start_ms) if payload else self._bundler.flush()
            if bundle:
                sent.append(self._datagram(*bundle))
        return sent

    def _datagram(self, start_ms: int, payloads: tuple[bytes, ...]) -> Datagram:
        packet = Packet(self.mode.wire_id, self._sequence, start_ms, payloads)
        self._sequence = (self._sequence + 1) % (1 << 16)
        data = pack(packet, self._codec.spec.frame_bytes)
        return Datagram(data, sum(len(payload) for payload in payloads))
