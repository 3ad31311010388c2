"""The OpenAPI 3.1 document: generated from the routes, mended where FastAPI says less than we promise."""

import json
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.idempotency import schema_of_header
from api.preconditions import IF_MATCH
from api.problems import EDGE, MEDIA_TYPE, Problem, catalogue
from api.route_table import RouteTable

DESCRIPTION = """Workwear and school-uniform tenders among domestic producers: need, tender, sealed bids, award,
contract, delivery, payment, audit. Errors are RFC 9457 problems with a stable `code`; titles come in English, Russian
and Kazakh by `Accept-Language`. Commands carry an `Idempotency-Key`, changes of versioned objects an `If-Match`."""

METHODS = ("get", "put", "post", "delete", "patch")
WRITES = frozenset(METHODS) - {"get"}
_BEARER: dict[str, list[str]] = {"bearer": []}
_ALWAYS = ("malformed-request", "invalid-request", "internal-error")
"""What the layers around the routes can answer to any request."""
_WITH_BODY = ("body-too-large", "unsupported-media-type")


class IncompleteDocumentError(RuntimeError):
    """The routes do not say enough to describe them."""


def describe(app: FastAPI) -> None:
    """Make ``app.openapi()`` (and so /openapi.json and /docs) answer our document."""

    def cached() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = document(app)
        return app.openapi_schema

    app.openapi = cached  # type: ignore[method-assign]  # FastAPI's documented way to replace it


def canonical_json(result: dict[str, Any]) -> str:
    """Stable text: paths, methods and answers are ordered by ``document``, fields as their models declare them."""
    return json.dumps(result, ensure_ascii=False, indent=2) + "\n"


def document(app: FastAPI) -> dict[str, Any]:
    """The same routes give the same document. Refuses write routes without ``x-permission`` and two operations of
    one name: ``operationId`` is the name of the route's function.
    """
    result = get_openapi(
        title=app.title,
        version="1",
        openapi_version="3.1.0",
        description=DESCRIPTION,
        routes=app.routes,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        servers=[{"url": "/"}],
    )
    names = {
        (entry.template, method.lower()): entry.name for entry in RouteTable(app).entries for method in entry.methods
    }
    seen: set[str] = set()
    paths: dict[str, Any] = {}
    for path, operations in sorted(result.get("paths", {}).items()):
        paths[path] = {method: operations[method] for method in METHODS if method in operations}
        for method, operation in paths[path].items():
            operation["operationId"] = name = names[path, method]
            if name in seen:
                raise IncompleteDocumentError(f"two operations are called {name}")
            seen.add(name)
            if method in WRITES and "x-permission" not in operation:
                raise IncompleteDocumentError(f"{method.upper()} {path} names no permission")
            operation.setdefault("tags", [path.strip("/").removeprefix("v1/").split("/")[0]])
            _mend(operation)
    result["paths"] = paths
    result["tags"] = [{"name": tag} for tag in sorted({tag for each in _operations(paths) for tag in each["tags"]})]
    components = result.setdefault("components", {})
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    components["schemas"] = _schemas(components.get("schemas", {}))
    return result


def _operations(paths: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for operations in paths.values() for operation in operations.values()]


def _mend(operation: dict[str, Any]) -> None:
    codes = {
        status: set(answer.get("description", "").split(", "))
        for status, answer in operation["responses"].items()
        if status.startswith(("4", "5")) and not _is_default(answer)
    }
    for code in (*_ALWAYS, *(_WITH_BODY if "requestBody" in operation else ())):
        codes.setdefault(str(EDGE[code][0]), set()).add(code)
    kept = {status: answer for status, answer in operation["responses"].items() if not status.startswith(("4", "5"))}
    operation["responses"] = kept | {status: _problem(names) for status, names in sorted(codes.items())}
    known = {code for names in codes.values() for code in names}
    parameters = operation.get("parameters", [])
    for parameter in parameters:
        if parameter["name"] == IF_MATCH:
            parameter |= {"required": True, "schema": {"type": "string", "examples": ['"3"']}}
    if "idempotency-key-required" in known:
        parameters = [*parameters, schema_of_header()]
    if parameters:
        operation["parameters"] = parameters
    operation.setdefault("security", _security(operation, known))


def _security(operation: dict[str, Any], codes: set[str]) -> list[dict[str, list[str]]]:
    """Who cannot be told apart needs no credentials; ``x-public`` reads show more to those who bring them."""
    if "not-authenticated" not in codes:
        return []
    return [{}, _BEARER] if operation.get("x-public") else [_BEARER]


def _is_default(answer: dict[str, Any]) -> bool:
    """FastAPI's own 422, whose body we never send."""
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    return bool(schema.get("$ref", "").endswith("/HTTPValidationError"))


def _problem(codes: set[str]) -> dict[str, Any]:
    return {
        "description": ", ".join(sorted(codes)),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _schemas(generated: dict[str, Any]) -> dict[str, Any]:
    """Without FastAPI's validation errors, with Problem even where no route names it."""
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    inner = problem.pop("$defs")
    problem["properties"]["code"]["examples"] = list(catalogue())
    unused = {"HTTPValidationError", "ValidationError"}
    ours = {name: schema for name, schema in generated.items() if name not in unused}
    return dict(sorted((ours | inner | {"Problem": problem}).items()))
