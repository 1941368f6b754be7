"""One exchange as the coordinator does it: a message to each of some sites, and their replies."""

import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from federated.contract.undelivered import Undelivered
from federated.coordinator.config import CoordinatorConfig
from federated.transport import fab
from federated.transport.control import ControlApiError, SuperLink
from federated.transport.enrolment import superlink_log
from federated.transport.mailbox import CONFIG_KEY, Reply, Request, read_reply, write_request
from privacy.problem import Problem

LOOK = 0.1  # seconds between two looks at a file that is waited for
LOOKS_PER_CALL = 10  # looks for one call to the SuperLink, which costs two processes some work
SERVERAPP_PATIENCE = 60.0  # seconds that a ServerApp may take to start, on top of the timeout

Progress = Callable[[str], None]
Outcomes = dict[str, bytes | Undelivered]
"""By site id: the reply, or why there is none."""


def silent(_: str) -> None:
    return None


def exchange(
    coordinator: CoordinatorConfig,
    superlink: SuperLink,
    messages: Mapping[str, bytes],
    timeout: float,
    *,
    progress: Progress = silent,
    bundle: Path = fab.BUNDLE,
) -> Outcomes:
    """Send each site its message and gather the replies; nothing is sent twice. Raises Problem.

    messages: payload by site id, at most MAX_MESSAGE_BYTES each. timeout: seconds from sending.
    Nodes are found by the name they are enrolled under: a node's id is Flower's, and may change.
    """
    log = superlink_log(coordinator)
    try:
        nodes = {node.name: node.node_id for node in superlink.nodes()}
        asked = {site: nodes[site] for site in messages if site in nodes}
        outcomes: Outcomes = {site: Undelivered.OFFLINE for site in messages if site not in asked}
        if asked:
            progress(f"asking {len(asked)} sites")
            request = Request({node: messages[site] for site, node in asked.items()}, timeout)
            reply = _run(coordinator, superlink, request, bundle)
            outcomes |= {site: reply[node] for site, node in asked.items()}
    except ControlApiError:
        raise Problem("the SuperLink does not answer", log, "Read its last lines.") from None
    answered = sum(isinstance(outcome, bytes) for outcome in outcomes.values())
    progress(f"{answered} of {len(messages)} sites answered")
    return outcomes


def _run(
    coordinator: CoordinatorConfig, superlink: SuperLink, request: Request, bundle: Path
) -> Reply:
    folder = Path(tempfile.mkdtemp(prefix="exchange-", dir=coordinator.state_path))
    try:
        write_request(folder, request)
        run = superlink.start_run(fab.build(bundle), {CONFIG_KEY: str(folder)})
        return _wait_for_reply(superlink, run, folder, request.timeout, superlink_log(coordinator))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for_reply(
    superlink: SuperLink, run: int, folder: Path, timeout: float, log: str
) -> Reply:
    deadline = time.monotonic() + timeout + SERVERAPP_PATIENCE
    while time.monotonic() < deadline:
        # In this order: the reply may come between the two looks.
        finished = _is_finished(superlink, run)
        for _ in range(LOOKS_PER_CALL):
            if (reply := read_reply(folder)) is not None:
                return reply
            time.sleep(LOOK)
        if finished:
            raise Problem("an exchange ended without a reply", log, "Read its last lines.")
    raise Problem("an exchange did not end in time", log, "Read its last lines.")


def _is_finished(superlink: SuperLink, run: int) -> bool:
    try:
        return superlink.is_finished(run)
    except ControlApiError:  # it may be starting again
        return False
