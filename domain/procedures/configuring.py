"""Configuring: a buyer sets its own values for what a rule package leaves open."""

from collections.abc import Mapping

from domain.errors import StaleVersion
from domain.events import By
from domain.ids import NewId, ProcedureSettingsId
from domain.procedures.catalogue import Procedures
from domain.procedures.settings import ProcedureSettings
from domain.work import Begin, Command


class Configuring:
    def __init__(self, begin: Begin, procedures: Procedures, new_id: NewId) -> None:
        self._begin = begin
        self._procedures = procedures
        self._new_id = new_id

    async def configure(
        self, procedure: str, values: Mapping[str, str], *, version: int, command: Command
    ) -> ProcedureSettings:
        """Create (``version`` 0) or replace the settings of the caller's organisation as a whole."""
        package = self._procedures.find(procedure)
        async with self._begin(command) as work:
            buyer_id = command.by.organization_id
            at = await work.now()
            present = await work.procedure_settings.find(buyer_id, procedure) or ProcedureSettings(
                id=ProcedureSettingsId(self._new_id()),
                buyer_id=buyer_id,
                procedure=procedure,
                configured_at=at,
                values={},
            )
            if present.version != version:
                raise StaleVersion(f"You read version {version}, it is {present.version} now", passes="a fresh read")
            settings, event = present.configure(values, package, by=By.actor(command.by), at=at)
            return work.answers(await work.procedure_settings.save(settings, because=event))
