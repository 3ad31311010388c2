"""Deciding an award again from its bundle, and comparing byte for byte; the first difference is named.

    facts, rules -> verdicts -> admissions -> problem -> allocation -> results

Where a verdict's facts are not disclosed, what its rules said is taken as it stands. Taken as they stand are also the
minutes and units that a bidder had free, discounts and ranks among equals, the buyer's limits, whose papers were not
completed, and who was barred: these are what the evaluation found on its day.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from domain.awards.admitting import admissions_of, bars
from domain.awards.allocation import Allocation
from domain.awards.checker import violations
from domain.awards.model import BY_LOT, Admission, Evaluation, RejectionReason, failures, lot_results, unawardable
from domain.awards.offers import offered
from domain.awards.posing import demands_of, units_of
from domain.awards.problem import Offer, Problem
from domain.awards.settling import key_of
from domain.awards.solution import Engine, Unwatched
from domain.bids.model import Bid
from domain.evaluating.assessing import judge as weigh
from domain.ids import BidId, OrganizationId
from domain.organizations.facts import Facts, Stage
from domain.organizations.origin_rules import judge
from domain.organizations.replaying import rules_sha256
from domain.organizations.verdict import Verdict
from domain.procedures.rules import Rules
from domain.replay.bundle import Bundle, Decided, Found, Judgement, commitment, hidden, parts_of, read_bundle
from domain.replay.difference import must_agree
from domain.replay.refusals import EngineUnknown
from domain.replay.values import read, written
from domain.sealing.canonical import Json
from domain.tenders.model import Tender

BARRED = frozenset({RejectionReason.EXCLUDED_BY_DECISION, RejectionReason.SIGNING_EVADED})
"""Rejections for what happened elsewhere: a decision on a complaint, a contract that was not signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """``text`` is the bundle written anew from what was reached; ``disclosed`` of ``judgements`` had their facts."""

    text: bytes
    whole: str
    engine: str
    disclosed: int
    judgements: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A bundle's parts as values. ``verdicts`` are those that ``judgements`` tell of, reached again where they can."""

    tender: Tender
    bids: tuple[Bid, ...]
    judgements: tuple[Judgement, ...]
    verdicts: tuple[Verdict, ...]
    decided: Decided
    problem: Problem
    found: Found


def replay(raw: bytes, engines: Mapping[str, Engine]) -> Replayed:
    """Refuses (``not-canonical``, ``bundle-broken``) a text that is no bundle or was changed, (``engine-unknown``) an
    engine of another version, (``replay-differs``) the first thing that comes out otherwise.
    """
    bundle = read_bundle(raw)
    told = _told(bundle)
    evaluation = _evaluated(told, engines)
    judgements = tuple(
        Judgement.of(verdict, bid_id=each.bid_id, commitment=each.commitment)
        for each, verdict in zip(told.judgements, told.verdicts, strict=True)
    )
    parts = parts_of(told.tender, told.bids, judgements, evaluation)
    for name, part in parts.items():
        must_agree(f"/{name}", bundle.parts[name], part)
    again = replace(bundle, parts=parts)
    text = again.canonical()
    must_agree("", raw.decode(), text.decode())
    return Replayed(
        text=text,
        whole=again.whole,
        engine=evaluation.engine,
        disclosed=len(bundle.disclosed),
        judgements=len(judgements),
    )


def _told(bundle: Bundle) -> _Read:
    parts = bundle.parts
    tender: Tender = read(parts["tender"], Tender, "/tender")
    judgements: tuple[Judgement, ...] = read(parts["verdicts"], tuple[Judgement, ...], "/verdicts")
    strangers = bundle.disclosed.keys() - {str(each.id) for each in judgements}
    must_agree("/disclosed", sorted(strangers), [])
    return _Read(
        tender=tender,
        bids=read(parts["bids"], tuple[Bid, ...], "/bids"),
        judgements=judgements,
        verdicts=tuple(
            _verdict(at, each, tender, bundle.disclosed.get(str(each.id))) for at, each in enumerate(judgements)
        ),
        decided=read(parts["evaluation"], Decided, "/evaluation"),
        problem=read(parts["problem"], Problem, "/problem"),
        found=read(parts["solution"], Found, "/solution"),
    )


def _verdict(at: int, said: Judgement, tender: Tender, disclosed: Json) -> Verdict:
    """As it was said, or where its facts are disclosed, as they and the rules decide."""
    known = rules_sha256(tender.procedure)
    must_agree(f"/verdicts/{at}/rules_sha256", said.rules_sha256, known)
    verdict = Verdict(
        id=said.id,
        organization_id=said.organization_id,
        tender_id=tender.id,
        lot=said.lot,
        stage=Stage.AWARD,
        on=said.on,
        package=str(tender.procedure),
        eligible=said.eligible,
        accepted=said.accepted,
        outcomes=said.results,
        local_content={},
        evidence={},
        judged_at=tender.opened_at or tender.drafted_at,
        rules_sha256=known,
    )
    if disclosed is None:
        return verdict
    pointer = f"/disclosed/{said.id}"
    opened: _Disclosed = read(disclosed, _Disclosed, pointer)
    judged = judge(opened.facts, Rules(tender.procedure))
    reached = replace(
        verdict,
        organization_id=opened.facts.organization_id,
        on=opened.facts.on,
        eligible=judged.eligible,
        accepted=judged.accepted,
        outcomes=judged.outcomes,
        local_content=judged.local_content,
        evidence=judged.evidence,
        inputs=opened.facts,
    )
    must_agree(f"{pointer}/said", opened.said, hidden(reached)["said"])
    must_agree(f"/verdicts/{at}/commitment", said.commitment, commitment(opened.salt, reached))
    return reached


