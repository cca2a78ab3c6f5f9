"""A file against what was said of it."""

import hashlib
from pathlib import Path

from sotto_app.models.digest import is_digest, matches, sha256


def test_by_sha256_and_by_the_id_that_git_gives(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"hello\n")
    assert sha256(file) == hashlib.sha256(b"hello\n").hexdigest()
    assert matches(file, sha256(file))
    assert matches(file, "ce013625030ba8dba906f756967f9e9ca394464a")  # git hash-object
    assert not matches(file, 64 * "0") and not matches(file, 40 * "0")


def test_what_a_digest_looks_like() -> None:
    assert is_digest(64 * "a") and is_digest(40 * "0")
    assert not is_digest("") and not is_digest(64 * "x") and not is_digest(39 * "a")
