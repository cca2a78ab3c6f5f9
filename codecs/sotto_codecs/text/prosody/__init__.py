"""How it is said: pitch, loudness and the times of words, from the talker to the synthesiser."""
