"""A buyer's own values for the unverified figures of a package, within their bounds.

A tender takes them when it is drafted, revised and published, and keeps them from then on; later settings are for later
tenders.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Protocol

from domain.actors import Actor
from domain.events import By, Event
from domain.ids import OrganizationId, ProcedureSettingsId
from domain.procedures.catalogue import Procedures
from domain.procedures.package import Package


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureConfigured(Event):
    """``values`` are all that the buyer has set now, and not only what changed."""

    type: ClassVar[str] = "procedure.configured"
    subject: ClassVar[str] = "procedure_settings"
    procedure: str
    values: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureSettings:
    """``values`` is parameter -> value; every other figure is the package's. One for a buyer and a package."""

    id: ProcedureSettingsId
    buyer_id: OrganizationId
    procedure: str
    configured_at: datetime
    values: dict[str, str]
    version: int = 0

    def configure(
        self, values: Mapping[str, str], package: Package, *, by: By, at: datetime
    ) -> tuple["ProcedureSettings", ProcedureConfigured]:
        """Replace all values. Refuses (``parameter-refused``) what the package does not let a buyer change."""
        package.configured(values, by="the buyer")
        event = ProcedureConfigured(subject_id=self.id, by=by, at=at, procedure=self.procedure, values=dict(values))
        return replace(self, values=dict(values), configured_at=at), event


class SettingsStore(Protocol):
    async def find(self, buyer_id: OrganizationId, procedure: str) -> ProcedureSettings | None:
        """What this buyer has set, if anything."""

    async def save(self, entity: ProcedureSettings, *, because: Event) -> ProcedureSettings: ...


class SettingsQueries(Protocol):
    async def settings(self, actor: Actor, procedure: str) -> ProcedureSettings | None:
        """What the actor's own organisation has set."""


class Settled(Protocol):
    """The part of a unit of work that knows settings."""

    procedure_settings: SettingsStore


async def configured(work: Settled, procedures: Procedures, id: str, buyer_id: OrganizationId) -> Package:
    """The package as this buyer has set it. Refuses an unknown one (``unknown-procedure``), and settings that a newer
    version of the package no longer allows (``parameter-refused``): the buyer sets them anew.
    """
    package = procedures.find(id)
    settings = await work.procedure_settings.find(buyer_id, id)
    return package if settings is None else package.configured(settings.values, by="the buyer")
