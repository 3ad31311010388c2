"""Taking over: an announcement of the caller's own becomes a draft tender through the ordinary drafting."""

from dataclasses import dataclass

from domain.registries.announcing import AnnouncementNotFound, ByHand, LeftOut, take_over
from domain.registries.asking import Asking
from domain.registries.model import Provenance
from domain.tenders.model import Tender
from domain.tenders.tendering import Tendering
from domain.work import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    tender: Tender
    left_out: tuple[LeftOut, ...]
    provenance: Provenance

    @property
    def version(self) -> int:
        return self.tender.version


class TakingOver:
    def __init__(self, asking: Asking, tendering: Tendering) -> None:
        self._asking = asking
        self._tendering = tendering

    async def draft(self, number: str, given: ByHand, *, command: Command) -> None:
        """Ask for the announcement, then draft; ``command.answer`` is rendered from an ``Imported``.

        Refuses an announcement that is not there (``announcement-not-found``), not the caller's, or that does not make
        a draft (``announcement-refused``), and whatever drafting refuses.
        """
        async with self._asking.looking(command) as work:
            buyer = (await work.organizations.get(command.by.organization_id)).bin
        answered = await self._asking.announcement(number, by=command.by)
        if answered.value is None:
            raise AnnouncementNotFound(f"The register has no announcement {number}")
        taken = take_over(answered.value, given, buyer=buyer)
        render = command.render
        drafting = Command(by=command.by, key=command.key, fingerprint=command.fingerprint)
        if render is not None:
            drafting.render = lambda tender: render(
                Imported(tender=tender, left_out=taken.left_out, provenance=answered.provenance)
            )
        await self._tendering.draft(taken.form, command=drafting)
        command.answer = drafting.answer
