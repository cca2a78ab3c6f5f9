"""PCM at the seam: what an encoder may be given, and 16-bit samples to and from it."""

import numpy as np
import numpy.typing as npt

from sotto_codecs.base import CodecSpec, Pcm
from sotto_codecs.errors import BadAudio


def checked(pcm: Pcm, spec: CodecSpec) -> Pcm:
    """`pcm` as one contiguous frame of `spec`, clipped to [-1, 1]. Raises BadAudio."""
    if not isinstance(pcm, np.ndarray) or pcm.dtype != np.float32:
        kind = getattr(pcm, "dtype", type(pcm).__name__)
        raise BadAudio(f"{spec.name}: PCM is a float32 array, not {kind}")
    channels = () if spec.channels == 1 else (spec.channels,)
    if pcm.shape != (spec.frame_samples, *channels):
        raise BadAudio(
            f"{spec.name}: a frame has shape {(spec.frame_samples, *channels)}, not {pcm.shape}"
        )
    if not np.isfinite(pcm).all():
        raise BadAudio(f"{spec.name}: PCM has samples that are not finite")
    return np.ascontiguousarray(np.clip(pcm, -1.0, 1.0))


def to_int16(pcm: Pcm) -> npt.NDArray[np.int16]:
    """Samples of [-1, 1] as 16-bit ones, clipped and rounded."""
    scaled: Pcm = np.clip(pcm, -1.0, 1.0) * np.float32(32767.0)
    return np.rint(scaled).astype(np.int16)


def from_int16(samples: npt.NDArray[np.int16]) -> Pcm:
    """16-bit samples in [-1, 1]."""
    return samples.astype(np.float32) / np.float32(32768.0)
