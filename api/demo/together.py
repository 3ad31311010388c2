"""An order that no single workshop could fill: price breaks, a consortium, three scenarios, letters, a replay."""

import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from api.demo.cast import Cast, wait_for
from api.demo.client import Json, expect
from api.demo.inputs import together
from api.demo.processes import Processes
from api.demo.tables import chapter, done, money, note, table

BIDDING_SECONDS, OPENING_SECONDS, SOLVING_SECONDS = 4.0, 15.0, 90.0


def perform(cast: Cast, processes: Processes, folder: Path, *, today: date) -> None:
    chapter("An order that no single workshop could fill")
    form = together()
    path = _published(cast, form, today)
    _bid(cast, form, path)
    closes_at = datetime.fromisoformat(cast.public.read(path)["closes_at"])
    time.sleep(max((closes_at - datetime.now(UTC)).total_seconds(), 0))
    wait_for("the opening", lambda: cast.public.read(path)["status"] == "opened", seconds=OPENING_SECONDS)
    evaluation = cast["mine"].post(f"{path}/evaluation", {})
    expect(set(evaluation["results"].values()) == {"awarded"}, f"together they fill it: {evaluation['results']}")
    _choose(cast, form, path)
    award = cast["mine"].step(f"{path}/award", {}, of=path)
    _show_contracts(cast, award)
    _letters(cast, path)
    _papers(cast, processes, path, folder)


def _published(cast: Cast, form: Json, today: date) -> str:
    """Drafted, held against the market, published."""
    line: Json = form["line"]
    pieces = sum(line["sizes"].values())
    place = {
        "name": "Store", "kato": "631010000", "address": "1 Demo street", "sizes": {"1": line["sizes"]},
        "due_on": (today + timedelta(days=form["due_in_days"])).isoformat(),
    }  # fmt: skip
    allocated = Decimal(line["planned_price"]) * pieces
    lot = {"title": form["lot"], "allocated": str(allocated), "lines": [line], "places": [place]}
    mine = cast["mine"]
    draft = mine.post("/v1/tenders", {"title": form["title"], "procedure": "samruk-category", "lots": [lot]})
    path = f"/v1/tenders/{draft['id']}"
    (found,) = mine.step(f"{path}/lot-studies", {}, of=path)["lots"]
    everybody = found["coverage"]
    note(f"before publication: {everybody['workshops']} workshops could sew some of {pieces} suits")
    expect(everybody["alone"] == 0, "no workshop could sew all of them")
    closes_at = (datetime.now(UTC) + timedelta(seconds=BIDDING_SECONDS)).isoformat().replace("+00:00", "Z")
    mine.step(f"{path}/publication", {"closes_at": closes_at}, of=path)
    done(f"published: {pieces} suits in {form['due_in_days']} days, none of the workshops could sew them alone")
    return path


def _bid(cast: Cast, form: Json, path: str) -> None:
    """Parts of the lot, a price that falls with the pieces, and two workshops that bid as one."""
    for who, line in form["bids"].items():
        cast[who].post(f"{path}/bids", {"lots": [{"lot": 1, "lines": [line]}]})
    consortium = form["consortium"]
    leader, member = consortium["leader"], consortium["member"]
    cast[member].post(f"{path}/consortium-consents", {"leader_bin": cast.bins[leader]})
    share = {"organization_id": cast.ids[member], "lots": [{"lot": 1, "lines": [consortium["member_share"]]}]}
    body = {"lots": [{"lot": 1, "lines": [consortium["share"]]}], "combination": {"members": [share]}}
    cast[leader].post(f"{path}/bids", body)
    done(f"{len(form['bids'])} workshops bid for parts; {cast.names[leader]} and {cast.names[member]} bid together")


def _choose(cast: Cast, form: Json, path: str) -> None:
    """Three scenarios beside the award as the package says; one is chosen, with the reason."""
    made = [cast["mine"].post(f"{path}/scenarios", each) for each in form["scenarios"]]
    for each in made:
        of = f"/v1/scenarios/{each['id']}"
        wait_for(
            each["title"],
            lambda of=of: cast["mine"].read(of)["scenario"]["status"] == "solved",
            seconds=SOLVING_SECONDS,
        )
    compared = cast["mine"].read(f"{path}/scenarios/comparison")
    table(
        "The same bids under other rules",
        ("scenario", "cost, KZT", "saved, KZT", "winners", "engine", "proof"),
        (
            (
                each["title"] or "As the package says",
                money(each["figures"]["cost"]),
                money(each["saving"]),
                each["figures"]["winners"],
                each["engine"] or "",
                each["proof"] or "",
            )
            for each in compared["columns"]
        ),
        numeric=(1, 2, 3),
    )
    expect(len(compared["columns"]) == len(made) + 1, "three scenarios beside the award as the package says")
    chosen = {"scenario_id": made[form["chosen"] - 1]["id"], "reason": form["reason"]}
    cast["mine"].step(f"{path}/scenario-choice", chosen, of=path)
    done(f"chosen: {made[form['chosen'] - 1]['title']} ({form['reason'].lower()})")


def _show_contracts(cast: Cast, award: Json) -> None:
    table(
        "Contracts, one for each who sews",
        ("number", "supplier", "suits", "price, KZT", "sum, KZT"),
        (
            (
                contract["number"],
                cast.name(contract["supplier_id"]),
                sum(line["pieces"] for line in contract["lines"]),
                money(contract["lines"][0]["unit_price"]),
                money(contract["sum"]),
            )
            for contract in award["contracts"]
        ),
        numeric=(2, 3, 4),
    )
    expect(len(award["contracts"]) > 1, "several workshops fill the lot")


def _letters(cast: Cast, path: str) -> None:
    losers = [each["bidder_id"] for each in cast["mine"].read(f"{path}/letters")["items"]]
    expect(losers, "who got less than he offered is owed a letter")
    for who in cast.ids:
        if cast.ids[who] in losers:
            letter = cast[who].get(f"{path}/letter/text").text.strip()
            done(f"letter to {cast.names[who]}")
            for line in letter.splitlines():
                note(line)


def _papers(cast: Cast, processes: Processes, path: str, folder: Path) -> None:
    """The protocol and the bundle, which anybody can decide again."""
    folder.mkdir(parents=True, exist_ok=True)
    protocol = folder / "protocol-of-results.pdf"
    protocol.write_bytes(cast["mine"].get(f"{path}/protocol", format="pdf", language="kk").content)
    bundle = folder / "award-bundle.json"
    bundle.write_bytes(cast.public.get(f"{path}/bundle").content)
    processes.run("replay", "bundle", str(bundle))
    done(f"the award was decided again from {bundle.name}, byte for byte; the protocol is {protocol.name}")
