"""Many made-up stories by hand: `python -m tests.google_stories 0 5000`. What people do between our requests, admins
too, and what goes wrong on the way; prints what was counted, and each story in which something that must hold did not.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

from tests.app import test_google_faults, test_google_meanwhile
from tests.emulator import Emulator
from tests.google_world import World, Worlds

KINDS: dict[str, Callable[[Worlds, Emulator, int], None]] = {
    "people": test_google_meanwhile.play,
    "admins": lambda worlds, emulator, seed: test_google_meanwhile.play(worlds, emulator, seed, admins=0.6),
    "faults": test_google_faults.play,
    "init": test_google_meanwhile.play_init,
}


class _Counting(Worlds):
    """Keeps the last world, to count what happened in it."""

    last: World | None = None

    def world(self, *args: object, **options: object) -> World:
        self.last = super().world(*args, **options)  # type: ignore[arg-type]
        return self.last


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", type=int)
    parser.add_argument("end", type=int)
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    asked = parser.parse_args()
    counts: Counter[str] = Counter()
    for seed in range(asked.first, asked.end):
        if (seed - asked.first) % 100 == 0:
            with_worlds = _fresh()
        worlds, emulator = with_worlds
        kind = asked.kinds[seed % len(asked.kinds)]
        counts["stories"] += 1
        try:
            KINDS[kind](worlds, emulator, seed)
        except Exception as error:  # the others go on
            counts[f"failed ({kind})"] += 1
            print(f"{kind} {seed}: {type(error).__name__} {str(error)[:600]}", flush=True)
            emulator.forget_plans()
        if worlds.last is not None:
            counts["acts"] += worlds.last.acts
            counts["cells compared"] += worlds.last.compared
    for name, number in counts.items():
        print(f"{name}: {number:,}")


def _fresh() -> tuple[_Counting, Emulator]:
    """A new emulator now and then: it keeps all spreadsheets and all that was asked."""
    emulator = Emulator()
    emulator.__enter__()
    return _Counting(emulator, Path(mkdtemp())), emulator


if __name__ == "__main__":
    main()
