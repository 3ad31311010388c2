"""People for load and fault tests on real processes: a registry, a buyer and suppliers, confirmed and signed in."""

import httpx

from api.demo.client import Client
from api.demo.inputs import PASSWORD
from api.demo.processes import Processes
from tests.numbers import bins

REGISTRY = "registry@setting.example"


def signed_in(processes: Processes, http: httpx.Client, *, suppliers: int) -> list[str]:
    """Tokens: the buyer's first, then the suppliers'."""
    numbers = iter(bins("260140"))
    processes.run(
        "operator", "--kind", "registry", "--bin", next(numbers), "--name", "Registry", "--email", REGISTRY,
        "--password-stdin", stdin=PASSWORD + "\n",
    )  # fmt: skip
    public = Client(http)
    registry = Client(http, public.post("/v1/sessions", {"email": REGISTRY, "password": PASSWORD})["token"])
    tokens = []
    for index, kind in enumerate(["buyer"] + ["supplier"] * suppliers):
        email = f"member{index}@setting.example"
        organization = {
            "bin": next(numbers), "kind": kind, "name": f"Member {index}", "kato": "631010000",
            "address": f"{index} Street", "phone": f"+7 7232 0000{index:02d}", "email": email,
        }  # fmt: skip
        founder = {"email": email, "name": f"Founder {index}", "password": PASSWORD}
        registered = public.post("/v1/registrations", {"organization": organization, "founder": founder})
        registry.post(f"/v1/organizations/{registered['organization']['id']}/confirmation", {})
        tokens.append(public.post("/v1/sessions", {"email": email, "password": PASSWORD})["token"])
    return tokens
