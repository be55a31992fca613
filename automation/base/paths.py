"""Where `templates/` and `config/` lie: inside an installed package, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def _folder(name: str) -> Path:
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _PACKAGE.parent / name


TEMPLATES = _folder("templates")
CONFIG = _folder("config")


def path_typed(typed: str) -> Path:
    """The path that somebody typed, "~" meaning home; where nobody has that home it is a name like any other."""
    try:
        return Path(typed).expanduser()
    except RuntimeError:
        return Path(typed)
