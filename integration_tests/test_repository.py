"""What holds for the repository as a whole: who imports whom, and what must not be in tracked files."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration_tests.harness import ROOT

PACKAGES = {"pipedrive_client", "source_pipedrive", "destination_pipedrive", "pipedrive_sandbox", "demo"}
#: Package -> those of ours that it may import. The sandbox stands alone so that it can disagree with us.
MAY_IMPORT = {
    "pipedrive_client": set(),
    "source_pipedrive": {"pipedrive_client"},
    "destination_pipedrive": {"pipedrive_client"},
    "pipedrive_sandbox": set(),
    "demo": set(),
}
#: Connector -> its layers, the lowest first. A folder imports from its own layer and from those below.
LAYERS = {
    "source_pipedrive": (
        {"streams"},
        {"config"},
        {"records"},
        {"sync"},
        {"inputs", "run_report"},
        {"source", "commands"},
        {"entrypoint"},
        {"run"},
    ),
    "destination_pipedrive": (
        {"flow", "objects"},
        {"fields", "protocol"},
        {"account", "config", "matching"},
        {"mapping"},
        {"planning", "proposing", "results"},
        {"report"},
        {"writing"},
        {"references", "preparation", "copying"},
        {"batch"},
        {"session"},
        {"commands", "pipeline"},
        {"studio"},
        {"destination"},
        {"run"},
    ),
}
#: Types, plain converters, and where something is kept: a folder that knows them from above its own layer.
KNOWN_FROM_ABOVE = {
    "source_pipedrive": {("streams", "records")},
    "destination_pipedrive": {("protocol", "results"), ("config", "results"), ("matching", "results")},
}
#: The modules that load the CDK: they speak its classes. All others are plain data and plain functions.
WITH_CDK = {
    "source_pipedrive.entrypoint",
    "source_pipedrive.inputs",
    "source_pipedrive.run_report",
    "source_pipedrive.source",
    "source_pipedrive.sync.cdk_adapter",
    "source_pipedrive.sync.chunks",
    "source_pipedrive.sync.stream_factory",
    "destination_pipedrive.destination",
}
#: Imports modules one by one, and prints those after which the CDK is there.
LOADING = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
    if [each for each in sys.modules if each.split(".")[0] == "airbyte_cdk"]:
        sys.exit(name)
"""
REGISTRY_HOSTS = ("pypi" + ".org", "pythonhosted" + ".org", "registry.npmjs" + ".org", "pkg.dev/" + "pypi")
REGISTRY_SETTING = re.compile(
    r"(index-url|find-links|registry)[ =:\"]+(https?|file)://|https?://[a-z.-]+/(simple|packages)/"
)
BINARY = {".png", ".svg", ".duckdb", ".ico"}


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_import_direction(package: str) -> None:
    """The connectors know the client, nobody but tests and demo knows the sandbox, the sandbox knows nobody."""
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in code_of(package).rglob("*.py")
        for name in imported(path)
        if name.split(".")[0] in PACKAGES - {package} - MAY_IMPORT[package]
    }

    assert not wrong


def test_the_sandbox_has_no_circle_of_imports() -> None:
    """Each of its modules can be read after those that it imports, those for types included."""
    home = code_of("pipedrive_sandbox")
    left = {module_name(path, home.parent): set(imported_modules(path, home.parent)) for path in home.rglob("*.py")}
    while free := {name for name, needs in left.items() if not needs & left.keys()}:
        left = {name: needs for name, needs in left.items() if name not in free}

    assert not left


