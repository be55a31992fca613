"""Mails through OpenSMTPD into a mailbox, read there by the standard library and by a mail client (mblaze)."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from msgspec.structs import replace

from automation.adapters.mail.transport import SmtpTransport
from automation.adapters.store.store import SqliteStore
from automation.core.model.mail import Attachment, Delivery, Mail
from tests.adapters.mail.examples import NOW, reminder
from tests.adapters.mail.test_transport import free_port, part
from tests.patience import HANG_SECONDS

SERVER, CLIENT = shutil.which("smtpd", path="/usr/sbin"), shutil.which("mshow")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(SERVER is None or CLIENT is None, reason="needs OpenSMTPD and mblaze"),
    pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="OpenSMTPD starts as root only"),
]

REMINDERS = 50
PICTURE = Attachment("xu-huong.png", "image/png", bytes(range(256)) * 300, "trend@example.org")
TABLE = Attachment(
    "Bảng tổng hợp.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK" * 999
)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the server's unprivileged user may enter."""
    with TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def port(folder: Path) -> Iterator[int]:
    """A server of its own process that puts every mail into one mailbox."""
    (folder / "box").mkdir()
    shutil.chown(folder / "box", "nobody")
    chosen = free_port()
    settings = folder / "smtpd.conf"
    settings.write_text(
        f"""table anybody {{ "@" = "nobody" }}
listen on 127.0.0.1 port {chosen}
action keep maildir "{folder}/box" virtual <anybody>
match from any for any action keep
"""
    )
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([str(SERVER), "-d", "-f", str(settings)], stdout=log, stderr=log)
    try:
        wait_until(lambda: answers(chosen))
        yield chosen
    finally:
        server.terminate()
        server.wait(HANG_SECONDS)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + HANG_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def mails() -> list[Mail]:
    """Many short ones, and one with everything that is hard to get through unharmed."""
    text = "\n".join([".", "..", "From here", "Đề nghị " * 200, "x" * 2000, "\ttab", "= =3D", ""])
    hard = replace(
        reminder("TCCB"),
        to=("Phòng Tổ chức cán bộ, Sở Y tế <tccb@example.org>", "a.b+c@example.org"),
        subject="Tổng hợp " * 30,
        text=text,
        html=f"<pre>{text}</pre>\n",
        attachments=(PICTURE, TABLE),
    )
    return [*(reminder(f"BV{n:02}") for n in range(REMINDERS)), hard]


def shown(file: Path, *arguments: str) -> bytes:
    """What the mail client makes of the file."""
    return subprocess.run([*arguments, str(file)], check=True, capture_output=True).stdout


def client_text(file: Path) -> str:
    structure = shown(file, "mshow", "-t").decode()
    number = next(line.split(":")[0].strip() for line in structure.splitlines() if "text/plain" in line)
    command = ["mshow", "-O", str(file), number]
    return subprocess.run(command, check=True, capture_output=True).stdout.decode().replace("\r\n", "\n")


def test_every_mail_arrives_once_and_as_it_was_written(folder: Path, port: int) -> None:
    written = mails()
    store = SqliteStore(folder / "state" / "state.sqlite3")
    with store.transaction(NOW) as ledger:
        assert [ledger.queue(mail, NOW) for mail in written] == [True] * len(written)
    assert store.deliver(SmtpTransport(f"smtp://127.0.0.1:{port}"), NOW) == Delivery(sent=len(written))
    records = {record.message_id: record for record in store.mail_history()}
    store.close()
    by_key = {mail.key: mail for mail in written}

    box = folder / "box" / "new"
    expected = sum(len(mail.to + mail.cc) for mail in written)
    wait_until(lambda: box.exists() and len(list(box.iterdir())) == expected)
    arrived = set()
    for file in box.iterdir():
        message = message_from_bytes(file.read_bytes(), policy=policy.default)
        assert isinstance(message, EmailMessage)
        mail = by_key[records[str(message["Message-ID"])].key]
        arrived.add((mail.key, str(message["Delivered-To"])))
        assert message["Subject"] == mail.subject.strip()
        assert part(message, "plain") == mail.text
        assert part(message, "html") == mail.html
        assert tuple(each.get_content() for each in message.iter_attachments()) == tuple(
            each.content for each in mail.attachments if not each.content_id
        )
        assert shown(file, "mhdr", "-d", "-h", "subject").decode().strip() == mail.subject.strip()
        assert client_text(file) == mail.text
    assert len(arrived) == expected

    hard = next(file for file in box.iterdir() if TABLE.media_type.encode() in file.read_bytes())
    assert "Phòng Tổ chức cán bộ, Sở Y tế" in shown(hard, "mhdr", "-d", "-h", "to").decode()
    assert f'name="{TABLE.filename}"' in shown(hard, "mshow", "-t").decode()
