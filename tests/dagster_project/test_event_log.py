"""Our event log keeps what Dagster's own would, in files that Dagster reads."""

import multiprocessing

import dagster as dg
from dagster._core.storage.event_log import SqliteEventLogStorage

from dagster_project.event_log import EventLog
from dagster_project.running import open_instance, run_job


def _three_assets(prefix):
    @dg.multi_asset(
        name=f"made_by_{prefix}",
        specs=[dg.AssetSpec([prefix, f"a{n}"]) for n in range(3)],
        check_specs=[dg.AssetCheckSpec("sound", asset=[prefix, "a0"])],
    )
    def made():
        for n in range(3):
            yield dg.MaterializeResult(asset_key=[prefix, f"a{n}"], metadata={"number": n})
        yield dg.AssetCheckResult(asset_key=[prefix, "a0"], check_name="sound", passed=True)

    return dg.Definitions(
        assets=[made], jobs=[dg.define_asset_job("all")], executor=dg.in_process_executor
    )


def _run(home, prefix, times=1):
    with open_instance(home) as instance:
        assert isinstance(instance.event_log_storage, EventLog)
        for _ in range(times):
            run_job(_three_assets(prefix), "all", instance, home / f"{prefix}.log")


def _numbers(storage, instance, prefix):
    """Metadata of the last materialisation of each asset."""
    found = {}
    for n in range(3):
        event = instance.get_latest_materialization_event(dg.AssetKey([prefix, f"a{n}"]))
        found[n] = event.asset_materialization.metadata["number"].value
    assert isinstance(instance.event_log_storage, storage)
    return found


def test_dagster_s_own_event_log_reads_the_files(tmp_path):
    home = tmp_path / "dagster"
    _run(home, "site")
    with open_instance(home) as instance:
        assert _numbers(EventLog, instance, "site") == {0: 0, 1: 1, 2: 2}
    (home / "dagster.yaml").write_text("telemetry:\n  enabled: false\n", encoding="utf-8")
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert _numbers(SqliteEventLogStorage, instance, "site") == {0: 0, 1: 1, 2: 2}
        (run,) = instance.get_runs()
        events = [entry.dagster_event for entry in instance.all_logs(run.run_id)]
        kinds = [event.event_type_value for event in events if event]
        assert kinds.count("ASSET_MATERIALIZATION") == 3
        assert kinds.count("ASSET_CHECK_EVALUATION") == 1
        assert kinds[-1] == "PIPELINE_SUCCESS"


def test_two_processes_write_into_one_instance_and_nothing_is_lost(tmp_path):
    home = tmp_path / "dagster"
    with open_instance(home):
        pass
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_run, args=(home, name, 4)) for name in ("one", "two")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=240)
        assert writer.exitcode == 0
    with open_instance(home) as instance:
        assert [run.status for run in instance.get_runs()] == [dg.DagsterRunStatus.SUCCESS] * 8
        for name in ("one", "two"):
            for n in range(3):
                key = dg.AssetKey([name, f"a{n}"])
                assert len(instance.fetch_materializations(key, limit=10).records) == 4
