"""Workbook files of other programs, written part by part."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

STYLES = f"""<styleSheet xmlns="{MAIN}">\
<numFmts count="1"><numFmt numFmtId="170" formatCode="[h]:mm"/></numFmts>\
<fonts count="1"><font><sz val="11"/><name val="Arial"/></font></fonts>\
<fills count="1"><fill><patternFill patternType="none"/></fill></fills>\
<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="5">\
<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>\
<xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0"/>\
<xf numFmtId="170" fontId="0" fillId="0" borderId="0" xfId="0"/>\
<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0"><alignment horizontal="right"/></xf>\
<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"><alignment wrapText="1"/></xf>\
</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""
"""Format 0 is plain, 1 a date, 2 a span of time, 3 text aligned right, 4 wraps."""

STRINGS = f"""<sst xmlns="{MAIN}"><si><t>Trần Văn An</t></si>\
<si><r><t>Lê </t></r><r><rPr><b/></rPr><t xml:space="preserve">Thị Cúc</t></r><rPh sb="0" eb="2"><t>đọc</t></rPh></si>\
<si><t/></si><si><t>a_x000D_b</t></si></sst>"""


def sheet_xml(rows: str, before: str = "", after: str = "", namespace: str = MAIN) -> str:
    """A worksheet with these `<row>`s."""
    return f'<worksheet xmlns="{namespace}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def write_file(
    path: Path,
    sheets: Mapping[str, str | bytes],
    *,
    styles: str | None = STYLES,
    workbook_properties: str = "",
    extra: Mapping[str, str] | None = None,
    chain: bool = False,
    namespace: str = MAIN,
) -> Path:
    """A workbook with these sheets (title to XML) and the shared strings `STRINGS`; `extra` parts as they are."""
    titles = list(sheets)
    parts = {
        "[Content_Types].xml": _content_types(len(titles), chain),
        "_rels/.rels": _relationships({"rId1": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": f'<workbook xmlns="{namespace}" xmlns:r="{RELATIONSHIPS}">{workbook_properties}<sheets>'
        + "".join(f'<sheet name="{title}" sheetId="{n}" r:id="s{n}"/>' for n, title in enumerate(titles, 1))
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _relationships(
            {f"s{n}": ("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(titles) + 1)}
            | {"t": ("sharedStrings", "/xl/sharedStrings.xml")}
            | ({"f": ("styles", "styles.xml")} if styles else {})
            | ({"c": ("calcChain", "calcChain.xml")} if chain else {})
        ),
        "xl/sharedStrings.xml": STRINGS,
        **({"xl/styles.xml": styles} if styles else {}),
        **({"xl/calcChain.xml": f'<calcChain xmlns="{MAIN}"><c r="A1" i="1"/></calcChain>'} if chain else {}),
        **{f"xl/worksheets/sheet{n}.xml": sheets[title] for n, title in enumerate(titles, 1)},
        **(extra or {}),
    }
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def parts_of(path: Path) -> dict[str, bytes]:
    """Every part of the file by name, in the order of the file."""
    with ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _relationships(targets: Mapping[str, tuple[str, str]]) -> str:
    return (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        + "".join(
            f'<Relationship Id="{identity}" Type="{RELATIONSHIPS}/{kind}" Target="{target}"/>'
            for identity, (kind, target) in targets.items()
        )
        + "</Relationships>"
    )


def _content_types(sheets: int, chain: bool) -> str:
    kinds = {"workbook.xml": "sheet.main", "sharedStrings.xml": "sharedStrings", "styles.xml": "styles"}
    kinds |= {f"worksheets/sheet{n}.xml": "worksheet" for n in range(1, sheets + 1)}
    kinds |= {"calcChain.xml": "calcChain"} if chain else {}
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        + "".join(f'<Override PartName="/xl/{n}" ContentType="{_TYPE}.{kind}+xml"/>' for n, kind in kinds.items())
        + "</Types>"
    )
