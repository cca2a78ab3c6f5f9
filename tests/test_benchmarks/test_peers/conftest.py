"""Models with random weights in the layout of the hub: the right shapes, nothing learnt."""

from pathlib import Path
from typing import Any

import pytest

NEEDS_TORCH = "needs: pip install '.[torch]'"
ENCODEC = {
    "num_filters": 2,
    "hidden_size": 8,
    "pad_mode": "constant",  # what a stream begins with (seanet.py); the published one mirrors
    "target_bandwidths": [6.0],
}
MIMI = {
    "num_filters": 2,
    "hidden_size": 32,
    "codebook_dim": 8,
    "vector_quantization_hidden_dimension": 8,
    "num_quantizers": 8,
    "upsample_groups": 32,
    "num_hidden_layers": 2,
    "intermediate_size": 32,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "sliding_window": 7,  # far shorter than a test, so that its end is passed
    "layer_scale_initial_scale": 0.5,
}


@pytest.fixture(scope="session")
def encodec_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved("Encodec", ENCODEC, tmp_path_factory.mktemp("encodec"))


@pytest.fixture(scope="session")
def mimi_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved("Mimi", MIMI, tmp_path_factory.mktemp("mimi"))


def saved(family: str, settings: dict[str, Any], folder: Path) -> Path:
    torch = pytest.importorskip("torch", reason=NEEDS_TORCH)
    transformers = pytest.importorskip("transformers", reason=NEEDS_TORCH)
    torch.manual_seed(1)
    config = getattr(transformers, f"{family}Config")(**settings)
    model = getattr(transformers, f"{family}Model")(config)
    with torch.no_grad():
        for name, numbers in model.named_buffers():
            if name.endswith((".embed", ".embed_sum")):  # books start empty
                numbers.normal_()
        for name, numbers in model.encoder.named_parameters():
            if name.endswith("bias"):  # in so small a model the sound would drown in it
                numbers.zero_()
            elif name.endswith("original0"):  # the length of a weight
                numbers.mul_(4)
    transformers.utils.logging.disable_progress_bar()
    model.save_pretrained(folder)
    return folder
