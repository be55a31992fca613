"""The command line: arguments in, exit status out; each command is one call of `commands`."""

from __future__ import annotations

import gc
import getpass
import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from automation import __version__
from automation.app.clock import Clock, machine_clock, read_moment, running_clock, standing_clock
from automation.app.exit_status import ExitStatus
from automation.app.stopping import ended_in_time
from automation.base.collecting import uncollected
from automation.base.errors import CannotStart
from automation.base.messages import text
from automation.base.paths import path_typed
from automation.cli.fleet.main import fleet
from automation.cli.help_pages import HELP_OPTIONS, VietnameseGroup, complaint, described_command, described_option
from automation.cli.watching.last_words import last_words, one_line

# What does the work needs pandas, so each command imports it late: help and refused arguments answer at once.

PROGRAM = "tccb"
DEMO_FOLDER = "demo"
DEMO_ROWS = "6000"
MOST_DEMO_ROWS = 100_000
DEMO_MOMENT = "2023-04-20T08:00"
"""Ten days before the deadline of the campaign that the shipped configuration describes."""

Command = TypeVar("Command", bound=Callable[..., int])

app = typer.Typer(
    cls=VietnameseGroup,
    help=text("cli.program.help"),
    epilog=text("cli.program.example"),
    add_completion=False,
    context_settings=HELP_OPTIONS,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    invoke_without_command=True,
    options_metavar="",
    subcommand_metavar=text("cli.help.command_metavar"),
)


def _argument(metavar: str, help_key: str) -> Any:
    return typer.Argument(metavar=text(f"cli.help.{metavar}"), help=text(f"cli.{help_key}"))


def _option(name: str, help_key: str, metavar: str | None = None) -> Any:
    return described_option(name, f"cli.{help_key}", metavar)


WorkbookArgument = Annotated[str | None, _argument("workbook_metavar", "help.workbook")]
FolderArgument = Annotated[str, _argument("folder_metavar", "demo.folder")]
RowsOption = Annotated[str, _option("--rows", "demo.rows", "number_metavar")]
UnitsOption = Annotated[str | None, _option("--units", "init.units", "csv_metavar")]
VersionOption = Annotated[bool, _option("--version", "help.version")]
WithoutOption = Annotated[str | None, _option("--without", "init.without", "codes_metavar")]
FormOption = Annotated[list[str] | None, _option("--form", "init.form", "code_metavar")]
FormsOption = Annotated[str | None, _option("--forms", "init.forms", "folder_metavar")]
NowOption = Annotated[str | None, _option("--now", "help.now", "moment_metavar")]
ConfigOption = Annotated[str | None, _option("--config", "check.config", "config_metavar")]
JsonOption = Annotated[bool, _option("--json", "help.json")]
OnceOption = Annotated[bool, _option("--once", "run.once")]
DryRunOption = Annotated[bool, _option("--dry-run", "run.dry_run")]
NoMailOption = Annotated[bool, _option("--no-mail", "run.no_mail")]
TakeOverOption = Annotated[bool, _option("--take-over", "help.take_over")]
UnitOption = Annotated[list[str] | None, _option("--unit", "remind.unit", "code_metavar")]
ApplyOption = Annotated[bool, _option("--apply", "adopt.apply")]
CheckedUnitOption = Annotated[list[str] | None, _option("--unit", "check.unit", "code_metavar")]
SendOption = Annotated[bool, _option("--send", "remind.send")]
ToOption = Annotated[str | None, _option("--to", "remind.to", "address_metavar")]
SinceOption = Annotated[str | None, _option("--since", "mails.since", "day_metavar")]
OfAllOption = Annotated[bool, _option("--all", "mails.all")]
ListsArgument = Annotated[list[str] | None, _argument("workbook_and_files_metavar", "import.files")]
RestoredUnitOption = Annotated[str | None, _option("--unit", "restore.unit", "code_metavar")]
AsOfOption = Annotated[str | None, _option("--as-of", "restore.as_of", "moment_metavar")]
ListOption = Annotated[bool, _option("--list", "restore.list")]
RestoredConfigOption = Annotated[bool, _option("--config", "restore.config")]
NameOption = Annotated[str | None, _option("--name", "freeze.name", "text_metavar")]
NoNamesOption = Annotated[bool, _option("--no-names", "freeze.no_names")]
VerifyOption = Annotated[str | None, _option("--verify", "freeze.verify", "file_metavar")]
PurgedUnitOption = Annotated[str | None, _option("--unit", "purge.unit", "code_metavar")]
FieldOption = Annotated[str | None, _option("--field", "purge.field", "code_metavar")]
AllOption = Annotated[bool, _option("--all", "purge.all")]
PurgedWorkbookOption = Annotated[bool, _option("--workbook", "purge.workbook")]
PurgeOption = Annotated[bool, _option("--apply", "purge.apply")]
ImportedUnitOption = Annotated[str | None, _option("--unit", "import.unit", "code_metavar")]
PreferOption = Annotated[str | None, _option("--prefer", "import.prefer", "prefer_metavar")]
ImportApplyOption = Annotated[bool, _option("--apply", "import.apply")]
MarkedOption = Annotated[str | None, _option("--marked", "import.marked", "file_metavar")]
CalendarOption = Annotated[bool, _option("--calendar", "remind.calendar")]
CalendarConfigOption = Annotated[str | None, _option("--config", "remind.config", "config_metavar")]


