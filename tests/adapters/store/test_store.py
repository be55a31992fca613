from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import to_builtins
from msgspec.structs import replace

from automation.adapters.store.delivery import FIRST_RETRY, LATE_RETRY, LEAST_TRIES, STALE_AFTER
from automation.adapters.store.migrations import MIGRATIONS
from automation.adapters.store.outbox import LONGEST_RETRY
from automation.adapters.store.sqlite_file import SqliteDatabase, set_aside_if_damaged
from automation.adapters.store.store import DatabaseStore, SqliteStore
from automation.base.errors import (
    MailboxPostponed,
    MailError,
    MailServerUnavailable,
    MailSettingWrong,
    OutcomeUnknown,
    PartlyPostponed,
    RefusedMailError,
    TccbError,
    TemporaryMailError,
)
from automation.base.messages import text
from automation.core.model.mail import URGENT_RANK, Attachment, Delivery, DeliveryTerms, Mail, MailState, Told
from automation.core.model.ports import SavedConfig, Store
from automation.core.model.units import Declaration, RowCount, Standing, Tally, UnitRecord
from automation.core.model.workbook import Cell
from tests.adapters.mail.examples import NOW, reminder
from tests.adapters.store.places import StorePlace
from tests.examples import costly, cross_section
from tests.fakes_store import MemoryStore, RecordingTransport
from tests.patience import HANG_SECONDS
from tests.postgres import PostgresServer, needs_postgres, postgres_server
from tests.tree import ROOT

