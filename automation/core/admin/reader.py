"""The raw rows of the config tabs become one `Config`, or all the problems that stand in the way, each with its cell.

The shipped defaults (`config/*.csv`) and the tabs of a workbook are read by the same code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from automation.base.messages import text
from automation.core.admin.lines import ConfigLine, ConfigTab, SettingTexts, listing, shortened
from automation.core.admin.meanings import check_ranks, check_words
from automation.core.admin.settings import read_settings, resolve_group_targets, resolve_list_settings
from automation.core.admin.short_tabs import read_documents, read_part_rates
from automation.core.config import tabs
from automation.core.config.conditions import (
    Condition,
    Kind,
    NotUnderstood,
    Subject,
    SubjectType,
    Vocabulary,
    in_words_of_today,
)
from automation.core.config.dated_texts import ALWAYS
from automation.core.config.ladder import Rung, read_recipients, read_rung_condition, read_rung_due
from automation.core.config.mail_kinds import MAIL_TEMPLATES
from automation.core.config.meanings import ranks_of, words_to_ask_for
from automation.core.config.next_steps import NextStep, split_steps
from automation.core.config.registry import FILLED_IN, MOST_ADDRESSES, FilledColumn, Holds, unit_of
from automation.core.config.tab_titles import derived_tab_title
from automation.core.config.values import (
    AWAITS_APPROVAL,
    FREE_TYPES,
    GOES_TO_THE_POLICE,
    KNOWN_FIELDS,
    PLACE_LIST,
    PLACEHOLDERS,
    TO_CORRECT,
    Config,
    Field,
    FieldType,
    LegalDocument,
    ListValue,
    Rule,
    Status,
    StatusCode,
    field_names,
    spellings_of,
)
from automation.core.judging.checks import CHECKS, CONTRADICTION, EXPRESSION, UNKNOWN_PLACE, parse_parameters
from automation.core.model.problems import Place, Problem
from automation.core.model.units import CountsAs, Mode, Severity, Unit
from automation.core.model.workbook import ConfigTables
from automation.core.reading.cells import (
    Unreadable,
    as_text,
    clean,
    fold,
    is_mail_address,
    looks_like_another,
    read_headcount,
    read_number,
    split_addresses,
)
from automation.core.reading.shown import shown
from automation.core.reading.suggestions import nearest


class Refused(Struct, frozen=True):
    """The configuration cannot be used; every problem that was found."""

    problems: tuple[Problem, ...]


# --- Cột dữ liệu, Danh mục --------------------------------------------------------------------------------


class Lists(Struct, frozen=True):
    """Tab `Danh mục` as read: the values of each list, and the line that each stands on."""

    values: Mapping[str, tuple[ListValue, ...]]
    lines: Mapping[str, tuple[ConfigLine, ...]]
    """In the order of the values."""


def _read_lists(tab: ConfigTab) -> Lists:
    lists: dict[str, list[ListValue]] = {}
    lines: dict[str, list[ConfigLine]] = {}
    names = {fold(PLACE_LIST): PLACE_LIST}
    seen: dict[str, dict[str, int]] = {}
    for line in tab.lines():
        typed, value = line.needed("Danh mục"), line.needed("Giá trị")
        name = names.setdefault(fold(typed), typed)
        if name == PLACE_LIST:
            value = _place_code(line, value)
        spellings = line.pieces("Cách viết khác")
        # A spelling of two values would mean whichever was read last.
        line.once("Giá trị", value, seen.setdefault(name, {}))
        for spelling in () if name == PLACE_LIST else spellings:
            line.once("Cách viết khác", spelling, seen[name], "ambiguous")
        lists.setdefault(name, []).append(ListValue(value, spellings, line.meaning("Tính")))
        lines.setdefault(name, []).append(line)
    return Lists(
        {name: tuple(values) for name, values in lists.items()},
        {name: tuple(each) for name, each in lines.items()},
    )


def _place_code(line: ConfigLine, typed: str) -> str:
    """The three digits of a place code, with the zeros that a spreadsheet took away."""
    if not re.fullmatch(r"[0-9]{1,3}", typed):
        line.problem("Giá trị", "place_code", value=shortened(typed))
    return typed.zfill(3)


def _read_fields(
    tab: ConfigTab, lists: Mapping[str, tuple[ListValue, ...]], known: Mapping[str, FieldType]
) -> tuple[tuple[Field, ...], frozenset[str]]:
    """The fields, and the folded names of those that cannot be used as they stand."""
    fields: list[Field] = []
    at_fault: set[str] = set()
    by_fold = {fold(name): name for name in lists}
    codes: dict[str, int] = {}
    names: dict[str, int] = {}
    for line in tab.lines():
        header, spellings = line.needed("Tiêu đề"), line.pieces("Tên khác")
        code = _field_code(line.needed("Mã"), known)
        line.once("Mã", code, codes)
        kind = line.word("Kiểu", FieldType)
        list_name = by_fold.get(fold(line.text("Danh mục")), "")
        list_is_unknown = not list_name and bool(line.text("Danh mục") or (kind and kind.has_list))
        if list_is_unknown and not tab.stands_alone:
            line.unknown_word("Danh mục", line.text("Danh mục"), list(lists))
        used = line.yes("Dùng", True)
        if used:
            line.once("Tiêu đề", header, names)
            for spelling in spellings:
                line.once("Tên khác", spelling, names, "ambiguous")
        if kind is None or list_is_unknown or not _type_fits(line, code, kind, known):
            at_fault |= {fold(name) for name in (header, *spellings)}
        if kind is not None:
            required, help_text = line.yes("Bắt buộc", False), line.text("Hướng dẫn nhập")
            fields.append(Field(code, header, spellings, kind, list_name, required, used, help_text))
    _report_missing_fields(tab, codes, known)
    return tuple(fields), frozenset(at_fault - {""})


def _field_code(typed: str, known: Mapping[str, FieldType]) -> str:
    """A code that the program knows in its own spelling."""
    return next((code for code in known if fold(code) == fold(typed)), typed)


def _type_fits(line: ConfigLine, code: str, kind: FieldType, known: Mapping[str, FieldType]) -> bool:
    """Whether a field has a type that the program can use it with; what stands in computed columns is its own."""
    if code in known:
        allowed = [each for each in FieldType if each is known[code] or {each, known[code]} <= FREE_TYPES]
    else:
        allowed = [each for each in FieldType if each is not FieldType.COMPUTED]
    if kind not in allowed:
        words = listing([each.value for each in allowed])
        line.problem("Kiểu", "field_type", code=shortened(code), value=kind.value, allowed=words)
    return kind in allowed


def _report_missing_fields(tab: ConfigTab, codes: Mapping[str, int], known: Mapping[str, FieldType]) -> None:
    for code in known:
        if tab.has_headers and fold(code) not in codes:
            meant = nearest(code, [each for each in codes if each not in known])
            hint = text("config.similar_code", code=meant, line=codes[meant]) if meant else ""
            tab.problem_at(None, None, "field_missing", code=code, hint=hint)


_KINDS = {
    FieldType.LIST: Kind.LIST,
    FieldType.DATE: Kind.DATE,
    FieldType.NUMBER: Kind.NUMBER,
}


def _subject_of(field: Field, lists: Mapping[str, tuple[ListValue, ...]]) -> Subject:
    kind = _KINDS.get(field.type, Kind.TEXT)
    values = lists.get(field.list_name, ()) if kind is Kind.LIST else ()
    ranks = ranks_of({value.value: value.counts for value in values})
    return Subject(SubjectType.FIELD, field.code, field.header, kind, spellings_of(values), ranks, field.used)


def condition_vocabulary(
    fields: Iterable[Field], lists: Mapping[str, tuple[ListValue, ...]], with_counts: bool
) -> dict[str, Subject]:
    """Everything a condition may speak of: folded header, other spelling or code -> subject.

    `with_counts` adds `Số lỗi` and `Số cảnh báo`, which only a status may ask for.
    """
    # Where a name is taken twice, a header wins over other names, a column in use over one that is not, and the
    # first line over the next.
    inputs = sorted((field for field in fields if field.type.is_input), key=lambda field: not field.used)
    subjects = [(field, _subject_of(field, lists)) for field in inputs]
    vocabulary: dict[str, Subject] = {}
    for field, subject in subjects:
        vocabulary.setdefault(fold(field.header), subject)
    for field, subject in subjects:
        for name in (*field.other_spellings, field.code):
            vocabulary.setdefault(fold(name), subject)
    for field in inputs:
        if field.type.has_list:
            words = words_to_ask_for([value.counts for value in lists.get(field.list_name, ())])
            name = f"Tính của {field.header}"
            effects = {fold(word): word for word in words}
            vocabulary[fold(name)] = Subject(
                SubjectType.EFFECT, field.code, name, Kind.LIST, effects, collected=field.used
            )
    if with_counts:
        for name, kind_of in (("Số lỗi", SubjectType.ERRORS), ("Số cảnh báo", SubjectType.WARNINGS)):
            vocabulary[fold(name)] = Subject(kind_of, "", name, Kind.NUMBER)
    return vocabulary


# --- Quy tắc, Trạng thái, Nhắc việc -----------------------------------------------------------------------


def _read_rules(
    tab: ConfigTab, fields: Sequence[Field], vocabulary: Vocabulary, settings: SettingTexts
) -> tuple[Rule, ...]:
    rules: list[Rule] = []
    codes: dict[str, int] = {}
    for line in tab.lines():
        code = line.needed("Mã")
        line.once("Mã", code, codes)
        mode, severity = line.word("Chế độ", Mode, Mode.ON), line.word("Mức độ", Severity)
        check = _check_of(line)
        about = _fields_of(line, fields, vocabulary, check)
        when = line.condition("Khi", vocabulary, settings)
        # An expression has brackets of its own.
        typed = line.text("Tham số") if check == EXPRESSION else line.with_settings("Tham số", settings)
        message = line.filled_in("Thông báo", settings, PLACEHOLDERS)
        if not line.text("Thông báo"):
            line.problem("Thông báo", "blank", header="Thông báo")
        if not about or check is None or typed is None:
            continue
        fits = _check_fits(line, check, about[0], when)
        parameters = parse_parameters(check, typed, about[0], vocabulary)
        if isinstance(parameters, NotUnderstood):
            line.not_understood("Tham số", parameters)
        elif fits and mode is not None and severity is not None and when is not None and message is not None:
            rules += [Rule(code, mode, severity, field.code, check, parameters, when, message) for field in about]
    return tuple(rules)


EVERY_INPUT_COLUMN = "Mọi cột nhập"
"""In place of a column's header: the rule is made of each of them, as far as the check can be made of it."""


