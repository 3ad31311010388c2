"""Small documents of every type that is taken, and what is needed to break them."""

import io
import zipfile
from collections.abc import Mapping

from domain.bids.document_types import MediaType

PDF = b"%PDF-1.7\nA certificate of origin\n%%EOF\n"
CONTENTS = "[Content_Types].xml"


def archive(parts: Mapping[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return held.getvalue()


def office(main: str, **more: bytes) -> bytes:
    return archive({CONTENTS: b"<Types/>", main: b"<document/>", **more})


OF_TYPE: dict[MediaType, bytes] = {
    MediaType.PDF: PDF,
    MediaType.PNG: b"\x89PNG\r\n\x1a\n" + bytes(40),
    MediaType.JPEG: b"\xff\xd8\xff\xe0" + bytes(40),
    MediaType.DOCX: office("word/document.xml"),
    MediaType.XLSX: office("xl/workbook.xml"),
}
