"""Files of registers to test with: headings in Russian, rows that are right unless told otherwise."""

import csv
import io
from typing import Any

from xlsxwriter import Workbook

from domain.registries.records import Register

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BIN = "950440001673"
OTHER_BIN = "020240000555"
HEADERS: dict[Register, list[str]] = {
    Register.PRODUCERS: [
        "Номер заявки", "БИН/ИИН", "Наименование", "ОКЭД", "КАТО", "Адрес производства", "Эл. почта", "Телефон",
        "Продукция", "Мощность, ед./год", "ТН ВЭД", "КПВЭД", "ЕНС ТРУ", "АГСК-3", "ДВЦ, %", "Уровень локализации",
        "Дата включения",
    ],
    Register.CT_KZ: [
        "Серия", "Номер", "БИН", "Наименование", "Кем выдан", "Товар", "Код ТН ВЭД", "Код КПВЭД", "Процент",
        "Дата выдачи", "Срок действия",
    ],
    Register.INDUSTRIAL_CERTIFICATES: [
        "№ сертификата", "БИН", "Наименование", "Продукция", "Код ЕНС ТРУ", "Мощность", "Дата выдачи", "Действует до",
    ],
    Register.UNRELIABLE_STATE: ["№ п/п", "БИН", "Поставщик", "Дата включения", "Дата окончания", "Основание"],
    Register.UNRELIABLE_QUASI: ["БСН", "Атауы", "Енгізілген күні", "Мерзімі аяқталатын күн", "Себебі"],
    Register.UNRELIABLE_FUND: ["BIN", "Name", "Listed on", "Until", "Reason"],
    Register.KATO: ["Код", "Наименование", "Атауы", "Код родителя", "Уровень"],
    Register.ENS_TRU: ["Код ЕНС ТРУ", "Наименование", "Характеристика", "Единица измерения"],
}  # fmt: skip
ROWS: dict[Register, list[Any]] = {
    Register.PRODUCERS: [
        "KTP-1", BIN, "ТОО «Швея»", "14120", "631010000", "Өскемен, 1", "a@b.example", "+7 7232 000000",
        "Костюм рабочий", "12 000", "6203110000", "14.12.11", "141211.290.000016", "", "45,5", "высокий", "10.01.2026",
    ],
    Register.CT_KZ: [
        "KZ", "0123456", BIN, "ТОО «Швея»", "НПП", "Рубашка", "6205200000", "14.14.13", "62.50 %", "2025-01-10",
        "2025-12-31",
    ],
    Register.INDUSTRIAL_CERTIFICATES: [
        "IC-7", BIN, "ТОО «Швея»", "Блейзер", "141413.900.000014", 5000, "10.01.2025", "31.12.2025",
    ],
    Register.UNRELIABLE_STATE: [1, BIN, "ТОО «Швея»", "29.02.2024", "", "уклонение"],
    Register.UNRELIABLE_QUASI: [BIN, "«Швея» ЖШС", "2026-03-01", "2028-03-01", "себеп"],
    Register.UNRELIABLE_FUND: [BIN, "Shveya LLP", "2025-07-01", "", ""],
    Register.KATO: ["631010000", "Усть-Каменогорск Г.А.", "Өскемен Қ.Ә.", "630000000", "2"],
    Register.ENS_TRU: ["141211.290.000016", "Костюм", "мужской, от общих загрязнений", "комплект"],
}  # fmt: skip


def row(register: Register, **changes: Any) -> list[Any]:
    """The register's row with cells changed by the number of their column: ``c1=...``."""
    cells = list(ROWS[register])
    for name, value in changes.items():
        cells[int(name.removeprefix("c"))] = value
    return cells


def separated(*rows: list[Any], delimiter: str = ";") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode()


def book(*rows: list[Any], name: str = "Sheet1") -> bytes:
    """A workbook; text that begins with ``=`` becomes a formula."""
    content = io.BytesIO()
    with Workbook(content, {"in_memory": True, "default_date_format": "dd.mm.yyyy"}) as made:
        sheet = made.add_worksheet(name)
        for number, cells in enumerate(rows):
            sheet.write_row(number, 0, cells)
    return content.getvalue()


def file_of(register: Register, *rows: list[Any]) -> bytes:
    return separated(HEADERS[register], *(rows or (ROWS[register],)))
