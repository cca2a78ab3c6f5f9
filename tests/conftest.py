"""Fixtures for all tests."""

import pytest

from tests.speech import Speech, speak


@pytest.fixture(scope="session")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Speech:
    return speak(tmp_path_factory.mktemp("speech"))
