"""bench_table: tables that appear line by line, for a terminal or as Markdown, and a line on the machine.

Knows nothing of what the cells mean. Called by bench_main, bench_rows and bench_growth.
"""
import os
import platform
import subprocess
import sys


class Table:
    def __init__(self, columns, markdown):
        """columns: pairs of a title and a width; a width below 0 aligns to the left."""
        self.widths = [width for _, width in columns]
        self.markdown = markdown
        self.add(*(title for title, _ in columns))
        if markdown:
            print("| " + " | ".join("---" if width < 0 else "---:" for width in self.widths) + " |", flush=True)

    def add(self, *cells):
        if self.markdown:
            print("| " + " | ".join(cells) + " |", flush=True)
        else:
            print(" ".join(cell.ljust(-width) if width < 0 else cell.rjust(width)
                           for cell, width in zip(cells, self.widths)).rstrip(), flush=True)


def machine():
    import h5py
    with open("/proc/cpuinfo") as f:
        model = next((line.split(":", 1)[1].strip() for line in f if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    fuse = subprocess.run(["pkg-config", "--modversion", "fuse3"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return (f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB; Linux {platform.release().split('-')[0]}, "
            f"HDF5 {h5py.version.hdf5_version}, h5py {h5py.version.version}, libfuse {fuse.strip()}, "
            f"Python {'.'.join(map(str, sys.version_info[:3]))}")