@dataclass(frozen=True, slots=True, kw_only=True)
class _Disclosed:
    salt: bytes
    facts: Facts
    said: Any


def _evaluated(told: _Read, engines: Mapping[str, Engine]) -> Evaluation:
    """The evaluation as awarding makes it (``awards/awarding.py``)."""
    tender = told.tender
    admissions = _admitted(told)
    failed = unawardable(tender, admissions)
    admitted = {(each.bid_id, each.lot) for each in admissions if each.admitted and each.lot not in failed}
    found = offered(tender.lots, told.bids, admitted)
    offers = _as_compared(found.offers, told.problem)
    units = told.problem.units
    if told.verdicts and all(verdict.inputs is not None for verdict in told.verdicts):
        verdicts = zip(told.judgements, told.verdicts, strict=True)
        units = units_of(tender, offers, {(each.bid_id, each.organization_id, each.lot): v for each, v in verdicts})
    problem = replace(
        told.problem,
        demands=demands_of(tender),
        offers=offers,
        units=units,
        either_or=found.either_or,
        packages=found.packages,
        joints=found.joints,
    )
    must_agree("/problem", written(told.problem), written(problem))
    allocation = _allocation(told, problem, engines)
    must_agree("/solution/violations", [], list(violations(problem, allocation)))
    results = lot_results(tender, admissions, allocation, unawardable=failed)
    return Evaluation(
        id=told.decided.id,
        tender_id=tender.id,
        admissions=admissions,
        problem=problem,
        allocation=allocation,
        engine=told.found.engine,
        effort=told.found.effort,
        results=results,
        failures=failures(results, failed),
        set_aside=told.decided.set_aside,
        evaluated_at=told.decided.evaluated_at,
    )


def _allocation(told: _Read, problem: Problem, engines: Mapping[str, Engine]) -> Allocation:
    """Found again; what was chosen lot by lot from scenarios stands as it is told, and is checked."""
    if told.found.engine == BY_LOT:
        return told.found.allocation
    engine = engines.get(told.found.engine)
    if engine is None:
        raise EngineUnknown(f"There is no {told.found.engine} here", passes=", ".join(sorted(engines)))
    return engine.solve(problem, Unwatched(), effort=told.found.effort).allocation


def _as_compared(offers: Iterable[Offer], said: Problem) -> tuple[Offer, ...]:
    """With the discounts and ranks that the evaluation found: scores and contracts of others are not in a bundle."""
    known = {key_of(each): each for each in said.offers}
    found = []
    for offer in offers:
        told = known.get(key_of(offer), offer)
        found.append(
            replace(
                offer,
                discount_percent=told.discount_percent,
                preference_percent=told.preference_percent,
                tie_rank=told.tie_rank,
            )
        )
    return tuple(found)


def _admitted(told: _Read) -> tuple[Admission, ...]:
    """Every sewer of every bid is judged in every lot that it offers, and nothing else is."""
    every = [
        (bid.id, seat.organization_id, offer.lot)
        for bid in told.bids
        for offer in bid.offers
        for seat in bid.seats(offer.lot)
    ]
    judged = [(each.bid_id, each.organization_id, each.lot) for each in told.judgements]
    must_agree("/verdicts", [_name(each) for each in judged], [_name(each) for each in every])
    verdicts = dict(zip(judged, told.verdicts, strict=True))
    said = {(each.bid_id, each.bidder_id, each.lot): each for each in told.decided.admissions}
    barring = bars(told.tender, told.bids)
    found: list[Admission] = []
    for bid in told.bids:
        mine = {(sewer, lot): verdict for (id, sewer, lot), verdict in verdicts.items() if id == bid.id}
        lots = [offer.lot for offer in bid.offers]
        barred = partial(_barred, said, bid.id)
        found += admissions_of(told.tender, bid, mine, lots=lots, bars=barring, barred=barred)
    admissions = [_with_papers(each, said.get((each.bid_id, each.bidder_id, each.lot))) for each in found]
    return weigh(told.tender, told.bids, admissions, (), at=told.decided.evaluated_at)


def _barred(
    said: Mapping[tuple[BidId, OrganizationId, int], Admission], bid_id: BidId, bidder_id: OrganizationId, lot: int
) -> tuple[RejectionReason, str] | None:
    each = said.get((bid_id, bidder_id, lot))
    return (each.reason, each.detail or "") if each and each.reason in BARRED else None


def _with_papers(admission: Admission, said: Admission | None) -> Admission:
    """Whose papers were not completed in time is taken as it stands."""
    if said is None or said.reason is not RejectionReason.PAPERS_MISSING or not admission.admitted:
        return admission
    return replace(admission, admitted=False, reason=said.reason, detail=said.detail)


def _name(place: tuple[BidId, OrganizationId, int]) -> str:
    bid_id, bidder_id, lot = place
    return f"{bid_id}/{bidder_id}/{lot}"
