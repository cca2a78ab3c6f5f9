"""Overlap-save, for runtimes that cannot carry the network's memories from call to call: every call
computes a whole window from blank memories and keeps only its new half; each index is sent once.

It equals stepping, for a window reaches back as far as the network does. What has no such end, the
phase of the pulses, is one number from call to call.
"""

from dataclasses import replace

import numpy as np

from sotto_codecs.base import Pcm
from sotto_codecs.tiny.config import TinyConfig
from sotto_codecs.tiny.excitation import Excited, pulses
from sotto_codecs.tiny.network import Heard, Network
from sotto_codecs.tiny.quantiser import Indices


def slow_reach(config: TinyConfig) -> int:
    """Steps that the slow blocks look back."""
    return (config.slow_kernel - 1) * sum(config.slow_dilations)


def fast_reach(config: TinyConfig, blocks: int) -> int:
    """Steps that so many fast blocks look back, rounded up."""
    return -(-blocks * (config.kernel - 1) // config.rows)


class OverlapEncoder:
    """One talker's: a hop of sound in, its indices out."""

    def __init__(self, network: Network) -> None:
        self._network, config = network, network.config
        self.hop = slow_reach(config) + fast_reach(config, config.encoder_fast_blocks)  # steps
        self._old = network.features.memory_samples + self.hop * config.step
        self._seen = np.zeros(0, np.float32)

    def encode(self, hop: Pcm, stages: int) -> Indices:
        """(`hop` steps of samples,) -> (`hop`, stages)."""
        state = self._network.new_encoder()
        if len(self._seen) == self._old:
            first = self._network.features.memory_samples
            state = replace(state, sound=self._seen[:first])
            window = np.concatenate([self._seen[first:], hop])
        else:
            window = np.concatenate([self._seen, hop])
        latents, _ = self._network.listen(window, state)
        self._seen = np.concatenate([self._seen, hop])[-self._old :]
        return self._network.quantiser.indices(latents[-self.hop :], stages)


class OverlapDecoder:
    """One listener's: a hop of indices in, its sound out."""

    def __init__(self, network: Network) -> None:
        self._network, config = network, network.config
        # what rings and what lies half a window back: less than a step more
        self._late = fast_reach(config, config.filter_blocks) + 2
        self._early = slow_reach(config) + fast_reach(config, config.pitch_blocks) + 1
        self.hop = self._early + self._late  # steps
        self._seen: Indices | None = None
        self._phase = 0.0  # of the pulses, `late` steps before the next hop
        self._step = 0  # of the next hop

    def decode(self, hop: Indices) -> Pcm:
        """(`hop`, stages) -> (`hop` steps of samples,)."""
        network, rows = self._network, self._network.config.rows
        window = hop if self._seen is None else np.concatenate([self._seen, hop])
        skipped = 0 if self._seen is None else self._early
        state = network.new_decoder(self._step - self.hop + self._early if skipped else 0)
        heard = network.hear(window, state)
        excited = state.excited
        if skipped:
            excited = Excited(float(heard.pitch[skipped * rows - 1]), self._phase)
        heard = Heard(heard.x[skipped * rows :], heard.pitch[skipped * rows :], *_unused(heard))
        sound, _ = network.speak(heard, replace(state, excited=excited))
        self._phase = self._phase_after(heard.pitch[: -self._late * rows], excited)
        self._seen, self._step = hop, self._step + self.hop
        return sound[-self.hop * network.config.step :]

    def _phase_after(self, pitch: Pcm, excited: Excited) -> float:
        config = self._network.config
        return pulses(pitch, excited, config.row, config.rate_hz)[1].phase


def _unused(heard: Heard) -> tuple[Pcm, Pcm]:
    return heard.slow, heard.pitch_blocks
