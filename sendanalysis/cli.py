"""The command line: check an area, make and open its briefings, make the sample, share."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sendanalysis import terminal
from sendanalysis.errors import AnalysisError, InputError, RunError, fault_of_surroundings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sendanalysis.publishing.areas import Order
    from sendanalysis.publishing.result import Result

_RUN_EXAMPLE = """example:
  sendanalysis run data/southend --month 2021-12
  sendanalysis run data/southend -p quality.unit=plan_all --only 01_ehcp_quality
  sendanalysis run s3://bucket/areas/mytown --output abfs://container/outputs"""
_CHECK_EXAMPLE = "example:\n  sendanalysis check data/southend --to faults.xlsx"
_MAP_EXAMPLE = "example:\n  sendanalysis map data/southend advice_requests Advice-2022-03.xlsx"
_SAMPLE_EXAMPLE = "example:\n  sendanalysis sample data/southend --seed 2021"
_NEW_EXAMPLE = 'example:\n  sendanalysis new-area data/essex --name "Essex" --code E10000012 --clock-start 2022-04-01'
_SHARE_EXAMPLE = "example:\n  sendanalysis share data/southend --month 2021-12 --audience partner --to december.zip"
_OPEN_EXAMPLE = """example:
  sendanalysis open data/southend --month 2021-12 --print
  sendanalysis open december.zip --to december"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: Words after `sendanalysis`; those of the terminal unless given.

    Returns:
        Exit code: 0 done, 1 a notebook failed and nothing was published, 2 something in the input must be put right.
    """
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except AnalysisError as error:
        print(f"sendanalysis: {error}", file=sys.stderr)  # noqa: T201
        return error.exit_code
    except KeyboardInterrupt:
        print("sendanalysis: stopped; nothing was published", file=sys.stderr)  # noqa: T201
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader of a pipe went away
        return 0
    except OSError as error:
        fault = fault_of_surroundings(error)
        if fault is None:
            raise
        print(f"sendanalysis: {fault}", file=sys.stderr)  # noqa: T201
        return fault.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sendanalysis", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = _command(commands, "run", _run, "make the briefings of a month", _RUN_EXAMPLE)
    run.add_argument("areas", nargs="+", metavar="AREA", help="area folder or its address, such as s3://bucket/mytown")
    run.add_argument("--month", default="", help="reporting month, YYYY-MM; the last one covered fully unless given")
    run.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="one notebook alone, such as 01_ehcp_quality"
    )
    run.add_argument("--audience", default="internal", help="who is to read it: internal, partner or public")
    _output(run, "where to publish, a folder or the address of a store", kind=str)
    choice = {"dest": "parameters", "action": "append", "default": [], "metavar": "NAME=VALUE"}
    run.add_argument("-p", **choice, help="another choice, such as quality.unit=plan_all")
    run.add_argument("--single-file", action="store_true", help="also write briefing.html, all briefings in one page")
    run.add_argument("--pdf", action="store_true", help="also print that page as briefing.pdf; needs Chromium")
    run.add_argument("--strict", action="store_true", help="publish nothing where a table is missing, faulty or late")
    run.add_argument("--force", action="store_true", help="run every notebook, though nothing has changed")
    run.add_argument("--engine", default="quick", choices=("quick", "stock"), help="stock: papermill's own; slower")
    run.add_argument("--scheduler", default="", metavar="ADDRESS", help="a Dask scheduler whose workers make the areas")
    run.add_argument("--new-key", action="store_true", help="make a new key of pseudonyms first")
    run.add_argument("--reason", default="", metavar="TEXT", help="why a month is published again outside")
    run.add_argument("--json", action="store_true", help="print the result as JSON, for machines")
    check = _command(commands, "check", _check, "list every fault of an area folder", _CHECK_EXAMPLE)
    check.add_argument("area", metavar="AREA", help="area folder, such as data/southend")
    check.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="the tables of one notebook alone; may be repeated"
    )
    _output(check, "where last month's publication stands, to compare the extracts with")
    check.add_argument("--to", type=Path, metavar="FILE", help="also write every fault into a .csv or .xlsx, one a row")
    propose = _command(commands, "map", _map, "propose how an export becomes a table", _MAP_EXAMPLE)
    propose.add_argument("area", metavar="AREA", help="area folder, such as data/southend")
    propose.add_argument("table", metavar="TABLE", help="table that it becomes, such as advice_requests")
    propose.add_argument("file", type=Path, metavar="FILE", help="the export, .xlsx or .csv, wherever it is")
    propose.add_argument("--sheet", default="", metavar="NAME", help="its sheet; the likeliest unless given")
    propose.add_argument("--replace", action="store_true", help="write anew a mapping that exists")
    sample = _command(commands, "sample", _sample, "make the illustrative extracts again", _SAMPLE_EXAMPLE)
    sample.add_argument("area", metavar="AREA", help="area folder whose area.toml says illustrative = true")
    sample.add_argument("--areas", type=int, default=0, metavar="N", help="make N made-up areas in the folder AREA")
    sample.add_argument("--seed", type=int, default=2021, help="another seed makes another sample; 2021 unless given")
    new = _command(commands, "new-area", _new_area, "start the folder of another area", _NEW_EXAMPLE)
    new.add_argument("path", type=Path, metavar="PATH", help="folder to make")
    new.add_argument("--name", required=True, help="name of the local area")
    new.add_argument("--code", required=True, help="its official code, such as E06000033")
    new.add_argument(
        "--clock-start", default="", metavar="DAY", help="YYYY-MM-DD from which the plan counts; today unless given"
    )
    new.add_argument("--like", type=Path, metavar="AREA", help="area whose plan and measures it begins with")
    _share_and_open(commands)
    return parser


