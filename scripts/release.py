"""A release: one version everywhere, the addresses of whoever publishes it, and all that is built for it.

The version is that of ``pipedrive_client/__init__.py``. Run by ``make release-check``, ``make version NEW=…`` and the
release workflow; needs nothing but the standard library, and for ``check`` an environment with `build` and `twine`.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "release"
NUMBER = r"(\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)"
#: Where a version stands: file -> what surrounds it, whoever publishes. The first is the one that the others follow.
VERSIONS: Mapping[str, tuple[str, ...]] = {
    "pipedrive_client/__init__.py": (rf'^__version__ = "{NUMBER}"$',),
    "sandbox/pyproject.toml": (rf'^version = "{NUMBER}"$',),
    "conformance/pyproject.toml": (rf'^version = "{NUMBER}"$',),
    "metadata.yaml": (rf"^  dockerImageTag: {NUMBER}$",),
    "destination_pipedrive/metadata.yaml": (rf"^  dockerImageTag: {NUMBER}$",),
    "Dockerfile": (rf"io\.airbyte\.version={NUMBER}",),
    "README.md": (
        rf"-t \S+/source-pipedrive:{NUMBER}",
        rf"-t \S+/destination-pipedrive:{NUMBER}",
        rf"\S+/source-pipedrive:{NUMBER} check",
        rf"kind load docker-image \S+/source-pipedrive:{NUMBER}",
        rf"kind load docker-image \S+/destination-pipedrive:{NUMBER}",
    ),
    "dbt/dbt_project.yml": (rf'^version: "{NUMBER}"$',),
}
#: Where the newest version must stand first, written by hand: its text is new.
HISTORIES = {
    "CHANGELOG.md": rf"^## {NUMBER}$",
    "docs/source.md": rf"^\| {NUMBER} \| \d{{4}}-\d\d-\d\d \|",
    "docs/destination.md": rf"^\| {NUMBER} \| \d{{4}}-\d\d-\d\d \|",
}
#: Stands for the repository that publishes, and for the place of its images.
REPOSITORY = "github.com/airbyte-pipedrive/airbyte-pipedrive"
IMAGES = "airbyte-pipedrive/"
#: What names either.
ADDRESSED = (
    *("pyproject.toml", "sandbox/pyproject.toml", "conformance/pyproject.toml", "Dockerfile", "README.md"),
    *("SECURITY.md", "metadata.yaml", "destination_pipedrive/metadata.yaml", ".github/ISSUE_TEMPLATE/config.yml"),
    *("source_pipedrive/spec.json", "destination_pipedrive/spec.json", "dbt/README.md"),
)
#: Distributions, each with files that its wheel must hold.
WHEELS: Mapping[str, tuple[str, ...]] = {
    ".": tuple(f"{name}/py.typed" for name in ("pipedrive_client", "source_pipedrive", "destination_pipedrive")),
    "sandbox": ("pipedrive_sandbox/py.typed",),
    "conformance": ("destination_conformance/py.typed",),
}
LINK = re.compile(r"(\]\()(?!https?://|#|mailto:)([^)\s]+)(\))")
PICTURES = "docs/pictures/"
DIAGRAM = re.compile(r"^```mermaid\n.*?^```\n", re.MULTILINE | re.DOTALL)


class NotReady(Exception):
    """Something keeps this from being released; the message says what."""


def version() -> str:
    """The version that everything else follows."""
    return next(found for file, found in stated() if file == "pipedrive_client/__init__.py")


def stated() -> Iterator[tuple[str, str]]:
    """(file, version) for every place that states one. Raises NotReady for a place that states none."""
    for file, patterns in {**VERSIONS, **{file: (pattern,) for file, pattern in HISTORIES.items()}}.items():
        text = (ROOT / file).read_text(encoding="utf-8")
        for pattern in patterns:
            found = re.search(pattern, text, re.MULTILINE)
            if found is None:
                raise NotReady(f"{file} states no version: nothing in it is like {pattern}")
            yield file, found[1]


def differences(expected: str) -> list[str]:
    """One line for each place that states another version."""
    return [f"{file} says {found}, not {expected}" for file, found in stated() if found != expected]


def write_version(new: str) -> None:
    """Set the version wherever it stands, the histories aside. Raises NotReady for what is no version."""
    if not re.fullmatch(NUMBER, new):
        raise NotReady(f"{new} is no version; it should be like 1.2.0 or 1.2.0rc1")
    for file, patterns in VERSIONS.items():
        path = ROOT / file
        text = path.read_text(encoding="utf-8")
        for pattern in patterns:
            text = re.sub(pattern, lambda found: found[0].replace(found[1], new), text, flags=re.MULTILINE)
        path.write_text(text, encoding="utf-8")


def notes(wanted: str) -> str:
    """What the changelog says of a version. Raises NotReady when it says nothing."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    found = re.search(rf"^## {re.escape(wanted)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if found is None or not found[1].strip():
        raise NotReady(f"CHANGELOG.md says nothing of {wanted}")
    return found[1].strip() + "\n"


