"""Execution: signatures, deliveries, a remake, acceptance, invoices, payments; then the auditor's files."""

import json
from datetime import date, timedelta
from pathlib import Path

from api.demo.cast import Cast, wait_for
from api.demo.client import Client, Json, expect
from api.demo.inputs import tenders
from api.demo.tables import chapter, done, money, table

REPORT_FORMATS = ("json", "csv", "xlsx")


def perform(cast: Cast, awards: dict[str, Json], *, today: date) -> None:
    """Every contract is signed, delivered (one delivery with defects and a remake), invoiced and paid."""
    chapter("Signature, delivery, remake, payment")
    remade = 0
    rows = []
    for key, award in awards.items():
        buyer = cast[tenders()[key]["buyer"]]
        for contract in award["contracts"]:
            supplier = next(cast[name] for name, id in cast.ids.items() if id == contract["supplier_id"])
            path = f"/v1/contracts/{contract['id']}"
            supplier.step(f"{path}/signatures", {}, of=path)
            signed = buyer.step(f"{path}/signatures", {}, of=path)
            expect(signed["status"] == "in_force", f"{signed['number']} is in force")
            spoiled = _deliver(buyer, supplier, contract, spoil=not remade, today=today)
            remade += spoiled
            paid = _pay(buyer, supplier, path)
            rows.append(
                (
                    paid["number"],
                    cast.name(paid["supplier_id"]),
                    len(paid["deliveries"]),
                    spoiled,
                    money(paid["sum"]),
                    paid["invoices"][-1]["due_on"],
                    paid["status"],
                )
            )
        tender = cast.public.read(f"/v1/tenders/{award['tender_id']}")
        expect(tender["status"] == "completed", f"{tender['number']} is completed: {tender['status']}")
    expect(remade > 0, "one delivery was remade")
    table(
        "Performed contracts",
        ("number", "supplier", "deliveries", "pieces remade", "paid, KZT", "payment was due", "status"),
        rows,
        numeric=(2, 3, 4),
    )
    done("both tenders are completed: every piece accepted, every invoice paid")


def _deliver(buyer: Client, supplier: Client, contract: Json, *, spoil: bool, today: date) -> int:
    """One delivery per place; if ``spoil``, a few pieces of the first are defective and made again."""
    path = f"/v1/contracts/{contract['id']}"
    places: dict[tuple[int, int], list[Json]] = {}
    for line in contract["lines"]:
        for place in line["places"]:
            goods = {"lot": line["lot"], "line": line["line"], "grid": line["grid"], "sizes": place["sizes"]}
            places.setdefault((line["lot"], place["place"]), []).append(goods)
    spoiled = 0
    for (lot, number), load in sorted(places.items()):
        body = {"place": number, "goods": load, "waybill": f"WB-{contract['number']}-{lot}-{number}"}
        delivery = _dispatch(supplier, path, body)
        if spoil and not spoiled:
            spoiled = _spoil(buyer, f"{path}/deliveries/{delivery}/acceptance", load[0], today=today)
            size = next(iter(load[0]["sizes"]))
            again = load[0] | {"sizes": {size: spoiled}}
            remake = {"place": number, "goods": [again], "waybill": f"WB-R-{delivery}", "remakes": delivery}
            delivery = _dispatch(supplier, path, remake)
        buyer.post(f"{path}/deliveries/{delivery}/acceptance", {})
    return spoiled


def _dispatch(supplier: Client, path: str, body: Json) -> int:
    number: int = supplier.post(f"{path}/deliveries", body)["deliveries"][-1]["delivery"]
    return number


def _spoil(buyer: Client, acceptance: str, goods: Json, *, today: date) -> int:
    """Accept a delivery but for a few pieces of its first size; returns how many are to be made again."""
    size, count = next(iter(goods["sizes"].items()))
    bad: int = min(3, count)
    defect = {"lot": goods["lot"], "line": goods["line"], "size": size, "pieces": bad, "reason": "seams skew"}
    day = (today + timedelta(days=10)).isoformat()
    partly = buyer.post(acceptance, {"defects": [defect], "remake_due_on": day})
    expect(partly["deliveries"][-1]["status"] == "partly_accepted", "accepted in part")
    return bad


def _pay(buyer: Client, supplier: Client, path: str) -> Json:
    delivered = buyer.read(path)
    expect(delivered["status"] == "delivered", f"{delivered['number']} is delivered: {delivered['status']}")
    numbers = [each["delivery"] for each in delivered["deliveries"] if each["accepted"]]
    document = {"document": f"INV-{delivered['number']}", "deliveries": numbers}
    invoiced = supplier.post(f"{path}/invoices", document)
    invoice = invoiced["invoices"][-1]
    expect(invoice["amount"] == delivered["sum"], "the invoice is the contract's sum")
    order = {"method": "bank_transfer", "reference": f"PO-{delivered['number']}"}
    payment = buyer.post(f"{path}/invoices/{invoice['invoice']}/payments", order)
    of = f"/v1/payments/{payment['id']}"
    wait_for("the worker", lambda: supplier.read(of)["status"] == "awaiting_confirmation", seconds=20)
    expect(supplier.post(f"{of}/confirmation", {})["status"] == "succeeded", "paid")
    paid = buyer.read(path)
    expect(paid["status"] == "completed", f"{paid['number']} is completed: {paid['status']}")
    return paid


def audit(cast: Cast, awards: dict[str, Json], out: Path) -> None:
    """The auditor reads everything there is and takes it along as files."""
    chapter("Audit")
    auditor = cast["auditor"]
    out.mkdir(parents=True, exist_ok=True)
    events = _events(auditor)
    (out / "events.jsonl").write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in events))
    kinds = [each["type"] for each in events]
    expect(kinds.count("tender.completed") == len(awards), "each tender of the buyers' own rules was completed")
    expect(kinds.count("tender.opened") > len(awards), "others wait for periods of law")
    expect(not any(kind.startswith("bid.") for kind in kinds), "sealed events are in no feed")
    done(f"{len(events)} events")
    for by in ("buyer", "region", "product"):
        for kind in REPORT_FORMATS:
            report = auditor.get("/v1/reports/domestic-share", by=by, format=kind)
            (out / f"domestic-share-by-{by}.{kind}").write_bytes(report.content)
        _show_report(by, auditor.read("/v1/reports/domestic-share", by=by))
    records = cast.public.read("/v1/ocds/records")["items"]
    for each in records:
        for kind in ("records", "releases"):
            package = cast.public.read(f"/v1/ocds/{kind}/{each['ocid']}")
            (out / f"{each['ocid']}-{kind[:-1]}.json").write_text(json.dumps(package, ensure_ascii=False, indent=1))
    done(f"OCDS releases and records of {len(records)} tenders")
    table(
        "The auditor's files",
        ("file", "bytes"),
        ((file.name, file.stat().st_size) for file in sorted(out.iterdir())),
        numeric=(1,),
    )


def _events(auditor: Client) -> list[Json]:
    events: list[Json] = []
    after: dict[str, str] = {}
    while True:
        page = auditor.read("/v1/events", limit=100, **after)
        events += page["items"]
        if not page["items"]:
            return events
        after = {"after": events[-1]["id"]}


def _show_report(by: str, report: Json) -> None:
    rows = [*report["rows"], *([report["total"]] if "total" in report else [])]
    columns = [name for name in rows[0] if not name.endswith("_id")]
    table(f"Domestic share by {by}", columns, ([row.get(name, "") for name in columns] for row in rows))
