"""A network of all parts and few weights, for the tests of the real one."""

import json
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from sotto_codecs.focal.config import FocalConfig
from tests.test_codecs.test_focal.sizes import SMALL


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Two of torch's wait for each other wherever something else uses a core."""
    if find_spec("torch"):
        import torch

        torch.set_num_threads(1)


@pytest.fixture(scope="session")
def small() -> FocalConfig:
    return SMALL


@pytest.fixture(scope="session")
def exported(small: FocalConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models beside each other: focal-550 and focal-600, exact; int8, of pulled files."""
    for package in ("torch", "onnx", "onnxruntime"):
        pytest.importorskip(package, reason="needs: pip install '.[torch]'")
    from safetensors.torch import save_file

    from sotto_codecs.focal.network.export import export, export_pulled
    from tests.test_codecs.test_focal.layout import described, network, weights

    folder = tmp_path_factory.mktemp("models")
    for bits in (11, 12):
        config = replace(small, bits=bits)
        export(network(config), folder / config.name, int8=False)
    (folder / "int8").mkdir()
    save_file(weights(small), folder / "int8" / "model.safetensors")
    (folder / "int8" / "config.json").write_text(json.dumps(described(small)))
    export_pulled(folder / "int8")
    return folder
