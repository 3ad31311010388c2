"""What the log is asked for, and what it declines."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import ClassVar, Protocol
from uuid import UUID

from domain.actors import Actor
from domain.errors import Conflict, Invalid, NotFound, Titles, Unavailable
from domain.events import Event
from domain.ids import EventId
from domain.log.checkpoints import Checkpoint, PublicKey
from domain.log.examining import Fault
from domain.log.leaves import Disclosure
from domain.log.tree import Hash


class NotInLog(NotFound):
    """Also for sealed events of others: before the opening they are nowhere to be found."""

    code = "not-in-log"
    titles = Titles("The log does not hold this", "В журнале этого нет", "Журналда бұл жоқ")


class LogIsEmpty(NotFound):
    code = "log-is-empty"
    titles = Titles("Nothing was signed yet", "Ещё ничего не подписано", "Әлі ештеңеге қол қойылмаған")


class WrongTreeSize(Invalid):
    code = "wrong-tree-size"
    titles = Titles("There is no such size of the log", "У журнала не было такого размера", "Журналда мұндай өлшем жоқ")


class HistoryLost(Unavailable):
    """The database does not hold what was signed and handed out: it is older, or another one."""

    code = "history-lost"
    titles = Titles(
        "The database lacks signed history; writing waits for an operator",
        "В базе данных нет подписанной истории; запись ждёт оператора",
        "Дерекқорда қол қойылған тарих жоқ; жазу операторды күтуде",
    )


class LogDamaged(Unavailable):
    """What is stored is not what was signed: nothing more is signed until a person has looked (``oimaq verify``)."""

    code = "log-damaged"
    titles = Titles("The log is damaged", "Журнал повреждён", "Журнал бүлінген")


class NothingLost(Conflict):
    code = "nothing-lost"
    titles = Titles("No history is missing", "История не утрачена", "Тарих жоғалған жоқ")


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLossAcknowledged(Event):
    """An operator goes on without what ``size`` and ``root`` name; this stands in the log for ever."""

    type: ClassVar[str] = "log.loss_acknowledged"
    subject: ClassVar[str] = "log"
    size: int
    root: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCheckpoint:
    checkpoint: Checkpoint
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLeaf:
    """A leaf of the public tree: ``data`` are the bytes that are hashed."""

    index: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclusion:
    leaf: LogLeaf
    size: int
    root: Hash
    path: tuple[Hash, ...]
    disclosed: dict[str, Disclosure] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency:
    old: int
    new: int
    path: tuple[Hash, ...]


class LogQueries(Protocol):
    """The public tree only; sizes are those of signed checkpoints or less."""

    key: PublicKey

    async def checkpoint(self) -> SignedCheckpoint:
        """The newest. Refuses ``log-is-empty``."""

    async def inclusion(self, reader: Actor | None, id: EventId, *, size: int | None) -> Inclusion:
        """``size`` None is the newest checkpoint's. Fields are disclosed to auditors (of what was never sealed) and to
        the organisation that caused the event. Refuses ``not-in-log``, ``wrong-tree-size``.
        """

    async def consistency(self, *, old: int, new: int) -> Consistency:
        """Refuses ``wrong-tree-size`` unless ``0 < old <= new <=`` the newest checkpoint's size."""

    async def leaves(self, *, begin: int, limit: int) -> list[LogLeaf]:
        """From index ``begin`` on, below the newest checkpoint's size."""


class Sequencer(Protocol):
    async def advance(self) -> int:
        """Number what is due, at most one batch, and sign it; returns how many events it numbered. Two at once are
        harmless: one of them does nothing.
        """


class History(Protocol):
    """What an operator may do with the log."""

    async def acknowledge(self, reason: str) -> HistoryLossAcknowledged:
        """Go on with a database that lacks signed history. Refuses ``nothing-lost``."""

    async def examine(self) -> Fault | None:
        """Compare every stored event with both trees and every checkpoint; the first fault."""

    def exported(self) -> AsyncIterator[str]:
        """The public log as JSON lines, see ``domain.log.exporting``."""


def loss_id(note: str) -> UUID:
    """What an acknowledgement is about: the lost note, as the id of the event's subject."""
    return UUID(bytes=sha256(note.encode()).digest()[:16])
