"""What `tccb fleet status` shows of the accounts among which workbooks are divided: how much of its quota each uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import ceil

from msgspec import Struct
from rich.table import Table

from automation.adapters.google.api.budget import Bucket
from automation.base.messages import text
from automation.fleet.quota import SharedQuota, Use
from automation.fleet.registry import FleetWorkbook


class AccountUse(Struct, frozen=True):
    """One account."""

    account: str
    """Its address; "" where that is not known."""
    workbooks: int
    reads: Use
    writes: Use

    @property
    def wait_seconds(self) -> int:
        """Until its next request may go."""
        return ceil(max(self.reads.wait_seconds, self.writes.wait_seconds))

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "account": self.account or None,
            "workbooks": self.workbooks,
            "reads": self.reads.booked,
            "most_reads": self.reads.most,
            "writes": self.writes.booked,
            "most_writes": self.writes.most,
            "wait_seconds": self.wait_seconds,
        }


def uses_of(workbooks: Iterable[FleetWorkbook], quota: SharedQuota) -> list[AccountUse]:
    """Of all accounts that they draw on. Raises `TccbError` where the database cannot be asked."""
    counted = Counter(each.account for each in workbooks if each.account is not None)
    return [
        AccountUse(account, count, quota.use(account, Bucket.READ), quota.use(account, Bucket.WRITE))
        for account, count in sorted(counted.items())
    ]


def account_table(uses: Sequence[AccountUse]) -> Table:
    """A line each."""
    table = Table(box=None, pad_edge=False)
    for each in ("account", "workbooks", "reads", "writes", "wait"):
        table.add_column(text(f"fleet.column.{each}"), overflow="fold")
    for use in uses:
        table.add_row(*_cells(use))
    return table


def _cells(use: AccountUse) -> list[str]:
    return [
        use.account or text("fleet.status.unnamed_account"),
        str(use.workbooks),
        f"{use.reads.booked}/{use.reads.most}",
        f"{use.writes.booked}/{use.writes.most}",
        text("fleet.status.wait", seconds=use.wait_seconds) if use.wait_seconds else "–",
    ]
