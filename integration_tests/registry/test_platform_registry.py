"""`make registry`: a file that a self-hosted platform reads as its connector registry."""

from __future__ import annotations

import http.server
import json
import re
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from integration_tests.harness import ROOT, Connector
from integration_tests.registry.test_registry import data
from scripts.registry import REGISTRY, main

#: What the platform reads, restated from ConnectorRegistry and the classes below it in
#: https://github.com/airbytehq/airbyte-platform (airbyte-config/config-models), where what is not named is ignored.
MODEL = json.loads((Path(__file__).parent / "connector_registry.schema.json").read_text(encoding="utf-8"))
SPEC = {"connectionSpecification": {"type": "object"}}
OTHERS: dict[str, list[dict[str, Any]]] = {
    f"{side}s": [
        {
            f"{side}DefinitionId": f"00000000-0000-0000-0000-00000000000{number}",
            "name": f"Other {number}",
            "dockerRepository": f"airbyte/{side}-other",
            "dockerImageTag": "2.0.0",
            "documentationUrl": "https://docs.airbyte.com",
            "spec": SPEC,
        }
        for number in range(2)
    ]
    for side in ("source", "destination")
}
both = pytest.mark.parametrize("side", ["source", "destination"])


def made(folder: Path, *arguments: str) -> dict[str, list[dict[str, Any]]]:
    """The registry that the command writes into a folder."""
    assert main(["--folder", str(folder), *arguments]) == 0
    content: dict[str, list[dict[str, Any]]] = json.loads((folder / REGISTRY).read_text(encoding="utf-8"))
    return content


def check(registry: Any) -> None:
    """Raise for what the platform could not read."""
    jsonschema.validate(registry, MODEL, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)


@pytest.fixture
def official(tmp_path: Path) -> Path:
    """A registry of others, with an earlier version of our source."""
    former = {**OTHERS["sources"][0], "sourceDefinitionId": data("source")["definitionId"]}
    path = tmp_path / "official.json"
    path.write_text(json.dumps({**OTHERS, "sources": [former, *OTHERS["sources"]]}), encoding="utf-8")
    return path


def test_a_registry_is_what_the_platform_reads(tmp_path: Path, official: Path) -> None:
    """Alone and beside others every entry has what the platform requires, of the types that it reads."""
    jsonschema.Draft7Validator.check_schema(MODEL)

    check(made(tmp_path / "alone"))
    check(made(tmp_path / "merged", "--official", str(official)))


@pytest.mark.parametrize(
    ("key", "value"),
    [("spec", None), ("dockerImageTag", "dev"), ("supportsDataActivation", "yes"), ("releaseStage", "gold")],
)
def test_a_wrong_entry_is_noticed(tmp_path: Path, key: str, value: str | None) -> None:
    """The restated model refuses what the platform could not read."""
    registry = made(tmp_path)
    registry["destinations"][0][key] = value

    with pytest.raises(jsonschema.ValidationError):
        check(registry)


def test_data_activation_is_switched_on_by_the_registry(tmp_path: Path) -> None:
    """Without it the platform neither asks the destination for its objects nor offers to map them."""
    (destination,) = made(tmp_path)["destinations"]

    assert destination["supportsDataActivation"] is True
    assert destination["supportsRefreshes"] is True


@both
def test_an_entry_is_that_of_the_metadata(tmp_path: Path, side: str) -> None:
    """Id, image and page are those of the metadata; the guide to a breaking change is named in each."""
    (entry,) = made(tmp_path)[f"{side}s"]
    content = data(side)

    assert entry[f"{side}DefinitionId"] == content["definitionId"]
    image = (entry["dockerRepository"], entry["dockerImageTag"])
    assert image == (content["dockerRepository"], content["dockerImageTag"])
    guides = {change["migrationDocumentationUrl"] for change in entry["releases"]["breakingChanges"].values()}
    assert guides == {content["releases"]["migrationDocumentationUrl"]}
    assert entry["language"] == "python"
    assert entry["iconUrl"].endswith(f"/raw/main/{'destination_pipedrive/' if side == 'destination' else ''}icon.svg")


@both
def test_the_form_of_an_entry_is_what_the_connector_says(tmp_path: Path, side: str) -> None:
    """The platform draws the form from the registry and asks the image again later: both are the same."""
    (entry,) = made(tmp_path / "out")[f"{side}s"]
    (message,) = Connector(f"{side}-pipedrive", tmp_path).run("spec").of_type("SPEC")

    assert entry["spec"] == message["spec"]


@both
def test_one_version_can_be_fetched(tmp_path: Path, side: str) -> None:
    """Below the image's name and version are its entry and the page that is shown beside the form."""
    (entry,) = made(tmp_path)[f"{side}s"]
    place = tmp_path / "metadata" / entry["dockerRepository"] / entry["dockerImageTag"]

    assert json.loads((place / "oss.json").read_text(encoding="utf-8")) == entry
    assert (place / "doc.md").read_bytes() == (ROOT / "docs" / f"{side}.md").read_bytes()


def test_airbytes_entries_are_kept(tmp_path: Path, official: Path) -> None:
    """Others stay as they are and in their order; ours come last, in place of earlier ones of their ids."""
    registry = made(tmp_path, "--official", str(official))

    for side in ("source", "destination"):
        *others, ours = registry[f"{side}s"]
        assert others == OTHERS[f"{side}s"]
        assert ours["dockerImageTag"] == data(side)["dockerImageTag"]


def test_images_may_be_pushed_elsewhere(tmp_path: Path) -> None:
    """With a place of one's own the images' names stay, and so does the identity of the connectors."""
    registry = made(tmp_path, "--images", "registry.example.com/crm/")

    assert registry["sources"][0]["dockerRepository"] == "registry.example.com/crm/source-pipedrive"
    assert registry["destinations"][0]["destinationDefinitionId"] == data("destination")["definitionId"]


@pytest.fixture
def address(official: Path) -> Iterator[str]:
    """A server of the other registry's folder."""
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(official.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_airbytes_registry_may_be_an_address(tmp_path: Path, address: str) -> None:
    """As the one that a platform uses without a setting."""
    registry = made(tmp_path / "out", "--official", f"{address}/official.json")

    assert len(registry["sources"]) == len(OTHERS["sources"]) + 1


@pytest.mark.parametrize("content", ["{", "[]", '{"sources": []}', '{"sources": [1], "destinations": []}', None])
def test_what_is_no_registry_is_said(tmp_path: Path, content: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence names the file; nothing is written, so that a platform never loses its other connectors."""
    path = tmp_path / "other.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")

    assert main(["--folder", str(tmp_path / "out"), "--official", str(path)]) == 1
    assert str(path) in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_missing_page_is_said(tmp_path: Path, address: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An address that answers with an error is no registry either."""
    assert main(["--folder", str(tmp_path / "out"), "--official", f"{address}/none.json"]) == 1
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("page", ["README.md", "docs/destination.md"])
def test_pages_say_where_data_activation_comes_from(page: str) -> None:
    """Both name the key of the entry, the command, the value of the chart and the path below the address."""
    text = (ROOT / page).read_text(encoding="utf-8")

    assert "`supportsDataActivation`" in text
    assert "make registry" in text
    if page == "docs/destination.md":
        assert all(word in text for word in (REGISTRY, "connectorRegistry:", "baseUrl:", "CONNECTOR_REGISTRY_BASE_URL"))


def test_make_has_the_command() -> None:
    """With both options as variables."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert re.search(r"^registry: .*\n\t.*scripts\.registry.*--official.*--images", makefile, re.MULTILINE)
