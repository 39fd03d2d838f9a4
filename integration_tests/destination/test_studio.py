"""The studio: who may open it, and a mapping made in a real browser."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
import yaml

from integration_tests.browser import PHONE, chromium, opened
from integration_tests.harness import Connector, Sandbox

if TYPE_CHECKING:
    from playwright.sync_api import Browser

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


@contextmanager
def studio(sandbox: Sandbox, folder: Path, saved: Path) -> Iterator[str]:
    """The address of a studio that runs meanwhile, and then ends in order."""
    (folder / "crm.csv").write_text(CSV, encoding="utf-8")
    connector = Connector("destination-pipedrive", folder)
    arguments = connector.arguments("studio", config=sandbox.config(), **{"from": folder / "crm.csv", "save": saved})
    process = subprocess.Popen(
        [*arguments, "--no-browser"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout
    found = re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", process.stdout.readline())
    assert found
    yield found[0]
    process.send_signal(signal.SIGINT)
    assert process.wait() == 0


@pytest.fixture
def address(sandbox: Sandbox, tmp_path: Path, saved: Path) -> Iterator[str]:
    """A studio for a file of which nothing is known."""
    with studio(sandbox, tmp_path, saved) as found:
        yield found


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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all of these tests; each has a window of its own, with cookies of its own."""
    with chromium() as found:
        yield found


@contextmanager
def page_of(browser: Browser, address: str, **more: Any) -> Iterator[Any]:
    """The page in a browser; it asks nobody but its own server."""
    with opened(browser, address, **more) as page:
        page.set_default_timeout(WAIT)
        page.wait_for_selector("body[data-checked]")
        yield page
        root = address.split("?")[0]
        assert not [url for url in page.asked if not url.startswith((root, "data:"))]


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Any]:
    """The page of a file of which nothing is known."""
    with page_of(browser, address) as found:
        yield found


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

    assert "takes no format “DD.MM”" in said
    assert "No problems found" in page.inner_text("#tally")


HELD = """\
# Ours; ask Ana before changing it.
- stream: accounts  # weekly
  object: organizations
  match_on: domain

- stream: crm
  object: persons
  operation: upsert
  match_on: [email, [name, organization], phone]
  filter: Newsletter != 'Never'
  require_match_key: false
  fields:
    - {source: Email, target: email, primary: true}
    - {source: First Name, target: first_name}
    - {source: Last Name, target: last_name, mode: fill}
    - {source: Email, target: Nickname}
    - {source: Region, target: owner, on_invalid: leave_out}
    - {source: Fax, mode: ignore}
    - {source: Newsletter, target: Newsletter, "null": clear}
  links:
    organization: {from: Company, create_if_missing: true}
  value_maps:
    Newsletter: {Quarterly: Monthly}
    owner: {North: john@sandbox.example}
  constants: {visible_to: 3}
  min_change: {Birth year: 2}
  actions:
    - {action: add_activity, subject: "Call {First Name}", due_in_days: 2}
  max_records: 100

# The last one.
- {stream: forecast, object: deals}
"""


def test_a_mapping_is_gone_on_with_and_nothing_of_it_is_lost(
    browser: Browser, sandbox: Sandbox, tmp_path: Path, saved: Path
) -> None:
    """What has no control is in the text; saved as it is, every mapping says what it said; comments of others stay."""
    saved.write_text(HELD, encoding="utf-8")
    with studio(sandbox, tmp_path, saved) as address, page_of(browser, address) as page:
        more = yaml.safe_load(page.input_value("#more"))
        said = page.inner_text("#notes")
        assert page.get_by_label("Only rows where").input_value() == "Newsletter != 'Never'"
        assert page.get_by_label("Rows without a key are").input_value() == "false"
        page.get_by_role("button", name="Save to").click()
        page.wait_for_selector("#saved:not(:empty)")
    text = saved.read_text(encoding="utf-8")
    before, after = yaml.safe_load(HELD), yaml.safe_load(text)

    assert "Opened from mapping.yaml: the mapping of stream “crm”. The 2 other mappings stay" in said
    assert more["fields"] == [before[1]["fields"][3], before[1]["fields"][4]]
    assert set(more) == {"match_on", "fields", "value_maps", "constants", "min_change", "actions", "max_records"}
    assert [after[0], after[2]] == [before[0], before[2]]
    assert {"# Ours; ask Ana before changing it.", "- stream: accounts  # weekly", "# The last one."} < set(
        text.splitlines()
    )
    assert normal(after[1]) == normal(before[1])


def normal(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry whose rules are in the order of their columns, with its links' usual keys."""
    links = {name: {"by": "name", **rule} for name, rule in entry["links"].items()}
    return {**entry, "links": links, "fields": sorted(entry["fields"], key=lambda rule: tuple(map(str, rule.values())))}


def test_rules_and_the_text_are_checked_live(page: Any, sandbox: Sandbox, saved: Path) -> None:
    """A condition and a key that are wrong are named beside themselves, as `check` words it; then they count."""
    page.get_by_label("Only rows where").fill("Newsletter == 'Weekly")
    page.wait_for_selector("#filter-problem:not([hidden])")
    page.get_by_label("More settings (YAML)").fill("constants: {Nickname: CRM}\nmin_chance: {Score: 1}")
    page.wait_for_selector("#more-problems p")
    said = page.inner_text("#filter-problem"), page.inner_text("#more-problems")
    page.get_by_label("Only rows where").fill("Newsletter == 'Weekly'")
    page.get_by_label("More settings (YAML)").fill("constants: {Nickname: CRM}")
    page.wait_for_selector("#more-problems p", state="hidden")
    page.wait_for_selector("#filter-problem", state="hidden")
    page.get_by_role("button", name="Preview the first 20 rows").click()
    page.wait_for_selector("#plan .tile")

    assert "the text that begins with ' has no end" in said[0]
    assert said[1].strip().endswith("Line 2, “min_chance”: unknown key “min_chance”. Did you mean “min_change”?")
    assert "Nickname: CRM" in page.inner_text("#plan")
    assert "it does not meet “filter”" in page.inner_text("#plan")


def test_a_choice_brings_what_the_values_need(page: Any, sandbox: Sandbox, saved: Path) -> None:
    """Values that are none of the options are asked for at once, and saved as a value map."""
    page.get_by_label("Field for Fax").select_option("Newsletter")
    page.locator("#column-5-row").get_by_label("1", exact=True).select_option("Weekly")
    page.locator("#column-5-row").get_by_label("2", exact=True).select_option("Never")
    page.get_by_label("Field for Newsletter").select_option("")
    page.get_by_role("button", name="Save to").click()
    page.wait_for_selector("#saved:not(:empty)")
    (entry,) = yaml.safe_load(saved.read_text(encoding="utf-8"))

    assert "none is one of its options (Weekly, Monthly, Never)" in page.inner_text("#column-5-why")
    assert entry["value_maps"] == {"Newsletter": {"1": "Weekly", "2": "Never"}}


def test_on_a_phone_nothing_sticks_out(browser: Browser, address: str) -> None:
    """The page is as wide as the screen, with the text opened; every control has a name."""
    with page_of(browser, address, viewport=PHONE) as page:
        page.get_by_text("Mapping as YAML", exact=True).click()
        width = page.evaluate("document.documentElement.scrollWidth")
        nameless = page.evaluate(
            "[...document.querySelectorAll('input, select, textarea')].filter((each) => "
            "!each.labels.length && !each.getAttribute('aria-label')).map((each) => each.id)"
        )
    assert width == PHONE["width"]
    assert nameless == []