STANDING = Standing(
    "BV01",
    "Bệnh viện Một",
    group="Bệnh viện",
    as_of=NOW,
    headcount=500,
    rows=100,
    tally=Tally(500, 3, 99),
    statuses={"xong": 99, "chua-khai": 1},
    declaration=Declaration(500, date(2023, 4, 12), 480, None, True),
    changed_at=NOW,
    below_since=NOW - timedelta(days=9),
    notes=("chưa có email",),
)
RECORD = UnitRecord(
    "BV01", "f1", changed_at=NOW, read_at=NOW, peak_rows=100, standing=STANDING, untold_loss=RowCount(120, NOW)
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "state.sqlite3"


def at(path: Path, busy_seconds: float = HANG_SECONDS) -> SqliteStore:
    """A store as a fresh process opens it, with Message-IDs one can foretell."""
    return SqliteStore(path, new_token=_numbers(), busy_seconds=busy_seconds)


def _numbers() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"{next(numbers)}"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as running:
        yield running


ON_POSTGRES = pytest.param("postgresql", marks=[needs_postgres, pytest.mark.slow])


@pytest.fixture(params=["sqlite", ON_POSTGRES])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> StorePlace:
    """What holds for the one database holds for the other."""
    if request.param == "sqlite":
        return StorePlace(tmp_path / "state" / "state.sqlite3", _numbers)
    running: PostgresServer = request.getfixturevalue("server")
    return StorePlace((running.url, str(tmp_path)), _numbers)


@pytest.fixture
def store(place: StorePlace) -> Iterator[DatabaseStore]:
    opened = place.open()
    yield opened
    opened.close()


@pytest.fixture
def file_store(path: Path) -> Iterator[SqliteStore]:
    opened = at(path)
    yield opened
    opened.close()


def queue(store: Store, *mails: Mail, now: datetime = NOW) -> list[bool]:
    with store.transaction(now) as ledger:
        return [ledger.queue(mail, now) for mail in mails]


def states(store: Store) -> dict[str, str]:
    return {record.unit: record.state.value for record in store.mail_history()}


# --- what is remembered -----------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", ON_POSTGRES, "memory"])
def any_store(request: pytest.FixtureRequest, path: Path, tmp_path: Path) -> Iterator[Store]:
    """The real stores and their fake: what the other tests build on holds for all."""
    if request.param == "memory":
        yield MemoryStore()
        return
    where = path if request.param == "sqlite" else (request.getfixturevalue("server").url, str(tmp_path))
    opened = StorePlace(where, _numbers).open()
    yield opened
    opened.close()


def test_units_and_config_come_back_as_they_were(any_store: Store) -> None:
    config = SavedConfig(NOW, {"Cấu hình": [["Mục", None, True, 1, 1.5, date(2023, 4, 30), NOW, time(8)], []]})
    with any_store.transaction(NOW) as ledger:
        ledger.remember_units([RECORD])
        ledger.remember_config(config)
    assert any_store.unit_records() == {"BV01": RECORD}
    assert any_store.last_config() == config


def test_a_configuration_keeps_since_when_it_holds_and_what_the_journal_knows(any_store: Store) -> None:
    earlier: dict[str, list[list[Cell]]] = {"Cấu hình": [["Hạn hoàn thành", date(2023, 4, 30)]]}
    config = SavedConfig(NOW, {"Cấu hình": []}, since=NOW - timedelta(days=3), journalled=earlier)
    with any_store.transaction(NOW) as ledger:
        ledger.remember_config(config)
    assert any_store.last_config() == config


def test_what_a_summary_told_is_kept_with_it_and_outlives_its_words(any_store: Store) -> None:
    told = Told(NOW, 35, 54, {"BV01": (2, 11)})
    queue(any_store, replace(reminder("BV01"), told=told), reminder("BV02"))
    any_store.deliver(RecordingTransport(), NOW)
    assert [record.told for record in any_store.mail_history()] == [told, None]


def test_the_last_look_of_each_day_is_remembered(any_store: Store) -> None:
    looks = [NOW, NOW + timedelta(hours=3), NOW + timedelta(days=1)]
    for look in looks:
        with any_store.transaction(look) as ledger:
            ledger.remember_look(look)
    assert any_store.last_looks() == {look.date(): look for look in looks[1:]}


def test_a_file_of_the_first_version_is_read_on(path: Path) -> None:
    old = SqliteDatabase(path, MIGRATIONS[:1], busy_seconds=HANG_SECONDS)
    old.rows(
        "INSERT INTO config VALUES (1, :at, :tables)", {"at": NOW.isoformat(), "tables": '{"Cấu hình": [["Mục"]]}'}
    )
    old.rows(
        """INSERT INTO mail (key, kind, unit, rung, day, state, message_id, queued_at, next_try, stale_at)
        VALUES ('k', 'nhac-viec', 'BV01', 'truoc-7', '2023-04-20', 'queued', '<1@x>', :at, 0, 9e9)""",
        {"at": NOW.isoformat()},
    )
    added = {"attachments", "trial", "still_to", "told", "readers", "rank", "why", "roles", "lost_from"}
    mail = json.dumps({name: said for name, said in to_builtins(reminder()).items() if name not in added})
    old.rows("INSERT INTO letter VALUES (1, :mail)", {"mail": mail})
    old.close()
    store, transport = at(path), RecordingTransport()
    found = store.last_config()
    assert store.deliver(transport, NOW) == Delivery(sent=1)
    store.close()
    assert found == SavedConfig(NOW, {"Cấu hình": [["Mục"]]})
    assert found.in_force_since == NOW
    assert transport.sent == [reminder()]


def test_mails_rehearsed_under_an_earlier_version_leave_their_keys_to_real_ones(path: Path) -> None:
    old = SqliteDatabase(path, MIGRATIONS[:3], busy_seconds=HANG_SECONDS)
    old.rows(
        """INSERT INTO mail (key, kind, unit, rung, day, state, message_id, queued_at, next_try, stale_at, trial)
        VALUES (:key, 'nhac-viec', 'BV01', 'truoc-7', '2023-04-20', 'sent', '<1@x>', :at, 0, 9e9, 1)""",
        {"key": reminder().key, "at": NOW.isoformat()},
    )
    old.close()
    store = at(path)
    assert queue(store, reminder()) == [True]
    store.close()


def test_part_rates_remembered_by_name_go_by_their_codes(path: Path) -> None:
    """An unread unit keeps them."""
    record = to_builtins(RECORD)
    record["standing"] |= {"card_done": 22, "account_done": 12, "level_2": 10}
    old = SqliteDatabase(path, MIGRATIONS[:4], busy_seconds=HANG_SECONDS)
    old.rows("INSERT INTO unit VALUES (:code, :record)", {"code": RECORD.code, "record": json.dumps(record)})
    old.close()
    store = at(path)
    found = store.unit_records()[RECORD.code].standing.parts
    store.close()
    assert found == {"the": 22, "tai-khoan": 12, "muc-2": 10}


def test_the_last_word_counts(any_store: Store) -> None:
    later = replace(RECORD, fingerprint="f2", changed_at=NOW + timedelta(days=1))
    with any_store.transaction(NOW) as ledger:
        ledger.remember_units([RECORD, later])
        ledger.remember_config(SavedConfig(NOW, {}))
        ledger.remember_config(SavedConfig(NOW, {"Danh mục": [["Giá trị"]]}))
    assert any_store.unit_records() == {"BV01": later}
    assert any_store.last_config() == SavedConfig(NOW, {"Danh mục": [["Giá trị"]]})


def test_the_first_cycle_stays_the_first(any_store: Store) -> None:
    assert any_store.first_cycle_at() is None
    for days in range(2):
        with any_store.transaction(NOW + timedelta(days=days)):
            pass
    assert any_store.first_cycle_at() == NOW


def test_a_transaction_that_fails_leaves_no_trace(any_store: Store) -> None:
    def fail_half_way() -> None:
        with any_store.transaction(NOW) as ledger:
            ledger.remember_units([RECORD])
            ledger.queue(reminder(), NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert any_store.unit_records() == {}
    assert any_store.mail_history() == []
    assert any_store.first_cycle_at() is None
    assert queue(any_store, reminder()) == [True]


def test_a_key_is_queued_once(any_store: Store) -> None:
    assert queue(any_store, reminder(), reminder()) == [True, False]
    assert queue(any_store, replace(reminder(), subject="anders")) == [False]
    any_store.deliver(RecordingTransport(), NOW)
    assert queue(any_store, reminder()) == [False]


def test_all_mails_to_a_unit_hang_on_its_first(any_store: Store) -> None:
    transport = RecordingTransport()
    queue(any_store, reminder("BV01"), reminder("BV02"), reminder("", rung="ngay"))
    queue(any_store, reminder("BV01", rung="truoc-3"), reminder("", rung="tuan"))
    any_store.deliver(transport, NOW)
    first = transport.message_ids[0]
    assert [mail.thread for mail in transport.sent if mail.unit == "BV01"] == ["", first]
    assert {mail.thread for mail in transport.sent if mail.unit != "BV01"} == {""}


def test_a_real_mail_does_not_answer_a_rehearsed_one(any_store: Store) -> None:
    transport = RecordingTransport()
    queue(any_store, replace(reminder(), key="k/thu", trial=True), reminder())
    any_store.deliver(transport, NOW)
    assert [(mail.trial, mail.thread) for mail in transport.sent] == [(False, "")]


def test_a_withdrawn_mail_does_not_go_out(any_store: Store) -> None:
    transport = RecordingTransport()
    queue(any_store, reminder("BV01"), reminder("BV02"))
    with any_store.transaction(NOW) as ledger:
        ledger.withdraw([reminder("BV01").key, "no/such/key"])
    assert any_store.deliver(transport, NOW) == Delivery(sent=1)
    with any_store.transaction(NOW) as ledger:
        ledger.withdraw([reminder("BV02").key])
    assert states(any_store) == {"BV01": "withdrawn", "BV02": "sent"}


def test_each_mail_meets_its_own_fate(any_store: Store) -> None:
    transport = RecordingTransport({"BV02": [RefusedMailError("mã 550")], "BV03": [TemporaryMailError("mã 451")]})
    queue(any_store, *(reminder(unit) for unit in ("BV01", "BV02", "BV03", "BV04")))
    assert any_store.deliver(transport, NOW) == Delivery(sent=2, failed=1, postponed=1, troubled=True)
    assert states(any_store) == {"BV01": "sent", "BV02": "failed", "BV03": "queued", "BV04": "sent"}
    assert [record.error for record in any_store.mail_history()] == ["", "mã 550", "mã 451", ""]
    assert [record.queued_at for record in any_store.mail_history()] == [NOW] * 4


CELLS: st.SearchStrategy[Cell] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.dates()
    | st.datetimes().map(lambda moment: moment.replace(fold=0))
    | st.times().map(lambda moment: moment.replace(fold=0))
)


@pytest.fixture(scope="module")
def one_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    """The same for all examples, each of which takes the place of the one before."""
    opened = at(tmp_path_factory.mktemp("one") / "state.sqlite3")
    yield opened
    opened.close()


@costly(50)
@given(st.dictionaries(st.text(), st.lists(st.lists(CELLS)), max_size=3))
def test_whatever_stands_in_the_config_tabs_comes_back(
    one_store: DatabaseStore, tables: dict[str, list[list[Cell]]]
) -> None:
    with one_store.transaction(NOW) as ledger:
        ledger.remember_config(SavedConfig(NOW, tables))
    found = one_store.last_config()
    assert found is not None
    assert found.tables == tables
    assert repr(found.tables) == repr(tables)  # 1, 1.0 and True are equal and not the same


# --- the file ---------------------------------------------------------------------------------------------


def test_looking_where_nothing_is_creates_nothing(path: Path, file_store: SqliteStore) -> None:
    assert file_store.unit_records() == {}
    assert file_store.last_config() is None
    assert file_store.mail_history() == []
    assert file_store.first_cycle_at() is None
    assert file_store.deliver(RecordingTransport(), NOW) == Delivery()
    assert not path.parent.exists()


def test_looking_into_a_file_changes_none(path: Path) -> None:
    with (writer := at(path)).transaction(NOW) as ledger:
        ledger.remember_units([RECORD])
    writer.close()
    before = {each.name: (each.stat().st_mtime_ns, each.read_bytes()) for each in path.parent.iterdir()}
    reader = at(path)
    assert reader.unit_records() == {"BV01": RECORD}
    assert reader.deliver(RecordingTransport(), NOW) == Delivery()
    reader.close()
    assert {each.name: (each.stat().st_mtime_ns, each.read_bytes()) for each in path.parent.iterdir()} == before


def test_another_process_sees_what_was_remembered(place: StorePlace, store: DatabaseStore) -> None:
    queue(store, reminder())
    other = place.open()
    assert [record.message_id for record in other.mail_history()] == ["<1@example.org>"]
    other.close()


def test_the_words_of_a_mail_are_not_kept_after_it_is_sent(place: StorePlace, store: DatabaseStore) -> None:
    queue(store, reminder("BV01"), reminder("BV02"))
    store.deliver(RecordingTransport({"BV02": [TemporaryMailError("")]}), NOW)
    letters = place.asked("SELECT content FROM letter")
    assert ["BV02" in content for (content,) in letters] == [True]


def damage_all(path: Path) -> None:
    path.write_bytes(b"no database " * 1000)


def damage_inside(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[100:] = b"\xff" * (len(content) - 100)
    path.write_bytes(content)


def damage_record(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE unit SET record = '{\"code\": 1}'")
    connection.close()


def make_newer(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (damage_all, "bị hỏng"),
        (damage_inside, "bị hỏng"),
        (damage_record, "bị hỏng"),
        (make_newer, "phiên bản mới hơn"),
        (make_folder, "Không mở hoặc không ghi được"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_what_to_do(
    path: Path, harm: Callable[[Path], None], says: str
) -> None:
    with (writer := at(path)).transaction(NOW) as ledger:
        ledger.remember_units([RECORD])
    writer.close()
    harm(path)
    store = at(path)
    with pytest.raises(TccbError, match=says) as told:
        store.unit_records()
    assert str(path) in str(told.value)
    assert "Đề nghị" in str(told.value)
    store.close()


@pytest.mark.parametrize("harm", [damage_all, damage_inside])
def test_a_damaged_file_is_set_aside_by_name_and_never_overwritten(path: Path, harm: Callable[[Path], None]) -> None:
    with (writer := at(path)).transaction(NOW) as ledger:
        ledger.remember_units([RECORD])
    writer.close()
    harm(path)
    content = path.read_bytes()
    kept = set_aside_if_damaged(path, NOW)
    assert kept == path.with_name("state-20230420-080500.sqlite3.damaged")
    assert (kept.read_bytes(), path.exists()) == (content, False)
    fresh = at(path)
    assert queue(fresh, reminder()) == [True]
    fresh.close()
    assert set_aside_if_damaged(path, NOW) is None


def test_what_was_set_aside_in_the_same_second_lies_beside_it(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"a first one, no database")
    first = set_aside_if_damaged(path, NOW)
    path.write_bytes(b"a second one")
    second = set_aside_if_damaged(path, NOW)
    assert first
    assert second
    assert (first.read_bytes(), second.read_bytes()) == (b"a first one, no database", b"a second one")


def test_what_is_sound_missing_or_empty_stays_where_it_is(path: Path, file_store: SqliteStore) -> None:
    assert set_aside_if_damaged(path, NOW) is None
    queue(file_store, reminder())
    assert set_aside_if_damaged(path, NOW) is None
    assert [record.key for record in file_store.mail_history()] == [reminder().key]


def test_a_file_that_another_program_holds_is_named(path: Path) -> None:
    store = at(path, busy_seconds=0.05)
    queue(store, reminder())
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(TccbError, match="chương trình khác giữ"):
        queue(store, reminder("BV02"))
    other.execute("ROLLBACK")
    other.close()
    assert queue(store, reminder("BV02")) == [True]
    store.close()


def test_an_empty_file_is_a_beginning(path: Path, file_store: SqliteStore) -> None:
    path.parent.mkdir()
    path.touch()
    assert file_store.mail_history() == []
    assert queue(file_store, reminder()) == [True]


# --- delivery ---------------------------------------------------------------------------------------------


def test_a_postponed_mail_waits_longer_each_time(store: DatabaseStore) -> None:
    queue(store, reminder())
    down = RecordingTransport({"BV01": [TemporaryMailError("")] * 3})
    waits = Delivery(postponed=1, troubled=True)
    assert store.deliver(down, NOW) == waits
    assert store.deliver(down, NOW + FIRST_RETRY / 2) == Delivery(postponed=1)
    now = NOW + FIRST_RETRY + timedelta(seconds=1)
    assert store.deliver(down, now) == waits
    assert store.deliver(down, now + FIRST_RETRY + timedelta(seconds=1)) == Delivery(postponed=1)
    now += 2 * FIRST_RETRY + timedelta(seconds=1)
    assert store.deliver(down, now) == waits
    assert store.deliver(down, now + timedelta(hours=5)) == Delivery(sent=1)


def test_no_mail_waits_longer_than_the_longest_and_none_is_tried_twice_in_a_delivery(store: DatabaseStore) -> None:
    """From the seventh try on it waits for the longest time, and is no more due for that."""
    queue(store, reminder("BV01"), reminder("BV02"))
    down = RecordingTransport({unit: [TemporaryMailError("")] * 20 for unit in ("BV01", "BV02")})
    now = NOW
    for _ in range(10):
        assert store.deliver(down, now) == Delivery(postponed=2, troubled=True)
        assert store.deliver(down, now + timedelta(seconds=1)) == Delivery(postponed=2)
        due = [record.due_at for record in store.mail_history() if record.due_at]
        assert max(due) - now <= LONGEST_RETRY + timedelta(seconds=1)
        now = max(due) + timedelta(seconds=1)
    assert [record.attempts for record in store.mail_history()] == [10, 10]


def test_a_clock_set_back_keeps_no_mail_waiting(store: DatabaseStore) -> None:
    queue(store, reminder())
    ahead = NOW + timedelta(days=400)
    assert store.deliver(RecordingTransport({"BV01": [TemporaryMailError("")]}), ahead).postponed == 1
    assert store.deliver(RecordingTransport(), NOW) == Delivery(sent=1)


def test_a_mail_queued_under_a_clock_that_ran_ahead_goes_out_all_the_same(store: DatabaseStore) -> None:
    queue(store, reminder(), now=NOW + timedelta(days=900))
    assert store.deliver(RecordingTransport(), NOW) == Delivery(sent=1)


def test_mailboxes_that_take_nothing_now_keep_no_other_mail_back(store: DatabaseStore) -> None:
    units = [f"BV{n:02}" for n in range(10)]
    queue(store, *map(reminder, units))
    full = RecordingTransport({unit: [MailboxPostponed("Hộp thư đầy.")] for unit in units[:5]})
    assert store.deliver(full, NOW) == Delivery(sent=5, postponed=5, troubled=True)
    assert [mail.unit for mail in full.sent] == units[5:]


def test_what_waits_for_a_server_that_is_down_says_so_also_where_it_was_not_tried(store: DatabaseStore) -> None:
    queue(store, *map(reminder, ("BV01", "BV02", "BV03")))
    store.deliver(RecordingTransport({"BV01": [MailServerUnavailable("Mất mạng.")]}), NOW)
    assert [(each.error, each.attempts) for each in store.mail_history()] == [
        ("Mất mạng.", 1),
        ("Mất mạng.", 0),
        ("Mất mạng.", 0),
    ]


def test_a_server_that_is_down_is_not_asked_a_hundred_times(store: DatabaseStore) -> None:
    units = [f"BV{n:02}" for n in range(10)]
    down = RecordingTransport({unit: [TemporaryMailError("")] for unit in units})
    queue(store, *map(reminder, units))
    assert store.deliver(down, NOW) == Delivery(postponed=10, troubled=True)
    # The seven that were not tried need not wait.
    assert store.deliver(RecordingTransport(), NOW) == Delivery(sent=7, postponed=3)


def test_a_mail_that_was_tried_often_and_for_long_is_given_up_and_an_alarm_never(store: DatabaseStore) -> None:
    alarm = replace(reminder("BV02"), key="alarm", rank=URGENT_RANK)
    queue(store, reminder("BV01"), alarm)
    down = RecordingTransport({unit: [TemporaryMailError("")] * 99 for unit in ("BV01", "BV02")})
    for _ in range(LEAST_TRIES - 1):  # within a day
        store.deliver(down, max(each.due_at for each in store.mail_history() if each.due_at))
    after_a_closure = NOW + STALE_AFTER + FIRST_RETRY
    assert store.deliver(down, after_a_closure) == Delivery(failed=1, postponed=1, troubled=True)
    record, _ = store.mail_history()
    assert (record.state.value, record.error) == ("failed", "Không gửi được trong thời hạn nên thư đã được bỏ.")
    assert store.deliver(RecordingTransport(), after_a_closure + timedelta(days=9)) == Delivery(sent=1)


def test_a_closure_of_days_between_two_tries_gives_up_nothing(store: DatabaseStore) -> None:
    queue(store, reminder("BV01"))
    down = RecordingTransport({"BV01": [TemporaryMailError("")] * 2})
    store.deliver(down, NOW)
    assert store.deliver(down, NOW + timedelta(days=9)) == Delivery(postponed=1, troubled=True)
    assert store.deliver(down, NOW + timedelta(days=9, hours=1)) == Delivery(sent=1)


def test_what_the_server_did_not_answer_is_said_of_no_other_mail(store: DatabaseStore) -> None:
    queue(store, *map(reminder, ("BV01", "BV02", "BV03", "BV04")))
    silent_server = RecordingTransport({unit: [OutcomeUnknown("có thể đã tới")] for unit in ("BV01", "BV02", "BV03")})
    store.deliver(silent_server, NOW)
    *unsure, last = store.mail_history()
    assert [each.error for each in unsure] == ["có thể đã tới"] * 3
    assert (last.state, last.error) == (MailState.QUEUED, "Máy chủ thư không trả lời.")


def test_what_never_was_tried_never_becomes_stale(store: DatabaseStore) -> None:
    queue(store, reminder())
    assert store.deliver(RecordingTransport(), NOW + timedelta(days=30)) == Delivery(sent=1)


def test_when_no_connection_can_be_made_the_next_mail_is_not_tried(store: DatabaseStore) -> None:
    units = [f"BV{n:02}" for n in range(10)]
    down = RecordingTransport({unit: [MailServerUnavailable("")] for unit in units})
    queue(store, *map(reminder, units))
    assert store.deliver(down, NOW) == Delivery(postponed=10, troubled=True)
    assert [record.attempts for record in store.mail_history()] == [1, *[0] * 9]
    assert store.deliver(RecordingTransport(), NOW) == Delivery(sent=9, postponed=1)


def test_a_setting_that_is_wrong_stops_the_delivery_and_loses_no_mail(store: DatabaseStore) -> None:
    units = [f"BV{n:02}" for n in range(5)]
    refused = RecordingTransport({unit: [MailSettingWrong("Sai địa chỉ gửi.")] for unit in units})
    queue(store, *map(reminder, units))
    assert store.deliver(refused, NOW) == Delivery(postponed=5, troubled=True)
    assert refused.sent == []
    assert sum(record.attempts for record in store.mail_history()) == 1
    terms = DeliveryTerms(sender="Nhắc việc <mended@example.org>")
    assert store.deliver(RecordingTransport(), NOW + timedelta(hours=1), terms) == Delivery(sent=5)


def test_what_waited_comes_from_the_sender_that_holds_now(any_store: Store) -> None:
    transport = RecordingTransport()
    queue(any_store, reminder("BV01"))
    any_store.deliver(transport, NOW, DeliveryTerms(sender="mended@example.org"))
    queue(any_store, reminder("BV02"))
    any_store.deliver(transport, NOW)
    assert [mail.sender for mail in transport.sent] == ["mended@example.org", reminder().sender]


def test_a_connection_is_let_go_after_so_many_mails_and_at_the_end(store: DatabaseStore) -> None:
    transport = RecordingTransport()
    queue(store, *(reminder(f"BV{n:02}") for n in range(5)))
    store.deliver(transport, NOW, DeliveryTerms(per_connection=2))
    assert transport.closed_after == [2, 4, 5]


def test_what_exceeds_a_days_mails_waits_for_the_next_day(store: DatabaseStore) -> None:
    terms = DeliveryTerms(per_day=3)
    transport = RecordingTransport({"BV01": [RefusedMailError("")]})
    queue(store, *(reminder(f"BV{n:02}") for n in range(6)))
    assert store.deliver(transport, NOW, terms) == Delivery(sent=3, failed=1, postponed=2)
    assert store.deliver(transport, NOW + timedelta(hours=5), terms) == Delivery(postponed=2)
    waiting = [record.error for record in store.mail_history() if record.state is MailState.QUEUED]
    assert waiting == [f"Đã gửi đủ 3 thư trong ngày {NOW:%d/%m/%Y}; các thư còn lại chờ sang ngày sau."] * 2
    next_morning = NOW.replace(hour=0, minute=0) + timedelta(days=1)
    assert store.deliver(transport, next_morning - timedelta(seconds=1), terms) == Delivery(postponed=2)
    assert store.deliver(transport, next_morning, terms) == Delivery(sent=2)


def test_what_is_urgent_waits_for_no_other_day(store: SqliteStore) -> None:
    transport = RecordingTransport()
    queue(store, reminder("BV01"), reminder("BV02"))
    store.deliver(transport, NOW, DeliveryTerms(per_day=1))
    queue(store, replace(reminder("BV03"), rank=URGENT_RANK))
    assert store.deliver(transport, NOW, DeliveryTerms(per_day=1)) == Delivery(sent=1, postponed=1)
    assert [mail.unit for mail in transport.sent] == ["BV01", "BV03"]


@pytest.mark.parametrize("trial", [False, True])
def test_no_mail_goes_out_under_another_mode_than_it_was_decided_under(any_store: Store, trial: bool) -> None:
    transport = RecordingTransport()
    queue(any_store, replace(reminder("BV01"), trial=trial), replace(reminder("BV02"), trial=not trial))
    any_store.deliver(transport, NOW, DeliveryTerms(real=not trial))
    assert [mail.unit for mail in transport.sent] == ["BV01"]
    assert states(any_store) == {"BV01": "sent", "BV02": "withdrawn"}
    assert [record.trial for record in any_store.mail_history()] == [trial, not trial]


def test_a_delivery_may_be_ended_between_two_mails(any_store: Store) -> None:
    transport = RecordingTransport()

    def stop(_step: str, done: int, total: int) -> None:
        if (done, total) == (2, 3):
            raise KeyboardInterrupt

    queue(any_store, *(reminder(f"BV{n:02}") for n in range(3)))
    with pytest.raises(KeyboardInterrupt):
        any_store.deliver(transport, NOW, progress=stop)
    assert states(any_store) == {"BV00": "sent", "BV01": "sent", "BV02": "queued"}
    assert [record.interrupted for record in any_store.mail_history()] == [0, 0, 0]


def test_who_was_put_off_is_tried_again_alone(store: DatabaseStore) -> None:
    put_off = PartlyPostponed("mã 451", ("head@example.org",))
    transport = RecordingTransport({"BV01": [put_off]})
    queue(store, reminder())
    assert store.deliver(transport, NOW) == Delivery(postponed=1, troubled=True)
    assert store.deliver(transport, NOW + FIRST_RETRY + timedelta(seconds=1)) == Delivery(sent=1)
    assert transport.sent == [replace(reminder(), still_to=("head@example.org",))]


def test_who_was_refused_is_told_of_once_the_others_have_it(store: DatabaseStore) -> None:
    transport = RecordingTransport(
        {"BV01": [PartlyPostponed("mã 451", ("a@example.org",), "mã 550"), TemporaryMailError("mã 451")]}
    )
    queue(store, reminder())
    waits = Delivery(postponed=1, troubled=True)
    for hours, found in enumerate([waits, waits, Delivery(failed=1)]):
        assert store.deliver(transport, NOW + timedelta(hours=hours)) == found
    (record,) = store.mail_history()
    assert (record.state.value, record.error, record.attempts) == ("failed", "mã 550", 2)


def test_attachments_travel_with_their_mail_and_go_with_it(place: StorePlace, store: DatabaseStore) -> None:
    picture = Attachment("xu-huong.png", "image/png", bytes(range(256)), "trend")
    table = Attachment("Tổng hợp.xlsx", "application/octet-stream", b"")
    mail = replace(reminder(), attachments=(picture, table))
    transport = RecordingTransport({"BV01": [PartlyPostponed("", ("a@example.org",))]})
    queue(store, mail, reminder("BV02"))
    store.deliver(transport, NOW)
    store.deliver(transport, NOW + timedelta(hours=1))
    assert [each.attachments for each in transport.sent] == [(), (picture, table)]
    assert place.asked("SELECT count(*) FROM attachment") == [(0,)]


def test_a_mail_that_ends_its_delivery_lets_the_others_go_first(store: DatabaseStore) -> None:
    units = ["BV01", "BV02", "BV03"]
    queue(store, *map(reminder, units))
    transport = RecordingTransport({"BV01": [RuntimeError("a mistake of ours")] * 2})
    with pytest.raises(RuntimeError):
        store.deliver(transport, NOW)
    with pytest.raises(RuntimeError):
        store.deliver(transport, NOW)
    assert [mail.unit for mail in transport.sent] == ["BV02", "BV03"]
    assert store.deliver(transport, NOW) == Delivery(sent=1)
    assert [record.interrupted for record in store.mail_history()] == [0, 0, 0]  # nothing was handed over


def test_when_a_mails_fate_was_settled_is_remembered(any_store: Store) -> None:
    transport = RecordingTransport({"BV02": [RefusedMailError("")], "BV03": [TemporaryMailError("")]})
    queue(any_store, *map(reminder, ("BV01", "BV02", "BV03")))
    later = NOW + timedelta(hours=2)
    any_store.deliver(transport, later)
    settled = [record.settled_at for record in any_store.mail_history()]
    assert settled[2] is None
    assert [abs(moment - later) < timedelta(minutes=1) for moment in settled if moment] == [True, True]


@pytest.mark.parametrize(
    ("sender", "domain"),
    [
        ("sender@example.org", "example.org"),
        ("Phòng TCCB <sender@mail.example.org>", "mail.example.org"),
        ("nobody", "localhost"),
        ("sender@example.org\r\nBcc: everybody", "localhost"),
    ],
)
def test_a_message_id_belongs_to_the_senders_domain(store: DatabaseStore, sender: str, domain: str) -> None:
    queue(store, replace(reminder(), sender=sender))
    assert [record.message_id for record in store.mail_history()] == [f"<1@{domain}>"]


def test_message_ids_of_different_runs_differ(path: Path) -> None:
    real = SqliteStore(path)
    queue(real, reminder("BV01"), reminder("BV02"))
    assert len({record.message_id for record in real.mail_history()}) == 2
    real.close()


class SlowTransport(RecordingTransport):
    """Waits in the middle of its first mail until it may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.has_begun = threading.Event()
        self.may_go_on = threading.Event()

    def send(self, mail: Mail, message_id: str, queued_at: datetime, before_content: Callable[[], None]) -> None:
        self.has_begun.set()
        assert self.may_go_on.wait(HANG_SECONDS)
        super().send(mail, message_id, queued_at, before_content)


def test_two_workers_never_hold_the_same_mail(place: StorePlace, store: DatabaseStore) -> None:
    units = [f"BV{n:02}" for n in range(5)]
    queue(store, *map(reminder, units))
    slow, other = SlowTransport(), RecordingTransport()

    def deliver_slowly() -> None:
        worker = place.open()
        worker.deliver(slow, NOW)
        worker.close()

    first = threading.Thread(target=deliver_slowly)
    first.start()
    assert slow.has_begun.wait(HANG_SECONDS)
    assert store.deliver(other, NOW) == Delivery(postponed=len(units))
    # Deciding goes on while another one delivers.
    assert queue(store, reminder("BV99")) == [True]
    slow.may_go_on.set()
    first.join(HANG_SECONDS)
    store.deliver(other, NOW)
    sent = [mail.unit for mail in slow.sent + other.sent]
    assert sorted(sent) == [*units, "BV99"]


# --- nobody knows whether it arrived ----------------------------------------------------------------------


def silent(times: int = 1) -> RecordingTransport:
    """Takes the content of each mail to BV01 and says nothing."""
    return RecordingTransport({"BV01": [OutcomeUnknown("")] * times})


def test_a_mail_whose_outcome_is_unknown_is_tried_once_more_and_late(store: DatabaseStore) -> None:
    queue(store, reminder("BV01"), reminder("BV02"))
    transport = silent(times=9)
    assert store.deliver(transport, NOW) == Delivery(sent=1, unsure=1, troubled=True)
    for minutes in range(15, 230, 15):
        assert store.deliver(transport, NOW + timedelta(minutes=minutes)) == Delivery()
    assert store.deliver(transport, NOW + LATE_RETRY + timedelta(minutes=1)) == Delivery(unsure=1, troubled=True)
    for days in range(1, 30):
        assert store.deliver(transport, NOW + timedelta(days=days)) == Delivery()
    record, _ = store.mail_history()
    assert (record.state, record.interrupted, record.due_at) == (MailState.UNSURE, 2, None)
    assert record.error == text("mails.unsure_for_good")
    assert [mail.unit for mail in transport.sent] == ["BV02"]


def test_how_many_mails_wait_is_counted_as_the_record_says_of_each(store: DatabaseStore) -> None:
    assert store.number_of_mails_waiting() == 0
    queue(store, reminder("BV01"), reminder("BV02"), reminder("BV03"))
    found = [store.number_of_mails_waiting()]
    transport = RecordingTransport({"BV01": [OutcomeUnknown("")] * 9, "BV02": [TemporaryMailError("")]})
    for hours in (0, 1, 9, 99):
        store.deliver(transport, NOW + timedelta(hours=hours))
        found.append(store.number_of_mails_waiting())
        assert found[-1] == sum(each.waits for each in store.mail_history())
    assert found == [3, 2, 1, 0, 0], "one may have come, one was put off"


def test_an_answer_to_the_second_copy_settles_it(store: DatabaseStore) -> None:
    queue(store, reminder("BV01"))
    transport = silent()
    store.deliver(transport, NOW)
    assert store.deliver(transport, NOW + LATE_RETRY + timedelta(minutes=1)) == Delivery(sent=1, repeated=1)
    [record] = store.mail_history()
    assert (record.state, record.message_id) == (MailState.SENT, transport.message_ids[0])


@pytest.mark.parametrize("trouble", [RefusedMailError("mã 550"), TemporaryMailError("mã 451")])
def test_a_refusal_of_the_second_copy_says_nothing_of_the_first(store: DatabaseStore, trouble: MailError) -> None:
    queue(store, reminder("BV01"))
    transport = RecordingTransport({"BV01": [OutcomeUnknown(""), *[trouble] * 99]})
    for hours in range(0, 24 * 9, 5):
        store.deliver(transport, NOW + timedelta(hours=hours))
    [record] = store.mail_history()
    assert (record.state, record.due_at, record.interrupted) == (MailState.UNSURE, None, 1)


def test_a_mail_that_may_have_arrived_is_not_taken_back_and_not_sent_again(store: DatabaseStore) -> None:
    queue(store, reminder("BV01"))
    transport = silent()
    store.deliver(transport, NOW)
    with store.transaction(NOW) as ledger:
        ledger.withdraw([reminder("BV01").key])
    assert store.deliver(transport, NOW + timedelta(days=1)) == Delivery()
    [record] = store.mail_history()
    assert (record.state, transport.sent) == (MailState.UNSURE, [])


def test_its_words_are_kept_as_long_as_they_may_be_sent(place: StorePlace, store: DatabaseStore) -> None:
    queue(store, reminder("BV01"))
    transport = silent(times=2)

    def letters() -> int:
        [(number,)] = place.asked("SELECT count(*) FROM letter")
        return int(number)

    store.deliver(transport, NOW)
    kept = letters()
    store.deliver(transport, NOW + LATE_RETRY + timedelta(minutes=1))
    assert (kept, letters()) == (1, 0)


def test_a_silence_over_one_mail_holds_no_other_back(store: DatabaseStore) -> None:
    units = ["BV00", "BV01", "BV02", "BV03"]
    queue(store, *map(reminder, units))
    assert store.deliver(silent(), NOW) == Delivery(sent=3, unsure=1, troubled=True)


# --- what a waiting mail says -----------------------------------------------------------------------------


def test_a_mail_that_waits_can_be_renewed_and_keeps_its_name(any_store: Store) -> None:
    queue(any_store, reminder("BV01"))
    message_id = any_store.mail_history()[0].message_id
    picture = Attachment("xu-huong.png", "image/png", b"1")
    later = replace(reminder("BV01"), subject="Số liệu mới", to=("moi@example.org",), attachments=(picture,), why="w")
    with any_store.transaction(NOW) as ledger:
        ledger.renew(later)
    transport = RecordingTransport()
    any_store.deliver(transport, NOW)
    assert (transport.sent, transport.message_ids) == ([later], [message_id])
    assert any_store.mail_history()[0].why == "w"


def test_what_somebody_may_have_is_frozen(store: DatabaseStore) -> None:
    queue(store, *map(reminder, ("BV01", "BV02", "BV03")))
    partly = PartlyPostponed("", ("head@example.org",))
    store.deliver(RecordingTransport({"BV01": [OutcomeUnknown("")], "BV02": [partly]}), NOW)
    with store.transaction(NOW) as ledger:
        for unit in ("BV01", "BV02", "BV03", "BV99"):
            ledger.renew(replace(reminder(unit), subject="Số liệu mới"))
    assert [record.is_frozen for record in store.mail_history()] == [True, True, False]
    transport = RecordingTransport()
    store.deliver(transport, NOW + LATE_RETRY + timedelta(minutes=1))
    assert {mail.subject for mail in transport.sent} == {reminder().subject}


def test_what_is_known_of_mails_from_elsewhere_is_taken_over(any_store: Store) -> None:
    queue(any_store, reminder("BV01"), reminder("BV02"))
    gone, unsure, unknown = (
        replace(record, state=state, settled_at=NOW, why="w", roles="r")
        for record, state in zip(
            [*any_store.mail_history(), replace(any_store.mail_history()[0], key="other", unit="BV03")],
            (MailState.SENT, MailState.UNSURE, MailState.SENT),
            strict=True,
        )
    )
    with any_store.transaction(NOW) as ledger:
        ledger.adopt([gone, unsure, unknown])
    transport = RecordingTransport()
    assert any_store.deliver(transport, NOW + timedelta(days=1)) == Delivery()
    assert states(any_store) == {"BV01": "sent", "BV02": "unsure", "BV03": "sent"}
    assert queue(any_store, replace(reminder("BV03"), key="other")) == [False]


# --- in which order, and how long -------------------------------------------------------------------------


def test_alarms_go_first_then_the_summary_then_whoever_got_none_for_longest(store: DatabaseStore) -> None:
    transport = RecordingTransport()
    queue(store, reminder("BV02"))
    store.deliver(transport, NOW - timedelta(days=1))
    ranked = [("BV02", 9), ("BV01", 9), ("BV03", 8), ("", 1), ("BV04", 0)]
    queue(store, *(replace(reminder(unit), key=f"{unit}/2", rank=rank) for unit, rank in ranked))
    assert [record.unit for record in store.due_mails(NOW)] == ["BV04", "", "BV03", "BV01", "BV02"]
    store.deliver(transport, NOW)
    assert [mail.unit for mail in transport.sent[1:]] == ["BV04", "", "BV03", "BV01", "BV02"]


def test_no_mail_is_begun_once_time_is_up(path: Path) -> None:
    ticks = count()
    store = SqliteStore(path, seconds=lambda: float(next(ticks)))
    queue(store, *(reminder(f"BV{n:02}") for n in range(20)))
    found = store.deliver(RecordingTransport(), NOW, DeliveryTerms(until=NOW + timedelta(seconds=15)))
    assert 0 < found.sent < 20
    assert (found.sent + found.postponed, found.troubled) == (20, False)
    store.close()


def test_only_what_is_urgent_goes_outside_mail_hours(any_store: Store) -> None:
    queue(any_store, replace(reminder("BV01"), rank=0), reminder("BV02"))
    assert any_store.deliver(RecordingTransport(), NOW, DeliveryTerms(urgent_only=True)) == Delivery(
        sent=1, postponed=1
    )
    assert states(any_store) == {"BV01": "sent", "BV02": "queued"}


def test_only_those_go_that_were_named(any_store: Store) -> None:
    queue(any_store, reminder("BV01"), reminder("BV02"))
    only = frozenset({reminder("BV02").key, "no/such/key"})
    assert any_store.deliver(RecordingTransport(), NOW, DeliveryTerms(only=only)).sent == 1
    assert states(any_store) == {"BV01": "queued", "BV02": "sent"}


# --- killed at any point ----------------------------------------------------------------------------------

DIES_WHILE_SENDING = """
import os, signal, sys
from datetime import timedelta
from tests.adapters.store.places import told_place
from tests.adapters.mail.examples import NOW

class Transport:
    def send(self, mail, message_id, queued_at, before_content):
        if mail.unit == sys.argv[3] and sys.argv[4] == "sooner":
            os.kill(os.getpid(), signal.SIGKILL)
        before_content()
        if mail.unit == sys.argv[3] and sys.argv[4] == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        with open(sys.argv[2], "a") as log:
            log.write(f"{mail.unit} {message_id}\\n")
        if mail.unit == sys.argv[3] and sys.argv[4] == "after":
            os.kill(os.getpid(), signal.SIGKILL)

    def close(self):
        pass

told_place(sys.argv[1]).open().deliver(Transport(), NOW + timedelta(hours=int(sys.argv[5])))
"""

DIES_WHILE_DECIDING = """
import os, signal, sys
from tests.adapters.store.places import told_place
from tests.adapters.mail.examples import NOW, reminder

with told_place(sys.argv[1]).open().transaction(NOW) as ledger:
    ledger.queue(reminder("BV01"), NOW)
    os.kill(os.getpid(), signal.SIGKILL)
"""

needs_sigkill = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")


def run(script: str, *arguments: object) -> int:
    return subprocess.run([sys.executable, "-c", script, *map(str, arguments)], cwd=ROOT, check=False).returncode


@needs_sigkill
@pytest.mark.parametrize(
    ("moment", "times_sent"), cross_section([("sooner", 1), ("before", 1), ("after", 2)], ("after", 2))
)
def test_killed_in_the_middle_the_next_run_sends_the_rest_at_once(
    place: StorePlace, store: DatabaseStore, tmp_path: Path, moment: str, times_sent: int
) -> None:
    """And what may have arrived late, once more."""
    units = [f"BV{n:02}" for n in range(6)]
    queue(store, *map(reminder, units))
    log = tmp_path / "sent"
    for dies_at, hours in (("BV02", 0), ("BV04", 0), ("nowhere", 0), ("nowhere", 5)):
        assert (run(DIES_WHILE_SENDING, place.told, log, dies_at, moment, hours) == 0) == (dies_at == "nowhere")
        if dies_at == "BV02" and moment != "sooner":
            assert next(each.error for each in store.mail_history() if each.unit == dies_at) == text("mails.under_way")
        if hours == 0 and dies_at == "nowhere":
            told = {each.error for each in store.mail_history()} - {""}
            assert told == (set() if moment == "sooner" else {text("mails.cut_short")})
            waiting = {unit for unit, state in states(store).items() if state != "sent"}
            assert waiting == (set() if moment == "sooner" else {"BV02", "BV04"})
    sent = [line.split() for line in log.read_text().splitlines()]
    assert {unit: [each for each, _ in sent].count(unit) for unit in units} == {
        unit: times_sent if unit in ("BV02", "BV04") else 1 for unit in units
    }
    # What had to be repeated is known, and recognisable: it bears the Message-ID it was queued with.
    interrupted = {record.unit for record in store.mail_history() if record.interrupted}
    assert interrupted == (set() if moment == "sooner" else {"BV02", "BV04"})
    assert dict(sent) == {record.unit: record.message_id for record in store.mail_history()}
    assert len({message_id for _, message_id in sent}) == len(units)
    assert set(states(store).values()) == {"sent"}


@needs_sigkill
def test_killed_while_deciding_nothing_is_decided(place: StorePlace, store: DatabaseStore) -> None:
    assert run(DIES_WHILE_DECIDING, place.told) != 0
    assert store.mail_history() == []
    assert queue(store, reminder("BV01")) == [True]


def bytes_of(path: Path) -> bytes:
    return b"".join(each.read_bytes() for each in sorted(path.parent.iterdir()))


def test_after_a_delivery_no_file_holds_the_names_of_the_mail(path: Path, file_store: SqliteStore) -> None:
    """With the store open, as it is in a worker for weeks: the log beside the file is part of the disk too."""
    mails = [replace(reminder(), key=f"k{number}", html=f"<p>Trần Thị Kín {number}</p>") for number in range(3)]
    queue(file_store, *mails)
    assert "Trần Thị Kín".encode() in bytes_of(path)
    assert file_store.deliver(RecordingTransport(), NOW) == Delivery(sent=3)
    assert "Trần Thị Kín".encode() not in bytes_of(path)


def test_a_delivery_does_not_wait_for_those_who_read(path: Path, file_store: SqliteStore) -> None:
    queue(file_store, reminder())
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM mail").fetchone()
    assert file_store.deliver(RecordingTransport(), NOW) == Delivery(sent=1)
    reader.close()
