"""Running a job in this process, quietly, with a Dagster instance of its own folder.

One job after another: Dagster's in-process execution shares logging between threads and deadlocks.
"""

import json
import os
from contextlib import redirect_stdout
from pathlib import Path

import dagster as dg

from privacy.problem import Problem

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_DAGSTER_YAML = """\
telemetry:
  enabled: false
event_log_storage:
  module: dagster_project.event_log
  class: EventLog
  config:
    base_dir: {event_log}
"""


def open_instance(home: Path) -> dg.DagsterInstance:
    """The Dagster instance whose event log and run history lie in `home`."""
    home.mkdir(exist_ok=True)
    event_log = json.dumps(str(home / "history" / "runs"))  # where Dagster itself has it
    # In one stroke: another process of the same folder may be reading it.
    draft = home / f"dagster.yaml.{os.getpid()}"
    draft.write_text(_DAGSTER_YAML.format(event_log=event_log), encoding="utf-8")
    draft.replace(home / "dagster.yaml")
    return dg.DagsterInstance.from_config(str(home))


def run_job(
    definitions: dg.Definitions,
    job: str,
    instance: dg.DagsterInstance,
    log: Path,
    partition: str | None = None,
) -> None:
    """Run `job` to its end. A Problem raised in an asset comes out as itself.

    log: file that gets what the job prints (dbt's lines): standard output is for the answer.
    """
    try:
        with log.open("a", encoding="utf-8") as printed, redirect_stdout(printed):
            definitions.resolve_job_def(job).execute_in_process(
                instance=instance, partition_key=partition, run_config=_QUIET
            )
    except dg.DagsterExecutionInterruptedError:
        raise KeyboardInterrupt from None
    except Exception as error:
        problem = _problem_behind(error)
        if problem is None:
            raise
        raise problem from None


def _problem_behind(error: BaseException | None) -> Problem | None:
    """The Problem that Dagster wrapped, if that is what stopped it."""
    seen = set[int]()
    while error is not None and id(error) not in seen:  # Dagster's own may lead back to themselves
        seen.add(id(error))
        if isinstance(error, Problem):
            return error
        error = getattr(error, "user_exception", None) or error.__cause__ or error.__context__
    return None
