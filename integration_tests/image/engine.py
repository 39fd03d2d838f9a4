"""Builds and runs images: with Docker where an engine answers, else with buildah.

A connector in a container sees the folder of its files as ``/data`` and shares the network of the machine, so that a
sandbox on the loopback address is in reach.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from integration_tests.harness import ROOT, Connector

#: Seconds that building an image may take; all dependencies are downloaded.
BUILD_SECONDS = 600
#: Seconds that the base image may take to arrive.
PULL_SECONDS = 180
#: Where a container sees the files of a command.
DATA = "/data"
ENVIRONMENT = ("--env", "NO_PROXY=127.0.0.1,localhost")


@dataclass(frozen=True)
class Settings:
    """What an image says of itself."""

    user: str
    entrypoint: list[str]
    environment: dict[str, str]
    labels: dict[str, str]

    @classmethod
    def of(cls, config: dict[str, Any]) -> Settings:
        """The ``config`` of an image, which Docker and buildah print alike."""
        pairs = (each.partition("=") for each in config["Env"])
        environment = {name: value for name, _, value in pairs}
        return cls(config["User"], config["Entrypoint"], environment, config["Labels"])


class Engine(Protocol):
    """What the tests need of a container engine."""

    def is_here(self, image: str) -> bool:
        """Whether the image is stored on this machine."""

    def pull(self, image: str) -> bool:
        """Fetch an image; false when it cannot be had."""

    def build(self, tag: str, **arguments: str) -> subprocess.CompletedProcess[str]:
        """Build the Dockerfile with these build arguments."""

    def settings(self, image: str) -> Settings:
        """User, entrypoint, environment and labels of an image."""

    def command(self, image: str, folder: Path, program: list[str] | None = None) -> list[str]:
        """The start of a command line that runs the image's entrypoint, or ``program``, as the image's user."""

    def stop(self, process: subprocess.Popen[str]) -> None:
        """Send SIGTERM to what runs in the container of a started command."""

    def close(self) -> None:
        """Remove the containers that were needed."""


class Docker:
    """The ``docker`` command with an engine behind it."""

    def is_here(self, image: str) -> bool:
        return _call("docker", "image", "inspect", image).returncode == 0

    def pull(self, image: str) -> bool:
        return _succeeds("docker", "pull", "--quiet", image)

    def build(self, tag: str, **arguments: str) -> subprocess.CompletedProcess[str]:
        return _call("docker", "build", *_build_arguments(arguments), "--tag", tag, ".", timeout=BUILD_SECONDS)

    def settings(self, image: str) -> Settings:
        return Settings.of(json.loads(_call("docker", "image", "inspect", image).stdout)[0]["Config"])

    def command(self, image: str, folder: Path, program: list[str] | None = None) -> list[str]:
        start = ["docker", "run", "--rm", "--interactive", "--network", "host", *ENVIRONMENT]
        return [*start, *_mount(folder), *(["--entrypoint", program[0], image, *program[1:]] if program else [image])]

    def stop(self, process: subprocess.Popen[str]) -> None:
        process.send_signal(signal.SIGTERM)

    def close(self) -> None:
        pass


class Buildah:
    """The ``buildah`` command, for machines without an engine. It needs no daemon."""

    def __init__(self) -> None:
        # Works without cgroups and without namespaces of its own, so inside a container, too.
        os.environ.setdefault("BUILDAH_ISOLATION", "chroot")
        self._containers: dict[str, str] = {}

    def is_here(self, image: str) -> bool:
        return _call("buildah", "inspect", "--type", "image", image).returncode == 0

    def pull(self, image: str) -> bool:
        return _succeeds("buildah", "pull", "--quiet", image)

    def build(self, tag: str, **arguments: str) -> subprocess.CompletedProcess[str]:
        options = ("--layers", "--force-rm", *_build_arguments(arguments), "--tag", tag)
        return _call("buildah", "build", *options, ".", timeout=BUILD_SECONDS)

    def settings(self, image: str) -> Settings:
        found = json.loads(_call("buildah", "inspect", "--type", "image", image).stdout)
        return Settings.of(found["OCIv1"]["config"])

    def command(self, image: str, folder: Path, program: list[str] | None = None) -> list[str]:
        if image not in self._containers:
            self._containers[image] = _call("buildah", "from", image).stdout.strip()
        container = self._containers[image]
        # It does not use an image's entrypoint.
        entrypoint = program or self.settings(image).entrypoint
        return ["buildah", "run", *ENVIRONMENT, *_mount(folder), container, "--", *entrypoint]

    def stop(self, process: subprocess.Popen[str]) -> None:
        # Buildah would kill what runs in the container.
        os.kill(_last_descendant(process.pid), signal.SIGTERM)

    def close(self) -> None:
        for container in self._containers.values():
            _call("buildah", "rm", container)


class ImageConnector(Connector):
    """A connector inside its image. Used like the installed executable."""

    def __init__(self, name: str, folder: Path, engine: Engine, image: str) -> None:
        super().__init__(name, folder)
        self.engine = engine
        self.image = image
        # The user of the image is another than that of the tests.
        folder.chmod(0o755)

    def arguments(self, command: str, **files: Any) -> list[str]:
        """The command line; each of ``files`` is written first."""
        arguments = [*self.engine.command(self.image, self.folder), command]
        for key, content in files.items():
            if content is not None:
                arguments += [f"--{key}", f"{DATA}/{self._file(key, content).name}"]
        return arguments

    def python(self, code: str, timeout: float = 60) -> str:
        """What a piece of Python prints inside the image."""
        program = ["/opt/connector/bin/python", "-c", code]
        done = _call(*self.engine.command(self.image, self.folder, program), timeout=timeout)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


def find_engine() -> Engine | None:
    """Docker, buildah or nothing."""
    if shutil.which("docker") and _succeeds("docker", "info"):
        return Docker()
    return Buildah() if shutil.which("buildah") else None


def _build_arguments(arguments: dict[str, str]) -> list[str]:
    return [part for name, value in arguments.items() for part in ("--build-arg", f"{name}={value}")]


def _mount(folder: Path) -> list[str]:
    return ["--volume", f"{folder}:{DATA}:ro"]


def _last_descendant(pid: int) -> int:
    """The process that descends from ``pid`` and has no child itself. A child belongs to the thread that made it."""
    children = [child for each in Path(f"/proc/{pid}/task").glob("*/children") for child in each.read_text().split()]
    return _last_descendant(int(children[-1])) if children else pid


def _call(*arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        arguments, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8", timeout=timeout
    )


def _succeeds(*arguments: str) -> bool:
    try:
        return _call(*arguments, timeout=PULL_SECONDS).returncode == 0
    except subprocess.TimeoutExpired:
        return False
