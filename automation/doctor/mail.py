"""Mail: the server, the sender, whether mails are real, and whether everybody concerned has an address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from automation.adapters.config_files import default_tables
from automation.adapters.mail.mime import mailbox
from automation.adapters.mail.transport import SmtpServer, SmtpTransport, read_smtp_url
from automation.app.environment import EnvironmentSettings
from automation.base.errors import MailError, RefusedMailError, TccbError
from automation.base.messages import text
from automation.core.config import tabs
from automation.core.config.registry import FOCAL_PERSON, addresses_of
from automation.core.config.values import Config, Settings
from automation.doctor.findings import Finding, State, named, note, ok, refused, trouble, unchecked
from automation.doctor.surroundings import Surroundings

Telling = Callable[..., Finding]
"""`note` or `trouble`."""


def examine_mail(
    environment: EnvironmentSettings, config: Config | None, mail_folder: Path | None, surroundings: Surroundings
) -> Iterator[Finding]:
    """`config`: the one in force, where there is a workbook to take it from. `mail_folder`: where mails lie as files
    while no server is named; None where that depends on a workbook nobody has named.
    """
    is_real = config is not None and config.settings.mail_mode_real
    yield _server(environment, mail_folder, surroundings, is_real=is_real)
    sender = environment.mail_from
    # Without a server no mail leaves the house, so that addresses to be replaced do no harm yet.
    sample = trouble if environment.smtp_url else note
    if config is None:
        yield from [_sender_named(sender)] if sender else unchecked("mail.sender")
        yield from unchecked("mail.mode", "mail.office", "mail.units")
        return
    yield _sender_named(sender) if sender else _sender_of(config.settings, sample)
    yield _mode(config.settings, sample)
    yield _office(config.settings, sample)
    yield _units(config)


def _server(
    environment: EnvironmentSettings, mail_folder: Path | None, surroundings: Surroundings, *, is_real: bool
) -> Finding:
    if environment.smtp_url is None:
        tell = trouble if is_real else note
        folder = mail_folder or text("doctor.mail.server.folder")
        return tell("mail.server", "files_though_real" if is_real else "files", folder=folder)
    url = environment.smtp_url.get_secret_value()
    try:
        server = read_smtp_url(url)
        with closing(SmtpTransport(url, answer_seconds=surroundings.smtp_seconds)) as transport:
            transport.greet()
    except MailError as error:
        fix = text("doctor.mail.server.fix", host=server.host, port=server.port)
        return Finding("mail.server", State.TROUBLE, str(error), fix)
    except TccbError as error:  # the address itself
        return refused("mail.server", error)
    if server.is_open_to_listeners:
        return note("mail.server", "plain", host=server.host, port=server.port)
    return ok("mail.server", host=server.host, port=server.port, how=_how(server))


def _how(server: SmtpServer) -> str:
    encryption = text(f"doctor.mail.server.{server.scheme.replace('+', '_')}")
    login = text("doctor.mail.server.with_login" if server.user else "doctor.mail.server.without_login")
    return f"{encryption}, {login}"


def _sender_named(sender: str) -> Finding:
    try:
        return ok("mail.sender", "environment", sender=mailbox(sender).addr_spec)
    except RefusedMailError:
        return refused("mail.sender", TccbError(text("mail.sender")))


def _sender_of(settings: Settings, sample: Telling) -> Finding:
    if not settings.mail_from:
        return trouble("mail.sender", "missing")
    if settings.mail_from in _samples():
        return sample("mail.sender", "sample", sender=settings.mail_from)
    return ok("mail.sender", sender=settings.mail_from)


def _mode(settings: Settings, sample: Telling) -> Finding:
    if settings.mail_mode_real:
        return ok("mail.mode", "real")
    instead = settings.test_address or settings.admin_address
    if not instead:
        return trouble("mail.mode", "nowhere")
    if instead in _samples():
        return sample("mail.mode", "sample", address=instead)
    return ok("mail.mode", "trial", address=instead)


def _office(settings: Settings, sample: Telling) -> Finding:
    """Those at TCCB who get the summary and the alarms."""
    samples = _samples()
    wanted = {
        "Người nhận tổng hợp": settings.summary_to,
        "Email quản trị": (settings.admin_address,),
        "Địa chỉ trả lời": (settings.reply_to,),
    }
    missing = [setting for setting, addresses in wanted.items() if not any(addresses)]
    if missing:
        return trouble("mail.office", "missing", settings=", ".join(missing))
    left = [setting for setting, addresses in wanted.items() if samples.intersection(addresses)]
    if left:
        return sample("mail.office", "sample", settings=", ".join(left))
    return ok("mail.office", addresses=", ".join(settings.summary_to))


def _units(config: Config) -> Finding:
    lacking = [unit.name for unit in config.units if not addresses_of(unit, FOCAL_PERSON)]
    if lacking:
        return trouble("mail.units", "missing", count=len(lacking), of=len(config.units), names=named(lacking))
    return ok("mail.units", count=len(config.units))


def _samples() -> frozenset[str]:
    """The addresses that the shipped tab `Cấu hình` holds, so that there is something to replace."""
    return frozenset(str(cell) for row in default_tables()[tabs.SETTINGS] for cell in row if "@" in str(cell))
