"""The consoles that commands print on: what people typed is printed as typed."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO

import pytest
from rich.console import Console

from automation.cli import screens


@pytest.mark.parametrize("make", [screens.output, screens.errors, lambda: screens.into(StringIO())])
def test_a_name_with_colons_is_printed_as_it_is(make: Callable[[], Console]) -> None:
    console = make()
    with console.capture() as printed:
        console.print("Trạm :a: và :smile:")
    assert "Trạm :a: và :smile:" in printed.get()


def test_what_is_kept_is_written_where_it_is_to_be() -> None:
    lines = StringIO()
    screens.into(lines).print("một dòng")
    assert lines.getvalue() == "một dòng\n"
