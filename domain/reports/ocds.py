"""OCDS 1.1.5: a contracting process as releases, a record, and the packages they are published in. Pure projection.

A process has a release for each stage that it has reached, oldest first:

    tender -> tenderUpdate (bids opened) -> award -> contract -> implementation
    tender -> tenderCancellation | tenderUpdate (failed)

and before the opening one for each amendment (tenderAmendment), and one for the answers to questions (tenderUpdate).
Nothing of a bid is in any release before the opening. The projection keeps no history: the newest release of a
process tells its present state, and its id carries the instant of the last change.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from domain.errors import MalformedValue
from domain.ids import OrganizationId
from domain.reports import ocds_parts as parts
from domain.reports.process import Process
from domain.tenders.amendment import Amendment
from domain.tenders.model import TenderNotFound, TenderStatus

OCID_PREFIX = "ocds-oimaqkz"
"""Not registered with the Open Contracting Partnership: register one before publishing outside a trial."""
VERSION = "1.1"
EXTENSIONS = (
    "https://raw.githubusercontent.com/open-contracting-extensions/ocds_lots_extension/v1.1.5/extension.json",
    "https://raw.githubusercontent.com/open-contracting-extensions/ocds_bid_extension/v1.1.5/extension.json",
    "https://raw.githubusercontent.com/open-contracting-extensions/ocds_enquiry_extension/v1.1.5/extension.json",
)
PUBLISHER = "Oimaq"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    """What a release tells: ``bids``, ``awards``, ``contracts``, ``implementation`` say which sections it has.
    ``amendment`` is the one that it was made for.
    """

    tag: str
    name: str
    at: datetime
    status: str
    bids: bool = False
    awards: bool = False
    contracts: bool = False
    implementation: bool = False
    amendment: Amendment | None = None

    def id(self, ocid: str) -> str:
        return f"{ocid}-{self.name}-{parts.instant(self.at)}"


def ocid_of(number: str) -> str:
    return f"{OCID_PREFIX}-{number}"


def number_of(ocid: str) -> str:
    """The tender's number; refuses (``tender-not-found``) an ocid that is not ours."""
    prefix = f"{OCID_PREFIX}-"
    if not ocid.startswith(prefix):
        raise TenderNotFound("There is no such contracting process")
    return ocid.removeprefix(prefix)


def releases(process: Process) -> list[Json]:
    """A release per stage, oldest first. Refuses (``malformed-value``) a tender that was never published."""
    stages = _stages(process)
    return [_release(process, stages[:reached]) for reached in range(1, len(stages) + 1)]


def record(process: Process) -> Json:
    """All releases, and the compiled one, which is the present state."""
    found = releases(process)
    last = found[-1]
    compiled = last | {"id": f"{last['ocid']}-compiled-{last['date']}", "tag": ["compiled"]}
    return {"ocid": last["ocid"], "releases": found, "compiledRelease": compiled}


def release_package(process: Process, *, base_url: str) -> Json:
    ocid = ocid_of(process.tender.number)
    return _package(f"{base_url}/v1/ocds/releases/{ocid}", process) | {"releases": releases(process)}


def record_package(process: Process, *, base_url: str) -> Json:
    ocid = ocid_of(process.tender.number)
    package = _package(f"{base_url}/v1/ocds/records/{ocid}", process)
    return package | {"packages": [f"{base_url}/v1/ocds/releases/{ocid}"], "records": [record(process)]}


def _package(uri: str, process: Process) -> Json:
    """Made on demand, so its date is that of the last change."""
    return {
        "uri": uri,
        "version": VERSION,
        "extensions": list(EXTENSIONS),
        "publisher": {"name": PUBLISHER},
        "publishedDate": parts.instant(process.changed_at),
    }


def _stages(process: Process) -> list[_Stage]:
    tender = process.tender
    if tender.published_at is None:
        raise MalformedValue("A draft is not published")
    stages = [
        _Stage(tag="tender", name="tender", at=tender.published_at, status="active"),
        *_while_bids_are_taken(process),
    ]
    if tender.opened_at is not None:
        stages.append(
            _Stage(tag="tenderUpdate", name="opening", at=tender.opened_at, status="active", bids=True),
        )
    if tender.status is TenderStatus.CANCELLED:
        stages.append(
            _Stage(
                tag="tenderCancellation",
                name="cancellation",
                at=process.changed_at,
                status="cancelled",
                bids=tender.opened_at is not None,
            ),
        )
    if tender.status is TenderStatus.FAILED and tender.awarded_at is None:
        opened = tender.opened_at is not None
        stages.append(
            _Stage(tag="tenderUpdate", name="failure", at=process.changed_at, status="unsuccessful", bids=opened),
        )
    if tender.awarded_at is None:
        return stages
    stages.append(
        _Stage(tag="award", name="award", at=tender.awarded_at, status="complete", bids=True, awards=True),
    )
    signed = [at for contract in process.contracts if (at := parts.signed(contract)) is not None]
    if signed:
        stages.append(
            _Stage(
                tag="contract",
                name="contract",
                at=max(signed),
                status="complete",
                bids=True,
                awards=True,
                contracts=True,
            )
        )
    if any(contract.deliveries or contract.invoices for contract in process.contracts):
        stages.append(
            _Stage(
                tag="implementation",
                name="implementation",
                at=max(process.changed_at, stages[-1].at),
                status="complete",
                bids=True,
                awards=True,
                contracts=True,
                implementation=True,
            )
        )
    if tender.status is TenderStatus.FAILED:
        # Every contract lapsed and nobody was left to take its lines.
        stages.append(
            _Stage(
                tag="tenderUpdate", name="failure", at=process.changed_at, status="unsuccessful", bids=True, awards=True
            ),
        )
    return stages


