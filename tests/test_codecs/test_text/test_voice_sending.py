"""A voice leaves once, where its owner agrees; a known one as it left before."""

from functools import cache

import numpy as np
import pytest

from sotto_codecs.base import Pcm
from sotto_codecs.errors import BadFrame
from sotto_codecs.text.speakers.flite import Flite
from sotto_codecs.text.voice.card import SIZE, decode
from sotto_codecs.text.voice.knowing import Embedding
from sotto_codecs.text.voice.sample import checked
from sotto_codecs.text.voice.sample import decode as decoded
from sotto_codecs.text.voice.sending import CARD, MOST, Sharing, Voices, described
from tests.cloning import pitch_hz

pytest.importorskip("pyworld")

TEXTS = (
    """the birch canoe slid on the smooth planks. glue the sheet to the dark blue background.
    it is easy to tell the depth of a well. these days a chicken leg is a rare dish.""",
    """rice is often served in round bowls. the juice of lemons makes fine punch.
    the box was thrown beside the parked truck. four hours of steady work faced us.""",
    """a large size in stockings is hard to sell. the boy was there when the sun rose.
    a rod is used to catch pink salmon. the source of the huge river is the clear spring.""",
)


LOUDNESS = {"rms": 1.0, "slt": 0.2}


class Loudness:
    """Tells people apart by how loud they are, in dB."""

    radius = sure = 4.0

    def embed(self, pcm: Pcm) -> Embedding | None:
        return np.array([10 * np.log10(np.mean(pcm.astype(np.float64) ** 2))], np.float32)


@cache
def phrases(voice: str) -> list[Pcm]:
    return [
        np.concatenate([it.pcm for it in Flite().speak(text, voice)]) * np.float32(LOUDNESS[voice])
        for text in TEXTS
    ]


def sent(sharing: Sharing, voice: str) -> list[bytes]:
    return [payload for pcm in phrases(voice) if (payload := sharing.heard(pcm))]


@pytest.fixture(scope="module")
def voices() -> Voices:
    return Voices(Loudness)


def test_a_card_leaves_once_and_a_known_voice_has_the_one_it_had(voices: Voices) -> None:
    first, again, other = Sharing(voices), Sharing(voices), Sharing(voices)
    for each in (first, again, other):
        each.agree(True)
    (card,) = sent(first, "rms")
    assert card[:1] == CARD and len(card) == 1 + SIZE and described(card) == decode(card[1:])
    assert again.heard(np.concatenate(phrases("rms")[1:])) == card  # other words
    assert sent(other, "slt") not in ([], [card])


def test_nothing_is_measured_before_its_owner_agrees_and_it_can_be_taken_back() -> None:
    def make() -> Loudness:
        asked.append(True)
        return Loudness()

    asked = list[bool]()
    voices = Voices(make)
    sharing = Sharing(voices)
    assert sent(sharing, "rms") == [] and not asked
    sharing.agree(True)
    assert len(sent(sharing, "rms")) == 1
    sharing.agree(False)
    assert sent(sharing, "rms") == [CARD]  # neutral again
    assert described(CARD) is None
    assert voices.card(Loudness().embed(phrases("rms")[0]), b"new") == b"new"


def test_where_another_one_talks_another_card_leaves() -> None:
    sharing = Sharing(Voices(Loudness))
    sharing.agree(True)
    cards = [described(it) for voice in ("rms", "slt", "slt") for it in sent(sharing, voice)]
    man, woman = (card.pitch_hz for card in cards if card)
    assert man < 130 < woman


def wanted(voices: Voices) -> Sharing:
    sharing = Sharing(voices)
    sharing.agree(True)
    sharing.want_sample(True)
    return sharing


def test_where_it_is_wanted_a_sample_follows_the_card_once_and_is_known_again(
    voices: Voices,
) -> None:
    first, again = wanted(voices), wanted(voices)
    card, sample = [*sent(first, "rms"), *sent(first, "rms"), *sent(first, "rms")]
    assert card[:1] == CARD and checked(sample) == sample
    lows = 60 < pitch_hz(decoded(sample)) < 140
    assert lows and [*sent(again, "rms"), *sent(again, "rms")] == [card, sample]


def test_where_nobody_can_use_it_no_sample_leaves(voices: Voices) -> None:
    sharing = Sharing(voices)
    sharing.agree(True)
    assert [it[:1] for _ in range(4) for it in sent(sharing, "rms")] == [CARD]


def test_what_is_taken_back_is_forgotten_with_the_sample() -> None:
    voices = Voices(Loudness)
    sharing = wanted(voices)
    card, _ = [*sent(sharing, "rms"), *sent(sharing, "rms")]
    assert voices.sample(card[1:])
    sharing.agree(False)
    assert voices.sample(card[1:]) == b""
    assert [*sent(sharing, "rms"), *sent(sharing, "rms")] == [CARD]
    voices.keep(card[1:], b"late")
    assert voices.sample(card[1:]) == b""


def test_a_sample_is_of_nobody_else_and_another_talker_has_one_as_well() -> None:
    sharing = wanted(Voices(Loudness))
    kinds = [it[:1] for _ in range(2) for it in sent(sharing, "rms")]
    assert kinds == [CARD, b"\1"]
    later = [it for _ in range(4) for it in sent(sharing, "slt")]
    assert [it[:1] for it in later] == [CARD, b"\1"]
    assert pitch_hz(decoded(later[1])) > 140


def test_it_keeps_a_bounded_number_of_voices() -> None:
    voices = Voices(Loudness)
    places = [np.array([9.0 * place], np.float32) for place in range(MOST + 1)]
    for place in places:
        voices.card(place, bytes([int(place[0]) // 9]))
    assert voices.card(places[1], b"again") == b"\1"
    assert voices.card(places[0], b"again") == b"again"
    assert voices.card(None, b"unheard") == b"unheard"


@pytest.mark.parametrize("payload", [b"", b"\1abcd", b"\0a card", b"\2en"])
def test_what_is_no_card_is_refused(payload: bytes) -> None:
    with pytest.raises(BadFrame, match="no voice card"):
        described(payload)
