"""A job that fails says what stopped it."""

import dagster as dg
import pytest

from dagster_project.running import open_instance, run_job
from privacy.problem import Problem


def run(tmp_path, error: Exception) -> None:
    @dg.asset
    def failing() -> None:
        raise error

    job = dg.define_asset_job("build")
    everything = dg.Definitions(assets=[failing], jobs=[job], executor=dg.in_process_executor)
    with open_instance(tmp_path / "dagster") as instance:
        run_job(everything, "build", instance, tmp_path / "printed.log")


def test_a_problem_comes_out_as_itself(tmp_path):
    with pytest.raises(Problem, match="there is no such thing"):
        run(tmp_path, Problem("there is no such thing", "here", "Look elsewhere."))


def test_any_other_fault_ends_the_run_too(tmp_path):
    """Dagster's chain of causes leads back to its beginning."""
    with pytest.raises(KeyError, match="unexpected"):
        run(tmp_path, KeyError("unexpected"))
