"""Imports of registers through the API: whole or not at all, rehearsed, compared, guarded, and read again."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from adapters.postgres.registers import RECORDS_OF_BIN_MAX, standing_columns, standing_of
from adapters.postgres.work import Transactions
from domain.actors import OrganizationKind
from domain.registries.records import LISTS, Register
from tests.registers import BIN, CSV, HEADERS, OTHER_BIN, ROWS, XLSX, book, file_of, row, separated
from tests.world import KEYRING, Databases, Json, Member, World

AS_OF = "2026-03-15"


@pytest.fixture(autouse=True)
async def nothing_imported(database: Databases) -> AsyncIterator[None]:
    """The registers are the same for everybody in the world, so each test begins without them."""
    async with database.owner.engine.begin() as connection:
        await connection.execute(text("TRUNCATE register_records, register_imports"))
    yield
    async with database.owner.engine.begin() as connection:
        await connection.execute(text("TRUNCATE register_records, register_imports"))


async def send(
    operator: Member, register: Register, content: bytes, *, kind: str = CSV, key: str | None = None, **query: Any
) -> httpx.Response:
    headers = operator.headers | {"Idempotency-Key": key or str(uuid4()), "Content-Type": kind}
    params = {"as_of": AS_OF} | query
    return await operator._http.post(
        f"/v1/registers/{register}/imports", content=content, params=params, headers=headers
    )


async def imported(operator: Member, register: Register, content: bytes, **more: Any) -> Json:
    answer = await send(operator, register, content, **more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def events(world: World) -> list[Json]:
    auditor = await world.member(OrganizationKind.AUDITOR)
    after: dict[str, str] = {}
    found: list[Json] = []
    while True:
        page = await auditor.read("/v1/events", limit="100", **after)
        if not page["items"]:
            return found
        found += [event for event in page["items"] if event["type"] == "register.imported"]
        after = {"after": page["next"]}


@pytest.mark.parametrize("register", list(Register))
async def test_every_register_comes_in_from_both_forms_of_file_alike(world: World, register: Register) -> None:
    operator = await world.registry()
    made = await imported(operator, register, file_of(register), name="state.csv")
    assert (made["rows"], made["added"], made["records"], made["errors_total"]) == (1, 1, 0, 0)
    assert made["differences"][0]["before"] is None
    again = await imported(operator, register, book(HEADERS[register], ROWS[register]), kind=XLSX)
    assert (again["unchanged"], again["differences_total"]) == (1, 0), again
    (record,) = (await operator.read(f"/v1/registers/{register}/records"))["items"]
    assert record["key"] == made["differences"][0]["key"]
    assert record["as_of"] == AS_OF


async def test_a_producer_is_kept_with_what_evidence_needs_and_without_telephones(world: World) -> None:
    operator = await world.registry()
    await imported(operator, Register.PRODUCERS, file_of(Register.PRODUCERS))
    (record,) = (await world.public.read("/v1/registers/producers/records", bin=BIN))["items"]
    assert record["key"] == "KTP-1/141211290000016"
    assert (record["bin"], record["valid_from"], record["valid_until"]) == (BIN, "2026-01-10", None)
    fields = record["fields"]
    assert fields["product_codes"] == ["141211290000016", "141211"]
    assert (fields["local_content"], fields["declared_capacity"]) == ("45.50", 12000)
    assert "phone" not in fields
    assert "a@b.example" not in str(record)


async def test_a_dry_run_tells_what_would_happen_and_stores_nothing(world: World) -> None:
    operator = await world.registry()
    answer = await send(operator, Register.KATO, file_of(Register.KATO), dry_run=True)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["id"], told["dry_run"], told["added"]) == (None, True, 1)
    assert (await world.public.read("/v1/registers/kato/records"))["items"] == []
    assert (await operator.read("/v1/registers/kato/imports"))["items"] == []
    before = len(await events(world))
    await imported(operator, Register.KATO, file_of(Register.KATO))
    assert len(await events(world)) == before + 1


async def test_a_second_import_is_compared_with_the_first_and_history_stays(world: World, database: Databases) -> None:
    operator = await world.registry()
    codes = [f"6310{number:02d}000" for number in range(10, 20)]
    first = [row(Register.KATO, c0=code) for code in codes]
    await imported(operator, Register.KATO, file_of(Register.KATO, *first))
    second = [row(Register.KATO, c0=codes[0], c1="Renamed"), *first[2:], row(Register.KATO, c0="711310000")]
    made = await imported(operator, Register.KATO, file_of(Register.KATO, *second), as_of="2026-04-01")
    assert (made["records"], made["rows"]) == (10, 10)
    assert (made["added"], made["changed"], made["removed"], made["unchanged"]) == (1, 1, 1, 8)
    changed, removed, added = made["differences"]
    assert (changed["key"], changed["before"]["name_ru"], changed["after"]["name_ru"]) == (
        codes[0],
        "Усть-Каменогорск Г.А.",
        "Renamed",
    )
    assert (removed["key"], removed["after"]) == (codes[1], None)
    assert (added["key"], added["before"]) == ("711310000", None)
    records = (await world.public.read("/v1/registers/kato/records"))["items"]
    assert [each["key"] for each in records] == [codes[0], *codes[2:], "711310000"]
    assert {each["key"]: each["as_of"] for each in records}[codes[0]] == "2026-04-01"
    async with database.engine.connect() as connection:
        history = (
            await connection.execute(
                text("SELECT fields->>'name_ru', removed_import IS NULL FROM register_records WHERE key = :key"),
                {"key": codes[0]},
            )
        ).all()
    assert {tuple(each) for each in history} == {("Усть-Каменогорск Г.А.", False), ("Renamed", True)}
    (event,) = [each for each in await events(world) if each["subject_id"] == made["id"]]
    assert event["data"]["removed"] == 1
    assert "Renamed" not in str(event)


async def test_a_partial_import_removes_nothing_and_never_comes_first(world: World) -> None:
    operator = await world.registry()
    refused = await send(operator, Register.KATO, file_of(Register.KATO), mode="partial")
    assert (refused.status_code, refused.json()["code"]) == (422, "register-import-refused")
    assert refused.json()["errors"][0]["pointer"] == "query:mode"
    await imported(operator, Register.KATO, file_of(Register.KATO))
    other = file_of(Register.KATO, row(Register.KATO, c0="711310000"))
    made = await imported(operator, Register.KATO, other, mode="partial")
    assert (made["added"], made["removed"]) == (1, 0)
    assert len((await world.public.read("/v1/registers/kato/records"))["items"]) == 2


async def test_a_full_import_that_removes_more_than_a_fifth_must_say_so(world: World) -> None:
    operator = await world.registry()
    rows = [row(Register.KATO, c0=f"6310{number:02d}000") for number in range(10, 20)]
    await imported(operator, Register.KATO, file_of(Register.KATO, *rows))
    half = file_of(Register.KATO, *rows[3:])
    told = (await send(operator, Register.KATO, half, dry_run=True)).json()
    assert (told["removed"], told["too_many_removed"]) == (3, True)
    refused = await send(operator, Register.KATO, half)
    assert (refused.status_code, refused.json()["code"]) == (409, "register-removals-refused")
    assert refused.json()["facts"] == {"removed": 3, "present": 10}
    assert "3 of 10" in refused.json()["detail"]
    assert (await imported(operator, Register.KATO, half, accept_removals=True))["removed"] == 3
    fifth = await imported(operator, Register.KATO, file_of(Register.KATO, *rows[4:]))
    assert fifth["removed"] == 1


async def test_an_older_state_and_a_day_to_come_are_refused(world: World) -> None:
    operator = await world.registry()
    await imported(operator, Register.KATO, file_of(Register.KATO))
    older = await send(operator, Register.KATO, file_of(Register.KATO), as_of="2026-03-14")
    assert (older.status_code, older.json()["code"]) == (409, "register-state-older")
    assert AS_OF in older.json()["passes"]
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    future = await send(operator, Register.KATO, file_of(Register.KATO), as_of=tomorrow)
    assert (future.status_code, future.json()["code"]) == (422, "register-import-refused")
    assert future.json()["errors"][0]["pointer"] == "query:as_of"


@pytest.mark.parametrize(
    ("register", "changes", "pointer", "rule"),
    [
        (Register.PRODUCERS, {"c1": "950440001674"}, "Sheet1!B2", "wrong-bin"),
        (Register.PRODUCERS, {"c1": ""}, "Sheet1!B2", "missing"),
        (Register.PRODUCERS, {"c4": "511010000"}, "Sheet1!E2", "wrong-kato"),
        (Register.PRODUCERS, {"c9": "-5"}, "Sheet1!J2", "capacity"),
        (Register.PRODUCERS, {"c9": "1.5"}, "Sheet1!J2", "capacity"),
        (Register.PRODUCERS, {"c9": "0"}, "Sheet1!J2", "capacity"),
        (Register.PRODUCERS, {"c9": "=1+1"}, "Sheet1!J2", "formula"),
        (Register.PRODUCERS, {"c12": "141"}, "Sheet1!M2", "product-code"),
        (Register.PRODUCERS, {"c11": "", "c12": ""}, "Sheet1!M2", "product-code"),
        (Register.PRODUCERS, {"c14": "100.01"}, "Sheet1!O2", "percentage"),
        (Register.PRODUCERS, {"c14": "-1"}, "Sheet1!O2", "percentage"),
        (Register.PRODUCERS, {"c16": "16.03.2026"}, "Sheet1!Q2", "future"),
        (Register.PRODUCERS, {"c16": "31.02.2026"}, "Sheet1!Q2", "day"),
        (Register.PRODUCERS, {"c16": "03/04/2026"}, "Sheet1!Q2", "day"),
        (Register.CT_KZ, {"c10": "2025-01-09"}, "Sheet1!K2", "validity"),
        (Register.UNRELIABLE_STATE, {"c4": "28.02.2024"}, "Sheet1!E2", "validity"),
        (Register.KATO, {"c0": "991010000"}, "Sheet1!A2", "wrong-kato"),
        (Register.ENS_TRU, {"c0": "141211"}, "Sheet1!A2", "wrong-ens-tru"),
    ],
)
async def test_each_flaw_names_its_cell_and_nothing_is_stored(
    world: World, register: Register, changes: dict[str, Any], pointer: str, rule: str
) -> None:
    operator = await world.registry()
    bad = row(register, **changes)
    for content, kind in ((file_of(register, bad), CSV), (book(HEADERS[register], bad), XLSX)):
        refused = await send(operator, register, content, kind=kind)
        assert (refused.status_code, refused.json()["code"]) == (422, "register-import-refused"), refused.text
        assert [(flaw["pointer"], flaw["rule"]) for flaw in refused.json()["errors"]] == [(pointer, rule)]
        told = (await send(operator, register, content, kind=kind, dry_run=True)).json()
        assert [(flaw["pointer"], flaw["rule"]) for flaw in told["errors"]] == [(pointer, rule)]
    states = (await world.public.read("/v1/registers"))["items"]
    assert all(each["import_id"] is None for each in states)


async def test_the_first_hundred_flaws_are_named_and_all_are_counted(world: World) -> None:
    operator = await world.registry()
    rows = [row(Register.KATO, c0=f"{number:09d}") for number in range(150)]
    refused = (await send(operator, Register.KATO, file_of(Register.KATO, *rows))).json()
    assert len(refused["errors"]) == 100
    assert refused["facts"]["flaws_total"] == 150
    told = (await send(operator, Register.KATO, file_of(Register.KATO, *rows), dry_run=True)).json()
    assert (len(told["errors"]), told["errors_total"], told["rows"]) == (100, 150, 150)


async def test_a_flawed_row_does_not_look_removed_in_a_dry_run(world: World) -> None:
    operator = await world.registry()
    await imported(operator, Register.PRODUCERS, file_of(Register.PRODUCERS))
    bad = file_of(Register.PRODUCERS, row(Register.PRODUCERS, c14="101"))
    told = (await send(operator, Register.PRODUCERS, bad, dry_run=True)).json()
    assert (told["removed"], told["differences_total"], told["errors_total"]) == (0, 0, 1)


async def test_the_same_record_twice_in_a_file_names_both_rows(world: World) -> None:
    operator = await world.registry()
    one = ROWS[Register.KATO]
    other = row(Register.KATO, c0="711310000")
    content = separated(HEADERS[Register.KATO], one, other, one, one)
    refused = (await send(operator, Register.KATO, content)).json()
    assert refused["code"] == "register-import-refused"
    assert [(flaw["pointer"], flaw["reason"]) for flaw in refused["errors"]] == [
        ("Sheet1!A4", "the same record as in row 2"),
        ("Sheet1!A5", "the same record as in row 2"),
    ]


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"", CSV, 422, "sheet-unreadable"),
        (b"\n\n", CSV, 422, "register-import-refused"),
        (file_of(Register.KATO).splitlines()[0], CSV, 422, "register-import-refused"),
        (file_of(Register.KATO), XLSX, 422, "sheet-unreadable"),
        (book(HEADERS[Register.KATO], ROWS[Register.KATO]), CSV, 422, "sheet-unreadable"),
        (b"PK\x03\x04 nothing of the kind", XLSX, 422, "sheet-unreadable"),
        (file_of(Register.KATO).decode().encode("cp1251", "replace"), CSV, 422, "sheet-unreadable"),
        (b"%PDF", "application/pdf", 415, "unsupported-media-type"),
        (b"{}", "application/json", 415, "unsupported-media-type"),
    ],
)
async def test_empty_files_and_other_types_are_refused(
    world: World, content: bytes, kind: str, status: int, code: str
) -> None:
    refused = await send(await world.registry(), Register.KATO, content, kind=kind)
    assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text


async def test_more_than_a_mebibyte_is_welcome_here_and_more_than_64_are_not(world: World) -> None:
    operator = await world.registry()
    rows = [row(Register.KATO, c0=f"63{number:07d}", c1="x" * 900) for number in range(2000)]
    assert (await imported(operator, Register.KATO, file_of(Register.KATO, *rows)))["added"] == 2000

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(65):
            yield b"x" * 1024 * 1024

    headers = operator.headers | {"Idempotency-Key": "endless", "Content-Type": CSV}
    refused = await operator._http.post(
        "/v1/registers/kato/imports", params={"as_of": AS_OF}, content=endless(), headers=headers
    )
    assert (refused.status_code, refused.json()["code"]) == (413, "body-too-large")
    declared = headers | {"Content-Length": str(65 * 1024 * 1024)}
    refused = await operator._http.post(
        "/v1/registers/kato/imports", params={"as_of": AS_OF}, content=b"x", headers=declared
    )
    assert refused.status_code == 413


async def test_two_imports_at_once_come_one_after_the_other(world: World) -> None:
    operator = await world.registry()
    files = [file_of(Register.KATO, *(row(Register.KATO, c0=f"63{each:07d}") for each in range(300)))] * 4
    answers = await asyncio.gather(*(send(operator, Register.KATO, content) for content in files))
    assert [answer.status_code for answer in answers] == [201] * 4
    assert sorted(answer.json()["added"] for answer in answers) == [0, 0, 0, 300]
    state = next(
        each for each in (await world.public.read("/v1/registers"))["items"] if each["register_name"] == "kato"
    )
    assert state["records"] == 300


async def test_a_retry_is_answered_as_the_first_time_and_another_file_under_the_key_is_not(world: World) -> None:
    operator = await world.registry()
    first = await send(operator, Register.KATO, file_of(Register.KATO), key="k")
    again = await send(operator, Register.KATO, file_of(Register.KATO), key="k")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.content == first.content
    other = file_of(Register.KATO, row(Register.KATO, c0="711310000"))
    refused = await send(operator, Register.KATO, other, key="k")
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency-key-reused")
    assert len((await operator.read("/v1/registers/kato/imports"))["items"]) == 1


async def test_only_registry_operators_import_and_strangers_send_nothing(world: World) -> None:
    for other in (await world.buyer(), await world.member(OrganizationKind.AUDITOR)):
        assert (await send(other, Register.KATO, file_of(Register.KATO))).status_code == 403
    assert (await send(world.public, Register.KATO, file_of(Register.KATO))).status_code == 401
    assert (await send(await world.registry(), "nonsense", b"x")).status_code == 422  # type: ignore[arg-type]  # on purpose


async def test_lists_are_read_with_credentials_and_imports_by_operators_and_auditors(world: World) -> None:
    operator, auditor = await world.registry(), await world.member(OrganizationKind.AUDITOR)
    buyer = await world.buyer()
    for register in Register:
        path = f"/v1/registers/{register}"
        assert (await world.public.get(f"{path}/records")).status_code == (401 if register in LISTS else 200)
        assert (await buyer.get(f"{path}/records")).status_code == 200
        assert (await world.public.get(f"{path}/imports")).status_code == 401
        assert (await buyer.get(f"{path}/imports")).status_code == 403
        assert (await auditor.get(f"{path}/imports")).status_code == 200
        assert (await operator.get(f"{path}/imports")).status_code == 200


async def test_records_are_found_by_bin_and_key_and_paged_in_the_order_of_their_keys(world: World) -> None:
    operator = await world.registry()
    rows = [
        row(Register.PRODUCERS, c0=f"KTP-{number}", c1=BIN if number % 2 else OTHER_BIN) for number in range(10, 20)
    ]
    await imported(operator, Register.PRODUCERS, file_of(Register.PRODUCERS, *rows))
    path = "/v1/registers/producers/records"
    assert len((await world.public.read(path, bin=BIN))["items"]) == 5
    (one,) = (await world.public.read(path, key="KTP-13/141211290000016"))["items"]
    assert one["bin"] == BIN
    assert (await world.public.get(path, bin="123")).status_code == 422
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = await world.public.read(path, limit="3", **cursor)
        seen += [each["key"] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == [f"KTP-{number}/141211290000016" for number in range(10, 20)]


async def test_the_state_of_each_register_tells_its_age(world: World) -> None:
    operator = await world.registry()
    made = await imported(operator, Register.KATO, file_of(Register.KATO))
    items = {each["register_name"]: each for each in (await world.public.read("/v1/registers"))["items"]}
    assert set(items) == {str(register) for register in Register}
    assert items["ens_tru"]["as_of"] is None
    kato = items["kato"]
    assert (kato["as_of"], kato["records"], kato["import_id"]) == (AS_OF, 1, made["id"])
    assert kato["age_days"] >= 200
    (listed,) = (await operator.read("/v1/registers/kato/imports"))["items"]
    assert (listed["id"], listed["organization_id"], listed["records"]) == (made["id"], operator.id, 1)


async def test_a_bin_has_its_standing_from_all_registers_in_one_read(world: World, database: Databases) -> None:
    operator = await world.registry()
    begin = Transactions(database.engine.begin, KEYRING.answers)
    async with begin() as work:
        before = await work.registers.standing(BIN)
        assert await work.registers.knows(Register.KATO, "631010000") is None
    assert before.evidence == ()
    assert {state.as_of for state in before.lists.values()} == {None}
    await imported(operator, Register.PRODUCERS, file_of(Register.PRODUCERS))
    await imported(operator, Register.CT_KZ, file_of(Register.CT_KZ))
    await imported(operator, Register.UNRELIABLE_STATE, file_of(Register.UNRELIABLE_STATE))
    await imported(operator, Register.KATO, file_of(Register.KATO))
    async with begin() as work:
        found = await work.registers.standing(BIN)
        clean = await work.registers.standing(OTHER_BIN)
        assert await work.registers.knows(Register.KATO, "631010000") is True
        assert await work.registers.knows(Register.KATO, "711310000") is False
    assert {(each.register, each.number, each.issuer) for each in found.evidence} == {
        (Register.PRODUCERS, "KTP-1", "Register of Kazakhstan goods producers"),
        (Register.CT_KZ, "KZ0123456", "НПП"),
    }
    extract = next(each for each in found.evidence if each.register is Register.PRODUCERS)
    assert (extract.product_codes, str(extract.local_content), extract.declared_capacity) == (
        ("141211290000016", "141211"),
        "45.50",
        12000,
    )
    assert found.evidence_as_of[Register.INDUSTRIAL_CERTIFICATES] is None
    state = found.lists[Register.UNRELIABLE_STATE]
    (entry,) = state.entries
    assert (str(state.as_of), str(entry.listed_on), str(entry.until), entry.reason) == (
        AS_OF,
        "2024-02-29",
        "2026-02-28",
        "уклонение",
    )
    assert found.lists[Register.UNRELIABLE_FUND].as_of is None
    assert clean.lists[Register.UNRELIABLE_STATE].as_of is not None
    assert clean.lists[Register.UNRELIABLE_STATE].entries == ()


async def test_the_standing_joins_another_statement_and_no_product_hides_a_ban(
    world: World, database: Databases
) -> None:
    operator, supplier = await world.registry(), await world.supplier(codes=())
    many = [row(Register.CT_KZ, c1=str(number), c2=supplier.bin) for number in range(RECORDS_OF_BIN_MAX + 1)]
    await imported(operator, Register.CT_KZ, file_of(Register.CT_KZ, *many))
    banned = file_of(Register.UNRELIABLE_FUND, row(Register.UNRELIABLE_FUND, c0=supplier.bin))
    await imported(operator, Register.UNRELIABLE_FUND, banned)
    columns = standing_columns("o.bin")
    statement = text(f"SELECT o.name, {columns} FROM organizations o WHERE o.id = :id")  # noqa: S608 - our own text
    async with database.engine.connect() as connection:
        found = (await connection.execute(statement, {"id": supplier.id})).mappings().one()
    standing = standing_of(found)
    assert len(standing.lists[Register.UNRELIABLE_FUND].entries) == 1
    assert len(standing.evidence) == RECORDS_OF_BIN_MAX - 1
