"""Sound -> what the encoder looks at, a row every 10 ms (torch; the call computes it in numpy).

A row ends where its last 10 ms of sound end: log mel bands of the last 32 ms, of two spans of 16 ms
5 ms apart (attacks), and the autocorrelation of the last 64 ms at pitch lags.
"""

import torch
from torch import Tensor, nn

from sotto_codecs.tiny.bands import lag_matrix, mel_matrix
from sotto_codecs.tiny.config import TinyConfig

LONG, MIDDLE, SHORT = 1024, 512, 256  # samples of 64, 32 and 16 ms
FLOOR = 1e-6  # of a band's power: a tenth of a step of 16-bit sound
MEAN, SPREAD = -6.0, 4.0  # of the log of a band's power, roughly, in speech


class Features(nn.Module):
    def __init__(self, config: TinyConfig) -> None:
        super().__init__()
        self.config = config
        rate_hz = config.rate_hz
        self.mel: Tensor
        self.fast_mel: Tensor
        self.lag: Tensor
        lag = lag_matrix(LONG, config.lags, rate_hz, (config.lowest_hz, config.highest_hz))
        for name, matrix in (
            ("mel", mel_matrix(MIDDLE, config.mels, rate_hz)),
            ("fast_mel", mel_matrix(SHORT, config.fast_mels, rate_hz)),
            ("lag", lag),
        ):
            self.register_buffer(name, torch.from_numpy(matrix), persistent=False)

    @property
    def memory_samples(self) -> int:
        return LONG - self.config.row

    def forward(self, sound: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, samples) -> (batch, rows, features); `memory` is the sound before it."""
        seen = torch.cat([memory, sound], dim=1)
        long = seen.unfold(1, LONG, self.config.row)
        back = self.config.piece
        fast = [
            self._bands(long[..., LONG - SHORT - late : LONG - late], self.fast_mel)
            for late in (back, 0)
        ]
        slow = self._bands(long[..., LONG - MIDDLE :], self.mel)
        rows = torch.cat([slow, *fast, self._likeness(long)], dim=-1)
        return rows, seen[:, sound.shape[1] :]

    def _bands(self, frames: Tensor, matrix: Tensor) -> Tensor:
        power = _power(frames)
        return (torch.log(power @ matrix + FLOOR) - MEAN) / SPREAD

    def _likeness(self, frames: Tensor) -> Tensor:
        """Autocorrelation of a flattened spectrum: the fourth root keeps formants out of it."""
        flat = (_power(frames) + 1e-9) ** 0.25
        return 3 * (flat @ self.lag) / flat.sum(dim=-1, keepdim=True)


def _power(frames: Tensor) -> Tensor:
    window = torch.hann_window(frames.shape[-1], device=frames.device)
    spectrum = torch.fft.rfft(frames * window)
    return spectrum.real.square() + spectrum.imag.square()
