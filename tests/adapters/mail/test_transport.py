from __future__ import annotations

import asyncio
import re
import socket
import ssl
import unicodedata
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from automation.adapters.mail.certificates import end_of
from automation.adapters.mail.mime import mailbox, message_bytes
from automation.adapters.mail.transport import (
    FileTransport,
    SmtpServer,
    SmtpTransport,
    file_name,
    greeting_name,
    read_smtp_url,
)
from automation.base.errors import (
    CannotStart,
    MailboxPostponed,
    MailError,
    MailServerUnavailable,
    MailSettingWrong,
    OutcomeUnknown,
    PartlyPostponed,
    RefusedMailError,
    TemporaryMailError,
)
from automation.core.model.mail import Mail
from automation.core.reading.cells import is_mail_address
from automation.core.text.moments import VIET_NAM
from tests.adapters.mail.examples import NOW, reminder
from tests.certificates import made_certificate
from tests.patience import HANG_SECONDS

MESSAGE_ID = "<abc@example.org>"


def parsed(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def message_of(mail: Mail, queued_at: datetime = NOW) -> EmailMessage:
    return parsed(message_bytes(mail, MESSAGE_ID, queued_at, VIET_NAM))


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert isinstance(body, EmailMessage)
    return str(body.get_content()).replace("\r\n", "\n")


# --- the message ------------------------------------------------------------------------------------------


def test_the_headers_of_a_reminder() -> None:
    mail = reminder()
    message = message_of(mail)
    assert message["Subject"] == mail.subject
    assert message["From"].addresses[0].display_name == "Phòng Tổ chức cán bộ"
    assert message["From"].addresses[0].addr_spec == "sender@example.org"
    assert message["To"] == "focal@example.org"
    assert message["Cc"] == "head@example.org"
    assert message["Reply-To"] == "reply@example.org"
    assert message["Message-ID"] == MESSAGE_ID
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Unsent"] is None
    assert message["References"] is None


def test_both_bodies_are_there_and_plain_text_comes_first() -> None:
    mail = reminder()
    message = message_of(mail)
    assert message.get_content_type() == "multipart/alternative"
    assert [each.get_content_type() for each in message.iter_parts()] == ["text/plain", "text/html"]
    assert part(message, "plain") == mail.text
    assert part(message, "html") == mail.html


@pytest.mark.parametrize(
    "queued_at", [NOW, NOW.astimezone(UTC), NOW.replace(tzinfo=None)], ids=["aware", "in UTC", "naive"]
)
def test_the_date_is_told_in_the_campaigns_zone(queued_at: datetime) -> None:
    assert message_of(reminder(), queued_at)["Date"] == "Thu, 20 Apr 2023 08:05:00 +0700"


def test_later_mails_answer_the_first_one_to_the_unit() -> None:
    message = message_of(replace(reminder(), thread="<first@example.org>"))
    assert message["In-Reply-To"] == "<first@example.org>"
    assert message["References"] == "<first@example.org>"


def test_every_byte_passes_through_a_seven_bit_server() -> None:
    long = replace(reminder(), html=f"<p>{'Đề nghị ' * 500}</p>")
    content = message_bytes(long, MESSAGE_ID, NOW, VIET_NAM)
    assert content.isascii()
    assert all(len(line) <= 78 for line in content.split(b"\r\n"))
    assert b"\n" not in content.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "mail",
    [
        replace(reminder(), subject="Nhắc việc\r\nBcc: victim@example.org"),
        replace(reminder(), sender="Phòng\nBcc: victim@example.org\n <sender@example.org>"),
        replace(reminder(), to=("A\r\nBcc: victim@example.org <focal@example.org>",)),
        replace(reminder(), thread="<a@b>\r\nBcc: victim@example.org"),
    ],
    ids=["subject", "sender", "recipient", "thread"],
)
def test_no_text_smuggles_a_header_in(mail: Mail) -> None:
    message = message_of(mail)
    assert message["Bcc"] is None
    assert message["To"].addresses[0].addr_spec == "focal@example.org"
    assert part(message, "plain") == mail.text


