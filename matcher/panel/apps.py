"""The panel as an application of Django."""

from django.apps import AppConfig


class Panel(AppConfig):
    """Its models, pages and migrations."""

    name = "matcher.panel"
    label = "panel"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """What signing in writes into the trail is listened for."""
        from matcher.panel import signals  # noqa: F401
