"""Statistics that know nothing of SEND."""
