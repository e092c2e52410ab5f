"""bench_pictures: the rows of scripts/bench for pictures: of datasets that are far larger than what is read of them.

Beside them the picture of a small dataset, since the time must not grow with the data. Called by bench_main, which finds
the rows in bench_rows.
"""
import zlib

from bench_measure import Against
from bench_rows import cold, row

MOST = 1.0  # seconds that a large dataset may take longer than a small one


def small(stores):
    """x: a thousand doubles."""
    def fill(f):
        f["x"] = range(1000)
    return cold(stores.make_hdf5("picture-small.h5", fill), "cat", "MNT/x.svg")


@row("picture of 100 GB of contiguous float64, cold, `cat x.svg`")
def picture_contiguous(stores):
    def fill(f):
        f.create_dataset("x", (12_500_000_000 // stores.part,), "<f8")[0] = 1.0
    path = stores.make_hdf5("picture-contiguous.h5", fill)
    yield cold(path, "cat", "MNT/x.svg"), [Against("picture of 1000 values", small(stores), at_most=MOST)]


@row("picture of 10 GB of gzip float64 in chunks of 1 MiB, cold, `cat x.svg`")
def picture_gzip(stores):
    def fill(f):
        import numpy
        values = numpy.random.default_rng(2).normal(size=131072).round().astype("<f8")
        chunk = zlib.compress(values.tobytes(), 4)
        x = f.create_dataset("x", (10240 // stores.part * 131072,), "<f8", chunks=(131072,), compression="gzip")
        for at in range(0, x.shape[0], 131072):
            x.id.write_direct_chunk((at,), chunk)
    path = stores.make_hdf5("picture-gzip.h5", fill)
    yield cold(path, "cat", "MNT/x.svg"), [Against("picture of 1000 values", small(stores), at_most=MOST)]
