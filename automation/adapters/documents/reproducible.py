"""Office files whose bytes depend on their content alone: neither on when nor on what machine they were made."""

from __future__ import annotations

import re
from datetime import datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_CORE_PROPERTIES = "docProps/core.xml"
_MOMENT = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(?=</)")


def reproducible(content: bytes, moment: datetime) -> bytes:
    """The same Open Packaging file (.xlsx, .docx), all of whose dates are `moment`."""
    out = BytesIO()
    with ZipFile(BytesIO(content)) as made, ZipFile(out, "w") as kept:
        for name in made.namelist():
            part = made.read(name)
            if name == _CORE_PROPERTIES:
                part = _MOMENT.sub(rb"\g<1>" + f"{moment:%Y-%m-%dT%H:%M:%SZ}".encode(), part)
            entry = ZipInfo(name, moment.timetuple()[:6])
            entry.compress_type = ZIP_DEFLATED
            kept.writestr(entry, part)
    return out.getvalue()
