"""The projection to OCDS, checked against the official schema with the extensions that the packages declare."""

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from api.views.ocds import written
from domain.bids.offers import LineOffer, LotOffer
from domain.errors import MalformedValue
from domain.money import Money
from domain.reports.ocds import number_of, ocid_of, record_package, release_package, releases
from domain.reports.process import Process
from domain.tenders.model import TenderNotFound
from tests.domain import process_sample as sample
from tests.ocds_schema import Check, schemas

STAGES = [
    sample.published,
    sample.amended,
    sample.opened,
    sample.cancelled,
    sample.failed,
    sample.awarded,
    sample.signed,
    sample.paid,
    sample.lapsed,
    sample.replaced,
    sample.repeated,
]
BASE = "https://oimaq.example"


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_is_valid_ocds(stage: Callable[[], Process], flaws: Check) -> None:
    process = stage()
    assert flaws("release-package-schema", json.loads(written(release_package(process, base_url=BASE)))) == []
    package = json.loads(written(record_package(process, base_url=BASE)))
    assert flaws("record-package-schema", package) == []
    for release in [*package["records"][0]["releases"], package["records"][0]["compiledRelease"]]:
        assert flaws("release-schema", release) == []


def test_the_check_itself_sees_a_wrong_release(flaws: Check) -> None:
    (release,) = json.loads(written(releases(sample.published())))
    assert flaws("release-schema", release | {"tag": ["tendre"]})
    assert flaws("release-schema", release | {"bids": {"details": [{"id": "1", "status": "fine"}]}})


@pytest.mark.parametrize("stage", STAGES)
def test_only_properties_of_the_schema_and_its_extensions_are_used(stage: Callable[[], Process]) -> None:
    """OCDS allows more properties, so a misspelt one would be valid; here objects are compared with definitions."""
    schema = schemas()["release-schema"]

    def unknown(document: Any, shape: Any, path: str) -> list[str]:
        while "$ref" in shape:
            shape = schema["definitions"][shape["$ref"].rsplit("/", 1)[1]]
        if isinstance(document, list):
            return [flaw for each in document for flaw in unknown(each, shape.get("items", {}), path)]
        if not isinstance(document, dict) or "properties" not in shape:
            return []
        found = [f"{path}/{name}" for name in document if name not in shape["properties"]]
        known = ((name, value) for name, value in document.items() if name in shape["properties"])
        return found + [
            flaw for name, value in known for flaw in unknown(value, shape["properties"][name], f"{path}/{name}")
        ]

    for release in releases(stage()):
        assert unknown(release, schema, "") == []


def test_the_stages_of_a_paid_process_come_in_the_order_of_their_dates() -> None:
    found = releases(sample.paid())
    assert [each["tag"] for each in found] == [
        ["tender"],
        ["tenderUpdate"],
        ["award"],
        ["contract"],
        ["implementation"],
    ]
    assert [each["date"] for each in found] == sorted(each["date"] for each in found)
    assert len({each["id"] for each in found}) == len(found)


def test_nothing_of_a_bid_is_told_before_the_opening() -> None:
    """Even when the reader hands the bids over."""
    careless = replace(sample.published(), bids=sample.opened().bids)
    assert written(releases(careless)) == written(releases(sample.published()))
    text = written(release_package(careless, base_url=BASE))
    assert "tenderer" not in text
    assert str(sample.PARTIES[sample.WINNER].bin) not in text


def test_each_amendment_has_its_release_and_names_those_before_and_after_it() -> None:
    found = releases(sample.amended())
    assert [each["tag"] for each in found] == [
        ["tender"], ["tenderAmendment"], ["tenderUpdate"], ["tenderAmendment"],
    ]  # fmt: skip
    first, amended, answered, extended = found
    told = [
        [(each["id"], each["amendsReleaseID"], each["releaseID"]) for each in release["tender"].get("amendments", [])]
        for release in found
    ]
    title = ("1", first["id"], amended["id"])
    assert told == [[], [title], [title], [title, ("2", answered["id"], extended["id"])]]
    amendment, extension = extended["tender"]["amendments"]
    assert (amendment["rationale"], amendment["description"]) == ("A better name", "amendment: /title")
    assert (extension["rationale"], extension["description"]) == ("More time", "extension: /closes_at")


