"""Sotto's codecs: sound to few bits and back. Start at `base`, the seam, and `registry`."""
