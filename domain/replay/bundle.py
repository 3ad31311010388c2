"""The public bundle of an award: everything that led to it, so that anybody can decide it again and compare bytes.

What is hashed is the same for every reader and for ever. Of a verdict it holds what every rule said, and a commitment
to the facts; the facts themselves are ``disclosed`` beside it, to whom they may be told: they open the commitment.
No engine and no rule draws random numbers, so ``seeds`` is empty, and says so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Self

from domain.awards.allocation import Allocation
from domain.awards.model import Admission, Evaluation, LotResult, RejectionReason, SetAside
from domain.awards.settling import worth
from domain.bids.model import Bid
from domain.ids import BidId, EvaluationId, OrganizationId, VerdictId
from domain.money import Money
from domain.organizations.replaying import canonical as said_by
from domain.organizations.verdict import RuleOutcome, Verdict
from domain.procedures.vocabulary import Failure
from domain.replay.ports import Code, Salts, Settled
from domain.replay.refusals import BundleBroken, BundleTooLarge
from domain.replay.values import read, written
from domain.sealing.canonical import Json, canonical_json, not_canonical, read_json
from domain.tenders.model import Tender, TenderStatus

FORMAT = "oimaq-bundle/1"
PUBLISHED_BYTES_MAX = 32 * 1024 * 1024
PARTS = ("tender", "bids", "verdicts", "evaluation", "problem", "solution")
FROM_VERDICT = frozenset({RejectionReason.NOT_ELIGIBLE, RejectionReason.NOT_CHECKED})
"""Rejections whose words are the facts' own: the bundle names the rules and leaves the words to the disclosure."""
_COMMITMENT = b"oimaq-verdict-commitment/1\n"
_NAMES = frozenset({"format", "parts", "sha256", "whole", "seeds", "code", "disclosed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """``disclosed`` is per verdict id what opens its commitment, for this reader; ``code`` says who wrote the bundle.
    Neither is part of what is hashed: an upgrade changes no bundle.
    """

    parts: Mapping[str, Json]
    code: Code
    disclosed: Mapping[str, Json] = field(default_factory=dict)

    @property
    def hashes(self) -> dict[str, str]:
        return {name: sha256(canonical_json(part)).hexdigest() for name, part in self.parts.items()}

    @property
    def whole(self) -> str:
        """Names the award: SHA-256 over format and the hashes of all parts."""
        return _whole(self.hashes)

    def published(self) -> bytes:
        """``canonical``, where it is small enough to be answered. Refuses ``bundle-too-large``."""
        text = self.canonical()
        if len(text) > PUBLISHED_BYTES_MAX:
            raise BundleTooLarge(f"{len(text)} bytes, at most {PUBLISHED_BYTES_MAX}", passes="oimaq replay tender")
        return text

    def canonical(self) -> bytes:
        hashes = self.hashes
        return canonical_json(
            {
                "format": FORMAT,
                "parts": self.parts,
                "sha256": hashes,
                "whole": _whole(hashes),
                "seeds": [],
                "code": written(self.code),
                "disclosed": self.disclosed,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a verdict said, rule by rule and without its words, and the commitment to why."""

    id: VerdictId
    bid_id: BidId
    organization_id: OrganizationId
    lot: int
    on: date
    rules_sha256: str | None
    eligible: bool
    accepted: bool
    results: tuple[RuleOutcome, ...]
    commitment: str | None

    @classmethod
    def of(cls, verdict: Verdict, *, bid_id: BidId, commitment: str | None) -> Self:
        return cls(
            id=verdict.id,
            bid_id=bid_id,
            organization_id=verdict.organization_id,
            lot=verdict.lot,
            on=verdict.on,
            rules_sha256=verdict.rules_sha256,
            eligible=verdict.eligible,
            accepted=verdict.accepted,
            results=tuple(RuleOutcome(rule=each.rule, result=each.result, line=each.line) for each in verdict.outcomes),
            commitment=commitment,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What the evaluation says. Of an admission the rules stand with its verdict."""

    id: EvaluationId
    evaluated_at: datetime
    admissions: tuple[Admission, ...]
    results: dict[int, LotResult]
    failures: dict[int, Failure]
    set_aside: tuple[SetAside, ...]

    @classmethod
    def by(cls, evaluation: Evaluation) -> Self:
        return cls(
            id=evaluation.id,
            evaluated_at=evaluation.evaluated_at,
            admissions=tuple(
                replace(each, rules=(), detail=None if each.reason in FROM_VERDICT else each.detail)
                for each in evaluation.admissions
            ),
            results=evaluation.results,
            failures=evaluation.failures,
            set_aside=evaluation.set_aside,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The allocation, and how it is found again."""

    engine: str
    effort: int
    worth: Money
    allocation: Allocation

    @classmethod
    def by(cls, evaluation: Evaluation) -> Self:
        return cls(
            engine=evaluation.engine,
            effort=evaluation.effort,
            worth=worth(evaluation.problem, evaluation.allocation),
            allocation=evaluation.allocation,
        )


def bundle_of(settled: Settled, *, salts: Salts, code: Code, disclose: Iterable[VerdictId] = ()) -> Bundle:
    """``disclose``: the verdicts whose facts this reader may be told."""
    told = frozenset(disclose)
    return Bundle(
        parts=parts_of(
            public(settled.tender),
            tuple(replace(bid, version=0) for bid in settled.bids),
            judgements(settled, salts),
            settled.evaluation,
        ),
        code=code,
        disclosed={
            str(verdict.id): {"salt": salts.of(verdict.id).hex(), **hidden(verdict)}
            for verdict in settled.verdicts
            if verdict.id in told and verdict.inputs is not None
        },
    )


def parts_of(
    tender: Tender, bids: tuple[Bid, ...], judgements: tuple[Judgement, ...], evaluation: Evaluation
) -> dict[str, Json]:
    """In the order in which one follows from another."""
    return {
        "tender": written(tender),
        "bids": written(bids),
        "verdicts": written(judgements),
        "evaluation": written(Decided.by(evaluation)),
        "problem": written(evaluation.problem),
        "solution": written(Found.by(evaluation)),
    }


def read_bundle(raw: bytes) -> Bundle:
    """The bundle of a text. Refuses (``not-canonical``) what is not written as we write it, (``bundle-broken``) a part
    whose bytes are not those that were hashed, naming the first.
    """
    value = read_json(raw)
    if not isinstance(value, dict) or value.keys() != _NAMES or value["format"] != FORMAT or value["seeds"] != []:
        raise not_canonical("", "unknown or missing fields", ", ".join(sorted(_NAMES)))
    parts, hashes, code, disclosed = (value[name] for name in ("parts", "sha256", "code", "disclosed"))
    if not isinstance(parts, dict) or set(parts) != set(PARTS) or not isinstance(disclosed, dict):
        raise not_canonical("/parts", "unknown or missing parts", ", ".join(PARTS))
    bundle = Bundle(parts=parts, code=read(code, Code, "/code"), disclosed=disclosed)
    for name, found in bundle.hashes.items():
        said = hashes.get(name) if isinstance(hashes, dict) else None
        if said != found:
            raise BundleBroken(f"{name}: said to hash to {said}, it is {found}", passes="the bundle as published")
    if value["whole"] != bundle.whole:
        raise BundleBroken(f"whole: said to be {value['whole']}, it is {bundle.whole}", passes="the published bundle")
    return bundle


def public(tender: Tender) -> Tender:
    """The tender as it was judged: without people, those invited in vain, and what happened to it since."""
    return replace(
        tender,
        status=TenderStatus.OPENED,
        drafted_at=tender.published_at or tender.drafted_at,
        awarded_at=None,
        reason=None,
        invited=(),
        complaints_until=None,
        sealing_key_id=None,
        opening_approved_by=(),
        version=0,
    )


def judgements(settled: Settled, salts: Salts) -> tuple[Judgement, ...]:
    """In the order of the admissions, which is that of the bids and their lots."""
    verdicts = {verdict.id: verdict for verdict in settled.verdicts}
    return tuple(
        Judgement.of(
            verdicts[each.verdict_id],
            bid_id=each.bid_id,
            commitment=commitment(salts.of(each.verdict_id), verdicts[each.verdict_id]),
        )
        for each in settled.evaluation.admissions
    )


def commitment(salt: bytes, verdict: Verdict) -> str | None:
    """To the facts and to all that was said of them; None where the verdict was stored without its facts."""
    if verdict.inputs is None:
        return None
    return sha256(_COMMITMENT + salt + canonical_json(hidden(verdict))).hexdigest()


def hidden(verdict: Verdict) -> dict[str, Json]:
    return {"facts": written(verdict.inputs), "said": read_json(said_by(verdict))}


def _whole(hashes: Mapping[str, str]) -> str:
    return sha256(canonical_json({"format": FORMAT, "sha256": hashes})).hexdigest()
