"""The addresses of the panel."""

from __future__ import annotations

from django.urls import include, path

from matcher.panel.pages import rounds, setup, today

urlpatterns = [
    path("", today.today, name="today"),
    path("more/", today.more, name="more"),
    path("health/", setup.health, name="health"),
    path("start/<str:token>/", setup.start, name="start"),
    path("rounds/", rounds.rounds, name="rounds"),
    path("rounds/run/", rounds.run, name="run_round"),
    path("rounds/<int:number>/", rounds.one, name="round"),
    path("rounds/<int:number>/<str:request_id>/", rounds.family, name="round_family"),
    path("accounts/", include("allauth.urls")),
]
