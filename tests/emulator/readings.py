"""Where it is not known what Google does: each reading can be set, and a program has to live with both."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class Readings(Struct):
    """What the emulator takes for true until a test says otherwise (`emulator.readings`); all of it is I."""

    write_without_match: Literal["skipped", "refused"] = "skipped"
    """A value written to a lookup that finds nothing. Reads leave such an entry out (M), so writes may do so too."""
    update_without_match: Literal["empty", "refused"] = "empty"
    """`updateDeveloperMetadata` where the filters find nothing."""
    taller_column: Literal["refused", "grows"] = "refused"
    """More values than the column of a lookup has cells: the description says that the request fails (D)."""
    covered_cell: Literal["ignored", "kept", "refused"] = "ignored"
    """A value written to a cell that a merge covers."""
    cut_column: Literal["stays", "moves"] = "stays"
    """Where the metadata of a column is after somebody has cut the whole column and pasted it elsewhere."""
    copied_tab: Literal["bare", "tagged"] = "bare"
    """Whether a tab's copy has the metadata of its rows and columns, then under new ids, for ids are unique (D)."""
    most_filters: int | None = None
    """How many data filters a request may carry."""
