"""What a worker tells Prometheus. The only label is the name that the operator gave a workbook: no unit, no address, no
person.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from automation.core.model.runs import RunRecord

_BOOK = ("workbook",)
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
        self._problems = Gauge("tccb_problems", "Problems that need a person.", _BOOK, registry=self.registry)
        self._rate = Gauge("tccb_rate_percent", "How many are done.", _BOOK, registry=self.registry)
        self._seconds = self._histogram("cycle_seconds", "How long a cycle took.")
        self._late = self._histogram("lateness_seconds", "How long a workbook was due before its cycle began.")

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(f"tccb_{name}", told, labels, registry=self.registry)

    def _histogram(self, name: str, told: str) -> Histogram:
        return Histogram(f"tccb_{name}", told, _BOOK, buckets=_SECONDS, registry=self.registry)

    def ended(self, workbook: str, run: RunRecord, problems: int) -> None:
        """A cycle came to its end."""
        self._cycles.labels(workbook).inc()
        self._seconds.labels(workbook).observe(run.seconds)
        self._cells.labels(workbook).inc(run.cells)
        for outcome, count in (("sent", run.sent), ("failed", run.failed)):
            self._mails.labels(workbook, outcome).inc(count)
        for kind, count in (("read", run.reads), ("write", run.writes)):
            self._requests.labels(workbook, kind).inc(count)
        self._problems.labels(workbook).set(problems)
        if run.rate is not None:
            self._rate.labels(workbook).set(run.rate)

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
