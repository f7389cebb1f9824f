"""The pack: one publication as a zip for readers outside, who can check it, read it and run it again."""

# nbformat's types are partial:
# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any, cast

import nbformat
import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from sendanalysis.display.page import index_page
from sendanalysis.display.summary import summary_page
from sendanalysis.errors import InputError
from sendanalysis.inputs.audiences import AUDIENCES
from sendanalysis.inputs.folder import INTERNAL, ROOT, find_area
from sendanalysis.inputs.parameters import families
from sendanalysis.publishing.annex import DICTIONARY, annex, dictionary_rows, shown_and_withheld
from sendanalysis.publishing.archive import refuse_taken, write_anew, zipped
from sendanalysis.publishing.cleaning import without_outputs
from sendanalysis.publishing.edition import as_listed, context_of
from sendanalysis.publishing.gate import files_in, refuse_findings
from sendanalysis.publishing.ledger import RELEASE, read_ledger
from sendanalysis.publishing.months import MANIFEST, published_months
from sendanalysis.publishing.place import area_output
from sendanalysis.publishing.record import as_csv
from sendanalysis.publishing.safety import known_from_before, refuse_recoverable
from sendanalysis.publishing.wheel import PACKAGE, wheel
from sendanalysis.release import audited, open_release

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sendanalysis.release import ProtectedRelease, Release

WHOLE = ("briefing.html", "briefing.pdf")
READINGS = ("_by_reading.csv", "_choices_effect.csv")
_CLOCK = re.compile(rb"(/(?:Creation|Mod)Date \(D:)\d{14}")
_VALUE = re.compile(r'^(\w+)(: str = )"[^"\n]*"', re.MULTILINE)


@dataclass(frozen=True)
class Published:
    """A publication that is to be packed: its folder, its manifest, and its release as written there."""

    folder: Path
    held: Mapping[str, Any]
    release: Release


def share(area: str, month: str, audience: str, output: Path, to: Path) -> list[str]:
    """Pack a publication.

    Args:
        area: The area folder.
        month: Its month, YYYY-MM; empty for the last one published for the audience.
        audience: Who is to read it: partner or public.
        output: Folder of all publications.
        to: The zip file to write.

    Returns:
        What was checked, in sentences.

    Raises:
        InputError: The month was never published for that audience, is not what the area's tables give now, or holds
            what may name a person or tell of a small count; or the file cannot be written.
    """
    if audience == INTERNAL or audience not in AUDIENCES:
        others = ", ".join(name for name in AUDIENCES if name != INTERNAL)
        why = "exact figures are not packed" if audience == INTERNAL else "there is no such audience"
        raise InputError(f"--audience {audience}: {why}. A pack is for one of: {others}.")
    if to.suffix.casefold() != ".zip":
        raise InputError(f"--to {to}: a pack is a zip file. Name one that ends in .zip.")
    refuse_taken(to)
    ledger = read_ledger(output, find_area(area).name, audience)
    found = _published(area, month, audience, output)
    given = next(iter(found.held["parameters"].values()))
    asked = {name: str(given[name]) for name in ("data_date", "choices")}
    own = cast("ProtectedRelease", open_release(area, found.held["month"], audience, **asked))
    line = ledger.latest(own.period.key)
    before = ledger.known_at(line) if line else {}
    own.after(before)
    _refuse_other(found, own, area)
    audit = audited(own)
    refuse_recoverable(audit, "packed")
    checked, known = _checked(audit, len(before.get(audience, ()))), known_from_before(audit)
    audit = audit.drop(columns=["figures", "known"])
    members = _members(found, checked)
    members[MANIFEST] = _manifest(found.held, audit, members)
    refuse_findings(members.items(), own, audience)
    write_anew(to, zipped(members))
    return [*checked, *known]


