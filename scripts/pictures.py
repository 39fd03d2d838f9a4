"""Make docs/pictures anew: the demo's console, the page of its plan, the studio. Run by ``make pictures``.

Needs Chromium; nothing outside this machine is asked.
"""

from __future__ import annotations

import io
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console

from demo import product
from demo.console import Screen
from demo.server import SandboxProcess, executable
from demo.steps import Demo
from integration_tests.browser import chromium, opened

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "pictures"
#: Where the demo leaves its files; its console shows the path.
DEMO = Path(".cache/demo")
COLUMNS = 104
WINDOW = {"width": 1100, "height": 860}
#: A picture may not fetch a font: the page that shows it would not let it.
FONTS = re.compile(r"@font-face \{\{.*?\}\}\n\s*", re.DOTALL)
#: Milliseconds that the studio has to show itself.
WAIT = 60_000
CONTACTS = """\
Email,First Name,Last Name,Mobile,Company,Company Domain,Newsletter,Lead Score
ada.brook@northwind-tools.com,Ada,Brook,+44 7700 900101,Northwind Tools,northwind-tools.com,Weekly,87
ben.okafor@lakeside-labs.io,Ben,Okafor,+44 7700 900102,Lakeside Labs,lakeside-labs.io,Monthly,64
cleo.martens@polder-foods.nl,Cleo,Martens,,Polder Foods,polder-foods.nl,,12
"""


def main() -> int:
    """Answers the exit code."""
    FOLDER.mkdir(exist_ok=True)
    try:
        with chromium() as browser, SandboxProcess.start() as sandbox:
            console(sandbox)
            with opened(browser, (ROOT / DEMO / "plan.html").as_uri(), WINDOW) as page:
                page.screenshot(path=FOLDER / "plan.png")
            with studio(sandbox) as address, opened(browser, address, WINDOW) as page:
                page.wait_for_selector("body[data-checked]", timeout=WAIT)
                page.screenshot(path=FOLDER / "studio.png")
    except pytest.skip.Exception as reason:
        print(f"No pictures: {reason}.", file=sys.stderr)
        return 1
    for path in sorted(FOLDER.iterdir()):
        print(f"{path.relative_to(ROOT)}  {path.stat().st_size / 1000:.0f} kB")
    return 0


def console(sandbox: SandboxProcess) -> None:
    """The steps of the demo from the plan to the replay, as its console shows them."""
    screen = Screen(Console(file=io.StringIO(), record=True, width=COLUMNS, highlight=False, emoji=False, markup=False))
    demo = Demo(sandbox, DEMO, screen)
    demo.read_all()
    rows = product.rows(demo.warehouse)
    screen.console.export_text(clear=True)
    screen.quiet = True
    plan = demo.plan(rows)
    demo.write(rows, plan)
    code = FONTS.sub("", CONSOLE_SVG_FORMAT)
    screen.console.save_svg(str(FOLDER / "demo.svg"), title="make demo", code_format=code, unique_id="demo")


@contextmanager
def studio(sandbox: SandboxProcess) -> Iterator[str]:
    """The address of a studio that shows a few contacts."""
    rows, config = DEMO / "contacts.csv", DEMO / "studio-config.json"
    rows.write_text(CONTACTS, encoding="utf-8")
    config.write_text(json.dumps(sandbox.config()), encoding="utf-8")
    arguments: list[Any] = [executable("destination-pipedrive"), "studio", "--config", config, "--from", rows]
    process = subprocess.Popen([*arguments, "--no-browser"], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found, "the studio told no address"
        yield found[0]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


if __name__ == "__main__":
    sys.exit(main())
