"""A published checkpoint -> our network: every name and every shape is looked at before any weight.

    codec = load(folder / "model.safetensors", FocalConfig(bits=12))

What does not fit raises BadWeights, which says what it is and how to fetch the right file.
"""

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from sotto_codecs.errors import BadWeights, WeightsMissing
from sotto_codecs.focal.config import FocalConfig
from sotto_codecs.focal.network.naming import ours
from sotto_codecs.focal.network.network import FocalCodec
from sotto_codecs.models import pull

Shape = tuple[int, ...]
NAMED = 4  # names in a message; more of a kind are counted


def load(file: Path, config: FocalConfig) -> FocalCodec:
    """Raises WeightsMissing where there is no file, BadWeights for a foreign or damaged one."""
    try:
        with safe_open(file, framework="pt") as stored:
            shapes = {name: tuple(stored.get_slice(name).get_shape()) for name in stored.keys()}
            faults = misfits(shapes, config)
            if faults:
                raise _refused(file, config, "; ".join(faults))
            return _filled(config, {ours(name) or "": stored.get_tensor(name) for name in shapes})
    except FileNotFoundError:
        raise WeightsMissing(f"there is no {file}", pull(config.name)) from None
    except (SafetensorError, OSError) as fault:
        raise _refused(file, config, f"damaged, or no safetensors at all: {fault}") from fault


def expected(config: FocalConfig) -> dict[str, Shape]:
    """Our names and shapes; costs no memory."""
    with torch.device("meta"):
        codec = FocalCodec(config)
    return {name: tuple(value.shape) for name, value in codec.state_dict().items()}


def misfits(shapes: Mapping[str, Shape], config: FocalConfig) -> list[str]:
    """What of these published names and shapes does not fit; empty where all does."""
    wanted = expected(config)
    known = {name: ours(name) for name in shapes}
    unknown = [name for name, own in known.items() if own not in wanted]
    missing = [name for name in wanted if name not in known.values()]
    wrong = [
        f"{name} {shapes[name]} for {wanted[own]}"
        for name, own in known.items()
        if own in wanted and shapes[name] != wanted[own]
    ]
    kinds = {"unknown": unknown, "missing": missing, "of another shape": wrong}
    return [f"{kind}: {_some(names)}" for kind, names in kinds.items() if names]


def _filled(config: FocalConfig, weights: Mapping[str, torch.Tensor]) -> FocalCodec:
    with torch.device("meta"):
        codec = FocalCodec(config)
    codec.load_state_dict({name: value.float() for name, value in weights.items()}, assign=True)
    return codec.eval()


def _some(names: list[str]) -> str:
    rest = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _refused(file: Path, config: FocalConfig, why: str) -> BadWeights:
    return BadWeights(f"{file} is not {config.name}: {why}", pull(config.name))
