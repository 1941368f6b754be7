"""A federation on one machine: a SuperLink, and for every site its agent, SuperNode and relay.

On separate machines `federated.transport.foreground` runs the same commands, one side each.
"""

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from federated.coordinator.config import CoordinatorConfig
from federated.site.config import SiteConfig
from federated.transport import fab
from federated.transport.commands import (
    AgentCommand,
    agent_command,
    default_agent_command,
    free_ports,
    relay_command,
    require_free_port,
    require_members,
    superlink_command,
    superlink_database,
    supernode_command,
)
from federated.transport.control import ControlApiError, SuperLink
from federated.transport.enrolment import member_keys, wait_for_superlink
from federated.transport.exchange import Outcomes, Progress, exchange, silent
from federated.transport.processes import Command, Exit, Processes, Running
from federated.transport.recording import Recorder
from privacy.problem import Problem

LOOK = 0.3  # seconds between two looks at who is online
ENROLMENT_PATIENCE = 2.0  # seconds that a stop waits for a call to the SuperLink


class Federation:
    """A context manager: entering starts nothing, leaving ends everything.

    agent_command: argv of a site's agent. recorder: records what leaves each site (synthetic data
    only; the caller answers for that). bundle: folder of the bundle that is submitted.
    """

    def __init__(
        self,
        coordinator: CoordinatorConfig,
        sites: Sequence[SiteConfig],
        *,
        agent_command: AgentCommand = default_agent_command,
        recorder: Recorder | None = None,
        bundle: Path = fab.BUNDLE,
    ) -> None:
        self._coordinator = coordinator
        self._sites = {site.id: site for site in sites}
        self._agent_command = agent_command
        self._recorder = recorder
        self._bundle = bundle
        self._processes = Processes(self._note_exit)
        self._exits: list[Exit] = []
        self._were_online: set[str] = set()
        self._enrolment: threading.Thread | None = None
        self._enrolment_problem: Exception | None = None
        self._stopping = threading.Event()
        self._superlink: SuperLink | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start everything and return at once. Raises Problem before anything is started.

        The SuperNodes follow as soon as the SuperLink knows their keys: one that came earlier would
        be refused and end.
        """
        listen = self._coordinator.listen
        sites = list(self._sites.values())
        require_members(self._coordinator, sites)
        require_free_port(listen.host, listen.port)
        # Every node of this federation is started here, so an earlier session's nodes, runs,
        # messages and sockets are no longer anyone's.
        _forget(superlink_database(self._coordinator))
        for site in sites:
            site.socket_path.unlink(missing_ok=True)
        members = member_keys(self._coordinator)
        coordinators, locals_, supernodes = self._commands(sites)
        self._processes.__enter__()
        for command in coordinators + locals_:
            self._processes.start(command)
        self._enrolment = threading.Thread(
            target=self._enrol, args=(members, supernodes), daemon=True
        )
        self._enrolment.start()

    def wait_until_online(
        self, site_ids: Iterable[str], timeout: float, progress: Progress = silent
    ) -> None:
        """Return when each site's SuperNode is connected and its agent listens. Raises Problem."""
        wanted = set(site_ids)
        self._require_known(wanted)
        deadline = time.monotonic() + timeout
        shown = -1
        while True:
            self._raise_what_went_wrong(wanted)
            online = self._online() & {
                site for site in wanted if self._sites[site].socket_path.is_socket()
            }
            self._were_online |= online
            if len(online) != shown:
                shown = len(online)
                progress(f"{shown} of {len(wanted)} sites are online")
            if not wanted - online:
                return
            if time.monotonic() > deadline:
                site = self._sites[min(wanted - online)]
                raise Problem(
                    f"the site `{site.id}` did not come online within {timeout:.0f} s",
                    f"logs in {site.state_path / 'logs'}",
                    "Check its key, certificate and coordinator address, and its agent's log.",
                )
            time.sleep(LOOK)

    def exchange(
        self, messages: Mapping[str, bytes], timeout: float, progress: Progress = silent
    ) -> Outcomes:
        """Send each site its message and gather the replies. Raises Problem.

        messages: payload by site id, at most MAX_MESSAGE_BYTES each. timeout: seconds from sending.
        Returns for each site its reply, or why there is none. A site whose SuperNode was killed
        while it had the message is OFFLINE once the SuperLink misses two heartbeats (within 60 s),
        else NO_REPLY when the time is up. Nothing is sent twice.
        """
        self._require_known(messages)
        if self._superlink is None:
            raise Problem(
                "the federation is not online", self._coordinator.name, "Wait until it is."
            )
        return exchange(
            self._coordinator,
            self._superlink,
            messages,
            timeout,
            progress=progress,
            bundle=self._bundle,
        )

    def stop(self) -> None:
        """End every process; returns when none is left. Can be called twice."""
        self._stopping.set()
        if self._enrolment is not None:
            self._enrolment.join(ENROLMENT_PATIENCE)
        if self._superlink is not None:
            self._superlink.close()  # a SuperLink waits for its connections to close
            self._superlink = None
        self._processes.stop()

    def processes(self) -> list[Running]:
        """What was started here and runs, by role and site. Flower starts more below the SuperLink:
        `process_tree.descendants(supervisor_pid)` has them all.
        """
        return self._processes.running()

    @property
    def supervisor_pid(self) -> int:
        return self._processes.supervisor_pid

    def _commands(
        self, sites: list[SiteConfig]
    ) -> tuple[list[Command], list[Command], list[Command]]:
        """Coordinator first, then what at the sites needs no SuperLink, then the SuperNodes."""
        recorder = self._recorder
        record = recorder.observe if recorder else _unchanged
        ports = dict(zip(self._sites, free_ports(len(sites)), strict=True))
        through = recorder.routes(sites) if recorder else {}
        coordinators = [record(superlink_command(self._coordinator))]
        if recorder:
            coordinators.append(recorder.proxy_command())
        agents = [agent_command(site, self._agent_command) for site in sites]
        relays = [record(relay_command(site, ports[site.id])) for site in sites]
        supernodes = [
            record(supernode_command(site, ports[site.id], through.get(site.id))) for site in sites
        ]
        return coordinators, agents + relays, supernodes

    def _enrol(self, members: Mapping[str, bytes], supernodes: list[Command]) -> None:
        try:
            self._superlink = wait_for_superlink(self._coordinator, self._stopping)
            if self._superlink is None:
                return
            self._superlink.enrol(members)
            for command in supernodes:
                self._processes.start(command)
        except Exception as error:  # handed to the thread that waits
            self._enrolment_problem = error

    def _note_exit(self, ended: Exit) -> None:
        self._exits.append(ended)

    def _raise_what_went_wrong(self, wanted: set[str]) -> None:
        for ended in list(self._exits):
            if ended.role == "superlink":
                raise Problem(
                    "the SuperLink ended by itself", f"log: {ended.log}", "Read its last lines."
                )
            if ended.site not in wanted or ended.site in self._were_online:
                continue
            if ended.role in ("agent", "supernode"):
                raise Problem(
                    f"the {_TITLES[ended.role]} of `{ended.site}` ended before it was online",
                    f"log: {ended.log}",
                    "Read its last lines.",
                )
        if self._enrolment_problem is not None and not self._stopping.is_set():
            raise self._enrolment_problem

    def _online(self) -> set[str]:
        if self._superlink is None:
            return set()
        try:
            return {node.name for node in self._superlink.nodes() if node.online}
        except ControlApiError:
            return set()

    def _require_known(self, sites: Iterable[str]) -> None:
        for site in sites:
            if site not in self._sites:
                raise Problem(
                    f"there is no site `{site}`",
                    self._coordinator.name,
                    f"Known sites: {', '.join(sorted(self._sites))}.",
                )


_TITLES = {"agent": "agent", "supernode": "SuperNode"}


def _unchanged(command: Command) -> Command:
    return command


def _forget(database: Path) -> None:
    for file in database.parent.glob(database.name + "*"):  # -wal, -shm
        file.unlink()
