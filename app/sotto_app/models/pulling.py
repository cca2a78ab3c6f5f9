"""A model onto the shelf: from the hub, or from a folder that somebody brought."""

import errno
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from aiohttp import ClientSession

from sotto_app.errors import ModelError
from sotto_app.models.digest import SHA256_LETTERS, matches, sha256
from sotto_app.models.hub import ENDPOINT, TIMEOUT, WAITS_S, Hub, Stated
from sotto_app.models.known import KnownModel, file_name
from sotto_app.models.shelf import Shelf

Progress = Callable[[int, int], None]  # takes bytes that are here, and of how many


async def pull(
    model: KnownModel,
    shelf: Shelf,
    progress: Progress,
    endpoint: str = ENDPOINT,
    waits_s: tuple[float, ...] = WAITS_S,
) -> Path:
    """Its folder. What breaks off is gone on with by the next call. Raises ModelError."""
    try:
        async with ClientSession(timeout=TIMEOUT, trust_env=True) as session:
            commit = await _gather(model, shelf, progress, Hub(session, endpoint, waits_s))
    except ModelError as fault:
        raise ModelError(f"{fault}; {by_hand(model, endpoint)}") from fault
    except OSError as fault:
        if fault.errno == errno.ENOSPC:
            raise ModelError(
                f"the disk of {shelf.folder} is full: make room, then again"
            ) from fault
        raise
    return shelf.put(model, commit)


def copy(model: KnownModel, source: Path, shelf: Shelf) -> Path:
    """Its folder, from files that lie in `source` as on the hub or side by side.

    Raises ModelError where one is missing, or is not what the catalogue says.
    """
    found = {path: _in(source, path) for path in model.files}
    if missing := [path for path, file in found.items() if file is None]:
        raise ModelError(f"{source} has no {', '.join(missing)}")
    begun = shelf.begun(model)
    for path, file in found.items():
        if file is not None:
            target = begun / file_name(path)
            shutil.copyfile(file, target)
            _verify(target, model.files[path], str(file))
    return shelf.put(model, "")


def by_hand(model: KnownModel, endpoint: str = ENDPOINT) -> str:
    """What to do where the hub cannot be reached."""
    where = f"{endpoint}/{model.repository}/tree/{model.revision}"
    return (
        "the same command goes on from there. Or fetch the files elsewhere "
        f"({where}: {', '.join(model.files)}), bring them in a folder, and: "
        f"sotto models pull {model.name} --from FOLDER"
    )


async def _gather(model: KnownModel, shelf: Shelf, progress: Progress, hub: Hub) -> str:
    """The commit that all of them are of."""
    urls = {path: hub.url(model.repository, model.revision, path) for path in model.files}
    stated = {path: await hub.state(url) for path, url in urls.items()}
    for path, pinned in model.files.items():
        _agree(stated[path], pinned)
    begun = shelf.begun(model)
    total = sum(it.size for it in stated.values())
    here = sum(it.stat().st_size for it in begun.iterdir())
    shelf.make_room(total - here)
    done = 0
    for path, it in stated.items():
        target, digest = begun / file_name(path), model.files[path] or it.digest
        if not (target.exists() and matches(target, digest)):
            part = target.with_name(f"{target.name}.part")
            await hub.fetch(it, part, partial(_sum, progress, done, total))
            _verify(part, digest, it.url)
            part.replace(target)
        done += it.size
        progress(done, total)
    return next(iter(stated.values())).commit


def _sum(progress: Progress, before: int, total: int, have: int) -> None:
    progress(before + have, total)


def _agree(stated: Stated, pinned: str) -> None:
    """Before anything is fetched. Raises ModelError."""
    if pinned and len(stated.digest) == SHA256_LETTERS and stated.digest != pinned:
        raise ModelError(
            f"{stated.url} is not the file that this version of Sotto knows "
            f"(SHA-256 {stated.digest}, not {pinned})"
        )


def _verify(file: Path, digest: str, source: str) -> None:
    """Raises ModelError, and keeps nothing of a wrong file."""
    if digest and not matches(file, digest):
        found = sha256(file)
        file.unlink()
        raise ModelError(f"{source} came damaged (SHA-256 {found}, not {digest}); it is not kept")


def _in(source: Path, path: str) -> Path | None:
    candidates = (source / path, source / file_name(path))
    return next((it for it in candidates if it.is_file()), None)
