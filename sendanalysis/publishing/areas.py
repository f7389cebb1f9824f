"""Areas: one is made here; many are made side by side, each in a process of its own or on a Dask cluster.

One that cannot be made stops no other. A process that is lost has its area made once more.
"""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from sendanalysis.errors import AnalysisError, InputError, RunError, fault_of_surroundings
from sendanalysis.inputs.folder import INTERNAL, find_area, is_address, seen_from
from sendanalysis.inputs.rights import for_owner_alone
from sendanalysis.publishing.batch import QUICK, Crew, most_at_once
from sendanalysis.publishing.months import manifest_of, published_months, root_of
from sendanalysis.publishing.result import Result, Row
from sendanalysis.publishing.reuse import build, files_of, key_of_run, with_earlier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Report: TypeAlias = Callable[[str, float, str], None]
    Made: TypeAlias = "tuple[Order, Result | AnalysisError]"

ANSWERS_WITHIN = "10s"
LOST = "the process that made it ended by itself, twice. Run it alone to see why"


@dataclass(frozen=True)
class Order:
    """One area to be made, in plain words that another process or machine understands.

    Attributes:
        area: The area folder, or its address on a store.
        month: Reporting month, or empty for the last one covered fully.
        audience: Who is to read it.
        output: Folder of all publications, or its address on a store.
        options: What else `monthly_run.prepare` is told, by its names.
        force: Whether every notebook is run, those too that would come out as they stand.
        workers: How many notebooks run at once; as many as there are processors if not given.
        engine: How they are run; see `batch.Crew`.
        build: The code that it is to be made with; any, if empty.
    """

    area: str
    month: str
    audience: str
    output: Path | str
    options: Mapping[str, Any] = field(default_factory=dict)
    force: bool = False
    workers: int | None = None
    engine: str = QUICK
    build: str = ""


def make_area(order: Order, begin: Callable[[int], Report] = lambda _: lambda *_: None) -> Result:
    """Make the briefings of one area and month, or find that nothing has changed since they were made.

    Args:
        order: The area and what is wanted.
        begin: Called with the number of notebooks; what it gives is called as each ends.

    Raises:
        InputError: Something in the area, or asked for, cannot be used.
    """
    result = _made(order, begin)
    _write_lists_on_store(order.output, order.audience, [result])
    return result


def _made(order: Order, begin: Callable[[int], Report] = lambda _: lambda *_: None) -> Result:
    if order.build not in {"", build()}:
        raise InputError(f"it came to a worker with {build()}, not {order.build}. Install the same there.")
    if not is_address(order.area) and not is_address(order.output):
        return _made_here(order, Path(order.output), begin)
    from sendanalysis.publishing.borrowed import at_hand  # noqa: PLC0415  # wanted for a store alone

    with at_hand(order.area, order.output, order.audience) as (area, output, put_back):
        return put_back(_made_here(replace(order, area=area), output, begin))


def _made_here(order: Order, output: Path, begin: Callable[[int], Report]) -> Result:
    folder = find_area(order.area)
    key = key_of_run(folder, {**order.options, "month": order.month, "audience": order.audience})
    standing = None if order.force else unchanged(root_of(output, order.audience) / folder.name, key)
    if standing:
        if standing.folder.parents[1] != output:  # what is outside must fit its ledger, whatever is made now
            from sendanalysis.publishing.ledger import read_ledger  # noqa: PLC0415  # as the engine

            read_ledger(output, folder.name, order.audience)
        return standing
    with for_owner_alone(wanted=order.audience == INTERNAL):  # its processes keep the rights that they start with
        crew = Crew(seen_from(folder)[0], order.workers or _most_at_once(order), order.engine)
    with crew:
        from sendanalysis.publishing import monthly_run  # noqa: PLC0415  # loaded while the crew loads, which takes longer

        how: dict[str, Any] = {**order.options, "force": order.force, "key": key}
        request = monthly_run.prepare(order.area, order.month, order.audience, output, **how)
        return monthly_run.publish(request, crew, begin(len(request.made)))


def _most_at_once(order: Order) -> int:
    """As many processes as serve, but no more than the notebooks asked for."""
    return min(most_at_once(), len(order.options.get("only", ())) or most_at_once())


