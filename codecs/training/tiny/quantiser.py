"""A residual quantiser: each stage's code book says what the stages before it left over.

The code books follow the data by a moving average (van den Oord et al. 2017, appendix A), begin as
samples of it, and an entry that nobody uses is drawn anew: learned by gradient they collapse.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from sotto_codecs.tiny.config import TinyConfig
from sotto_codecs.tiny.quantiser import BEAM, SEARCHED

DECAY = 0.98  # of the moving averages
EXCHANGED = 0.3  # of the clips
UNUSED = 0.08  # of what would be its share: below it an entry is drawn anew


class Quantiser(nn.Module):
    def __init__(self, config: TinyConfig) -> None:
        super().__init__()
        self.stages, self.entries = config.stages, config.entries
        shape = (config.stages, config.entries)
        self.books: Tensor  # (stages, entries, latent)
        self.picks: Tensor  # (stages, entries): how often, averaged
        self.sums: Tensor  # (stages, entries, latent): of what picked them, averaged
        self.ready: Tensor
        self.register_buffer("books", torch.zeros(*shape, config.latent))
        self.register_buffer("picks", torch.ones(shape))
        self.register_buffer("sums", torch.zeros(*shape, config.latent))
        self.register_buffer("ready", torch.zeros((), dtype=torch.bool))

    def forward(self, latents: Tensor, carried: Tensor) -> tuple[Tensor, Tensor]:
        """Latents as `carried` stages give them back, gradients passed through; and the loss.

        latents (batch, steps, latent); carried (batch, steps): stages that arrive, 0 for none.
        """
        flat = latents.detach().reshape(-1, latents.shape[-1])
        arrive = carried.reshape(-1)
        left, whole, all_of_it = flat, torch.zeros_like(flat), torch.zeros_like(flat)
        for stage in range(int(carried.max())):
            if self.training and not self.ready:
                self._begin(stage, left)
            picked = self.nearest(stage, left)
            part = self.books[stage][picked]
            here = arrive > stage
            if self.training:
                self._follow(stage, left[here], picked[here])
            whole, all_of_it = whole + part * here[:, None], all_of_it + part
            left = left - part
        if self.training and not self.ready and int(carried.max()) == self.stages:
            self.ready.fill_(True)
        # towards what all stages say: towards what few say, it would give up what needs many
        loss = (latents - all_of_it.reshape(latents.shape)).square().mean()
        error = whole.reshape(latents.shape) - latents.detach()
        if self.training:
            error = self._exchanged(error)
        return (latents + error) * (carried > 0)[..., None], loss

    def _exchanged(self, error: Tensor) -> Tensor:
        """In some clips another step's error: noise of the same kind that leaves the detail there.

        What no entry says yet does not reach the decoder, so nothing would ask for it.
        """
        clips = torch.rand(len(error), 1, 1, device=error.device) < EXCHANGED
        return torch.where(clips, error.roll(error.shape[1] // 2, dims=1), error)

    def indices(self, latents: Tensor, stages: int) -> Tensor:
        """(batch, steps, latent) -> (batch, steps, stages): what goes on the wire."""
        flat = latents.reshape(-1, latents.shape[-1])
        first = min(stages, SEARCHED)
        found = best_ways(self.books[:first], flat, BEAM)
        left = flat - self.latents(found)
        rest = best_ways(self.books[first:stages], left, 1)
        return torch.cat([found, rest], dim=1).reshape(*latents.shape[:-1], stages)

    def latents(self, indices: Tensor) -> Tensor:
        """(batch, steps, stages) -> (batch, steps, latent)."""
        parts = [self.books[stage][indices[..., stage]] for stage in range(indices.shape[-1])]
        return torch.stack(parts).sum(dim=0)

    def nearest(self, stage: int, vectors: Tensor) -> Tensor:
        """(vectors, latent) -> the index of the nearest entry for each."""
        book = self.books[stage]
        return (book.square().sum(dim=1) - 2 * vectors @ book.T).argmin(dim=1)

    def used(self) -> list[int]:
        """Of each stage: as how many equally likely entries it counts (perplexity)."""
        share = self.picks / self.picks.sum(dim=1, keepdim=True)
        entropy = -(share * share.clamp_min(1e-12).log()).sum(dim=1)
        return [round(float(each)) for each in entropy.exp()]

    def _begin(self, stage: int, vectors: Tensor) -> None:
        chosen = torch.randint(len(vectors), (self.entries,), device=vectors.device)
        spread = vectors.std(dim=0, keepdim=True)
        book = vectors[chosen] + 0.1 * spread * torch.randn_like(vectors[chosen])
        self.books[stage] = book
        self.sums[stage] = book

    def _follow(self, stage: int, vectors: Tensor, picked: Tensor) -> None:
        if not len(vectors):
            return
        count = torch.bincount(picked, minlength=self.entries).to(vectors.dtype)
        total = torch.zeros_like(self.sums[stage]).index_add_(0, picked, vectors)
        self.picks[stage].lerp_(count, 1 - DECAY)
        self.sums[stage].lerp_(total, 1 - DECAY)
        self.books[stage] = self.sums[stage] / self.picks[stage].clamp_min(1e-5)[:, None]
        self._draw_anew(stage, vectors)

    def _draw_anew(self, stage: int, vectors: Tensor) -> None:
        share = len(vectors) / self.entries
        unused = (self.picks[stage] < UNUSED * share).nonzero()[:, 0]
        if len(unused):
            chosen = torch.randint(len(vectors), (len(unused),), device=vectors.device)
            self.books[stage, unused] = vectors[chosen]
            self.sums[stage, unused] = vectors[chosen] * share
            self.picks[stage, unused] = share


def best_ways(books: Sequence[Tensor] | Tensor, vectors: Tensor, beam: int) -> Tensor:
    """(vectors, size) -> (vectors, books): an entry of each book, together as near as found.

    After each book the `beam` best ways are kept.
    """
    left, picks = vectors[:, None], list[Tensor]()
    for rank, book in enumerate(books):
        way, entry = _further(book, left, 1 if rank == len(books) - 1 else beam)
        left = left.gather(1, way[..., None].expand(-1, -1, left.shape[2])) - book[entry]
        picks = [*(it.gather(1, way) for it in picks), entry]
    return torch.cat(picks, dim=1) if picks else vectors.new_zeros(len(vectors), 0).long()


def _further(book: Tensor, left: Tensor, width: int) -> tuple[Tensor, Tensor]:
    """(vectors, ways, size) -> (vectors, width), twice: the best ways, and their next entry."""
    nearer = torch.addmm(book.square().sum(1), left.flatten(0, 1), book.T, alpha=-2)
    beyond = nearer.unflatten(0, left.shape[:2]) + left.square().sum(2)[..., None]
    best = beyond.flatten(1).topk(width, dim=1, largest=False).indices
    return best // len(book), best % len(book)