def _published(area: str, month: str, audience: str, output: Path) -> Published:
    name = find_area(area).name
    months = published_months(output / audience / name)
    month = month or next(iter(months), "")
    again = f"sendanalysis run {area} --audience {audience}" + (f" --month {month}" if month else "")
    if month not in months:
        where = f"Published for it are: {', '.join(months)}. " if months else ""
        raise InputError(f"{month or area}: nothing is published for {audience}. {where}Publish first: {again}")
    folder = area_output(output / audience, name, month)
    if not (folder / RELEASE).is_dir():
        raise InputError(f"{folder}: it holds no release, as an earlier version made it. Publish again: {again}")
    held = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return Published(folder, held, open_release(folder / RELEASE, audience=audience))


def _refuse_other(found: Published, own: Release, area: str) -> None:
    """What was published must be what the area's tables and rules give, or no check made now speaks for it."""
    now = {name: as_csv(table) for name, table in own.tables().items()}
    then = {path.stem: path.read_text(encoding="utf-8") for path in (found.folder / "tables").glob("*.csv")}
    packed = {name: as_csv(table) for name, table in found.release.tables().items()}
    odd = next((name for name in now if not now[name] == then.get(name) == packed.get(name)), "")
    if odd or {*now} != {*then}:
        raise InputError(
            f"{found.folder}: its table {odd or min({*now} ^ {*then})} is not what the area's tables and rules give "
            f"now. Publish it again: sendanalysis run {area} --audience {own.audience} --month {own.period.key}"
        )


def _checked(audit: pd.DataFrame, before_n: int) -> list[str]:
    """What was checked, in sentences.

    Args:
        audit: What the audit found.
        before_n: How many earlier publications its readers have.
    """
    small, hidden, counts, beyond = (audit[name].sum() for name in ("small_n", "hidden_n", "counts_n", "beyond_n"))
    known = audit["known_n"].sum()
    with_them = f"this publication and the {before_n} before it" if before_n else "the figures shown"
    taken = [
        f"{known:,} small counts more could be, whatever is hidden now: earlier publications cannot be taken back."
    ]
    return [
        (
            f"By another method than that which hid them: none of {small - known:,} small counts can be worked out "
            f"from {with_them}. {hidden:,} of {counts:,} counts are hidden, {beyond:,} of them only so that small ones "
            "cannot be worked out."
        ),
        *(taken if known else []),
        "Every file was scanned for names, numbers and addresses of persons, and for the records behind the figures.",
    ]


def _members(found: Published, checked: Sequence[str]) -> dict[str, bytes]:
    """Every member but the manifest."""
    folder, held, release = found.folder, found.held, found.release
    tables, _ = shown_and_withheld(release)
    name, package = wheel()
    members = {name: package, "METHODS.md": (ROOT / "notebooks" / "METHODS.md").read_bytes()}
    members |= {f"{RELEASE}/{file}": data for file, data in files_in(folder / RELEASE)}
    members |= {f"tables/{table}.csv": as_csv(rows).encode() for table, rows in tables.items()}
    members["tables/dictionary.csv"] = as_csv(pd.DataFrame(dictionary_rows(tables), columns=DICTIONARY)).encode()
    for page in held["briefings"]:
        members[page["href"]] = (folder / page["href"]).read_bytes()
    for file in WHOLE:
        if (folder / file).is_file():
            members[file] = _CLOCK.sub(rb"\g<1>19800101000000", (folder / file).read_bytes())
    for page in held["parameters"]:
        executed = nbformat.read(folder / "notebooks" / f"{page}.ipynb", as_version=4)
        values = held["parameters"][page] | {"area": RELEASE}
        members[f"executed/{page}.ipynb"] = _written(_aimed(executed, values))
        members[f"notebooks/{page}.ipynb"] = _written(_to_run(executed, values))
    context = context_of(held, release.settings, {"index": {"href": "index.html", "title": "All briefings"}})
    pages = [as_listed(page) for page in [*held["briefings"], *held["left_out"]]]
    members["summary.html"] = summary_page(context, release, pages, checked).encode()
    above = context_of(held, release.settings, {"index": {"href": "summary.html", "title": "Summary"}})
    members["index.html"] = index_page(above, pages).encode()
    about = f"{held['area']}, {release.period.label}, for {held['audience']}. Data to {held['data_date']}."
    members["annex.xlsx"] = annex(release, [about, held["disclosure"], *checked])
    members["README.md"] = _readme(found, members, checked).encode()
    return members


