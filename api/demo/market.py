"""The market: need, tender, bids, refusals, opening, evaluation, award."""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

from api.demo.cast import Cast, wait_for
from api.demo.client import Json, expect
from api.demo.inputs import need_file, tender_body, tenders
from api.demo.tables import chapter, done, money, note, table

BIDDING_SECONDS = 9
OPENING_SECONDS = 15.0


def publish(cast: Cast, *, today: date) -> dict[str, Json]:
    """Import the needs, draft and publish both tenders with one deadline a few seconds ahead."""
    chapter("Needs and tenders")
    forms = tenders()
    drafts: dict[str, Json] = {}
    for key in ("school", "workwear"):
        form = forms[key]
        buyer = cast[form["buyer"]]
        content, media_type = need_file(form["need"])
        need = buyer.upload("/v1/needs", content, media_type, name=form["need"]["name"], grid=form["need"]["grid"])
        sites, kind = len(need["sites"]), form["need"]["as"].upper()
        done(f"{form['need']['name']}: {need['pieces']} pieces for {sites} sites from {kind}")
        drafts[key] = buyer.post("/v1/tenders", tender_body(form, need, due_on=today + timedelta(days=90)))
    closes_at = datetime.now(UTC) + timedelta(seconds=BIDDING_SECONDS)
    published = {}
    for key, draft in drafts.items():
        path = f"/v1/tenders/{draft['id']}"
        body = {"closes_at": closes_at.isoformat().replace("+00:00", "Z")}
        published[key] = cast[forms[key]["buyer"]].step(f"{path}/publication", body, of=path)
    table(
        "Published tenders",
        ("number", "title", "procedure", "lots", "pieces", "allocated, KZT", "closes at"),
        (
            (
                each["number"],
                each["title"],
                f"{each['procedure']['id']}@{each['procedure']['version']}",
                len(each["lots"]),
                sum(line["pieces"] for lot in each["lots"] for line in lot["lines"]),
                money(each["allocated"]),
                each["closes_at"][11:19],
            )
            for each in published.values()
        ),
        numeric=(3, 4, 5),
    )
    least = published["school"]["procedure"]["parameters"]["bid_period_min"]
    note(f"the least bidding period is {least}, configured for the demonstration instead of the unverified P3D")
    return published


def bid(cast: Cast, published: dict[str, Json]) -> None:
    """Refusals with their reasons, part bids, a replacement, a withdrawal; nothing of it is to be seen."""
    chapter("Bidding, among domestic producers only")
    forms = tenders()
    school = f"/v1/tenders/{published['school']['id']}"
    before = cast.public.get(school).content
    whole = {"lots": [{"lot": 2, "lines": [{"line": 1, "unit_price": "3300.00"}]}]}
    _refusals(cast, published, whole)
    for each in forms["bids"]:
        tender = published[each["tender"]]
        cast[each["bidder"]].post(f"/v1/tenders/{tender['id']}/bids", {"lots": each["lots"]})
    replaced = _submit(cast, published, forms["replaced"])
    path = f"/v1/bids/{replaced['id']}"
    again = cast["semey"].step(f"{path}/replacement", {"lots": forms["replacement"]}, of=path)
    expect(again["revision"] == 2, "the replacement is the second revision")  # noqa: PLR2004 - the second
    withdrawn = _submit(cast, published, forms["withdrawn"])
    path = f"/v1/bids/{withdrawn['id']}"
    expect(cast["qazaq"].step(f"{path}/withdrawal", {}, of=path)["status"] == "withdrawn", "withdrawn")
    done(f"{len(forms['bids']) + 2} bids by 8 workshops; one replaced, one withdrawn, most of them for parts of a lot")
    hidden = cast["education"].get(f"{school}/bids", status=409).json()
    expect(hidden["code"] == "bids-not-opened", "the buyer sees no bids")
    expect(cast.public.get(school).content == before, "the tender looks the same with bids as without")
    cast["altai"].get(path, status=404)
    done("the buyer, the public and the other bidders see nothing of it before the opening")


def _submit(cast: Cast, published: dict[str, Json], form: Json) -> Json:
    return cast[form["bidder"]].post(f"/v1/tenders/{published[form['tender']]['id']}/bids", {"lots": form["lots"]})


