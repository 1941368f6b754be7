"""`sloyfe`: the front door. One module per sub-command; each hands straight on to its room."""

import signal
import sys
from types import FrameType

import click
import typer

from sloyfe import (
    approval,
    audit,
    bench,
    catalogue,
    coordinator,
    demo,
    dev,
    indicator,
    ingest,
    ledger,
    plan,
    releases,
    ros,
    site,
    synth,
)

_INTERRUPTED = 130  # what typer makes of Ctrl-C

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Private questions across the organisations of a helsefellesskap.",
)
app.command("demo")(demo.demo)
app.command("dev")(dev.dev)
app.command("ingest")(ingest.ingest)
app.command("catalogue")(catalogue.catalogue)
app.add_typer(synth.app, name="synth")
app.add_typer(ledger.app, name="ledger")
app.add_typer(approval.app, name="approval")
app.add_typer(ros.app, name="ros")
app.add_typer(audit.app, name="audit")
app.add_typer(plan.app, name="plan")
app.add_typer(site.app, name="site")
app.add_typer(coordinator.app, name="coordinator")
app.add_typer(indicator.app, name="indicator")
app.add_typer(releases.app, name="releases")
app.add_typer(releases.app, name="release", hidden=True)  # as it was called at first
app.add_typer(bench.app, name="bench")


def main() -> None:
    """Run. What the user can mend is one line and exit code 1 (2 for the command's own words);
    Ctrl-C is 130.
    """
    from privacy.problem import Problem

    signal.signal(signal.SIGTERM, _interrupt)
    try:
        code = app(standalone_mode=False)
    except Problem as problem:
        sys.stderr.write(f"sloyfe: {problem}\n")
        sys.exit(1)
    except click.exceptions.NoArgsIsHelpError:  # the help has been printed
        sys.exit(2)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "sloyfe"
        sys.stderr.write(f"sloyfe: {error.format_message()} See `{command} --help`.\n")
        sys.exit(2)
    if code == _INTERRUPTED:
        sys.stderr.write("sloyfe: stopped; run the same command again to go on\n")
    sys.exit(code)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """SIGTERM ends a command as Ctrl-C does: with everything it started."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