def _fields_of(line: ConfigLine, fields: Sequence[Field], vocabulary: Vocabulary, check: str | None) -> Sequence[Field]:
    """The columns that a rule complains about."""
    if fold(line.text("Cột")) == fold(EVERY_INPUT_COLUMN):
        types = CHECKS[check].types if check else ()
        return [field for field in fields if field.used and field.type in types]
    field = _field_of(line, fields, vocabulary)
    return [field] if field else []


def _field_of(line: ConfigLine, fields: Sequence[Field], vocabulary: Vocabulary) -> Field | None:
    """The column that a rule complains about."""
    subject = vocabulary.get(fold(line.text("Cột")))
    if subject is not None and subject.type is SubjectType.FIELD:
        return next(field for field in fields if field.code == subject.field)
    if not line.speaks_of_excused_columns():
        line.unknown_word("Cột", line.text("Cột"), [field.header for field in fields if field.type.is_input])
    return None


def _check_fits(line: ConfigLine, check: str, field: Field, when: Condition | None) -> bool:
    """Whether the check can be made of the field, under the condition of the line."""
    types = CHECKS[check].types
    if check == CONTRADICTION and when is not None and when.always:
        line.problem("Khi", "condition_missing", check=check)
        return False
    if field.type in types:
        return True
    if not line.speaks_of_excused_columns():
        words = listing([each.value for each in FieldType if each in types])
        line.problem("Cột", "check_type", check=check, header=field.header, kind=field.type.value, allowed=words)
    return False


