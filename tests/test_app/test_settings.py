import re
import tomllib
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from sotto_app.files import CHECKOUT
from sotto_app.modes import load_modes
from sotto_app.settings import (
    GatewaySettings,
    RadioSettings,
    ServerSettings,
    TextSettings,
    Turn,
    load_settings,
    variables,
)
from sotto_app.strict_toml import SettingsError, build
from sotto_codecs.errors import UnavailableCodec
from sotto_signaling.limits import Limits

SHIPPED = CHECKOUT / "configs" / "server.toml"
OPERATIONS = CHECKOUT / "docs" / "operations.md"


def a_file(folder: Path, text: str) -> Path:
    path = folder / "relay.toml"
    path.write_text(text)
    return path


def test_nothing_given_is_the_defaults() -> None:
    assert load_settings(None, {"HOME": "/", "PATH": ""}) == ServerSettings()


def test_the_shipped_file_changes_nothing_and_documents_every_default() -> None:
    assert load_settings(SHIPPED, {}) == ServerSettings()
    uncommented = re.sub(r"^#(?=\w+ = )", "", SHIPPED.read_text(), flags=re.MULTILINE)
    table = tomllib.loads(uncommented)
    assert list(table) == list(asdict(ServerSettings()))
    assert {name: set(table[name]) for name in ("text", "turn", "gateway", "radio", "limits")} == {
        "text": set(asdict(TextSettings())),
        "turn": set(asdict(Turn())),
        "gateway": set(asdict(GatewaySettings())),
        "radio": set(asdict(RadioSettings())),
        "limits": set(asdict(Limits())),
    }
    assert build(ServerSettings, table, "server.toml") == ServerSettings()


def test_a_variable_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    path = a_file(tmp_path, 'port = 9000\nhost = "::"\n[limits]\nrooms = 5\n')
    settings = load_settings(path, {"SOTTO_PORT": "9001", "SOTTO_LIMITS_SOCKETS": "6"})
    assert (settings.host, settings.port) == ("::", 9001)
    assert settings.limits == Limits(rooms=5, sockets=6)


def test_sotto_config_names_the_file_unless_one_is_given(tmp_path: Path) -> None:
    path = a_file(tmp_path, "port = 9000")
    environ = {"SOTTO_CONFIG": str(path)}
    assert load_settings(None, environ).port == 9000
    assert load_settings(SHIPPED, environ).port == 8080
    assert load_settings(None, {"SOTTO_CONFIG": ""}).port == 8080


def test_every_type_can_be_a_variable() -> None:
    settings = load_settings(
        None,
        {
            "SOTTO_TRUST_PROXY": "Yes",
            "SOTTO_ALLOWED_ORIGINS": "https://a.example, https://b.example:8443,",
            "SOTTO_LOG_LEVEL": "debug",
            "SOTTO_ANNOUNCE_ADDRESSES": "192.0.2.7,2001:db8::7",
            "SOTTO_TURN_URLS": "turn:t.example:3478",
            "SOTTO_TURN_SECRET": "s3cret",
            "SOTTO_PAGE_DIR": "/srv/page",
            "SOTTO_DOMAIN": "voice.example",  # for Caddy
            "SOTTO_DEFAULT_MODE": "",  # compose passes what is not set like this
        },
    )
    assert settings == ServerSettings(
        trust_proxy=True,
        allowed_origins=("https://a.example", "https://b.example:8443"),
        log_level="debug",
        announce_addresses=("192.0.2.7", "2001:db8::7"),
        turn=Turn(("turn:t.example:3478",), "s3cret"),
        page_dir="/srv/page",
    )


def test_settings_of_codecs_are_their_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    wanted = {"SOTTO_TEXT_LANGUAGE": "de", "SOTTO_TEXT_STT": "pocketsphinx"}
    settings = load_settings(None, wanted | {"SOTTO_FOCAL_WEIGHTS": "small"})
    assert settings.for_codecs()["stcts"] == {
        "stt": "pocketsphinx",
        "tts": "auto",
        "language": "de",
        "models_dir": str(tmp_path / "sotto" / "models"),
        "xtts_licence_accepted": False,
    }
    assert settings.for_codecs()["focal"] == {
        "weights": "small",
        "threads": 1,
        "models_dir": str(tmp_path / "sotto" / "models"),
    }
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME")
    assert TextSettings().models == tmp_path / ".local" / "share" / "sotto" / "models"
    assert TextSettings(models_dir="~/models").models == tmp_path / "models"


def test_every_key_has_a_variable() -> None:
    names = variables()
    assert {"SOTTO_PORT", "SOTTO_TURN_SECRET", "SOTTO_LIMITS_SEAT_KEPT_S"} < set(names)
    flat = asdict(ServerSettings())
    tables = [value for value in flat.values() if isinstance(value, dict)]
    assert len(names) == len(flat) - len(tables) + sum(map(len, tables))


