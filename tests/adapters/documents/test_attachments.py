"""What travels with a mail arrives byte for byte, where mail programs look for it."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from automation.adapters.mail.mime import message_bytes
from automation.core.model.mail import Attachment
from automation.core.text.moments import VIET_NAM
from tests.adapters.mail.examples import NOW, reminder

MESSAGE_ID = "<abc@example.org>"
PICTURE = Attachment("trend.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "trend")
TABLE = Attachment("tong-hop.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK" * 400)
REPORT = Attachment("bao-cao.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", b"\0\n")


def content_of(*attachments: Attachment) -> bytes:
    mail = replace(reminder(), html='<img src="cid:trend">', attachments=attachments)
    return message_bytes(mail, MESSAGE_ID, NOW, VIET_NAM)


def parsed(*attachments: Attachment) -> EmailMessage:
    message = message_from_bytes(content_of(*attachments), policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not [part.defects for part in message.walk() if part.defects]
    return message


@pytest.mark.parametrize(
    ("attachments", "structure"),
    [
        ((), ["multipart/alternative", "text/plain", "text/html"]),
        (
            (PICTURE,),
            ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"],
        ),
        (
            (PICTURE, TABLE, REPORT),
            [
                "multipart/mixed",
                "multipart/alternative",
                "text/plain",
                "multipart/related",
                "text/html",
                "image/png",
                TABLE.media_type,
                REPORT.media_type,
            ],
        ),
    ],
    ids=["none", "a picture", "a picture and files"],
)
def test_parts_lie_where_mail_programs_look(attachments: tuple[Attachment, ...], structure: list[str]) -> None:
    assert [part.get_content_type() for part in parsed(*attachments).walk()] == structure


def test_files_keep_their_names_and_bytes() -> None:
    files = list(parsed(PICTURE, TABLE, REPORT).iter_attachments())
    assert [(each.get_filename(), each.get_content()) for each in files] == [
        (TABLE.filename, TABLE.content),
        (REPORT.filename, REPORT.content),
    ]


def test_the_html_finds_its_picture() -> None:
    [picture] = [part for part in parsed(PICTURE, TABLE).walk() if part.get_content_maintype() == "image"]
    assert picture["Content-ID"] == "<trend>"
    assert picture.get_content_disposition() == "inline"
    assert picture.get_content() == PICTURE.content


def test_text_and_html_are_still_the_bodies() -> None:
    message = parsed(PICTURE, TABLE, REPORT)
    for kind in ("plain", "html"):
        body = message.get_body((kind,))
        assert body is not None
        assert body.get_content_subtype() == kind


@given(st.binary(max_size=2000))
def test_any_bytes_arrive_and_pass_through_a_seven_bit_server(content: bytes) -> None:
    sent = content_of(PICTURE, replace(TABLE, content=content))
    assert sent.isascii()
    # The media types of Office are longer than a line ought to be; the limit of RFC 5322 is 998.
    assert all(len(line) <= 100 for line in sent.split(b"\r\n"))
    [file] = message_from_bytes(sent, policy=policy.default).iter_attachments()
    assert file.get_content() == content


def test_the_same_mail_is_the_same_bytes() -> None:
    assert content_of(PICTURE, TABLE) == content_of(PICTURE, TABLE)


def test_no_two_parts_share_a_boundary() -> None:
    boundaries = [part.get_boundary() for part in parsed(PICTURE, TABLE).walk() if part.is_multipart()]
    assert len(set(boundaries)) == len(boundaries) == 3
