"""Lives through a backup and what follows it, in a panel of its own; prints what it found."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from pathlib import Path
from zipfile import ZipFile

from matcher import cli
from matcher.errors import WrongInput
from matcher.panel import serve


def story(folder: Path) -> dict[str, object]:
    """What is there before a backup, after more work, and once it is put back; and what is refused."""
    home, _ = serve.made(folder)
    from django.db import connection

    from matcher.panel import backups, guards, rounds, taking, trail
    from matcher.panel.models import Round, Trail, User
    from matcher.panel.store import PanelStore
    from matcher.panel.tables import MODELS, standing
    from matcher.panel.work import changing

    def state() -> list[object]:
        made = rounds.last()
        row = standing("requests")[0]
        return [
            User.objects.count(),
            Round.objects.count(),
            row.cells()["expected_weeks"],
            made and made.round_sha256,
            made and len(rounds.document(made)),
        ]

    def refused(file: Path) -> str:
        try:
            backups.restore(home, file)
        except WrongInput as error:
            return str(error)
        return "taken"

    found: dict[str, object] = {"first": backups.last()}
    user = User.objects.create_user("boss", "team_manager")
    with changing(user) as change:
        taking.shipped_sample(change, "tutorial")
    rounds.run(user)
    found["before"] = state()
    file = folder.parent / "one.panel"
    backups.backup(file)
    found["mode"] = oct(file.stat().st_mode & 0o777)
    found["recent"] = not backups.is_old(backups.last())
    with changing(user) as change:
        row = standing("requests")[0]
        change.edit(row, {"expected_weeks": "3"}, row.version, "more")
    User.objects.create_user("another", "panel_adviser")
    rounds.run(user)
    found["changed"] = state()

    newer, damaged, other = (folder.parent / f"{name}.panel" for name in ("newer", "damaged", "other"))  # fmt: skip
    with ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    about = json.loads(parts[backups.ABOUT])
    largest = max(about["sha256"], key=lambda name: len(parts[name]))
    altered = {
        newer: {backups.ABOUT: json.dumps(about | {"version": "99.0"}).encode()},
        other: {backups.ABOUT: json.dumps(about | {"database": "oracle"}).encode()},
        damaged: {largest: parts[largest] + b"x"},
    }
    for path, change_of in altered.items():
        with ZipFile(path, "w") as archive:
            for name, content in (parts | change_of).items():
                archive.writestr(name, content)
        found[path.stem] = refused(path)
    found["none"] = refused(folder.parent / "none.panel")
    found["still"] = state() == found["changed"]

    done = backups.restore(home, file)
    found["after"] = state()
    found["kept"] = refused(folder.parent / "nothing") and done.kept.exists()
    found["breaches"] = [
        each.sentence() for each in (*trail.breaches(), *guards.unguarded(connection.cursor(), connection.vendor))
    ]  # fmt: skip
    with PanelStore().reading() as session:
        found["breaches"] += [each.sentence() for each in session.breaches()]
    found["told"] = Trail.objects.order_by("-number").values_list("act", flat=True)[0]
    with changing(user) as change:  # the numbers go on where they were
        change.add("events", {"request_id": "R1", "event": "consent", "on": "2026-11-23"}, "R1")
    found["more"] = MODELS["events"].objects.count() > 0
    if connection.vendor == "sqlite":  # once is enough of what takes long
        backups.restore(home, done.kept)
        found["back"] = state() == found["changed"]

    trail.append(None, "looked")
    guard, off = {
        "sqlite": ("panel_trail_no_update", "DROP TRIGGER panel_trail_no_update"),
        "postgresql": ("panel_trail_no_change", "ALTER TABLE panel_trail DISABLE TRIGGER USER"),
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(off)
        cursor.execute("UPDATE panel_trail SET act = 'did nothing' WHERE number = 2")
    err = io.StringIO()
    with contextlib.redirect_stderr(err):
        found["status"] = cli.run(["panel", "verify"])
    found["altered"] = ["trail line 2: it was altered" in err.getvalue(), guard in err.getvalue()]
    return found


if __name__ == "__main__":
    print(json.dumps(story(Path(sys.argv[1])), default=str))
