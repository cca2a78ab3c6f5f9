"""The judge: every codec, ours and others', on the same speech in one run."""
