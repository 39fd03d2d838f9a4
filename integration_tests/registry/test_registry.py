"""Both registry entries are whole, valid, and agree with the code."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
import yaml
from airbyte_cdk.models.connector_metadata import ConnectorLanguage, MetadataFile

from integration_tests.harness import ROOT
from pipedrive_client import __version__
from source_pipedrive.streams.table import STREAMS

#: From https://github.com/airbytehq/airbyte-connector-models: what Airbyte's registry checks an entry against.
MODEL = json.loads((Path(__file__).parent / "connector_metadata.schema.json").read_text(encoding="utf-8"))
ENTRIES = {"source": ROOT / "metadata.yaml", "destination": ROOT / "destination_pipedrive" / "metadata.yaml"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
VERSION: str = __version__
REPOSITORY: str = PROJECT["urls"]["Repository"]
DEFINITION_OF_THE_OFFICIAL_SOURCE = "d8286229-c680-4063-8c59-23b9b391c700"
#: Keys that the model leaves open and a finished entry has.
WANTED = {
    *("name", "icon", "definitionId", "connectorType", "connectorSubtype", "dockerRepository", "dockerImageTag"),
    *("githubIssueLabel", "documentationUrl", "externalDocumentationUrls", "license", "releaseStage", "releaseDate"),
    *("supportLevel", "ab_internal", "tags", "allowedHosts", "connectorBuildOptions", "registryOverrides", "releases"),
    *("resourceRequirements", "connectorTestSuitesOptions", "supportsFileTransfer"),
}
#: The combinations of the connection form that a destination's page names.
SYNC_MODES = (
    *("Full Refresh - Overwrite", "Full Refresh - Append", "Full Refresh - Overwrite + Deduped"),
    *("Incremental Sync - Append", "Incremental Sync - Append + Deduped"),
)
MEMORY = re.compile(r"(\d+)(Mi|Gi)")
MOST_BYTES_OF_AN_ICON = 4_096
SVG = "{http://www.w3.org/2000/svg}"

both = pytest.mark.parametrize("side", ENTRIES)


def entry(side: str) -> dict[str, Any]:
    """The file's content."""
    content: dict[str, Any] = yaml.safe_load(ENTRIES[side].read_text(encoding="utf-8"))
    return content


def data(side: str) -> dict[str, Any]:
    """The entry itself."""
    content: dict[str, Any] = entry(side)["data"]
    return content


def megabytes(text: str) -> int:
    """A size such as 512Mi or 1Gi."""
    found = MEMORY.fullmatch(text)
    assert found, text
    return int(found[1]) * (1024 if found[2] == "Gi" else 1)


@both
def test_an_entry_fits_airbytes_model(side: str) -> None:
    """Every key is one that the registry knows, with a value that it takes; the CDK reads it, too."""
    jsonschema.Draft7Validator.check_schema(MODEL)

    jsonschema.validate(entry(side), MODEL, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)
    read = MetadataFile.from_file(ENTRIES[side]).data
    assert read.language is ConnectorLanguage.PYTHON


@pytest.mark.parametrize(("key", "value"), [("releaseStages", "alpha"), ("supportLevel", "good"), ("icon", None)])
def test_a_wrong_entry_is_noticed(key: str, value: str | None) -> None:
    """A key that the registry does not know and a value that it does not take are errors."""
    wrong = {**entry("source"), "data": {**data("source"), key: value}}

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, MODEL)


@both
def test_an_entry_is_whole(side: str) -> None:
    """Nothing that a finished entry has is left out, and every tag is a key and a value."""
    content = data(side)

    assert not WANTED - set(content)
    assert content["connectorType"] == side
    assert content["githubIssueLabel"] == f"{side}-pipedrive"
    assert all(re.fullmatch(r"\w+:[\w-]+", tag) for tag in content["tags"])


def test_the_connectors_are_definitions_of_their_own() -> None:
    """A registry tells definitions apart by id: these are neither each other's nor that of Airbyte's own source."""
    ids = [data(side)["definitionId"] for side in ENTRIES]

    assert len({*ids, DEFINITION_OF_THE_OFFICIAL_SOURCE}) == 3


@both
def test_addresses_and_names_follow_from_the_repositorys_address(side: str) -> None:
    """Stated once, in pyproject.toml: whoever publishes a fork changes it there, and this test names the rest."""
    content, owner = data(side), REPOSITORY.split("/")[-2]
    page = Path("docs") / f"{side}.md"

    assert content["dockerRepository"] == f"{owner}/{side}-pipedrive"
    assert owner != "airbyte"
    assert content["documentationUrl"] == f"{REPOSITORY}/blob/main/{page}"
    assert (ROOT / page).is_file()
    assert owner in content["name"]
    migration = content["releases"]["migrationDocumentationUrl"]
    assert (ROOT / migration.removeprefix(f"{REPOSITORY}/blob/main/")).is_file()
    assert f" {content['dockerRepository']}:{VERSION}" in (ROOT / "README.md").read_text(encoding="utf-8")


