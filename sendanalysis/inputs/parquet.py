"""The cells of a Parquet file as text, as a CSV file would have them."""

from __future__ import annotations

from glob import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.errors import InputError
from sendanalysis.inputs.cells import cell_text
from sendanalysis.inputs.csv_cells import Cells
from sendanalysis.methods.texts import recoded

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection, DuckDBPyRelation

_FEW_IN = 10  # rows for each different text, from which on texts are few


def parquet_cells(path: Path) -> Cells:
    """The cells of a Parquet file, with the names of its columns as the first row.

    Days are written YYYY-MM-DD, whole numbers without a point, and what is null is empty.

    Raises:
        InputError: It cannot be read.
    """
    import duckdb  # noqa: PLC0415  # few areas keep such a file

    try:
        with duckdb.connect(config={"autoinstall_known_extensions": False}) as held:
            table = held.read_parquet(escape(str(path)))
            columns = {place: _column(held, table, name) for place, name in enumerate(table.columns)}
            width = len(table.columns)
            return Cells(list(table.columns), pd.DataFrame(columns), (width, width))
    except duckdb.Error as error:
        raise InputError("it is not a Parquet file that can be read. Export it again") from error


def _column(held: DuckDBPyConnection, table: DuckDBPyRelation, name: str) -> pd.Series[Any]:
    """A column as a categorical: of days, and of few different texts, these alone are made, not one for each row."""
    from duckdb import ColumnExpression, SQLExpression  # noqa: PLC0415  # see above
    from duckdb.sqltypes import DATE, VARCHAR  # noqa: PLC0415  # see above

    kind = table[name].types[0]
    told = "coalesce(cell - DATE '1970-01-01', -9e9::BIGINT)" if kind == DATE else "coalesce(cell::VARCHAR, '')"
    cells = table.select(ColumnExpression(name).alias("cell"))
    cells.select(SQLExpression(told).alias("told"), ColumnExpression("cell")).create_view("cells")
    ((rows_a_text,),) = held.sql("SELECT count(*) / approx_count_distinct(told) FROM cells").fetchall()
    if kind == DATE or not rows_a_text or rows_a_text < _FEW_IN:
        codes, known = pd.factorize(held.sql("SELECT told FROM cells").fetchnumpy()["told"])
        read = pd.Series(pd.Categorical.from_codes(codes, pd.Index(known, dtype=None if kind == DATE else "str")))
    else:
        held.execute("CREATE TYPE kind AS ENUM (SELECT DISTINCT told FROM cells ORDER BY told)")
        read = held.sql("SELECT told::kind AS told FROM cells").df()["told"]
        held.execute("DROP TYPE kind")
    if kind == VARCHAR:
        return read
    values = dict(held.sql("SELECT DISTINCT told, cell FROM cells").fetchall())
    return recoded(read, [cell_text(values[text]) for text in read.cat.categories.tolist()])
