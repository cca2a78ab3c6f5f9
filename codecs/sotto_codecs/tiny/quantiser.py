"""The residual quantiser at work: each stage's code book says what the stages before left over."""

import numpy as np
import numpy.typing as npt

from sotto_codecs.base import Pcm

Indices = npt.NDArray[np.int64]  # (steps, stages)


class Quantiser:
    def __init__(self, books: Pcm) -> None:
        """books (stages, entries, latent)."""
        self._books = np.asarray(books, np.float32)
        self._columns = np.ascontiguousarray(self._books.transpose(0, 2, 1))
        self._halves = np.square(self._books).sum(axis=2) / 2  # of the entries' squared lengths

    def indices(self, latents: Pcm, stages: int) -> Indices:
        """(steps, latent) -> what goes on the wire."""
        found = np.empty((len(latents), stages), np.int64)
        for step, left in enumerate(latents):
            for stage in range(stages):
                # numpy's own sum: a matrix product would wake the threads of the BLAS for it
                alike = np.einsum("ij,i->j", self._columns[stage], left)
                picked = int(np.argmax(alike - self._halves[stage]))
                found[step, stage] = picked
                left = left - self._books[stage, picked]
        return found

    def latents(self, indices: Indices) -> Pcm:
        """(steps, stages) -> (steps, latent)."""
        picked: Pcm = self._books[np.arange(indices.shape[1]), indices]
        whole: Pcm = picked.sum(axis=1)
        return whole
