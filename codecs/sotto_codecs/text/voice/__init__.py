"""Who speaks: a voice in 54 bytes, and a synthesiser's speech brought nearer to it."""
