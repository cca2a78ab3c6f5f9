"""Where the settings and the page lie: in a checkout beside the sources, else in the wheel; and
where models and what was found out are put."""

import os
from pathlib import Path

PACKAGE = Path(__file__).parent
CHECKOUT = PACKAGE.parent.parent


def config_path(name: str) -> Path:
    """A file of configs/, as shipped."""
    inside = PACKAGE / "configs" / name
    return inside if inside.exists() else CHECKOUT / "configs" / name


def page_dir() -> Path:
    """The built page; it may not be there yet."""
    inside = PACKAGE / "page"
    return inside if inside.exists() else CHECKOUT / "frontend" / "dist"


def cache_dir() -> Path:
    """Of the user (XDG base directories): what is there can be found out anew."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sotto"


def models_dir() -> Path:
    """Below the user's data (XDG base directories); it may not be there yet."""
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "sotto" / "models"