@both
def test_the_version_is_one_everywhere(side: str) -> None:
    """Package, changelog and the history on the connector's page name the same newest version."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    page = (ROOT / "docs" / f"{side}.md").read_text(encoding="utf-8")

    assert PROJECT["dynamic"] == ["version"]
    assert re.findall(r"^## (\d+\.\d+\.\d+)$", changelog, re.MULTILINE)[0] == VERSION
    assert re.findall(r"^\| (\d+\.\d+\.\d+) \|", page, re.MULTILINE)[0] == VERSION


@both
def test_the_documentation_of_the_spec_is_that_of_the_entry(side: str) -> None:
    """The form links to the same page."""
    spec = json.loads((ROOT / f"{side}_pipedrive" / "spec.json").read_text(encoding="utf-8"))

    assert spec["documentationUrl"] == data(side)["documentationUrl"]


@both
def test_an_entry_is_of_the_version_and_base_image_of_the_code(side: str) -> None:
    """Tag, package and label of the image are one version; the base image is the Dockerfile's."""
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    base = re.search(r"^ARG BASE_IMAGE=(\S+)$", dockerfile, re.MULTILINE)

    name = data(side)["dockerRepository"].replace(side, "${CONNECTOR}")
    assert data(side)["dockerImageTag"] == VERSION
    assert f"LABEL io.airbyte.version={VERSION} io.airbyte.name={name}\n" in dockerfile
    assert base
    assert data(side)["connectorBuildOptions"]["baseImage"] == base[1]


@both
def test_a_breaking_change_is_announced(side: str) -> None:
    """Airbyte's registry takes no N.0.0 without an entry that says what breaks."""
    major, minor, patch = data(side)["dockerImageTag"].split(".")
    changes = data(side)["releases"].get("breakingChanges", {})

    if (minor, patch) == ("0", "0"):
        assert data(side)["dockerImageTag"] in changes
    assert all(int(version.split(".")[0]) <= int(major) for version in changes)


@both
def test_a_sync_gets_the_memory_that_it_needs(side: str) -> None:
    """What is asked for is below what is allowed, and enough for what was measured."""
    jobs = {job["jobType"]: job["resourceRequirements"] for job in data(side)["resourceRequirements"]["jobSpecific"]}
    least = {"source": 128, "destination": 500}[side]

    assert least <= megabytes(jobs["sync"]["memory_request"]) < megabytes(jobs["sync"]["memory_limit"])


def test_suggested_streams_exist() -> None:
    """The source suggests streams that it has, each once."""
    suggested = data("source")["suggestedStreams"]["streams"]

    assert set(suggested) <= {spec.name for spec in STREAMS}
    assert len(set(suggested)) == len(suggested)


@both
def test_hosts_are_those_that_the_code_allows(side: str) -> None:
    """Pipedrive's hosts in one pattern; beside it only where a destination stores rejected records."""
    hosts = data(side)["allowedHosts"]["hosts"]

    assert hosts == ["*.pipedrive.com", "*.amazonaws.com"]


def test_the_platform_may_ask_the_destination_for_its_objects() -> None:
    """Without these the platform offers neither object mapping nor refreshes."""
    assert data("destination")["supportsDataActivation"] is True
    assert data("destination")["supportsRefreshes"] is True


def test_the_destinations_page_has_the_table_that_the_registry_looks_for() -> None:
    """The registry refuses a destination whose page does not name each mode in such a table."""
    page = (ROOT / "docs" / "destination.md").read_text(encoding="utf-8")
    section = page.partition("\n## Supported sync modes\n")[2].partition("\n## ")[0]

    assert "| Sync mode | Supported |" in section
    assert not [mode for mode in SYNC_MODES if f"| {mode} |" not in section]


@both
def test_the_icon_is_a_small_square_drawing(side: str) -> None:
    """Well-formed, as wide as high, without scripts, pictures or links to elsewhere."""
    path = ENTRIES[side].parent / data(side)["icon"]
    drawing = ElementTree.parse(path).getroot()

    assert path.stat().st_size <= MOST_BYTES_OF_AN_ICON
    assert drawing.tag == f"{SVG}svg"
    assert drawing.get("width") == drawing.get("height")
    assert drawing.get("viewBox") == f"0 0 {drawing.get('width')} {drawing.get('height')}"
    assert {each.tag.removeprefix(SVG) for each in drawing.iter()} <= {"svg", "title", "rect", "path", "circle"}
