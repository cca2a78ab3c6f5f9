"""What a system costs: bits, delay, time and memory, as tables."""

from collections.abc import Iterable
from dataclasses import replace

from benchmarks.codecs import reading
from benchmarks.codecs.results import Run, SystemResult
from benchmarks.codecs.sheets import Column, Figure, Row, Sheet, in_order, number, rates

REFERENCES = ("Lyra", "Opus")  # families that computing is compared with


def cost_sheets(run: Run) -> list[Sheet]:
    return [it for it in (bits_sheet(run), speed_sheet(run)) if it.rows]


def bits_sheet(run: Run) -> Sheet:
    return Sheet(
        title="Bits and delay",
        caption=_bits_caption(run),
        columns=(
            Column("payload", "bit/s", reading.PAYLOAD),
            Column("promised", "bit/s", reading.PROMISE),
            Column("with pauses", "bit/s", reading.PAUSES),
            Column("wire", "bit/s", reading.WIRE),
            Column("wire, pauses", "bit/s", reading.PAUSES),
            Column("headers", "byte", reading.HEADERS),
            Column("packet", "ms", reading.PACKET),
            Column("one-off", "bit", reading.ONE_OFF),
            Column("over 60 s", "bit/s", reading.ONE_OFF),
            Column("delay", "ms", reading.DELAY),
            Column("promised", "ms", reading.PROMISED_DELAY),
        ),
        rows=tuple(Row(it, _bit_figures(it)) for it in in_order(run) if it.bits or it.delay),
    )


def _bits_caption(run: Run) -> str:
    longest = max((it.bits.seconds for it in run.systems if it.bits), default=0.0)
    return (
        f"Counted from the bytes of packets over {longest:.0f} s of speech; wire: IPv4 and UDP. "
        f"n = {len(run.material.sentences)} sentences."
    )


def _bit_figures(system: SystemResult) -> tuple[Figure, ...]:
    bits, delay = system.bits, system.delay
    payload, wire = rates(system)
    packet_ms = bits.packet_ms if bits else delay.packet_ms if delay else None
    return (
        payload,
        number(bits.promised_bps if bits else None),
        number(bits.wall_bps if bits else None),
        wire,
        number(bits.wire_wall_bps if bits else None),
        number(bits.header_bytes if bits else None),
        number(packet_ms),
        number(bits.one_off_bits if bits else None),
        number(bits.one_off_bps if bits else None, 1),
        number(delay.found_ms if delay else None, 1, _timing(system)),
        number(delay.promised_ms if delay else None, 1),
    )


def _timing(system: SystemResult) -> str | None:
    """Why no delay was found."""
    gone = system.delay and system.delay.found_ms is None
    return "It speaks with a timing of its own: no delay can be found." if gone else None


def speed_sheet(run: Run) -> Sheet:
    against = [it for it in map(lambda name: _cheapest(run, name), REFERENCES) if it]
    return Sheet(
        title="Speed, one thread",
        caption=f"{run.machine.cpu}, {run.machine.cores} cores; load before the run "
        f"{run.load_average_before:.1f}. All systems in turns, so that noise hits all alike.",
        columns=(
            Column("encode", "x real time", reading.SPEED),
            Column("decode", "x real time", reading.SPEED),
            *(Column("computing", f"x {it.title}", reading.TIMES) for it in against),
            Column("encode", "ms (95 %)", reading.STEPS),
            Column("decode", "ms (95 %)", reading.STEPS),
            Column("cold start", "s", reading.COLD),
            Column("memory", "MB", reading.MEMORY),
            Column("of it codec", "MB", reading.OWN_MEMORY),
        ),
        rows=tuple(Row(it, tuple(_speed_figures(it, against))) for it in in_order(run) if it.speed),
    )


def _cheapest(run: Run, family: str) -> SystemResult | None:
    """What ratios are against: the fewest bits of a family."""
    timed = [it for it in run.systems if it.family == family and it.speed and it.bits]
    return min(timed, key=lambda it: it.bits.talk_bps if it.bits else 0.0, default=None)


def rtf(system: SystemResult) -> float:
    """Coder and decoder together; 0 where it was not timed."""
    return system.speed.encode.rtf + system.speed.decode.rtf if system.speed else 0.0


def _speed_figures(system: SystemResult, against: Iterable[SystemResult]) -> Iterable[Figure]:
    speed = system.speed
    assert speed
    yield _significant(speed.encode.rtf)
    yield _significant(speed.decode.rtf)
    for other in against:
        yield _significant(rtf(system) / rtf(other)) if rtf(other) else Figure("-")
    for steps in (speed.encode, speed.decode):
        median, p95 = _significant(steps.median_ms), _significant(steps.p95_ms)
        yield replace(median, text=f"{median.text} ({p95.text})")
    yield number(speed.cold_start_s, 2)
    yield number(speed.peak_memory_mb)
    yield number(speed.peak_memory_mb - speed.bare_memory_mb)


def _significant(value: float) -> Figure:
    """Two digits that say something, never as 1e-05."""
    digits = 0 if value >= 10 else 1 if value >= 1 else 2 if value >= 0.1 else 3
    digits = digits if value >= 0.01 else 4
    return number(value, digits)
