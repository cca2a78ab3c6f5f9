"""Which engine is taken, with engines that are here, not here, and not able."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sotto_codecs.errors import BackendUnavailable, BadSettings, WeightsMissing
from sotto_codecs.models import Models
from sotto_codecs.text import choosing


class Here:
    def __init__(self, models: Models) -> None:
        self.models = models


class Other(Here):
    """Here as well."""


class Absent:
    def __init__(self, models: Models) -> None:
        raise WeightsMissing("it is not here", "fetch it")


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    monkeypatch.setattr(choosing, "resolve_name", {it.__name__: it for it in TARGETS}.get)
    yield {it.__name__.lower(): it.__name__ for it in TARGETS}
    choosing._loaded.cache_clear()


TARGETS = (Absent, Here, Other)


def test_the_first_that_is_here_and_fits_is_taken_and_shared(engines: dict[str, str]) -> None:
    found = choosing.best(engines, Models(), lambda it: True, "none")
    assert type(found) is Here
    assert found is choosing.named("here", engines, Models())
    assert type(choosing.best(engines, Models(), lambda it: isinstance(it, Other), "none")) is Other


def test_what_is_missing_is_said_once_with_its_remedy(engines: dict[str, str]) -> None:
    twice = {"absent": engines["absent"], "again": engines["absent"]}
    with pytest.raises(BackendUnavailable) as caught:
        choosing.best(twice, Models(), lambda it: True, "nobody speaks")
    assert caught.value.reason == "nobody speaks (it is not here; it is not here)"
    assert caught.value.remedy == "fetch it"
    with pytest.raises(BackendUnavailable, match="every engine is here.*none is known"):
        choosing.best({"here": engines["here"]}, Models(), lambda it: False, "nobody speaks")


def test_a_name_may_have_a_model(engines: dict[str, str], tmp_path: Path) -> None:
    found = choosing.named("here/whisper-tiny", engines, Models(tmp_path))
    assert found.models == Models(tmp_path, only="whisper-tiny")
    with pytest.raises(
        BadSettings, match="no engine 'elsewhere'; known: absent, here, other, auto"
    ):
        choosing.named("elsewhere", engines, Models())
    with pytest.raises(WeightsMissing):
        choosing.named("absent", engines, Models())