def _check_of(line: ConfigLine) -> str | None:
    check = next((name for name in CHECKS if fold(name) == fold(line.text("Phép kiểm tra"))), None)
    if check is None:
        line.unknown_word("Phép kiểm tra", line.text("Phép kiểm tra"), list(CHECKS))
    return check


def _check_places(tab: ConfigTab, lists: Mapping[str, tuple[ListValue, ...]], rules: Iterable[Rule]) -> None:
    """Without place codes every number would be blamed."""
    asking = [rule.code for rule in rules if rule.parameters == UNKNOWN_PLACE and rule.mode is not Mode.OFF]
    if asking and tab.has_headers and PLACE_LIST not in lists:
        tab.problem_at(None, None, "list_missing", name=PLACE_LIST, rule=asking[0])


def _read_statuses(
    tab: ConfigTab,
    vocabulary: Vocabulary,
    settings: SettingTexts,
    shipped_labels: Mapping[str, str],
    rules: Sequence[Rule],
) -> tuple[Status, ...]:
    statuses: list[Status] = []
    conditions: list[tuple[float, ConfigLine, Condition]] = []
    orders: dict[str, int] = {}
    codes: dict[str, int] = {}
    labels: dict[str, int] = {}
    lines: list[ConfigLine] = []
    unread = False
    for line in tab.lines():
        lines.append(line)
        order = read_number(line.raw("Thứ tự")) if line.needed("Thứ tự") else None
        if isinstance(order, Unreadable):
            line.problem("Thứ tự", "number", value=shortened(line.text("Thứ tự")))
        if order is None or isinstance(order, Unreadable):
            order = float(line.number)
        else:
            line.once("Thứ tự", as_text(order), orders)
        code, label = line.needed("Mã"), line.needed("Trạng thái")
        line.once("Mã", code, codes)
        line.once("Trạng thái", label, labels)
        counts = line.word("Tính", CountsAs)
        when = line.condition("Khi", vocabulary, settings)
        todo = _read_next_steps(line, vocabulary, settings, rules)
        colour = line.text("Màu").lstrip("#").upper()
        if colour and not re.fullmatch(r"[0-9A-F]{6}", colour):
            line.problem("Màu", "colour", value=shortened(line.text("Màu")))
        unread = unread or when is None
        if when is not None:
            conditions.append((order, line, when))
        if counts is None or when is None or todo is None:
            continue
        statuses.append(Status(order, code, label, when, counts, todo[0], colour, todo[1]))
    _check_status_codes(tab, lines, shipped_labels)
    if not unread:
        _check_total(tab, sorted(conditions, key=lambda each: each[0]))
    return tuple(sorted(statuses, key=lambda status: status.order))


