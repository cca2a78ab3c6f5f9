"""`python -m training.text.english OUT [--bigrams N] [--trigrams N]`: prune and pack the
trigram that is in pocketsphinx's wheel, and name the events that a recogniser hears. The same wheel
gives the same file, byte for byte."""

import argparse
from pathlib import Path

import pocketsphinx

from training.text import packing, pruning, sphinx_lm


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--bigrams", type=int, default=1_000_000)
    parser.add_argument("--trigrams", type=int, default=500_000)
    arguments = parser.parse_args()
    source = Path(pocketsphinx.get_model_path("en-us/en-us.lm.bin"))
    whole = packing.without_end(sphinx_lm.read(source))
    kept = pruning.choose(whole, arguments.bigrams, arguments.trigrams)
    arguments.out.write_bytes(packing.pack(kept))
    print(
        f"{len(kept.words)} words, {len(kept.bigrams)} bigrams, {len(kept.trigrams)} trigrams: "
        f"{arguments.out.stat().st_size} bytes"
    )


if __name__ == "__main__":
    main()
