"""Everything that people and time can do to a tender, and what one would do next in each state.

A move answers what the API answered, or None where there is nothing to begin with. Moves are drawn whether they are
allowed or not: what is not is refused, and a refusal changes nothing.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx

from domain.calendar import legal_day
from tests.lives.life import Life, any_of, text_of
from tests.world import CODE, Json, Member

Move = Callable[[Life], Awaitable[httpx.Response | None]]
WAITS = (timedelta(minutes=5), timedelta(hours=3), timedelta(days=1), timedelta(days=4))
RESULTS: Json = {"stage": "results", "objection": "The winner cannot sew", "remedy": "annul_award"}
DOCUMENTS: Json = {"stage": "documents", "objection": "The sizes fit nobody", "remedy": "amend_documents"}
LISTS_LAST = timedelta(days=6)
ENDED = frozenset({"none", "failed", "cancelled", "completed"})


async def wait(life: Life) -> None:
    """Let time pass: to a moment at which something changes, or by a while."""
    instants = life.next_instants()
    if instants and life.chance.random() < 0.7:
        life.clock.advance(life.chance.choice(instants[:4]))
    else:
        life.clock.advance(life.clock.at + life.chance.choice(WAITS))
    await imports_lists(life)


async def imports_lists(life: Life) -> None:
    """Mostly in time: now and then the lists are older than the packages allow, and nobody can be checked."""
    today = legal_day(life.clock.at)
    if life.listed_on is None or (today - life.listed_on > LISTS_LAST and life.chance.random() < 0.8):
        await life.world.lists(as_of=today)
        life.listed_on = today


async def due(life: Life) -> None:
    """A worker looks after the tender."""
    if life.tender:
        await life.apply_due()


# the buyer


async def drafts(life: Life) -> httpx.Response | None:
    """The next tender, when the last one has ended."""
    if life.status not in ENDED:
        return None
    answer = await life.cast.buyer.post("/v1/tenders", form(life))
    if answer.is_success:
        begin(life, answer.json())
    return answer


def begin(life: Life, tender: Json) -> None:
    life.tender, life.bids, life.contracts, life.complaints, life.enquiries = tender, {}, {}, {}, {}
    life.tenders += 1


def form(life: Life, price: str = "3600.00") -> Json:
    """Two lots of one line each; the second may be awarded in part."""
    lots: list[Json] = []
    for number in (1, 2):
        line = {
            "name": "Shirt", "ens_tru": CODE, "kind": "school_shirt", "unit": "796", "standard_minutes": "20.00",
            "planned_price": price, "grid": "child", "sizes": {"122": 30, "128": 20},
        }  # fmt: skip
        place = {
            "name": "School", "kato": "631010000", "address": "1 Street", "due_on": "2027-11-20",
            "sizes": {"1": {"122": 30, "128": 20}},
        }  # fmt: skip
        allocated = f"{float(price) * 50:.2f}"
        lot = {"title": f"Lot {number}", "allocated": allocated, "lines": [line], "places": [place]}
        lots.append(lot | {"partial_award": number > 1})
    more: Json = {"method": life.method} if life.method else {}
    if life.method == "single_source":
        more |= {"ground": SINGLE_SOURCE[life.procedure], "invited": life.cast.suppliers[0].id}
    return {"title": "Shirts", "procedure": life.procedure, "lots": lots} | more


SINGLE_SOURCE: Mapping[str, str] = {
    "private": "own_rules",
    "samruk-category": "sole_producer",
    "state-tender-2025": "failed_tender",
    "state-quotation-2025": "failed_quotation",
}


async def publishes(life: Life) -> httpx.Response | None:
    """Too early a deadline is refused and names the earliest that passes."""
    if not life.tender:
        return None
    at = life.clock.at + timedelta(minutes=1)
    body = {"opens_at": text_of(at), "closes_at": text_of(at + timedelta(minutes=1))}
    answer = await life.post(life.cast.buyer, f"{life.path}/publication", body, of=life.path)
    for _ in range(2):
        if answer.is_success or answer.json()["code"] != "timeline-refused":
            return answer
        error = answer.json()["errors"][0]
        earliest = datetime.fromisoformat(error["passes"].removesuffix(" or later"))
        body[error["pointer"].strip("/")] = text_of(earliest + timedelta(seconds=1))
        answer = await life.post(life.cast.buyer, f"{life.path}/publication", body, of=life.path)
    return answer


async def cancels(life: Life) -> httpx.Response | None:
    body = {"reason": "budget_cut", "explanation": "The budget was cut"}
    return await life.post(life.cast.buyer, f"{life.path}/cancellation", body, of=life.path) if life.tender else None


async def answers(life: Life) -> httpx.Response | None:
    question = any_of(life.chance, life.enquiries)
    path = f"/v1/enquiries/{question}"
    return (
        await life.post(life.cast.buyer, f"{path}/answer", {"answer": "As in the drawing"}, of=path)
        if question
        else None
    )


async def amends(life: Life) -> httpx.Response | None:
    """Another price; the package says what becomes of the deadline."""
    if not life.tender:
        return None
    price = f"{life.chance.randrange(3400, 3800)}.00"
    body = {name: value for name, value in form(life, price).items() if name in {"title", "lots"}}
    body |= {"reason": "The cloth became dearer"}
    return await life.post(life.cast.buyer, f"{life.path}/amendments", body, of=life.path)


async def extends(life: Life) -> httpx.Response | None:
    closes_at = life.instant("closes_at")
    if closes_at is None:
        return None
    body = {"closes_at": text_of(closes_at + timedelta(days=1)), "reason": "Several workshops asked for time"}
    return await life.post(life.cast.buyer, f"{life.path}/extension", body, of=life.path)


async def opens(life: Life) -> httpx.Response | None:
    return await life.post(life.cast.buyer, f"{life.path}/opening") if life.tender else None


async def evaluates(life: Life) -> httpx.Response | None:
    return await life.post(life.cast.buyer, f"{life.path}/evaluation") if life.tender else None


async def awards(life: Life) -> httpx.Response | None:
    return await life.post(life.cast.buyer, f"{life.path}/award", of=life.path) if life.tender else None


async def gives_up(life: Life) -> httpx.Response | None:
    return await life.post(life.cast.buyer, f"{life.path}/failure", of=life.path) if life.tender else None


async def follows_up(life: Life) -> httpx.Response | None:
    """What failed is tried again as the package says, once."""
    if not life.tender:
        return None
    answer = await life.post(life.cast.buyer, f"{life.path}/follow-up")
    if answer.is_success:
        begin(life, answer.json())
    return answer


# the suppliers


async def asks(life: Life) -> httpx.Response | None:
    if not life.tender:
        return None
    answer = await life.post(supplier(life), f"{life.path}/enquiries", {"question": "Which cloth is meant?"})
    if answer.is_success:
        life.enquiries[answer.json()["id"]] = answer.json()
    return answer


def supplier(life: Life) -> Member:
    return life.chance.choice(life.cast.suppliers)


def offers(life: Life) -> Json:
    """For one lot or both, whole or in part."""
    chosen = life.chance.choice(((1,), (2,), (1, 2), (1, 2)))
    most: dict[str, Any] = {"pieces_max": 30} if life.chance.random() < 0.3 else {}
    lines = [{"line": 1, "unit_price": f"{life.chance.randrange(3000, 3650)}.00"} | most]
    return {"lots": [{"lot": lot, "lines": lines} for lot in chosen]}


async def bids(life: Life) -> httpx.Response | None:
    if not life.tender:
        return None
    who = supplier(life)
    answer = await life.post(who, f"{life.path}/bids", offers(life))
    return kept(life, who, answer)


def kept(life: Life, who: Member, answer: httpx.Response) -> httpx.Response:
    """Remember the bid, and that it came in time by the clock that decides."""
    if answer.is_success:
        opens_at, closes_at = life.instant("opens_at"), life.instant("closes_at")
        received_at = datetime.fromisoformat(answer.json()["received_at"])
        assert opens_at is not None
        assert closes_at is not None
        assert opens_at <= received_at < closes_at, "a bid was taken out of time"
        life.bids[who.id] = answer.json()
    return answer


async def on_bid(life: Life, what: str, body: Callable[[Life, Json], Json]) -> httpx.Response | None:
    who = next((each for each in life.cast.suppliers if each.id in life.bids), None)
    if who is None:
        return None
    own = f"/v1/bids/{life.bids[who.id]['id']}"
    answer = await life.post(who, f"{own}/{what}", body(life, life.bids[who.id]), of=own)
    if answer.is_success and what == "confirmation":
        life.bids[who.id] = answer.json()
    return kept(life, who, answer) if what == "replacement" else answer


async def replaces(life: Life) -> httpx.Response | None:
    return await on_bid(life, "replacement", lambda life, _: offers(life))


async def withdraws(life: Life) -> httpx.Response | None:
    return await on_bid(life, "withdrawal", lambda _, __: {})


async def confirms(life: Life) -> httpx.Response | None:
    """With what he was given when he bid, because nobody else can read it."""
    return await on_bid(life, "confirmation", confirmation)


def confirmation(life: Life, given: Json) -> Json:
    return {"terms": life.tender["terms"], "copy": given["copy"], "nonce": given["nonce"]}


async def complains(life: Life) -> httpx.Response | None:
    """About whatever may be complained about just now."""
    if not life.tender:
        return None
    body = DOCUMENTS if life.status in {"draft", "published"} else RESULTS
    answer = await life.post(supplier(life), f"{life.path}/complaints", body)
    if answer.is_success:
        life.complaints[answer.json()["id"]] = answer.json()
    return answer


async def takes_back(life: Life) -> httpx.Response | None:
    for id in life.complaints:
        for who in life.cast.suppliers:
            path = f"/v1/complaints/{id}"
            if (await who.get(path)).is_success:
                return complaint_ended(life, id, await life.post(who, f"{path}/withdrawal", of=path))
    return None


async def decides(life: Life) -> httpx.Response | None:
    """The control service, mostly against the complaint."""
    id = any_of(life.chance, life.complaints)
    if id is None:
        return None
    outcome = "upheld" if life.chance.random() < 0.3 else "rejected"
    path = f"/v1/complaints/{id}"
    body = {"outcome": outcome, "decision": "As the documents say"}
    return complaint_ended(life, id, await life.post(life.cast.reviewer, f"{path}/decision", body, of=path))


def complaint_ended(life: Life, id: str, answer: httpx.Response) -> httpx.Response:
    if answer.is_success:
        life.complaints[id] = answer.json()
    return answer


# the contracts


async def on_contract(life: Life, what: str, who: Callable[[Life, Json], Member], body: Json) -> httpx.Response | None:
    contract = any_of(life.chance, life.contracts)
    if contract is None:
        return None
    path = f"/v1/contracts/{contract}"
    return await life.post(who(life, life.contracts[contract]), f"{path}/{what}", body, of=path)


def winner(life: Life, contract: Json) -> Member:
    return next(each for each in life.cast.suppliers if each.id == contract["supplier_id"])


def buyer(life: Life, _contract: Json) -> Member:
    return life.cast.buyer


def either(life: Life, contract: Json) -> Member:
    return life.chance.choice((winner(life, contract), life.cast.buyer))


async def signs(life: Life) -> httpx.Response | None:
    return await on_contract(life, "signatures", either, {})


async def declines(life: Life) -> httpx.Response | None:
    return await on_contract(life, "refusal", winner, {"reason": "capacity_lost", "explanation": "A fire"})


async def lapses(life: Life) -> httpx.Response | None:
    return await on_contract(life, "lapse", buyer, {})


async def next_best(life: Life) -> httpx.Response | None:
    """If-Match is the tender's."""
    contract = any_of(life.chance, life.contracts)
    path = f"/v1/contracts/{contract}/next-best"
    return await life.post(life.cast.buyer, path, of=life.path) if contract else None


