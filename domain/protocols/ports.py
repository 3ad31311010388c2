"""How a protocol becomes a document."""

from enum import StrEnum
from typing import Protocol

from domain.errors import Titles, Unavailable
from domain.protocols.model import ResultsProtocol


class DocumentLanguage(StrEnum):
    """The languages in which papers of procurement are drawn up."""

    KK = "kk"
    RU = "ru"


class PrinterBusy(Unavailable):
    code = "printer-busy"
    titles = Titles(
        "The document could not be set in time", "Документ не удалось сверстать вовремя", "Құжат уақытында беттелмеді"
    )


class Documents(Protocol):
    def word(self, code: str, language: DocumentLanguage) -> str:
        """A code (``reason.not_eligible``) in words; a code that nobody has put into words stays itself."""

    async def protocol(self, protocol: ResultsProtocol, language: DocumentLanguage) -> bytes:
        """As PDF: the same protocol gives the same bytes. Refuses ``printer-busy``, ``protocol-too-large``."""
