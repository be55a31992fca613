"""The floors in ARCHITECTURE.md, drawn from what the guard holds the house to: python -m docs.draw_floors

Floors come from `[tool.importlinter]` in pyproject.toml, what is said of each from the docstring of its package.
"""

from __future__ import annotations

import ast
import re
import textwrap
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "ARCHITECTURE.md"
BEGIN, END = "<!-- floors: python -m docs.draw_floors -->", "<!-- end -->"
NAMES, WIDTH = 22, 110
"""Characters: of the column with the names, and of the whole."""

Floors = Mapping[str, list[str]]
"""Container -> its floors from the roof to the ground."""


def floors_guarded() -> Floors:
    """What every contract of layers says."""
    guard = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    layered = [contract for contract in guard["contracts"] if contract["type"] == "layers"]
    return {container: contract["layers"] for contract in layered for container in contract["containers"]}


def drawing() -> str:
    """The house as text, the roof first; what stands in one bracket is on one floor and does not know of each other."""
    floors = floors_guarded()
    (house,) = (container for container in floors if "." not in container)
    return "\n".join(_drawn(floors, house, ""))


def _drawn(floors: Floors, container: str, left: str) -> Iterator[str]:
    """The floors of a container; `left`: what is drawn to their left."""
    for floor in floors[container]:
        names = floor.split(" | ")
        for name, bracket in zip(names, _bracket(len(names)), strict=True):
            module, below = f"{container}.{name}", left + bracket.replace("┌", "│").replace("└", " ")
            yield from _line(f"{left}{bracket}{name}", _said(module), below)
            if module in floors:
                yield from _drawn(floors, module, f"{below}│ ")


def _bracket(count: int) -> list[str]:
    return [""] if count == 1 else ["┌ ", *["│ "] * (count - 2), "└ "]


def _line(name: str, said: str, left: str) -> Iterator[str]:
    first, *others = textwrap.wrap(said, WIDTH - NAMES)
    yield f"{name:{NAMES}}{first}"
    yield from (f"{left:{NAMES}}{rest}" for rest in others)


def _said(module: str) -> str:
    """The first sentence of the docstring."""
    place = ROOT.joinpath(*module.split("."))
    source = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    said = ast.get_docstring(ast.parse(source.read_text("utf-8"))) or ""
    return re.split(r"(?<=\.)\s", said)[0].replace("\n", " ")


def redrawn(page: str) -> str:
    """The page with the floors as they are guarded now."""
    drawn = f"{BEGIN}\n```text\n{drawing()}\n```\n{END}"
    return re.sub(f"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: drawn, page, count=1, flags=re.DOTALL)


def main() -> None:
    """Bring the page up to date."""
    PAGE.write_text(redrawn(PAGE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
