"""What a fleet keeps, and the state that a workbook brings along: at a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from msgspec.structs import replace

from automation.adapters.store.opening import PostgresStore
from automation.adapters.store.postgres import libpq_address
from automation.adapters.store.sqlite_file import held_alone
from automation.adapters.store.store import STORE_FILE, WORKER_LOCK, SqliteStore
from automation.base.errors import CannotStart
from automation.core.model.mail import Delivery, MailState
from automation.core.model.ports import SavedConfig
from automation.core.model.runs import RunRecord
from automation.fleet.moving import copy_state, move_state
from automation.fleet.registry import EDITED_FOR, FLEET_SCHEMA, LONGEST_CYCLE, CycleEnd, FleetWorkbook, Registry
from automation.fleet.tasks import prepare_queue
from tests.adapters.mail.examples import NOW, reminder
from tests.fakes_store import RecordingTransport
from tests.postgres import PostgresServer, needs_postgres, postgres_server

pytestmark = [needs_postgres, pytest.mark.slow]
AT = datetime(2023, 4, 20, 1, 0, tzinfo=UTC)
ONE, TWO = FleetWorkbook("mot", "mot", "Một", ""), FleetWorkbook("hai", "hai", "Hai", "key.json")


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as running:
        yield running


@pytest.fixture
def registry(server: PostgresServer) -> Iterator[Registry]:
    with closing(Registry(server.url)) as opened:
        for each in opened.all():
            opened.remove(each.key)
        yield opened


def turns(registry: Registry, at: datetime) -> dict[str, str]:
    """Who had each of those last that are due, in the order of their turns."""
    return {each.key: each.worker for each in registry.due(at)}


def test_a_workbook_is_due_at_once_and_then_when_its_cycle_said(registry: Registry) -> None:
    registry.add(ONE)
    assert turns(registry, AT) == {"mot": ""}
    assert registry.begin("mot", "worker", AT) == ONE
    assert registry.due(AT + timedelta(minutes=5)) == []
    registry.end("mot", CycleEnd(AT + timedelta(minutes=1)), AT)
    assert registry.due(AT) == []
    assert turns(registry, AT + timedelta(minutes=1)) == {"mot": "worker"}
    assert [each.worker for each in registry.all()] == ["worker"]


def test_a_cycle_that_never_told_its_end_is_due_again(registry: Registry) -> None:
    registry.add(ONE)
    registry.begin("mot", "worker", AT)
    assert turns(registry, AT + LONGEST_CYCLE) == {"mot": "worker"}


def test_a_cycle_that_failed_is_due_when_it_is_tried_again(registry: Registry) -> None:
    registry.add(ONE)
    registry.begin("mot", "worker", AT)
    [at_it] = registry.all()
    assert (at_it.began_at, at_it.failed_at) == (AT.timestamp(), None)
    again = AT + timedelta(seconds=20)
    registry.fail("mot", again, AT + timedelta(seconds=5))
    [failed] = registry.all()
    assert (failed.began_at, failed.failed_at, failed.next_at) == (None, AT.timestamp() + 5, again.timestamp())
    assert turns(registry, again) == {"mot": "worker"}
    registry.begin("mot", "worker", again)
    registry.end("mot", CycleEnd(again + timedelta(minutes=1)), again)
    [ended] = registry.all()
    assert (ended.began_at, ended.failed_at) == (None, None)


def test_who_rests_is_not_due_and_goes_on_at_once(registry: Registry) -> None:
    for each in (ONE, TWO):
        registry.add(each)
    assert registry.pause("mot", paused=True)
    assert turns(registry, AT) == {"hai": ""}
    assert registry.begin("mot", "worker", AT) is None
    assert [(each.worker, each.began_at) for each in registry.all()] == [("", None)] * 2
    registry.pause("mot", paused=False)
    assert sorted(turns(registry, AT)) == ["hai", "mot"]
    assert not registry.pause("no such", paused=True)


def test_adding_again_changes_name_and_key_and_removing_removes(registry: Registry) -> None:
    registry.add(ONE)
    registry.add(replace(ONE, name="Sở Y tế", credentials="new.json"))
    assert [(each.name, each.credentials) for each in registry.all()] == [("Sở Y tế", "new.json")]
    assert (registry.remove("mot"), registry.remove("mot"), registry.all()) == (True, False, [])


@pytest.mark.parametrize(("seconds", "order"), [(59, ["hai", "mot"]), (61, ["mot", "hai"])])
def test_where_people_are_at_work_comes_before_what_is_quiet_and_has_waited_no_minute_longer(
    registry: Registry, seconds: int, order: list[str]
) -> None:
    for each in (ONE, TWO):
        registry.add(each)
    registry.end("mot", CycleEnd(AT), AT)
    registry.end("hai", CycleEnd(AT + timedelta(seconds=seconds), is_edited=True), AT)
    later = AT + timedelta(minutes=5)
    assert list(turns(registry, later)) == order
    registry.end("hai", CycleEnd(AT + timedelta(seconds=seconds)), later)
    assert list(turns(registry, later)) == order, "who edits edits on"
    assert list(turns(registry, AT + EDITED_FOR + timedelta(seconds=1))) == ["mot", "hai"]
    registry.add(TWO)
    assert list(turns(registry, later)) == ["hai", "mot"], "what is new or goes on is due at once"


def test_a_list_of_an_earlier_version_gets_what_it_lacks(server: PostgresServer) -> None:
    with closing(Registry(server.url)) as opened:
        opened.all()
    with psycopg.connect(libpq_address(server.url), options=f"-c search_path={FLEET_SCHEMA}") as earlier:
        later = ("edited_at", "account", "began_at", "failed_at")
        earlier.execute("ALTER TABLE workbook " + ", ".join(f"DROP COLUMN {each}" for each in later))
        earlier.execute("UPDATE version SET number = 0")
    with closing(Registry(server.url)) as opened:
        opened.add(ONE)
        opened.end("mot", CycleEnd(AT, is_edited=True, account="bot@example.org"), AT)
        assert [each.account for each in opened.all() if each.key == "mot"] == ["bot@example.org"]


def test_a_server_that_was_started_anew_is_asked_again_at_once(server: PostgresServer, registry: Registry) -> None:
    registry.add(ONE)
    server.stop()
    server.start()
    assert turns(registry, AT) == {"mot": ""}


def test_the_queue_is_prepared_once(server: PostgresServer) -> None:
    for _ in range(2):
        prepare_queue(server.url)


def remembered(folder: Path) -> SqliteStore:
    """A file with a mail that went, two that wait, a configuration and a cycle."""
    store = SqliteStore(folder / STORE_FILE)
    with store.transaction(NOW) as ledger:
        ledger.queue(reminder("BV01"), NOW)
    store.deliver(RecordingTransport(), NOW)
    with store.transaction(NOW) as ledger:
        ledger.queue(reminder("BV02"), NOW)
        ledger.queue(replace(reminder("BV03"), trial=True), NOW)
        ledger.remember_config(SavedConfig(NOW, {"Cấu hình": [["Mục"]]}))
    store.note_run(RunRecord(NOW, 1.0), [])
    return store


def test_a_moved_workbook_brings_everything_along_and_nothing_goes_twice(
    server: PostgresServer, tmp_path: Path
) -> None:
    with closing(remembered(tmp_path)) as before:
        told = (before.mail_history(), before.last_config(), before.runs(5), before.first_cycle_at())
    kept = move_state(tmp_path, "moved", server.url)
    assert kept == tmp_path / f"{STORE_FILE}.moved"
    assert not (tmp_path / STORE_FILE).exists()
    transport = RecordingTransport()
    with closing(PostgresStore(server.url, "moved")) as after:
        assert (after.mail_history(), after.last_config(), after.runs(5), after.first_cycle_at()) == told
        with after.transaction(NOW) as ledger:
            assert [ledger.queue(reminder(unit), NOW) for unit in ("BV01", "BV04")] == [False, True]
        assert after.deliver(transport, NOW) == Delivery(sent=2)
        assert {each.unit: each.state for each in after.mail_history()} == {
            "BV01": MailState.SENT,
            "BV02": MailState.SENT,
            "BV03": MailState.WITHDRAWN,
            "BV04": MailState.SENT,
        }
    assert [mail.unit for mail in transport.sent] == ["BV02", "BV04"]


def test_a_move_that_died_before_its_end_is_ended_by_the_next_one(server: PostgresServer, tmp_path: Path) -> None:
    with closing(remembered(tmp_path)) as before:
        told = before.mail_history()
    copy_state(tmp_path / STORE_FILE, "cut short", server.url)
    with closing(PostgresStore(server.url, "cut short")) as after:
        after.deliver(RecordingTransport(), NOW)
        gone_on = after.mail_history()
    assert gone_on != told
    assert move_state(tmp_path, "cut short", server.url) == tmp_path / f"{STORE_FILE}.moved"
    with closing(PostgresStore(server.url, "cut short")) as after:
        assert after.mail_history() == gone_on


def test_a_file_that_was_worked_with_since_its_move_was_cut_short_is_not_given_up(
    server: PostgresServer, tmp_path: Path
) -> None:
    remembered(tmp_path).close()
    copy_state(tmp_path / STORE_FILE, "went two ways", server.url)
    with closing(SqliteStore(tmp_path / STORE_FILE)) as again:
        again.deliver(RecordingTransport(), NOW)
    with pytest.raises(CannotStart, match="đã có trạng thái"):
        move_state(tmp_path, "went two ways", server.url)
    assert (tmp_path / STORE_FILE).exists()


def test_nothing_is_moved_over_what_is_there_or_away_from_a_worker(server: PostgresServer, tmp_path: Path) -> None:
    with closing(PostgresStore(server.url, "known")) as store, store.transaction(NOW):
        pass
    remembered(tmp_path).close()
    with pytest.raises(CannotStart, match="đã có trạng thái"):
        move_state(tmp_path, "known", server.url)
    with held_alone(tmp_path / WORKER_LOCK), pytest.raises(CannotStart, match="đang được một tiến trình khác"):
        move_state(tmp_path, "unknown", server.url)
    assert (tmp_path / STORE_FILE).exists()
    assert move_state(tmp_path / "nothing", "unknown", server.url) is None
