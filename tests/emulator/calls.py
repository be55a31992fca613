"""A client as plain as can be, for the emulator's own tests."""

from __future__ import annotations

from typing import Any

import requests

from tests.emulator.emulator import Emulator
from tests.emulator.refusals import Json
from tests.emulator.spreadsheet import Spreadsheet


class Caller:
    """Requests about one spreadsheet. Paths begin behind its id."""

    def __init__(self, emulator: Emulator, sheet: Spreadsheet, token: str = "") -> None:
        self.session = requests.Session()
        self.session.trust_env = False
        if token:
            self.session.headers["Authorization"] = f"Bearer {token}"
        self.emulator = emulator
        self.sheet = sheet
        self.root = f"http://{emulator.host}/v4/spreadsheets/{sheet.id}"

    def send(self, method: str, path: str, **details: Any) -> requests.Response:
        return self.session.request(method, self.root + path, **details)

    def get(self, path: str = "", **query: Any) -> Json:
        return _message(self.send("GET", path, params=query))

    def post(self, path: str, body: Json, **query: Any) -> Json:
        return _message(self.send("POST", path, json=body, params=query))

    def put(self, path: str, body: Json, **query: Any) -> Json:
        return _message(self.send("PUT", path, json=body, params=query))

    def batch(self, *batch: Json, **query: Any) -> Json:
        """`batchUpdate` with these requests."""
        return self.post(":batchUpdate", {"requests": list(batch)}, **query)

    def refusal(self, *batch: Json) -> str:
        """The text with which `batchUpdate` refuses these requests."""
        return error_text(self.batch(*batch))

    def values(self, written: str, **query: Any) -> Json:
        return self.get(f"/values/{written}", **query)

    def drive(self, path: str, **query: Any) -> Json:
        return _message(self.session.get(f"http://{self.emulator.host}/drive/v3/{path}", params=query))


def _message(response: requests.Response) -> Json:
    message: Json = response.json()
    return message


def error_text(message: Json) -> str:
    """The text of an error; fails where there is none."""
    text: str = message["error"]["message"]
    return text