def _remark_on_unreachable_completion(
    tab: ConfigTab, statuses: Iterable[Status], lasting: _Lasting, settings: SettingTexts
) -> None:
    """Point out that nobody can be done, where every status that counts as that asks for a column that is not used.

    What the department counts instead is for the admin to say: the terms that are left are proposed.
    """
    unused = {field.code: field.header for field in lasting.fields if not field.used}
    resting = {fold(status.code): status for status in statuses if unused.keys() & status.when.fields}
    done = [fold(status.code) for status in statuses if status.counts_as is CountsAs.DONE]
    if not all(code in resting for code in done):
        return
    others = listing([status.label for code, status in resting.items() if code not in done])
    for line in tab.lines():
        code = fold(line.text("Mã"))
        if code in done:
            header = next(unused[field] for field in unused if field in resting[code].when.fields)
            kept = _terms_without(unused, line, lasting.with_counts, settings)
            line.remark(
                "Khi",
                "completion_unreachable",
                header=header,
                label=line.text("Trạng thái"),
                instead=text(f"config.completion_unreachable.{'keep' if kept else 'rewrite'}", kept=kept),
                others=text("config.completion_unreachable.others", labels=others) if others else "",
            )


def _terms_without(unused: Mapping[str, str], line: ConfigLine, vocabulary: Vocabulary, settings: SettingTexts) -> str:
    """The terms of a condition that ask for no column that is not used, as typed."""
    terms = [(term, line.condition("Khi", vocabulary, settings, term)) for term in line.text("Khi").split(";")]
    return "; ".join(clean(term) for term, read in terms if read and not unused.keys() & read.fields)


