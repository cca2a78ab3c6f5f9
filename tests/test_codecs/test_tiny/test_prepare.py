from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from training.tiny.corpus import opened
from training.tiny.prepare import Source, held_speakers, levelled, listed, pitched, prepared, write


def tone(hz: float, rate_hz: int) -> npt.NDArray[np.float64]:
    time_s = np.arange(2 * rate_hz)[:, None] / rate_hz
    harmonics = np.arange(1, 9)
    whole: npt.NDArray[np.float64] = (
        0.1 * np.sin(2 * np.pi * hz * time_s * harmonics) @ (1 / harmonics)
    )
    return whole


def test_a_folder_becomes_a_cache(tmp_path: Path) -> None:
    speech = tmp_path / "speech"
    for speaker, rate_hz in (("ada", 16_000), ("ben", 24_000)):
        (speech / speaker).mkdir(parents=True)
        soundfile.write(speech / speaker / "one.flac", tone(200, rate_hz), rate_hz)
    sources = listed(speech)
    assert [source.speaker for source in sources] == ["ada", "ben"]
    clips = (prepared(source, with_pitch=False) for source in sources)
    write(tmp_path / "cache", clips, {("speech", "ben")})
    corpus = opened(tmp_path / "cache")
    assert [clip.split for clip in corpus.clips] == ["train", "held"]
    for clip in corpus.clips:
        assert clip.samples == 32_000
        sound, _ = corpus.cut(clip, 0, clip.samples)
        assert 20 * np.log10(np.sqrt(np.mean(sound**2))) == pytest.approx(-25, abs=0.1)


def test_a_manifest_names_corpus_and_speaker(tmp_path: Path) -> None:
    manifest = tmp_path / "speech.tsv"
    manifest.write_text("path\tcorpus\tspeaker\na/b.opus\tread\tada\n")
    assert listed(manifest) == [Source(tmp_path / "a/b.opus", "read", "ada")]


def test_silence_is_not_made_loud() -> None:
    assert not levelled(np.zeros(1600)).any()
    assert np.abs(levelled(np.eye(1, 16_000)[0])).max() <= 0.99


def test_some_speakers_of_a_large_corpus_are_held() -> None:
    crowd = [Source(Path(f"{n}.flac"), "crowd", str(n)) for n in range(100)]
    alone = [Source(Path("a.flac"), "alone", "ada")]
    held = held_speakers(crowd + alone)
    assert len(held) == 4
    assert {corpus for corpus, _ in held} == {"crowd"}
    assert held == held_speakers(crowd + alone)


@pytest.mark.filterwarnings("ignore:pkg_resources:UserWarning")
@pytest.mark.filterwarnings("ignore:pkg_resources:DeprecationWarning")
def test_pitch_is_found() -> None:
    pytest.importorskip("pyworld", reason="needs: pip install '.[bench]'")
    found = pitched(tone(180, 16_000))
    assert len(found) == 400
    assert np.median(found[50:350]) == pytest.approx(180, rel=0.02)
