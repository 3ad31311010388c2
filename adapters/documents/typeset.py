"""Documents as PDF, set by Typst from a template that holds no text of its own; the same document, the same bytes.

Typst needs processor time and no network, so it works in threads of its own: two documents at a time, a few that wait,
and nobody waits for ever. A page takes some 50 ms.
"""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from adapters.documents.blocks import Writer
from adapters.documents.words import word
from domain.protocols.model import ResultsProtocol
from domain.protocols.ports import DocumentLanguage, PrinterBusy

TEMPLATE = Path(__file__).parent / "document.typ"
AT_ONCE, WAITING_MAX = 2, 16
SECONDS_MAX = 20.0


class TypstDocuments:
    """Satisfies ``domain.protocols.ports.Documents``."""

    def __init__(self, *, seconds_max: float = SECONDS_MAX) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="typst")
        self._seconds_max = seconds_max
        self._under_way = 0

    def word(self, code: str, language: DocumentLanguage) -> str:
        return word(code, language)

    async def protocol(self, protocol: ResultsProtocol, language: DocumentLanguage) -> bytes:
        protocol.must_be_printable()
        if self._under_way >= WAITING_MAX:
            raise PrinterBusy(f"{self._under_way} documents are being set", passes="the same request a little later")
        self._under_way += 1
        setting = self._threads.submit(_set, protocol, language)
        setting.add_done_callback(self._done)
        try:
            async with asyncio.timeout(self._seconds_max):
                return await asyncio.wrap_future(setting)
        except TimeoutError as error:
            raise PrinterBusy(f"Not set within {self._seconds_max} s", passes="format=json") from error

    def _done(self, _setting: object) -> None:
        """Also after whoever asked has gone: a thread that is setting cannot be stopped, and still takes a place."""
        self._under_way -= 1


def _set(protocol: ResultsProtocol, language: DocumentLanguage) -> bytes:
    return printed(Writer(language).document(protocol), at=protocol.evaluated_at)


def printed(document: dict[str, Any], *, at: datetime) -> bytes:
    """``at`` is the document's date, in place of the clock's."""
    return typst.compile(
        TEMPLATE,
        root=TEMPLATE.parent,
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(document, ensure_ascii=False, default=list)},
        format="pdf",
        timestamp=int(at.timestamp()),
    )


@cache
def _fonts() -> typst.Fonts:
    """Those that Typst brings along, and none of the machine's: it would be another document elsewhere."""
    return typst.Fonts(include_system_fonts=False)
