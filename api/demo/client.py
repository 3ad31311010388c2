"""An ordinary client: httpx, a bearer token, an idempotency key for every command."""

from typing import Any
from uuid import uuid4

import httpx

Json = dict[str, Any]


class StoryFailedError(AssertionError):
    """A step did not do what it claims."""


def expect(condition: object, message: str) -> None:
    if not condition:
        raise StoryFailedError(message)


class Client:
    """Speaks for one member of one organisation; ``token`` None speaks for the public."""

    def __init__(self, http: httpx.Client, token: str | None = None) -> None:
        self._http = http
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, status: int = 200, **query: Any) -> httpx.Response:
        response = self._http.get(path, params=query, headers=self._headers)
        expect(response.status_code == status, f"GET {path}: {response.status_code} {response.text[:800]}")
        return response

    def read(self, path: str, **query: Any) -> Json:
        answer: Json = self.get(path, **query).json()
        return answer

    def post(self, path: str, body: Json, status: int = 201, **headers: str) -> Json:
        response = self.send(path, json=body, headers=headers)
        expect(response.status_code == status, f"POST {path}: {response.status_code} {response.text[:800]}")
        answer: Json = response.json()
        return answer

    def upload(self, path: str, content: bytes, media_type: str, **query: Any) -> Json:
        response = self.send(path, content=content, params=query, headers={"Content-Type": media_type})
        expect(response.status_code == httpx.codes.CREATED, f"POST {path}: {response.text[:800]}")
        answer: Json = response.json()
        return answer

    def put(self, path: str, body: Json, *, version: str) -> Json:
        response = self._http.put(path, json=body, headers=self._headers | {"If-Match": version})
        expect(response.status_code == httpx.codes.OK, f"PUT {path}: {response.status_code} {response.text[:800]}")
        answer: Json = response.json()
        return answer

    def step(self, path: str, body: Json, *, of: str, status: int = 201) -> Json:
        """A step on a versioned object: reads it for its ETag first."""
        etag = self.get(of).headers["ETag"]
        return self.post(path, body, status, **{"If-Match": etag})

    def send(self, path: str, *, headers: dict[str, str], **content: Any) -> httpx.Response:
        keyed = self._headers | {"Idempotency-Key": str(uuid4())} | headers
        return self._http.post(path, headers=keyed, **content)