def _refusals(cast: Cast, published: dict[str, Json], offer: Json) -> None:
    school = f"/v1/tenders/{published['school']['id']}/bids"
    dear = {"lots": [{"lot": 2, "lines": [{"line": 1, "unit_price": "3600.01"}]}]}
    floating: dict[str, Any] = {"lots": [{"lot": 2, "lines": [{"line": 1, "unit_price": 3300.5}]}]}
    rows = []
    for who, body, status, code in (
        ("reseller", offer, 403, "not-eligible"),
        ("expired", offer, 403, "not-eligible"),
        ("ertis", dear, 422, "bid-above-allocated"),
        ("ertis", floating, 422, "invalid-request"),
    ):
        problem = cast[who].post(school, body, status)
        expect(problem["code"] == code, f"{who}: {problem}")
        rows += [
            (cast.names[who], code, error.get("rule", error["pointer"]), error["reason"], error.get("passes", ""))
            for error in problem["errors"]
        ]
    table(
        "Refused, with the reason and what would pass", ("who", "code", "rule or field", "reason", "would pass"), rows
    )
    asked = cast["expired"].post("/v1/verdicts", {"tender_id": published["school"]["id"], "lot": 2})
    expect(not asked["eligible"], "the verdict agrees with the refusal")


def open_and_award(cast: Cast, published: dict[str, Json]) -> dict[str, Json]:
    """The worker opens after the deadline; the officer evaluates, the approver awards."""
    chapter("Opening, evaluation, award")
    closes_at = max(datetime.fromisoformat(each["closes_at"]) for each in published.values())
    time.sleep(max((closes_at - datetime.now(UTC)).total_seconds(), 0))
    for key, tender in published.items():
        wait_for(
            f"the opening of {key}",
            lambda path=f"/v1/tenders/{tender['id']}": cast.public.read(path)["status"] == "opened",
            seconds=OPENING_SECONDS,
        )
    opened = cast.public.read(f"/v1/tenders/{published['school']['id']}")
    late = datetime.fromisoformat(opened["opened_at"]) - datetime.fromisoformat(opened["closes_at"])
    done(f"opened {late.total_seconds():.2f} s after the deadline")
    refused = cast["qazaq"].post(
        f"/v1/tenders/{published['school']['id']}/bids",
        {"lots": [{"lot": 2, "lines": [{"line": 1, "unit_price": "3000.00"}]}]},
        409,
    )
    expect(refused["code"] == "bidding-closed", "a late bid is refused")
    done("a bid after the deadline was refused")
    awards = {}
    for key, tender in published.items():
        path = f"/v1/tenders/{tender['id']}"
        _show_bids(cast, key, path)
        evaluation = cast[tenders()[key]["buyer"]].post(f"{path}/evaluation", {})
        _show_trace(cast, key, path, evaluation)
        expect(
            set(evaluation["results"].values()) == {"awarded"}, f"{key}: every lot is filled: {evaluation['results']}"
        )
        awards[key] = cast[tenders()[key]["buyer"]].step(f"{path}/award", {}, of=path)
    contracts = [contract for award in awards.values() for contract in award["contracts"]]
    expect(any(len(award["contracts"]) > 1 for award in awards.values()), "several workshops fill a lot together")
    table(
        "Contracts",
        ("number", "supplier", "pieces", "sum, KZT", "local content, %"),
        (
            (
                contract["number"],
                cast.name(contract["supplier_id"]),
                sum(line["pieces"] for line in contract["lines"]),
                money(contract["sum"]),
                contract["local_content"],
            )
            for contract in contracts
        ),
        numeric=(2, 3, 4),
    )
    return awards


def _show_bids(cast: Cast, key: str, path: str) -> None:
    bids = cast.public.read(f"{path}/bids")["items"]
    table(
        f"Opened bids: {key}",
        ("bidder", "BIN", "lot", "line", "unit price", "sizes", "at most"),
        (
            (
                each["bidder_name"],
                each["bidder_bin"],
                lot["lot"],
                line["line"],
                money(line["unit_price"]),
                len(line["sizes"]) or "all",
                line["pieces_max"] or "all",
            )
            for each in bids
            for lot in each["lots"]
            for line in lot["lines"]
        ),
        numeric=(2, 3, 4, 5, 6),
    )


def _show_trace(cast: Cast, key: str, path: str, evaluation: Json) -> None:
    bidders = {each["id"]: each["bidder_name"] for each in cast.public.read(f"{path}/bids")["items"]}
    table(
        f"Split award: {key}, {money(evaluation['total'])} KZT",
        ("lot", "line", "rank", "bidder", "unit price", "asked", "given", "bound by"),
        (
            (
                step["lot"],
                step["line"],
                step["rank"],
                bidders[step["bid_id"]],
                money(step["unit_price"]),
                step["asked"],
                step["given"],
                step["bound"],
            )
            for step in evaluation["trace"]
        ),
        numeric=(0, 1, 2, 4, 5, 6),
    )