def addressed(text: str, repository: str) -> str:
    """A text with the addresses of a repository ``owner/name`` in the place of the placeholders."""
    text = text.replace(REPOSITORY, f"github.com/{repository}")
    owner = repository.partition("/")[0].lower()
    return re.sub(rf"\b{IMAGES}((?:source|destination|\$\{{CONNECTOR\}})-pipedrive)", rf"ghcr.io/{owner}/\1", text)


def publish_as(repository: str) -> None:
    """Write a repository's addresses into the files that name them."""
    for file in ADDRESSED:
        path = ROOT / file
        path.write_text(addressed(path.read_text(encoding="utf-8"), repository), encoding="utf-8")


def index_page(text: str, base: str) -> str:
    """A README for a package index: links lead to the repository, pictures to their bytes; diagrams are left out."""
    text = LINK.sub(rf"\g<1>{base}/\2\3", DIAGRAM.sub("", text))
    return text.replace(f"{base}/{PICTURES}", f"{base.replace('/blob/', '/raw/')}/{PICTURES}")


def check(tag: str | None) -> None:
    """Build everything. Raises NotReady, or CalledProcessError from a tool that says what is wrong."""
    expected = version()
    wrong = differences(expected)
    if tag and tag.removeprefix("v") != expected:
        wrong.insert(0, f"the tag is {tag}, but pipedrive_client/__init__.py says {expected}")
    if wrong:
        raise NotReady("versions differ:\n  " + "\n  ".join(wrong))
    shutil.rmtree(BUILD, ignore_errors=True)
    tree, dist = _tree(expected), BUILD / "dist"
    for folder, files in WHEELS.items():
        _run("-m", "build", "--no-isolation", "--outdir", str(dist), str(tree / folder))
        _require(dist, tree / folder, expected, files)
    _run("-m", "twine", "check", "--strict", *(str(path) for path in sorted(dist.iterdir())))
    (BUILD / "notes.md").write_text(notes(expected), encoding="utf-8")
    print(f"\n{expected}: " + ", ".join(path.name for path in sorted(dist.iterdir())))


def _tree(expected: str) -> Path:
    """A copy of what is tracked, with READMEs for a package index."""
    tree = BUILD / "tree"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)
    urls = tomllib.loads((tree / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
    for folder in WHEELS:
        page = tree / folder / "README.md"
        base = "/".join(part for part in (f"{urls['Repository']}/blob/v{expected}", folder.strip(".")) if part)
        page.write_text(index_page(page.read_text(encoding="utf-8"), base), encoding="utf-8")
    return tree


def _require(dist: Path, project: Path, expected: str, files: tuple[str, ...]) -> None:
    name = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]["name"].replace("-", "_")
    wheel = dist / f"{name}-{expected}-py3-none-any.whl"
    if not wheel.exists():
        raise NotReady(f"{wheel.name} was not built; there are: {', '.join(path.name for path in dist.iterdir())}")
    missing = set(files) - set(zipfile.ZipFile(wheel).namelist())
    if missing:
        raise NotReady(f"{wheel.name} lacks {', '.join(sorted(missing))}")


def _run(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True)


def main() -> int:
    """Answers the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", help="build everything and compare versions").add_argument("--tag")
    commands.add_parser("version", help="set the version").add_argument("new")
    commands.add_parser("publish-as", help="set the repository's address").add_argument("repository")
    options = parser.parse_args()
    try:
        if options.command == "check":
            check(options.tag)
        elif options.command == "version":
            write_version(options.new)
        else:
            publish_as(options.repository)
    except (NotReady, subprocess.CalledProcessError) as error:
        print(f"Not ready: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