def unchanged(published: Path, key: str) -> Result | None:
    """The publication of an area that a run would make again to the byte, or None.

    Args:
        published: Folder of the area's publications.
        key: What the run rests on; see `key_of_run`.
    """
    months = published_months(published)
    for place, month in enumerate(months):
        held = manifest_of(published / month) or {}
        if held.get("key") == with_earlier(key, published, months[place + 1 :]) and _is_whole(published / month, held):
            return _as_published(published / month, held)
    return None


def make_areas(orders: Sequence[Order], scheduler: str = "") -> Iterator[Made]:
    """Make many areas, one notebook at a time in each; the lists of areas and months are written anew at the end.

    Args:
        orders: The areas; the same one twice would be made twice.
        scheduler: Address of a Dask scheduler whose workers make them; empty for the processors here.

    Yields:
        Each order with its result, or why it could not be made, as they come.

    Raises:
        InputError: No scheduler answers, it has no worker, or a worker has other code.
    """
    orders = [replace(order, workers=1) for order in orders]
    made: dict[tuple[Path | str, str], list[Result]] = {}
    for order, found in _on_cluster(orders, scheduler) if scheduler else _here(orders):
        if not isinstance(found, AnalysisError) and not found.failed:
            made.setdefault((order.output, order.audience), []).append(found)
        yield order, found
    from sendanalysis.publishing.shelf import write_lists  # noqa: PLC0415  # as the engine

    for (output, audience), results in made.items():
        if is_address(output):
            _write_lists_on_store(output, audience, results)
        else:  # once more, since two areas that end together may each know nothing of the other
            write_lists(root_of(Path(output), audience))


def _write_lists_on_store(output: Path | str, audience: str, results: Sequence[Result]) -> None:
    if is_address(output):
        from sendanalysis.publishing.borrowed import write_lists_at  # noqa: PLC0415  # wanted for a store alone

        write_lists_at(str(output), audience, [result.folder.parent.name for result in results])


def _is_whole(publication: Path, held: Mapping[str, Any]) -> bool:
    return bool(files_of(publication) == held["files"])


def _as_published(folder: Path, held: Mapping[str, Any]) -> Result:
    rows = [
        Row(item["href"].removesuffix(".html"), item["headline"], item["status"] or "", 0.0)
        for item in held["briefings"]
    ]
    return Result(held["area"], held["month"], folder, tuple(rows), unchanged=True)


def _attempt(order: Order) -> Result | AnalysisError:
    try:
        return _made(order)
    except AnalysisError as error:
        return error
    except OSError as error:
        return fault_of_surroundings(error) or RunError(str(error))


def _here(orders: Sequence[Order]) -> Iterator[Made]:
    waiting, spawned = list(orders), multiprocessing.get_context("spawn")
    for _ in range(2):
        if not waiting:
            return
        count, lost = min(os.cpu_count() or 1, len(waiting)), []
        with ProcessPoolExecutor(count, mp_context=spawned, max_tasks_per_child=1) as pool:
            futures = {pool.submit(_attempt, order): order for order in waiting}
            for future in as_completed(futures):
                try:
                    yield futures[future], future.result()
                except BrokenProcessPool:
                    lost.append(futures[future])
        waiting = lost
    for order in waiting:
        yield order, RunError(LOST)


def _on_cluster(orders: Sequence[Order], address: str) -> Iterator[Made]:
    try:
        import distributed  # noqa: PLC0415  # wanted for a cluster alone
    except ImportError as error:
        raise InputError("--scheduler: this needs Dask. Install it with: pip install distributed") from error
    try:
        client: Any = distributed.Client(address, timeout=ANSWERS_WITHIN, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise InputError(f"--scheduler {address}: no scheduler answers there. Start one: dask scheduler") from error
    with client:
        _refuse_others(client, address)
        futures = {client.submit(_attempt, replace(order, build=build()), pure=False): order for order in orders}
        for future in distributed.as_completed(list(futures), loop=client.loop):  # type: ignore[no-untyped-call]
            lost = future.exception()
            yield futures[future], RunError(f"{type(lost).__name__}: {lost}") if lost else future.result()


def _refuse_others(client: Any, address: str) -> None:
    """Workers that would make other figures than these: refused by name before anything is sent."""
    found = client.run(build, on_error="return")
    if not found:
        raise InputError(f"--scheduler {address}: it has no worker. Start one: dask worker {address} --nthreads 1")
    for worker, theirs in found.items():
        if theirs != build():
            raise InputError(f"worker {worker} has {theirs}, not {build()}. Install the same there.")
