"""What the environment says, and the `.env` file of the current folder."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from automation.adapters.places import WorkbookPlace, key_of
from automation.adapters.store.postgres import schema_of
from automation.base.errors import CannotStart
from automation.base.messages import text
from automation.base.paths import path_typed
from automation.base.private_files import may_be_changed_by_others

_WEB_ADDRESS = re.compile(r"https?://[^\s?#]+(\?[^\s#]*)?")
_SHARED = "fleet"
ENV_FILE = Path(".env")
"""Of the current folder."""


class EnvironmentSettings(BaseModel):
    """Environment variables by their contract names; an empty one counts as unset."""

    # A validation error that repeats its input would print a mail password.
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    workbook: str | None = Field(default=None, validation_alias="TCCB_WORKBOOK")
    google_credentials: Path | None = Field(default=None, validation_alias="GOOGLE_APPLICATION_CREDENTIALS")
    smtp_url: SecretStr | None = Field(default=None, validation_alias="TCCB_SMTP_URL")
    mail_from: str | None = Field(default=None, validation_alias="TCCB_MAIL_FROM")
    state_dir: Path | None = Field(default=None, validation_alias="TCCB_STATE_DIR")
    copies_key: SecretStr | None = Field(default=None, validation_alias="TCCB_COPIES_KEY", min_length=16)
    database_url: SecretStr | None = Field(default=None, validation_alias="TCCB_DATABASE_URL")
    ping_url: SecretStr | None = Field(default=None, validation_alias="TCCB_PING_URL")
    log_form: Literal["text", "json"] = Field(default="text", validation_alias="TCCB_LOG")
    sheets_emulator: str | None = Field(default=None, validation_alias="SHEETS_EMULATOR_HOST")

    @field_validator("ping_url")
    @classmethod
    def _is_an_address(cls, typed: SecretStr | None) -> SecretStr | None:
        if typed is not None and not _WEB_ADDRESS.fullmatch(typed.get_secret_value()):
            raise ValueError
        return typed

    def state_folder(self, place: WorkbookPlace) -> Path:
        """Where outbox, history and the last good config of that workbook lie: `TCCB_STATE_DIR`, else beside
        an .xlsx, else a folder of its own in the user's state folder. Where state lies in a database that workbooks
        share, what is left for files has a folder of its own, whoever works on it.
        """
        if self.database_url is not None:
            return self.shared_folder(key_of(place))
        if self.state_dir is not None:
            return path_typed(str(self.state_dir))
        return place.with_suffix(".tccb") if isinstance(place, Path) else _own_folder(str(place))

    def shared_folder(self, key: str = "") -> Path:
        """Of the workbook with that key of a shared database; "": where the folders of all lie."""
        all_of_them = path_typed(str(self.state_dir)) if self.state_dir is not None else _own_folder(_SHARED)
        return all_of_them / schema_of(key) if key else all_of_them


def read_environment() -> EnvironmentSettings:
    """The settings of this process. Raises `CannotStart` that names the variable nobody can use, or where the `.env`
    file is one that others could have written: it decides where mails and a key's tokens go.
    """
    try:
        if ENV_FILE.exists() and may_be_changed_by_others(ENV_FILE):
            raise CannotStart(text("cli.start.env_file_open", path=ENV_FILE.absolute()))
        return EnvironmentSettings.model_validate(_given(_written()) | _given(os.environ))
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        raise CannotStart(text("cli.start.environment", name=name)) from None
    except UnicodeDecodeError:
        raise CannotStart(text("cli.start.env_file")) from None
    except OSError:
        raise CannotStart(text("cli.start.env_file_closed", path=ENV_FILE.absolute())) from None


def log_form_alone() -> str:
    """In which form a worker is to write its log where nobody can use the rest: the log has what is wrong with that."""
    return os.environ.get("TCCB_LOG", "")


def settings_from_file() -> tuple[str, ...]:
    """The variables of ours that come out of the `.env` file and not from the environment."""
    names = [str(field.validation_alias) for field in EnvironmentSettings.model_fields.values()]
    written = _written()
    return tuple(name for name in names if written.get(name) and not os.environ.get(name))


def _written() -> Mapping[str, str | None]:
    """What stands in the `.env` file; Notepad begins one with a byte order mark."""
    return dotenv_values(ENV_FILE, encoding="utf-8-sig") if ENV_FILE.is_file() else {}


def _given(variables: Mapping[str, str | None]) -> dict[str, str]:
    """Those that say something, however their names are written: Windows makes no difference there."""
    return {name.upper(): value for name, value in variables.items() if value}


def _own_folder(name: str) -> Path:
    return _user_state_folder() / hashlib.sha256(name.encode()).hexdigest()[:16]


def _user_state_folder() -> Path:
    """Of the XDG base directory specification, or its counterpart on Windows."""
    base = os.environ.get("XDG_STATE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(base) if base else Path.home() / ".local" / "state") / "tccb"
