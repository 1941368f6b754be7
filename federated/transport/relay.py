"""The relay: a site's own worker between its SuperNode and its agent.

`python -m federated.transport.relay --runtime HOST:PORT --secret FILE --agent SOCKET`

It stands where Flower would start a ClientApp out of a bundle that the coordinator shipped. Nothing
that was shipped is unpacked, installed or run here. The bundle's hash is compared all the same with
that of the bundle this site has installed, so that a coordinator of another version is noticed
before a question reaches the agent. The relay sees bytes and reads none of them. What it tells the
other side of a failure is one of a closed list of reasons, and its log holds no more than that.
"""

import argparse
import logging
import sys
import time
from pathlib import Path

from federated.contract.messages import MAX_MESSAGE_BYTES
from federated.contract.undelivered import Undelivered
from federated.transport import fab
from federated.transport.payload import unpack
from federated.transport.runtime import RuntimeApiError, Task, Tasks
from privacy.frames import ask

POLL = 0.3  # seconds between two looks; each costs SuperNode and relay a few milliseconds
RETRY = 1.0  # seconds until an absent SuperNode is tried again
AGENT_PATIENCE = 15.0  # seconds that an agent may take to open its socket

_log = logging.getLogger("sloyfe.relay")


def relay(tasks: Tasks, pin: str, agent: Path) -> None:
    """Carry messages for ever. A SuperNode that goes away is waited for."""
    connected = False
    while True:
        try:
            with tasks.next() as task:
                if not connected:
                    _log.info("the SuperNode answers")
                connected = True
                if task is not None:
                    _carry(task, pin, agent)
                    continue
            time.sleep(POLL)
        except RuntimeApiError:
            if connected:
                _log.warning("the SuperNode does not answer; trying again")
            connected = False
            time.sleep(RETRY)
        except Exception as error:  # one message must not end the relay; its text may hold data
            _log.error("a message was lost: %s", type(error).__name__)
            time.sleep(RETRY)


def _carry(task: Task, pin: str, agent: Path) -> None:
    with task.kept_alive():
        outcome = _answer(task, pin, agent)
        if isinstance(outcome, Undelivered):
            _log.warning("a message was not delivered: %s", outcome.value)
            task.refuse(outcome)
        else:
            _log.info("a message was answered")
            task.answer(outcome)


def _answer(task: Task, pin: str, agent: Path) -> bytes | Undelivered:
    if fab.sha256(task.bundle) != pin:
        return Undelivered.BUNDLE_DIFFERS
    payload = unpack(task.message)
    if payload is None:
        return Undelivered.UNKNOWN_MESSAGE
    return ask_agent(agent, payload, until=time.monotonic() + task.message.metadata.ttl)


def ask_agent(agent: Path, payload: bytes, until: float) -> bytes | Undelivered:
    """The agent's reply. until: `time.monotonic()` after which nobody waits for it any more."""
    patience = min(until, time.monotonic() + AGENT_PATIENCE)
    while True:
        try:
            return ask(agent, payload, max(POLL, until - time.monotonic()), MAX_MESSAGE_BYTES)
        except (FileNotFoundError, ConnectionRefusedError):
            # Nobody heard it yet. After any other failure it is not asked again: a question that
            # reached the agent may have been charged.
            if time.monotonic() > patience:
                return Undelivered.AGENT_UNREACHABLE
            time.sleep(POLL)
        except OSError:
            return Undelivered.AGENT_FAILED


def main() -> None:
    parser = argparse.ArgumentParser(prog="federated.transport.relay", description=__doc__)
    parser.add_argument("--runtime", required=True, help="the SuperNode's Runtime API, host:port")
    parser.add_argument("--secret", required=True, type=Path, help="shared with the SuperNode")
    parser.add_argument("--agent", required=True, type=Path, help="the agent's Unix socket")
    options = parser.parse_args()
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s"
    )
    _log.setLevel(logging.INFO)
    logging.getLogger("flwr").setLevel(logging.CRITICAL)  # it may log what a call carried
    pin = fab.sha256(fab.build())
    _log.info("relay ready, bundle %s", pin)
    relay(Tasks(options.runtime, options.secret), pin, options.agent)


if __name__ == "__main__":
    main()