def _while_bids_are_taken(process: Process) -> list[_Stage]:
    stages = [
        _Stage(
            tag="tenderAmendment",
            name=f"{each.kind}-{each.number}",
            at=each.amended_at,
            status="active",
            amendment=each,
        )
        for each in process.amendments
    ]
    answered = [each.answered_at for each in process.enquiries if each.answered_at is not None]
    if answered:
        stages.append(_Stage(tag="tenderUpdate", name="answers", at=max(answered), status="active"))
    return sorted(stages, key=lambda stage: stage.at)


def _release(process: Process, reached: Sequence[_Stage]) -> Json:
    """The release of the last stage that was reached."""
    stage = reached[-1]
    ocid = ocid_of(process.tender.number)
    found: Json = {
        "ocid": ocid,
        "id": stage.id(ocid),
        "date": parts.instant(stage.at),
        "tag": [stage.tag],
        "initiationType": "tender",
        "language": "ru",
        "parties": _parties(process, stage),
        "buyer": parts.reference(process, process.tender.buyer_id),
        "tender": _tender(process, stage) | _changes(process, reached),
    }
    if process.prior is not None:
        found["relatedProcesses"] = [parts.prior(ocid_of(process.prior))]
    if stage.bids and process.bids:
        found["bids"] = {"details": [parts.bid(process, each, awarded=stage.awards) for each in process.bids]}
    if stage.awards and process.contracts:
        found["awards"] = [parts.award(process, contract) for contract in parts.awarded(process)]
    if stage.contracts and process.contracts:
        found["contracts"] = [
            parts.contract_section(process, contract, implementation=stage.implementation)
            for contract in process.contracts
        ]
    return found


def _tender(process: Process, stage: _Stage) -> Json:
    tender = process.tender
    found: Json = {
        "id": tender.number,
        "title": tender.title,
        "status": stage.status,
        "procuringEntity": parts.reference(process, tender.buyer_id),
        "value": parts.value(tender.allocated),
        "procurementMethod": parts.method(tender),
        "procurementMethodDetails": str(tender.procedure),
        "mainProcurementCategory": "goods",
        "awardCriteria": "priceOnly",
        "submissionMethod": ["electronicSubmission"],
        "items": parts.tender_items(process),
        "lots": [parts.lot(process, each, status=stage.status, awarded=stage.awards) for each in tender.lots],
    }
    if tender.opens_at is not None and tender.closes_at is not None:
        found["tenderPeriod"] = {
            "startDate": parts.instant(tender.opens_at),
            "endDate": parts.instant(tender.closes_at),
        }
    if stage.bids:
        tenderers = list(dict.fromkeys(id for each in process.bids for id in each.sewers))
        found["numberOfTenderers"] = len(tenderers)
        if tenderers:
            found["tenderers"] = [parts.reference(process, id) for id in tenderers]
    return found


def _changes(process: Process, reached: Sequence[_Stage]) -> Json:
    """Amendments and answers up to the last of the stages."""
    ocid = ocid_of(process.tender.number)
    amendments = [
        parts.amendment(stage.amendment, amends=before.id(ocid), release=stage.id(ocid))
        for before, stage in pairwise(reached)
        if stage.amendment is not None
    ]
    enquiries = [
        parts.enquiry(each, each.answered_at)
        for each in process.enquiries
        if each.answered_at is not None and each.answered_at <= reached[-1].at
    ]
    told = {"amendments": amendments, "enquiries": enquiries}
    return {name: found for name, found in told.items() if found}


def _parties(process: Process, stage: _Stage) -> list[Json]:
    """Everybody that the release names, with every role it has there."""
    buyer = process.tender.buyer_id
    suppliers = [contract.supplier_id for contract in process.contracts]
    paid = stage.implementation and any(parts.transactions(process, contract) for contract in process.contracts)
    roles: dict[OrganizationId, list[str]] = {}
    _give(roles, (buyer,), "buyer", "procuringEntity")
    if stage.bids:
        _give(roles, (id for each in process.bids for id in each.sewers), "tenderer")
    if stage.awards:
        _give(roles, suppliers, "supplier")
    if paid:
        _give(roles, (buyer,), "payer")
        receiving = (each.supplier_id for each in process.contracts if parts.transactions(process, each))
        _give(roles, receiving, "payee")
    return [parts.organization(process.parties[id], held) for id, held in roles.items()]


def _give(roles: dict[OrganizationId, list[str]], ids: Iterable[OrganizationId], *names: str) -> None:
    for id in dict.fromkeys(ids):
        roles.setdefault(id, []).extend(names)
