"""Documents in memory, for tests and for an application that is assembled without a place for them."""

from collections.abc import Iterator
from contextlib import contextmanager

from domain.bids.ports import Vault
from domain.ids import BidDocumentId
from domain.sealing.documents import Write


class MemoryOfDocuments:
    def __init__(self) -> None:
        self.kept: dict[BidDocumentId, bytes] = {}

    @contextmanager
    def keeping(self, id: BidDocumentId) -> Iterator[Write]:
        content = bytearray()
        yield content.extend
        self.kept[id] = bytes(content)

    def chunks(self, id: BidDocumentId) -> Iterator[bytes]:
        if id in self.kept:
            yield self.kept[id]

    def remove(self, id: BidDocumentId) -> None:
        self.kept.pop(id, None)


def memory_vault() -> Vault:
    return Vault(sealed=MemoryOfDocuments(), opened=MemoryOfDocuments())