_TODO = "Việc cần làm"


def _read_next_steps(
    line: ConfigLine, vocabulary: Vocabulary, settings: SettingTexts, rules: Sequence[Rule]
) -> tuple[str, tuple[NextStep, ...]] | None:
    """What everybody of a status does next, and what some do instead; None where a part cannot be read."""
    raw = line.raw(_TODO)
    base, typed = split_steps(raw if isinstance(raw, str) else as_text(raw))
    text_of_all = line.filled_in(_TODO, settings, (TO_CORRECT.strip("{}"),), base)
    steps: list[NextStep] = []
    for each in typed:
        if each.setting and not _setting_is(each.setting, settings):
            continue
        words = line.filled_in(_TODO, settings, (), each.text)
        if each.setting:  # it holds for all: what stands below it is for nobody
            text_of_all = words
            break
        rule = next((rule for rule in rules if fold(rule.code) == fold(each.when)), None)
        if rule is None and each.names_a_rule:  # one that was deleted finds nothing
            line.remark(_TODO, "step_without_rule", code=shortened(each.when))
            continue
        when = Condition() if rule else line.condition(_TODO, vocabulary, settings, each.when)
        if words is None or when is None:
            return None
        if rule is None or rule.mode is Mode.ON:
            fault = rule.message.partition("→")[0].partition("{")[0] if rule else ""
            said = clean(fault) if rule else in_words_of_today(each.when, vocabulary)
            steps.append(NextStep(when, rule.code if rule else "", said, words))
    return None if text_of_all is None else (text_of_all, tuple(steps))


def _setting_is(asked: tuple[str, bool, str], settings: SettingTexts) -> bool:
    name, is_equal, value = asked
    return settings.is_set(name, value) is is_equal


def _check_status_codes(tab: ConfigTab, lines: Sequence[ConfigLine], shipped_labels: Mapping[str, str]) -> None:
    """No code that mails rely on may go by another name: they would say less, and nobody would know why.

    A status that mails only mention may be deleted, not so the one of the people whose rows are to be corrected.
    """
    codes = {fold(line.text("Mã")) for line in lines}
    foreign = [line for line in lines if fold(line.text("Mã")) not in _CODES_IN_MAILS | {*map(fold, shipped_labels)}]
    for code, purpose in _PURPOSES.items():
        if fold(code) in codes or not tab.has_headers:
            continue
        why = text(f"config.status_purpose.{purpose}")
        if renamed := _renamed_status(code, foreign, shipped_labels):
            renamed.problem("Mã", "status_renamed", value=shortened(renamed.text("Mã")), code=code, why=why)
        elif code == StatusCode.TO_CORRECT:
            tab.problem_at(None, None, "status_missing", code=code, why=why)


_PURPOSES: Mapping[str, str] = {
    StatusCode.TO_CORRECT: "to_correct",
    **dict.fromkeys(sorted(GOES_TO_THE_POLICE), "police"),
    **dict.fromkeys(sorted(AWAITS_APPROVAL), "approval"),
}
"""What mails rely on a status code for."""
_CODES_IN_MAILS = frozenset(map(fold, _PURPOSES))


