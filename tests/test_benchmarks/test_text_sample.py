"""The bench of samples: what a voice loses on its way is seen, and what it costs."""

from pathlib import Path

import pytest

pytest.importorskip("resemblyzer", reason="needs: pip install '.[torch]'")
pytest.importorskip("soundfile", reason="needs: pip install '.[bench,media]'")

from benchmarks.codecs.material import spoken_by_flite
from benchmarks.text.sample import coded


def test_a_voice_is_less_like_itself_in_a_sample(tmp_path: Path) -> None:
    whole, small = coded(spoken_by_flite(tmp_path, seed=0), (None, 4))
    assert (whole.size_bytes, small.size_bytes) == (0, 750)
    assert len(whole.likenesses) == len(small.likenesses) >= 2
    assert min(whole.likenesses) > 0.8
    for own, left in zip(whole.likenesses, small.likenesses, strict=True):
        assert 0.5 < left < own
