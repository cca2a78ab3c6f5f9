"""Which peers the judge runs, each at its rates.

Opus and Codec2 are peers as well, but modes of a call first (configs/modes.toml): they are not
listed again. A packet holds about 60 ms, as those of Opus at its lowest rates, so that headers
weigh alike.
"""

from pathlib import Path

from benchmarks.codecs.system import System

LYRA = "benchmarks.peers.lyra:Lyra"
ENCODEC = "benchmarks.peers.encodec:EnCodec"
MIMI = "benchmarks.peers.mimi:Mimi"

# name, title, family, target, bit/s, frames in a packet
PEERS = (
    ("lyra-3200", "Lyra v2 3.2", "Lyra", LYRA, 3200, 3),  # 3 x 20 ms
    ("lyra-6000", "Lyra v2 6", "Lyra", LYRA, 6000, 3),
    ("lyra-9200", "Lyra v2 9.2", "Lyra", LYRA, 9200, 3),
    ("encodec-1500", "EnCodec 1.5", "EnCodec", ENCODEC, 1500, 2),  # 2 x 26.7 ms
    ("encodec-3k", "EnCodec 3", "EnCodec", ENCODEC, 3000, 2),
    ("encodec-6k", "EnCodec 6", "EnCodec", ENCODEC, 6000, 2),
    ("mimi-550", "Mimi 0.55", "Mimi", MIMI, 550, 1),  # 160 ms: two steps fill their bytes
    ("mimi-1100", "Mimi 1.1", "Mimi", MIMI, 1100, 1),  # 80 ms, its step: it cannot do less
)


def peers(lyra: Path, weights: Path) -> list[System]:
    """`lyra` holds the three graphs; `weights` a folder for each model: encodec_24khz and mimi."""
    folders = {LYRA: lyra, ENCODEC: weights / "encodec_24khz", MIMI: weights / "mimi"}
    return [
        System(
            name=name,
            title=title,
            family=family,
            target=target,
            settings={"bitrate_bps": bitrate_bps, "folder": str(folders[target])},
            bundle_frames=bundle_frames,
            is_peer=True,
        )
        for name, title, family, target, bitrate_bps, bundle_frames in PEERS
    ]
