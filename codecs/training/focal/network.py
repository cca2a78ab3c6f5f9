"""The small member in torch: FocalCodec's middle between Tiny's ears and voice.

    listener  Tiny's encoder -> principal components -> an entry of each code book: four tokens
    talker    the entries -> decompressor -> Tiny's latents -> Tiny's voice

A chunk of 80 ms, four tokens at 50 Hz, is two of Tiny's steps. Sound comes out 20 ms later than the
chunk ends, as Tiny's does. Components and books are fitted; the decompressor learns to correct what
they say, and to guess what is lost. FocalCodec's transformer and compressor are left out: the card
of the weights says what they did to a code that is good from the start.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from sotto_codecs.focal.config import FocalConfig
from sotto_codecs.focal.network.memory import Memories
from sotto_codecs.focal.network.modulation import Decompressor
from sotto_codecs.tiny.config import TinyConfig
from training.focal.codebooks import Codebooks
from training.tiny.decoder import Decoder as Voice
from training.tiny.decoder import Spoken
from training.tiny.encoder import Encoder as Ears

MENDED = 0.2  # that what came is corrected by, where what is lost is guessed by 1
AHEAD = 4  # chunks that are guessed from the last one that came, each by weights of its own

SMALL = FocalConfig(
    out_rate_hz=16_000,
    hop=320,
    bits=16,
    width=160,
    layers=0,
    heads=8,
    window=32,
    blocks=2,
    focal_window=6,
    focal_factor=4,
    expansion=2,
)


@dataclass(frozen=True, slots=True)
class ListenerState:
    """Memories are as sotto_codecs.focal.network.memory has them."""

    position: Tensor  # (), int64: frames until now, whole chunks
    fast: Memories  # (batch, 1, time, width) of each of Tiny's blocks; as new comes all of it
    slow: Memories  # likewise


@dataclass(frozen=True, slots=True)
class TalkerState:
    position: Tensor
    focal: Memories  # of the decompressor
    last: Tensor  # (batch, 1, 1, features): of the last chunk that came
    age: Tensor  # (batch, 1, 1, 1): chunks since then


@dataclass(frozen=True, slots=True)
class Told:
    latents: Tensor  # (batch, steps, latent), as the talker understood them
    guess: Tensor  # likewise, where nothing of their chunk had come


class Listener(nn.Module):
    """Sound -> entries of the books. It is fitted, not learned."""

    def __init__(self, config: FocalConfig, tiny: TinyConfig, books: Codebooks) -> None:
        super().__init__()
        self.config, self.books = config, books
        self.ears = Ears(tiny)
        self.step_frames = tiny.step // config.frame_samples
        size = config.chunk_samples // tiny.step * tiny.latent
        self.mean: Tensor
        self.scale: Tensor
        self.register_buffer("mean", torch.zeros(tiny.latent))
        self.register_buffer("scale", torch.ones(()))
        self.turn = nn.Linear(size, config.chunk_bits, bias=False)  # to principal components

    def blank(self, batch: int) -> ListenerState:
        return ListenerState(
            _beginning(self.mean),
            _as_kept(self.ears.fast.blank(batch)),
            _as_kept(self.ears.slow.blank(batch)),
        )

    def rows(self, sound: Tensor) -> Tensor:
        """(batch, samples) from the beginning of a clip -> (batch, rows, features)."""
        with torch.autocast(sound.device.type, enabled=False):
            return self.ears.features(sound, self.ears.blank(len(sound)).sound)[0]

    def heard(self, rows: Tensor, state: ListenerState) -> tuple[Tensor, ListenerState]:
        """(batch, rows, features), whole chunks -> (batch, steps, latent), and what is new."""
        near, _, fast = self.ears.near(rows, tuple(it[:, 0] for it in state.fast))
        far, slow = self.ears.far(near, tuple(it[:, 0] for it in state.slow))
        with torch.autocast(rows.device.type, enabled=False):
            latents = self.ears.leave(far.float())
        frames = torch.full_like(state.position, latents.shape[1] * self.step_frames)
        return latents, ListenerState(frames, _as_kept(fast), _as_kept(slow))

    def vectors(self, latents: Tensor) -> Tensor:
        """(batch, steps, latent) -> (batch, chunks, chunk_bits): what the books say."""
        evened = (latents - self.mean) / self.scale
        return self.turn(evened.reshape(len(latents), -1, self.turn.in_features))

    @torch.no_grad()
    def forward(self, rows: Tensor, state: ListenerState) -> tuple[Tensor, ListenerState]:
        """(batch, rows, features) -> (batch, chunks, books): entries; also what is new."""
        latents, fresh = self.heard(rows, state)
        return self.entries(latents), fresh

    def entries(self, latents: Tensor) -> Tensor:
        """(batch, steps, latent) -> (batch, chunks, books)."""
        vectors = self.vectors(latents)
        return self.books.search(vectors.flatten(0, 1)).unflatten(0, vectors.shape[:2])


class Talker(nn.Module):
    """What the books say as Tiny's latents; and what says those aloud."""

    def __init__(self, config: FocalConfig, tiny: TinyConfig, books: Codebooks) -> None:
        super().__init__()
        self.config, self.tiny, self.books = config, tiny, books
        size = config.chunk_samples // tiny.step * tiny.latent
        self.scale: Tensor
        self.register_buffer("scale", torch.ones(()))
        self.back = nn.Linear(config.chunk_bits, size)
        self.decompressor = Decompressor(config)
        self.leave = nn.Linear(config.chunk * config.width, size)
        self.guess = nn.Linear(config.chunk * config.width + config.chunk_bits, AHEAD * size)
        self._ahead: Tensor
        self.register_buffer("_ahead", torch.arange(AHEAD)[:, None], persistent=False)
        for layer in (self.leave, self.guess):
            _quiet(layer)
        self.voice = Voice(tiny)

    def blank(self, batch: int) -> TalkerState:
        last = self.scale.new_zeros(batch, 1, 1, self.guess.in_features)
        focal = self.decompressor.blank(batch)
        return TalkerState(_beginning(self.scale), focal, last, last[..., :1])

    def forward(self, corners: Tensor, state: TalkerState) -> tuple[Tensor, TalkerState]:
        """(batch, frames, bits), 0 for what did not arrive -> (batch, steps, latent)."""
        chunks = corners.reshape(-1, self.config.chunk, self.config.bits)
        entries, bits = self.books.entries(chunks)
        vectors = self.books.said(entries, bits).reshape(len(corners), -1, self.config.chunk_bits)
        told, fresh = self.understood(vectors, (bits > 0).reshape(vectors.shape[:2]), state)
        return told.latents, fresh

    def understood(
        self, vectors: Tensor, came: Tensor, state: TalkerState
    ) -> tuple[Told, TalkerState]:
        """(batch, chunks, chunk_bits), of which (batch, chunks) came and the others are 0."""
        config, shape = self.config, (len(vectors), -1, self.tiny.latent)
        frames = vectors.reshape(len(vectors), -1, config.bits)
        x, focal = self.decompressor(frames * config.bits**-0.5, state.focal, state.position)
        x = x.float().reshape(*vectors.shape[:2], -1)
        guess, last, age = self._guessed(torch.cat([x, vectors], dim=2), came, state)
        corrected = self.back(vectors) + MENDED * self.leave(x)
        latents = torch.where(came[..., None], corrected, guess).float()
        fresh = TalkerState(torch.full_like(state.position, frames.shape[1]), focal, last, age)
        told = Told(self.scale * latents.reshape(shape), self.scale * guess.float().reshape(shape))
        return told, fresh

    def _guessed(
        self, heard: Tensor, came: Tensor, state: TalkerState
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Of each chunk, from the last one before it that came, as far ahead as that is."""
        last, age = state.last[:, 0, 0], state.age[:, 0, 0]
        befores, ages = [], []
        for now, here in zip(heard.unbind(1), came[..., None].unbind(1), strict=True):
            befores.append(last)
            ages.append(age)
            last = torch.where(here, now, last)
            age = torch.where(here, 0.0, (age + 1).clamp(max=AHEAD - 1))
        guesses = self.guess(torch.stack(befores, dim=1)).unflatten(2, (AHEAD, -1))
        chosen = torch.stack(ages, dim=1)[..., None] == self._ahead
        return (guesses * chosen).sum(2), last[:, None, None], age[:, None, None]

    def say(self, latents: Tensor, noise: Tensor) -> Spoken:
        """A clip's from its beginning; noise (batch, samples)."""
        carried = torch.full(latents.shape[:2], self.tiny.stages, device=latents.device)
        return self.voice(latents, carried, noise, self.voice.blank(len(latents)))[0]


class Small(nn.Module):
    def __init__(self, config: FocalConfig = SMALL, tiny: TinyConfig | None = None) -> None:
        super().__init__()
        self.config, self.tiny = config, tiny or TinyConfig()
        books = Codebooks(self.config)
        self.listener = Listener(self.config, self.tiny, books)
        self.talker = Talker(self.config, self.tiny, books)

    def forward(self, sound: Tensor, carried: Tensor, noise: Tensor) -> Spoken:
        """A clip from its beginning: (batch, samples) in whole chunks; carried (batch, chunks):
        the bits of its tokens that arrive. Teaches the voice alone.
        """
        listener = self.listener
        with torch.no_grad():
            entries, _ = listener(listener.rows(sound), listener.blank(len(sound)))
            told = self.told(entries, carried)
        return self.talker.say(told.latents, noise)

    def told(self, entries: Tensor, carried: Tensor) -> Told:
        """(batch, chunks, books) as the talker understands them."""
        with torch.no_grad():
            said = self.talker.books.said(entries.flatten(0, 1), carried.flatten())
        vectors = said.unflatten(0, carried.shape)
        blank = self.talker.blank(len(entries))
        return self.talker.understood(vectors, carried > 0, blank)[0]


def _as_kept(memories: Memories) -> Memories:
    """Tiny's (batch, time, width), with time on axis 2."""
    return tuple(it[:, None] for it in memories)


def _beginning(like: Tensor) -> Tensor:
    return torch.zeros((), dtype=torch.int64, device=like.device)


def _quiet(layer: nn.Linear) -> None:
    """A correction begins as none."""
    with torch.no_grad():
        layer.weight.zero_()
        layer.bias.zero_()
