"""One side of a federation in the foreground, on a machine of its own: until it is signalled."""

import signal
import threading
from types import FrameType

from federated.coordinator.config import CoordinatorConfig
from federated.site.config import SiteConfig
from federated.transport.commands import (
    AgentCommand,
    agent_command,
    default_agent_command,
    free_ports,
    relay_command,
    require_free_port,
    superlink_command,
    supernode_command,
)
from federated.transport.enrolment import member_keys, wait_for_superlink
from federated.transport.processes import Exit, Processes
from privacy.problem import Problem


def run_site(site: SiteConfig, agent: AgentCommand = default_agent_command) -> None:
    """Run one site's agent, SuperNode and relay until SIGTERM or SIGINT.

    SuperNode and relay are started again whenever they end. The agent is not: raises Problem.
    """
    (port,) = free_ports(1)
    commands = [
        agent_command(site, agent),
        relay_command(site, port),
        supernode_command(site, port),
    ]
    stop = _until_signalled()
    agents_end: list[Exit] = []

    def note(ended: Exit) -> None:
        if ended.role == "agent":
            agents_end.append(ended)
            stop.set()

    with Processes(note) as processes:
        for command in commands:
            processes.start(command)
        stop.wait()
    for ended in agents_end:
        raise Problem(
            f"the agent of `{site.id}` ended by itself", f"log: {ended.log}", "Read its last lines."
        )


def run_coordinator(coordinator: CoordinatorConfig) -> None:
    """Run the SuperLink with the members' keys enrolled until SIGTERM or SIGINT. Raises Problem.

    Its database is kept: after a crash the sites reconnect, and each finds its own node again.
    """
    require_free_port(coordinator.listen.host, coordinator.listen.port)
    members = member_keys(coordinator)
    command = superlink_command(coordinator)
    stop = _until_signalled()
    with Processes() as processes:
        processes.start(command)
        superlink = wait_for_superlink(coordinator, stop)
        if superlink is not None:
            superlink.enrol(members)
            superlink.close()
        stop.wait()


def _until_signalled() -> threading.Event:
    stop = threading.Event()

    def order(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, order)
    signal.signal(signal.SIGINT, order)
    return stop