def _share_and_open(commands: Any) -> None:
    pack = _command(commands, "share", _share, "pack a publication for readers outside", _SHARE_EXAMPLE)
    pack.add_argument("area", metavar="AREA", help="area folder, such as data/southend")
    pack.add_argument("--month", default="", help="month to pack, YYYY-MM; the last one published unless given")
    pack.add_argument("--audience", required=True, help="whose publication it is: partner or public")
    pack.add_argument("--to", type=Path, required=True, metavar="FILE", help="zip file to write; it must not exist")
    _output(pack, "where the publication stands")
    show = _command(commands, "open", _open, "open the last publication of an area, or a pack", _OPEN_EXAMPLE)
    show.add_argument("area", metavar="AREA", help="area folder, such as data/southend, or a pack, FILE.zip")
    show.add_argument("--month", default="", help="month to open, YYYY-MM; the last one published unless given")
    _output(show, "where it stands")
    show.add_argument("--to", type=Path, metavar="FOLDER", help="where a pack is unpacked; a new folder unless given")
    show.add_argument("--print", dest="print_only", action="store_true", help="only print its path; start nothing")


def _command(commands: Any, name: str, run: Callable[[argparse.Namespace], int], text: str, example: str) -> Any:
    command = commands.add_parser(
        name,
        help=text,
        description=f"{text[0].upper()}{text[1:]}.",
        epilog=example,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(command=run)
    return command


def _output(command: argparse.ArgumentParser, text: str, kind: Callable[[str], object] = Path) -> None:
    command.add_argument("--output", type=kind, default="outputs", metavar="DIR", help=f"{text}; outputs unless given")


def _run(options: argparse.Namespace) -> int:
    from sendanalysis.inputs.folder import find_area, is_address  # noqa: PLC0415
    from sendanalysis.inputs.pseudonyms import make_new_key  # noqa: PLC0415
    from sendanalysis.publishing.areas import Order, make_area  # noqa: PLC0415

    given = {name: getattr(options, name) for name in ("only", "single_file", "pdf", "strict", "reason")}
    given["parameters"] = _pairs(options.parameters)
    asked = {name: getattr(options, name) for name in ("month", "audience", "force", "engine")}
    output = options.output if is_address(options.output) else Path(options.output).absolute()
    wanted: dict[str, Any] = {**asked, "output": output, "options": given}
    for area in options.areas if options.new_key else ():
        make_new_key(Path(area) if is_address(area) else find_area(area))
    if len(options.areas) > 1 or options.scheduler:
        places = dict.fromkeys(str(Path(area).resolve() if Path(area).is_dir() else area) for area in options.areas)
        return _run_many([Order(place, **wanted) for place in places], options)
    (area,) = options.areas
    result = make_area(Order(area, **wanted), lambda count: terminal.Progress(count, quiet=options.json).report)
    if options.json:
        print(json.dumps([result.as_dict()], indent=2, ensure_ascii=False))  # noqa: T201
    else:
        terminal.summarise_run(result, area)
    return RunError.exit_code if result.failed else 0


def _run_many(orders: Sequence[Order], options: argparse.Namespace) -> int:
    from sendanalysis.publishing.areas import make_areas  # noqa: PLC0415
    from sendanalysis.publishing.result import is_failed, told_of  # noqa: PLC0415

    done: dict[str, Result | AnalysisError] = {}
    for order, found in make_areas(orders, options.scheduler):
        done[order.area] = found
        if not options.json:
            terminal.report_area(order.area, found, len(done), len(orders))
    failed = [area for area, found in done.items() if is_failed(found)]
    if options.json:
        print(json.dumps([told_of(*item) for item in done.items()], indent=2, ensure_ascii=False))  # noqa: T201
    else:
        terminal.summarise_areas(len(done), failed)
    return RunError.exit_code if failed else 0


def _check(options: argparse.Namespace) -> int:
    from sendanalysis.inputs.area import check_area  # noqa: PLC0415
    from sendanalysis.inputs.fault_list import write_faults  # noqa: PLC0415
    from sendanalysis.publishing.shelf import unlike_last_time  # noqa: PLC0415

    area, faults = check_area(options.area)
    target = options.output / area.folder.name / f"{area.last_month:%Y-%m}"
    faults += unlike_last_time(area.sources, area.tables, target)
    if options.only:
        from sendanalysis.publishing.pages import concerning  # noqa: PLC0415

        faults = concerning(area, faults, options.only)
    if options.to:
        write_faults(options.to, faults)
    terminal.summarise_check(options.area, area.sources, faults, options.to)
    return InputError.exit_code if any(not fault.warns for fault in faults) else 0


def _map(options: argparse.Namespace) -> int:
    from sendanalysis.inputs.folder import find_area  # noqa: PLC0415
    from sendanalysis.inputs.proposal_text import map_export  # noqa: PLC0415

    area = find_area(options.area)
    print("\n".join(map_export(area, options.table, options.file, options.sheet, replace=options.replace)))  # noqa: T201
    return 0


def _sample(options: argparse.Namespace) -> int:
    from sendanalysis.inputs.folder import find_area  # noqa: PLC0415
    from sendanalysis.inputs.sample import write_sample  # noqa: PLC0415
    from sendanalysis.inputs.settings import read_settings  # noqa: PLC0415

    if options.areas:
        from sendanalysis.inputs.sample_areas import write_areas  # noqa: PLC0415

        for path in write_areas(Path(options.area), options.areas, seed=options.seed):
            print(path)  # noqa: T201
        return 0
    folder = find_area(options.area)
    if not read_settings(folder / "area.toml").illustrative:
        raise InputError(
            f"{options.area}: its area.toml says illustrative = false, so its extracts may be real and are left alone. "
            "Make the sample in another area folder."
        )
    for path in write_sample(folder, seed=options.seed):
        print(path.relative_to(folder).as_posix())  # noqa: T201
    return 0


def _new_area(options: argparse.Namespace) -> int:
    from sendanalysis.inputs.new_area import write_area  # noqa: PLC0415

    try:
        start = (
            dt.date.fromisoformat(options.clock_start) if options.clock_start else dt.datetime.now().astimezone().date()
        )
    except ValueError as error:
        raise InputError(f"--clock-start {options.clock_start}: this is not a date. Write it as YYYY-MM-DD.") from error
    named = {"name": options.name, "code": options.code, "clock_start": start}
    written = write_area(options.path, **named, like=options.like)
    print(f"{options.path}: {len(written)} files. Fill in the tables, then: sendanalysis check {options.path}")  # noqa: T201
    return 0


def _share(options: argparse.Namespace) -> int:
    from sendanalysis.publishing.pack import share  # noqa: PLC0415

    for sentence in share(options.area, options.month, options.audience, options.output, options.to):
        print(sentence)  # noqa: T201
    print(options.to.resolve())  # noqa: T201
    return 0


def _open_pack(options: argparse.Namespace) -> int:
    from sendanalysis.publishing.unpack import start_lab, unpack  # noqa: PLC0415

    folder = unpack(Path(options.area), options.to)
    print(folder, flush=True)  # noqa: T201
    if not options.print_only:
        start_lab(folder)
    return 0


def _open(options: argparse.Namespace) -> int:
    if options.area.casefold().endswith(".zip") or Path(options.area).is_file():
        return _open_pack(options)
    from sendanalysis.inputs.folder import find_area  # noqa: PLC0415
    from sendanalysis.publishing.months import published_months  # noqa: PLC0415

    folder = options.output / find_area(options.area).name
    months = published_months(folder)
    month = options.month or (months[0] if months else "")
    if month not in months:
        found = f"Published are: {', '.join(months)}" if months else f"Publish first: sendanalysis run {options.area}"
        raise InputError(f"{folder / month}: nothing is published there. {found}.")
    index = (folder / month / "index.html").resolve()
    print(index)  # noqa: T201
    if not options.print_only:
        webbrowser.open(index.as_uri())
    return 0


def _pairs(given: Sequence[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    bad = next((name for name, mark, _ in pairs if not mark or not name), None)
    if bad is not None:
        raise InputError(f"-p {bad}: write name=value, such as -p quality.unit=plan_all.")
    return {name: value for name, _, value in pairs}
