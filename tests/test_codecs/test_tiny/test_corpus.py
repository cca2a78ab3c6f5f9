from dataclasses import replace
from pathlib import Path

import numpy as np

from training.tiny.corpus import Corpus, opened, written_index


def test_a_written_cache_opens_as_it_was(hummed: Corpus, tmp_path: Path) -> None:
    (tmp_path / "sound.i16").write_bytes(hummed.sound.tobytes())
    (tmp_path / "pitch.f16").write_bytes(hummed.pitch.tobytes())
    written_index(tmp_path, hummed.clips)
    again = opened(tmp_path)
    assert again.clips == hummed.clips
    assert {clip.speaker for clip in again.part("held")} == {"5"}
    np.testing.assert_array_equal(again.sound, hummed.sound)


def test_a_cut_past_the_end_is_silence(hummed: Corpus) -> None:
    clip = replace(hummed.clips[0], samples=800)
    sound, pitch = hummed.cut(clip, 400, 800)
    assert sound[:400].any() and not sound[400:].any()
    assert pitch[:5].all() and not pitch[5:].any()
