import pytest

from sotto_codecs.tiny.config import TinyConfig
from tests.test_codecs.test_tiny.hummed import SMALL, corpus
from training.tiny.corpus import Corpus


@pytest.fixture(scope="session")
def small() -> TinyConfig:
    return SMALL


@pytest.fixture(scope="session")
def hummed() -> Corpus:
    return corpus()
