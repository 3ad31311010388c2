"""``oimaq keys``: the deployment's keys, and the key-encryption key kept as three shares of which two are enough.

The drill is in ``adapters/sealing/README.md``.
"""

import argparse
import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

from domain.errors import Refusal
from domain.sealing.keys import KeyState
from domain.sealing.ports import Keys

REFUSED, NO_FILE = 1, 2
SHARE_BYTES_MAX = 4096
_MODE = 0o600


def describe(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="command")

    def add(name: str, act: Callable[[Keys, argparse.Namespace], None], help: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=help, description=help)
        command.set_defaults(act=act)
        return command

    add("create", _create, "make the keys that are missing")
    add("show", _show, "fingerprints and the public key; never a secret")
    splitting = add("split", _split, "the key-encryption key as three shares; any two rebuild it")
    splitting.add_argument("--out", type=Path, metavar="FOLDER", help="a file for each share; absent: standard output")
    combining = add("combine", _combine, "rebuild the key-encryption key; another key that is there is left alone")
    combining.add_argument("shares", nargs="+", type=Path, metavar="SHARE", help="files with two or three shares")


def perform(keys: Keys, options: argparse.Namespace) -> int:
    """0: done. Otherwise nothing of a key was changed, and standard error says why."""
    try:
        options.act(keys, options)
    except Refusal as refusal:
        sys.stderr.write(f"{refusal.code}: {refusal.detail} (passes: {refusal.passes})\n")
        return REFUSED
    except OSError as error:
        sys.stderr.write(f"{error.filename}: {error.strerror}\n")
        return NO_FILE
    return 0


def _create(keys: Keys, _options: argparse.Namespace) -> None:
    for key in keys.create():
        _tell(key, "created" if key.created else "kept")


def _show(keys: Keys, _options: argparse.Namespace) -> None:
    for key in keys.show():
        _tell(key, f"public key {key.public_key}" if key.public_key else "secret")


def _split(keys: Keys, options: argparse.Namespace) -> None:
    texts = keys.split()
    if options.out is None:
        sys.stdout.write("\n".join(texts))
        return
    options.out.mkdir(mode=0o700, parents=True, exist_ok=True)
    paths = [options.out / f"key-share-{number}-of-{len(texts)}.txt" for number in range(1, len(texts) + 1)]
    for path in paths:  # before any is written: shares of two splittings must not lie side by side
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    for path, text in zip(paths, texts, strict=True):
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE), "w", encoding="ascii") as file:
            file.write(text)
        sys.stdout.write(f"{path}\n")


def _combine(keys: Keys, options: argparse.Namespace) -> None:
    key = keys.combine([_text(path) for path in options.shares])
    _tell(key, "rebuilt" if key.created else "already there, the same")


def _text(path: Path) -> str:
    """A share; what is no text is refused as a share, not here."""
    with path.open("rb") as file:
        return file.read(SHARE_BYTES_MAX).decode("ascii", errors="replace")


def _tell(key: KeyState, state: str) -> None:
    sys.stdout.write(f"{key.name} {key.fingerprint} {state}\n")
