"""Fixtures for all tests."""

import os
from tempfile import TemporaryDirectory

import pytest

from tests.speech import Speech, speak

CACHE = TemporaryDirectory(prefix="sotto-cache-")  # of relays that tests start, too
os.environ["XDG_CACHE_HOME"] = CACHE.name


@pytest.fixture(scope="session")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Speech:
    return speak(tmp_path_factory.mktemp("speech"))
