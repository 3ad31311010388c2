"""Organisations, people and credentials, as their users meet them."""

from uuid import uuid4

from domain.actors import OrganizationKind, Role
from tests.numbers import bins
from tests.world import Json, World

_BINS = bins("280140")


def registration(**organization: str) -> Json:
    name = uuid4().hex[:12]
    form = {
        "bin": next(_BINS), "kind": "supplier", "name": name, "kato": "631010000", "address": name,
        "phone": "+7 7232 000000", "email": f"{name}@people.example",
    } | organization  # fmt: skip
    return {"organization": form, "founder": {"email": form["email"], "name": name, "password": "a long password"}}


async def test_a_wrong_check_digit_is_refused_with_the_digit_that_would_pass(world: World) -> None:
    refused = await world.public.post("/v1/registrations", registration(bin="020240000556"))
    assert refused.status_code == 422
    flaw = refused.json()["errors"][0]
    assert flaw["pointer"] == "/organization/bin"
    assert "020240000555" in str(flaw)


async def test_a_bin_registers_once(world: World) -> None:
    first = registration()
    assert (await world.public.post("/v1/registrations", first)).status_code == 201
    again = registration(bin=first["organization"]["bin"])
    refused = await world.public.post("/v1/registrations", again)
    assert (refused.status_code, refused.json()["code"]) == (409, "bin-taken")


async def test_auditors_do_not_register_themselves(world: World) -> None:
    refused = await world.public.post("/v1/registrations", registration(kind="auditor"))
    assert (refused.status_code, refused.json()["code"]) == (422, "kind-not-open")


async def test_unknown_account_and_wrong_password_get_the_same_answer(world: World) -> None:
    form = registration()
    await world.public.post("/v1/registrations", form)
    known = {"email": form["founder"]["email"], "password": "not the password"}
    unknown = {"email": "nobody@people.example", "password": "not the password"}
    answers = [await world.public.post("/v1/sessions", body) for body in (known, unknown)]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].json()["detail"] == answers[1].json()["detail"]


async def test_an_unconfirmed_organisation_prepares_but_does_not_publish(world: World) -> None:
    form = registration(kind="buyer")
    await world.public.post("/v1/registrations", form)
    session = await world.public.post(
        "/v1/sessions", {"email": form["founder"]["email"], "password": form["founder"]["password"]}
    )
    me = await world.http.get("/v1/me", headers={"Authorization": f"Bearer {session.json()['token']}"})
    assert me.json()["organization_kind"] == "buyer"


async def test_a_foreign_organisation_looks_like_a_random_id(world: World) -> None:
    one, other = await world.buyer(), await world.buyer()
    foreign = await one.get(f"/v1/organizations/{other.id}")
    random = await one.get(f"/v1/organizations/{uuid4()}")
    assert foreign.status_code == random.status_code == 404
    assert {**foreign.json(), "instance": ""} == {**random.json(), "instance": ""}


async def test_a_revoked_key_is_refused_from_the_next_request_on(world: World) -> None:
    buyer = await world.buyer()
    made = await buyer.made("/v1/api-keys", {"name": "reports", "roles": ["officer"], "days": 30})
    key = {"Authorization": f"Bearer {made['token']}"}
    me = await world.http.get("/v1/me", headers=key)
    assert me.json()["roles"] == ["officer"]
    assert (await buyer.delete(f"/v1/api-keys/{made['key']['id']}")).status_code == 204
    assert (await world.http.get("/v1/me", headers=key)).status_code == 401


async def test_a_key_has_no_roles_that_its_owner_lacks(world: World) -> None:
    officer = await world.member(OrganizationKind.BUYER, (Role.OFFICER,))
    refused = await officer.post("/v1/api-keys", {"name": "more", "roles": ["approver"], "days": 30})
    assert (refused.status_code, refused.json()["code"]) == (403, "roles-beyond-own")


async def test_a_suspended_organisation_is_locked_out_at_once(world: World) -> None:
    supplier = await world.supplier(codes=())
    registry = await world.member(OrganizationKind.REGISTRY)
    await registry.made(f"/v1/organizations/{supplier.id}/suspension", {"reason": "false evidence"})
    assert (await supplier.get("/v1/me")).status_code == 401


async def test_members_hold_only_roles_of_their_kind_of_organisation(world: World) -> None:
    buyer = await world.buyer()
    body = {"email": "x@people.example", "name": "X", "password": "a long password", "roles": ["workshop_manager"]}
    refused = await buyer.post("/v1/members", body)
    assert (refused.status_code, refused.json()["code"]) == (422, "role-not-of-kind")


async def test_a_director_is_shown_to_the_organisation_registry_operators_and_auditors_only(world: World) -> None:
    supplier, buyer = await world.supplier(codes=()), await world.buyer()
    registry, auditor = await world.registry(), await world.member(OrganizationKind.AUDITOR)
    told = {
        "address": "1 Abai", "phone": "+7 7232 111111", "email": "new@people.example",
        "director": "Aigerim Sadykova", "bank_account": "kz86 125k zt50 0410 0100",
    }  # fmt: skip
    path = f"/v1/organizations/{supplier.id}"
    tag = (await supplier.get(path)).headers["ETag"]
    changed = await supplier.put("/v1/organization", told, If_Match=tag)
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag
    for reader in (supplier, registry, auditor):
        seen = await reader.read(path)
        assert (seen["director"], seen["bank_account"]) == ("Aigerim Sadykova", "KZ86125KZT5004100100")
    assert (await buyer.get(path)).status_code == 404
    feed = ""
    after: dict[str, str] = {}
    while (page := await auditor.read("/v1/events", limit="100", **after))["items"]:
        feed += "".join(str(event) for event in page["items"] if event["subject_id"] == supplier.id)
        after = {"after": page["next"]}
    assert "organization.contacts_changed" in feed
    assert "director" in feed
    assert "Sadykova" not in feed
    assert "KZ86" not in feed


async def test_contacts_are_changed_by_an_administrator_who_read_the_latest_and_can_count(world: World) -> None:
    supplier = await world.supplier(codes=())
    told = {"address": "1 Abai", "phone": "+7 7232 111111", "email": "new@people.example"}
    assert (await supplier.put("/v1/organization", told, If_Match='"1"')).status_code == 412
    assert (await supplier.put("/v1/organization", told)).status_code == 428
    wrong = await supplier.put("/v1/organization", told | {"bank_account": "KZ87125KZT5004100100"}, If_Match='"2"')
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["pointer"] == "/bank_account"
    manager = await world.member(OrganizationKind.SUPPLIER, (Role.WORKSHOP_MANAGER,))
    assert (await manager.put("/v1/organization", told, If_Match='"2"')).json()["code"] == "not-permitted"


async def test_a_director_and_an_account_may_be_given_at_the_registration(world: World) -> None:
    form = registration(director="Aigerim Sadykova", bank_account="KZ86125KZT5004100100")
    made = await world.public.post("/v1/registrations", form)
    assert made.json()["organization"]["bank_account"] == "KZ86125KZT5004100100"
    assert (await world.public.post("/v1/registrations", registration())).json()["organization"]["director"] is None
