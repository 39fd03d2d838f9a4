"""The studio: who may open it, and a mapping made in a real browser."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from integration_tests.harness import Connector, Sandbox

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
CSV = (
    "Email,First Name,Last Name,Company,Newsletter,Fax\n"
    "ada@northwind.test,Ada,Brook,Northwind,Weekly,1\n"
    "ben@lakeside.test,Ben,Okafor,Lakeside,Quarterly,2\n"
)
WAIT = 60_000


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """Where the mapping is saved."""
    return tmp_path / "mapping.yaml"


@pytest.fixture
def address(sandbox: Sandbox, tmp_path: Path, saved: Path) -> Iterator[str]:
    """The address of a studio that runs until the test is over, and then ends in order."""
    (tmp_path / "crm.csv").write_text(CSV, encoding="utf-8")
    connector = Connector("destination-pipedrive", tmp_path)
    arguments = connector.arguments("studio", config=sandbox.config(), **{"from": tmp_path / "crm.csv", "save": saved})
    process = subprocess.Popen(
        [*arguments, "--no-browser"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout
    found = re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", process.stdout.readline())
    assert found
    yield found[0]
    process.send_signal(signal.SIGINT)
    assert process.wait() == 0


def test_only_who_has_the_address_gets_in(address: str) -> None:
    """Once: then the cookie counts. Another host's name, another site and a second use are refused."""
    root, session = address.split("?")[0], requests.Session()
    assert requests.get(root).status_code == 403
    assert requests.get(f"{root}api/start").status_code == 403
    assert requests.get(f"{root}static/studio.js").status_code == 403
    assert requests.get(f"{root}?token=wrong").status_code == 403
    assert requests.get(address, headers={"Host": "evil.test"}).status_code == 403

    page = session.get(address)
    start = session.get(f"{root}api/start")

    assert (page.status_code, start.status_code) == (200, 200)
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert requests.get(address).status_code == 403
    assert session.get(f"{root}api/start", headers={"Host": "evil.test"}).status_code == 403
    assert session.post(f"{root}api/plan", json={}, headers={"Origin": "http://evil.test"}).status_code == 403
    assert start.json()["entry"]["object"] == "persons"
    assert "api_token" not in page.text + start.text


@pytest.fixture
def page(address: str) -> Iterator[Any]:
    """The page in a browser; it asks nobody but its own server."""
    if not CHROMIUM:
        pytest.skip("no Chromium here: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=WAIT)
        found = browser.new_page()
        found.set_default_timeout(WAIT)
        asked: list[str] = []
        found.on("request", lambda request: asked.append(request.url))
        found.goto(address)
        found.wait_for_selector("body[data-checked]")
        yield found
        browser.close()
    root = address.split("?")[0]
    assert not [url for url in asked if not url.startswith((root, "data:"))]


def test_from_a_file_to_a_saved_mapping(page: Any, saved: Path, sandbox: Sandbox) -> None:
    """The proposal is filled in; a change, a value map and the plan of the rows; nothing is written to Pipedrive."""
    sandbox.forget()
    page.get_by_label("Field for Fax").select_option("phone")
    page.get_by_role("button", name="Preview the first 20 rows").click()
    page.wait_for_selector("#plan .tile")
    page.get_by_role("button", name="Save to").click()
    page.wait_for_selector("#saved:not(:empty)")
    (entry,) = yaml.safe_load(saved.read_text(encoding="utf-8"))

    assert entry["object"] == "persons"
    assert entry["match_on"] == ["email"]
    assert {"source": "Fax", "target": "phone"} in entry["fields"]
    assert entry["links"]["organization"] == {"by": "name", "from": "Company", "create_if_missing": True}
    assert "persons created" in page.inner_text("#plan")
    assert {request["method"] for request in sandbox.requests()} == {"GET"}


def test_a_problem_is_shown_beside_its_field_and_mended(page: Any) -> None:
    """As `check` words it; when it is mended it is gone."""
    page.get_by_label("Field for Company").select_option("add_time")
    page.locator("#column-3-row").get_by_text("Options").click()
    page.locator("#column-3-row").get_by_label("Format").fill("DD.MM")
    page.locator("#column-3-row").get_by_label("Format").press("Tab")
    page.wait_for_selector("#column-3-problem:not([hidden])")
    said = page.inner_text("#column-3-problem")
    page.locator("#column-3-row").get_by_label("Format").fill("%d.%m.%Y")
    page.locator("#column-3-row").get_by_label("Format").press("Tab")
    page.wait_for_selector("#column-3-problem", state="hidden")

    assert "takes no format `DD.MM`" in said
    assert "No problem found" in page.inner_text("#tally")
