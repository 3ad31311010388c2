"""NCANode v3 (``POST /cms/verify``, ``/cms/extract``; JSON with Base64): checks signatures of the national
certification centre, with revocation by OCSP.

Three traps, each closed here. NCANode ignores ``data`` where the CMS carries its own content, so the content is
extracted and compared. It answers ``valid: true`` for a CMS without signers, or with signers whose certificate is
missing. And 400 means that it cannot read the CMS, which is an answer about the CMS and no outage.
"""

import base64
import hashlib
from typing import Annotated, Any, Literal

import httpx
from pydantic import StringConstraints

from adapters.registries.client import Conversation, RegistryClient, Reply
from adapters.registries.reading import (
    Camel,
    Digits,
    Line,
    MaybeLine,
    Moment,
    Published,
    parsed,
    refused,
    shaped,
    the_bin,
)
from domain.registries.answers import Revocation, SignatureReport, Signer
from domain.registries.model import Answered, Question, Registry

VERIFIER = "ncanode"
_HERE = Registry.NCANODE
_Word = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9_]{1,40}$")]


class _Checked(Published):
    revoked: bool
    by: Literal["OCSP", "CRL"]


class _Holder(Camel):
    """The subject of a certificate without ``iin`` and ``dn``, which hold the number of a person."""

    common_name: Line
    organization: MaybeLine = None
    bin: Digits | None = None


class _Certificate(Camel):
    valid: bool
    revocations: list[_Checked] | None = None
    not_before: Moment
    not_after: Moment
    key_usage: _Word
    key_user: list[_Word] | None = None
    subject: _Holder


class _Signer(Published):
    certificates: list[_Certificate]


class _Verified(Published):
    valid: bool
    signers: list[_Signer]


class _Extracted(Published):
    data: str


class NcaNode:
    def __init__(self, client: RegistryClient) -> None:
        self._client = client

    async def verify(self, cms: bytes, *, data: bytes | None, data_sha256: str) -> Answered[SignatureReport]:
        """Never remembered: a certificate may be revoked at any moment."""

        async def find(conversation: Conversation) -> SignatureReport:
            return await _verify(conversation, cms, data, data_sha256)

        subject = hashlib.sha256(cms).hexdigest()
        return await self._client.ask(Question.SIGNATURE, subject, find, remember=False)


async def _verify(conversation: Conversation, cms: bytes, data: bytes | None, data_sha256: str) -> SignatureReport:
    if data is not None and hashlib.sha256(data).hexdigest() != data_sha256:
        return _not_verified("the data do not have this SHA-256", data_sha256)
    packed = base64.b64encode(cms).decode()
    body: dict[str, Any] = {"cms": packed, "revocationCheck": ["OCSP"]}
    if data is not None:
        body["data"] = base64.b64encode(data).decode()
    reply = await conversation.post("/cms/verify", body)
    if reply.status == httpx.codes.BAD_REQUEST:
        _must_be_an_error(reply)
        return _not_verified(
            "NCANode cannot read the signature, or it is detached and its data are missing", data_sha256
        )
    answer = shaped(_HERE, _Verified, reply.must_be_ok().json)
    certificates = [certificate for signer in answer.signers for certificate in signer.certificates]
    signers = tuple(_signer(certificate) for certificate in certificates)
    reason = _why_not(answer, certificates)
    if reason is None:
        reason = await _other_content(conversation, packed, data, data_sha256)
    return SignatureReport(
        verified=reason is None, verified_by=VERIFIER, reason=reason, data_sha256=data_sha256, signers=signers
    )


def _why_not(answer: _Verified, certificates: list[_Certificate]) -> str | None:
    """None where NCANode's word holds; refuses an answer that contradicts itself."""
    if not answer.signers or any(not signer.certificates for signer in answer.signers):
        return "the signature has no signer with a certificate"
    revoked = any(check.revoked for certificate in certificates for check in certificate.revocations or ())
    if answer.valid and (revoked or not all(certificate.valid for certificate in certificates)):
        raise refused(_HERE, "the answer contradicts itself")
    if revoked:
        return "a certificate is revoked"
    if not answer.valid:
        return "NCANode says that it is not valid"
    if not all(certificate.revocations for certificate in certificates):
        return "the revocation of a certificate could not be checked"
    if any(certificate.key_usage != "SIGN" for certificate in certificates):
        return "a key is not for signing"
    return None


async def _other_content(conversation: Conversation, packed: str, data: bytes | None, sha256: str) -> str | None:
    """Why the content inside the CMS is not what was asked about; None where it is, or where there is none inside."""
    reply = await conversation.post("/cms/extract", {"cms": packed})
    if reply.status == httpx.codes.BAD_REQUEST:
        _must_be_an_error(reply)
        return None if data is not None else "the signature is detached: its data are needed"
    try:
        content = base64.b64decode(shaped(_HERE, _Extracted, reply.must_be_ok().json).data, validate=True)
    except ValueError:
        raise refused(_HERE, "the extracted data are not Base64") from None
    return None if hashlib.sha256(content).hexdigest() == sha256 else "the signed content is not the given data"


def _must_be_an_error(reply: Reply) -> None:
    """NCANode's own form of an error, and not that of a gateway before it."""
    said = parsed(_HERE, reply.body)
    if not isinstance(said, dict) or said.get("status") != httpx.codes.BAD_REQUEST.value:
        raise refused(_HERE, "it answered with status 400")


def _signer(certificate: _Certificate) -> Signer:
    checks = certificate.revocations or ()
    state = Revocation.REVOKED if any(check.revoked for check in checks) else Revocation.GOOD
    if certificate.not_after < certificate.not_before or certificate.not_before.tzinfo is None:
        raise refused(_HERE, "a certificate ends before it begins")
    holder = certificate.subject
    return Signer(
        name=holder.common_name,
        bin=None if holder.bin is None else the_bin(_HERE, holder.bin),
        organization=holder.organization,
        key_users=tuple(sorted(certificate.key_user or ())),
        valid_from=certificate.not_before,
        valid_until=certificate.not_after,
        revocation=state if checks else Revocation.UNCHECKED,
    )


def _not_verified(reason: str, data_sha256: str) -> SignatureReport:
    return SignatureReport(verified=False, verified_by=VERIFIER, reason=reason, data_sha256=data_sha256)
