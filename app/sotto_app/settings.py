"""How a relay runs: built-in defaults < a TOML file < SOTTO_* environment variables, parsed once.

A key `port` is SOTTO_PORT, a key `secret` of the table [turn] is SOTTO_TURN_SECRET. A list is
written with commas in a variable. A variable that is set but empty counts as not set.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_origin, get_type_hints

from sotto_app.files import models_dir
from sotto_app.gateway.address import At, address
from sotto_app.modes import Mode, load_modes
from sotto_app.strict_toml import SettingsError, build, convert, read
from sotto_codecs.registry import Defaults
from sotto_signaling.limits import Limits

PREFIX = "SOTTO_"
CONFIG_VARIABLE = "SOTTO_CONFIG"
# Read by docker-compose.yml alone; the relay meets them when they stand in the same .env.
NOT_OURS = {"SOTTO_ADDRESS", "SOTTO_DOMAIN", "SOTTO_TURN_PORT"}
BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True, slots=True)
class Turn:
    """A TURN server for pages whose network lets no UDP through to the relay.

    With `secret`, the static-auth-secret of coturn, every page gets its own credential that runs
    out after `ttl_s`; else `username` and `credential` go to every page as they are.
    """

    urls: tuple[str, ...] = ()
    secret: str = ""
    ttl_s: int = 86_400
    username: str = ""
    credential: str = ""

    def __post_init__(self) -> None:
        _check_urls(self.urls, "turn:", "turns:")
        if self.ttl_s < 60:
            raise ValueError(f"ttl_s = {self.ttl_s} is shorter than a call: at least 60")
        if bool(self.username) != bool(self.credential):
            raise ValueError("username and credential go together")
        if self.urls and not (self.secret or self.username):
            raise ValueError("urls without a secret, or a username and credential, open nothing")
        if self.secret and self.username:
            raise ValueError("it is a secret, or a username and credential, not both")


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """This relay's end of a thin link; neither `to` nor `listen`: there is none."""

    to: str = ""  # where the gateway is that listens
    listen: str = ""  # where the one that calls is waited for
    key_file: str = "gateway.key"
    known_file: str = "known-gateways"
    peer_key: str = ""
    budget_bps: float = 2400.0
    calls: int = 2
    pad_bytes: int = 1

    def __post_init__(self) -> None:
        if self.to and self.listen:
            raise ValueError("a gateway calls (to) or is called (listen), not both")
        if self.to or self.listen:
            _ = self.at  # its ValueError says what is wrong
        if not self.budget_bps >= 200:
            raise ValueError(f"budget_bps = {self.budget_bps} carries no voice: at least 200")
        if not 1 <= self.calls <= 64:
            raise ValueError(f"calls = {self.calls} is not from 1 to 64")
        if not 1 <= self.pad_bytes <= 64:
            raise ValueError(f"pad_bytes = {self.pad_bytes} is not from 1 to 64")

    @property
    def at(self) -> At:
        """Where `to` or `listen` leads, one of which is set."""
        return address(self.to, "to") if self.to else address(self.listen, "listen")


@dataclass(frozen=True, slots=True)
class RadioSettings:
    """The modem of a gateway that speaks KISS, and the air behind it."""

    rate_bps: float = 0.0  # of the air; 0: what is to be sent goes to the modem at once
    half_duplex: bool = False
    airtime_share: float = 1.0  # of any minute
    key_up_ms: int = 0  # 0: the modem keeps its own
    datagram_bytes: int = 255

    def __post_init__(self) -> None:
        if not (self.rate_bps == 0 or self.rate_bps >= 100):
            raise ValueError(f"rate_bps = {self.rate_bps} carries no voice: at least 100")
        if not 0 < self.airtime_share <= 1:
            raise ValueError(f"airtime_share = {self.airtime_share} is not over 0 to 1")
        if not self.rate_bps and (self.half_duplex or self.airtime_share < 1):
            raise ValueError("half_duplex and airtime_share need the rate_bps of the air")
        if not 0 <= self.key_up_ms <= 2550:
            raise ValueError(f"key_up_ms = {self.key_up_ms} is not from 0 to 2550")
        if not 128 <= self.datagram_bytes <= 1200:
            raise ValueError(f"datagram_bytes = {self.datagram_bytes} is not from 128 to 1200")


@dataclass(frozen=True, slots=True)
class TextSettings:
    """What text mode hears with, speaks with, and in which language; a mode's own settings win."""

    stt: str = "auto"
    tts: str = "auto"
    language: str = "en"
    models_dir: str = ""
    xtts_licence_accepted: bool = False

    @property
    def models(self) -> Path:
        """Where models are put and looked for."""
        return Path(self.models_dir).expanduser() if self.models_dir else models_dir()


