"""Images and connectors inside them. These tests run only when they are named: ``make image-test``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from integration_tests.image.base import default_base, find_base
from integration_tests.image.engine import Engine, ImageConnector, find_engine

HERE = Path(__file__).parent
CONNECTORS = ("source", "destination")
#: Why no image was tried.
_reasons: list[str] = []


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave these tests out of a run that does not name them; building images takes minutes."""
    named = (Path(config.invocation_params.dir, argument.split("::")[0]).resolve() for argument in config.args)
    return None if any(path == HERE or HERE in path.parents for path in named) else True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs an engine."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.image_tests)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once, not at every test, why nothing was tried."""
    for reason in dict.fromkeys(_reasons):
        terminalreporter.write_line(reason)


def not_tried(reason: str) -> NoReturn:
    """Skip the tests."""
    _reasons.append(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """What builds and runs images here."""
    found = find_engine()
    if found is None:
        not_tried("No image was tried: neither a Docker engine nor buildah is on this machine.")
    yield found
    found.close()


@pytest.fixture(scope="session")
def base(engine: Engine) -> str:
    """The base image."""
    found = find_base(engine)
    if found is None:
        not_tried(f"No image was tried: {default_base()} cannot be fetched, and nothing here stands in for it.")
    return found


@pytest.fixture(scope="session")
def images(engine: Engine, base: str) -> dict[str, str]:
    """Both images, built from the checkout: connector -> tag."""
    tags = {name: f"localhost/{name}-pipedrive:image-test" for name in CONNECTORS}
    for name, tag in tags.items():
        done = engine.build(tag, CONNECTOR=name, BASE_IMAGE=base)
        assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return tags


@pytest.fixture(params=CONNECTORS)
def either(request: pytest.FixtureRequest, tmp_path: Path, engine: Engine, images: dict[str, str]) -> ImageConnector:
    """First the source inside its image, then the destination."""
    return ImageConnector(f"{request.param}-pipedrive", tmp_path, engine, images[request.param])


@pytest.fixture
def source(tmp_path: Path, engine: Engine, images: dict[str, str]) -> ImageConnector:
    """The source inside its image."""
    return ImageConnector("source-pipedrive", tmp_path, engine, images["source"])


@pytest.fixture
def destination(tmp_path: Path, engine: Engine, images: dict[str, str]) -> ImageConnector:
    """The destination inside its image."""
    return ImageConnector("destination-pipedrive", tmp_path, engine, images["destination"])
