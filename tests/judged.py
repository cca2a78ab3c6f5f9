"""A run of the judge with planted figures: what its reports are tested on."""

from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np

from benchmarks.codecs.results import (
    ORIGINAL,
    SCHEMA,
    Bits,
    Cell,
    Condition,
    Delay,
    Fault,
    Instrument,
    Material,
    Run,
    Sentence,
    Speed,
    Steps,
    SystemResult,
)
from benchmarks.codecs.statistics import summary
from benchmarks.metrics.base import Measure
from benchmarks.report import Machine

SENTENCES = tuple(
    Sentence(f"{n // 4}/{n:02}.flac", f"speaker {n // 4}", 5.0 + n % 3, f"words <{n}>", "CC BY 4.0")
    for n in range(12)
)
MEASURES = (
    Measure("pesq_wb", "PESQ-WB", "MOS", "higher", 1.0, 4.64, 2),
    Measure("pesq_nb", "PESQ-NB", "MOS", "higher", 1.0, 4.55, 2),
    Measure("stoi", "STOI", "", "higher", 0.0, 1.0, 3),
    Measure("estoi", "ESTOI", "", "higher", 0.0, 1.0, 3),
    Measure("dnsmos_sig", "DNSMOS SIG", "MOS", "higher", 1.0, 5.0, 2),
    Measure("dnsmos_bak", "DNSMOS BAK", "MOS", "higher", 1.0, 5.0, 2),
    Measure("dnsmos_ovr", "DNSMOS OVR", "MOS", "higher", 1.0, 5.0, 2),
    Measure("plcmos", "PLCMOS", "MOS", "higher", 1.0, 5.0, 2),
    Measure("wer", "WER", "%", "lower", 100.0, 0.0, 1),
    Measure("likeness", "Likeness", "", "higher", 0.0, 1.0, 3),
    Measure("f0_corr", "F0 correlation", "", "higher", 0.0, 1.0, 3),
    Measure("voicing_error", "Voicing error", "%", "lower", 100.0, 0.0, 1),
)
ONLY_UNDER_LOSS = "plcmos"
CONDITIONS = tuple(
    Condition(name, words, loss, outage_ms, tuple(it.id for it in SENTENCES))
    for name, words, loss, outage_ms in (
        ("clean", "the speech as it is", 0.0, 0.0),
        ("noisy", "noise 10 dB below the speech", 0.0, 0.0),
        ("loss-5", "5 % of the packets lost, each by chance", 0.05, 0.0),
        ("loss-10", "10 % of the packets lost, each by chance", 0.1, 0.0),
        ("loss-20", "20 % of the packets lost, each by chance", 0.2, 0.0),
        ("burst-5", "5 % of the packets lost, in bursts", 0.05, 120.0),
        ("burst-10", "10 % of the packets lost, in bursts", 0.1, 120.0),
        ("burst-20", "20 % of the packets lost, in bursts", 0.2, 120.0),
    )
)
MACHINE = Machine("AMD <EPYC>", 2, "Debian", "3.11.2", None, ("numpy 2.4.6",), "abc1234-dirty")
INSTRUMENTS = (
    Instrument("pesq", "pesq 0.0.4", ("pesq_wb", "pesq_nb"), None, True),
    Instrument("words", "pocketsphinx 5.1.1", ("wer",), None, True),
    Instrument("nisqa", "NISQA 2.0", ("nisqa",), "no weights: see docs & <more>", False),
)


class Planted(NamedTuple):
    name: str
    title: str
    family: str
    peer: bool
    bps: int
    good: float  # from 0 to 1
    rtf: float


SYSTEMS = (
    Planted(ORIGINAL, "Original", "original", False, 0, 1.0, 0.0),
    Planted("opus-6k", "Opus 6", "Opus", False, 6000, 0.55, 0.02),
    Planted("opus-12k", "Opus 12", "Opus", False, 12000, 0.8, 0.025),
    Planted("opus-24k", "Opus 24", "Opus", False, 24000, 0.95, 0.03),
    Planted("codec2-3200", "Codec2 3200", "Codec2", False, 3200, 0.4, 0.0015),
    Planted("codec2-700c", "Codec2 700C", "Codec2", False, 700, 0.2, 0.001),
    Planted("lyra-3200", "Lyra 3200", "Lyra", True, 3200, 0.6, 0.012),
    Planted("lyra-9200", "Lyra 9200", "Lyra", True, 9200, 0.75, 0.013),
)
PACKET_MS, HEADER_BYTES = 60.0, 28