@pytest.mark.parametrize(
    "address",
    [
        "",
        "<>",
        "nobody",
        "a@",
        "@b",
        "a@b@c",
        "a b@example.org",
        "a@exa mple.org",
        "a..b@example.org",
        '"a b"@example.org',
        "đ@example.org",
        "a@example.org, b@example.org",
        "a@example.org\r\nb",
        "a@" + "ệ" * 300 + ".org",
        "a@ệ..example.org",
    ],
)
def test_what_is_no_address_is_refused_without_being_repeated(address: str) -> None:
    with pytest.raises(RefusedMailError) as told:
        message_of(replace(reminder(), to=(address,)))
    assert not address or address not in str(told.value)


@pytest.mark.parametrize(
    ("typed", "name", "address"),
    [
        ("a.b+c@example.org", "", "a.b+c@example.org"),
        ("<a@example.org>", "", "a@example.org"),
        ("a@bệnhviện.example.org", "", "a@xn--bnhvin-ik8be.example.org"),
        ("Nguyễn Văn A <a@example.org>", "Nguyễn Văn A", "a@example.org"),
        ('"Phòng TCCB, Sở Y tế" <a@example.org>', "Phòng TCCB, Sở Y tế", "a@example.org"),
    ],
)
def test_mailboxes(typed: str, name: str, address: str) -> None:
    found = mailbox(typed)
    assert (found.display_name, found.addr_spec) == (name, address)


@given(st.from_regex(r"[^@\s]{1,12}@[^@\s]{1,12}\.[^@\s]{1,5}", fullmatch=True) | st.emails())
@example("a..b@example.org")
@example("bệnhviện@example.org")
@example("a@bệnhviện.example.org")
@example("a@" + "ệ" * 63 + ".org")
def test_what_the_configuration_takes_for_an_address_can_be_sent_to(typed: str) -> None:
    if is_mail_address(typed):
        assert mailbox(typed).addr_spec.isascii()


ANY_LINE = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


@given(subject=ANY_LINE, name=ANY_LINE)
# Where a line is broken between two encoded words, the space between them is easily lost.
@example(subject="00000000 ¡¡¡¡¡¡¡𐀀𐀀𐀀𐀀𐀀 ¡", name="00000000 ¡¡¡¡¡¡¡𐀀𐀀𐀀𐀀𐀀 ¡")
@example(subject="a " * 300, name="a " * 300)
def test_subjects_and_names_arrive_as_they_were_but_for_spaces(subject: str, name: str) -> None:
    name = "".join(each for each in name if each not in '<>"\\')
    content = message_bytes(
        replace(reminder(), subject=subject, sender=f"{name} <sender@example.org>"), MESSAGE_ID, NOW, VIET_NAM
    )
    message = parsed(content)
    assert message.keys() == message_of(reminder()).keys()
    assert words(str(message["Subject"])) == words(subject)
    assert words(display_name(content)) == words(name)
    assert message["From"].addresses[0].addr_spec == "sender@example.org"
    assert all(len(line) <= 78 for line in content.split(b"\r\n"))


def display_name(content: bytes) -> str:
    # The older parser: the newer one takes a line break between two encoded words of a name for a space.
    sender = str(message_from_bytes(content)["From"])
    return str(make_header(decode_header(sender.rpartition("<")[0].strip()))).strip('"')


def words(line: str) -> list[str]:
    return "".join(" " if unicodedata.category(each) == "Cc" else each for each in line).split()


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_bodies_arrive_as_they_were(text: str) -> None:
    sent = text.replace("\r", "") + "\n"
    assert part(message_of(replace(reminder(), text=sent)), "plain") == sent


# --- files ------------------------------------------------------------------------------------------------


def test_a_mail_is_one_file_with_a_name_to_read(tmp_path: Path) -> None:
    folder = tmp_path / "mails"
    FileTransport(folder).send(reminder(), MESSAGE_ID, NOW)
    (file,) = folder.iterdir()
    assert file.name.startswith("2023-04-20_nhac-viec_BV01_")
    assert file.suffix == ".eml"
    assert parsed(file.read_bytes())["Subject"] == reminder().subject


