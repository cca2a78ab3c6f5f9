"""The code of a chunk: code books in a row, each of which says what those before it left over.

A chunk is four tokens. The first 11 bits of each are an entry of a large book; the twelfth bits of
all four one of a small book; and the last 16 bits two more. So the first 11, 12 or 16 bits of each
token are a code by themselves.

Of the ways through the books of a rate the best BEAM are kept, as Tiny's quantiser does it.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from sotto_codecs.focal.config import FocalConfig
from training.tiny.quantiser import best_ways

BEAM = 8
ROUNDS = 8  # of fitting
BITS = (11, 12, 16)  # of a token, that arrive: 550, 600 and 800 bit/s
Place = tuple[int, int]  # a frame of the chunk and a bit of its token


def places(config: FocalConfig) -> tuple[tuple[Place, ...], ...]:
    """Of the bits of each book's entries, the most significant first."""
    frames, (fewest, more, most) = range(config.chunk), BITS
    large = [tuple((frame, bit) for bit in range(fewest)) for frame in frames]
    small = tuple((frame, bit) for bit in range(fewest, more) for frame in frames)
    rest = [(frame, bit) for frame in frames for bit in range(more, most)]
    half = len(rest) // 2
    return (*large, small, tuple(rest[:half]), tuple(rest[half:]))


class Codebooks(nn.Module):
    def __init__(self, config: FocalConfig) -> None:
        super().__init__()
        self.config, self.places = config, places(config)
        books = [torch.randn(1 << len(it), config.chunk_bits) for it in self.places]
        self.books: list[nn.Parameter] = nn.ParameterList(books)  # type: ignore[assignment,unused-ignore]  # it iterates like one
        order = [frame * config.bits + bit for it in self.places for frame, bit in it]
        self._order: Tensor  # of a chunk's bits, so that those of a book stand together
        self.register_buffer("_order", torch.tensor(order), persistent=False)
        ends = [max(bit for _, bit in it) for it in self.places]
        # the books that bring one rate to the next
        self.groups = [
            [index for index, end in enumerate(ends) if end == last] for last in sorted({*ends})
        ]

    def search(self, vectors: Tensor, beam: int = BEAM) -> Tensor:
        """(chunks, chunk_bits) -> (chunks, books): the entry of each."""
        found = []
        for group in self.groups:
            books = [self.books[index] for index in group]
            found.append(best_ways(books, vectors, beam))
            vectors = vectors - _sum(books, found[-1])
        return torch.cat(found, dim=1)

    def said(self, entries: Tensor, bits: Tensor) -> Tensor:
        """(chunks, books), (chunks,) of each token that arrive -> (chunks, chunk_bits)."""
        parts = []
        for index, book in enumerate(self.books):
            whole = max(bit for _, bit in self.places[index]) < bits
            parts.append(book[entries[:, index]] * whole[:, None])
        return torch.stack(parts).sum(dim=0)

    def corners(self, entries: Tensor) -> Tensor:
        """(chunks, books) -> (chunks, frames, bits): -1 or 1, on the unit sphere."""
        ones = [entries[:, [at]] // it % 2 for at, it in enumerate(self._worths())]
        placed = torch.cat(ones, dim=1)[:, self._order.argsort()]
        corners = (2.0 * placed - 1.0) * self.config.bits**-0.5
        return corners.reshape(-1, self.config.chunk, self.config.bits)

    def entries(self, corners: Tensor) -> tuple[Tensor, Tensor]:
        """And back, 0 for what did not arrive: also how many bits of the tokens did."""
        worths = self._worths()
        ones = (corners > 0).long().flatten(1)[:, self._order]
        parts = ones.split([len(it) for it in worths], dim=1)
        found = [(part * it).sum(1) for part, it in zip(parts, worths, strict=True)]
        return torch.stack(found, dim=1), (corners[:, 0] != 0).sum(1)

    def _worths(self) -> list[Tensor]:
        """Of the bits of each book's entries, the most significant first."""
        device = self._order.device
        return [2 ** torch.arange(len(it) - 1, -1, -1, device=device) for it in self.places]


@torch.no_grad()
def fit(books: Codebooks, vectors: Tensor, rounds: int = ROUNDS) -> None:
    """Set the books to the means of what chooses them (Lloyd): one after the other first, then
    those of a rate together, for the best way through them is not the nearest entry of each.
    """
    for group in books.groups:
        added, left = [books.books[index] for index in group], vectors
        for book in added:
            _begin(book, left, rounds)
            left = left - book[_ways([book], left)[:, 0]]
        for _ in range(rounds // 2 if len(added) > 1 else 0):
            picks = _ways(added, vectors)
            for rank, book in enumerate(added):
                others = _sum(added, picks) - book[picks[:, rank]]
                book.copy_(_means(book, vectors - others, picks[:, rank]))
        vectors = vectors - _sum(added, _ways(added, vectors))


def _sum(books: Sequence[Tensor], picks: Tensor) -> Tensor:
    return torch.stack([book[picks[:, rank]] for rank, book in enumerate(books)]).sum(dim=0)


def _begin(book: Tensor, vectors: Tensor, rounds: int) -> None:
    drawn = torch.randint(len(vectors), (len(book),))
    book.copy_(vectors[drawn] + 0.01 * vectors.std(0) * torch.randn_like(book))
    for _ in range(rounds):
        book.copy_(_means(book, vectors, _ways([book], vectors)[:, 0]))


def _means(book: Tensor, vectors: Tensor, picks: Tensor) -> Tensor:
    """Of what picked each entry; what nobody picked is drawn anew."""
    counts = torch.bincount(picks, minlength=len(book))[:, None]
    sums = torch.zeros_like(book).index_add_(0, picks, vectors)
    anew = vectors[torch.randint(len(vectors), (len(book),))]
    return torch.where(counts > 0, sums / counts.clamp_min(1), anew)


def _ways(books: Sequence[Tensor], vectors: Tensor) -> Tensor:
    """In pieces, for all distances at once would take gigabytes."""
    beam = BEAM // 2 if len(books) > 1 else 1
    return torch.cat([best_ways(books, it, beam) for it in vectors.split(4096 // beam)])