def _command(name: str) -> Callable[[Command], Command]:
    return described_command(app, name, f"cli.{name}")


app.add_typer(fleet, name="fleet")


@app.callback()
def program(context: typer.Context, version: VersionOption = False) -> None:
    """Without a command: the page that lists them, where complaints go."""
    if version:
        typer.echo(f"{PROGRAM} {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(ExitStatus.CANNOT_START)


@_command("demo")
def demo(folder: FolderArgument = DEMO_FOLDER, rows: RowsOption = DEMO_ROWS, now: NowOption = None) -> int:
    count, moment = _read_rows(rows), read_moment(DEMO_MOMENT if now is None else now)
    from automation.cli import commands

    return commands.demo(path_typed(folder), count, moment)


@_command("init")
def init(
    workbook: WorkbookArgument = None,
    units: UnitsOption = None,
    without: WithoutOption = None,
    form: FormOption = None,
    forms: FormsOption = None,
    take_over: TakeOverOption = False,
    now: NowOption = None,
) -> int:
    clock = _clock(now)
    if form or forms:
        return _forms(workbook, form or [], forms, clock, others={"--units": units, "--without": without})
    from automation.cli import commands

    codes = [code.strip() for code in (without or "").split(",") if code.strip()]
    return commands.init(workbook, path_typed(units) if units else None, clock, without=codes, takes_over=take_over)


@_command("adopt")
def adopt(
    workbook: WorkbookArgument = None,
    apply: ApplyOption = False,
    take_over: TakeOverOption = False,
    as_json: JsonOption = False,
    now: NowOption = None,
) -> int:
    clock = _clock(now)
    from automation.cli import commands

    return commands.adopt(workbook, clock, apply=apply, as_json=as_json, takes_over=take_over)


def _forms(
    workbook: str | None, codes: list[str], folder: str | None, clock: Clock, others: dict[str, str | None]
) -> int:
    for option, value in others.items():
        if value is not None:
            raise CannotStart(text("cli.wrong.not_together", one="--forms" if folder else "--form", other=option))
    from automation.cli import commands

    return commands.make_forms(workbook, codes, path_typed(folder or "."), clock)


@_command("import")
def import_(
    files: ListsArgument = None,
    unit: ImportedUnitOption = None,
    apply: ImportApplyOption = False,
    prefer: PreferOption = None,
    marked: MarkedOption = None,
    take_over: TakeOverOption = False,
    as_json: JsonOption = False,
    now: NowOption = None,
) -> int:
    named, mailed = _workbook_and_files(files or [])
    if not (unit or "").strip():
        raise CannotStart(text("cli.import.no_unit"))
    if prefer not in (None, "file", "sheet"):
        raise CannotStart(text("cli.import.wrong_prefer", typed=prefer))
    if marked and len(mailed) > 1:
        raise CannotStart(text("cli.import.one_marked"))
    clock = _clock(now)
    from automation.app.lists.importing import ImportRequest
    from automation.cli import commands
    from automation.core.importing.plan import Prefer

    target = path_typed(marked) if marked else None
    request = ImportRequest(unit or "", tuple(map(path_typed, mailed)), Prefer(prefer or ""), apply, target)
    return commands.import_lists(named, request, clock, as_json=as_json, takes_over=take_over)


@_command("check")
def check(
    workbook: WorkbookArgument = None,
    config: ConfigOption = None,
    unit: CheckedUnitOption = None,
    as_json: JsonOption = False,
    now: NowOption = None,
) -> int:
    if config is not None and unit:
        raise CannotStart(text("cli.wrong.not_together", one="--config", other="--unit"))
    clock = _clock(now)
    with uncollected():  # a look is over before what it leaves takes room
        from automation.cli import commands

        return commands.check(workbook, clock, tuple(unit or ()), as_json=as_json, config=config)


@_command("run")
def run(
    workbook: WorkbookArgument = None,
    once: OnceOption = False,
    dry_run: DryRunOption = False,
    no_mail: NoMailOption = False,
    take_over: TakeOverOption = False,
    as_json: JsonOption = False,
    now: NowOption = None,
) -> int:
    for wanted, option in ((dry_run, "--dry-run"), (as_json, "--json")):
        if wanted and not once:
            raise CannotStart(text("cli.wrong.worker_only", option=option))
    clock = _clock(now, standing_clock if once else running_clock)
    from automation.cli import commands

    if once:
        return commands.run_once(
            workbook, clock, dry_run=dry_run, mail=not no_mail, as_json=as_json, takes_over=take_over
        )
    from automation.cli.watching.renewal import never, once_it_is_night

    is_over = once_it_is_night(clock) if now is None else never  # a clock that was set would be set again
    return commands.run_worker(workbook, clock, mail=not no_mail, takes_over=take_over, is_over=is_over)


@_command("remind")
def remind(
    workbook: WorkbookArgument = None,
    unit: UnitOption = None,
    send: SendOption = False,
    to: ToOption = None,
    calendar: CalendarOption = False,
    config: CalendarConfigOption = None,
    take_over: TakeOverOption = False,
    as_json: JsonOption = False,
    now: NowOption = None,
) -> int:
    for wanted, option in ((send, "--send"), (to is not None, "--to")):
        if calendar and wanted:
            raise CannotStart(text("by_hand.calendar_alone", option=option))
    if config is not None and not calendar:
        raise CannotStart(text("by_hand.config_with_calendar"))
    clock = _clock(now)
    from automation.cli import commands

    units = tuple(unit or ())
    if calendar:
        return commands.calendar(workbook, clock, units, as_json=as_json, config=config)
    return commands.remind(workbook, clock, units, send=send, to=to, as_json=as_json, takes_over=take_over)


@_command("summary")
def summary(
    workbook: WorkbookArgument = None,
    send: SendOption = False,
    to: ToOption = None,
    take_over: TakeOverOption = False,
    as_json: JsonOption = False,
    now: NowOption = None,
) -> int:
    clock = _clock(now)
    from automation.cli import commands

    return commands.summary(workbook, clock, send=send, to=to, as_json=as_json, takes_over=take_over)


@_command("mails")
def mails(
    workbook: WorkbookArgument = None,
    unit: UnitOption = None,
    since: SinceOption = None,
    of_all: OfAllOption = False,
    as_json: JsonOption = False,
    now: NowOption = None,
) -> int:
    clock = _clock(now)
    from automation.cli import commands

    return commands.mails(workbook, clock, tuple(unit or ()), since=since, of_all=of_all, as_json=as_json)


@_command("status")
def status(workbook: WorkbookArgument = None, as_json: JsonOption = False, now: NowOption = None) -> int:
    clock = _clock(now)
    from automation.cli.watching import status_report

    return status_report.status(workbook, clock, as_json=as_json)


@_command("restore")
def restore(
    workbook: WorkbookArgument = None,
    unit: RestoredUnitOption = None,
    as_of: AsOfOption = None,
    list_: ListOption = False,
    config: RestoredConfigOption = False,
    take_over: TakeOverOption = False,
    as_json: JsonOption = False,
    now: NowOption = None,
) -> int:
    if config and unit is not None:
        raise CannotStart(text("cli.wrong.not_together", one="--config", other="--unit"))
    if not config and not (unit or "").strip():
        raise CannotStart(text("cli.restore.no_unit"))
    moment = read_moment(as_of, "--as-of") if as_of is not None else None
    clock = read_moment(now, "--now") if now is not None else None
    from automation.app.records.restore import RestoreRequest
    from automation.cli import commands

    request = RestoreRequest(unit or "", moment, only_lists=list_, now=clock)
    return commands.restore(workbook, request, as_json=as_json, takes_over=take_over)


@_command("freeze")
def freeze(
    workbook: WorkbookArgument = None,
    name: NameOption = None,
    no_names: NoNamesOption = False,
    verify: VerifyOption = None,
    take_over: TakeOverOption = False,
    as_json: JsonOption = False,
    now: NowOption = None,
) -> int:
    if verify is not None and name is not None:
        raise CannotStart(text("cli.wrong.not_together", one="--verify", other="--name"))
    from automation.core.reading.shown import visible

    plain = visible(name or "")  # what no file may hold as a title is left out
    if verify is None and not plain:
        raise CannotStart(text("cli.freeze.no_name"))
    clock = _clock(now)
    from automation.cli import commands

    if verify is not None:
        return commands.verify(workbook, path_typed(verify), as_json=as_json)
    return commands.freeze(workbook, plain, clock, with_names=not no_names, as_json=as_json, takes_over=take_over)


@_command("purge")
def purge(
    workbook: WorkbookArgument = None,
    unit: PurgedUnitOption = None,
    field: FieldOption = None,
    all_: AllOption = False,
    in_workbook: PurgedWorkbookOption = False,
    apply: PurgeOption = False,
    take_over: TakeOverOption = False,
    as_json: JsonOption = False,
    now: NowOption = None,
) -> int:
    scopes = (("--unit", unit), ("--field", field), ("--all", all_ or None))
    given = [name for name, value in scopes if value is not None]
    if len(given) > 1:
        raise CannotStart(text("cli.wrong.not_together", one=given[0], other=given[1]))
    if apply and not given:
        raise CannotStart(text("cli.purge.no_scope"))
    for name, value in (("--unit", unit), ("--field", field)):
        if value is not None and not value.strip():
            raise CannotStart(text("cli.wrong.option_value_missing", name=name, path="tccb purge"))
    clock = _clock(now)
    from automation.app.records.purge import PurgeRequest
    from automation.cli import commands

    request = PurgeRequest(unit or "", field or "", in_workbook, applies=apply, by=_who())
    return commands.purge(workbook, request, clock, as_json=as_json, takes_over=take_over)


def _who() -> str:
    """Who is at work, as the machine knows them."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # an account without a name
        return str(os.getuid()) if hasattr(os, "getuid") else PROGRAM


@_command("doctor")
def doctor(workbook: WorkbookArgument = None, as_json: JsonOption = False, now: NowOption = None) -> int:
    clock = _clock(now)
    from automation.cli import commands

    return commands.doctor(workbook, clock, as_json=as_json)


def _clock(now: str | None, as_if: Callable[[datetime], Clock] = standing_clock) -> Clock:
    """The machine's, or one made of the moment that was typed. Raises CannotStart."""
    return machine_clock if now is None else as_if(read_moment(now))


def _workbook_and_files(typed: list[str]) -> tuple[str | None, list[str]]:
    """The workbook and the files behind it; where one name alone was typed, TCCB_WORKBOOK names the workbook."""
    if not typed:
        raise CannotStart(text("cli.import.no_files"))
    if len(typed) > 1:
        return typed[0], typed[1:]
    from automation.app.environment import read_environment

    if read_environment().workbook is None:
        raise CannotStart(text("cli.import.no_files"))
    return None, typed


def _read_rows(typed: str) -> int:
    count = int(typed) if typed.isascii() and typed.isdecimal() else 0
    if not 1 <= count <= MOST_DEMO_ROWS:
        raise CannotStart(text("cli.wrong.rows", typed=typed, most=MOST_DEMO_ROWS))
    return count


def main() -> None:
    """The program: runs the command that the arguments name and ends the process with its exit status."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started us
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 (until the end)
    for stream in (sys.stdout, sys.stderr):
        # Vietnamese must not depend on the machine's locale, nor on a path being valid text.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    # numpy would begin a thread for each core at its import, for work that we do not have.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # pydantic would look through every package that is installed for plugins of its own.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    with ended_in_time():
        status = _run(sys.argv[1:])
        _drop_unwritten()
        # Nobody needs what the last look of the collector would find, which Python takes even where it is switched off:
        # a fifth of a small command.
        gc.freeze()
        sys.exit(status)


def _run(arguments: list[str]) -> int:
    status = int(ExitStatus.NEEDS_PERSON)
    try:
        status = int(app(arguments, prog_name=PROGRAM, standalone_mode=False) or ExitStatus.DONE)
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # whoever reads has read enough
        return status
    except typer.TyperException as error:
        said, status = one_line(complaint(error)), ExitStatus.CANNOT_START
    except Exception as error:
        said, status = last_words(error)
    with suppress(OSError):  # nowhere to say it
        print(said, file=sys.stderr)
    return status


def _drop_unwritten() -> None:
    """What could not be printed is not tried again by Python at its end, which would complain of it in English."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
