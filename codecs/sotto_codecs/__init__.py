"""Sotto's codecs: sound to few bits and back. Start at `base`, the seam, and `registry`."""

import os

# All that importing does, and it has to come first: the wheels of ONNX Runtime report to its makers
# what they run, unless this is set before they are loaded (its Privacy.md).
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