def cell(values: list[float | None], words: str | None = None) -> Cell:
    return Cell(tuple(values), None, summary(values, None), words)


@cache
def planted_run(seed: int = 0) -> Run:
    """Two runs of one seed are equal. Each figure grows with the system's goodness."""
    rng = np.random.default_rng(seed)
    ran = [_system(it, rng) for it in SYSTEMS]
    return Run(
        schema=SCHEMA,
        started="2026-08-01T12:00:00+00:00",
        seconds=600.0,
        command="python -m benchmarks.codecs --seed 0",
        machine=MACHINE,
        load_average_before=0.1,
        material=Material("planted <speech>", True, -26.0, 0, SENTENCES, ()),
        conditions=CONDITIONS,
        measures=MEASURES,
        instruments=INSTRUMENTS,
        systems=(*ran, _absent()),
    )


def replaced(run: Run, name: str, **changes: object) -> Run:
    """The run with fields of one system changed."""
    systems = [replace(it, **changes) if it.name == name else it for it in run.systems]  # type: ignore[arg-type]  # as the caller names them
    return replace(run, systems=tuple(systems))


def _system(it: Planted, rng: np.random.Generator) -> SystemResult:
    lossy = [condition for condition in CONDITIONS if condition.loss] if it.bps else []
    return SystemResult(
        name=it.name,
        title=it.title,
        family=it.family,
        peer=it.peer,
        unavailable=None,
        sample_rate_hz=16_000,
        delay=Delay(26.5, 26.6, PACKET_MS),
        bits=_bits(it.bps) if it.bps else None,
        speed=_speed(it.rtf) if it.rtf else None,
        scores={
            condition.name: {
                measure.key: _scores(measure, it.good * (1 - 2 * condition.loss), rng)
                for measure in MEASURES
                if condition.loss or measure.key != ONLY_UNDER_LOSS
            }
            for condition in CONDITIONS
            if it.bps or not condition.loss
        },
        lost={condition.name: condition.loss * 1.04 for condition in lossy},
        faults=(),
    )


def _speed(rtf: float) -> Speed:
    return Speed(Steps(rtf, 1.2, 1.4), Steps(rtf / 2, 0.6, 0.7), 0.4, 80.0, 45.0)


def _bits(bps: int) -> Bits:
    headers_bps = HEADER_BYTES * 8 / (PACKET_MS / 1000)
    return Bits(
        seconds=72.0,
        promised_bps=bps,
        talk_bps=bps * 0.99,
        wall_bps=bps * 0.6,
        wire_talk_bps=bps * 0.99 + headers_bps,
        wire_wall_bps=bps * 0.6 + headers_bps,
        header_bytes=HEADER_BYTES,
        packet_ms=PACKET_MS,
        one_off_bits=0.0,
        one_off_bps=0.0,
        broken=False,
    )


def _scores(measure: Measure, good: float, rng: np.random.Generator) -> Cell:
    span = measure.best - measure.worst
    values = measure.worst + span * good + rng.normal(0.0, abs(span) * 0.05, len(SENTENCES))
    low, high = sorted((measure.worst, measure.best))
    return cell(np.clip(values, low, high).tolist())


def _absent() -> SystemResult:
    why = "no weights in shared/instruments/mimi: <see> the README"
    return SystemResult(
        name="mimi",
        title="Mimi",
        family="Mimi",
        peer=True,
        unavailable=why,
        sample_rate_hz=None,
        delay=None,
        bits=None,
        speed=None,
        scores={},
        lost={},
        faults=(),
    )


def with_a_fault(run: Run) -> Run:
    fault = Fault("clean", SENTENCES[2].id, "the decoder returned <NaN>")
    return replaced(run, "opus-6k", faults=(fault,))
