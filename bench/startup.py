"""Size of the images, and how long their commands take to start: ``make bench-startup``.

Processor time is measured inside the image, beside that of a Python that does nothing and of one that loads the CDK:
the machine is in all of them, so that their ratio can be compared. The best of some rounds counts.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from demo.server import SandboxProcess
from integration_tests.image.base import find_base
from integration_tests.image.engine import DATA, Engine, ImageConnector, find_engine

ROUNDS = 9
#: What all rounds of one image may take.
MOST_SECONDS = 600
#: Runs in the image. Prints every command's processor seconds, round by round, so that a busy moment hits them all.
MEASURE = """
import json, resource, subprocess, sys
def spent():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
connector, config, rounds = "/opt/connector/bin/connector", {config!r}, {rounds}
commands = {{
    "nothing": [sys.executable, "-c", "pass"],
    "import": [sys.executable, "-c", "import airbyte_cdk"],
    "spec": [connector, "spec"],
    "check": [connector, "check", "--config", config],
    "discover": [connector, "discover", "--config", config],
}}
seconds = {{name: [] for name in commands}}
for _ in range(rounds):
    for name, command in commands.items():
        start = spent()
        subprocess.run(command, check=True, capture_output=True)
        seconds[name].append(spent() - start)
print(json.dumps(seconds))
"""
#: Bytes of what the connector adds to its base image: as it lies there, and as it travels.
WEIGH = """
import subprocess
def output(command): return int(subprocess.run(command, shell=True, capture_output=True, text=True).stdout.split()[0])
print(output("du -sb /opt/connector"), output("tar -c -C / opt/connector | gzip -6 | wc -c"))
"""


def main(rounds: int) -> int:
    """Build both images, measure, print a table; 1 when there is no engine or no base image."""
    engine = find_engine()
    base = find_base(engine) if engine else None
    if not engine or not base:
        print("Neither Docker nor buildah is here, or the base image cannot be fetched.")
        return 1
    print(f"Base image {base}, best of {rounds} rounds; processor time, also as a multiple of that of")
    print("`python -c pass` and of `import airbyte_cdk`, all in the same image.\n")
    print("| | adds to the base image | compressed | `import airbyte_cdk` | `spec` | `check` | `discover` |")
    print("|---|---|---|---|---|---|---|")
    try:
        with SandboxProcess.start(scale=1) as sandbox, tempfile.TemporaryDirectory() as folder:
            for name in ("source", "destination"):
                print(row(name, connector(engine, base, name, Path(folder)), sandbox.config(), rounds))
    finally:
        engine.close()
    return 0


def connector(engine: Engine, base: str, name: str, folder: Path) -> ImageConnector:
    """A connector in an image that is built now."""
    tag = f"localhost/{name}-pipedrive:bench"
    done = engine.build(tag, CONNECTOR=name, BASE_IMAGE=base)
    if done.returncode:
        sys.exit(done.stderr)
    return ImageConnector(f"{name}-pipedrive", folder, engine, tag)


def row(name: str, image: ImageConnector, config: dict[str, object], rounds: int) -> str:
    """Megabytes; processor seconds, and what multiple they are of an empty Python's and of one's that loads the CDK."""
    (image.folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    seconds = json.loads(
        image.python(MEASURE.format(config=f"{DATA}/config.json", rounds=rounds), timeout=MOST_SECONDS)
    )
    best = {command: min(times) for command, times in seconds.items()}
    nothing = best.pop("nothing")
    sizes = [f"{int(size) / 1e6:.0f} MB" for size in image.python(WEIGH).split()]
    load = best["import"]
    times = [f"{each:.2f} s, {each / nothing:.1f} ×, {each / load:.2f} ×" for each in best.values()]
    return f"| {' | '.join([name, *sizes, *times])} |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each command is run")
    sys.exit(main(parser.parse_args().rounds))
