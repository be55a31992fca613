"""A mail to look at before it goes: the message as it would be sent, and its HTML for a browser."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace

from automation.adapters.mail.transport import FileTransport, file_name
from automation.base.errors import CannotStart, TemporaryMailError
from automation.base.messages import text
from automation.base.private_files import write_private
from automation.core.model.mail import Mail

_MESSAGE_ID = "<xem-truoc@localhost>"


class PreviewFolder:
    """Two files a mail, .eml and .html; the next preview of the same mail on the same day takes their place."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._transport = FileTransport(folder)

    def write(self, mail: Mail, now: datetime) -> Path:
        """The .html file; the .eml lies beside it.

        Raises `RefusedMailError` for an address that is none, `CannotStart` where the folder cannot be written.
        """
        shown = replace(mail, key=f"{mail.kind}/{mail.unit}")
        try:
            self._transport.send(shown, _MESSAGE_ID, now)
            page = self.folder / Path(file_name(shown)).with_suffix(".html")
            write_private(page, _with_pictures(mail).encode())
        except (TemporaryMailError, OSError):
            raise CannotStart(text("mail.folder", folder=self.folder)) from None
        return page


def _with_pictures(mail: Mail) -> str:
    """The HTML with the pictures that travel beside it inside."""
    html = mail.html
    for file in mail.attachments:
        if file.content_id:
            data = f"data:{file.media_type};base64,{b64encode(file.content).decode()}"
            html = html.replace(f"cid:{file.content_id}", data)
    return html
