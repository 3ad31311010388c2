"""The wired application: every service and query port that a route, the worker or the command line may ask for."""

from dataclasses import dataclass

from domain.organizations.ports import OrganizationQueries
from domain.organizations.registering import Registering
from domain.organizations.signing_in import SigningIn


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    registering: Registering
    signing_in: SigningIn
    organizations: OrganizationQueries
