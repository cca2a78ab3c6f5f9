"""The benchmark of the thin link counts what it says. No figure of real time is judged here."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from benchmarks import bench_link
from benchmarks.link import markdown, speed
from benchmarks.link.figures import Report
from benchmarks.link.lxst import lxst_bps
from sotto_app.link.elsewhere import PEERS
from sotto_app.link.tariff import Speech

ROOT = Path(bench_link.__file__).parents[1]
ROUNDING = 0.03  # the figures of others are in hundreds


def run(*options: str) -> str:
    app = typer.Typer()
    app.command()(bench_link.main)
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 0, result.output
    return result.output


def test_rates_and_losses_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_link, "ROWS", [("700C", 1.0)])
    monkeypatch.setattr(bench_link, "LOSSES", (0.0, 0.2))
    out = tmp_path / "link.json"
    assert "Written to" in run("--parts", "wire,loss", "--minutes", "1", "--out", str(out))
    report = Report.read(out)
    assert [it.link for it in report.wires] == ["UDP/IPv4", "KISS"]
    for it in report.wires:
        assert (it.bundle_s, it.delay_s) == pytest.approx((1.04, 1.04))
        assert it.payload_bps < it.talking_bps < it.webrtc_audio_bps[0]
        assert it.talking_bps == pytest.approx(it.tariff_bps[0], rel=0.02)
    clean, lossy = report.losses[:2], [it for it in report.losses if it.loss]
    assert [it.heard for it in clean] == [1.0, 1.0]
    for plain, redundant in zip(lossy[::2], lossy[1::2], strict=True):
        assert plain.heard == plain.at_once < 1
        assert plain.heard <= redundant.heard
        assert plain.talking_bps < redundant.talking_bps
    assert sum(it.twice for it in report.losses) == 0
    assert report.speed is None and report.set_up is None


def test_work_is_timed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "ROUNDS", 1)
    monkeypatch.setattr(speed, "ROUND_PACKETS", 200)
    monkeypatch.setattr(speed, "SESSIONS", 20)
    out = tmp_path / "link.json"
    run("--parts", "speed", "--minutes", "0.2", "--out", str(out))
    report = Report.read(out)
    assert report.speed and report.set_up
    assert 0 < report.speed.wire_us < report.speed.packet_us < report.speed.session_us
    assert report.speed.session_mb > 0
    assert report.set_up.datagrams == (105, 73, 105)  # each once
    assert report.set_up.caller_up_s == pytest.approx(1.2)
    assert not report.wires and not report.losses


def test_calls_through_a_gateway_arrive_and_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench_link, "CALLS", 3)
    monkeypatch.setattr(bench_link, "GATEWAYS", ((20_000, False), (20_000, True)))
    monkeypatch.setattr(bench_link, "GATEWAY_S", 5.0)
    out = tmp_path / "link.json"
    assert "3 calls on 20 kbit/s, with Codec2" in run("--parts", "gateway", "--out", str(out))
    plain, whole = Report.read(out).gateways
    assert (plain.with_codec, whole.with_codec) == (False, True)
    for it in (plain, whole):
        assert it.frames >= 2 * it.calls * 4 / 0.08 * 0.9 and 0 <= it.lost < it.frames
        assert 0 < it.cpu_least <= it.cpu_share and it.call_mb > 0 and it.datagrams_per_s > 0


def test_the_tables_of_the_documents_are_those_of_the_last_run() -> None:
    last = sorted(Path(bench_link.RESULTS).glob("*-link.json"))[-1]
    report = Report.read(last)
    readme, protocol = ((ROOT / it).read_text() for it in ("README.md", "docs/protocol.md"))
    assert f"benchmarks/results/{last.name}" in protocol
    assert markdown.costs(report) in readme
    assert markdown.losses(report) in readme
    assert markdown.costs(report) in protocol
    assert markdown.losses(report) in protocol


def test_lxst_costs_what_is_said_of_it_where_it_is_used() -> None:
    serial, udp = lxst_bps(Speech(700, 0.4)) or (0, 0)
    least, most = PEERS["LXST"].least_bps, PEERS["LXST"].most_bps
    assert (serial, udp) == pytest.approx((least, most), rel=ROUNDING)
    assert lxst_bps(Speech(3200, 2.0)) is None


def test_a_part_that_does_not_exist_is_refused() -> None:
    with pytest.raises(AssertionError, match="no part 'sound'"):
        run("--parts", "sound")
