from pathlib import Path
from typing import Any

import pytest

from benchmarks.peers.seanet import Chain, stream_of

SIZES = [[320] * 12, [640, 320, 1920, 960], [3840]]  # samples of the pieces


@pytest.fixture(scope="module")
def model(encodec_folder: Path) -> Any:
    transformers = pytest.importorskip("transformers")
    return transformers.EncodecModel.from_pretrained(encodec_folder).eval()


@pytest.mark.parametrize("sizes", SIZES)
def test_pieces_of_any_size_make_the_whole(model: Any, sizes: list[int]) -> None:
    torch = pytest.importorskip("torch")
    sound = torch.randn(1, 1, sum(sizes), generator=torch.Generator().manual_seed(1))
    there, back = Chain(model.encoder.layers), Chain(model.decoder.layers)
    with torch.inference_mode():
        features = [there(piece) for piece in sound.split(sizes, dim=-1)]
        again = [back(piece) for piece in features]
        whole = model.encoder(sound)
        torch.testing.assert_close(torch.cat(features, -1), whole, atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(torch.cat(again, -1), model.decoder(whole), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("transposed", [False, True])
def test_a_layer_that_looks_ahead_is_refused(transposed: bool) -> None:
    pytest.importorskip("torch", reason="needs: pip install '.[torch]'")
    encodec = pytest.importorskip("transformers.models.encodec.modeling_encodec")
    config = encodec.EncodecConfig(use_causal_conv=False)
    kind = encodec.EncodecConvTranspose1d if transposed else encodec.EncodecConv1d
    with pytest.raises(ValueError, match="looks ahead"):
        stream_of(kind(config, 1, 1, 3))
