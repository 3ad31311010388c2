"""By the packages of law: a question, an amendment, a complaint, a tender that fails and is opened to all.

Periods that stand in a law are not shortened: what has to wait for them is left where it waits, with its day.
"""

import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from api.demo.cast import Cast, wait_for
from api.demo.client import Client, Json, expect
from api.demo.inputs import CSV, DATA, by_rules
from api.demo.tables import chapter, done, money, note, table

LISTS = ("unreliable_state", "unreliable_quasi", "unreliable_fund")
SUITS_SECONDS, MITTENS_SECONDS, AGAIN_SECONDS = 6.0, 2.5, 2.5
OPENING_SECONDS = 15.0
GROUP = ("group", "own", "bought", "sum", "left", "exceeds", "splitting")


def perform(cast: Cast, *, today: date) -> None:
    chapter("By the rules of law, with a question, an amendment, a complaint and a failure")
    _lists(cast, today)
    mittens = _published(cast["mine"], "mittens", today, seconds=MITTENS_SECONDS)
    suits = _published(cast["mine"], "suits", today, seconds=SUITS_SECONDS)
    _question(cast, suits)
    _amended(cast, suits, today)
    _opened_to_all(cast, mittens)
    _contested(cast, suits)
    _state(cast, today)


def _lists(cast: Cast, today: date) -> None:
    """Without lists of the week nobody could win: what could not be checked is never taken for good."""
    content = (DATA / "unreliable.csv").read_bytes()
    for register in LISTS:
        cast["registry"].upload(f"/v1/registers/{register}/imports", content, CSV, as_of=today.isoformat())
    done(f"the registry imported {len(LISTS)} lists of unreliable participants, as of {today}")


def _body(key: str, *, today: date, price: str | None = None) -> Json:
    """A draft of one lot and one place; the allocated sum is planned price x pieces, exactly."""
    form = by_rules()[key]
    line: Json = form["line"] | ({"planned_price": price} if price else {})
    allocated = Decimal(line["planned_price"]) * sum(line["sizes"].values())
    place = {
        "name": "Store", "kato": "631010000", "address": "1 Demo street",
        "due_on": (today + timedelta(days=90)).isoformat(), "sizes": {"1": line["sizes"]},
    }  # fmt: skip
    lot = {"title": form["lot"], "allocated": str(allocated), "lines": [line], "places": [place]}
    return {"title": form["title"], "lots": [lot]}


def _published(buyer: Client, key: str, today: date, *, seconds: float) -> Json:
    draft = buyer.post("/v1/tenders", _body(key, today=today) | {"procedure": by_rules()[key]["procedure"]})
    path = f"/v1/tenders/{draft['id']}"
    return buyer.step(f"{path}/publication", {"closes_at": _later(seconds)}, of=path)


