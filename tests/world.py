"""A small world to test in: the real application on the test database, met through its HTTP face."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from fastapi import FastAPI

from adapters.banking.transfer import BankTransferGateway
from adapters.postgres.engine import Database
from adapters.postgres.intake import Intakes, PostgresIntake
from adapters.postgres.log import Log
from adapters.postgres.work import Transactions, Units
from adapters.procedures.files import installed, shipped
from adapters.sealing.deployment import AnswerKeeping, ConsentLetters, HmacBidderTags, HmacVerdictSalts
from adapters.sealing.keyring import Keyring
from adapters.sealing.sodium import SodiumSigner
from adapters.sealing.wrapping import FileKeyWrapper
from adapters.signing.ed25519 import Signer
from api.app import create_app
from api.application import Application
from api.deployment import Outgoing
from api.main import assemble
from domain.actors import OrganizationKind, Role
from domain.bids.ports import Vault
from domain.calendar import legal_day
from domain.ids import Bin, Kato
from domain.organizations.registering import OrganizationForm, PersonForm
from domain.payments.model import PaymentMethod
from domain.payments.ports import PaymentGateway
from domain.procedures.catalogue import Procedures
from domain.registries.ports import Registries
from domain.registries.records import LISTS, Register
from domain.scenarios.ports import Solver
from tests.numbers import bins
from tests.registers import CSV, file_of, row

PACKAGES = (*shipped(), *installed(Path(__file__).parent / "packages"))
CONFIGURATION = {id: {"bid_period_min": "PT1S"} for id in ("private", "samruk-category", "among-producers")}
KEYRING = Keyring(
    signer=SodiumSigner(b"s" * 32),
    tags=HmacBidderTags(b"d" * 32),
    answers=AnswerKeeping(b"d" * 32),
    letters=ConsentLetters(b"d" * 32),
    salts=HmacVerdictSalts(b"d" * 32),
    wrapper=FileKeyWrapper(b"k" * 32),
)
"""Of every world, because they share a database."""
CODE = "141413.900.000014"
PUBLISHED_SECONDS_MIN = 2.0
Json = dict[str, Any]
_BINS = bins("270140")
_NUMBERS = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Databases(Database):
    """What the API has of a database; beside it what the worker has, and the owner, who may set anything right or
    wrong.
    """

    worker: Database
    owner: Database


class QuickPasswords:
    """Stands in for Argon2, whose cost is its purpose and not what is tested here."""

    async def hash(self, password: str) -> str:
        return sha256(password.encode()).hexdigest()

    async def matches(self, password: str, password_hash: str | None) -> bool:
        return password_hash == sha256(password.encode()).hexdigest()


class Member:
    """A client that speaks for one member of one organisation."""

    def __init__(self, http: httpx.AsyncClient, token: str | None, id: str, bin: str) -> None:
        self._http = http
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.id = id
        self.bin = bin

    async def get(self, path: str, **query: Any) -> httpx.Response:
        return await self._http.get(path, params=query, headers=self.headers)

    async def post(self, path: str, body: Json | None = None, **headers: str) -> httpx.Response:
        keyed = self.headers | {"Idempotency-Key": str(uuid4())} | {k.replace("_", "-"): v for k, v in headers.items()}
        return await self._http.post(path, json=body or {}, headers=keyed)

    async def upload(self, path: str, content: bytes, **headers: str) -> httpx.Response:
        keyed = self.headers | {"Idempotency-Key": str(uuid4())} | {k.replace("_", "-"): v for k, v in headers.items()}
        return await self._http.post(path, content=content, headers=keyed)

    async def put(self, path: str, body: Json, **headers: str) -> httpx.Response:
        named = {k.replace("_", "-"): v for k, v in headers.items()}
        return await self._http.put(path, json=body, headers=self.headers | named)

    async def delete(self, path: str) -> httpx.Response:
        return await self._http.delete(path, headers=self.headers)

    async def made(self, path: str, body: Json | None = None, **headers: str) -> Json:
        response = await self.post(path, body, **headers)
        assert response.status_code == httpx.codes.CREATED, response.text
        answer: Json = response.json()
        return answer

    async def read(self, path: str, **query: Any) -> Json:
        response = await self.get(path, **query)
        assert response.status_code == httpx.codes.OK, response.text
        answer: Json = response.json()
        return answer

    async def step(self, path: str, body: Json | None = None, *, of: str) -> Json:
        return await self.made(path, body, If_Match=(await self.get(of)).headers["ETag"])


class World:
    def __init__(
        self, app: FastAPI, application: Application, worker: Application, http: httpx.AsyncClient, database: Database
    ) -> None:
        self.app = app
        self.database = database
        self.application = application
        self.worker = worker
        self.http = http
        self.public = Member(http, None, "", "")

    async def member(self, kind: OrganizationKind, roles: tuple[Role, ...] | None = None) -> Member:
        """A confirmed organisation of this kind; its founder, or a member who holds just ``roles``."""
        number = next(_NUMBERS)
        bin = Bin(next(_BINS))
        form = OrganizationForm(
            bin=bin,
            kind=kind,
            name=f"{kind} {number}",
            kato=Kato("631010000"),
            address=f"{number} Street",
            phone=f"+7 7232 {number:06d}",
            email=f"o{number}@world.example",
        )
        founder = PersonForm(email=f"p{number}@world.example", name=f"Person {number}", password="p" * 12)
        registered = await self.application.registering.register(form, founder, by_operator=True)
        issued = await self.application.signing_in.sign_in(email=founder.email, password=founder.password)
        first = Member(self.http, issued.token, str(registered.organization.id), bin)
        if roles is None:
            return first
        email = f"m{number}@world.example"
        body = {"email": email, "name": "Member", "password": "p" * 12, "roles": [str(role) for role in roles]}
        await first.made("/v1/members", body)
        issued = await self.application.signing_in.sign_in(email=email, password="p" * 12)
        return Member(self.http, issued.token, first.id, bin)

    async def buyer(self) -> Member:
        return await self.member(OrganizationKind.BUYER)

    async def registry(self) -> Member:
        return await self.member(OrganizationKind.REGISTRY)

    async def supplier(self, *, codes: tuple[str, ...] = ("141413",), capacity: int = 100_000, **more: Any) -> Member:
        """A described workshop with a verified register extract, unless ``codes`` is empty."""
        supplier = await self.member(OrganizationKind.SUPPLIER)
        profile = {
            "kato": "631010000", "products": ["school_shirt"], "operators": 50, "shift_minutes": 480, "shifts": 1,
            "working_days": 5, "efficiency": "0.50",
        }  # fmt: skip
        assert (await supplier.put("/v1/workshop", profile, If_Match='"0"')).status_code == httpx.codes.OK
        if codes:
            registry = await self.registry()
            await registry.made("/v1/evidence", evidence(supplier.bin, codes=codes, capacity=capacity, **more))
        return supplier

    async def imports(self, register: Register, *rows: list[Any], as_of: date | None = None) -> None:
        """The whole of a register, as of today unless told otherwise."""
        registry = await self.registry()
        day = as_of or legal_day(datetime.now(UTC))
        headers = registry.headers | {"Idempotency-Key": str(uuid4()), "Content-Type": CSV}
        answer = await self.http.post(
            f"/v1/registers/{register}/imports",
            content=file_of(register, *rows),
            params={"as_of": day.isoformat(), "accept_removals": "true"},
            headers=headers,
        )
        assert answer.status_code == httpx.codes.CREATED, answer.text

    async def lists(self, *banned: str, as_of: date | None = None) -> None:
        """The lists of unreliable participants, as of today unless told otherwise; these BINs stand in the state's."""
        for register in LISTS:
            bins = banned if register is Register.UNRELIABLE_STATE else ()
            entries = (row(register, c1=bin, c3="01.06.2026") for bin in bins)
            await self.imports(register, row(register), *entries, as_of=as_of)

    async def published(self, buyer: Member, *, seconds: float = 3600, **more: Any) -> Json:
        """Never so soon that a busy machine would publish with less than the least time for bids, a second."""
        draft = await buyer.made("/v1/tenders", tender(**more))
        path = f"/v1/tenders/{draft['id']}"
        closes_at = (
            (datetime.now(UTC) + timedelta(seconds=max(seconds, PUBLISHED_SECONDS_MIN)))
            .isoformat()
            .replace("+00:00", "Z")
        )
        return await buyer.step(f"{path}/publication", {"closes_at": closes_at}, of=path)

    async def opened(self, tender: Json) -> Json:
        """Wait for the deadline and touch the tender."""
        while True:
            seen = await self.public.read(f"/v1/tenders/{tender['id']}")
            if seen["status"] not in {"published", "closed"}:
                return seen
            await asyncio.sleep(0.05)