def test_the_same_mail_is_the_same_file_again(tmp_path: Path) -> None:
    transport = FileTransport(tmp_path)
    transport.send(reminder(), MESSAGE_ID, NOW)
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    transport.send(reminder(), MESSAGE_ID, NOW)
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before


def test_different_mails_are_different_files_whatever_their_units_are_called(tmp_path: Path) -> None:
    units = ["BV01", "bv01", "BV/01", "BV\\01", "../BV01", "Bệnh viện", "", "x" * 300, "CON", "a\r\nb"]
    transport = FileTransport(tmp_path)
    for unit in units:
        transport.send(reminder(unit), MESSAGE_ID, NOW)
    names = [each.name for each in tmp_path.iterdir()]
    assert len({name.casefold() for name in names}) == len(units)
    assert all(name.isascii() and name.isprintable() and len(name) < 150 for name in names)


def test_safe_mode_without_an_address_still_shows_the_mail(tmp_path: Path) -> None:
    FileTransport(tmp_path).send(replace(reminder(), to=(), cc=()), MESSAGE_ID, NOW)
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_cannot_be_written_is_tried_again_later(tmp_path: Path) -> None:
    (tmp_path / "mails").write_text("a file where the folder should be")
    with pytest.raises(TemporaryMailError, match="mails"):
        FileTransport(tmp_path / "mails").send(reminder(), MESSAGE_ID, NOW)


def test_a_mail_that_cannot_be_made_leaves_no_half_file(tmp_path: Path) -> None:
    with pytest.raises(RefusedMailError):
        FileTransport(tmp_path).send(replace(reminder(), to=("nobody",)), MESSAGE_ID, NOW)
    assert list(tmp_path.iterdir()) == []


@given(st.text(), st.text())
def test_file_names_are_safe(unit: str, kind: str) -> None:
    name = file_name(replace(reminder(unit), kind=kind))
    assert name.startswith("2023-04-20_")
    assert not set(name) & set('/\\:*?"<>|\r\n\0 ')


# --- the address of a server ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtps://u:p@mail.example.org:4650", SmtpServer("smtps", "mail.example.org", 4650, "u", "p")),
        ("smtps://mail.example.org", SmtpServer("smtps", "mail.example.org", 465, "", "")),
        ("smtp+starttls://mail.example.org", SmtpServer("smtp+starttls", "mail.example.org", 587, "", "")),
        ("smtp://127.0.0.1:2525", SmtpServer("smtp", "127.0.0.1", 2525, "", "")),
        ("smtp://u:p@localhost/", SmtpServer("smtp", "localhost", 25, "u", "p")),
        ("smtp://[::1]:2525", SmtpServer("smtp", "::1", 2525, "", "")),
        ("smtps://u:p@ss@máy.example.org", SmtpServer("smtps", "xn--my-mia.example.org", 465, "u", "p@ss")),
        (
            "smtps://a%40example.org:p%3A%2F@mail.example.org",
            SmtpServer("smtps", "mail.example.org", 465, "a@example.org", "p:/"),
        ),
    ],
)
def test_server_addresses(url: str, server: SmtpServer) -> None:
    assert read_smtp_url(url) == server


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example.org",
        "smtps://",
        "http://u:secret@mail.example.org",
        "smtps://u:secret@mail.example.org:port",
        "smtps://u:secret@mail.example.org/inbox",
        "smtps://u:secret@[::1",
        "smtps://u:secret@[::1]x:465",
        "smtps://u:secret@::1",
        "smtps://u:secret@mail.example.org:0",
        "smtps://u:secret@mail.example.org:65536",
        "smtps://u:secret@mail.example.org:+465",
        "smtps://u:secret@mail.example.org:",
        "smtps://u:secret@mail example.org",
        "smtps://u:secret@mail.exa\nmple.org",
        "smtps://u:secret@0",
        "smtps://u:1#secret@mail.example.org",  # else the server were u
        "smtp://u:secret@mail.example.org",  # the password would travel in the clear
        "smtps://u:secretệ@mail.example.org",
        "smtps://u:secret@mail..example.org",
        "smtps://u:secret@" + "x" * 70 + ".example.org",
    ],
)
def test_a_server_address_that_cannot_be_used_is_told_without_the_password(url: str) -> None:
    with pytest.raises(CannotStart, match="TCCB_SMTP_URL") as told:
        SmtpTransport(url)
    assert "secret" not in str(told.value)