def test_answers_are_told_from_their_day_on_and_nothing_tells_who_asked() -> None:
    found = releases(sample.amended())
    told = [[each["id"] for each in release["tender"].get("enquiries", [])] for release in found]
    assert told == [[], ["1"], ["1", "2"], ["1", "2"]]
    one, several = found[-1]["tender"]["enquiries"]
    assert one == {
        "id": "1",
        "date": "2026-11-22T09:00:00.000000Z",
        "description": "Какая ткань?",
        "answer": "Хлопок",
        "dateAnswered": "2026-11-22T10:00:00.000000Z",
        "relatedLot": "1",
    }
    assert "relatedLot" not in several
    assert str(sample.PARTIES[sample.LOSER].bin) not in written(found)


def test_a_bid_that_was_not_confirmed_is_told_with_what_is_left_of_it() -> None:
    """Its line is gone: the bid is in the release, at nothing."""
    opened = sample.opened()
    stray = replace(opened.bids[0], offers=(LotOffer(lot=1, lines=(LineOffer(line=9, unit_price=Money.of("5.00")),)),))
    (told, *_) = releases(replace(opened, bids=(stray,)))[-1]["bids"]["details"]
    assert told["value"] == {"amount": Decimal("0.00"), "currency": "KZT"}


def test_an_admission_is_not_told_before_the_award() -> None:
    statuses = [{bid["status"] for bid in each["bids"]["details"]} for each in releases(sample.awarded())[1:]]
    assert statuses == [{"pending"}, {"valid", "disqualified"}]


def test_amounts_are_numbers_with_exactly_their_digits() -> None:
    text = written(releases(sample.paid()))
    assert '"amount":12000.10,' in text
    assert '"amount":1140009.50,' in text  # the invoice: 95 x 12000.10
    assert '"amount":1289610.00,' in text


def test_a_lot_that_nobody_won_is_unsuccessful() -> None:
    lots = releases(sample.awarded())[-1]["tender"]["lots"]
    assert [each["status"] for each in lots] == ["complete", "unsuccessful"]


def test_a_contract_that_never_came_into_force_is_cancelled_with_its_award() -> None:
    failed, replaced = releases(sample.lapsed())[-1], releases(sample.replaced())[-1]
    assert (failed["tender"]["status"], failed["awards"][0]["status"]) == ("unsuccessful", "cancelled")
    assert [each["status"] for each in replaced["contracts"]] == ["cancelled", "active"]
    assert [each["date"] for each in releases(sample.lapsed())] == sorted(
        each["date"] for each in releases(sample.lapsed())
    )


def test_a_repeated_tender_names_the_process_before_it_and_how_suppliers_are_found() -> None:
    (release,) = releases(sample.repeated())
    (prior,) = release["relatedProcesses"]
    assert (prior["relationship"], prior["scheme"], prior["identifier"]) == (
        ["prior"],
        "ocid",
        ocid_of("T-2026-000100"),
    )
    assert release["tender"]["procurementMethod"] == "direct"
    (first,) = releases(sample.published())
    assert "relatedProcesses" not in first
    assert first["tender"]["procurementMethod"] == "open"


def test_the_compiled_release_says_what_the_newest_says() -> None:
    (record,) = record_package(sample.paid(), base_url=BASE)["records"]
    compiled, newest = record["compiledRelease"], record["releases"][-1]
    assert compiled["tag"] == ["compiled"]
    assert {name: compiled[name] for name in compiled if name not in {"id", "tag"}} == {
        name: newest[name] for name in newest if name not in {"id", "tag"}
    }


def test_every_reference_is_to_a_party_of_the_same_release() -> None:
    def references(value: Any) -> set[str]:
        if isinstance(value, list):
            return set().union(*map(references, value))
        if not isinstance(value, dict):
            return set()
        own = {value["id"]} if set(value) == {"id", "name"} else set()
        return own.union(*map(references, value.values()))

    for stage in STAGES:
        for release in releases(stage()):
            assert references(release) == {party["id"] for party in release["parties"]}


def test_a_draft_has_no_release() -> None:
    with pytest.raises(MalformedValue):
        releases(Process(tender=sample.tender(), parties=sample.PARTIES, changed_at=sample.T0))


def test_an_ocid_is_the_prefix_and_the_number() -> None:
    assert number_of(ocid_of("T-2026-000123")) == "T-2026-000123"
    with pytest.raises(TenderNotFound):
        number_of("ocds-213czf-T-2026-000123")
