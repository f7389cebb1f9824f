"""Briefings on a local area's SEND improvement plan: tables in, briefings out."""

import sys

# jsonschema, which nbformat and Altair import, works out this grammar for seconds in every process, for a check of
# web addresses that neither asks for; it does without where the grammar cannot be imported.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # how Python marks what is not to be had
