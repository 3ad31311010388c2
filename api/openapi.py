"""The OpenAPI 3.1 document: generated from the routes, mended where FastAPI says less than we promise."""

import json
import re
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.idempotency import schema_of_header
from domain.errors import leaves

DESCRIPTION = """Workwear and school-uniform tenders among domestic producers: need, tender, sealed bids, award,
contract, delivery, payment, audit. Errors are RFC 9457 problems with a stable `code`; titles come in English, Russian
and Kazakh by `Accept-Language`. Commands carry an `Idempotency-Key`, changes of versioned objects an `If-Match`."""


def describe(app: FastAPI) -> None:
    """Make ``app.openapi()`` (and so /openapi.json and /docs) answer our document."""

    def cached() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = document(app)
        return app.openapi_schema

    app.openapi = cached  # type: ignore[method-assign]  # FastAPI's documented way to replace it


def document(app: FastAPI) -> dict[str, Any]:
    result = get_openapi(
        title=app.title,
        version="1",
        openapi_version="3.1.0",
        description=DESCRIPTION,
        routes=app.routes,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        servers=[{"url": "/"}],
    )
    result["components"].setdefault("securitySchemes", {})["bearer"] = {"type": "http", "scheme": "bearer"}
    result["security"] = [{"bearer": []}]
    result["tags"] = [{"name": name} for name in sorted(_tags(result))]
    for operations in result["paths"].values():
        for method, operation in operations.items():
            _mend(method, operation)
    for unused in ("HTTPValidationError", "ValidationError"):
        result["components"]["schemas"].pop(unused, None)
    codes = sorted({leaf.code for leaf in leaves()})
    result["components"]["schemas"]["Problem"]["properties"]["code"]["examples"] = codes
    return result


def canonical_json(result: dict[str, Any]) -> str:
    return json.dumps(result, ensure_ascii=False, indent=2) + "\n"


def _tags(result: dict[str, Any]) -> set[str]:
    return {tag for operations in result["paths"].values() for each in operations.values() for tag in each["tags"]}


def _mend(method: str, operation: dict[str, Any]) -> None:
    operation["operationId"] = re.sub(r"_(v1|health)_.*$", "", operation["operationId"])
    responses = operation["responses"]
    default = responses.get("422", {}).get("content", {}).get("application/json", {}).get("schema", {}).get("$ref", "")
    if default.endswith("HTTPValidationError"):
        _as_problem(responses, "422", "invalid-request")
    for status, response in responses.items():
        if int(status) >= 400:  # noqa: PLR2004 - errors begin here
            content = response.get("content", {})
            if "application/json" in content:
                content["application/problem+json"] = content.pop("application/json")
    if method == "get" and "security" not in operation and _is_public(operation):
        operation["security"] = [{}, {"bearer": []}]
    needs_key = "422" in responses and "idempotency-key-required" in responses["422"]["description"]
    if needs_key:
        operation.setdefault("parameters", []).append(schema_of_header())


def _is_public(operation: dict[str, Any]) -> bool:
    return bool(operation.get("x-public", False))


def _as_problem(responses: dict[str, Any], status: str, code: str) -> None:
    responses[status] = {
        "description": code,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
