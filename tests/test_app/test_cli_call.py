"""What `sotto call --stats` tells: its lines in virtual time, the program on a real relay."""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import soundfile

from sotto_app.commands.stats import Statement
from sotto_signaling.messages import Bits, FarLink, Reception, Stats, from_relay
from tests.serving import relay
from tests.speech import Speech

COST = "11 kB so far, 0.4 MB per hour; the same call on Signal: 19 MB"
TALKING = Stats(
    sent=Bits(700, 224, 8, 0, 64, 1.0, 5000),
    received=Bits(0, 0, 0, 0, 0, 0.0, 1000),
    reception=Reception("codec2-700c", 910.4, 3.0, 4.0, 0.012, 0.0),
)


def told(heard: Sequence[Stats], end: bool = False) -> list[str]:
    """The lines, where such figures came, twice a second."""
    lines = list[str]()
    statement = Statement(lines.append)
    for n, stats in enumerate(heard):
        statement.take(stats, 100.0 + n / 2)
    if end:
        statement.end(100.0 + len(heard) / 2)
    return lines


def test_every_five_seconds_there_is_a_table_of_both_directions() -> None:
    assert told([TALKING] * 10) == []
    assert told([TALKING] * 11) == [
        "5 s         payload  header  control  redundancy  cryptography  bit/s in all  packets/s",
        "sent            700     224        8           0            64           996        1.0",
        "received          0       0        0           0             0             0        0.0",
        "heard in codec2-700c, 910 ms late; lost 1.2%, concealed 0.0%",
        "6.0 kB so far, 4.3 MB per hour; the same call on Signal: 40 kB",  # 2 x 32 kbit/s x 5 s
    ]


def test_figures_that_come_late_do_not_put_the_next_lines_off() -> None:
    lines = list[str]()
    statement = Statement(lines.append)
    for now in (0.0, 4.9, 5.4, 9.9, 10.4, 15.4, 40.0, 44.9, 45.0):
        statement.take(TALKING, now)
    whens = [line.split("payload")[0].strip() for line in lines if "payload" in line]
    assert whens == ["5 s", "10 s", "15 s", "40 s", "45 s"]


def test_rates_are_the_mean_of_the_figures_since_the_last_lines() -> None:
    silent = replace(TALKING, sent=Bits(0, 0, 0, 0, 0, 0.0, 5000))
    sent = told([TALKING] * 11 + [TALKING, silent] * 5)[6]
    assert sent.split()[1:] == ["350", "112", "4", "0", "32", "498", "0.5"]


def test_the_thin_link_says_its_own_words() -> None:
    far = FarLink("up", "0.9 kbit/s, 0.9 s behind", COST)
    lines = told([TALKING] * 10 + [replace(TALKING, far=far)])
    assert lines[1].split()[1] == "700"
    assert lines[3:] == [
        "heard in codec2-700c, 910 ms late; lost 1.2%, concealed 0.0%; "
        "the thin link is up; sent at 0.9 kbit/s, 0.9 s behind",
        COST,
    ]


def test_at_the_end_the_last_known_cost_stands() -> None:
    up, gone = (replace(TALKING, far=FarLink("up", None, cost)) for cost in (COST, None))
    *_, cost = told([up, gone], end=True)
    assert cost == COST
    assert told([], end=True) == []


def test_before_anything_is_heard_it_says_so_and_a_wait_costs_nothing() -> None:
    nothing = Bits(0, 0, 0, 0, 0, 0.0, 0)
    waiting = Stats(nothing, nothing, Reception(None, None, 0.0, 0.0, 0.0, 0.0))
    assert told([waiting] * 11)[3:] == ["nothing heard yet"]
    assert "Signal: 40 kB" in told([waiting] * 40 + [TALKING] * 11)[-1]


def command(*words: str) -> list[str]:
    return [sys.executable, "-c", "from sotto_app.cli import main; main()", "call", *words]


def test_the_program_tells_on_stderr_and_writes_what_a_page_gets(
    tmp_path: Path, speech: Speech
) -> None:
    soundfile.write(tmp_path / "said.wav", speech.at(48_000)[: 6 * 48_000], 48_000)
    figures = tmp_path / "figures.jsonl"
    with relay(tmp_path) as running:
        listening = subprocess.Popen(
            command(running.url, "--seconds", "40"), stdout=subprocess.PIPE, text=True
        )
        try:
            assert listening.stdout is not None
            room = re.fullmatch(r"Room: (\S+)\n", listening.stdout.readline())
            assert room is not None
            options = ("--mode", "codec2-1200", "--json", "--stats", "--stats-json", str(figures))
            said = subprocess.run(
                command(room[1], "--in", str(tmp_path / "said.wav"), *options),
                capture_output=True,
                text=True,
                timeout=60,
            )
        finally:
            listening.terminate()
            listening.communicate()
    report, lines = json.loads(said.stdout), said.stderr.splitlines()
    sent = [[float(cell) for cell in line.split()[1:]] for line in lines if line[:4] == "sent"]
    assert len(sent) >= 2 and max(payload_bps for payload_bps, *_ in sent) > 0
    for *kinds, in_all, _ in sent:
        assert abs(sum(kinds) - in_all) <= 3  # each is rounded
    assert "the same call on Signal:" in lines[-2] + lines[-1]
    written = [from_relay(line) for line in figures.read_text().splitlines()]
    assert isinstance(written[-1], Stats) and len(written) > 10
    assert written[-1].sent.total_bytes == report["sent_bytes"] > 500
