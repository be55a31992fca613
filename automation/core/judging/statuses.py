"""The status decision table: the first row that matches decides, and every person gets exactly one status."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from automation.core.config.values import Status
from automation.core.judging.matching import Matcher
from automation.core.judging.people import People


def decide(people: People, statuses: Sequence[Status], matcher: Matcher) -> pd.Series[Any]:
    """Each person's status code. The table must end with a row without a condition (checked at the door)."""
    decided = pd.Series(np.full(len(people), None, dtype=object), index=people.frame.index)
    open_rows = people.all(True)
    for status in statuses:
        matched = open_rows & matcher.holds(status.when)
        decided[matched] = status.code
        open_rows &= ~matched
    return decided
