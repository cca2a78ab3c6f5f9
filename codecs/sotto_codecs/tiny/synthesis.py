"""Excitation through filters that change every 5 ms -> sound, in numpy.

The same as training.tiny.synthesis and what the decoder there sees, tested equal.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sotto_codecs.base import Pcm
from sotto_codecs.tiny.config import TinyConfig
from sotto_codecs.tiny.features import hann
from sotto_codecs.tiny.lift import lifted

Spectra = npt.NDArray[np.complex64]  # (pieces, bins)


@dataclass(frozen=True, slots=True)
class Filters:
    logs: Pcm  # (pieces, 2 * bins): log magnitudes, of the pulses' and of the noise's filter
    angles: Pcm  # likewise: radians
    wave: Pcm  # (pieces, window): added as it is


class Synthesis:
    def __init__(self, config: TinyConfig, gains_db: tuple[float, ...] = ()) -> None:
        """`gains_db` lift bands of both filters: sotto_codecs.tiny.lift."""
        self._config = config
        logs, angles = lifted(gains_db, config)
        self._lift = np.tile(logs, 2), np.tile(angles, 2)
        self._bell = hann(config.window)
        self._parts = -(-config.spectrum // config.piece)  # pieces that one piece rings into

    @property
    def ringing_pieces(self) -> int:
        return self._parts - 1

    def spectra(self, excitation: Pcm) -> Spectra:
        """(..., samples), the first half window of old -> (..., pieces, bins)."""
        window, piece = self._config.window, self._config.piece
        windows = np.lib.stride_tricks.sliding_window_view(excitation, window, axis=-1)
        frames = windows[..., ::piece, :] * self._bell
        return np.asarray(np.fft.rfft(frames, self._config.spectrum), np.complex64)

    def seen(self, train: Pcm, voiced: Spectra, unvoiced: Spectra) -> Pcm:
        """What the filters' blocks are told of each row's excitation: (rows, looks)."""
        config = self._config
        rows = len(voiced) // config.pieces
        halves = [part.reshape(rows, config.pieces, -1) for part in (voiced, unvoiced)]
        whole = np.concatenate(halves, axis=2).reshape(rows, -1, config.bins)[..., ::2]
        power = np.square(whole.real) + np.square(whole.imag)
        loud = np.log(power / np.float32(60) + np.float32(1e-2)) * np.float32(0.3)
        reach = config.row + config.window - config.piece
        wave = np.lib.stride_tricks.sliding_window_view(train, reach)[:: config.row]
        return np.concatenate([loud.reshape(rows, -1), np.float32(0.2) * wave], axis=1)

    def sound(
        self, voiced: Spectra, unvoiced: Spectra, filters: Filters, ringing: Pcm
    ) -> tuple[Pcm, Pcm]:
        """(samples,), and (pieces, samples) that still ring; `ringing` is of the call before."""
        config, pieces = self._config, len(voiced)
        size, angles = np.exp(filters.logs + self._lift[0]), filters.angles + self._lift[1]
        response = np.empty(size.shape, np.complex64)
        response.real, response.imag = size * np.cos(angles), size * np.sin(angles)
        whole = voiced * response[:, : config.bins] + unvoiced * response[:, config.bins :]
        shaped = np.zeros((pieces, self._parts * config.piece), np.float32)
        shaped[:, : config.spectrum] = np.fft.irfft(whole, config.spectrum)
        shaped[:, : config.window] += filters.wave
        added = np.zeros((pieces + self._parts - 1, config.piece), np.float32)
        added[: self._parts - 1] = ringing
        for part in range(self._parts):
            here = slice(part * config.piece, (part + 1) * config.piece)
            added[part : part + pieces] += shaped[:, here]
        return added[:pieces].ravel(), added[pieces:]
