"""The trail, the history and its receipts can only be appended to; the state and the cache are there."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.management import call_command
from django.db import migrations

from matcher.panel import guards, store


def make(apps: Any, editor: Any) -> None:
    """Make what the models don't say."""
    vendor = editor.connection.vendor
    with editor.connection.cursor() as cursor:
        store.make(cursor, vendor)
        guards.make(cursor, vendor, "panel_trail")
    apps.get_model("panel", "State").objects.create()
    apps.get_model("panel", "TrailEnd").objects.create(hash="0" * 64)
    call_command("createcachetable", database=editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    """Made by hand."""

    dependencies: ClassVar = [("panel", "0001_initial")]
    operations: ClassVar = [migrations.RunPython(make, migrations.RunPython.noop)]