def evidence(bin: str, *, codes: tuple[str, ...] = ("141413",), capacity: int = 100_000, **more: Any) -> Json:
    return {
        "holder_bin": bin, "type": "register_extract", "number": f"R-{next(_NUMBERS)}", "issuer": "Registry",
        "product_codes": list(codes), "local_content": "50.00", "declared_capacity": capacity,
        "valid_from": "2026-01-10", "valid_until": "2030-12-31", **more,
    }  # fmt: skip


def tender(
    *, procedure: str = "samruk-category", pieces: int = 100, price: str = "3600.00", lots: int = 1, **more: Any
) -> Json:
    """Lots alike, each with one line in two sizes and two places."""
    half = pieces // 2
    line = {
        "name": "Shirt", "ens_tru": CODE, "kind": "school_shirt", "unit": "796", "standard_minutes": "20.00",
        "planned_price": price, "grid": "child", "sizes": {"122": half, "128": pieces - half},
    }  # fmt: skip
    places = [
        {"name": name, "kato": "631010000", "address": name, "due_on": "2027-08-20", "sizes": {"1": sizes}}
        for name, sizes in (("North", {"122": half}), ("South", {"128": pieces - half}))
    ]
    allocated = f"{float(price) * pieces:.2f}"
    lot = {"title": "Shirts", "allocated": allocated, "lines": [line], "places": places} | more
    return {"title": "Shirts for schools", "procedure": procedure, "lots": [lot] * lots}


