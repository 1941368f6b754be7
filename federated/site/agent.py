"""The site agent: the one long-running process that sees data, behind a local Unix socket.

    python -m federated.site.agent SITE_FOLDER

It owns warehouse, gate and ledger. The relay hands it one message at a time and carries the reply
away; it opens no port, runs no code it was sent, and answers from its own installed catalogue.
"""

import argparse
import ctypes
import fcntl
import logging
import os
import resource
import signal
import sys
from pathlib import Path

from dbt_models import PROJECT_DIR
from federated.contract.messages import MAX_MESSAGE_BYTES
from federated.site.answering import Answering
from federated.site.config import SiteConfig, load_site
from privacy.gate.door import AUDIT, Door
from privacy.gate.watch import forbid_other_ways_out
from privacy.ledger import Chain, Ledger
from privacy.problem import Problem

_PR_SET_DUMPABLE = 4

log = logging.getLogger("sloyfe.agent")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Run the agent of one site.")
    parser.add_argument("site", type=Path, help="the site's folder")
    site_folder = parser.parse_args(arguments).site
    try:
        site = load_site(site_folder)
        run_agent(site)
    except Problem as problem:
        sys.stderr.write(f"sloyfe agent: {problem}\n")
        return 1
    return 0


def run_agent(site: SiteConfig) -> None:
    """Answer until SIGTERM or SIGINT. Raises Problem if another agent runs or the ledger is bad."""
    _close_to_others()
    home = site.socket_path.parent
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o750)
    lock = _only_one(site.warehouse_path)
    logging.basicConfig(
        filename=home / "agent.log",
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
    )
    ledger = Ledger.open(site.ledger_path)
    audit = Chain.open(site.audit_path, AUDIT)
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    try:
        answering = Answering(site, ledger, PROJECT_DIR)
        forbid_other_ways_out([site.state_path])
        Door(answering.gate, audit, MAX_MESSAGE_BYTES).serve(site.socket_path, answering.reply)
    except _Stopped:
        log.info("stopped")
    finally:
        audit.close()
        ledger.close()
        os.close(lock)


class _Stopped(BaseException):
    """Not an Exception: no handler on the way up may mistake it for a fault."""


def _stop(*_: object) -> None:
    raise _Stopped


def _close_to_others() -> None:
    """No file for others, no core dump, no look into memory by another process of this user."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _only_one(warehouse: Path) -> int:
    """One agent a warehouse, and so one ledger: with two of them each budget would count twice."""
    warehouse.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(warehouse.with_name(f"{warehouse.name}.agent"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise Problem(
            "another agent of this site is running",
            str(warehouse),
            "Stop it first: one agent answers for a warehouse.",
        ) from None
    return lock


if __name__ == "__main__":
    sys.exit(main())
