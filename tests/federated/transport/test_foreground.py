"""Coordinator and site each in the foreground of a process of its own, as on two machines."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from pydantic import BaseModel

from federated.coordinator.config import CoordinatorConfig
from federated.site.config import SiteConfig
from federated.transport.control import ControlApiError, SuperLink
from federated.transport.exchange import exchange
from federated.transport.foreground import run_coordinator, run_site
from federated.transport.process_tree import descendants
from tests.federated.transport.conftest import Parties, echo_agent

pytestmark = pytest.mark.processes

ROOT = Path(__file__).parents[3]


def main() -> None:
    """What the child processes of this test run: `SIDE FILE`."""
    side, file = sys.argv[1], Path(sys.argv[2])
    if side == "coordinator":
        run_coordinator(CoordinatorConfig.model_validate_json(file.read_text()))
    else:
        run_site(SiteConfig.model_validate_json(file.read_text()), echo_agent)


def start(side: str, config: BaseModel, file: Path) -> subprocess.Popen[bytes]:
    file.write_text(config.model_dump_json())
    return subprocess.Popen(
        [sys.executable, "-m", "tests.federated.transport.test_foreground", side, str(file)],
        cwd=ROOT,
    )


def wait_until_online(superlink: SuperLink, site: str) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        try:
            if site in {node.name for node in superlink.nodes() if node.online}:
                return
        except ControlApiError:
            pass
        time.sleep(0.3)
    pytest.fail(f"{site} did not come online")


@pytest.mark.slow
def test_each_side_runs_alone_and_survives_the_others_restart(
    make_parties: Callable[[Sequence[str]], Parties], tmp_path: Path
) -> None:
    parties = make_parties(["oslo"])
    coordinator, (oslo,) = parties.coordinator, parties.sites
    listen = coordinator.listen
    # The site comes first: it waits for its coordinator.
    site = start("site", oslo, tmp_path / "site.json")
    central = start("coordinator", coordinator, tmp_path / "coordinator.json")
    superlink = SuperLink(f"{listen.host}:{listen.port}", coordinator.path(listen.ca_certificate))
    try:
        wait_until_online(superlink, "oslo")
        assert exchange(coordinator, superlink, {"oslo": b"1"}, 60) == {"oslo": b"echo 1"}
        nodes = superlink.nodes()

        os.kill(named("flower-superlink", central.pid), signal.SIGKILL)
        time.sleep(1)
        wait_until_online(superlink, "oslo")
        assert superlink.nodes() == nodes  # nobody was enrolled anew
        assert exchange(coordinator, superlink, {"oslo": b"2"}, 60) == {"oslo": b"echo 2"}
        superlink.close()
    finally:
        everybody = [*descendants(site.pid), *descendants(central.pid)]
        site.terminate()
        central.send_signal(signal.SIGINT)
        assert [site.wait(30), central.wait(30)] == [0, 0]
    assert len(everybody) >= 7
    assert not [pid for pid in everybody if Path(f"/proc/{pid}").exists()]


def named(name: str, root: int) -> int:
    (pid,) = (pid for pid in descendants(root) if name in Path(f"/proc/{pid}/cmdline").read_text())
    return pid


if __name__ == "__main__":
    main()
