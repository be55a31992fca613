"""What units' own spreadsheets that do not answer may cost, and which of them rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from automation.adapters.google.patience import HURRIED_SECONDS, OWN_SECONDS, Purse, Silences
from automation.base.errors import WorkbookUnavailable


class Took:
    """An errand of which all is used up at once."""

    def __init__(self, seconds: float, used: float = 1.0) -> None:
        self.had = self.left = seconds
        self._used = used

    def shortened(self, seconds: float) -> Took:
        return Took(seconds)

    def __enter__(self) -> None:
        self.left = self.had * (1 - self._used)

    def __exit__(self, *_: object) -> None:
        return None


def failing(purse: Purse, used: float = 1.0) -> float:
    """The seconds that one spreadsheet got, which took that share of them and raised."""
    with pytest.raises(TimeoutError), purse.of(lambda seconds: Took(seconds, used)) as errand, errand:
        raise TimeoutError
    assert isinstance(errand, Took)
    return errand.had


def test_beyond_a_sum_each_gets_a_hurried_while_and_beyond_another_none() -> None:
    purse = Purse(60.0, 70.0)
    assert [failing(purse) for _ in range(4)] == [OWN_SECONDS, OWN_SECONDS, HURRIED_SECONDS, HURRIED_SECONDS]
    with pytest.raises(WorkbookUnavailable, match="chưa hỏi"):
        failing(purse)


def test_what_answers_and_what_fails_at_once_costs_nothing() -> None:
    purse = Purse(30.0, 30.0)
    for _ in range(5):
        assert failing(purse, used=0.0) == OWN_SECONDS
        with purse.of(Took) as errand, errand:
            pass
    assert failing(purse) == OWN_SECONDS


class Bench:
    now = 1_000_000.0

    def __init__(self, file: Path | None) -> None:
        self.file = file

    def silences(self) -> Silences:
        """As of a new start of the program."""
        return Silences(self.file, lambda: self.now)

    def hang(self, times: int) -> None:
        for _ in range(times):
            errand = Took(30.0)
            with pytest.raises(TimeoutError), self.silences().noted("x", errand), errand:
                raise TimeoutError


@pytest.mark.parametrize(("hangs", "minutes"), [(1, 0), (2, 5), (3, 10), (4, 20), (5, 40), (6, 60), (20, 60)])
def test_a_rest_grows_up_to_an_hour_and_outlives_the_program(tmp_path: Path, hangs: int, minutes: int) -> None:
    bench = Bench(tmp_path / "silent.json")
    bench.hang(hangs)
    assert bool(bench.silences().told("x")) is bool(minutes)
    bench.now += 60 * minutes - 1
    assert bool(bench.silences().told("x")) is bool(minutes)
    bench.now += 1
    assert not bench.silences().told("x")
    assert not bench.silences().told("y")


@pytest.mark.parametrize("content", ["", "[]", '{"x": 1}', '{"x": {"hangs": "a", "until": 2}}'])
def test_a_file_that_cannot_be_read_counts_as_forgotten(tmp_path: Path, content: str) -> None:
    (tmp_path / "silent.json").write_text(content, "utf-8")
    assert not Bench(tmp_path / "silent.json").silences().told("x")


def test_a_clock_set_back_ends_every_rest(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "silent.json")
    bench.hang(6)
    bench.now -= 86_400
    assert not bench.silences().told("x")


def test_what_answers_is_forgiven(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "silent.json")
    bench.hang(3)
    with bench.silences().noted("x", Took(30.0)):
        pass
    bench.hang(1)
    assert not bench.silences().told("x")
