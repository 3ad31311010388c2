"""The processes of the demonstration: database, API and worker, started as a user would start them."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

PATIENCE_SECONDS = 60.0
STOP_SECONDS = 20.0
API_WORKERS = 2


class ProcessFailedError(RuntimeError):
    """A process did not come up, or ended before it should."""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


class Processes:
    """``home`` holds the database, ``logs`` one file per process; ``environment`` is added to our own."""

    def __init__(self, home: Path, environment: Mapping[str, str]) -> None:
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self._logs = home / "logs"
        self._logs.mkdir(parents=True, exist_ok=True)
        self._environment = {**os.environ, "OIMAQ_HOME": str(home), "OIMAQ_PORT": str(self.port), **environment}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start_api(self) -> None:
        self._start("api", "serve", "--port", str(self.port), "--workers", str(API_WORKERS))
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if self._running["api"].poll() is not None:
                raise ProcessFailedError(f"the API ended: {self._tail('api')}")
            try:
                if httpx.get(f"{self.base}/health/ready", timeout=2).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise ProcessFailedError(f"the API did not become ready: {self._tail('api')}")

    def start_worker(self) -> None:
        self._start("worker", "work")

    def run(self, *arguments: str, stdin: str = "") -> None:
        """One command of ours, to its end."""
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "api.cli", *arguments],
            input=stdin.encode(),
            env=self._environment,
            capture_output=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )
        if done.returncode:
            raise ProcessFailedError(done.stderr.decode(errors="replace")[-2000:])

    def kill(self, name: str) -> None:
        """The whole process group, at once, without a word: for fault tests."""
        process = self._running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for process in self._running.values():
            process.send_signal(signal.SIGTERM)
        for process in self._running.values():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self._running.clear()

    def _start(self, name: str, *arguments: str) -> None:
        with (self._logs / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "api.cli", *arguments],
                env=self._environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def _tail(self, name: str) -> str:
        return (self._logs / f"{name}.log").read_text(errors="replace")[-2000:]


@contextmanager
def running(home: Path, environment: Mapping[str, str]) -> Iterator[Processes]:
    """API and worker on a database of their own, stopped at the end whatever happens."""
    processes = Processes(home, environment)
    try:
        processes.start_api()
        processes.start_worker()
        yield processes
    finally:
        processes.stop()
