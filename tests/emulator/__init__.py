"""Google Sheets on a port of this machine, strict where Google is strict, for tests.

    with Emulator() as emulator:
        sheet = emulator.new_spreadsheet({"Danh sách": [["Họ và tên"], ["Trần Văn An"]]})
        ...  # point the program at emulator.host, let sheet.human do things, look at sheet.rows("Danh sách")

What it knows is graded in its tests: (D) documented, (C) recorded traffic, (M) measured, (S) read in source,
(R) reported, (I) inferred. What it does not know it refuses with 501 rather than guess in silence.
"""

from tests.emulator.cells import Cell, CellError
from tests.emulator.emulator import Emulator
from tests.emulator.faults import Fault
from tests.emulator.human import Human, HumanRefused
from tests.emulator.journal import Record
from tests.emulator.readings import Readings
from tests.emulator.spreadsheet import Look, Spreadsheet

__all__ = [
    "Cell",
    "CellError",
    "Emulator",
    "Fault",
    "Human",
    "HumanRefused",
    "Look",
    "Readings",
    "Record",
    "Spreadsheet",
]