def _renamed_status(code: str, foreign: Sequence[ConfigLine], shipped_labels: Mapping[str, str]) -> ConfigLine | None:
    """The line that must have been the status of that code: by its label, or by what it asks for."""
    label = fold(shipped_labels.get(code, ""))
    labelled = (line for line in foreign if label and fold(line.text("Trạng thái")) == label)
    correcting = (line for line in foreign if code == StatusCode.TO_CORRECT and TO_CORRECT in line.text("Việc cần làm"))
    return next(labelled, None) or next(correcting, None)


def _check_total(tab: ConfigTab, ordered: Sequence[tuple[float, ConfigLine, Condition]]) -> None:
    """Every row of inputs must land on exactly one line: one line without a condition, at the end."""
    defaults = [place for place, (_, _, when) in enumerate(ordered) if when.always]
    if not defaults:
        tab.problem_at(None, None, "no_default_status")
        return
    if len(defaults) > 1:
        for place in defaults[:-1]:
            line = ordered[place][1]
            line.problem("Khi", "early_default", code=line.text("Mã"))
        return
    default = ordered[defaults[0]][1].text("Mã")
    for _, line, _ in ordered[defaults[0] + 1 :]:
        line.problem("Thứ tự", "unreachable_status", code=line.text("Mã"), default=default)


def _read_ladder(tab: ConfigTab) -> tuple[Rung, ...]:
    rungs: list[Rung] = []
    codes: dict[str, int] = {}
    for line in tab.lines():
        code, due_text, template = line.needed("Mã"), line.needed("Khi gửi"), line.needed("Mẫu thư")
        line.once("Mã", code, codes)
        mode = line.word("Chế độ", Mode, Mode.ON)
        line.needed("Gửi tới")
        due = line.readable("Khi gửi", read_rung_due)
        condition = line.readable("Điều kiện", read_rung_condition)
        recipients = line.readable("Gửi tới", read_recipients)
        if template and template not in MAIL_TEMPLATES:
            meant = nearest(template, MAIL_TEMPLATES)
            hint = text("config.did_you_mean", word=meant) if meant else ""
            allowed = listing(MAIL_TEMPLATES)
            line.problem("Mẫu thư", "template", value=shortened(template), allowed=allowed, hint=hint)
        if not (mode is None or isinstance(due, str) or isinstance(condition, str) or isinstance(recipients, str)):
            rungs.append(Rung(code, mode, due, condition, recipients, template, due_text))
    return tuple(rungs)


# --- Đơn vị -----------------------------------------------------------------------------------------------


def read_units(tab: ConfigTab) -> tuple[Unit, ...]:
    """The registry, as typed. A unit without a tab title gets one derived from its name."""
    seen: dict[FilledColumn, dict[str, int]] = {column: {} for column in FILLED_IN if column.unique}
    return with_tab_titles([_read_unit(line, seen) for line in tab.lines()])


def _read_unit(line: ConfigLine, seen: Mapping[FilledColumn, dict[str, int]]) -> Unit:
    for column in FILLED_IN:
        if column.needed:
            line.needed(column.header)
    for column, earlier in seen.items():
        line.once(column.header, line.text(column.header), earlier)
    return unit_of({column.field: _registry_cell(line, column) for column in FILLED_IN})


def _as_shown(unit: Unit) -> Unit:
    """The unit as summaries, mails and terminals name it: no name becomes a link or carries a number."""
    person, head = shown(unit.focal_person), shown(unit.head)
    return replace(unit, name=shown(unit.name), group=shown(unit.group), focal_person=person, head=head)


def _registry_cell(line: ConfigLine, column: FilledColumn) -> str | int | None:
    if column.holds is Holds.COUNT:
        return _registry_count(line, column.header)
    if column.holds is Holds.ADDRESSES:
        _report_no_addresses(line, column.header)
    return line.text(column.header)


def _registry_count(line: ConfigLine, header: str) -> int | None:
    count = read_headcount(line.raw(header))
    if isinstance(count, Unreadable):
        line.problem(header, "count", value=shortened(line.text(header)))
        return None
    return count


