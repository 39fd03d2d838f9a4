"""Write a connector registry for an Airbyte that you host: both connectors and Airbyte's own. Run by ``make registry``.

The platform knows one registry. Below its base URL it fetches ``registries/v0/oss_registry.json``, an object of
``sources`` and ``destinations``; what is not in there is not offered. ``metadata/<image>/<version>/doc.md`` is shown
beside a form.
Source: RemoteDefinitionsProvider and ConnectorRegistryConverters in https://github.com/airbytehq/airbyte-platform.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests
import yaml

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build" / "registry"
REGISTRY = "registries/v0/oss_registry.json"
#: Side -> its metadata file.
METADATA = {"source": ROOT / "metadata.yaml", "destination": ROOT / "destination_pipedrive" / "metadata.yaml"}
#: Keys of a metadata file that the platform reads from an entry, too.
COPIED = (
    *("name", "icon", "dockerRepository", "dockerImageTag", "documentationUrl", "releaseStage", "releaseDate"),
    *("supportLevel", "tags", "ab_internal", "allowedHosts", "suggestedStreams", "maxSecondsBetweenMessages"),
    *("resourceRequirements", "supportsRefreshes", "supportsFileTransfer", "supportsDataActivation"),
)
SECONDS = 60

Entry = dict[str, Any]
Registry = dict[str, list[Entry]]


class RegistryError(Exception):
    """The registry that ours is to be added to cannot be used; the message says why, and what to give."""


def entry(side: str, images: str = "") -> Entry:
    """The registry entry of one connector, from its metadata file and spec.

    ``images``: where its image was pushed, such as ``registry.example.com/crm``; empty for the name in the metadata.
    """
    data: dict[str, Any] = yaml.safe_load(METADATA[side].read_text(encoding="utf-8"))["data"]
    found = {key: data[key] for key in COPIED if key in data}
    name = data["dockerRepository"].rpartition("/")[2]
    return {
        f"{side}DefinitionId": data["definitionId"],
        **found,
        "dockerRepository": f"{images.rstrip('/')}/{name}" if images else data["dockerRepository"],
        "iconUrl": _icon_url(METADATA[side].parent / data["icon"]),
        **({"sourceType": data["connectorSubtype"]} if side == "source" else {}),
        "spec": json.loads((ROOT / f"{side}_pipedrive" / "spec.json").read_text(encoding="utf-8")),
        "language": next(tag.partition(":")[2] for tag in data["tags"] if tag.startswith("language:")),
        "releases": _releases(data["releases"]),
        "tombstone": False,
        "public": True,
        "custom": False,
    }


def _icon_url(path: Path) -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return f"{project['urls']['Repository']}/raw/main/{path.relative_to(ROOT).as_posix()}"


def _releases(releases: Mapping[str, Any]) -> dict[str, Any]:
    """The platform wants the address of the migration guide in every breaking change."""
    guide = {"migrationDocumentationUrl": releases["migrationDocumentationUrl"]}
    changes = {version: guide | change for version, change in releases.get("breakingChanges", {}).items()}
    return {**releases, **({"breakingChanges": changes} if changes else {})}


def merged(official: Mapping[str, list[Entry]], images: str = "") -> Registry:
    """A registry with both entries of ours at its end, in place of earlier ones of the same id."""
    found: Registry = {}
    for side in METADATA:
        ours, key = entry(side, images), f"{side}DefinitionId"
        others = [one for one in official[f"{side}s"] if one.get(key) != ours[key]]
        found[f"{side}s"] = [*others, ours]
    return found


def read_registry(place: str) -> Registry:
    """A registry from a file or an address. Raises RegistryError."""
    try:
        content = json.loads(_text(place))
    except (OSError, ValueError, requests.RequestException) as error:
        raise RegistryError(f"{place} cannot be read as a registry ({type(error).__name__}).") from error
    lists = content if isinstance(content, dict) else {}
    if not all(_is_list_of_entries(lists.get(f"{side}s")) for side in METADATA):
        raise RegistryError(
            f"{place} is no registry: it must hold an object with the lists `sources` and `destinations`."
        )
    return {f"{side}s": lists[f"{side}s"] for side in METADATA}


def _is_list_of_entries(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _text(place: str) -> str:
    if not place.startswith(("https://", "http://")):
        return Path(place).read_text(encoding="utf-8")
    answer = requests.get(place, timeout=SECONDS)
    answer.raise_for_status()
    return answer.text


def write(folder: Path, official: Mapping[str, list[Entry]], images: str = "") -> Path:
    """Write the registry, and what the platform fetches for one version of a connector; return the registry's path."""
    registry = merged(official, images)
    for side in METADATA:
        ours = registry[f"{side}s"][-1]
        place = folder / "metadata" / ours["dockerRepository"] / ours["dockerImageTag"]
        _write(place / "oss.json", ours)
        shutil.copyfile(ROOT / "docs" / f"{side}.md", place / "doc.md")
    _write(folder / REGISTRY, registry)
    return folder / REGISTRY


def _write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main(arguments: list[str]) -> int:
    """The command; 1 when the other registry cannot be read."""
    parser = argparse.ArgumentParser(
        prog="registry", description="Write a connector registry for a self-hosted Airbyte."
    )
    parser.add_argument("--official", default="", help="file or address of Airbyte's registry, whose entries are kept")
    parser.add_argument("--images", default="", help="where the images were pushed, such as registry.example.com/crm")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="what is to be served at the base URL")
    given = parser.parse_args(arguments)
    try:
        official = read_registry(given.official) if given.official else {f"{side}s": [] for side in METADATA}
    except RegistryError as error:
        print(error, file=sys.stderr)
        return 1
    path = write(given.folder, official, given.images)
    others = sum(map(len, official.values()))
    print(f"{path}: both connectors, {others} others." + ("" if others else " A platform would offer these two only."))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