def bid(price: str = "3300.00", **more: Any) -> Json:
    return {"lots": [{"lot": 1, "lines": [{"line": 1, "unit_price": price, **more}]}]}


def agreement(made: Json, *, terms: int = 2) -> Json:
    """A confirmation: the bidder brings back what he was answered with his bid."""
    return {"terms": terms, "copy": made["copy"], "nonce": made["nonce"]}


@asynccontextmanager
async def built(
    database: Database,
    gateways: dict[PaymentMethod, PaymentGateway] | None = None,
    *,
    procedures: Procedures | None = None,
    registries: Registries | None = None,
    outgoing: Outgoing | None = None,
    units: Units = Transactions,
    intakes: Intakes = PostgresIntake,
    keyring: Keyring = KEYRING,
    log: Log | None = None,
    vault: Vault | None = None,
    checkpoint: Callable[[], str | None] = lambda: None,
    solver: Solver | None = None,
    **parameters: str,
) -> AsyncIterator[World]:
    """``parameters`` are configured for the package ``among-producers``."""
    among = {"among-producers": CONFIGURATION["among-producers"] | parameters}
    known = procedures or Procedures(PACKAGES, CONFIGURATION | among)
    offered = gateways or {PaymentMethod.BANK_TRANSFER: BankTransferGateway()}

    signer = Signer.fresh("oimaq.localhost/log")

    def assembled(database: Database) -> Application:
        return assemble(
            database,
            QuickPasswords(),
            known,
            offered,
            keyring=keyring,
            registries=registries,
            outgoing=outgoing,
            units=units,
            intakes=intakes,
            log=log or Log.of(database, signer),
            vault=vault,
            checkpoint=checkpoint,
            solver=solver,
        )

    application = assembled(database)
    worker = assembled(database.worker) if isinstance(database, Databases) else application
    app = create_app(application)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://world") as http:
        yield World(app, application, worker, http, database)
