"""What can go wrong on the command line; each message is one line.

BadFile
├── BadRecording    bytes that are not a .sotto file that this version can read
└── BadSound        a file that is no sound, or holds none
ModelError          a model that cannot be pulled, copied, checked or removed
"""


class BadFile(Exception):
    """Base of what can be wrong with a file."""


class BadRecording(BadFile):
    """Bytes that are not a .sotto file that this version can read."""


class BadSound(BadFile):
    """A file that is no sound, or holds none."""


class ModelError(Exception):
    """A model that cannot be pulled, copied, checked or removed; the message says what to do."""
