"""bench_arrays: the rows of scripts/bench for stores of plain arrays: npz archives, GenericIO files, HMF directories.

Beside them the same bytes as a plain file through libfuse's passthrough file system, or NumPy reading the same archive.
Called by bench_main, which finds the rows in bench_rows.
"""
import subprocess

from bench_measure import EXPFS, Against, inside_python, libfuse_example, mounted, passed_through, seconds_of
from bench_rows import cold, row


def passthrough(stores):
    """Reading the bytes of the contiguous store's x as a plain file, through the smallest file system that there is."""
    plain = stores.contiguous_bytes()
    program = libfuse_example("passthrough", stores.directory)

    def work():
        with passed_through(program) as root:
            return seconds_of("cat", root + plain)
    return work


def saved(stores, name, kind):
    """A store of the format with an array x, the contiguous store's, that expfs itself has made."""
    def write(path):
        import numpy
        subprocess.run([EXPFS, "create", kind, path], check=True, stdout=subprocess.DEVNULL)
        with mounted(path, "-o", "rw") as mnt:
            x = numpy.fromfile(stores.contiguous_bytes(), "<f8")
            numpy.save(f"{mnt}/x.npy", x)
    return stores.make(name, write)


@row("1 GiB of float64 in an npz archive, cold, `cat x.raw`")
def npz(stores):
    store = saved(stores, "contiguous.npz", "npz")
    yield (cold(store, "cat", "MNT/x.raw"),
           [Against("plain file, passthrough", passthrough(stores), at_least=0.9)])


@row("256 MiB of float32 in a compressed npz archive, cold, `cat x.raw`")
def packed_npz(stores):
    def write(path):
        import numpy
        n = (64 << 20) // stores.part
        x = numpy.random.default_rng(1).integers(0, 1000, n).astype("<f4")
        with open(path, "wb") as f:
            numpy.savez_compressed(f, x=x)
    store = stores.make("packed.npz", write)
    yield (cold(store, "cat", "MNT/x.raw"),
           [Against("numpy.load", lambda: inside_python("import numpy", f"numpy.load({store!r})['x']"), at_least=1.5)])


@row("1 GiB of float64 in a GenericIO file, its CRC checked, cold, `cat x.raw`")
def genericio(stores):
    store = saved(stores, "contiguous.gio", "genericio")
    yield (cold(store, "cat", "MNT/x.raw"),
           [Against("plain file, passthrough", passthrough(stores), at_least=0.9)])


@row("1 GiB of float64 in an HMF directory, cold, `cat x.raw`")
def hmf(stores):
    store = saved(stores, "contiguous.hmf", "hmf")
    yield (cold(store, "cat", "MNT/x.raw"),
           [Against("plain file, passthrough", passthrough(stores), at_least=0.9)])
