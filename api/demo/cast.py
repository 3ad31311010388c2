"""The cast: who takes part, registered, confirmed, described, with the evidence they have."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import httpx

from api.demo.client import Client, Json, expect
from api.demo.inputs import PASSWORD, evidence, organisations, profile, registration
from api.demo.processes import Processes
from api.demo.tables import done, table

SUPPLIERS_READY = 8
BY_COMMAND = frozenset({"registry", "auditor"})
"""Kinds that do not register themselves."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Clients and ids by the keys of the data; ``public`` has no credentials."""

    public: Client
    clients: dict[str, Client]
    ids: dict[str, str]
    names: dict[str, str]
    bins: dict[str, str]

    def __getitem__(self, key: str) -> Client:
        return self.clients[key]

    def name(self, organization_id: str) -> str:
        return next(self.names[key] for key, id in self.ids.items() if id == organization_id)


def assemble(processes: Processes, http: httpx.Client, *, today: date) -> Cast:
    """Registry and auditor by the command line, everybody else by HTTP; the registry confirms and records evidence."""
    everybody = organisations()
    public = Client(http)
    ids: dict[str, str] = {}
    clients: dict[str, Client] = {}
    with ThreadPoolExecutor() as threads:
        list(threads.map(lambda each: _operator(processes, each), (o for o in everybody if o["kind"] in BY_COMMAND)))
    for each in everybody:
        if each["kind"] not in BY_COMMAND:
            answer = public.post("/v1/registrations", registration(each))
            ids[each["key"]] = answer["organization"]["id"]
        session = public.post("/v1/sessions", {"email": each["email"], "password": PASSWORD})
        clients[each["key"]] = Client(http, session["token"])
    done(f"{len(everybody)} organisations signed in, by BINs whose check digits were verified")
    registry = clients["registry"]
    for id in ids.values():
        expect(registry.post(f"/v1/organizations/{id}/confirmation", {})["status"] == "confirmed", "confirmation")
    done("the registry confirmed the founders")
    _producers(everybody, clients, registry, today)
    return Cast(
        public=public,
        clients=clients,
        ids=ids,
        names={each["key"]: each["name"] for each in everybody},
        bins={each["key"]: each["bin"] for each in everybody},
    )


def _operator(processes: Processes, organisation: Json) -> None:
    names = ("kind", "bin", "name", "email", "kato", "address", "phone")
    options = [option for name in names for option in (f"--{name}", organisation[name])]
    processes.run("operator", *options, "--password-stdin", stdin=PASSWORD + "\n")


def _producers(everybody: list[Json], clients: dict[str, Client], registry: Client, today: date) -> None:
    rows = []
    for each in everybody:
        if "profile" not in each:
            continue
        described = clients[each["key"]].put("/v1/workshop", profile(each), version='"0"')
        proof = "none"
        if "codes" in each:
            recorded = registry.post("/v1/evidence", evidence(each, today=today))
            proof = f"{recorded['type']} until {recorded['valid_until']}, {recorded['local_content']} %"
        rows.append((each["name"], each["kato"][:2], described["operators"], described["minutes_per_week"], proof))
    expect(len(rows) == SUPPLIERS_READY + 2, "eight workshops, a reseller, an expired certificate")
    table(
        "Suppliers",
        ("supplier", "region", "operators", "minutes a week", "evidence of domestic production"),
        rows,
        numeric=(2, 3),
    )


def wait_for(what: str, ready: object, *, seconds: float) -> None:
    """Poll ``ready`` until it says yes; the story fails when it takes too long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if callable(ready) and ready():
            return
        time.sleep(0.1)
    expect(condition=False, message=f"{what} took more than {seconds} s")
