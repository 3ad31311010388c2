"""Facts of every kind for laws and replays: each draw stays near the edges on which rules turn."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from adapters.procedures.files import shipped
from domain.ids import Bin, EnsTru, EvidenceId, OrganizationId
from domain.organizations.evidence import Evidence, EvidenceType, Verification
from domain.organizations.facts import Facts, LineFact, PortalWord, Stage, WorkshopFact
from domain.organizations.model import OrganizationStatus
from domain.procedures.catalogue import Procedures
from domain.procedures.rules import Rules
from domain.registries.answers import UnreliableEntry
from domain.registries.records import EVIDENCE, LISTS
from domain.registries.standing import ListEntry, ListState, RegisteredEvidence

DAY = date(2026, 11, 24)
OWN, FOREIGN = Bin("200140000004"), Bin("200240000008")
CODES = (EnsTru("141211.290.000016"), EnsTru("141321.210.000000"))
STRICT = {"unchecked": "bid:refuse award:refuse signing:refuse", "local_content_min": "50"}
RULES = tuple(
    Rules(Procedures(shipped(), {package: values}).find(package).pinned(method))
    for package, values in (("samruk-category", {}), ("samruk-category", STRICT), ("private", {}))
    for method in (None, *Procedures(shipped()).find(package).methods)
)


def _near(random: Random) -> date:
    return DAY + timedelta(days=random.choice((-400, -8, -7, -1, 0, 1, 7, 400)))


def _period(random: Random) -> tuple[date, date]:
    begins, ends = sorted((_near(random), _near(random)))
    return begins, ends


def _state(random: Random) -> date | None:
    return random.choice((None, DAY - timedelta(days=8), DAY - timedelta(days=7), DAY))


def random_evidence(random: Random, facts: Facts | None = None) -> Evidence:
    begins, ends = _period(random)
    return Evidence(
        id=EvidenceId(UUID(int=random.getrandbits(128))),
        holder_id=facts.organization_id if facts else OrganizationId(UUID(int=7)),
        holder_bin=random.choice((OWN, OWN, OWN, FOREIGN)),
        type=random.choice(list(EvidenceType)),
        number=f"N-{random.randrange(4)}",
        issuer="Registry",
        product_codes=tuple(random.sample(("141211", "141321", "1412"), random.randint(1, 3))),
        local_content=Decimal(random.choice(("0.00", "49.99", "50.00", "62.50"))),
        declared_capacity=random.choice((1, 399, 400, 10_000)),
        valid_from=begins,
        valid_until=ends,
        verification=random.choice(list(Verification)),
        recorded_at=datetime(2026, 1, 1, tzinfo=UTC),
        revoked_on=random.choice((None, None, None, _near(random))),
    )


def _registered(random: Random) -> RegisteredEvidence:
    begins, ends = _period(random)
    register = random.choice(list(EVIDENCE))
    return RegisteredEvidence(
        register=register,
        type=EVIDENCE[register],
        key=f"K-{random.getrandbits(32)}",
        number=f"n-{random.randrange(4)}",
        issuer="Registry",
        product_codes=random.choice((("141211290000016",), ("141321",), ())),
        local_content=random.choice((None, Decimal("49.99"), Decimal("50.00"))),
        declared_capacity=random.choice((None, 399, 10_000)),
        valid_from=begins,
        valid_until=random.choice((None, ends)),
        as_of=_state(random) or DAY,
    )


def _list(random: Random) -> ListState:
    begins, ends = _period(random)
    entry = ListEntry(key="1", name="Ertis", listed_on=begins, until=ends, reason=random.choice((None, "evaded")))
    as_of = _state(random)
    return ListState(as_of=as_of, entries=(entry,) if as_of and random.random() < 0.3 else ())


def _portal(random: Random) -> PortalWord:
    at = datetime(2026, 11, 24, 6, tzinfo=UTC)
    answered = random.choice((None, at, at - timedelta(days=7), at - timedelta(days=8)))
    begins, ends = _period(random)
    entry = UnreliableEntry(name="Ertis", since=random.choice((None, begins)), until=random.choice((None, ends)))
    failed = random.random() < 0.3
    return PortalWord(
        answered_at=answered,
        entries=(entry,) if answered and random.random() < 0.3 else (),
        failed_at=at if failed else None,
        failure="did not answer" if failed else None,
    )


def random_facts(random: Random) -> Facts:
    stage = random.choice(list(Stage))
    workshop = WorkshopFact(
        minutes_per_week=Decimal("60000.00"),
        minutes_booked=Decimal(random.choice(("0", "59999.99", "99999.00"))),
        due_on=_near(random),
    )
    return Facts(
        organization_id=OrganizationId(UUID(int=7)),
        bin=OWN,
        status=random.choice((OrganizationStatus.CONFIRMED,) * 8 + tuple(OrganizationStatus)),
        buyer_id=OrganizationId(UUID(int=random.choice((8, 8, 8, 8, 7)))),
        stage=stage,
        on=DAY,
        lines=tuple(
            LineFact(
                line=number,
                ens_tru=random.choice(CODES),
                pieces=random.choice((0, 1, 200, 400)),
                standard_minutes=Decimal(random.choice(("20.00", "0.5"))),
            )
            for number in range(1, random.randint(2, 4))
        ),
        workshop=random.choice((workshop, workshop, None)),
        evidence=tuple(random_evidence(random) for _ in range(random.randrange(4))),
        registered=tuple(_registered(random) for _ in range(random.randrange(3))),
        as_of={register: _state(random) for register in EVIDENCE},
        lists={register: _list(random) for register in LISTS},
        portal=_portal(random),
        awarded_pieces=random.choice(({}, {"141211": 1}, {"141321": 10_000})),
        affiliates=random.choice(((), (), ("address", "bank account"))) if stage.after_opening else None,
        invited=random.choice((None, True, False)),
        prequalified=random.choice((None, None, True, False)),
    )