def test_the_wheel_has_no_command_that_cannot_start() -> None:
    """The sandbox and its command come with its own distribution, not with the connectors."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert sorted(project["scripts"]) == ["destination-pipedrive", "source-pipedrive"]
    assert all(target.split("_pipedrive")[0] in {"source", "destination"} for target in project["scripts"].values())


@pytest.mark.parametrize("package", sorted(LAYERS))
def test_the_layers_of_a_connector(package: str) -> None:
    """Nobody imports from above."""
    layer = {name: number for number, names in enumerate(LAYERS[package]) for name in names}
    folder = ROOT / package
    found = {
        (path.relative_to(folder).parts[0].removesuffix(".py"), name.split(".")[1])
        for path in folder.rglob("*.py")
        for name in imported(path)
        if name.startswith(f"{package}.")
    }

    assert {(own, other) for own, other in found if layer[own] < layer[other]} <= KNOWN_FROM_ABOVE[package]


def test_files_of_the_destination_are_neither_huge_nor_tiny() -> None:
    """At most ten files below 60 lines, those that only make a folder a package aside."""
    files = [path for path in (ROOT / "destination_pipedrive").rglob("*.py") if path.name != "__init__.py"]
    lengths = {path.name: len(path.read_text().splitlines()) for path in files}

    assert sum(length < 60 for length in lengths.values()) <= 10


def test_only_a_few_modules_load_the_cdk() -> None:
    """What is really loaded counts, by whatever way: the rest stays quick to test and easy to move."""
    names = [name for package in ("pipedrive_client", *LAYERS) for name in modules_of(package) if name not in WITH_CDK]
    loaded = subprocess.run([sys.executable, "-c", LOADING, *names], cwd=ROOT, capture_output=True, text=True)

    assert (loaded.returncode, loaded.stderr) == (0, "")
    assert len(names) > 100


@pytest.mark.parametrize("name", sorted(WITH_CDK))
def test_no_module_is_thought_to_load_the_cdk_that_does_not(name: str) -> None:
    """Those in the list of exceptions name the CDK themselves."""
    path = ROOT.joinpath(*name.split(".")).with_suffix(".py")

    assert any(found.startswith("airbyte_cdk") for found in imported(path))


def test_few_modules_know_the_streams_of_the_cdk() -> None:
    """ADR 1: what the CDK changes in its concurrent classes is ours to follow in four modules."""
    streams = ("airbyte_cdk.sources.streams.concurrent", "airbyte_cdk.sources.concurrent_source")
    found = {
        path.name
        for path in (ROOT / "source_pipedrive").rglob("*.py")
        for name in imported(path)
        if name.startswith(streams)
    }

    assert found == {"stream_factory.py", "cdk_adapter.py", "chunks.py", "source.py"}


def test_no_registry_and_no_machine_path_in_tracked_files() -> None:
    """Packages come from wherever the user's pip is configured to look; paths belong to nobody's machine."""
    forbidden = [*REGISTRY_HOSTS, str(ROOT) + "/", str(Path.home()) + "/"]
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in tracked_files()
        for text in [path.read_text(encoding="utf-8")]
        for word in [*(each for each in forbidden if each in text), *REGISTRY_SETTING.findall(text)]
    ]

    assert not found


def module_name(path: Path, root: Path) -> str:
    """Dotted name of a file."""
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def imported_modules(path: Path, root: Path) -> Iterator[str]:
    """Modules below a folder that a file imports: of `from a import b` the module b where there is one, else a."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = root.joinpath(*node.module.split("."), alias.name)
                is_module = inner.with_suffix(".py").exists() or inner.is_dir()
                yield f"{node.module}.{alias.name}" if is_module else node.module


def code_of(package: str) -> Path:
    """Where the code of a package of ours is."""
    return ROOT / "sandbox" / package if package == "pipedrive_sandbox" else ROOT / package


def modules_of(package: str) -> list[str]:
    """Names of all modules of a package."""
    paths = sorted(path.relative_to(ROOT).with_suffix("") for path in (ROOT / package).rglob("*.py"))
    return [".".join(path.parts).removesuffix(".__init__") for path in paths]


def tracked_files() -> list[Path]:
    """Text files under version control."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = (ROOT / name for name in listed.split("\0") if name)
    return [path for path in paths if path.is_file() and path.suffix not in BINARY]


def imported(path: Path) -> Iterator[str]:
    """Names of the modules that a file imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
