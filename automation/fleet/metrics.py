"""What a worker tells Prometheus. The only label is the name that the operator gave a workbook: no unit, no address, no
person.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from automation.adapters.store.store import DatabaseStore
from automation.core.model.runs import RunRecord

_BOOK = ("workbook",)
_RUNS_LOOKED_AT = 20
"""For the look before the last one that did not fail."""
_SECONDS = (0.1, 0.3, 1, 3, 10, 30, 60, 120, 300)


class FleetMetrics:
    """Counts what becomes of cycles."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._cycles = self._counter("cycles", "Cycles that came to their end.", *_BOOK)
        self._failed = self._counter("cycles_failed", "Cycles that did not.", *_BOOK)
        self._opened = self._counter("workbooks_opened", "Workbooks opened anew, without what a cycle left.", *_BOOK)
        self._mails = self._counter("mails", "Mails by outcome.", *_BOOK, "outcome")
        self._requests = self._counter("google_requests", "Requests to Google by kind.", *_BOOK, "kind")
        self._waited = self._counter(
            "quota_wait_seconds", "How long requests waited for Google's quota.", *_BOOK, "kind"
        )
        self._cells = self._counter("cells_written", "Cells written.", *_BOOK)
        self._problems = self._gauge("problems", "Problems that need a person.")
        self._rate = self._gauge("rate_percent", "How many are done.")
        self._waiting = self._gauge("mails_waiting", "Mails that are still to be tried.")
        self._told_of: set[str] = set()
        """The workbooks whose gauges stand."""
        self._seconds = self._histogram("cycle_seconds", "How long a cycle took.")
        self._late = self._histogram("lateness_seconds", "How long a workbook was due before its cycle began.")
        self._edits = self._histogram(
            "edit_to_result_seconds", "How long the first edit of a cycle waited for its result, at most."
        )

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(f"tccb_{name}", told, labels, registry=self.registry)

    def _gauge(self, name: str, told: str) -> Gauge:
        return Gauge(f"tccb_{name}", told, _BOOK, registry=self.registry)

    def _histogram(self, name: str, told: str) -> Histogram:
        return Histogram(f"tccb_{name}", told, _BOOK, buckets=_SECONDS, registry=self.registry)

    def ended(self, workbook: str, run: RunRecord) -> None:
        """A cycle came to its end."""
        self._cycles.labels(workbook).inc()
        self._seconds.labels(workbook).observe(run.seconds)
        self._cells.labels(workbook).inc(run.cells)
        for outcome, count in (("sent", run.sent), ("failed", run.failed)):
            self._mails.labels(workbook, outcome).inc(count)
        for kind, count in (("read", run.reads), ("write", run.writes)):
            self._requests.labels(workbook, kind).inc(count)

    def stands(self, workbook: str, rate: float | None, problems: int, mails_waiting: int) -> None:
        """How it stands with a workbook, until `keep_only` others."""
        self._told_of.add(workbook)
        self._problems.labels(workbook).set(problems)
        self._waiting.labels(workbook).set(mails_waiting)
        if rate is not None:
            self._rate.labels(workbook).set(rate)

    def keep_only(self, workbooks: Collection[str]) -> None:
        """Others are told of by the workers that have them now: how they stood here is no longer true."""
        for each in self._told_of - set(workbooks):
            for gauge in (self._problems, self._waiting, self._rate):
                with suppress(KeyError):  # no rate was ever known
                    gauge.remove(each)
        self._told_of &= set(workbooks)

    def edited(self, workbook: str, seconds: float) -> None:
        """A cycle brought results for what people had typed. `seconds`: from the look that did not find it yet."""
        self._edits.labels(workbook).observe(seconds)

    def began(self, workbook: str, late_seconds: float) -> None:
        """A cycle began so long after it was due."""
        self._late.labels(workbook).observe(max(0.0, late_seconds))

    def failed(self, workbook: str) -> None:
        """A cycle did not come to its end."""
        self._failed.labels(workbook).inc()

    def waited(self, workbook: str, kind: str, seconds: float) -> None:
        """A request is to wait so long for its turn in the quota."""
        self._waited.labels(workbook, kind).inc(seconds)

    def opened(self, workbook: str) -> None:
        """A workbook was opened."""
        self._opened.labels(workbook).inc()

    @contextmanager
    def served(self, host: str, port: int) -> Iterator[int]:
        """Answers at /metrics meanwhile; on which port. Raises OSError where that is taken."""
        server, thread = start_http_server(port, host, self.registry)
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def tell_of_cycle(metrics: FleetMetrics, workbook: str, store: DatabaseStore) -> bool:
    """Tell of the cycle that has just ended; whether people had typed something before it."""
    problems = sum(each.problem.needs_person for each in store.open_problems())
    runs = store.runs(_RUNS_LOOKED_AT)
    if not runs:
        return False
    last, looks = runs[0], (each for each in runs[1:] if not each.trouble)
    metrics.ended(workbook, last)
    metrics.stands(workbook, last.rate, problems, store.number_of_mails_waiting())
    is_edited = last.changed > 0
    if is_edited and (before := next(looks, None)):
        metrics.edited(workbook, (last.started_at - before.started_at).total_seconds() + last.seconds)
    return is_edited