def _readme(found: Published, members: Mapping[str, bytes], checked: Sequence[str]) -> str:
    release, held = found.release, found.held
    environment = Environment(  # noqa: S701  # Markdown, in which nothing is escaped
        loader=PackageLoader("sendanalysis.publishing", "template"), undefined=StrictUndefined, trim_blocks=True
    )
    used = {name.partition(".")[0] for name in release.choices()} & {*families()}
    return environment.get_template("pack_readme.md.j2").render(
        area=held["area"],
        plan=release.settings.plan_name,
        month=release.period.label,
        audience=held["audience"],
        data_date=held["data_date"],
        illustrative=held["illustrative"],
        extra=" and ".join(f"`{name}`" for name in WHOLE if name in members),
        wheel=next(name for name in members if name.endswith(".whl")),
        python=metadata.metadata(PACKAGE.name)["Requires-Python"],
        notebook=next(name for name in sorted(members) if name.startswith("notebooks/")).partition("/")[2],
        declared=[item.name for item in release.declared],
        readings=[name for name in sorted(members) if name.endswith(READINGS)],
        parameters=release.parameters_in_force(*sorted(used)).to_dict("records"),
        checked=checked,
    )


def _aimed(notebook: Any, values: Mapping[str, object]) -> Any:
    """An executed notebook whose parameters name the release beside it."""
    for cell in notebook.cells:
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.source = re.sub(
                r"^area = .*$", f"area = {json.dumps(values['area'])}", cell.source, flags=re.MULTILINE
            )
    return notebook


def _to_run(notebook: Any, values: Mapping[str, object]) -> Any:
    """The same notebook as if it had never been run, its values in its own parameters cell."""
    tagged = {tag: cell for cell in notebook.cells for tag in cell.metadata.get("tags", [])}
    injected = tagged.get("injected-parameters")
    notebook.cells = [cell for cell in notebook.cells if cell is not injected]
    cell = tagged["parameters"]
    cell.source = _VALUE.sub(
        lambda line: f"{line[1]}{line[2]}{json.dumps(values[line[1]])}" if line[1] in values else line[0], cell.source
    )
    return without_outputs(notebook)


def _written(notebook: Any) -> bytes:
    return f"{nbformat.writes(notebook)}\n".encode()


def _manifest(held: Mapping[str, Any], audit: pd.DataFrame, members: Mapping[str, bytes]) -> bytes:
    """What the publication's manifest says, what the audit found, and the hash of every member and of itself."""
    text = {**held, "audit": json.loads(audit.to_json(orient="records")), "members": hashes_of(members)}
    return _dumped({**text, "members": hashes_of({**members, MANIFEST: _dumped(text)})})


def hashes_of(members: Mapping[str, bytes]) -> dict[str, str]:
    """The SHA-256 of every member; of the manifest as it was before it held its own."""
    found = {}
    for name in sorted(members):
        data = members[name]
        if name == MANIFEST:
            text = json.loads(data)
            listed = {member: digest for member, digest in text["members"].items() if member != MANIFEST}
            data = _dumped({**text, "members": listed})
        found[name] = hashlib.sha256(data).hexdigest()
    return found


def hashes_told(file: Path, manifest: bytes) -> dict[str, str]:
    """The SHA-256 of every member as a manifest tells it.

    Raises:
        InputError: It is none.
    """
    try:
        text = json.loads(manifest)
        if _dumped(text) == manifest and all(isinstance(digest, str) for digest in text["members"].values()):
            return dict(text["members"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    raise InputError(f"{file}: its {MANIFEST} is changed. Nothing was unpacked. Ask for it again.")


def _dumped(text: Mapping[str, Any]) -> bytes:
    return f"{json.dumps(text, indent=2, ensure_ascii=False, allow_nan=False)}\n".encode()
