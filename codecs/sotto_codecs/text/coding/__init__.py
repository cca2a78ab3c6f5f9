"""Lossless coding of what was said: words under a fixed model of English that adapts to the call.

    text -> words -> weights (words.py, context.py; spelling.py for what is in no list)
         -> slices (slices.py) -> the shortest bytes (arithmetic.py) -> payload (text.py)

All weights are integers, so that both ends agree on every machine.
"""
