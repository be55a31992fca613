"""A picture of how the cost grows with the people: each point in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

SIZES = (10_000, 25_000, 50_000, 100_000)
OURS = ("first", "cold", "all", "warm", "quiet")


def draw_growth(path: Path) -> None:
    """Measure and draw."""
    lines: dict[str, dict[int, float]] = defaultdict(dict)
    for rows in SIZES:
        found = _measured("--json", rows)
        for case in OURS:
            lines[case][rows] = found["cases"][case]["pure"]
        for name, cost in _measured("--beside", rows).items():
            if isinstance(cost, float):
                lines[name][rows] = cost
        print(rows, {name: points[rows] for name, points in lines.items()})
    _drawn(lines).savefig(path, dpi=110)


def _measured(how: str, rows: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmark", how, "--rows", str(rows)]
    found: dict[str, Any] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout)
    return found


def _drawn(lines: dict[str, dict[int, float]]) -> Figure:
    figure = Figure(figsize=(8, 4.6), layout="constrained")
    axes = figure.subplots()
    for name, points in lines.items():
        style = "o-" if name in OURS else "s--"
        axes.plot([rows / 1000 for rows in points], list(points.values()), style, label=name)
    axes.set_xlabel("people, thousands")
    axes.set_ylabel("F: times json.loads of the same cells")
    axes.set_yscale("symlog", linthresh=1)
    axes.set_yticks([0, 1, 2, 5, 10, 20, 50], ["0", "1", "2", "5", "10", "20", "50"])
    axes.grid(visible=True, alpha=0.3)
    figure.legend(loc="outside right upper", frameon=False)
    return figure
