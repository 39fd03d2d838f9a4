"""The jobs of docs/orchestration.md, run by Dagster and by Airflow in environments of their own."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.server import executable
from demo.warehouse import OFFLINE
from integration_tests.documents.page import Page
from integration_tests.harness import Sandbox, environment

MODULES = ("pipedrive_sync", "pipedrive_write", "pipedrive_dagster", "pipedrive_airflow")
#: What the page says -> what a test has the patience for.
WITHOUT_WAITING = {"delay=300": "delay=0", "pendulum.duration(minutes=5)": "pendulum.duration(seconds=0)"}
#: Likewise for Dagster's daemon, which looks every two minutes unless it is told otherwise.
SOON = {"14400": "1", "300": "1\n  poll_interval_seconds: 1"}
#: Looks at a pool, each of which starts Dagster and takes seconds.
MOST_LOOKS = 100
#: How a run ended, as JSON in the last line.
TELL_DAGSTER = """
import json
from collections import Counter
from datetime import UTC, datetime
from dagster import DagsterInstance, build_schedule_context
from pipedrive_dagster import definitions

schedule = definitions.resolve_schedule_def("pipedrive_hourly")
with DagsterInstance.get() as instance:
    midnight = build_schedule_context(instance=instance, scheduled_execution_time=datetime(2026, 1, 1, tzinfo=UTC))
    requested = len(schedule.evaluate_tick(midnight).run_requests)
    run = instance.get_runs(limit=1)[0]
    events = [entry.dagster_event for entry in instance.all_logs(run.run_id) if entry.dagster_event]
tries = Counter(each.step_key for each in events if each.event_type_value in ("STEP_START", "STEP_RESTARTED"))
made = [each for each in events if each.event_type_value == "ASSET_MATERIALIZATION"]
results = {
    each.step_key: {name: found.value for name, found in each.materialization.metadata.items()} for each in made
}
print(json.dumps({
    "asked": [schedule.job_name, schedule.cron_schedule, requested],
    "run": {"ended": run.status.value.lower(), "tries": tries, "results": results},
}))
"""
RUN_AIRFLOW = """
import json
import pipedrive_airflow
from airflow.models.xcom import XComModel
from airflow.utils.session import create_session

job = pipedrive_airflow.pipedrive()
run = job.test()
with create_session() as session:
    tries = {each.task_id: each.try_number for each in run.get_task_instances(session=session)}
    results = {
        each.task_id: XComModel.deserialize_value(each)
        for each in session.scalars(XComModel.get_many(run_id=run.run_id, dag_ids=[run.dag_id], key="return_value"))
    }
print(json.dumps({"ended": str(run.state), "tries": tries, "results": results}))
"""
#: In the place of `source-pipedrive`: kills itself or what started it, once, where `armed.json` says so.
CONNECTOR = """#!{python}
import json, os, signal, subprocess, sys
from pathlib import Path

real, armed = "{real}", Path("{armed}")
plan = json.loads(armed.read_text()) if armed.exists() and "read" in sys.argv else {{}}
if plan.get("reads", 1) > 1:
    armed.write_text(json.dumps({{**plan, "reads": plan["reads"] - 1}}))
elif plan:
    process = subprocess.Popen([real, *sys.argv[1:]], stdout=subprocess.PIPE)
    for line in process.stdout:
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
        plan["states"] -= b'"type":"STATE"' in line and b'"name":"deals"' in line
        if not plan["states"]:
            armed.unlink()
            process.kill()
            os.kill(os.getppid() if plan["victim"] == "job" else os.getpid(), signal.SIGKILL)
            sys.exit(1)
    sys.exit(process.wait())
os.execv(real, [real, *sys.argv[1:]])
"""


@dataclass
class Ended:
    """A run: ``success`` or ``failure``, how often each task was tried, and what each of them told."""

    ended: str
    tries: dict[str, int]
    results: dict[str, dict[str, Any]]


class Orchestrator:
    """A folder with the modules of the page, and the programs of one orchestrator."""

    def __init__(self, python: Path, folder: Path, sandbox: Sandbox) -> None:
        self.python = python
        self.folder = folder
        self.sandbox = sandbox
        self.warehouse = folder / "warehouse.duckdb"
        self.tokens, self.parts = 2500, 4
        for name, code in zip(MODULES, Page("docs/orchestration.md").code("python"), strict=False):
            for said, faster in WITHOUT_WAITING.items():
                code = code.replace(said, faster)
            (folder / f"{name}.py").write_text(code, encoding="utf-8")
        connector = folder / "bin" / "source-pipedrive"
        connector.parent.mkdir()
        real = executable("source-pipedrive")
        connector.write_text(CONNECTOR.format(python=sys.executable, real=real, armed=folder / "armed.json"))
        connector.chmod(connector.stat().st_mode | stat.S_IXUSR)

    def arm(self, victim: str, reads: int = 1, states: int = 1) -> None:
        """Have the connector (`source`) or the process that reads from it (`job`) killed.

        That is after so many states of `deals` in one of its reads.
        """
        (self.folder / "armed.json").write_text(json.dumps({"victim": victim, "reads": reads, "states": states}))

    def run(self) -> Ended:
        """What a tick of the schedule does."""
        raise NotImplementedError

    def settings(self) -> dict[str, str]:
        """The environment that the page's modules expect, without proxies."""
        beside = Path(executable("source-pipedrive")).parent
        return {
            **environment(),
            **OFFLINE,
            "PIPEDRIVE_TOKEN": "sandbox",
            "PIPEDRIVE_URL": self.sandbox.url,
            "PIPEDRIVE_TOKENS": str(self.tokens),
            "PIPEDRIVE_PARTS": str(self.parts),
            "PIPEDRIVE_SKIP_WAITS": "1",
            "WAREHOUSE": str(self.warehouse),
            "AIRBYTE_LOGGING_ROOT": str(self.folder / "logs"),
            "PATH": f"{self.folder / 'bin'}:{beside}:{os.environ['PATH']}",
        }

    def python_says(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Python of the orchestrator's environment, in the folder."""
        return subprocess.run(
            [str(self.python), *arguments], cwd=self.folder, env=self.settings(), capture_output=True, text=True
        )

    def last_line(self, code: str) -> Any:
        """The JSON that a script prints last."""
        done = self.python_says("-c", code)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-5000:]
        return json.loads(done.stdout.splitlines()[-1])


