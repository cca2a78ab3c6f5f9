"""With a network that hums: a voice of piper is larger than the rest of the project."""

import json
from pathlib import Path

import numpy as np
import pytest

from sotto_codecs.backends.stcts import Stcts
from sotto_codecs.base import Frame
from sotto_codecs.errors import BackendUnavailable, BadSettings, WeightsMissing
from sotto_codecs.models import Models
from sotto_codecs.text.coding.text import TextEncoder, text_model
from sotto_codecs.text.speakers.piper import Piper
from sotto_codecs.text.speaking import RATE_HZ, synthesiser
from sotto_codecs.text.streams import PLAIN

onnx = pytest.importorskip("onnx")
pytest.importorskip("piper")

HOP = 256
PHONEMES = "_^$ abcdefhijklmnopstuvwzɐəɛɪʊæɑɔʌðŋɡɹʃʒθˈˌː.,"


def hums(file: Path) -> None:
    """HOP samples for each phoneme, as loud as its number."""
    make, kinds = onnx.helper, onnx.TensorProto
    nodes = [
        make.make_node("Cast", ["input"], ["number"], to=kinds.FLOAT),
        make.make_node("Unsqueeze", ["number", "axis"], ["column"]),
        make.make_node("Mul", ["column", "hop"], ["frames"]),
        make.make_node("Reshape", ["frames", "shape"], ["output"]),
    ]
    inputs = [
        make.make_tensor_value_info("input", kinds.INT64, [1, "phonemes"]),
        make.make_tensor_value_info("input_lengths", kinds.INT64, [1]),
        make.make_tensor_value_info("scales", kinds.FLOAT, [3]),
    ]
    outputs = [make.make_tensor_value_info("output", kinds.FLOAT, [1, 1, "samples"])]
    values = [
        onnx.numpy_helper.from_array(
            0.001 * np.arange(HOP, dtype=np.float32).reshape(1, 1, HOP), "hop"
        ),
        onnx.numpy_helper.from_array(np.array([2], np.int64), "axis"),
        onnx.numpy_helper.from_array(np.array([1, 1, -1], np.int64), "shape"),
    ]
    graph = make.make_graph(nodes, "hums", inputs, outputs, values)
    model = make.make_model(graph, opset_imports=[make.make_opsetid("", 17)], ir_version=8)
    file.write_bytes(model.SerializeToString())
    description = {
        "num_symbols": len(PHONEMES),
        "num_speakers": 1,
        "audio": {"sample_rate": 22_050},
        "espeak": {"voice": "en-us" if "en_" in file.name else "de"},
        "phoneme_id_map": {phoneme: [index] for index, phoneme in enumerate(PHONEMES)},
    }
    file.with_name(file.name + ".json").write_text(json.dumps(description))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("models")
    for name in ("en_US-hum-low", "de_DE-hum-low"):
        (made / f"piper-{name}").mkdir()
        hums(made / f"piper-{name}" / f"{name}.onnx")
    (made / "piper").mkdir()
    (made / "piper" / "en_GB-alone-low.onnx").write_bytes(b"no description beside it")
    return made


@pytest.fixture(scope="module")
def piper(folder: Path) -> Piper:
    return Piper(Models(folder))


def test_voices_are_the_files_of_the_folder(piper: Piper) -> None:
    assert piper.languages == ("de", "en")
    assert piper.voices("en-GB") == ("en_US-hum-low",) and piper.voices("fr") == ()


def test_it_speaks_and_names_every_word(piper: Piper) -> None:
    text = "there are 25 apples"
    (spoken,) = piper.speak(text)
    assert spoken.pcm.dtype == np.float32 and 0.1 < np.abs(spoken.pcm).max() <= 0.6
    assert len(spoken.pcm) / RATE_HZ > 25 * HOP / 22_050  # a hop for each phoneme
    assert [word.text for word in spoken.words] == text.split()
    lengths = [word.end_s - word.start_s for word in spoken.words]
    assert max(lengths) == lengths[2]  # "twenty five" has most phonemes
    assert spoken.words[-1].end_s <= len(spoken.pcm) / RATE_HZ


@pytest.mark.parametrize("text", ["", "\N{GRINNING FACE}", "世界", "!?", "a" * 10_000])
def test_nothing_to_say_gives_nothing(piper: Piper, text: str) -> None:
    assert list(piper.speak(text, "de_DE-hum-low")) == []


def test_an_unknown_voice_is_refused_at_once(piper: Piper) -> None:
    with pytest.raises(BadSettings, match="hum-low"):
        piper.speak("hello", "../secret")


def test_where_it_has_a_voice_it_is_preferred(folder: Path) -> None:
    assert synthesiser("auto", "de", Models(folder)).name == "piper"
    assert synthesiser("auto", "fr", Models(folder)).name != "piper"


def test_one_of_its_voices_can_be_asked_for(folder: Path) -> None:
    only = synthesiser("piper/piper-de_DE-hum-low", "en", Models(folder))
    assert only.voices("en") == () and only.voices("de") == ("de_DE-hum-low",)
    assert only is synthesiser("piper/piper-de_DE-hum-low", "de", Models(folder))


def test_text_mode_takes_the_voices_that_are_there(folder: Path) -> None:
    codec = Stcts(stt="pocketsphinx", models_dir=str(folder))
    names = [it and it.name for it in map(codec.speaker, ("en", "de", "fr"))]
    assert names == ["piper", "piper", "espeak-ng"]
    phrase = Frame(TextEncoder(text_model()).encode("the sun rose"), 0, 0, PLAIN)
    pcm = codec.decoder().decode(phrase)
    assert len(pcm) > 6 * HOP / 22_050 * RATE_HZ and 0.1 < np.abs(pcm).max() <= 0.6


def test_without_a_voice_the_sentence_says_how_to_fetch_one(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="sotto models pull piper-en_US"):
        Piper(Models(tmp_path))
    with pytest.raises(WeightsMissing, match="none is set"):
        Piper(Models())


def test_broken_files_are_missing_weights(tmp_path: Path) -> None:
    voice = tmp_path / "piper" / "en_US-torn-low.onnx"
    voice.parent.mkdir()
    hums(voice)
    voice.write_bytes(b"torn")
    with pytest.raises(WeightsMissing, match="is no voice"):
        next(Piper(Models(tmp_path)).speak("hello"))
    voice.with_name("en_US-torn-low.onnx.json").write_text("[]")
    with pytest.raises(WeightsMissing, match="describes no voice"):
        Piper(Models(tmp_path))


def test_without_the_package_the_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sotto_codecs.text.speakers.piper.find_spec", lambda name: None)
    with pytest.raises(BackendUnavailable, match=r"sotto-call\[piper\]"):
        Piper(Models())
