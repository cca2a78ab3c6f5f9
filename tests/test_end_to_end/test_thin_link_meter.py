"""The meter of a thin link against the kernel: two relays in two network namespaces, one emulated
link between, and nothing else on it.
"""

import asyncio
import queue
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from sotto_app.emulator.tun import Site, sites
from sotto_app.media.call import Call, Report, Terms
from sotto_app.media.sound import WavSink, WavSource
from tests.network import resident
from tests.serving import Relay, relay
from tests.speech import Speech
from tests.test_app.emulator.test_tun import counters, ip, why_not
from tests.test_end_to_end.test_thin_link import MODE, THIN, emulated, once_it_crossed, written

NAME = "sottoe2e"
PORT = 8702
MADE_WITHIN_S = 20.0
CALL_S = 30.0
AGREES = 0.02


@pytest.fixture(scope="module", autouse=True)
def _possible() -> None:
    if reason := why_not():
        pytest.skip(reason)


@contextmanager
def link() -> Iterator[tuple[Site, Site]]:
    near, far = sites(NAME)
    with emulated(*THIN, "--tun", "--name", NAME):
        deadline = time.monotonic() + MADE_WITHIN_S
        while not _is_up(far):  # the near one was made before it
            assert time.monotonic() < deadline, "the emulator made no namespaces"
            time.sleep(0.1)
        yield near, far


def _is_up(site: Site) -> bool:
    with suppress(subprocess.CalledProcessError):  # there is no such namespace yet
        return site.device in ip("-netns", site.namespace, "link", "show", "up")
    return False


def start(stack: ExitStack, where: Executor, folder: Path, *options: str) -> Relay:
    folder.mkdir()
    settings = folder / "server.toml"
    settings.write_text("metrics = true\n")
    starting = relay(folder, "127.0.0.1", "--config", str(settings), *options)
    stack.push(starting)
    return where.submit(starting.__enter__).result()


def test_the_meter_agrees_with_the_interface_at_both_ends(
    tmp_path: Path, speech: Speech, record_property: Callable[[str, object], None]
) -> None:
    written(speech, tmp_path)
    with ExitStack() as stack:
        near, far = stack.enter_context(link())
        on_ship, on_shore = (stack.enter_context(resident(site.namespace)) for site in (near, far))
        at = f"{far.address}:{PORT}"
        shore = start(stack, on_shore, tmp_path / "at-shore", "--gateway-listen", at)
        ship = start(stack, on_ship, tmp_path / "at-sea", "--gateway-to", at)
        rooms = queue.Queue[str]()

        def talk(url: str, name: str) -> Report:
            def call() -> Call:
                ear = WavSink(tmp_path / f"{name}-heard.wav")
                mouth = WavSource(tmp_path / f"{name}.wav")
                return Call(Terms(url, name, MODE, CALL_S), mouth, ear, rooms.put)

            return asyncio.run(once_it_crossed(call))

        first = on_ship.submit(talk, ship.url, "ship")
        while not (line := rooms.get(timeout=20)).startswith("Room: "):
            pass
        second = on_shore.submit(talk, f"{shore.url}/r/{line.rsplit('/', 1)[1]}", "shore")
        reports = first.result(), second.result()
        assert [report.heard_mode for report in reports] == [MODE, MODE]
        for site, where, served in ((near, on_ship, ship), (far, on_shore, shore)):
            by_meter = where.submit(metered, served.url).result()
            by_kernel = counters(site)
            record_property(f"bytes at {site.namespace}, meter and kernel", (by_meter, by_kernel))
            assert min(by_meter) > 1000
            assert by_meter == pytest.approx(by_kernel, rel=AGREES)


def metered(url: str) -> tuple[float, float]:
    """Bytes that a relay says its gateway has sent and received."""
    with urllib.request.urlopen(f"{url}/metrics", timeout=5) as answer:
        families = text_string_to_metric_families(answer.read().decode())
    (family,) = (it for it in families if it.name == "sotto_link_bytes")
    total = {"sent": 0.0, "received": 0.0}
    for sample in family.samples:
        total[sample.labels["direction"]] += sample.value
    return total["sent"], total["received"]