@dataclass(frozen=True, slots=True)
class FocalSettings:
    """With which weights the focal modes speak, and how fast; a mode's own settings win."""

    weights: Literal["auto", "published", "small"] = "auto"
    threads: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.threads <= 16:
            raise ValueError(f"threads = {self.threads} is not from 1 to 16")


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """All that `sotto serve` can be told. configs/server.toml says what each key does."""

    host: str = "127.0.0.1"
    port: int = 8080
    announce_addresses: tuple[str, ...] = ()
    stun_urls: tuple[str, ...] = ()
    trust_proxy: bool = False
    allowed_origins: tuple[str, ...] = ()
    page_dir: str = ""
    modes_file: str = ""
    links_file: str = ""
    default_mode: str = "opus-24k"
    default_link: str = "perfect"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    metrics: bool = False
    text: TextSettings = field(default_factory=TextSettings)
    focal: FocalSettings = field(default_factory=FocalSettings)
    turn: Turn = field(default_factory=Turn)
    gateway: GatewaySettings = field(default_factory=GatewaySettings)
    radio: RadioSettings = field(default_factory=RadioSettings)
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65_535:
            raise ValueError(f"port = {self.port} is not a port")
        for announced in self.announce_addresses:
            ip_address(announced)  # its ValueError says which one
        for origin in self.allowed_origins:
            if not origin.startswith(("http://", "https://")) or origin.count("/") != 2:
                raise ValueError(f"allowed_origins: {origin!r} is not like https://voice.example")
        _check_urls(self.stun_urls, "stun:", "stuns:")
        for name in (limit.name for limit in fields(self.limits)):
            if not getattr(self.limits, name) >= 1:  # NaN is not either
                raise ValueError(f"limits: {name} = {getattr(self.limits, name)} is less than 1")
        if self.limits.silent_after_s <= self.limits.ping_every_s:
            raise ValueError("limits: silent_after_s must be longer than ping_every_s")

    def for_codecs(self) -> Defaults:
        """What the operator wants of the codecs that take settings."""
        place = {"models_dir": str(self.text.models)}
        return {"stcts": asdict(self.text) | place, "focal": asdict(self.focal) | place}

    def load_modes(self) -> dict[str, Mode]:
        """The modes, with what the operator wants of their codecs. Raises SettingsError."""
        return load_modes(Path(self.modes_file) if self.modes_file else None, self.for_codecs())


class Variable(NamedTuple):
    """Where a SOTTO_* variable goes: a key of a table, or of the top where the table is empty."""

    table: str
    key: str
    hint: Any  # the annotation of the field


def variables() -> dict[str, Variable]:
    """Every environment variable that sets something, by name."""
    return {
        f"{PREFIX}{table and table + '_'}{key}".upper(): Variable(table, key, hint)
        for table, key, hint in _keys(ServerSettings)
    }


def load_settings(path: Path | None, environ: Mapping[str, str]) -> ServerSettings:
    """Settings from `path`, else the file that SOTTO_CONFIG names, and `environ` on top.

    Raises SettingsError naming the file, table and key, or the variable.
    """
    if path is None and environ.get(CONFIG_VARIABLE):
        path = Path(environ[CONFIG_VARIABLE])
    settings = build(ServerSettings, read(path), str(path)) if path else ServerSettings()
    return _with_environment(settings, environ)


def _with_environment(settings: ServerSettings, environ: Mapping[str, str]) -> ServerSettings:
    known, found = variables(), dict[str, dict[str, Any]]()
    for name, text in environ.items():
        if not name.startswith(PREFIX) or name in {CONFIG_VARIABLE, *NOT_OURS} or not text:
            continue
        if name not in known:
            raise SettingsError(name, f"there is no such variable; known: {', '.join(known)}")
        table, key, hint = known[name]
        found.setdefault(table, {})[key] = _parse(text, hint, name)
    for table, values in found.items():
        where = ", ".join(f"{PREFIX}{table and table + '_'}{key}".upper() for key in values)
        try:
            if table:
                values = {table: replace(getattr(settings, table), **values)}
            settings = replace(settings, **values)
        except ValueError as fault:
            raise SettingsError(where, str(fault)) from fault
    return settings


def _keys(cls: type[Any], table: str = "") -> Iterator[tuple[str, str, Any]]:
    for key, hint in get_type_hints(cls).items():
        if isinstance(hint, type) and is_dataclass(hint):
            yield from _keys(hint, key)
        else:
            yield table, key, hint


def _parse(text: str, hint: Any, name: str) -> Any:
    """The text of a variable as a field annotated `hint` takes it."""
    if get_origin(hint) is tuple:
        return tuple(item.strip() for item in text.split(",") if item.strip())
    if hint is bool and text.lower() in BOOLEANS:
        return BOOLEANS[text.lower()]
    if hint in (int, float):
        with suppress(ValueError):  # convert says what is wrong
            return hint(text)
    return convert(text, hint, "environment", name)


def _check_urls(urls: tuple[str, ...], *schemes: str) -> None:
    for url in urls:
        if not url.startswith(schemes):
            raise ValueError(f"{url!r} does not start with {' or '.join(schemes)}")
