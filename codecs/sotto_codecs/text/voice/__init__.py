"""Who speaks: a voice in 42 bytes, and a synthesiser's speech brought nearer to it."""
