"""The document: valid, stable, and true about errors, keys, permissions and credentials."""

import json
from typing import Annotated, Any
from uuid import UUID

import pytest
from fastapi import APIRouter, Depends, FastAPI, Response
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.openapi import IncompleteDocumentError, canonical_json, document
from api.paging import Page, Paging, paged
from api.preconditions import if_match
from api.problems import responses
from api.schemas import Day, Incoming, Instant, MoneyText, SizesMap, Strict, Text
from domain.errors import NotPermitted, StaleVersion
from domain.work import KeyReused
from tests.api.sample import client_of, dressed

Version = Annotated[int, Depends(if_match)]


class ThingBody(Strict):
    name: Text
    price: MoneyText
    sizes: SizesMap
    due_on: Day


class ThingView(ThingBody):
    id: UUID
    made_at: Instant


def router() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["things"])

    @router.put(
        "/things/{id}",
        openapi_extra={"x-permission": "thing.change"},
        responses=responses("not-authenticated", NotPermitted, StaleVersion, "precondition-required"),
    )
    async def change_thing(
        id: UUID, body: Incoming[ThingBody], version: Annotated[int, Depends(if_match)]
    ) -> ThingView:
        raise NotImplementedError

    @router.post(
        "/things",
        status_code=201,
        openapi_extra={"x-permission": "thing.make"},
        responses=responses("not-authenticated", "idempotency-key-required", KeyReused),
    )
    async def make_thing(body: Incoming[ThingBody]) -> ThingView:
        raise NotImplementedError

    @router.get(
        "/things",
        response_model=Page[ThingView],
        openapi_extra={"x-public": True},
        responses=responses("not-authenticated"),
    )
    async def list_things(paging: Paging) -> Response:
        views: list[ThingView] = []
        return paged(views, paging, key=lambda view: [str(view.id)])

    return router


def untagged() -> APIRouter:
    router = APIRouter()

    @router.get("/health/live")
    async def read_liveness() -> str:
        return "ok"

    return router


@pytest.fixture
def shape() -> dict[str, Any]:
    return document(dressed(router(), untagged()))


def test_the_document_is_valid_openapi_3_1(shape: dict[str, Any]) -> None:
    assert shape["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(shape).validate()


def test_the_same_routes_in_another_order_give_the_same_text(shape: dict[str, Any]) -> None:
    text = canonical_json(shape)
    assert text == canonical_json(document(dressed(untagged(), router())))
    assert text.endswith("}\n")
    assert json.loads(text) == shape
    assert list(shape["paths"]) == sorted(shape["paths"])


def test_operations_are_called_as_their_functions(shape: dict[str, Any]) -> None:
    names = {each["operationId"] for operations in shape["paths"].values() for each in operations.values()}
    assert names == {"change_thing", "make_thing", "list_things", "read_liveness"}


def test_every_error_is_a_problem_and_fastapis_own_is_gone(shape: dict[str, Any]) -> None:
    assert "ValidationError" not in canonical_json(shape).replace("HTTPValidationError", "ValidationError")
    for operations in shape["paths"].values():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    assert list(answer["content"]) == ["application/problem+json"]
                    assert answer["content"]["application/problem+json"]["schema"]["$ref"].endswith("/Problem")


def test_every_error_status_is_declared_with_its_codes(shape: dict[str, Any]) -> None:
    make = shape["paths"]["/v1/things"]["post"]["responses"]
    assert {status: answer["description"] for status, answer in make.items()} == {
        "201": "Successful Response",
        "400": "malformed-request",
        "401": "not-authenticated",
        "413": "body-too-large",
        "415": "unsupported-media-type",
        "422": "idempotency-key-required, idempotency-key-reused, invalid-request",
        "500": "internal-error",
    }
    read = shape["paths"]["/health/live"]["get"]["responses"]
    assert sorted(read) == ["200", "400", "422", "500"]


def test_commands_name_their_key_and_changes_their_precondition(shape: dict[str, Any]) -> None:
    def required(path: str, method: str) -> dict[str, bool]:
        return {each["name"]: each["required"] for each in shape["paths"][path][method].get("parameters", [])}

    assert required("/v1/things", "post") == {"Idempotency-Key": True}
    assert required("/v1/things/{id}", "put") == {"id": True, "If-Match": True}
    assert required("/v1/things", "get") == {"limit": False, "cursor": False}


def test_each_operation_says_whether_it_needs_credentials(shape: dict[str, Any]) -> None:
    paths = shape["paths"]
    assert paths["/v1/things"]["post"]["security"] == [{"bearer": []}]
    assert paths["/v1/things"]["get"]["security"] == [{}, {"bearer": []}]
    assert paths["/health/live"]["get"]["security"] == []
    assert shape["components"]["securitySchemes"] == {"bearer": {"type": "http", "scheme": "bearer"}}


def test_write_operations_carry_their_permission(shape: dict[str, Any]) -> None:
    assert shape["paths"]["/v1/things"]["post"]["x-permission"] == "thing.make"
    assert shape["paths"]["/v1/things/{id}"]["put"]["x-permission"] == "thing.change"


def test_tags_are_listed_once(shape: dict[str, Any]) -> None:
    assert [tag["name"] for tag in shape["tags"]] == ["health", "things"]


def test_a_body_is_described_as_it_is_sent(shape: dict[str, Any]) -> None:
    body = shape["components"]["schemas"]["ThingBody"]
    assert body["additionalProperties"] is False
    assert body["properties"]["price"]["type"] == "string"
    assert body["properties"]["due_on"]["format"] == "date"
    content = shape["paths"]["/v1/things"]["post"]["requestBody"]["content"]
    assert content["application/json"]["schema"]["$ref"].endswith("/ThingBody")


async def test_the_application_serves_this_document(shape: dict[str, Any]) -> None:
    async with client_of(dressed(router(), untagged())) as client:
        assert (await client.get("/openapi.json")).json() == shape


def undeclared() -> APIRouter:
    router = APIRouter(prefix="/v1")

    @router.delete("/things")
    async def clear_things() -> None: ...

    return router


def namesake() -> APIRouter:
    router = APIRouter(prefix="/v1")

    @router.get("/others")
    async def list_things() -> None: ...

    return router


def test_a_write_without_a_permission_is_not_described() -> None:
    app: FastAPI = dressed(undeclared())
    with pytest.raises(IncompleteDocumentError, match="DELETE /v1/things names no permission"):
        document(app)


def test_two_operations_of_one_name_are_not_described() -> None:
    with pytest.raises(IncompleteDocumentError, match="list_things"):
        document(dressed(router(), namesake()))
