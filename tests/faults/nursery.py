"""A process that has loaded everything and forks API and worker processes from itself.

Importing the application takes seconds; a matrix of faults that kill would spend all its time there. What is forked
is the ordinary server and the ordinary worker with an environment of its own, each in a session of its own.
One JSON object per line: in ``{"what", "environment", "log", "port"}``, out ``{"pid"}``. It ends with its input.
"""

import asyncio
import gc
import json
import os
import signal
import sys
import traceback
from typing import Any

import uvicorn

from api import cli, main
from api.app import create_served_app
from api.observability import configure
from api.settings import Settings


def serve(port: int) -> None:
    settings = Settings()
    configure(settings.log_level)
    app = create_served_app(lambda: main.wire(settings))
    uvicorn.run(
        app, host="127.0.0.1", port=port, loop="uvloop", http="httptools", access_log=False, log_level="warning"
    )


def work() -> None:
    asyncio.run(cli._working())


def _child(order: dict[str, Any]) -> None:
    os.setsid()
    os.environ.update(order["environment"])
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for mine, theirs in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(mine, theirs)
    serve(order["port"]) if order["what"] == "serve" else work()


def run() -> None:
    """Dead children stay zombies until the end, so that no process id is ever given to somebody else meanwhile."""
    gc.freeze()
    children = []
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            try:
                _child(json.loads(line))
            except BaseException:  # noqa: BLE001 - whatever ended it is told in its log, and never reaches our loop
                traceback.print_exc()
            finally:
                os._exit(0)
        children.append(pid)
        sys.stdout.write(json.dumps({"pid": pid}) + "\n")
        sys.stdout.flush()
    for pid in children:
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    run()
