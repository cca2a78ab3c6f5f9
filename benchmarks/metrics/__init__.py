"""One file per metric; `base.py` is what all of them provide."""
