"""How fast the package is, in ratios measured within one run: `make bench`, and `make gpu`."""
