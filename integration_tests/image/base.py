"""Which base image the images are built from."""

from __future__ import annotations

import os
import re
import subprocess

from integration_tests.harness import ROOT
from integration_tests.image.engine import Buildah, Engine

STANDIN = "localhost/connector-base:standin"
#: Makes a stand-in where Airbyte's image cannot be had. Material beside the checkout; the tests do without it, too.
STANDIN_SCRIPT = ROOT.parent / "shared" / "tools" / "standin-base.sh"
STANDIN_SECONDS = 300


def default_base() -> str:
    """The base image that the Dockerfile names."""
    found = re.search(r"^ARG BASE_IMAGE=(\S+)$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert found, "The Dockerfile has no default for BASE_IMAGE."
    return found[1]


def find_base(engine: Engine) -> str | None:
    """The image that ``BASE_IMAGE`` names, else Airbyte's, else a stand-in for it, else nothing."""
    wanted = os.environ.get("BASE_IMAGE") or default_base()
    if engine.is_here(wanted) or engine.pull(wanted):
        return wanted
    if isinstance(engine, Buildah) and STANDIN_SCRIPT.exists() and _make_standin(engine):
        return STANDIN
    return None


def _make_standin(engine: Engine) -> bool:
    if engine.is_here(STANDIN):
        return True
    driver = subprocess.run(
        ["buildah", "info", "--format", "{{.store.GraphDriverName}}"], capture_output=True, text=True
    ).stdout.strip()
    environment = {**os.environ, "STORAGE_DRIVER": driver}
    try:
        subprocess.run(
            [str(STANDIN_SCRIPT), STANDIN], env=environment, capture_output=True, timeout=STANDIN_SECONDS, check=True
        )
    except (subprocess.SubprocessError, OSError):
        return False
    return engine.is_here(STANDIN)
