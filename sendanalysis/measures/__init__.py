"""What is measured: tables in, tables out."""
