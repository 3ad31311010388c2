"""Listening: each process has a socket of its own on the one address, and two servers never share an address."""

import errno
import pickle
import socket
import sys

import pytest

from api.listening import OwnSockets, bound

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux spreads connections over such sockets")


def test_each_process_binds_its_own_socket_when_it_listens() -> None:
    with bound("127.0.0.1", 0, shared=True) as reserved:
        port = reserved.getsockname()[1]
        one = OwnSockets("127.0.0.1", port)
        other = pickle.loads(pickle.dumps(one))  # noqa: S301 - as it goes to a new process
        assert (len(one), len(other)) == (0, 0)
        (first,), (second,) = list(one), list(other)
        with first, second:
            assert list(one) == [first], "bound once"
            for each in (first, second):
                each.listen()
            assert first.getsockname() == second.getsockname() == ("127.0.0.1", port)
            taken = {_taker(port, (first, second)) for _ in range(64)}
        assert taken == {first, second}


def _taker(port: int, listening: tuple[socket.socket, ...]) -> socket.socket:
    """Which of them got a connection."""
    with socket.create_connection(("127.0.0.1", port)):
        while True:
            for each in listening:
                each.settimeout(0.05)
                try:
                    each.accept()[0].close()
                except TimeoutError:
                    continue
                return each


def test_an_address_that_another_server_has_is_refused() -> None:
    with bound("127.0.0.1", 0, shared=False) as other:
        other.listen()
        with pytest.raises(OSError, match="in use") as refused:
            bound("127.0.0.1", other.getsockname()[1], shared=True)
        assert refused.value.errno == errno.EADDRINUSE
