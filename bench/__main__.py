"""`python -m bench`: all benchmarks; the names of some as arguments run only those."""

import importlib
import sys

BENCHES = ("search", "delivery", "meetings", "announcements")
"""Modules of this package, each with a `main()`."""

if __name__ == "__main__":
    for name in sys.argv[1:] or BENCHES:
        importlib.import_module(f"bench.{name}").main()
