"""Start a panel on this machine: its folder, its database, its worker and its web server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from matcher.panel.place import FOLDER, Home

THREADS = 4
HOST, PORT = "127.0.0.1", 8420


def made(folder: Path | None) -> Home:
    """The panel of a folder, made and migrated; Django is set up for it."""
    if folder is not None:
        os.environ[FOLDER] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "matcher.panel.settings")
    home = Home.of_environment()
    home.make()
    import django
    from django.core.management import call_command

    os.umask(0o077)
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    return home


def serve(host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve until it is stopped, with a worker beside it; `ready` is told the address."""
    from waitress import create_server

    from matcher.panel.wsgi import application

    server = create_server(application, host=host, port=port, threads=THREADS, ident=None)
    worker = subprocess.Popen([sys.executable, "-m", "django", "db_worker", "--interval", "1"])
    try:
        ready(f"http://{host}:{server.effective_port}/")
        server.run()
    finally:
        worker.terminate()
        worker.wait(timeout=20)