def _report_no_addresses(line: ConfigLine, header: str) -> None:
    addresses = split_addresses(line.text(header))
    if len(addresses) > MOST_ADDRESSES:
        line.remark(header, "addresses_many", count=len(addresses), most=MOST_ADDRESSES)
    for address in addresses[:MOST_ADDRESSES]:
        if not is_mail_address(address):
            line.problem(header, "address", value=shortened(address))
        elif looks_like_another(address):
            line.remark(header, "address_looks_alike", value=shortened(address))


def with_tab_titles(units: Sequence[Unit]) -> tuple[Unit, ...]:
    """The same units, each with a tab title: its own, or one derived from its name."""
    taken = {unit.tab_title for unit in units if unit.tab_title} | set(tabs.BOT_TABS)
    titled: list[Unit] = []
    for unit in units:
        title = unit.tab_title or derived_tab_title(unit.name, taken)
        taken.add(title)
        titled.append(replace(unit, tab_title=title))
    return tuple(titled)


_NO_LABELS: Mapping[str, str] = {}

# --- all of it --------------------------------------------------------------------------------------------


def read_config(
    tables: ConfigTables,
    known_fields: Mapping[str, FieldType] = KNOWN_FIELDS,
    shipped_labels: Mapping[str, str] = _NO_LABELS,
) -> Config | Refused:
    """The configuration that the tabs hold, or every problem in them.

    A tab that is missing reads as an empty one. What will only be wrong from a day on is a problem now.
    `known_fields`: what the program works with. `shipped_labels`: code -> label of the shipped statuses, by which one
    whose code was changed is known again.
    """
    problems: list[Problem] = []
    remarks: list[Problem] = []
    tab = {title: ConfigTab(title, tables.get(title, ()), problems, remarks) for title in tabs.CONFIG_TABS}
    if any(tab[title].lacks_headers for title in (tabs.SETTINGS, tabs.FIELDS, tabs.LISTS)):
        _read_what_stands_alone(tab, known_fields)
        return Refused(_by_cell(problems))
    lasting = _read_lasting(tab, known_fields)
    first = _read_as_of(tab, ALWAYS, lasting, shipped_labels, None)
    later = [(day, _of_day(tables, day, lasting, shipped_labels, first, problems)) for day in first.days]
    if problems or first.config is None:
        return Refused(_by_cell(problems))
    known = tuple((day, read.config) for day, read in later if read.config)
    return replace(first.config, later=known, remarks=tuple(remarks))


