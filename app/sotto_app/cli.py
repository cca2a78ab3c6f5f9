"""The command `sotto`. Each subcommand is a file of `commands`."""

import sys
from typing import TYPE_CHECKING, NoReturn

from sotto_app.errors import BadFile, ModelError
from sotto_app.strict_toml import SettingsError
from sotto_codecs.errors import CodecError, UnavailableCodec

if TYPE_CHECKING:
    import typer

FAILED, BAD_INPUT, UNAVAILABLE = 1, 2, 3
HELP = (
    "Voice calls over links too thin for voice.\n\n"
    "Exit codes: 0 done; 1 failed; 2 bad input or usage; "
    "3 a codec or package is missing, and the message says what to install."
)


def main() -> None:
    """Run the command line; faults are one line on stderr and an exit code."""
    try:
        application()()
    except ModuleNotFoundError as fault:
        _exit(f"the package {fault.name} is missing: pip install 'sotto-call[media]'", UNAVAILABLE)
    except UnavailableCodec as fault:
        _exit(str(fault), UNAVAILABLE)
    except (BadFile, CodecError, SettingsError) as fault:
        _exit(str(fault), BAD_INPUT)
    except (ModelError, OSError) as fault:
        _exit(str(fault), FAILED)


def application() -> "typer.Typer":
    """All subcommands. Raises ModuleNotFoundError without the extra `media`."""
    import typer

    from sotto_app.commands.call import call
    from sotto_app.commands.convert import convert
    from sotto_app.commands.decode import decode
    from sotto_app.commands.encode import encode
    from sotto_app.commands.link import link
    from sotto_app.commands.models import models
    from sotto_app.commands.modes import modes
    from sotto_app.commands.serve import serve

    app = typer.Typer(
        help=HELP, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
    )
    for command in (serve, call, modes, encode, decode, convert):
        app.command()(command)
    app.add_typer(link, name="link")
    app.add_typer(models, name="models")
    return app


def _exit(sentence: str, code: int) -> NoReturn:
    sys.stderr.write(f"sotto: {' '.join(sentence.split())}\n")
    raise SystemExit(code)
