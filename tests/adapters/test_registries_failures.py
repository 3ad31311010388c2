"""Every question x every recorded failure, over a real socket; every published answer with one thing changed."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from hashlib import sha256
from typing import Any

import pytest

from adapters.registries.client import Patience, RegistryClient
from adapters.registries.goszakup import Goszakup
from adapters.registries.ncanode import NcaNode
from adapters.registries.statistics import StatisticsOffice
from domain.ids import Bin
from domain.registries.model import Answered, Outcome, Registry, RegistryAnswerRefused, RegistryUnavailable
from tests.adapters.registry_server import Json, RegistryServer, data, serving

KNOWN = Bin("950440001673")
ANNOUNCEMENT = "16744298-1"
CMS, DATA = b"a signature", b"a contract"
QUICK = Patience(
    connect_seconds=0.5,
    read_seconds=0.25,
    total_seconds=3.0,
    pause_first_seconds=0.001,
    pause_max_seconds=0.002,
    pause_jitter_seconds=0.001,
    retry_after_max_seconds=0.1,
    body_bytes_max=100_000,
    failures_to_open=10_000,
    remember_seconds=0.0,
)
Ask = Callable[[], Awaitable[Answered[Any]]]


class Asked:
    """The five questions on a client each, and the request that each begins with."""

    def __init__(self, base: str, patience: Patience = QUICK) -> None:
        self.clients = [
            RegistryClient(registry, base, token="a-token-of-this-test", patience=patience) for registry in Registry
        ]
        goszakup, statistics, ncanode = self.clients
        portal, office, node = Goszakup(goszakup), StatisticsOffice(statistics), NcaNode(ncanode)
        self.questions: dict[str, tuple[str, Ask]] = {
            "subject": (f"GET /v3/subject/biin/{KNOWN}", lambda: portal.subject(KNOWN)),
            "unreliable": (f"GET /v3/rnu/{KNOWN}", lambda: portal.unreliable(KNOWN)),
            "announcement": (f"GET /v3/trd-buy/number-anno/{ANNOUNCEMENT}", lambda: portal.announcement(ANNOUNCEMENT)),
            "company": (f"GET /api/juridical/counter/api/?bin={KNOWN}&lang=ru", lambda: office.company(KNOWN)),
            "signature": (
                "POST /cms/verify",
                lambda: node.verify(CMS, data=DATA, data_sha256=sha256(DATA).hexdigest()),
            ),
        }

    async def close(self) -> None:
        for client in self.clients:
            await client.close()


@pytest.fixture(scope="module")
async def running() -> AsyncIterator[tuple[RegistryServer, Asked]]:
    async with serving() as server:
        asked = Asked(server.base)
        yield server, asked
        await asked.close()


@pytest.fixture
def server(running: tuple[RegistryServer, Asked]) -> RegistryServer:
    running[0].forget()
    return running[0]


@pytest.fixture
def asked(running: tuple[RegistryServer, Asked]) -> Asked:
    """Remembers nothing and opens no circuit, so that no test depends on another."""
    return running[1]


async def outcome_of(ask: Ask) -> tuple[Outcome, str]:
    try:
        await ask()
    except RegistryUnavailable as refusal:
        return Outcome.UNAVAILABLE, refusal.detail
    except RegistryAnswerRefused as refusal:
        return Outcome.MALFORMED, refusal.detail
    return Outcome.ANSWERED, ""


@pytest.mark.parametrize("failure", data("failures"), ids=lambda failure: failure["name"])
@pytest.mark.parametrize("question", ["subject", "unreliable", "announcement", "company", "signature"])
async def test_a_failure_is_what_it_is_and_is_asked_as_often_as_it_may_pass(
    server: RegistryServer, asked: Asked, question: str, failure: Json
) -> None:
    key, ask = asked.questions[question]
    server.lay(key, *failure["replies"])
    outcome, error = await outcome_of(ask)
    assert outcome == failure["outcome"], error
    assert failure.get("error", "") in error
    assert server.attempts(key) == failure["attempts"]
    assert "a-token-of-this-test" not in error


@pytest.mark.parametrize("lie", data("lies"), ids=lambda lie: f"{lie['question']}: {lie['error']}")
async def test_an_answer_that_has_changed_or_is_about_another_is_refused_by_its_place(
    server: RegistryServer, asked: Asked, lie: Json
) -> None:
    def change(document: Any) -> None:
        *path, last = lie["at"]
        for step in path:
            document = document[step]
        if lie.get("drop"):
            del document[last]
        else:
            document[last] = lie["value"]

    server.changed(lie["path"], change)
    if lie["path"] == "POST /cms/extract":
        server.replies[lie["path"]][0]["status"] = 400
    outcome, error = await outcome_of(asked.questions[lie["question"]][1])
    assert outcome is Outcome.MALFORMED, error
    assert lie["error"] in error
    assert not any(number in error for number in ("020240000555", "950440001674", "900101300017")), error


@pytest.mark.parametrize("question", ["subject", "unreliable", "announcement", "company", "signature"])
async def test_nobody_listening_is_an_outage(question: str) -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        asked = Asked(f"http://127.0.0.1:{unheard.getsockname()[1]}")
        outcome, error = await outcome_of(asked.questions[question][1])
        await asked.close()
    assert (outcome, "cannot be reached" in error) == (Outcome.UNAVAILABLE, True)


async def test_one_deadline_covers_all_requests_of_a_question(server: RegistryServer) -> None:
    asked = Asked(server.base, Patience(read_seconds=30.0, total_seconds=0.1))
    server.lay("GET /v3/plans/view/7002", {"hang": True})
    outcome, error = await outcome_of(asked.questions["announcement"][1])
    await asked.close()
    assert (outcome, error) == (Outcome.UNAVAILABLE, "goszakup did not answer in time")


async def test_after_failures_in_a_row_nobody_is_asked_until_one_probe_succeeds(server: RegistryServer) -> None:
    now = [0.0]
    client = RegistryClient(
        Registry.STATISTICS,
        server.base,
        patience=Patience(attempts=1, failures_to_open=2, open_seconds=30.0),
        clock=lambda: now[0],
    )
    office = StatisticsOffice(client)
    server.everywhere = {"status": 500, "text": ""}
    for _ in range(5):
        with pytest.raises(RegistryUnavailable):
            await office.company(KNOWN)
    assert len(server.seen) == 2
    now[0] = 30.0
    with pytest.raises(RegistryUnavailable):
        await office.company(KNOWN)
    assert len(server.seen) == 3
    now[0], server.everywhere = 60.0, None
    assert (await office.company(KNOWN)).value is not None
    assert (await office.company(Bin("020240000555"))).value is None
    await client.close()


async def test_the_token_is_sent_to_the_registry_and_stands_in_no_repr(server: RegistryServer, asked: Asked) -> None:
    await asked.questions["subject"][1]()
    assert server.seen[0][1]["authorization"] == "Bearer a-token-of-this-test"
    assert "a-token" not in repr(asked.clients[0]) + repr(vars(asked.clients[0]))
