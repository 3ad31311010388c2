"""Every refusal is complete, every write says who may make it, the document is what is committed."""

import json
import re
from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI
from openapi_spec_validator import OpenAPIV31SpecValidator

import adapters.postgres.engine
import api.main
from api.app import documented_app
from api.openapi import canonical_json, document
from api.problems import EDGE
from api.route_table import RouteTable
from api.routing import READS, UndeclaredWriteError, every_write_is_declared
from domain.actors import PERMISSIONS, Action, Role
from domain.errors import Titles, leaves

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = ROOT / "openapi" / "openapi.json"
EVERYTHING = (adapters.postgres.engine, api.main)
"""Importing the composition root defines every refusal."""


def test_every_refusal_has_its_own_code_and_three_titles() -> None:
    titles: dict[str, Titles] = {leaf.code: leaf.titles for leaf in leaves()}
    assert len(titles) == len(list(leaves()))
    assert not set(titles) & set(EDGE)
    for code, each in {**titles, **{code: row[1] for code, row in EDGE.items()}}.items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code), code
        assert len({each.en, each.ru, each.kk}) == len(("en", "ru", "kk")), code
        assert re.search("[А-я]", each.ru), code
        assert re.search("[А-яӘәІіҢңҒғҮүҰұҚқӨөҺһ]", each.kk), code


def test_a_write_route_without_a_permission_stops_the_process() -> None:
    router = APIRouter()
    router.add_api_route("/v1/careless", lambda: None, methods=["POST"])
    app = FastAPI()
    app.include_router(router)
    with pytest.raises(UndeclaredWriteError):
        every_write_is_declared(app)


def test_every_action_is_held_by_a_role_and_asked_by_a_route() -> None:
    held = {action for actions in PERMISSIONS.values() for action in actions}
    asked = {
        entry.extra["x-permission"] for entry in RouteTable(documented_app()).entries if not entry.methods <= READS
    }
    assert set(PERMISSIONS) == set(Role)
    assert held == set(Action)
    assert asked - {"public"} == {str(action) for action in Action}


def test_the_committed_document_is_the_generated_one() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == canonical_json(document(documented_app()))


def test_the_document_is_valid_openapi_3_1() -> None:
    committed = json.loads(COMMITTED.read_text(encoding="utf-8"))
    assert committed["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(committed).validate()


def test_every_operation_says_what_it_does_and_how_it_fails() -> None:
    committed = json.loads(COMMITTED.read_text(encoding="utf-8"))
    for path, operations in committed["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            assert operation["tags"], where
            assert operation["operationId"], where
            for status, response in operation["responses"].items():
                assert status.startswith("2") or set(response["content"]) == {"application/problem+json"}, where
