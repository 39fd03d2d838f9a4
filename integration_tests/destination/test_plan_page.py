"""`plan --html` and `report` write one page that a person can read anywhere, opened here in a real browser."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from destination_pipedrive.flow import CODES
from destination_pipedrive.report.model import REMEDIES, of_plan
from destination_pipedrive.report.page import MOST_BYTES, page
from destination_pipedrive.results.plan_report import FieldChange, Line, Plan, PlanReport
from integration_tests.browser import PHONE, chromium, opened
from integration_tests.destination.account import Account, catalog_of, record
from integration_tests.harness import Run

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MAPPING = {
    "stream": "crm",
    "object": "persons",
    "fields": [
        {"source": "Name", "target": "name"},
        {"source": "E-Mail", "target": "email"},
        {"source": "Owner", "target": "owner"},
    ],
    "links": {"organization": {"by": "name", "from": "Company", "create_if_missing": True}},
}
HOSTILE = "<script>document.title='x'</script><img src=https://example.com/x onerror=alert(1)>"
NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all of these tests."""
    with chromium() as found:
        yield found


def person(name: str, email: str, **more: Any) -> dict[str, Any]:
    """A RECORD of the stream `crm`."""
    return record("crm", **{"Name": name, "E-Mail": email, **more})


def planned(account: Account, path: Path, rows: list[Any], **config: Any) -> Run:
    """A run of `plan --html`."""
    account.sandbox.clear_requests()
    files = {"config": account.config(**({"mappings": [MAPPING]} | config)), "catalog": catalog_of("crm")}
    run = account.run("plan", rows, ["--html", str(path)], **files)
    assert account.writes() == []
    return run


def plan_of(count: int) -> Plan:
    """A plan of so many changes, with others around them."""
    report = PlanReport()
    for number in range(count):
        values = (FieldChange("name", f"Old {number}", f"New {number}"), FieldChange("phone", "nothing", "+1 " * 20))
        report.add(Line("update", "persons", str(number), "", title=f"Person {number}", values=values), "PATCH",
                   "api/v2/persons/{id}")  # fmt: skip
        if number % 10 == 0:
            key = {"E-Mail": f"p{number}@acme.test"}
            report.add(Line("reject", "persons", f"#{number}", "no number", code="invalid_value", key=key))
    objects = {"persons": {"updated": count, "rejected": (count + 9) // 10, "unchanged": 5}} if count else {}
    return report.finished(objects, 30, 20_000, 30_000)


@pytest.mark.parametrize("count", [0, 1, 10_000])
@pytest.mark.parametrize("viewport", [PHONE, None], ids=["phone", "desktop"])
def test_the_page_is_readable_and_asks_for_nothing(
    browser: Browser, tmp_path: Path, count: int, viewport: dict[str, int] | None
) -> None:
    """Nothing is scrolled sideways, nothing is loaded, nothing complains, however many changes there are."""
    file = tmp_path / "plan.html"
    file.write_text(page(of_plan(plan_of(count)), NOW), encoding="utf-8")
    assert file.stat().st_size < MOST_BYTES

    with opened(browser, file.as_uri(), viewport) as shown:
        complaints: list[str] = []
        shown.on("console", lambda message: complaints.append(message.text))
        shown.reload()
        assert shown.locator("h1").inner_text() == "What this run would change in Pipedrive"
        shown.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true })")
        assert shown.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert {address for address in shown.asked if not address.startswith("data:")} == {file.as_uri()}
        assert not complaints
        if count:
            assert f"{count:,}" in shown.locator(".updated dd").inner_text()
            assert shown.locator("del").first.inner_text().split() == ["was", "Old", "0"]
            assert shown.locator("#price").count() == 1


