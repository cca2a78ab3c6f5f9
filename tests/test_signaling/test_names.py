import pytest

from sotto_signaling.names import fit_name


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Ada", "Ada"),
        ("  Ada \n\t Lovelace ", "Ada Lovelace"),
        ("", "Guest"),
        (" \u200b\u200d\x00 ", "Guest"),
        ("A\x00d\x1ba", "Ada"),
        ("\u202egnp.exe", "gnp.exe"),  # would turn the direction of what follows
        ("\U0001f469\u200d\U0001f680", "\U0001f469\u200d\U0001f680"),
        ("x" * 41, "x" * 40),
        ("x" * 39 + " yz", "x" * 39),
        ("Ольга 李", "Ольга 李"),
    ],
)
def test_fit_name(given: str, shown: str) -> None:
    assert fit_name(given) == shown