def _by_cell(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, in the order in which a reader comes upon them: by tab, then by cell."""

    def place(problem: Problem) -> tuple[int, int, int]:
        found = problem.place or Place(tabs.SETTINGS)
        return tabs.CONFIG_TABS.index(found.tab), found.row or 0, found.column or 0

    return tuple(sorted(dict.fromkeys(problems), key=place))


def _read_what_stands_alone(tab: Mapping[str, ConfigTab], known_fields: Mapping[str, FieldType]) -> None:
    """Note the problems that are none of a lost header's; most else speaks of what stands below it, and nearly every
    cell would be blamed for it.
    """
    texts = SettingTexts((), {})
    if not tab[tabs.SETTINGS].lacks_headers:
        texts = read_settings(tab[tabs.SETTINGS], ALWAYS).texts()
    lists_lost = tab[tabs.LISTS].lacks_headers
    lists = {} if lists_lost else _read_lists(tab[tabs.LISTS]).values
    if not tab[tabs.FIELDS].lacks_headers:
        tab[tabs.FIELDS].stands_alone = lists_lost
        _read_fields(tab[tabs.FIELDS], lists, known_fields)
    for title in (tabs.RULES, tabs.STATUSES, tabs.PART_RATES):
        tab[title].stands_alone = True
    rules = _read_rules(tab[tabs.RULES], (), {}, texts)
    _read_statuses(tab[tabs.STATUSES], {}, texts, {}, rules)
    read_part_rates(tab[tabs.PART_RATES], (), {}, texts)
    read_documents(tab[tabs.DOCUMENTS])
    _read_ladder(tab[tabs.LADDER])
    read_units(tab[tabs.REGISTRY])


class _Lasting(Struct, frozen=True):
    """What no text of a day changes."""

    fields: tuple[Field, ...]
    at_fault: frozenset[str]
    lists: Lists
    vocabulary: Vocabulary
    with_counts: Vocabulary
    documents: tuple[LegalDocument, ...]
    rungs: tuple[Rung, ...]
    units: tuple[Unit, ...]


def _read_lasting(tab: Mapping[str, ConfigTab], known_fields: Mapping[str, FieldType]) -> _Lasting:
    lists = _read_lists(tab[tabs.LISTS])
    fields, at_fault = _read_fields(tab[tabs.FIELDS], lists.values, known_fields)
    at_fault |= check_ranks(fields, lists.values, lists.lines)
    return _Lasting(
        fields,
        at_fault,
        lists,
        condition_vocabulary(fields, lists.values, with_counts=False),
        condition_vocabulary(fields, lists.values, with_counts=True),
        read_documents(tab[tabs.DOCUMENTS]),
        _read_ladder(tab[tabs.LADDER]),
        read_units(tab[tabs.REGISTRY]),
    )


class _AsOf(Struct, frozen=True):
    """The configuration with the texts of one day, None where it cannot be used, and the days on which texts change."""

    config: Config | None
    raw: Mapping[str, str]
    rules: tuple[Rule, ...]
    days: Sequence[date]


_CHANGING = (tabs.SETTINGS, tabs.RULES, tabs.STATUSES, tabs.PART_RATES)
"""The tabs in which something may be another from a day on."""


def _of_day(
    tables: ConfigTables,
    day: date,
    lasting: _Lasting,
    shipped_labels: Mapping[str, str],
    first: _AsOf,
    problems: list[Problem],
) -> _AsOf:
    tab = {title: ConfigTab(title, tables.get(title, ()), problems) for title in _CHANGING}
    return _read_as_of(tab, day, lasting, shipped_labels, first)


def _read_as_of(
    tab: Mapping[str, ConfigTab],
    day: date,
    lasting: _Lasting,
    shipped_labels: Mapping[str, str],
    first: _AsOf | None,
) -> _AsOf:
    """`first`: what was read of an earlier day; rules that name no text that changed are those of then."""
    settings_tab = read_settings(tab[tabs.SETTINGS], day)
    column_names = frozenset(field_names(lasting.fields))
    for title in (tabs.RULES, tabs.STATUSES, tabs.PART_RATES):
        tab[title].excused, tab[title].column_names = lasting.at_fault, column_names
    resolve_list_settings(settings_tab, lasting.fields, lasting.lists.values)
    resolve_group_targets(settings_tab, lasting.units)
    texts = settings_tab.texts()
    if first is None or tab[tabs.RULES].mentions(_changed(first.raw, settings_tab.raw)):
        rules = _read_rules(tab[tabs.RULES], lasting.fields, lasting.vocabulary, texts)
    else:
        rules = first.rules
    if first is None:
        _check_places(tab[tabs.LISTS], lasting.lists.values, rules)
        check_words(lasting.fields, lasting.lists.values, lasting.lists.lines, rules)
    statuses = _read_statuses(tab[tabs.STATUSES], lasting.with_counts, texts, shipped_labels, rules)
    _remark_on_unreachable_completion(tab[tabs.STATUSES], statuses, lasting, texts)
    part_rates = read_part_rates(tab[tabs.PART_RATES], lasting.fields, lasting.vocabulary, texts)
    settings = settings_tab.settings()
    config = None
    if settings is not None:
        config = Config(
            settings,
            settings_tab.raw,
            lasting.fields,
            lasting.lists.values,
            rules,
            statuses,
            lasting.rungs,
            tuple(map(_as_shown, lasting.units)),
            part_rates,
            lasting.documents,
        )
    return _AsOf(config, settings_tab.raw, rules, settings_tab.days)


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    return [name for name, value in after.items() if before.get(name) != value]