def test_the_page_has_structure_for_readers(browser: Browser, tmp_path: Path) -> None:
    """Landmarks, one h1, no skipped heading, captions of tables; every control is reached by Tab in order."""
    file = tmp_path / "plan.html"
    file.write_text(page(of_plan(plan_of(300)), NOW), encoding="utf-8")

    with opened(browser, file.as_uri()) as shown:
        levels = [
            int(name[1]) for name in shown.evaluate("[...document.querySelectorAll('h1,h2,h3')].map(e => e.tagName)")
        ]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        assert shown.evaluate(
            "['header', 'nav', 'main', 'footer'].every(n => document.querySelectorAll(n).length == 1)"
        )
        assert shown.evaluate("document.documentElement.lang") == "en"
        assert shown.evaluate("[...document.querySelectorAll('table')].every(t => t.caption && t.tHead)")
        wanted = shown.evaluate("[...document.querySelectorAll('a[href], summary')].map(e => e.textContent.trim())")
        reached = []
        for _ in wanted:
            shown.keyboard.press("Tab")
            reached.append(shown.evaluate("document.activeElement.textContent.trim()"))
        assert reached == wanted
        shown.keyboard.press("Enter")
        assert shown.evaluate("document.activeElement.parentElement.open")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_have_contrast(browser: Browser, tmp_path: Path, scheme: str) -> None:
    """Every colour of text has at least 4.5 to 1 against paper and cards, by day and by night."""
    file = tmp_path / "plan.html"
    file.write_text(page(of_plan(plan_of(1)), NOW), encoding="utf-8")

    with opened(browser, file.as_uri(), color_scheme=scheme) as shown:
        colours = shown.evaluate(
            "Object.fromEntries(['paper','card','ink','soft','good','bad','note'].map(n => "
            "[n, getComputedStyle(document.documentElement).getPropertyValue('--' + n).trim()]))"
        )
    for name in ("ink", "soft", "good", "bad", "note"):
        for behind in ("paper", "card"):
            assert contrast(colours[name], colours[behind]) >= 4.5, (name, behind)


def test_paper_shows_what_is_folded(browser: Browser, tmp_path: Path) -> None:
    """Printed, groups that are folded on the screen are whole."""
    file = tmp_path / "plan.html"
    file.write_text(page(of_plan(plan_of(60)), NOW), encoding="utf-8")

    with opened(browser, file.as_uri()) as shown:
        last = shown.locator("dd", has_text="New 59")
        assert height(last.bounding_box()) == 0
        shown.emulate_media(media="print")
        assert height(last.bounding_box()) > 0
        assert not shown.locator("nav").is_visible()


def test_whatever_a_value_holds_stays_text(browser: Browser, account: Account, tmp_path: Path) -> None:
    """HTML in values is shown, not done; what a spreadsheet takes for a formula is none when it is copied."""
    account.put("persons", name="=1+1", emails=[{"value": "a@acme.test", "primary": True, "label": "work"}])
    rows = [person(HOSTILE, "a@acme.test"), person("=cmd|' /C calc'!A0", "b@acme.test", Owner=HOSTILE)]
    planned(account, tmp_path / "plan.html", rows)
    text = (tmp_path / "plan.html").read_text(encoding="utf-8")

    assert "<script" not in text
    assert "<img" not in text
    assert ">=cmd" not in text
    with opened(browser, (tmp_path / "plan.html").as_uri()) as shown:
        assert shown.title().startswith("Plan for Pipedrive")
        assert HOSTILE in shown.locator("ins").first.inner_text()
        assert [address for address in shown.asked if "example.com" in address] == []