def _later(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def _question(cast: Cast, tender: Json) -> None:
    path = f"/v1/tenders/{tender['id']}"
    asked = cast["shygys"].post(f"{path}/enquiries", {"question": "May the reflective tape be sewn in?", "lots": [1]})
    of = f"/v1/enquiries/{asked['id']}"
    cast["mine"].step(f"{of}/answer", {"answer": "Yes, 50 mm wide"}, of=of)
    (told,) = cast.public.read(f"{path}/enquiries")["items"]
    expect("asker_id" not in told and not told["own"], "nobody learns who asked")
    done(f"question {told['number']}: {told['question']} - {told['answer']}; published without who asked")


def _amended(cast: Cast, tender: Json, today: date) -> None:
    """Two bid on the first terms; after the amendment one bids anew, the other lets it be."""
    path = f"/v1/tenders/{tender['id']}"
    mine = cast["shygys"].post(f"{path}/bids", _offer("17900.00"))
    cast["irtysh"].post(f"{path}/bids", _offer("17100.00"))
    changed = _body("suits", today=today, price="18900.00") | {"reason": "The cloth is to be 240 g/m2"}
    amended = cast["mine"].step(f"{path}/amendments", changed, of=path)
    (told,) = cast.public.read(f"{path}/amendments")["items"]
    table(
        f"Amendment {told['number']}: {told['reason']}",
        ("operation", "path", "before", "after"),
        ((each["op"], each["path"], each["before"], each["after"]) for each in told["changes"]),
    )
    own = f"/v1/bids/{mine['id']}"
    again = cast["shygys"].step(f"{own}/replacement", _offer("17950.00"), of=own)
    expect((amended["terms"], again["terms"]) == (2, 2), "whoever bids now agrees to the new terms")
    done(f"terms {amended['terms']}, deadline {amended['closes_at'][11:19]}; one bidder followed, one did not")


def _offer(price: str) -> Json:
    return {"lots": [{"lot": 1, "lines": [{"line": 1, "unit_price": price}]}]}


def _opened_to_all(cast: Cast, tender: Json) -> None:
    """Nobody has evidence for mittens: the closed tender fails, and is repeated once among all."""
    path = f"/v1/tenders/{tender['id']}"
    asked = cast["reseller"].post("/v1/verdicts", {"tender_id": tender["id"], "lot": 1})
    expect(not asked["eligible"], "who produces nothing may not bid among producers")
    missing = asked["missing"][0]
    note(f"the reseller asked before bidding: {missing['rule']}, would pass: {missing['passes']}")
    _wait(cast, path, "failed")
    draft = cast["mine"].post(f"{path}/follow-up", {})
    again = f"/v1/tenders/{draft['id']}"
    cast["mine"].step(f"{again}/publication", {"closes_at": _later(AGAIN_SECONDS)}, of=again)
    cast["reseller"].post(f"{again}/bids", _offer("930.00"))
    second = cast["mine"].post(f"{path}/follow-up", {}, 409)
    _wait(cast, again, "opened")
    cast["mine"].post(f"{again}/evaluation", {})
    (contract,) = cast["mine"].step(f"{again}/award", {}, of=again)["contracts"]
    failed, repeated = cast.public.read(path), cast.public.read(again)
    table(
        "A closed tender that failed, opened to all",
        ("number", "attempt", "method", "status", "reason", "awarded to"),
        (
            (each["number"], each["attempt"], each["procedure"]["method"], each["status"], why, who)
            for each, why, who in (
                (failed, failed["reason"], ""),
                (repeated, f"follows {failed['number']}", cast.name(contract["supplier_id"])),
            )
        ),
    )
    expect((second["code"], repeated["follows"]) == ("already-followed", failed["id"]), "once, and linked")


def _contested(cast: Cast, tender: Json) -> None:
    """Who let the amendment be is not admitted and complains; the control service rejects it."""
    path = f"/v1/tenders/{tender['id']}"
    _wait(cast, path, "opened")
    evaluation = cast["mine"].post(f"{path}/evaluation", {})
    reasons = {cast.name(each["bidder_id"]): each["reason"] for each in evaluation["admissions"]}
    (contract,) = cast["mine"].step(f"{path}/award", {}, of=path)["contracts"]
    complaint = cast["irtysh"].post(
        f"{path}/complaints",
        {"stage": "results", "objection": "My price was lower", "remedy": "annul_award"},
    )
    signing = f"/v1/contracts/{contract['id']}"
    frozen = cast["shygys"].step(f"{signing}/signatures", {}, of=signing, status=409)
    of = f"/v1/complaints/{complaint['id']}"
    decision = {"outcome": "rejected", "decision": "He did not agree to the amended terms"}
    decided = cast["auditor"].step(f"{of}/decision", decision, of=of)
    waits = cast["shygys"].step(f"{signing}/signatures", {}, of=signing, status=409)
    expect((frozen["code"], waits["code"]) == ("complaint-open", "standstill"), "frozen, then the standstill")
    table(
        f"Complaint {decided['number']} about the results",
        ("not admitted", "reason", "signing while it was open", "decision", "signing from"),
        (
            (name, reason, frozen["code"], decided["status"], waits["facts"]["standstill_until"][:19])
            for name, reason in reasons.items()
            if reason
        ),
    )


def _state(cast: Cast, today: date) -> None:
    """Law 106-VIII: what a price would cost, what a year allows, and a discussion that takes its two working days."""
    buyer = cast["education"]
    draft = buyer.post("/v1/tenders", _body("shirts", today=today) | {"procedure": "state-tender-2025"})
    path = f"/v1/tenders/{draft['id']}"
    published = _by_law(buyer, path)
    rows = []
    for price in ("8500000.00", "8999999.99", "9000000.00"):
        checked = cast["semey"].read(f"{path}/price-check", lot="1", price=price)
        rows.append((money(price), checked["dumping"], money(checked["anti_dumping_sum"] or "0")))
    expect([row[2] for row in rows] == [money("500000.00"), money("0.01"), money("0")], f"rules 687 p. 94-98: {rows}")
    table("Before the bid: allocated 10 000 000", ("price", "dumping", "anti-dumping sum, KZT"), rows, numeric=(0, 2))
    cast["ulba"].post(f"{path}/enquiries", {"question": "Is viscose allowed?"})
    done(f"discussed until {published['opens_at'][:19]}, bids until {published['closes_at'][:19]}")
    small = buyer.post("/v1/tenders", _body("quotation", today=today) | {"procedure": "state-quotation-2025"})
    (group,) = buyer.read(f"/v1/tenders/{small['id']}/threshold-check")["groups"]
    table(
        "A year's quotations of one kind of goods",
        GROUP,
        [tuple(group[name] for name in GROUP)],
    )


def _by_law(buyer: Client, path: str) -> Json:
    """Published with the earliest dates that pass, as the refusals name them."""
    body = {"opens_at": _later(1), "closes_at": _later(2)}
    for name in body:
        refused = buyer.step(f"{path}/publication", body, of=path, status=422)
        earliest = datetime.fromisoformat(refused["errors"][0]["passes"].removesuffix(" or later"))
        body[name] = (earliest + timedelta(minutes=1)).isoformat().replace("+00:00", "Z")
    return buyer.step(f"{path}/publication", body, of=path)


def _wait(cast: Cast, path: str, status: str) -> None:
    closes_at = datetime.fromisoformat(cast.public.read(path)["closes_at"])
    time.sleep(max((closes_at - datetime.now(UTC)).total_seconds(), 0))
    wait_for(f"{path} to be {status}", lambda: cast.public.read(path)["status"] == status, seconds=OPENING_SECONDS)