# --- a real server on this machine ------------------------------------------------------------------------


async def at_once() -> None:
    pass


class Office:
    """A mail server with a memory. Recipients, and senders, are answered as their local part says."""

    def __init__(self) -> None:
        self.hangs_up = False
        """After it has taken a mail, instead of an answer."""
        self.answers_recipients = ""
        self.answers_mails = ""
        self.thinks: Callable[[], Awaitable[object]] = at_once
        """What it waits for after it has taken a mail."""
        self.received: list[Envelope] = []
        self.connections: set[object] = set()

    async def handle_MAIL(self, *call: Any) -> str:
        _, _, envelope, address, _ = call
        if address.startswith("answer-"):
            return f"{address[7:10]} no"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, *call: Any) -> str:
        _, _, envelope, address, _ = call
        if address.startswith("answer-"):
            return f"{address[7:10]} {address} is not wanted"
        if self.answers_recipients:
            return self.answers_recipients
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, *call: Any) -> str:
        server, session, envelope = call
        self.connections.add(session.peer)
        self.received.append(envelope)
        await self.thinks()
        if self.hangs_up:
            server.transport.abort()
        return self.answers_mails or "250 OK"

    def recipients(self) -> list[list[str]]:
        return [envelope.rcpt_tos for envelope in self.received]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def port(office: Office) -> Iterator[int]:
    controller = Controller(office, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller.port
    controller.stop()


@pytest.fixture
def transport(port: int) -> Iterator[SmtpTransport]:
    opened = SmtpTransport(f"smtp://127.0.0.1:{port}")
    yield opened
    opened.close()


def send(transport: SmtpTransport, mail: Mail) -> None:
    transport.send(mail, MESSAGE_ID, NOW)


def test_a_mail_reaches_everybody_it_is_for(office: Office, transport: SmtpTransport) -> None:
    send(transport, reminder())
    (envelope,) = office.received
    assert envelope.mail_from == "sender@example.org"
    assert envelope.rcpt_tos == ["focal@example.org", "head@example.org"]
    assert isinstance(envelope.content, bytes)
    assert envelope.content == message_bytes(reminder(), MESSAGE_ID, NOW, VIET_NAM)


def test_many_mails_go_over_one_connection(office: Office, transport: SmtpTransport) -> None:
    for n in range(20):
        send(transport, reminder(f"BV{n:02}"))
    assert len(office.received) == 20
    assert len(office.connections) == 1


def test_a_connection_that_the_server_closed_is_opened_again(office: Office) -> None:
    port = free_port()
    transport = SmtpTransport(f"smtp://127.0.0.1:{port}")
    for unit in ("BV01", "BV02"):
        controller = Controller(office, hostname="127.0.0.1", port=port)
        controller.start()
        send(transport, reminder(unit))
        controller.stop()
    transport.close()
    assert len(office.received) == 2


@pytest.mark.parametrize(
    ("to", "cc", "trouble"),
    [
        ("answer-550@example.org", (), RefusedMailError),
        ("answer-554@example.org", ("answer-550@example.org",), RefusedMailError),
        ("answer-451@example.org", (), TemporaryMailError),
        ("answer-550@example.org", ("answer-451@example.org",), TemporaryMailError),
        ("answer-421@example.org", (), TemporaryMailError),
        ("answer-530@example.org", (), TemporaryMailError),
        # Delivered to the others: another try of the whole mail would reach them twice.
        ("focal@example.org", ("answer-550@example.org",), RefusedMailError),
        ("focal@example.org", ("answer-451@example.org",), PartlyPostponed),
        ("focal@example.org", ("answer-451@example.org", "answer-550@example.org"), PartlyPostponed),
    ],
)
def test_refusals_for_now_and_for_good(
    office: Office, transport: SmtpTransport, to: str, cc: tuple[str, ...], trouble: type[MailError]
) -> None:
    with pytest.raises(trouble) as told:
        send(transport, replace(reminder(), to=(to,), cc=cc))
    assert "@" not in str(told.value)
    assert told.value.__cause__ is None
    office.received.clear()
    send(transport, reminder())
    assert office.recipients() == [["focal@example.org", "head@example.org"]]


@pytest.mark.parametrize(
    ("sender", "trouble"),
    [
        ("answer-550@example.org", MailSettingWrong),
        ("answer-553@example.org", MailSettingWrong),
        ("answer-530@example.org", MailSettingWrong),
        ("answer-452@example.org", TemporaryMailError),
        ("answer-552@example.org", RefusedMailError),  # too big is this mail, not the next
    ],
)
def test_a_sender_may_be_refused_too(transport: SmtpTransport, sender: str, trouble: type[MailError]) -> None:
    with pytest.raises(MailError) as told:
        send(transport, replace(reminder(), sender=sender))
    assert type(told.value) is trouble
    assert "@" not in str(told.value)


@pytest.mark.parametrize(
    ("answer", "cc", "trouble"),
    [
        ("553 5.7.1 <a@example.org>: Sender address rejected: not owned by user b", (), MailSettingWrong),
        ("550 5.1.8 Sender domain does not exist", (), MailSettingWrong),
        ("550 5.1.7 Invalid sender", ("head@example.org",), MailSettingWrong),
        ("450 4.1.8 Sender address rejected: Domain not found", (), TemporaryMailError),
        ("550 5.1.1 No such mailbox", (), RefusedMailError),
    ],
)
@pytest.mark.parametrize("at_the_end", [False, True])
def test_a_server_may_blame_the_sender_later(
    office: Office,
    transport: SmtpTransport,
    answer: str,
    cc: tuple[str, ...],
    trouble: type[MailError],
    at_the_end: bool,
) -> None:
    office.answers_recipients, office.answers_mails = ("", answer) if at_the_end else (answer, "")
    with pytest.raises(MailError) as told:
        send(transport, replace(reminder(), cc=cc))
    assert type(told.value) is trouble


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        ("450 4.2.1 The mailbox takes too much mail", MailboxPostponed),
        ("452 4.2.2 Mailbox full", MailboxPostponed),
        ("451 4.7.1 Greylisted, try again later", MailboxPostponed),
        ("450 mailbox unavailable", MailboxPostponed),
        ("452 4.3.1 Insufficient system storage", TemporaryMailError),
        ("451 4.4.3 Directory server down", TemporaryMailError),
        ("421 4.3.2 Closing", TemporaryMailError),
        ("450 4.1.7 Sender address not checked yet", TemporaryMailError),
    ],
)
def test_a_mailbox_that_takes_nothing_now_is_no_server_that_is_down(
    office: Office, transport: SmtpTransport, answer: str, trouble: type[MailError]
) -> None:
    office.answers_recipients = answer
    with pytest.raises(MailError) as told:
        send(transport, reminder())
    assert type(told.value) is trouble


