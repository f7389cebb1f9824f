"""What a reader sees: charts, tables, words and the page."""
