"""One contract for verifiers: nothing is called verified that nobody checked. The stub never verifies."""

import base64
import json
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from typing import Any

import pytest

from adapters.registries.client import Patience, RegistryClient
from adapters.registries.fakes import NO_VERIFIER, NoVerifier
from adapters.registries.ncanode import NcaNode
from domain.registries.answers import Revocation
from domain.registries.model import Question, Registry
from domain.registries.ports import SignatureVerifier
from tests.adapters.registry_server import PUBLISHED, RegistryServer, serving

CMS, DATA = b"a signature", b"a contract"
DIGEST = sha256(DATA).hexdigest()
PERSONAL = "900101300017"
VERIFY, EXTRACT = "POST /cms/verify", "POST /cms/extract"


@pytest.fixture(scope="module")
async def running() -> AsyncIterator[tuple[RegistryServer, NcaNode]]:
    async with serving() as server:
        client = RegistryClient(Registry.NCANODE, server.base, patience=Patience(attempts=1, failures_to_open=1000))
        yield server, NcaNode(client)
        await client.close()


@pytest.fixture
def server(running: tuple[RegistryServer, NcaNode]) -> RegistryServer:
    running[0].forget()
    return running[0]


@pytest.fixture
def node(running: tuple[RegistryServer, NcaNode], server: RegistryServer) -> NcaNode:
    return running[1]


@pytest.fixture(params=["stub", "real"])
def verifier(request: pytest.FixtureRequest, node: NcaNode) -> SignatureVerifier:
    return NoVerifier() if request.param == "stub" else node


async def test_every_report_names_what_was_signed_and_where_it_comes_from(verifier: SignatureVerifier) -> None:
    answered = await verifier.verify(CMS, data=DATA, data_sha256=DIGEST)
    assert answered.value.data_sha256 == DIGEST
    assert answered.value.verified is (answered.value.reason is None)
    came_from = answered.provenance
    assert (came_from.question, came_from.subject) == (Question.SIGNATURE, sha256(CMS).hexdigest())
    assert (came_from.sha256 is None) is (answered.value.verified_by is None)


async def test_what_cannot_be_read_is_not_verified(verifier: SignatureVerifier, server: RegistryServer) -> None:
    server.lay(VERIFY, {"status": 400, "json": {"status": 400, "message": "Malformed content."}})
    answered = await verifier.verify(b"rubbish", data=DATA, data_sha256=DIGEST)
    assert (answered.value.verified, answered.value.signers) == (False, ())


async def test_data_of_another_digest_are_not_verified(verifier: SignatureVerifier) -> None:
    assert not (await verifier.verify(CMS, data=DATA, data_sha256="0" * 64)).value.verified


async def test_the_stub_verifies_nothing_and_says_so() -> None:
    report = (await NoVerifier().verify(CMS, data=DATA, data_sha256=DIGEST)).value
    assert (report.verified, report.verified_by, report.reason) == (False, None, NO_VERIFIER)


async def test_a_good_signature_is_verified_with_its_signer_and_without_a_personal_number(
    node: NcaNode, server: RegistryServer
) -> None:
    answered = await node.verify(CMS, data=DATA, data_sha256=DIGEST)
    report = answered.value
    assert (report.verified, report.verified_by, report.reason) == (True, "ncanode", None)
    (signer,) = report.signers
    assert (signer.name, signer.bin, signer.key_users) == ("ТЕСТОВ ТЕСТ", "950440001673", ("CEO", "ORGANIZATION"))
    assert signer.revocation is Revocation.GOOD
    assert (signer.valid_from.isoformat(), signer.valid_until.year) == ("2026-05-02T08:38:13+00:00", 2027)
    assert PERSONAL not in repr(answered) + json.dumps(report.facts())
    asked = json.loads(server.seen[0][2])
    assert asked["revocationCheck"] == ["OCSP"]
    assert base64.b64decode(asked["data"]) == DATA


async def test_a_signature_is_asked_about_anew_each_time(node: NcaNode, server: RegistryServer) -> None:
    for _ in range(2):
        assert not (await node.verify(CMS, data=DATA, data_sha256=DIGEST)).provenance.from_cache
    assert server.attempts(VERIFY) == 2


def holds(content: bytes) -> dict[str, Any]:
    return {"status": 200, "json": {"status": 200, "message": "OK", "data": base64.b64encode(content).decode()}}


async def test_a_signature_over_other_content_is_not_verified_though_the_node_calls_it_valid(
    node: NcaNode, server: RegistryServer
) -> None:
    """NCANode does not look at ``data`` where the CMS carries its own content."""
    server.lay(EXTRACT, holds(b"another contract"))
    report = (await node.verify(CMS, data=DATA, data_sha256=DIGEST)).value
    assert (report.verified, report.reason) == (False, "the signed content is not the given data")
    server.lay(EXTRACT, holds(DATA))
    assert (await node.verify(CMS, data=DATA, data_sha256=DIGEST)).value.verified
    assert (await node.verify(CMS, data=None, data_sha256=DIGEST)).value.verified


async def test_a_detached_signature_needs_its_data(node: NcaNode) -> None:
    report = (await node.verify(CMS, data=None, data_sha256=DIGEST)).value
    assert (report.verified, report.reason) == (False, "the signature is detached: its data are needed")


def certificate(document: Any) -> Any:
    return document["signers"][0]["certificates"][0]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda answer: answer.update(signers=[]), "no signer"),
        (lambda answer: answer["signers"][0].update(certificates=[]), "no signer"),
        (lambda answer: answer.update(valid=False), "not valid"),
        (lambda answer: certificate(answer).update(keyUsage="AUTH"), "not for signing"),
        (lambda answer: certificate(answer).update(revocations=[]), "could not be checked"),
        (lambda answer: certificate(answer).pop("revocations"), "could not be checked"),
    ],
)
async def test_valid_is_not_taken_for_verified(
    node: NcaNode, server: RegistryServer, change: Callable[[Any], None], reason: str
) -> None:
    server.changed(VERIFY, change)
    report = (await node.verify(CMS, data=DATA, data_sha256=DIGEST)).value
    assert not report.verified
    assert reason in (report.reason or "")
    assert server.attempts(EXTRACT) == 0


async def test_a_revoked_certificate_is_told(node: NcaNode, server: RegistryServer) -> None:
    def revoked(answer: Any) -> None:
        answer["valid"] = certificate(answer)["valid"] = False
        certificate(answer)["revocations"][0]["revoked"] = True

    server.changed(VERIFY, revoked)
    report = (await node.verify(CMS, data=DATA, data_sha256=DIGEST)).value
    assert (report.verified, report.reason) == (False, "a certificate is revoked")
    assert report.signers[0].revocation is Revocation.REVOKED


async def test_a_persons_own_key_has_no_bin(node: NcaNode, server: RegistryServer) -> None:
    assert PUBLISHED[VERIFY]["valid"]
    server.changed(VERIFY, lambda answer: certificate(answer)["subject"].pop("bin"))
    assert (await node.verify(CMS, data=DATA, data_sha256=DIGEST)).value.signers[0].bin is None