def test_the_page_says_what_the_plan_says(account: Account, tmp_path: Path) -> None:
    """Old and new values with names, new parents, reasons with remedies, columns left out, the price."""
    account.sandbox.change_settings(daily_limit=5000)
    bob = account.put("persons", name="Bob", emails=[{"value": "bob@acme.test", "primary": True, "label": "work"}])
    rows = [person("Robert", "bob@acme.test", Company="Acme", Shoe=4), person("Ann", "ann@acme.test", Owner="nobody")]
    run = planned(account, tmp_path / "plan.html", rows)
    text = seen(tmp_path / "plan.html")
    spent = re.search(r"Price: (\d+) tokens", run.stdout)

    assert run.exit_code == 0, run
    assert f"Bob ID {bob}" in text
    assert "name was Bob → becomes Robert" in text
    assert "organization was nothing → becomes (new) Acme" in text
    assert "Created along the way, because records need them: 1 organizations" in text
    assert REMEDIES["invalid_value"].replace("'", "’").replace("`", "") in text.replace("&#39;", "’").replace("'", "’")
    assert "Column Shoe matches no field on persons; 1 value skipped" in text
    assert spent
    assert f"The run takes {spent[1]} API tokens" in text
    assert f"{account.sandbox.meter()['remaining']:,} of 5,000 are left in today's pool" in text.replace("&#39;", "'")


def test_the_file_is_its_owners_alone_and_whole(account: Account, tmp_path: Path) -> None:
    """It is written at once, readable by nobody else; where it cannot be, nothing is asked of Pipedrive."""
    target = tmp_path / "plan.html"
    target.write_text("old", encoding="utf-8")
    planned(account, target, [person("Ann", "ann@acme.test")])

    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert target.read_text(encoding="utf-8").endswith("</html>")
    assert [path.name for path in tmp_path.glob("*.html*")] == ["plan.html"]
    account.sandbox.clear_requests()
    failed = planned(account, tmp_path / "none" / "plan.html", [person("Ann", "ann@acme.test")])
    assert failed.exit_code == 1
    assert account.calls() == []


def test_a_finished_run_has_the_same_page(account: Account, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`report` shows what the result log holds: counts, changed fields, rejections with remedy and key."""
    account.put("persons", name="Bob", emails=[{"value": "bob@acme.test", "primary": True, "label": "work"}])
    rows = [person("Robert", "bob@acme.test"), person("Ann", "ann@acme.test"), person("Bad", "no address")]
    storage = {"storage_type": "Local", "path": str(tmp_path / "kept")}
    account.write(rows, mappings=[MAPPING], result_log=True, object_storage_config=storage)
    run = account.run("report", (), ["--from", str(tmp_path / "kept"), "--html", str(tmp_path / "run.html")])
    text = seen(tmp_path / "run.html")

    assert run.exit_code == 0
    assert "2 rows written, 0 left unchanged, 0 skipped, 1 rejected" in text
    assert "E-Mail bob@acme.test" in text
    assert "Invalid value: 1 of persons" in text
    assert "no address" in text
    (tmp_path / "other.jsonl").write_text('{"a": 1}\n', encoding="utf-8")
    failed = account.run("report", (), ["--from", str(tmp_path / "other.jsonl"), "--html", str(tmp_path / "x.html")])
    assert failed.exit_code == 1
    assert "line 1, is not a line of a result log" in capsys.readouterr().err


def test_every_code_has_a_remedy() -> None:
    """Whatever a record is rejected for, the page says what to do."""
    assert REMEDIES.keys() == CODES.keys()


def test_large_plans_stay_small() -> None:
    """100,000 changes make a page of less than 2 MB, with exact counts and the first rejections."""
    text = page(of_plan(plan_of(100_000)), NOW)

    assert len(text.encode()) < 2_000_000
    assert "Invalid value: 10,000 of persons" in text
    assert "200 of 100,000 rows" in text
    assert "p0@acme.test" in text


def height(box: Any) -> float:
    """How high something is on the page; 0 for what is not there."""
    return float(box["height"]) if box else 0.0


def seen(path: Path) -> str:
    """The text of a page."""
    text = path.read_text(encoding="utf-8").split("<body>")[1]
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


def contrast(one: str, other: str) -> float:
    """Contrast of two colours as WCAG 2 has it."""

    def light(colour: str) -> float:
        digits = colour.lstrip("#")
        digits = "".join(2 * each for each in digits) if len(digits) == 3 else digits
        parts = (int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4))
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    bright, dark = sorted((light(one), light(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)
