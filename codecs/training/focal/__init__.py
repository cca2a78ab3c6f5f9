"""The small member of the FocalCodec family, ours: its network, and the commands that train it.

python -m training.tiny prepare makes the cache of speech; then python -m training.focal
hear | code | train | evaluate | export | level, in that order; each explains itself with --help.
"""
