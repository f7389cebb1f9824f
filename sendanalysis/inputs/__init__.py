"""What comes in: contracts, areas, choices and the illustrative sample."""
