"""Briefings on a local area's SEND improvement plan: tables in, briefings out."""
