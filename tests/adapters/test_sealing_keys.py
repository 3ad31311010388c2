"""Key files that only their owner reads, and tenders' private keys that only their wrapper gives back."""

import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from adapters.sealing.key_files import keep_key, new_secret, read_key
from adapters.sealing.key_folder import KeyFolder
from adapters.sealing.sodium import SodiumSealer, SodiumUnsealer, new_key_pair
from adapters.sealing.wrapping import FileKeyWrapper
from domain.errors import MalformedValue
from domain.ids import SealingKeyId
from domain.sealing.keys import PrivateKey, PublicKey, WrappedKey
from domain.sealing.ports import Keys, KeyWrapper, Signer
from domain.sealing.refusals import KeyRefused
from domain.sealing.tender_keys import make_sealing_key

KIND = "oimaq-test/1"
KEY, OTHER = SealingKeyId(UUID(int=1)), SealingKeyId(UUID(int=2))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "a.key"


def test_a_key_is_kept_for_its_owner_only_and_read_again(path: Path) -> None:
    secret = new_secret()
    assert read_key(path, KIND) is None
    assert keep_key(path, KIND, secret)
    assert read_key(path, KIND) == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_mode_does_not_depend_on_the_umask(path: Path) -> None:
    before = os.umask(0)
    try:
        keep_key(path, KIND, new_secret())
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_never_takes_the_place_of_another_and_leaves_nothing_beside_it(path: Path) -> None:
    first = new_secret()
    assert keep_key(path, KIND, first)
    assert not keep_key(path, KIND, new_secret())
    assert read_key(path, KIND) == first
    assert [each.name for each in path.parent.iterdir()] == ["a.key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o666, 0o700, 0o4600])
def test_a_key_that_others_can_reach_is_refused_with_what_would_pass(path: Path, mode: int) -> None:
    keep_key(path, KIND, new_secret())
    path.chmod(mode)
    with pytest.raises(KeyRefused, match=f"{mode:04o}") as refused:
        read_key(path, KIND)
    assert refused.value.passes == f"0600, or 0400: chmod 600 {path}"
    path.chmod(0o400)
    assert read_key(path, KIND) is not None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_key_that_belongs_to_somebody_else_is_refused(path: Path) -> None:
    keep_key(path, KIND, new_secret())
    os.chown(path, 12345, -1)
    with pytest.raises(KeyRefused, match="belongs to user 12345"):
        read_key(path, KIND)


def test_a_folder_and_a_pipe_are_no_keys(path: Path) -> None:
    path.mkdir(parents=True)
    pipe = path.with_name("pipe")
    os.mkfifo(pipe, 0o600)
    for each in (path, pipe):
        with pytest.raises(KeyRefused, match="is not a file"):
            read_key(each, KIND)


def test_behind_a_link_the_file_itself_counts(path: Path) -> None:
    keep_key(path, KIND, new_secret())
    link = path.with_name("link")
    link.symlink_to(path)
    assert read_key(link, KIND) == read_key(path, KIND)
    path.chmod(0o644)
    with pytest.raises(KeyRefused, match="0644"):
        read_key(link, KIND)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda line: line[:0],
        lambda line: line[:-1],
        lambda line: line[:-2] + b"\n",
        lambda line: line + b"\n",
        lambda line: line.upper(),
        lambda line: line.replace(b"oimaq-test", b"oimaq-other"),
        lambda line: line.replace(b" ", b"  "),
        lambda line: line * 100,
        lambda line: line.replace(b"ab", b"\xff\xff"),
    ],
)
def test_a_file_that_holds_something_else_is_refused_without_telling_it(
    path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    secret = b"\xab" * 32
    keep_key(path, KIND, secret)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(KeyRefused) as refused:
        read_key(path, KIND)
    assert secret.hex() not in str(refused.value).lower()


def test_keys_cannot_stand_in_for_each_other(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path)
    folder.create()
    (tmp_path / "key-encryption.key").unlink()
    (tmp_path / "receipts.key").rename(tmp_path / "key-encryption.key")
    with pytest.raises(KeyRefused, match="does not hold a key of the kind oimaq-key-encryption/1"):
        folder.wrapper()


def test_in_production_no_key_is_made_by_needing_it(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path)
    for needed in (folder.wrapper, folder.signer, folder.show, folder.split):
        with pytest.raises(KeyRefused, match="There is no key at") as refused:
            needed()
        assert refused.value.passes == "oimaq keys create, or keys combine"
    assert list(tmp_path.iterdir()) == []


def test_in_development_the_first_use_makes_one_key_for_everybody(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        signers = list(pool.map(lambda _: KeyFolder(tmp_path, on_first_use=True).signer().key_id, range(64)))
    assert len(set(signers)) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["receipts.key"]


def test_creating_keeps_what_is_there_and_showing_tells_no_secret(tmp_path: Path) -> None:
    folder: Keys = KeyFolder(tmp_path)
    assert [key.created for key in folder.create()] == [True, True, True]
    (tmp_path / "receipts.key").rename(tmp_path / "aside")
    assert [key.created for key in folder.create()] == [False, True, False]
    shown = folder.show()
    assert [(key.name, key.public_key is None) for key in shown] == [
        ("key-encryption", True),
        ("receipts", False),
        ("deployment", True),
    ]
    for file in ("key-encryption.key", "receipts.key", "deployment.key"):
        secret = (tmp_path / file).read_text(encoding="ascii").split()[1]
        assert secret not in repr(shown)
        assert secret[:16] not in repr(shown)


@pytest.fixture
def wrapper() -> KeyWrapper:
    return FileKeyWrapper(new_secret())


async def test_a_wrapped_key_opens_what_was_sealed_for_the_tender(wrapper: KeyWrapper) -> None:
    pair = new_key_pair()
    ciphertext = SodiumSealer().seal(pair.public, b"a bid")
    key = await wrapper.unwrap(KEY, await wrapper.wrap(KEY, pair.private))
    assert SodiumUnsealer().unseal(key, ciphertext) == b"a bid"


async def test_a_tenders_key_is_made_by_its_wrapper_and_opens_what_it_sealed(wrapper: KeyWrapper) -> None:
    key = await make_sealing_key(KEY, new_key_pair=new_key_pair, wrapper=wrapper)
    ciphertext = SodiumSealer().seal(key.public, b"a bid")
    assert SodiumUnsealer().unseal(await key.unwrapped(wrapper), ciphertext) == b"a bid"
    with pytest.raises(KeyRefused):
        await replace(key, id=OTHER).unwrapped(wrapper)


class Forgetful(FileKeyWrapper):
    """Gives back another key than it was given."""

    async def unwrap(self, id: SealingKeyId, wrapped: WrappedKey) -> PrivateKey:
        await super().unwrap(id, wrapped)
        return PrivateKey(bytes(32))


async def test_a_key_that_could_not_be_opened_later_is_not_made() -> None:
    with pytest.raises(KeyRefused, match="does not give back"):
        await make_sealing_key(KEY, new_key_pair=new_key_pair, wrapper=Forgetful(new_secret()))


async def test_a_wrapped_key_shows_nothing_and_is_another_each_time(wrapper: KeyWrapper) -> None:
    private = new_key_pair().private
    one, other = await wrapper.wrap(KEY, private), await wrapper.wrap(KEY, private)
    assert one.ciphertext != other.ciphertext
    assert private.raw not in one.ciphertext


async def test_a_wrapped_key_is_its_tenders_only(wrapper: KeyWrapper) -> None:
    wrapped = await wrapper.wrap(KEY, new_key_pair().private)
    with pytest.raises(KeyRefused):
        await wrapper.unwrap(OTHER, wrapped)


async def test_another_key_encryption_key_is_named_not_tried(wrapper: KeyWrapper) -> None:
    other = FileKeyWrapper(new_secret())
    wrapped = await other.wrap(KEY, new_key_pair().private)
    with pytest.raises(KeyRefused) as refused:
        await wrapper.unwrap(KEY, wrapped)
    assert refused.value.passes == f"the key {wrapped.wrapped_by}"
    claimed = replace(wrapped, wrapped_by=(await wrapper.wrap(KEY, new_key_pair().private)).wrapped_by)
    with pytest.raises(KeyRefused, match="changed"):
        await wrapper.unwrap(KEY, claimed)


async def test_no_byte_of_a_wrapped_key_can_be_changed(wrapper: KeyWrapper) -> None:
    wrapped = await wrapper.wrap(KEY, new_key_pair().private)
    for place in range(len(wrapped.ciphertext)):
        other = bytearray(wrapped.ciphertext)
        other[place] ^= 1
        with pytest.raises(KeyRefused):
            await wrapper.unwrap(KEY, replace(wrapped, ciphertext=bytes(other)))
    for length in (0, 10, len(wrapped.ciphertext) - 1):
        with pytest.raises(KeyRefused):
            await wrapper.unwrap(KEY, WrappedKey(wrapped_by=wrapped.wrapped_by, ciphertext=wrapped.ciphertext[:length]))


def test_a_signature_is_of_this_key_and_this_message(tmp_path: Path) -> None:
    signer: Signer = KeyFolder(tmp_path, on_first_use=True).signer()
    signature = signer.sign(b"message")
    verify = VerifyKey(signer.public_key).verify
    assert verify(b"message", signature) == b"message"
    assert signer.sign(b"message") == signature
    with pytest.raises(BadSignatureError):
        verify(b"massage", signature)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_key_has_32_bytes(length: int) -> None:
    for kind in (PublicKey, PrivateKey):
        with pytest.raises(MalformedValue):
            kind(bytes(length))
