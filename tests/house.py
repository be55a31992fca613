"""How the house is built, in figures: python -m tests.house [TREE...]

Prints a table with a column for each tree that was named (the root of a checkout), and for this one where none was.
Modules are the files of the package; an `__init__.py` that holds nothing but its docstring is none.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from statistics import mean, median, quantiles

from msgspec import Struct

from tests.tree import ROOT

NAME = "automation"
CORE = f"{NAME}.core."


class Module(Struct, frozen=True):
    """A module: how long it is and what it imports of the package."""

    folder: str
    lines: int
    functions: Mapping[str, int]
    """Lines of each, its docstring included, by its name and first line."""
    imports: frozenset[str]


class Figure(Struct, frozen=True):
    """One line of the table. `at_most`: None where nothing is asked."""

    name: str
    value: float
    at_most: float | None = None

    @property
    def holds(self) -> bool:
        return self.at_most is None or self.value <= self.at_most


def modules_of(tree: Path) -> dict[str, Module]:
    """Every module of the package by its dotted name."""
    sources = {_dotted(path.relative_to(tree)): path for path in sorted((tree / NAME).rglob("*.py"))}
    parsed = {name: ast.parse(path.read_text("utf-8")) for name, path in sources.items()}
    with_content = {name for name, tree in parsed.items() if len(tree.body) > 1 or sources[name].stem != "__init__"}
    return {
        name: Module(
            folder=sources[name].parent.relative_to(tree).as_posix(),
            lines=len(sources[name].read_text("utf-8").splitlines()),
            functions=dict(_functions(parsed[name])),
            imports=frozenset(_imported(parsed[name])) & (with_content - {name}),
        )
        for name in sorted(with_content)
    }


def _dotted(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _functions(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{node.name}:{node.lineno}", (node.end_lineno or node.lineno) - node.lineno + 1


def _imported(tree: ast.AST) -> Iterator[str]:
    """Every name that may be a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def longest_chain(modules: Mapping[str, Module]) -> list[str]:
    """The longest chain of modules of the core in which each imports the next."""

    @cache
    def below(name: str) -> tuple[str, ...]:
        chains = [below(each) for each in sorted(modules[name].imports) if each.startswith(CORE)]
        return (name, *max(chains or [()], key=len))

    chain: tuple[str, ...] = max((below(name) for name in modules if name.startswith(CORE)), key=len)
    return list(chain)


def figures_of(tree: Path) -> tuple[Figure, ...]:
    """What the table shows of a tree."""
    modules = modules_of(tree)
    (_, fullest), *_ = Counter(module.folder for module in modules.values()).most_common(1)
    functions = [lines for module in modules.values() for lines in module.functions.values()]
    return (
        Figure("modules in the fullest folder", fullest, 16),
        Figure("levels of the core", len(longest_chain(modules)), 15),
        Figure("imports a module, on average", round(mean(len(each.imports) for each in modules.values()), 1), 5),
        Figure("lines of the median function", median(functions), 6),
        Figure("nine functions in ten have at most", quantiles(functions, n=10, method="inclusive")[-1], 16),
        Figure("modules", len(modules)),
        Figure("functions", len(functions)),
        Figure("lines in all", sum(module.lines for module in modules.values())),
    )


def main(arguments: list[str]) -> None:
    """Print the table."""
    trees = [Path(each) for each in arguments] or [ROOT]
    print(f"{'':36}", *(f"{tree.resolve().name[:16]:>16}" for tree in trees), f"{'at most':>8}")
    for line in zip(*map(figures_of, trees), strict=True):
        limit = "" if line[0].at_most is None else f"{line[0].at_most:g}"
        print(f"{line[0].name:36}", *(f"{_shown(each.value):>16}" for each in line), f"{limit:>8}")


def _shown(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


if __name__ == "__main__":
    main(sys.argv[1:])
