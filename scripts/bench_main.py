"""bench_main: the command line of scripts/bench, which calls it with EXPFS and EXPFS_BENCH_DIR set.

Knows the switches; not what is measured (bench_rows, bench_growth) nor how (bench_measure).
"""
import argparse
import os

import bench_growth
import bench_rows
import bench_writing  # whose rows follow those of bench_rows
import bench_pypet  # and whose those of bench_writing
import bench_arrays  # and whose those of bench_pypet
import bench_pictures  # and whose those of bench_arrays
import bench_queries  # and whose those of bench_pictures
from bench_stores import Stores
from bench_table import Table, machine


def main():
    parser = argparse.ArgumentParser(prog="bench", description="Compare expfs with others.",
                                     formatter_class=argparse.RawDescriptionHelpFormatter,
                                     epilog="rows:\n" + "\n".join(f"  {name:<22} {row.title}"
                                                                 for name, row in bench_rows.ROWS.items()))
    parser.add_argument("--rounds", type=int, default=5, help="rounds (5), after one that does not count")
    parser.add_argument("--quick", action="store_true", help="small stores, to try the rows")
    parser.add_argument("--markdown", action="store_true", help="print Markdown, and a line on the machine")
    parser.add_argument("--growth", action="store_true", help="measure growth with a store instead")
    parser.add_argument("rows", nargs="*", metavar="ROW", help="only these")
    options = parser.parse_args()
    unknown = set(options.rows) - set(bench_rows.ROWS)
    if unknown:
        parser.error(f"no row is called {', '.join(sorted(unknown))}")
    if options.rounds < 1:
        parser.error("at least one round")
    if options.growth and options.rows:
        parser.error("--growth has no rows")

    if options.markdown:
        print(machine(), end="\n\n")
    if options.quick:
        print("With --quick stores are a 64th of what their rows say, and no target is held against them.\n")
    stores = Stores(os.environ["EXPFS_BENCH_DIR"], options.quick)
    if options.growth:
        bench_growth.run(stores, options.rounds, Table(bench_growth.COLUMNS, options.markdown))
    else:
        bench_rows.run(stores, options.rounds, options.rows, Table(bench_rows.COLUMNS, options.markdown))


if __name__ == "__main__":
    main()
