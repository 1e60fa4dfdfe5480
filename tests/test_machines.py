"""Runs shared out: the same numbers to the bit, in order, whatever worker is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from machine_work import a_year, dies, dies_once, fails, slowly
from matcher.errors import WrongInput
from matcher.machines import WorkersLost, share

SEEDS = range(12)
ALONE = [a_year(seed) for seed in SEEDS]


def test_processes_give_the_same_to_the_bit_and_in_order() -> None:
    assert share(a_year, SEEDS, workers=1) == ALONE
    assert share(a_year, SEEDS, workers=2) == ALONE


def test_a_lost_process_loses_nothing(tmp_path: Path) -> None:
    parts = [(seed, str(tmp_path)) for seed in SEEDS]
    assert share(dies_once, parts, workers=2) == ALONE
    assert (tmp_path / "died").exists()


def test_a_run_that_always_dies_is_said_and_not_tried_for_ever() -> None:
    with pytest.raises(WorkersLost, match="2 of 2"):
        share(dies, range(2), workers=2)


def test_an_error_of_the_work_is_its_own() -> None:
    with pytest.raises(ValueError, match="seed 0"):
        share(fails, range(2), workers=2)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A scheduler and two workers, each a program of its own as on two machines."""
    pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    folder = tmp_path_factory.mktemp("cluster")
    told = folder / "scheduler.json"
    here = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONWARNINGS": "ignore"}
    common = ["--scheduler-file", str(told), "--no-dashboard"]
    with (folder / "log").open("wb") as log:

        def start(*command: str) -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                [sys.executable, "-m", "distributed.cli." + command[0], *common, *command[1:]],
                env=here,
                cwd=folder,
                stdout=log,
                stderr=log,
            )

        scheduler = start("dask_scheduler", "--host", "127.0.0.1", "--port", "0")
        alone = ["--nworkers", "1", "--nthreads", "1", "--no-nanny", "--death-timeout", "60"]
        workers = [start("dask_worker", *alone) for _ in range(2)]
        try:
            yield _address(told)
        finally:
            for each in (*workers, scheduler):
                each.kill()
                each.wait()


def _address(told: Path) -> str:
    import json

    until = time.monotonic() + 60
    while not told.exists():
        assert time.monotonic() < until, "the scheduler did not start"
        time.sleep(0.1)
    return str(json.loads(told.read_text())["address"])


def test_a_cluster_gives_the_same_though_a_worker_is_killed(cluster: str, tmp_path: Path) -> None:
    parts = [(seed, str(tmp_path)) for seed in SEEDS]
    killer = subprocess.Popen([sys.executable, "-c", _KILL, str(tmp_path)])
    assert share(slowly, parts, cluster=cluster) == ALONE
    assert killer.wait() == 0
    runs = [mark.name.partition("-")[0] for mark in tmp_path.iterdir()]
    assert len(runs) > len(SEEDS), "the killed worker had something to lose"


# It waits until two workers have left their marks, and kills the first of them in the middle.
_KILL = f"""
import os, sys, time
while True:
    pids = sorted({{int(name.partition("-")[2]) for name in os.listdir(sys.argv[1])}})
    if len(pids) == 2:
        os.kill(pids[0], {int(signal.SIGKILL)})
        break
    time.sleep(0.02)
"""


def test_no_cluster_there_is_wrong_input() -> None:
    pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    with pytest.raises(WrongInput) as error:
        share(a_year, SEEDS, cluster="nonsense")
    assert "No cluster answers there." in str(error.value.faults[0])
