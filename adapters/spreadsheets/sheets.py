"""An uploaded file, read as a table: CSV or XLSX, decided by its content and never by its name."""

import hashlib

from adapters.spreadsheets.separated import read_separated
from adapters.spreadsheets.workbook import OLD_OFFICE, ZIP, read_workbook
from domain.tenders.need import BYTES_MAX, Sheet, SheetUnreadable

CSV_TYPE = "text/csv"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TYPES = f"{CSV_TYPE} or {XLSX_TYPE}"


def read_rows(content: bytes, media_type: str) -> Sheet:
    """The table in ``content``, at most ``ROWS_MAX`` rows and one more, so that the limit is refused where it stands.

    Blocks for up to a few seconds; run it in a thread. Refuses (``sheet-unreadable``) files above ``BYTES_MAX``,
    of another type than declared, encrypted, malformed, or that would grow too large when unpacked.
    """
    declared = media_type.partition(";")[0].strip().lower()
    if declared not in {CSV_TYPE, XLSX_TYPE}:
        raise SheetUnreadable(f"{declared[:100]!r} is not a type of table", passes=_TYPES)
    if not content:
        raise SheetUnreadable("The file is empty", passes=_TYPES)
    if len(content) > BYTES_MAX:
        raise SheetUnreadable(f"The file has {len(content)} bytes", passes=f"at most {BYTES_MAX} bytes")
    if content.startswith(OLD_OFFICE):
        raise SheetUnreadable(
            "The file is encrypted with a password, or an old .xls", passes="an .xlsx without a password, or CSV"
        )
    if content.startswith(ZIP) != (declared == XLSX_TYPE):
        actual = "a ZIP archive" if content.startswith(ZIP) else "no XLSX"
        raise SheetUnreadable(f"The file was sent as {declared} but its content is {actual}", passes=_TYPES)
    digest = hashlib.sha256(content).hexdigest()
    return (read_workbook if declared == XLSX_TYPE else read_separated)(content, digest)


class FileSheets:
    """The port ``Sheets`` over CSV and XLSX."""

    def rows(self, content: bytes, media_type: str) -> Sheet:
        return read_rows(content, media_type)
