"""The models that the speechmos package carries, without its code, which takes librosa to import
and as many threads as there are cores."""

from importlib.resources import as_file, files
from typing import Any


def session(file: str) -> Any:
    """An onnxruntime session of `file` in the package, on one thread. Raises ImportError."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    with as_file(files("speechmos") / file) as path:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
