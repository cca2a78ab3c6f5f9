from sotto_codecs.tiny.config import TinyConfig


def test_a_stage_costs_250_bits_per_second() -> None:
    config = TinyConfig()
    assert [config.payload_bps(stages) for stages in (2, 3, 6, 12, 16)] == [
        500,
        750,
        1500,
        3000,
        4000,
    ]


def test_the_clock_is_whole() -> None:
    config = TinyConfig()
    assert config.rows * config.row == config.step
    assert config.pieces * config.piece == config.row
    assert config.window == 2 * config.piece  # what half-overlapped windows need
    assert config.step <= 0.04 * config.rate_hz
    assert config.delay <= 0.02 * config.rate_hz
