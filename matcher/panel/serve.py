"""Start a panel on this machine: its folder, its database, its worker and its web server."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from matcher.errors import WrongInput, wrong_file, wrong_option
from matcher.panel.place import FOLDER, Home

THREADS = 4
HOST, PORT = "127.0.0.1", 8420
TASKS_A_WORKER = 100  # after which a new process takes over, so that its memory doesn't creep
LOOKS_EVERY = 600  # seconds after which a worker looks whether something daily is due
PAUSE, PATIENCE = 2, 20  # seconds before a worker that died is started again; until one is killed


def set_up(folder: Path | None) -> Home:
    """The panel of a folder, with Django set up for it; nothing is made yet."""
    if folder is not None:
        os.environ[FOLDER] = str(folder.resolve())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "matcher.panel.settings")
    gc.enable()  # the command line does without it, as its commands end soon
    home = Home.of_environment()
    import django

    django.setup()
    return home


def made(folder: Path | None) -> tuple[Home, Path | None]:
    """The panel of a folder, made and migrated, and the backup that was made before."""
    if folder is not None:
        os.environ[FOLDER] = str(folder.resolve())
    home = Home.of_environment()
    os.umask(0o077)
    try:
        home.make()
    except OSError as error:
        problem = f"The panel's folder can't be made: {error.strerror}."
        fix = "Name another one with --folder."
        raise WrongInput([wrong_file("panel", problem, fix)]) from None
    set_up(folder)
    return home, migrated(home)


def migrated(home: Home) -> Path | None:
    """Bring the database up to this version; where it holds data, a backup is made first, and named."""
    from django.core.management import call_command
    from django.db import OperationalError, connection

    from matcher.panel import backups

    try:
        connection.ensure_connection()
    except OperationalError:
        problem = "The database can't be reached."
        fix = "See that the server runs, and what database in panel.toml says."
        raise WrongInput([wrong_file("panel", problem, fix)]) from None
    pending = backups.pending()
    if not pending:
        return None
    kept = backups.kept(home, "upgrade") if backups.is_made() else None
    call_command("migrate", verbosity=0, interactive=False)
    return kept


def serve(home: Home, port: int, ready: Callable[[str], None]) -> None:
    """Serve until it is stopped, with a worker beside it; `ready` is told the address."""
    from waitress import create_server

    from matcher.panel.wsgi import application

    try:
        server: Any = create_server(application, host=HOST, port=port, threads=THREADS, ident=None)
    except OSError as error:
        problem = f"The port can't be opened: {error.strerror}."
        fix = "The panel may run already; or name another port."
        raise WrongInput([wrong_option("--port", problem, fix, value=str(port))]) from None
    signal.signal(signal.SIGTERM, _leave)
    worker = Worker(home)
    worker.start()
    try:
        ready(f"http://{HOST}:{server.effective_port}/")
        # What the first round needs, while somebody signs in.
        threading.Thread(target=import_module, args=("scipy.sparse.csgraph",), daemon=True).start()
        server.run()
    finally:
        server.close()
        worker.stop()


def _leave(*_: object) -> None:
    raise SystemExit(0)


class Worker(threading.Thread):
    """A worker in a process of its own, which is started again where it ends."""

    def __init__(self, home: Home) -> None:
        super().__init__(name="worker", daemon=True)
        self.stopping = threading.Event()
        self.process: subprocess.Popen[bytes] | None = None
        self.command = [sys.executable, "-m", "matcher", "panel", "--folder", str(home.folder)]
        self.command += ["work", "--beside", "--quiet"]

    def run(self) -> None:
        """Start it, and again, until it is to stop."""
        while not self.stopping.is_set():
            self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE)
            if self.process.wait() != 0:
                self.stopping.wait(PAUSE)

    def stop(self) -> None:
        """End it: a task that runs may finish."""
        self.stopping.set()
        if self.process is None or self.process.stdin is None:
            return
        with suppress(OSError):
            self.process.stdin.close()  # by which it knows
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()


def work(*, beside: bool, batch: bool) -> None:
    """Do the tasks that wait, and those that come; `beside` a panel, until that one ends.

    `batch` ends when nothing waits any more.
    """
    from django.core.management import call_command

    if beside:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the panel is told, and tells
        threading.Thread(target=_end_with_parent, daemon=True).start()
    if not batch:
        threading.Thread(target=_daily, daemon=True).start()
    most = TASKS_A_WORKER if beside else None
    call_command("db_worker", verbosity=0, batch=batch, max_tasks=most, reload=False)


def _daily() -> None:
    """Once a day the record is read again; sessions that have ended are cleared away."""
    from django.core.management import call_command
    from django.db import Error, close_old_connections

    from matcher.panel import record

    while True:
        time.sleep(LOOKS_EVERY)
        with suppress(Error):  # the database may be gone for a while: the next time
            if record.ask_daily():
                call_command("clearsessions", verbosity=0)
        close_old_connections()


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    signal.raise_signal(signal.SIGTERM)
