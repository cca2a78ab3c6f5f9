"""A synthesiser's phrase, moved: words when the talker said them, the talker's melody and stress.

The voice stays the synthesiser's: melody and loudness are laid about its own mean. A low one that
is nobody's in particular is lifted a little, for a melody that falls has no room below it: flite's
rms follows a talker at .58 a phrase from its own 100 Hz, at .61 three semitones higher.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sotto_codecs.base import Pcm
from sotto_codecs.text.phrase import Word
from sotto_codecs.text.prosody import world
from sotto_codecs.text.prosody.curves import MOST, STEP_S, Curve, Values, cosines
from sotto_codecs.text.prosody.f0 import HIGHEST_HZ, LOWEST_HZ, RATE_HZ, SHORTEST
from sotto_codecs.text.prosody.measuring import AUDIBLE_DB, Prosody, ordered

SHORTEST_SHARE = 0.5  # of the synthesiser's own duration of a word
LONGEST_SHARE = 2.0
LONGEST_PAUSE_S = 2.0
TAIL_S = 0.08  # of the synthesiser's sound behind its last word
WIDEST_ST = 14.0  # from the mean
LOW_HZ, LIFT = 130.0, 2 ** (3 / 12)  # of the mean, where no voice is wanted
MOST_GAIN_DB = 12.0
STRESSES_PER_S = 3  # cosines of loudness that follow the talker; what is faster is the sounds' own
RIDGE = 0.02  # of the mean square of a cosine: holds back what few frames tell of
HUSH_S = 0.03  # a longer pause than the synthesiser has is silent, but for its edges
LONGEST_S = 60.0  # 1 MB a second while it is moved
HUSH_DB = -70.0
LOUDEST = 0.98

Voice = Callable[[world.Spoken], world.Spoken]


@dataclass(frozen=True, slots=True)
class Anchor:
    """What the synthesiser says at `own_s` is heard at `heard_s`."""

    own_s: float
    heard_s: float


def apply(
    pcm: Pcm, words: Sequence[Word], prosody: Prosody, voice: Voice | None = None
) -> tuple[Pcm, tuple[Word, ...]]:
    """`pcm` at RATE_HZ with the times of its words; back come the moved sound and its times.

    The first sample is the start of the talker's phrase. `voice` changes the synthesiser's voice
    on the way; without one it is `lifted`. Silence, sound without words and what is too short or
    long come back as they are. Raises BackendUnavailable.
    """
    own = ordered(tuple(words))
    if len(pcm) < SHORTEST or not pcm.any() or not own or not prosody.words:
        return pcm, tuple(words)
    anchors = timetable(own, prosody.words, len(pcm) / RATE_HZ)
    if max(len(pcm) / RATE_HZ, anchors[-1].heard_s) > LONGEST_S:
        return pcm, tuple(words)
    spoken = world.analysed(np.nan_to_num(pcm))
    sound = world.synthesised(moved((voice or lifted)(spoken), anchors, prosody))
    loudest = max(float(np.abs(sound).max(initial=0.0)), LOUDEST)
    marks_s = np.array([(it.own_s, it.heard_s) for it in anchors]).T
    return sound * np.float32(LOUDEST / loudest), tuple(_heard(it, *marks_s) for it in own)


def lifted(spoken: world.Spoken) -> world.Spoken:
    """A voice with room below it."""
    voiced = spoken.hertz[spoken.hertz > 0]
    is_low = len(voiced) and np.median(voiced) < LOW_HZ
    return replace(spoken, hertz=spoken.hertz * LIFT) if is_low else spoken


def moved(spoken: world.Spoken, anchors: Sequence[Anchor], prosody: Prosody) -> world.Spoken:
    """In the talker's time, melody and stress, about the mean of the voice."""
    own_marks_s, heard_marks_s = np.array([(it.own_s, it.heard_s) for it in anchors]).T
    times_s = np.arange(0.0, heard_marks_s[-1], world.STEP_S)
    timed = world.at(spoken, np.interp(times_s, heard_marks_s, own_marks_s))
    own_db = 10 * np.log10(timed.envelope.mean(axis=1))
    gain_db = _stress_db(own_db, _at(prosody.level, times_s)) + _hush_db(anchors, times_s)
    louder = timed.envelope * 10 ** (gain_db / 10)[:, None]
    return world.Spoken(_sung(timed.hertz, _at(prosody.pitch, times_s)), louder, timed.noise)