def test_a_mail_for_nobody_is_refused_before_anybody_is_asked() -> None:
    with pytest.raises(RefusedMailError, match="không có người nhận"):
        send(SmtpTransport("smtp://127.0.0.1:9"), replace(reminder(), to=(), cc=()))


def test_a_server_that_is_not_there_is_asked_again_later() -> None:
    with pytest.raises(TemporaryMailError, match="Không kết nối"):
        send(SmtpTransport(f"smtp://127.0.0.1:{free_port()}"), reminder())


def test_a_server_that_says_nothing_is_not_waited_for() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(MailServerUnavailable, match="không trả lời"):
            send(SmtpTransport(url, answer_seconds=0.1), reminder())


def test_a_server_that_takes_long_over_a_mail_is_waited_for(
    office: Office, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, patience = list[socket.socket](), list[float | None]()
    create = socket.create_connection

    def remember(*arguments: Any, **options: Any) -> socket.socket:
        opened.append(create(*arguments, **options))
        return opened[-1]

    async def look() -> None:
        patience.append(opened[-1].gettimeout())

    monkeypatch.setattr(socket, "create_connection", remember)
    office.thinks = look
    transport = SmtpTransport(f"smtp://127.0.0.1:{port}", answer_seconds=60.0, taken_seconds=HANG_SECONDS)
    send(transport, reminder())
    assert (patience, opened[-1].gettimeout()) == ([HANG_SECONDS], 60.0)
    transport.close()
    assert len(office.received) == 1


def test_a_server_that_takes_for_ever_over_a_mail_is_given_up(office: Office, port: int) -> None:
    office.thinks = lambda: asyncio.sleep(HANG_SECONDS)
    transport = SmtpTransport(f"smtp://127.0.0.1:{port}", taken_seconds=0.1)
    with pytest.raises(OutcomeUnknown, match="có thể đã tới"):
        send(transport, reminder())
    transport.close()


def test_a_server_that_hangs_up_before_its_answer_may_have_the_mail(office: Office, transport: SmtpTransport) -> None:
    office.hangs_up = True
    with pytest.raises(OutcomeUnknown, match="có thể đã tới"):
        send(transport, reminder())
    office.hangs_up = False
    send(transport, reminder())
    # The one unavoidable window: whoever takes both knows them for the same.
    contents = [envelope.content for envelope in office.received]
    assert contents == [message_bytes(reminder(), MESSAGE_ID, NOW, VIET_NAM)] * 2


def test_who_is_put_off_is_asked_for_alone_the_next_time(office: Office, transport: SmtpTransport) -> None:
    mail = replace(reminder(), cc=("answer-451@example.org", "answer-550@example.org"))
    with pytest.raises(PartlyPostponed, match="1 người nhận \\(mã 451\\)") as told:
        send(transport, mail)
    assert told.value.waiting == ("answer-451@example.org",)
    assert "0 người nhận chính và 1 người nhận bản sao (mã 550)" in told.value.refused
    send(transport, replace(mail, still_to=("late@example.org",)))
    assert office.recipients() == [["focal@example.org"], ["late@example.org"]]
    first, second = (parsed(envelope.content) for envelope in office.received if isinstance(envelope.content, bytes))
    assert first.items() == second.items()


def test_lines_that_begin_with_dots_arrive_as_they_were(office: Office, transport: SmtpTransport) -> None:
    dots = "\n".join(["", ".", "..", ".a", "...", "x" * 75 + "." * 9, ".", ""])
    send(transport, replace(reminder(), text=dots, html=f"<pre>{dots}</pre>"))
    (envelope,) = office.received
    assert isinstance(envelope.content, bytes)
    assert part(parsed(envelope.content), "plain") == dots
    assert part(parsed(envelope.content), "html") == f"<pre>{dots}</pre>\n"


@pytest.mark.parametrize(
    ("machine", "name"),
    [
        ("bot.example.org", "bot.example.org"),
        ("PC-01", "PC-01"),
        ("Máy của Lan", "[127.0.0.1]"),
        ("pc_01.local", "[127.0.0.1]"),
        ("", "[127.0.0.1]"),
    ],
)
def test_a_machine_whose_name_no_protocol_allows_gives_its_address(machine: str, name: str) -> None:
    assert greeting_name(machine) == name


def test_a_server_without_encryption_gets_nothing_where_encryption_is_asked_for(office: Office, port: int) -> None:
    for scheme in ("smtp+starttls", "smtps"):
        with pytest.raises(TemporaryMailError, match=f"vào cổng {port}|ở cổng {port}"):
            send(SmtpTransport(f"{scheme}://127.0.0.1:{port}"), reminder())
    assert office.received == []


# --- encryption and login ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that no system trusts, and its key."""
    return made_certificate(tmp_path_factory.mktemp("tls"))


UNTIL = r"\(chứng chỉ có giá trị đến \d\d/\d\d/20\d\d\)"


def logs_in(*call: Any) -> AuthResult:
    return AuthResult(success=call[-1] == LoginPassword(b"user@example.org", b"p:/w"), handled=False)


EncryptedServer = Callable[[str], int]


@pytest.fixture
def encrypted(office: Office, certificate: tuple[Path, Path]) -> Iterator[EncryptedServer]:
    """Starts a server for a scheme, with login; answers with its port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    started: list[Controller] = []

    def start(scheme: str) -> int:
        controller = Controller(
            office,
            hostname="127.0.0.1",
            port=free_port(),
            ssl_context=context if scheme == "smtps" else None,
            tls_context=context if scheme == "smtp+starttls" else None,
            authenticator=logs_in,
            auth_require_tls=scheme == "smtp+starttls",
        )
        controller.start()
        started.append(controller)
        return controller.port

    yield start
    for controller in started:
        controller.stop()


def trusting(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate[0]))


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_mail_over_tls_with_a_login(
    office: Office, encrypted: EncryptedServer, certificate: tuple[Path, Path], scheme: str
) -> None:
    url = f"{scheme}://user%40example.org:p%3A%2Fw@127.0.0.1:{encrypted(scheme)}"
    transport = SmtpTransport(url, tls=trusting(certificate))
    send(transport, reminder())
    transport.close()
    assert len(office.received) == 1


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_a_certificate_for_another_host_stops_the_mail(
    office: Office, encrypted: EncryptedServer, certificate: tuple[Path, Path], scheme: str
) -> None:
    with pytest.raises(MailSettingWrong) as told:
        send(SmtpTransport(f"{scheme}://localhost:{encrypted(scheme)}", tls=trusting(certificate)), reminder())
    assert re.search(rf"chứng chỉ của máy chủ thư localhost: cấp cho tên máy chủ khác {UNTIL}", str(told.value))
    assert office.received == []


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_a_certificate_that_nobody_vouches_for_stops_the_mail(
    office: Office, encrypted: EncryptedServer, scheme: str
) -> None:
    with pytest.raises(MailSettingWrong) as told:
        send(SmtpTransport(f"{scheme}://127.0.0.1:{encrypted(scheme)}"), reminder())
    assert re.search(rf"chứng chỉ của máy chủ thư 127.0.0.1: do máy chủ tự ký {UNTIL}", str(told.value))
    assert office.received == []


@pytest.mark.parametrize(
    ("validity", "day"),
    [
        (b"0\x1e\x17\x0d230420080000Z\x17\x0d240420080000Z", date(2024, 4, 20)),
        (b"0\x20\x17\x0d490420080000Z\x18\x0f20500421080000Z", date(2050, 4, 21)),
        (b"0\x1e\x17\x0d230420080000Z\x17\x0d249920080000Z", None),
        (b"", None),
    ],
)
def test_the_end_of_a_certificate(validity: bytes, day: date | None) -> None:
    assert end_of(b"0\x82\x01" + validity + b"0\x16") == day


def test_where_the_server_does_not_encrypt_that_is_a_matter_of_settings(office: Office, port: int) -> None:
    with pytest.raises(MailSettingWrong, match=r"127\.0\.0\.1 không nhận mã hóa STARTTLS ở cổng"):
        send(SmtpTransport(f"smtp+starttls://127.0.0.1:{port}"), reminder())
    assert office.received == []


def test_a_wrong_password_is_mended_by_a_person_and_loses_no_mail(
    office: Office, encrypted: EncryptedServer, certificate: tuple[Path, Path]
) -> None:
    url = f"smtps://user%40example.org:wrong@127.0.0.1:{encrypted('smtps')}"
    with pytest.raises(TemporaryMailError, match="đăng nhập") as told:
        send(SmtpTransport(url, tls=trusting(certificate)), reminder())
    assert "wrong" not in str(told.value)
    assert office.received == []


def test_a_server_that_is_printed_keeps_its_password() -> None:
    server = read_smtp_url("smtps://bot:s3cret@mail.example.org")
    assert server.password == "s3cret"
    assert "s3cret" not in f"{server!r} {server}"


@pytest.mark.parametrize(
    ("url", "is_open"),
    [
        ("smtp://mail.example.org", True),
        ("smtp://192.0.2.7:2525", True),
        ("smtp://127.0.0.1:2525", False),
        ("smtp://[::1]", False),
        ("smtp://localhost", False),
        ("smtps://mail.example.org", False),
        ("smtp+starttls://mail.example.org", False),
    ],
)
def test_only_a_plain_connection_to_elsewhere_is_open_to_listeners(url: str, is_open: bool) -> None:
    assert read_smtp_url(url).is_open_to_listeners is is_open