def test_operations_lists_every_variable_with_its_key_and_default() -> None:
    rows = re.findall(
        r"^\| `(SOTTO_\w+)` \| `([a-z_.]+)` \| (\S*) ?\| \S", OPERATIONS.read_text(), re.M
    )
    expected = []
    for name, (table, key, _) in variables().items():
        default = getattr(getattr(ServerSettings(), table) if table else ServerSettings(), key)
        shown = f"`{str(default).lower()}`" if default not in ((), "") else ""
        expected.append((name, f"{table}.{key}".lstrip("."), shown))
    assert rows == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prot = 1", "relay.toml: there is no key 'prot'; known: host, port,"),
        ('port = "80"', "relay.toml: port = '80' is not a whole number"),
        ("port = 65536", "relay.toml: port = 65536 is not a port"),
        ("[limits]\nroom = 1", "relay.toml [limits]: there is no key 'room'"),
        ('[gateway]\nto = "ship"', "relay.toml [gateway]: to = 'ship' is not like ship.example"),
        ('[gateway]\nto = "a:1"\nlisten = "b:2"', "relay.toml [gateway]: a gateway calls (to) or"),
        ('[gateway]\nto = "webrtc"', "relay.toml [gateway]: to = 'webrtc': who calls says"),
        ("[gateway]\npad_bytes = 0", "relay.toml [gateway]: pad_bytes = 0 is not from 1 to 64"),
        ("[radio]\nrate_bps = 10", "relay.toml [radio]: rate_bps = 10.0 carries no voice"),
        ("[radio]\nrate_bps = nan", "relay.toml [radio]: rate_bps = nan carries no voice"),
        ("[radio]\nhalf_duplex = true", "relay.toml [radio]: half_duplex and airtime_share need"),
        ("[radio]\nairtime_share = 0.5", "relay.toml [radio]: half_duplex and airtime_share need"),
        ("[radio]\nairtime_share = 1.5", "relay.toml [radio]: airtime_share = 1.5 is not over 0"),
        ("[radio]\nkey_up_ms = 2551", "relay.toml [radio]: key_up_ms = 2551 is not from 0 to"),
        ("[radio]\ndatagram_bytes = 64", "relay.toml [radio]: datagram_bytes = 64 is not from"),
        ("[gateway]\nbudget_bps = 10", "relay.toml [gateway]: budget_bps = 10.0 carries no voice"),
        ("[limits]\nrooms = 0", "relay.toml: limits: rooms = 0 is less than 1"),
        ("[limits]\nping_every_s = 30", "relay.toml: limits: silent_after_s must be longer"),
        ("limits = 3", "relay.toml: limits = 3 is not a table"),
        ('log_level = "loud"', "relay.toml: log_level = 'loud' is not one of debug, info,"),
        ('announce_addresses = ["home"]', "relay.toml: 'home' does not appear to be an IPv4"),
        ('allowed_origins = ["https://a/b"]', "relay.toml: allowed_origins: 'https://a/b' is not"),
        ('stun_urls = ["stun.example"]', "relay.toml: 'stun.example' does not start with stun:"),
        ('[turn]\nurls = ["turn:t"]', "relay.toml [turn]: urls without a secret"),
        ('[turn]\nusername = "u"', "relay.toml [turn]: username and credential go together"),
        ("[turn]\nttl_s = 5", "relay.toml [turn]: ttl_s = 5 is shorter than a call"),
    ],
)
def test_a_fault_in_the_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(a_file(tmp_path, text), {})
    assert str(caught.value).removeprefix(f"{tmp_path}/").startswith(message)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("SOTTO_PROT", "1", "SOTTO_PROT: there is no such variable; known: SOTTO_HOST"),
        ("SOTTO_PORT", "eighty", "environment: SOTTO_PORT = 'eighty' is not a whole number"),
        ("SOTTO_PORT", "-1", "SOTTO_PORT: port = -1 is not a port"),
        (
            "SOTTO_LIMITS_SILENT_AFTER_S",
            "nan",
            "SOTTO_LIMITS_SILENT_AFTER_S: limits: silent_after_s = nan is",
        ),
        ("SOTTO_TRUST_PROXY", "maybe", "environment: SOTTO_TRUST_PROXY = 'maybe' is not true or"),
        ("SOTTO_LOG_LEVEL", "loud", "environment: SOTTO_LOG_LEVEL = 'loud' is not one of debug"),
        ("SOTTO_TURN_URLS", "turn:t", "SOTTO_TURN_URLS: urls without a secret"),
        ("SOTTO_LIMITS_ROOMS", "0", "SOTTO_LIMITS_ROOMS: limits: rooms = 0 is less than 1"),
        ("SOTTO_CONFIG", "/nowhere.toml", "/nowhere.toml: No such file"),
    ],
)
def test_a_fault_in_a_variable_is_named(name: str, text: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(None, {name: text})
    assert str(caught.value).startswith(message)


def test_modes_are_the_operators_file_with_the_operators_engines(tmp_path: Path) -> None:
    assert list(ServerSettings().load_modes()) == list(load_modes())
    (tmp_path / "modes.toml").write_text(
        '[words]\ntitle = "t"\nwords = "w"\ncodec = "stcts"\nbundle_frames = 1\n'
        'settings = { language = "nl" }\n'
    )
    settings = load_settings(None, {"SOTTO_MODES_FILE": str(tmp_path / "modes.toml")})
    (mode,) = settings.load_modes().values()
    assert mode.settings == {"language": "nl"} and mode.defaults["stcts"]["language"] == "en"
    with pytest.raises(UnavailableCodec, match='no engine hears "nl" here'):
        replace(mode, defaults={}).load()
