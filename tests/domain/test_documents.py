"""Documents: what is taken by its content, and how a bid may name what was uploaded."""

import struct
from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.bids.document_types import ENTRIES_MAX, TAIL_BYTES, UNPACKED_MAX, Inspection, MediaType
from domain.bids.documents import (
    DOCUMENTS_MAX,
    NAME_MAX,
    DocumentRefused,
    DocumentsRefused,
    check_documents,
    check_uploaded,
)
from domain.bids.model import NamedDocument
from domain.ids import BidDocumentId
from tests.documents import CONTENTS, OF_TYPE, PDF, archive, office

DOCX = OF_TYPE[MediaType.DOCX]
END = b"PK\x05\x06"
ENTRY = b"PK\x01\x02"
NAMED = NamedDocument(id=BidDocumentId(UUID(int=1)), name="Сертификат.pdf", sha256="0a" * 32)


def inspected(chunks: Iterable[bytes]) -> Inspection:
    inspection = Inspection()
    for _ in inspection.watched(chunks):
        pass
    return inspection


def patched(content: bytes, at: int, form: str, value: int) -> bytes:
    changed = bytearray(content)
    struct.pack_into(form, changed, at, value)
    return bytes(changed)


@pytest.mark.parametrize("media_type", list(MediaType))
def test_a_document_is_known_by_its_content_however_it_arrives(media_type: MediaType) -> None:
    content = OF_TYPE[media_type]
    for size in (1, 7, len(content)):
        inspection = inspected(content[start : start + size] for start in range(0, len(content), size))
        assert (inspection.found(), inspection.size) == (media_type, len(content))
        assert inspection.sha256 == sha256(content).hexdigest()


@pytest.mark.parametrize(
    "content",
    [b"MZ\x90\x00" + bytes(60), b"<html>" + bytes(60), b" %PDF-1.7 " + bytes(60), b"GIF89a" + bytes(60), bytes(60)],
)
def test_what_is_of_no_type_is_refused_before_a_second_chunk_is_taken(content: bytes) -> None:
    inspection = Inspection()
    taken: list[bytes] = []
    with pytest.raises(DocumentRefused):
        taken.extend(inspection.watched(iter([content, content])))
    assert (taken, inspection.size) == ([], len(content))


@pytest.mark.parametrize("content", [b"", b"%PD", b"\x89PNG"])
def test_what_ends_before_it_has_begun_is_refused(content: bytes) -> None:
    with pytest.raises(DocumentRefused):
        inspected([content]).found()


TABLE, TAIL = DOCX.index(ENTRY), DOCX.index(END)
BROKEN = {
    "no end": DOCX[:TAIL],
    "its end cut": DOCX[:-1],
    "something after it": DOCX + b"x",
    "something before it": DOCX[:4] + b"x" + DOCX[4:],
    "in parts": patched(DOCX, TAIL + 4, "<H", 1),
    "more entries than there are": patched(patched(DOCX, TAIL + 8, "<H", 3), TAIL + 10, "<H", 3),
    "fewer entries than there are": patched(patched(DOCX, TAIL + 8, "<H", 1), TAIL + 10, "<H", 1),
    "a table elsewhere": patched(DOCX, TAIL + 16, "<L", 0),
    "encrypted": patched(DOCX, TABLE + 8, "<H", 1),
    "of 64 bits": patched(DOCX, TABLE + 24, "<L", 0xFFFFFFFF),
    "unpacking to too much": patched(DOCX, TABLE + 24, "<L", UNPACKED_MAX),
    "no contents": archive({"word/document.xml": b""}),
    "no main part": archive({CONTENTS: b"", "word/other.xml": b""}),
    "two main parts": office("word/document.xml", **{"xl/workbook.xml": b""}),
    "any archive": archive({"readme.txt": b"hello"}),
    "macros": office("word/document.xml", **{"word/vbaProject.bin": b""}),
    "a path": office("word/document.xml", **{"../evil": b""}),
    "an absolute path": office("word/document.xml", **{"/evil": b""}),
    "too many entries": office("word/document.xml", **{f"p{n}": b"" for n in range(ENTRIES_MAX)}),
    "a bomb": office("word/document.xml", **{"word/media": bytes(1024 * 1024)}),
}


@pytest.mark.parametrize("how", list(BROKEN))
def test_an_archive_that_is_not_a_plain_document_is_refused(how: str) -> None:
    with pytest.raises(DocumentRefused):
        inspected([BROKEN[how]]).found()


def test_an_archive_may_be_larger_than_what_is_remembered_of_it() -> None:
    noise = b"".join(sha256(number.to_bytes(4)).digest() for number in range(2 * TAIL_BYTES // 32))
    content = office("xl/workbook.xml", **{"xl/media/photo": noise})
    assert len(content) > TAIL_BYTES
    assert inspected(content[at : at + 65536] for at in range(0, len(content), 65536)).found() is MediaType.XLSX


@given(st.integers(0, len(DOCX) - 1), st.integers(1, 255))
def test_no_archive_breaks_the_inspection(place: int, flip: int) -> None:
    changed = DOCX[:place] + bytes([DOCX[place] ^ flip]) + DOCX[place + 1 :]
    try:
        found = inspected([changed]).found()
    except DocumentRefused:
        return
    assert found in {MediaType.DOCX, MediaType.XLSX}


@pytest.mark.parametrize("name", ["a", "Сертификат № 5 (копия).pdf", "Қосымша.docx", "x" * NAME_MAX, "a.b.c", "😀.png"])
def test_a_name_is_what_people_write(name: str) -> None:
    check_documents((replace(NAMED, name=name),))


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "a ",
        ".bashrc",
        "..",
        "a/b",
        "a\\b",
        "a\nb",
        "a\x00b",
        "a\u202eb",
        "a\u2028b",
        "\ud800",
        "x" * (NAME_MAX + 1),
    ],
)
def test_a_name_is_no_path_and_hides_nothing(name: str) -> None:
    with pytest.raises(DocumentsRefused) as refused:
        check_documents((NAMED, replace(NAMED, id=BidDocumentId(UUID(int=2)), name=name)))
    assert [flaw.pointer for flaw in refused.value.flaws] == ["/documents/1/name"]


def test_a_bid_names_each_document_once_and_not_too_many() -> None:
    many = tuple(replace(NAMED, id=BidDocumentId(UUID(int=number))) for number in range(DOCUMENTS_MAX + 1))
    check_documents(many[:-1])
    for documents in (many, (NAMED, NAMED)):
        with pytest.raises(DocumentsRefused):
            check_documents(documents)
    with pytest.raises(DocumentsRefused) as refused:
        check_documents((replace(NAMED, sha256="0A" * 32),))
    assert [flaw.pointer for flaw in refused.value.flaws] == ["/documents/0/sha256"]


def test_a_bid_names_only_what_its_bidder_has_uploaded() -> None:
    other = replace(NAMED, id=BidDocumentId(UUID(int=2)))
    check_uploaded((NAMED, other), frozenset({NAMED.id, other.id}))
    with pytest.raises(DocumentsRefused) as refused:
        check_uploaded((NAMED, other), frozenset({NAMED.id}))
    assert [flaw.pointer for flaw in refused.value.flaws] == ["/documents/1/id"]


def test_a_pdf_is_taken_as_it_is() -> None:
    assert b"".join(Inspection().watched([PDF[:3], PDF[3:]])) == PDF
