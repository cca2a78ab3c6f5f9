"""A language as a tag, and as it travels."""

import pytest

from sotto_codecs.errors import BadFrame, BadSettings
from sotto_codecs.text.language import checked, decode, encode, primary


def test_a_region_is_not_a_language() -> None:
    assert [primary(name) for name in ("en", "en-GB", "pt_BR")] == ["en", "en", "pt"]


def test_it_travels_as_its_letters() -> None:
    assert encode("de") == bytes.fromhex("02 64 65")
    assert [decode(encode(it)) for it in ("de", "pt-BR", "zh-Hant-TW")] == [
        *("de", "pt-BR", "zh-Hant-TW")
    ]


@pytest.mark.parametrize("tag", ["", "e", "German", "en_GB", "de-", "../en", "d\u00e9"])
def test_what_is_no_tag_is_refused(tag: str) -> None:
    with pytest.raises(BadSettings, match="one is like en"):
        checked(tag)
    with pytest.raises(BadFrame):
        decode(b"\x02" + tag.encode())


def test_another_kind_is_no_language() -> None:
    with pytest.raises(BadFrame):
        decode(b"\x01de")
