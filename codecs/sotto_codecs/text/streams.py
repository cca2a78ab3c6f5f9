"""The streams of a talker in text mode, and the sound that they stand for.

    stream 0  text                               a line that was written
    stream 1  text                               a phrase, spoken in the voice's own way
    stream 2  text, prosody, in one code         a phrase and how it was said
    stream 3  kind, what describes the talker    a voice card and a sample of the voice, where
                                                 the talker agrees; a language

Frames must arrive, in order, each once: text is coded against what was said before. What is said is
English until a language says otherwise.
"""

RATE_HZ = 16_000
FRAME_SAMPLES = 320
WRITTEN, PLAIN, WITH_PROSODY, ABOUT = 0, 1, 2, 3
