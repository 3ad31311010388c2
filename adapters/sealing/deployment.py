"""What the deployment's secret is for: names for bidders that tell nothing, answers kept so that only who repeats a
request can read them, letters that say who agreed to whose consortium, and salts of commitments. Each use has a key of
its own, derived from the secret (HMAC-SHA256).
"""

import hmac
import json
from uuid import UUID

from nacl.secret import Aead

from domain.consortia.model import Parties
from domain.ids import ConsentId, OrganizationId, PersonId, TenderId, VerdictId
from domain.work import Answer

_TAGS, _ANSWERS, _CONSENTS = b"oimaq-bidder-tags/1\n", b"oimaq-kept-answers/1\n", b"oimaq-consents/1\n"
_SALTS = b"oimaq-verdict-salts/1\n"
_NAME, _FINGERPRINT, _CONTENT = b"name\n", b"fingerprint\n", b"content\n"


class HmacBidderTags:
    """HMAC of tender and bidder: who has the database alone can neither name a bidder nor find him in two tenders."""

    def __init__(self, secret: bytes) -> None:
        self._key = _derived(secret, _TAGS)

    def of(self, tender_id: TenderId, bidder_id: OrganizationId) -> bytes:
        return _derived(self._key, tender_id.bytes + bidder_id.bytes)


class ConsentLetters:
    """Who agreed to whom; each letter is bound to its consent, and all are of one length."""

    def __init__(self, secret: bytes) -> None:
        self._aead = Aead(_derived(secret, _CONSENTS))

    def sealed(self, id: ConsentId, parties: Parties) -> bytes:
        named = parties.leader_id.bytes + parties.member_id.bytes + parties.person_id.bytes
        return bytes(self._aead.encrypt(named, id.bytes))

    def opened(self, id: ConsentId, letter: bytes) -> Parties:
        named = self._aead.decrypt(letter, id.bytes)
        leader, member, person = (UUID(bytes=named[start : start + 16]) for start in (0, 16, 32))
        return Parties(leader_id=OrganizationId(leader), member_id=OrganizationId(member), person_id=PersonId(person))


class HmacVerdictSalts:
    """HMAC of the verdict's id: a bundle that is written again has the same commitments, and nobody tries out facts."""

    def __init__(self, secret: bytes) -> None:
        self._key = _derived(secret, _SALTS)

    def of(self, verdict_id: VerdictId) -> bytes:
        return _derived(self._key, verdict_id.bytes)


class AnswerKeeping:
    """Opens a ``KeptUnder`` for each command."""

    def __init__(self, secret: bytes) -> None:
        self._key = _derived(secret, _ANSWERS)

    def under(self, organization_id: OrganizationId, key: str) -> "KeptUnder":
        return KeptUnder(_derived(self._key, organization_id.bytes + key.encode()))


class KeptUnder:
    """One kept answer, as it is stored. All of it follows from the organisation, the client's idempotency key, which is
    stored nowhere, and the deployment's secret: the database alone tells neither.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.name = _derived(key, _NAME)

    def fingerprint(self, request: bytes) -> bytes:
        """The request's fingerprint, which is a hash of what could be guessed."""
        return _derived(_derived(self._key, _FINGERPRINT), request)

    def sealed(self, answer: Answer) -> bytes:
        head = json.dumps({"status": answer.status, "headers": answer.headers}).encode()
        return bytes(self._aead().encrypt(head + b"\n" + answer.body, self.name))

    def opened(self, sealed: bytes) -> Answer:
        head, body = self._aead().decrypt(sealed, self.name).split(b"\n", 1)
        return Answer(body=body, **json.loads(head))

    def _aead(self) -> Aead:
        return Aead(_derived(self._key, _CONTENT))


def _derived(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")
