"""What calls begin in where a thin link is."""

from dataclasses import replace

import pytest

from sotto_app.catalogue import load_catalogue
from sotto_app.gateway.first_mode import for_the_link
from sotto_app.settings import GatewaySettings, ServerSettings


@pytest.mark.parametrize(
    ("budget_bps", "calls", "wanted", "given"),
    [
        (2400, 2, "opus-24k", "tiny-750"),
        (2400, 1, "opus-24k", "tiny-1500"),
        (9600, 1, "opus-24k", "opus-6k"),
        (64_000, 1, "opus-24k", "opus-24k"),
        (64_000, 1, "codec2-1200", "codec2-1200"),
        (500, 2, "opus-24k", "text-rich"),
        (220, 1, "opus-24k", "text"),
        (220, 2, "opus-24k", "text-min"),
    ],
)
def test_the_best_that_all_calls_fit_in(
    budget_bps: float, calls: int, wanted: str, given: str
) -> None:
    catalogue = load_catalogue(wanted, "perfect")
    gateway = GatewaySettings(listen="127.0.0.1:8701", budget_bps=budget_bps, calls=calls)
    settings = replace(ServerSettings(), gateway=gateway)
    assert for_the_link(catalogue, settings).default_mode == given


def test_without_a_thin_link_nothing_changes() -> None:
    catalogue = load_catalogue("opus-24k", "perfect")
    assert for_the_link(catalogue, ServerSettings()) is catalogue
