"""Sotto's own small codec, 500 bit/s to 4 kbit/s: its sizes, and what runs it in a call."""
