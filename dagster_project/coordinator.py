"""The coordinator's code location: questions, the sites' answers, releases, receipts.

Nothing here reads a warehouse. An answer's asset key starts with the site that gave it, and hangs
on that site's atom table, so the graph shows which data a release rests on.
"""

from collections.abc import Iterator

import dagster as dg

from federated.contract.catalogue import Indicator
from federated.contract.messages import Acknowledgement, Malformed, decode_from_site, encode
from federated.coordinator.config import CoordinatorConfig, PlannedQuestion
from federated.coordinator.global_ledger import countersigned, last_data_year
from federated.coordinator.release import (
    Release,
    cells_table,
    find_release,
    publish,
    release_record,
    releases,
)
from federated.coordinator.rounds import Asked, QuestionBook, Replies, ask
from federated.transport.federation import Federation
from portal.release_page import render_release
from privacy.problem import Problem
from privacy.signatures import load_signing_key

EXCHANGE_SECONDS = 120.0
FEDERATION = "federation"


def question_assets(
    coordinator: CoordinatorConfig, indicator: Indicator, plan: PlannedQuestion
) -> list[dg.AssetsDefinition]:
    """Question, one answer per site, release and receipt of one planned question, by period."""
    roster = coordinator.roster(indicator.definition.levels)
    periods = dg.StaticPartitionsDefinition(plan.periods)
    book = QuestionBook(coordinator.state_path / "questions")
    question_key = dg.AssetKey(["coordinator", "question", indicator.id])
    release_key = dg.AssetKey(["coordinator", "release", indicator.id])
    answer_keys = {site: dg.AssetKey([site, "answer", indicator.id]) for site in roster}
    schema, table = indicator.relation

    def asked_in(context: dg.AssetExecutionContext) -> Asked:
        asked = book.latest(indicator.question_id(context.partition_key, plan.edition))
        if asked is None:
            raise Problem(
                "this question has not been put yet",
                f"{indicator.id}, {context.partition_key}",
                "Materialise the question asset of the same period first.",
            )
        return asked

    def exchange(context: dg.AssetExecutionContext, messages: dict[str, bytes]) -> Replies:
        federation: Federation = context.resources.federation
        return federation.exchange(messages, EXCHANGE_SECONDS)

    @dg.asset(
        key=question_key,
        partitions_def=periods,
        group_name="coordinator",
        description=indicator.definition.definition_en,
    )
    def question(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        asked = book.open_attempt(
            indicator,
            context.partition_key,
            roster,
            epsilon=plan.epsilon,
            delta=plan.delta,
            edition=plan.edition,
        )
        return dg.MaterializeResult(
            metadata={
                "question_id": asked.question_id,
                "attempt": asked.attempt,
                "roster": list(asked.roster),
                "scale": asked.scale,
            }
        )

    @dg.multi_asset(
        name=f"answers_{indicator.id}",
        specs=[
            dg.AssetSpec(
                answer_keys[site],
                deps=[question_key, dg.AssetKey([site, schema, table])],
                group_name="answers",
                description="Noisy integers, after the site's gate and ledger agreed.",
            )
            for site in roster
        ],
        partitions_def=periods,
        required_resource_keys={FEDERATION},
    )
    def answers(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        before = asked_in(context)
        missing = [site for site in roster if site not in book.answers(before)]
        if missing:  # before it is asked: what was never sent cannot have been lost
            federation: Federation = context.resources.federation
            federation.wait_until_online(missing, EXCHANGE_SECONDS, context.log.info)
        asked, found = ask(
            book,
            before,
            indicator,
            context.partition_key,
            lambda messages: exchange(context, dict(messages)),
            announce=countersigned(
                coordinator,
                indicator,
                lambda messages: exchange(context, dict(messages)),
                last_data_year(release.record for release in releases(coordinator.releases_path)),
            ),
        )
        for site, answer in found.items():
            yield dg.MaterializeResult(
                asset_key=answer_keys[site],
                metadata={
                    "attempt_id": asked.attempt_id,
                    "rho_site": answer.rho_site,
                    "rho_federation": answer.rho_federation,
                    "cells": len(answer.values),
                },
            )

    @dg.asset(
        key=release_key,
        deps=list(answer_keys.values()),
        partitions_def=periods,
        group_name="coordinator",
    )
    def release(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        asked = asked_in(context)
        found = book.answers(asked)
        if len(found) < len(asked.roster):
            raise Problem(
                "not every site has answered",
                f"{indicator.id}, {context.partition_key}",
                "Materialise the answers of the same period first.",
            )
        record = release_record(indicator, asked, found, coordinator.members)
        published = find_release(coordinator.releases_path, asked.question_id) or publish(
            coordinator.releases_path,
            record,
            cells_table(indicator, asked, found),
            render_release,
            load_signing_key(coordinator.path(coordinator.release_key)),
        )
        return dg.MaterializeResult(
            metadata={
                "release_id": published.release_id,
                "page": dg.MetadataValue.path(str(published.folder / "index.html")),
                "epsilon": published.record["privacy"]["epsilon"],
                "rho": published.record["privacy"]["rho"],
            }
        )

    @dg.asset(
        key=dg.AssetKey(["coordinator", "receipt", indicator.id]),
        deps=[release_key],
        partitions_def=periods,
        group_name="coordinator",
        required_resource_keys={FEDERATION},
        description="Every site's ledger knows which release its answer went into.",
    )
    def receipt(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        published = find_release(coordinator.releases_path, asked_in(context).question_id)
        if published is None:
            raise Problem(
                "there is no release to acknowledge",
                f"{indicator.id}, {context.partition_key}",
                "Materialise the release asset of the same period first.",
            )
        asked = asked_in(context)
        missing = [site for site in asked.roster if not book.has_receipt(asked, site)]
        if missing:
            replies = exchange(context, {s: encode(published.receipt(s)) for s in missing})
            for site in missing:
                _expect_acknowledgement(published, site, replies.get(site, "no reply"))
                book.keep_receipt(asked, site)
        return dg.MaterializeResult(metadata={"release_id": published.release_id})

    return [question, answers, release, receipt]


def _expect_acknowledgement(published: Release, site: str, reply: bytes | str) -> None:
    why = reply if isinstance(reply, str) else "it refused the receipt"
    try:
        if isinstance(reply, bytes) and isinstance(decode_from_site(reply), Acknowledgement):
            return
    except Malformed:
        why = "its reply is not a message of this protocol"
    raise Problem(
        f"site `{site}` did not note the release in its ledger: {why}",
        published.release_id,
        "The release stands. Materialise the receipt asset again when the site is reachable.",
    )
