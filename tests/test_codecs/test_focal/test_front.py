import pytest

pytest.importorskip("torch", reason="needs: pip install '.[torch]'")

from dataclasses import replace

import torch

from sotto_codecs.focal.config import FocalConfig
from sotto_codecs.focal.network.front import Front, bucket


@pytest.mark.parametrize(
    ("distance", "found"),
    [
        (0, 0),
        (-1, 1),
        (-79, 79),
        (-80, 80),
        (-100, 87),
        (-511, 144),
        (-5000, 159),
        (1, 161),
        (3, 163),
    ],
)
def test_buckets_of_the_published_sizes(distance: int, found: int) -> None:
    """80 exact ones, then 80 to ten times as far; ahead likewise. -100: 80 + 80 log10(1.25)."""
    assert bucket(torch.tensor([distance]), 320, 800).tolist() == [found]


@torch.no_grad()
def test_a_frame_sees_its_chunk_and_the_window_before_its_end(small: FocalConfig) -> None:
    """Window 40: a chunk is last seen by the ninth after it, and by none before it."""
    torch.manual_seed(7)
    front = Front(replace(small, layers=1)).eval()
    _, _, blank = front.blank(1)
    x = torch.randn(1, 60, small.width)

    def heeding(frame: int) -> list[int]:
        """Chunks with a frame that heeds this one."""
        other = x.clone()
        other[:, frame] = torch.randn(small.width)
        both = [front.attend(it, blank, blank, torch.tensor(0))[0] for it in (x, other)]
        differs = (both[0] != both[1]).any(dim=2)[0]
        return sorted({found // small.chunk for found in differs.nonzero()[:, 0].tolist()})

    assert heeding(0) == heeding(3) == [*range(10)]
    assert heeding(22) == [*range(5, 15)]


@torch.no_grad()
def test_what_was_before_the_beginning_is_not_heeded(small: FocalConfig) -> None:
    torch.manual_seed(8)
    front = Front(small).eval()
    _, _, blank = front.blank(1)
    noise = tuple(torch.randn_like(keys) for keys in blank)
    x = torch.randn(1, small.chunk, small.width)
    begun, _, _ = front.attend(x, blank, blank, torch.tensor(0))
    odd, _, _ = front.attend(x, noise, noise, torch.tensor(0))
    later, _, _ = front.attend(x, noise, noise, torch.tensor(small.chunk))
    torch.testing.assert_close(odd, begun)
    assert not torch.allclose(later, begun)