def timetable(own: Sequence[Word], said: Sequence[Word], own_length_s: float) -> list[Anchor]:
    """Start and end of each word, and a tail. A word that would be drawn out or pressed too much
    is not, and those behind it catch up."""
    anchors, now_s = list[Anchor](), 0.0
    for mine, theirs in pairs(own, said):
        lasts_s = max(mine.end_s - mine.start_s, world.STEP_S)
        start_s = min(max(now_s, theirs.start_s), now_s + LONGEST_PAUSE_S)
        limits_s = SHORTEST_SHARE * lasts_s, LONGEST_SHARE * lasts_s
        now_s = start_s + min(max(theirs.end_s - start_s, limits_s[0]), limits_s[1])
        anchors += [Anchor(mine.start_s, start_s), Anchor(mine.end_s, now_s)]
    tail_s = min(TAIL_S, max(own_length_s - own[-1].end_s, 0.0))
    return [*anchors, Anchor(own[-1].end_s + tail_s, now_s + tail_s)]


def pairs(own: Sequence[Word], said: Sequence[Word]) -> list[tuple[Word, Word]]:
    """The same words of both ends. The synthesiser may have left some out; where it has others,
    all of each end are one long word."""
    found, rest = list[tuple[Word, Word]](), iter(said)
    for mine in own:
        theirs = next((word for word in rest if word.text == mine.text), None)
        if theirs is None:
            return [(_whole(own), _whole(said))]
        found.append((mine, theirs))
    return found


def _whole(words: Sequence[Word]) -> Word:
    return Word("", words[0].start_s, words[-1].end_s)


def _heard(word: Word, own_s: Values, heard_s: Values) -> Word:
    """A word ends before the pause that may follow at the same own time."""
    start_s, end_s = np.interp([word.start_s, word.end_s - 1e-6], own_s, heard_s)
    return replace(word, start_s=float(start_s), end_s=max(float(start_s), float(end_s)))


def _at(curve: Curve, times_s: Values) -> Values:
    """In a straight line over what has no value; 0 where nothing has."""
    known = np.flatnonzero(curve.weights)
    if not len(known):
        return np.zeros(len(times_s))
    return np.interp(times_s, known * STEP_S, curve.values[known])


def _sung(hertz: Values, melody_st: Values) -> Values:
    """The melody about the mean, wherever there is voice."""
    voiced = hertz > 0
    if not voiced.any():
        return hertz
    sung = np.median(hertz[voiced]) * 2 ** (np.clip(melody_st, -WIDEST_ST, WIDEST_ST) / 12)
    return np.where(voiced, np.clip(sung, LOWEST_HZ, HIGHEST_HZ), 0.0)


def _stress_db(own_db: Values, wanted_db: Values) -> Values:
    """What brings the slow part of the loudness, about its mean, to the talker's."""
    audible = own_db > own_db.max() - AUDIBLE_DB
    frames = len(own_db)
    number = min(MOST, max(2, int(frames * world.STEP_S * STRESSES_PER_S)))
    waves = cosines(np.arange(frames) + 0.5, frames, number)
    missing = np.where(audible, wanted_db - (own_db - own_db[audible].mean()), 0.0)
    heard = waves * audible[:, None]
    square = heard.T @ heard / frames + RIDGE * np.eye(number)
    slow = waves @ np.linalg.solve(square, heard.T @ missing / frames)
    return np.asarray(np.clip(slow, -MOST_GAIN_DB, MOST_GAIN_DB))


def _hush_db(anchors: Sequence[Anchor], times_s: Values) -> Values:
    """Silence in pauses that the synthesiser does not have, or not as long."""
    gain_db = np.zeros(len(times_s))
    ends = [Anchor(anchors[0].own_s, 0.0), *anchors[1:-2:2]]
    for end, start in zip(ends, anchors[:-1:2], strict=True):
        pause_s = start.heard_s - end.heard_s
        if pause_s > max(2 * HUSH_S, LONGEST_SHARE * (start.own_s - end.own_s)):
            inside = np.minimum(times_s - end.heard_s, start.heard_s - times_s) / HUSH_S
            gain_db += HUSH_DB * np.clip(inside, 0, 1)
    return gain_db