class Dagster(Orchestrator):
    """Each run is a process, and each of its steps another one, as under Dagster's daemon."""

    def run(self) -> Ended:
        """The job that the schedule asks for."""
        done = self.python_says(
            "-m", "dagster", "job", "execute", "-f", "pipedrive_dagster.py", "-j", "pipedrive_scores"
        )
        (self.folder / "dagster.log").write_text(done.stdout + done.stderr, encoding="utf-8")
        told = self.last_line(TELL_DAGSTER)
        assert told["asked"] == ["pipedrive_scores", "0 * * * *", 1]
        return Ended(**told["run"])

    def settings(self) -> dict[str, str]:
        """With its own home."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        (told,) = Page("docs/orchestration.md").code("yaml")
        for said, sooner in SOON.items():
            told = told.replace(said, sooner)
        (home / "dagster.yaml").write_text(f"telemetry:\n  enabled: false\n{told}", encoding="utf-8")
        return {**super().settings(), "DAGSTER_HOME": str(home)}

    def limit(self) -> None:
        """One slot for the pool, as the page has it."""
        (command,) = re.findall(r"`dagster (instance concurrency set .+?)`", Page("docs/orchestration.md").text)
        done = self.python_says("-m", "dagster", *command.split())
        assert done.returncode == 0, done.stdout + done.stderr

    def slots(self) -> int:
        """How many slots of the pool are taken."""
        done = self.python_says("-m", "dagster", "instance", "concurrency", "get", "pipedrive")
        (taken,) = re.findall(r"(\d+) / 1 slots", done.stdout)
        return int(taken)

    def die(self) -> None:
        """A run all processes of which are killed once it asked the account for something."""
        self.sandbox.forget()
        with self.started("job", "execute", "-f", "pipedrive_dagster.py", "-j", "pipedrive_scores") as run:
            while not self.sandbox.requests():
                assert run.poll() is None

    def clean_up(self) -> None:
        """Run the daemon until all slots are free."""
        with self.started("_daemon", "run", "-f", "pipedrive_dagster.py") as daemon:
            for _ in range(MOST_LOOKS):
                assert daemon.poll() is None
                if not self.slots():
                    return
        raise AssertionError("The slot stays taken.")

    @contextmanager
    def started(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """A command that is killed at the end, with all that it started."""
        program = "dagster._daemon" if arguments[0] == "_daemon" else "dagster"
        command = [str(self.python), "-m", program, *arguments[program != "dagster" :]]
        with (self.folder / f"{arguments[0]}.log").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=self.folder, env=self.settings(), stdout=log, stderr=log, start_new_session=True
            )
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


class Airflow(Orchestrator):
    """The DAG in Airflow's own test runner, on SQLite; the modules run with PyAirbyte's interpreter."""

    def run(self) -> Ended:
        """One run of the DAG."""
        if not (self.folder / "home" / "airflow.db").exists():
            done = self.python_says("-m", "airflow", "db", "migrate")
            assert done.returncode == 0, done.stdout + done.stderr
        told = Ended(**self.last_line(RUN_AIRFLOW))
        names = {"read": "pipedrive", "write_scores": "engagement_scores"}
        tries = {names[task]: number for task, number in told.tries.items() if number}
        ended = {"failed": "failure"}.get(told.ended, told.ended)
        return Ended(ended, tries, {names[task]: found for task, found in told.results.items()})

    def settings(self) -> dict[str, str]:
        """With its own home, and without the DAGs that come with it."""
        return {
            **super().settings(),
            "PIPEDRIVE_PYTHON": sys.executable,
            "AIRFLOW_HOME": str(self.folder / "home"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.folder),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        }
