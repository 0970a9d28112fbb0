"""Servers as processes of their own on loopback, and who asks them."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

START, ANSWER = 60, 60
"""Seconds that a server has to start, and to answer."""


@dataclass
class Server:
    pid: int
    connection: HTTPConnection
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, address: str) -> bytes:
        self.connection.request("GET", address, headers=self.headers)
        answer = self.connection.getresponse()
        body = answer.read()
        self.connection.close()  # the server would, while another side takes its time
        assert answer.status == 200, f"{address} answers {answer.status}"
        return body

    def sign_in(self, email: str) -> None:
        """Signs a demo account in, as its browser would, and keeps the cookie."""
        form = urlencode({"email": email, "password": "demo"})
        self.connection.request("POST", "/login", form, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = self.connection.getresponse()
        answer.read()
        self.connection.close()
        assert answer.status == 303, f"signing in answers {answer.status}"
        cookies = [cookie.partition(";")[0] for cookie in answer.headers.get_all("Set-Cookie", [])]
        self.headers["Cookie"] = "; ".join(cookies)


@contextmanager
def our_server(data: Path) -> Iterator[Server]:
    """The product, served as `make run` serves it."""
    port = _free_port()
    environment = os.environ | {"DATA_DIR": str(data), "PORT": str(port), "HOST": "127.0.0.1"}
    with _process([sys.executable, "-m", "app", "serve"], port, environment) as server:
        yield server


@contextmanager
def datasette(database: Path, rows: int) -> Iterator[Server]:
    """Datasette on a file. It may show all rows on a page, and is spared the work of suggesting facets."""
    port = _free_port()
    settings = {"max_returned_rows": rows, "suggest_facets": "off"}
    command = [sys.executable, "-m", "datasette", "serve", str(database), "--port", str(port)]
    for name, value in settings.items():
        command += ["--setting", name, str(value)]
    with _process(command, port, dict(os.environ)) as server:
        yield server


@contextmanager
def _process(command: list[str], port: int, environment: dict[str, str]) -> Iterator[Server]:
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait(process, port)
            yield Server(process.pid, HTTPConnection("127.0.0.1", port, timeout=ANSWER))
        finally:
            process.kill()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + START
    while time.monotonic() < until:
        assert process.poll() is None, f"{process.args!r} has ended"
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"{process.args!r} has not started")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
