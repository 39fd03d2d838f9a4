"""What is inside the images, and what they say of themselves."""

from __future__ import annotations

import json

from integration_tests.harness import ROOT
from integration_tests.image.engine import Engine, ImageConnector
from pipedrive_client import __version__

ENTRYPOINT = "/opt/connector/bin/connector"
#: Modules of tests, of the workshop and of the demo.
ELSEWHERE = (
    *("pipedrive_sandbox", "integration_tests", "unit_tests", "demo", "bench", "scripts"),
    *("pytest", "requests_mock", "ruff", "mypy", "mypy_extensions", "xdist"),
    *("airbyte", "duckdb", "starlette", "uvicorn", "pip"),
)
LOOK = """
import importlib.util, json, os, sys
names = {names!r}
commands = sorted(os.listdir("/opt/connector/bin"))
print(json.dumps({{
    "found": [name for name in names if importlib.util.find_spec(name)],
    "ours": [name for name in commands if "pipedrive" in name],
    "tests": [folder for folder, _, _ in os.walk("/opt/connector") if folder.endswith("/tests")],
    "user": os.getuid(),
    "can_write": os.access(sys.prefix, os.W_OK),
    "folder": os.getcwd(),
}}))
"""


def test_only_one_connector_is_inside(either: ImageConnector) -> None:
    """An image holds its connector and the client: not the other one, the sandbox, tests, tools, or pip."""
    package = either.name.replace("-", "_")
    others = {"source_pipedrive", "destination_pipedrive"} - {package}
    names = (package, "pipedrive_client", *others, *ELSEWHERE)
    seen = json.loads(either.python(LOOK.format(names=names)))

    assert seen["found"] == [package, "pipedrive_client"]
    assert seen["ours"] == [either.name]
    assert not seen["tests"]


def test_nobody_is_root(either: ImageConnector) -> None:
    """The connector runs as the base image's own user, which cannot change it, in the platform's folder."""
    seen = json.loads(either.python(LOOK.format(names=())))

    assert seen["user"] != 0
    assert not seen["can_write"]
    assert seen["folder"] == "/airbyte/integration_code"


def test_the_image_says_what_it_is(engine: Engine, either: ImageConnector) -> None:
    """User, entrypoint and labels are those that the platform looks at; the version is the package's."""
    settings = engine.settings(either.image)
    installed = either.python("from importlib.metadata import version; print(version('airbyte-pipedrive'))")

    assert settings.user == "airbyte"
    assert settings.entrypoint == [ENTRYPOINT]
    assert settings.environment["AIRBYTE_ENTRYPOINT"] == ENTRYPOINT
    assert settings.labels["io.airbyte.name"] == f"airbyte-pipedrive/{either.name}"
    assert settings.labels["io.airbyte.version"] == __version__ == installed


def test_dependencies_are_the_pinned_ones(either: ImageConnector) -> None:
    """Everything inside has the version of constraints.txt; `pip freeze`, which makes it, omits setuptools."""
    code = "from importlib.metadata import distributions as all; print(*(f'{d.name}=={d.version}' for d in all()))"
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pinned = {line.replace("_", "-").lower() for line in text.splitlines() if "==" in line}
    inside = {each.replace("_", "-").lower() for each in either.python(code).split()}

    assert {each.split("==")[0] for each in inside - pinned} <= {"airbyte-pipedrive", "setuptools"}


def test_a_wrong_connector_is_refused(engine: Engine, base: str) -> None:
    """A CONNECTOR that does not exist fails the build with one sentence."""
    done = engine.build("localhost/nothing:image-test", CONNECTOR="sink", BASE_IMAGE=base)

    assert done.returncode != 0
    assert "CONNECTOR is 'sink'; it must be source or destination." in done.stdout + done.stderr
