"""The page's files, and the headers that keep it to itself."""

import re
from pathlib import Path

from aiohttp import web

NOT_BUILT = (
    "The page is not built yet. Type  make page  in the clone of Sotto; then load this again."
)
NO_PAGE = "This relay does signaling only, at /ws; it serves no page."
HASHED = re.compile(r"-[\w-]{8}\.\w+$")  # a name that Vite made from the content
HOST = re.compile(r"[\w.\-:\[\]]+")

POLICY = (
    "default-src 'self'; script-src 'self' blob:; worker-src 'self' blob:; img-src 'self' data:; "
    "media-src 'self' blob:; connect-src 'self'{sockets}; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
}


def add_page(app: web.Application, page_dir: Path | None) -> None:
    """Serve `page_dir` at /, index.html also for the links of rooms. Headers go on everything."""
    app.on_response_prepare.append(_protect)

    async def index(request: web.Request) -> web.StreamResponse:
        return _index(page_dir)

    async def file(request: web.Request) -> web.StreamResponse:
        return _file(page_dir, request.match_info["path"])

    app.router.add_get("/", index)
    app.router.add_get("/r/{room}", index)
    app.router.add_get("/{path:.+}", file)


async def _protect(request: web.Request, response: web.StreamResponse) -> None:
    # Older Safari does not take ws: and wss: of the same host for 'self'.
    host = request.host if HOST.fullmatch(request.host) else ""
    sockets = f" ws://{host} wss://{host}" if host else ""
    response.headers.setdefault("Content-Security-Policy", POLICY.format(sockets=sockets))
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)


def _index(page_dir: Path | None) -> web.StreamResponse:
    if page_dir is None:
        return web.Response(status=404, text=NO_PAGE)
    if not (index := page_dir / "index.html").is_file():
        return web.Response(status=503, text=NOT_BUILT)
    return web.FileResponse(index, headers={"Cache-Control": "no-cache"})


def _file(page_dir: Path | None, path: str) -> web.StreamResponse:
    if page_dir is None or (found := _inside(page_dir.resolve(), path)) is None:
        raise web.HTTPNotFound(text="There is nothing here.")
    hashed = path.startswith("assets/") and HASHED.search(path)
    caching = "public, max-age=31536000, immutable" if hashed else "no-cache"
    return web.FileResponse(found, headers={"Cache-Control": caching})


def _inside(page_dir: Path, path: str) -> Path | None:
    """The file at `path`, unless it lies outside, is hidden, or is no file."""
    try:
        found = (page_dir / path).resolve()
        inside = found.is_relative_to(page_dir) and found.is_file()
    except (OSError, ValueError):  # too long, or with a zero byte in it
        return None
    hidden = any(part.startswith(".") for part in Path(path).parts)
    return found if inside and not hidden else None
