"""A real PostgreSQL server for tests, in a temporary folder, that can be stopped and started again."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

USER = "blasto"
GUARDED = "guarded"
"""A user who needs a password; a test makes him."""
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",  # processes are killed here, not machines
    "max_connections": "60",
    "shared_buffers": "32MB",
    "autovacuum": "off",
    "log_min_messages": "warning",
}


class UnavailableError(Exception):
    """Why no server can be started here."""


class Server:
    """One server; every test gets databases of its own."""

    def __init__(self, folder: Path, programs: Path, user: str | None) -> None:
        self._folder, self._programs, self._user = folder, programs, user
        self._numbers = count(1)
        self._model = "template1"
        self._reserved = _reserved_port()
        self.port = int(self._reserved.getsockname()[1])
        if sys.platform != "linux":
            self._reserved.close()
        initdb = ["initdb", "-D", str(folder / "data"), "-U", USER, "--auth=trust", "-E", "UTF8", "-N"]
        self._run([*initdb, "--locale=C.UTF-8"])
        settings = "".join(f"{name} = '{value}'\n" for name, value in _SETTINGS.items())
        more = f"port = {self.port}\nunix_socket_directories = '{folder}'\n"
        with (folder / "data" / "postgresql.conf").open("a") as file:
            file.write(settings + more)
        access = folder / "data" / "pg_hba.conf"
        rule = f"host all {GUARDED} 127.0.0.1/32 scram-sha-256\n"
        access.write_text(rule + access.read_text())
        self.start()

    def start(self) -> None:
        """Starts it and waits until it answers."""
        self._control("start", "-l", str(self._folder / "log"))

    def stop(self, mode: str = "immediate") -> None:
        """Ends it; `immediate` is as a crash."""
        self._control("stop", "-m", mode)

    def release(self) -> None:
        """Gives its port up, once it has ended for good."""
        self._reserved.close()

    def url(self, database: str) -> str:
        """The address of a database."""
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """Makes an empty database and returns its address."""
        name = f"test{next(self._numbers)}"
        self.execute("postgres", f"CREATE DATABASE {name} TEMPLATE {self._model} STRATEGY file_copy")
        return self.url(name)

    def copy_from_now_on(self, lay: Callable[[str], None]) -> None:
        """Has something laid into a database of which every further one is a copy."""
        url = self.new_database()
        lay(url)
        self._model = url.rpartition("/")[2]

    def execute(self, database: str, *statements: str) -> list[tuple[object, ...]]:
        """Runs SQL in one transaction behind the application's back; the last statement's rows."""
        address = f"host=127.0.0.1 port={self.port} user={USER} dbname={database}"
        with psycopg.connect(address, autocommit=len(statements) == 1) as connection:
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def proxy(self) -> Iterator[Proxy]:
        """A way to the server that can lose an answer."""
        with Proxy(self.port) as made:
            yield made

    def _control(self, *command: str) -> None:
        self._run(["pg_ctl", "-D", str(self._folder / "data"), "-w", "-t", "60", *command])

    def _run(self, command: Sequence[str]) -> None:
        program = str(self._programs / command[0])
        done = subprocess.run(
            [program, *command[1:]],
            user=self._user,
            group=None if self._user is None else pwd.getpwnam(self._user).pw_gid,
            extra_groups=None if self._user is None else [],
            cwd=self._folder,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{command[0]} failed: {done.stderr}")


class Proxy:
    """Passes bytes on, and on request cuts the line after a COMMIT arrived and before its answer returns."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.lose_answer = threading.Event()
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Proxy:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for line in self._open:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    def _serve(self) -> None:
        passing: list[threading.Thread] = []
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                self._open += [client, server]
                cut = threading.Event()
                for pair in ((client, server, True), (server, client, False)):
                    passing.append(threading.Thread(target=self._pass, args=(*pair, cut), daemon=True))
                    passing[-1].start()
        for thread in passing:
            thread.join()
        for line in self._open:
            line.close()

    def _pass(self, source: socket.socket, target: socket.socket, asks: bool, cut: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if asks and b"COMMIT\0" in data and self.lose_answer.is_set():
                    self.lose_answer.clear()
                    cut.set()
                elif not asks and cut.is_set():
                    break  # the server has committed and says so: nobody hears it
                target.sendall(data)
        for line in (source, target):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


@contextmanager
def running_server() -> Iterator[Server]:
    """A server for as long as the block lasts.

    Raises:
        UnavailableError: PostgreSQL is not installed, or no user that may run it is known.
    """
    programs, user = _programs(), _user()
    folder = Path(tempfile.mkdtemp(prefix="blasto-pg-"))
    if user is not None:
        shutil.chown(folder, user)
    try:
        server = Server(folder, programs, user)
        try:
            yield server
        finally:
            server.stop()
            server.release()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    for program in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True):
        return program.parent
    raise UnavailableError("PostgreSQL's server (initdb) is not installed")


def _user() -> str | None:
    """Who runs the server: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise UnavailableError("PostgreSQL refuses to run as root, and there is no user postgres or nobody")


def _reserved_port() -> socket.socket:
    """Bound to a port that nobody else is given meanwhile, also between a stop and the next start.

    On Linux a server can listen there nevertheless: both let the address be used again.
    """
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.bind(("127.0.0.1", 0))
    return found