async def delivers(life: Life) -> httpx.Response | None:
    """Everything of a contract in force that is still outstanding, and its acceptance."""
    found = next((each for each in life.contracts.values() if each["status"] == "in_force"), None)
    if found is None or found["kind"] == "framework":
        return None
    path, answer = f"/v1/contracts/{found['id']}", None
    for line in found["lines"]:
        for place in line["places"]:
            goods = {"lot": line["lot"], "line": line["line"], "grid": line["grid"], "sizes": place["sizes"]}
            body = {"place": place["place"], "goods": [goods], "waybill": "W"}
            answer = await life.post(winner(life, found), f"{path}/deliveries", body)
            if answer.is_success:
                number = answer.json()["deliveries"][-1]["delivery"]
                answer = await life.post(life.cast.buyer, f"{path}/deliveries/{number}/acceptance")
    return answer


USUAL: Mapping[str, tuple[Move, ...]] = {
    "none": (drafts,),
    "draft": (publishes, publishes, publishes, cancels),
    "published": (bids, bids, bids, asks, answers, amends, extends, confirms, replaces, withdraws, complains, decides),
    "closed": (opens,),
    "opened": (evaluates,),
    "evaluated": (awards, awards, gives_up, complains),
    "awarded": (signs, signs, signs, delivers, complains, decides, decides, declines, lapses, next_best, takes_back),
    "failed": (follows_up, follows_up, drafts),
    "cancelled": (drafts,),
    "completed": (drafts,),
}
"""What somebody would do next, by the state of the tender."""
ALL: tuple[Move, ...] = tuple(dict.fromkeys(move for moves in USUAL.values() for move in moves))
