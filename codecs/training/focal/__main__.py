"""python -m training.focal: the commands, one module each."""

import argparse
from importlib import import_module

COMMANDS = ("train", "evaluate", "export")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.focal", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    known, rest = parser.parse_known_args()
    command = import_module(f"training.focal.{known.command}")
    own = argparse.ArgumentParser(
        prog=f"python -m training.focal {known.command}", description=command.__doc__
    )
    command.add_arguments(own)
    command.run(own.parse_args(rest))


if __name__ == "__main__":
    main()
