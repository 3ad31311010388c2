"""A listening socket for each API process, so that the system spreads connections over all of them.

On one shared socket the process that wakes first takes most of the connections and the others have little to do; with
sixteen connections one of two processes was seen to have fourteen. Where the system does not spread (SO_REUSEPORT does
on Linux only), the processes share one socket as ever.
"""

import socket
import sys
from collections.abc import Iterator

from uvicorn import Config
from uvicorn.supervisors import Multiprocess

SPREADS = sys.platform == "linux"


class OwnSockets(list[socket.socket]):
    """Empty until a process goes through it to listen: then it has that process's own socket, bound there and then.
    What a process dies with goes with it, so no connection waits for one that is gone.
    """

    def __init__(self, host: str, port: int) -> None:
        super().__init__()
        self._address = host, port

    def __reduce__(self) -> tuple[type["OwnSockets"], tuple[str, int]]:
        """A new process begins without any."""
        return OwnSockets, self._address

    def __iter__(self) -> Iterator[socket.socket]:
        if not self:
            self.append(bound(*self._address, shared=True))
        return super().__iter__()


def bound(host: str, port: int, *, shared: bool) -> socket.socket:
    """Refuses (``OSError``) an address that somebody else has; ``shared`` with others of ours."""
    found = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        found.bind((host, port))
    except BaseException:
        found.close()
        raise
    return found


def serve_with_processes(config: Config) -> None:
    """Until told to stop. The address is tried alone first: sharing is for our processes, not for two servers."""
    bound(config.host, config.port, shared=False).close()
    with bound(config.host, config.port, shared=True) as reserved:  # it never listens; it keeps the address ours
        Multiprocess(config, sockets=OwnSockets(config.host, reserved.getsockname()[1])).run()
