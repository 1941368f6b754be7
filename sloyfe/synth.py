"""`sloyfe synth`: a synthetic helsefellesskap on disk; `calibrate`: how like Oslo; `fit-risk`."""

import json
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click
import typer

from sloyfe.console import Bar, Steps

if TYPE_CHECKING:
    from synthetic.calibration import Result
    from synthetic.generate import Generated

HOSPITALS = ("ous", "diakonhjemmet", "lovisenberg", "ahus")
MUNICIPALITY = "oslo"
LAST_YEAR = 2024
_KEY = Path("generator-key", "generator.key")

app = typer.Typer(
    invoke_without_command=True, help="A synthetic helsefellesskap that is like Oslo."
)

Persons = Annotated[
    int, typer.Option(help="Inhabitants as the first year begins; all Oslo is 720 000.")
]
Years = Annotated[int, typer.Option(help="Whole years; January and February after them come too.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same bytes.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@app.callback()
def synth(
    context: typer.Context,
    persons: Persons = 100_000,
    years: Years = 1,
    seed: Seed = 1,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the deliveries; made if it is not there.")
    ] = None,
    first_year: Annotated[
        int | None, typer.Option(help=f"First year. Default: so that the last is {LAST_YEAR}.")
    ] = None,
    scenario: Annotated[
        str, typer.Option(help="`baseline`, or an intervention with a known effect.")
    ] = "baseline",
    dirt: Annotated[
        bool, typer.Option("--dirt", help="Put in faults and flaws, counted in dirt.json.")
    ] = False,
    dirt_rate: Annotated[
        float | None, typer.Option(help="Multiplies the documented rates of --dirt.")
    ] = None,
    format: Annotated[str, typer.Option(help="parquet or csv.")] = "parquet",
    workers: Annotated[int | None, typer.Option(help="Processes. Default: one a core.")] = None,
    hospitals: Annotated[int, typer.Option(help="Hospital trusts.")] = len(HOSPITALS),
    key: Annotated[
        Path | None,
        typer.Option(help="Key that signs the synthetic mark. Default: OUT/generator-key, made."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Draw a population, let it live, and write what every organisation would deliver."""
    if context.invoked_subcommand is not None:
        return
    if out is None:
        raise click.UsageError("Missing option '--out'.", context)
    generated, public_key = _generate(
        out,
        persons=persons,
        years=_years(years, first_year),
        seed=seed,
        scenario=scenario,
        dirt=_dirt(dirt, dirt_rate),
        file_format=format,
        workers=workers,
        hospitals=hospitals,
        key=key,
    )
    rate = round(generated.rows / generated.seconds)
    if as_json:
        files = [
            {
                "organisation": file.organisation,
                "register": file.register,
                "path": str(file.path),
                "rows": file.rows,
                "sha256": file.sha256,
            }
            for file in generated.files
        ]
        seconds = round(generated.seconds, 3)
        document = {"files": files, "seconds": seconds, "rows_per_second": rate}
        print(json.dumps(document, indent=2, ensure_ascii=False))
        return
    for place in dict.fromkeys(file.path.parent for file in generated.files):
        rows = sum(file.rows for file in generated.files if file.path.parent == place)
        print(f"{_spaced(rows):>12} rows  {place}")
    print(f"{_spaced(generated.rows):>12} rows in all, {_spaced(rate)} a second")
    print(f"The truth, which no site reads: {out / 'truth'}")
    print(f"`keys.generator` of a site that is to believe the mark: {public_key}")


def _spaced(number: int) -> str:
    return f"{number:,}".replace(",", " ")


@app.command()
def calibrate(
    deliveries: Annotated[
        Path | None, typer.Option(help="What `sloyfe synth` wrote. Default: write it now.")
    ] = None,
    persons: Persons = 720_000,
    years: Years = 2,
    seed: Seed = 1,
    out: Annotated[Path | None, typer.Option(help="Folder of the report (HTML, JSON).")] = None,
    as_json: AsJson = False,
) -> None:
    """Set every published figure beside what was produced. Exit code 1 if one is missed.

    Figures of growth need two years.
    """
    from synthetic.calibration import calibrate as measure
    from synthetic.calibration.report import write_report

    with tempfile.TemporaryDirectory(prefix="sloyfe-synth-") as scratch:
        if deliveries is None:
            deliveries = Path(scratch)
            _generate(deliveries, persons=persons, years=_years(years, None), seed=seed)
        elif not (deliveries / "truth" / "truth.json").is_file():
            mend = "Name the --out of `sloyfe synth`."
            raise _problem("nothing that `sloyfe synth` wrote is here", deliveries, mend=mend)
        elif (deliveries / "dirt.json").is_file():
            mend = "Generate it anew without --dirt."
            raise _problem("faults were put in here, and would be measured", deliveries, mend=mend)
        with Steps() as steps:
            steps.next("measuring what was produced")
            try:
                found = measure(deliveries)
            except ValueError as error:
                raise _problem(str(error), deliveries, mend="Generate it anew.") from None
            if out is not None:
                steps.next("writing the report")
                try:
                    write_report(found, out)
                except OSError as error:
                    told = f"the report cannot be written: {error.strerror}"
                    raise _problem(told, out, mend="Name another folder.") from None
    if as_json:
        print(json.dumps(found.to_json(), indent=2, ensure_ascii=False))
    else:
        for target in found.targets:
            print(_line(target))
        print(f"{len(found.missed)} of {len(found.targets)} targets are missed")
    if found.missed:
        raise typer.Exit(1)


@app.command("fit-risk")
def fit_risk(
    site: Annotated[
        list[Path], typer.Option(help="A built synthetic site; once for each hospital.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Folder of the seeds. Default: the dbt project's.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fit the risk models of the risk-adjusted indicators, and write their seeds.

    Refuses a warehouse that is not all the generator's own: coefficients of real records would be
    a release of them.
    """
    import duckdb

    from dbt_models import PROJECT_DIR
    from federated.site.config import load_site
    from federated.site.landing.synthetic_mark import seeds_of, warehouse_origin
    from synthetic.risk_seeds import add_counts, fit_all, write_seeds

    counts: dict[str, dict[tuple[str, ...], tuple[int, int]]] = {}
    seeds: set[int] = set()
    for config in map(load_site, site):
        place = config.warehouse_path
        try:
            with duckdb.connect(str(place), read_only=True) as connection:
                generator = config.keys.generator and config.path(config.keys.generator)
                if warehouse_origin(connection, generator, declared=False) != "generated":
                    told = "not everything in this warehouse is proved to be generated"
                    raise _problem(told, place, mend="Fit to what `sloyfe synth` wrote.")
                seeds |= seeds_of(connection)
                add_counts(counts, connection)
        except duckdb.Error:
            mend = "Run `sloyfe site build` first, or wait until it is over."
            raise _problem("there is nothing built to fit to", place, mend=mend) from None
    try:
        models = fit_all(counts)
    except ValueError as error:
        mend = "Generate more persons, or another year."
        raise _problem(str(error), "--site", mend=mend) from None
    numbers = ", ".join(map(str, sorted(seeds)))
    source = f"Fitted by sloyfe synth fit-risk to synthetic data, seed {numbers}, {date.today()}"
    write_seeds(models, out or PROJECT_DIR / "seeds", source)
    told = {
        name: {
            "stays": model.coefficients[0].stays,
            "events": model.coefficients[0].events,
            "concordance": round(model.concordance, 4),
        }
        for name, model in models.items()
    }
    if as_json:
        print(json.dumps(told, indent=2))
        return
    for name, facts in told.items():
        print(f"{name}: {facts['stays']} stays, {facts['events']} events, c {facts['concordance']}")


def _line(target: "Result") -> str:
    mark = "✓" if target.within else "✗"
    produced = "not produced"
    if target.produced is not None and target.relative_error is not None:
        produced = f"{target.produced:>12.4g} {target.relative_error:>+8.1%}"
    return f"{mark} {target.name:<52} {target.target:>12.4g} {produced:>21}  {target.source}"


def _generate(
    out: Path,
    *,
    persons: int,
    years: range,
    seed: int,
    scenario: str = "baseline",
    dirt: float | None = None,
    file_format: str = "parquet",
    workers: int | None = None,
    hospitals: int = len(HOSPITALS),
    key: Path | None = None,
) -> "tuple[Generated, Path]":
    """Generate with a progress bar; returns what was written, and the generator's public key."""
    from federated.transport.certificates import make_signing_key
    from privacy.signatures import load_signing_key
    from synthetic.generate import check_place, generate, shards_of
    from synthetic.model import SCENARIOS
    from synthetic.writing import file_format as known_format

    if persons < 1:
        raise _problem("there must be at least one person", "--persons")
    if seed < 0:
        raise _problem("a seed is not negative", "--seed")
    if scenario not in SCENARIOS:
        raise _problem(f"unknown scenario `{scenario}`", "--scenario", SCENARIOS)
    try:
        form = known_format(file_format)
    except ValueError as error:
        raise _problem(str(error), "--format") from None
    if not 1 <= hospitals <= 50:
        raise _problem("the number of hospitals must lie from 1 to 50", "--hospitals")
    if workers is not None and not 1 <= workers <= 256:
        raise _problem("the number of processes must lie from 1 to 256", "--workers")
    try:
        check_place(out)
    except FileExistsError:
        raise _problem("the folder holds something that was not generated", out) from None
    try:
        if key is None:
            made = make_signing_key(out / _KEY)
            key, public = made.private_key, made.public_key
        else:
            public = Path(f"{key}.pub")
        signing_key = load_signing_key(key)
        with Bar(
            f"{persons} persons, {years.start}-{years.stop - 1}", shards_of(persons, years)
        ) as bar:
            generated = generate(
                out,
                persons=persons,
                years=years,
                seed=seed,
                signing_key=signing_key,
                hospitals=hospital_ids(hospitals),
                municipality=MUNICIPALITY,
                scenario=scenario,
                dirt=dirt,
                file_format=form,
                workers=workers,
                progress=bar.next,
            )
    except OSError as error:
        mend = "Make room or give leave, and run the same command again: it goes on."
        raise _problem(f"the files cannot be written: {error.strerror}", out, mend=mend) from None
    return generated, public


def hospital_ids(count: int) -> tuple[str, ...]:
    """Oslo's four, as many as are asked for; beyond them plain numbers."""
    return HOSPITALS[:count] + tuple(f"hospital-{n}" for n in range(len(HOSPITALS) + 1, count + 1))


def _years(count: int, first: int | None) -> range:
    if not 1 <= count <= 30:
        raise _problem("the number of years must lie from 1 to 30", "--years")
    begins = LAST_YEAR - count + 1 if first is None else first
    if begins < 2000 or begins + count > 2039:
        raise _problem("the years must lie from 2000 to 2038", "--first-year, --years")
    return range(begins, begins + count)


def _dirt(is_asked_for: bool, rate: float | None) -> float | None:
    if rate is None:
        return 1.0 if is_asked_for else None
    if not is_asked_for:
        raise _problem("a rate of dirt is given without dirt", "--dirt-rate", mend="Add --dirt.")
    if not 0 <= rate <= 1_000:
        raise _problem("the rate of dirt must lie from 0 to 1000", "--dirt-rate")
    return rate


def _problem(
    what: str, where: str | Path, known: tuple[str, ...] = (), mend: str | None = None
) -> Exception:
    from privacy.problem import Problem

    if mend is None and known:
        mend = f"Known: {', '.join(known)}."
    elif mend is None:
        mend = (
            "Name an empty or a new folder." if isinstance(where, Path) else "Give another value."
        )
    return Problem(what, str(where), mend)
