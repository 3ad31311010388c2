#!/usr/bin/env python3
"""Checks, with Python alone and nothing of Oimaq's, that an event is in the log and what it hides.

    curl -H "Authorization: Bearer …" "https://…/v1/log/inclusion?event_id=…&size=…" > proof.json
    python3 verify_inclusion.py proof.json checkpoint.txt

``checkpoint.txt`` is a checkpoint that you keep (``GET /v1/log/checkpoint?format=note``), ``size`` its second line. Its
Ed25519 signature is checked by any verifier of C2SP signed notes, with the log's published key.
"""

import base64
import hashlib
import hmac
import json
import sys
from pathlib import Path


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """RFC 9162, 2.1.3.2; None where the path does not fit the tree."""
    place, last, found = index, size - 1, hashlib.sha256(b"\x00" + leaf).digest()
    for sibling in path:
        if last == 0:
            return None
        if place & 1 or place == last:
            found = node(sibling, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = node(found, sibling)
        place, last = place >> 1, last >> 1
    return found if last == 0 else None


def main(proof_file: str, checkpoint_file: str) -> str | None:
    proof = json.loads(Path(proof_file).read_text(encoding="utf-8"))
    _, size, root, *_ = Path(checkpoint_file).read_text(encoding="utf-8").lstrip("\n").split("\n")
    if int(size) != proof["size"]:
        return f"the proof is for {proof['size']} leaves, the checkpoint has {size}"
    leaf = base64.b64decode(proof["leaf"])
    path = [base64.b64decode(each) for each in proof["path"]]
    if not 0 <= proof["index"] < int(size) or root_of(leaf, proof["index"], int(size), path) != base64.b64decode(root):
        return "the proof does not lead to the checkpoint's root"
    for name, shown in proof["disclosed"].items():
        value = json.dumps(shown["value"], ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
        if hmac.digest(bytes.fromhex(shown["salt"]), value, "sha256").hex() != json.loads(leaf)["hidden"][name]:
            return f"{name} is not what the log holds"
    sys.stdout.write(f"in the log at index {proof['index']}: {leaf.decode()}\n")
    return None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
