"""Dockerfile and composition against what they name. docs/operations.md says how to run them."""

import re
from pathlib import Path

from sotto_app.files import CHECKOUT
from sotto_app.settings import CONFIG_VARIABLE, NOT_OURS, load_settings, variables


def text_of(name: str) -> str:
    return (CHECKOUT / name).read_text()


def test_what_the_image_copies_is_there_and_is_sent_to_the_builder() -> None:
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", text_of("Dockerfile"), re.MULTILINE)
    copied = [Path(name) for line in lines for name in line.split()]
    assert Path("pyproject.toml") in copied and Path("frontend") in copied
    sent = {line[1:] for line in text_of(".dockerignore").splitlines() if line.startswith("!")}
    for path in copied:
        assert (CHECKOUT / path).exists(), path
        assert path.parts[0] in sent, path


def test_the_image_is_configured_with_variables_that_the_relay_knows() -> None:
    block = re.search(r"^ENV (?:.*\\\n)*.*$", text_of("Dockerfile"), re.MULTILINE)
    assert block
    environ = dict(re.findall(r"(SOTTO_\w+)=(\S+)", block[0]))
    settings = load_settings(None, environ)
    assert (settings.host, settings.port) == ("0.0.0.0", 8080)
    assert f"COPY --from=page /src/frontend/dist {settings.page_dir}" in text_of("Dockerfile")


def test_the_composition_names_no_variable_that_nobody_reads() -> None:
    files = ["docker-compose.yml", "configs/Caddyfile", "scripts/coturn", "docs/operations.md"]
    named = {name for file in files for name in re.findall(r"SOTTO_[A-Z_]+[A-Z]", text_of(file))}
    assert named <= set(variables()) | NOT_OURS | {CONFIG_VARIABLE}
    assert named >= NOT_OURS


def test_every_file_that_the_composition_mounts_is_there() -> None:
    mounts = re.findall(r"- \./(\S+?):\S+:ro", text_of("docker-compose.yml"))
    assert len(mounts) == 3
    for mount in mounts:
        assert (CHECKOUT / mount).is_file(), mount
