"""python -m training.PACKAGE COMMAND: one module of the package for each command."""

import argparse
from collections.abc import Sequence
from importlib import import_module


def main(package: str, commands: Sequence[str]) -> None:
    """A command's module has `add_arguments` and `run`; its docstring is its help."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {package}", description="The commands, one module each."
    )
    parser.add_argument("command", choices=commands)
    known, rest = parser.parse_known_args()
    command = import_module(f"{package}.{known.command}")
    own = argparse.ArgumentParser(
        prog=f"python -m {package} {known.command}", description=command.__doc__
    )
    command.add_arguments(own)
    command.run(own.parse_args(rest))
