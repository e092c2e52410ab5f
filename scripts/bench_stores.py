"""bench_stores: the stores that scripts/bench reads or writes copies of, each made once, with the same values on every machine.

Knows shapes and sizes; not what is measured on them. Called by bench_rows, bench_writing and bench_growth.
"""
import os
import sys

LIBRARY_VERSIONS = {"earliest": ("earliest", "v110"), "v110": ("v110", "v110")}


class Stores:
    """Makes a store in a directory when it is asked for and not there. With `quick` a 64th of the size."""

    def __init__(self, directory, quick):
        self.directory = os.path.join(directory, "quick") if quick else directory
        self.part = 64 if quick else 1
        self.is_quick = quick

    def make(self, name, write):
        """The path of a file that write(path) makes."""
        path = os.path.join(self.directory, name)
        if not os.path.exists(path):
            os.makedirs(self.directory, exist_ok=True)
            print(f"making {path}", file=sys.stderr)
            write(path + ".partial")
            os.replace(path + ".partial", path)
        return path

    def make_hdf5(self, name, fill, version="earliest"):
        """The path of an HDF5 file that fill(h5py file) fills."""
        def write(path):
            import h5py
            with h5py.File(path, "w", libver=LIBRARY_VERSIONS[version]) as f:
                fill(f)
        return self.make(name, write)

    # Arrays.

    @property
    def n_rows(self):
        """Rows of 4 KiB in the float32 stores: 256 MiB."""
        return 65536 // self.part

    def _normal_rows(self):
        import numpy as np
        return np.random.default_rng(1).standard_normal((self.n_rows, 1024), dtype=np.float32)

    def gzip(self, shuffle):
        """x: 256 MiB of float32 in chunks of 256 KiB, gzip 4."""
        def fill(f):
            f.create_dataset("x", data=self._normal_rows(), chunks=(64, 1024), compression="gzip", compression_opts=4,
                             shuffle=shuffle)
        return self.make_hdf5("gzip-shuffle.h5" if shuffle else "gzip.h5", fill)

    def blosc(self):
        """The same as PyTables writes it: blosc 5 with shuffle."""
        def write(path):
            import tables
            filters = tables.Filters(complevel=5, complib="blosc", shuffle=True)
            with tables.open_file(path, "w") as f:
                f.create_carray("/", "x", obj=self._normal_rows(), chunkshape=(64, 1024), filters=filters,
                                track_times=False)
        return self.make("blosc.h5", write)

    @property
    def n_contiguous(self):
        """Doubles in the contiguous store: 1 GiB."""
        return 2**27 // self.part

    def contiguous(self):
        """x: 1 GiB of float64, contiguous."""
        def fill(f):
            import numpy as np
            rng = np.random.default_rng(2)
            x = f.create_dataset("x", (self.n_contiguous,), "<f8")
            step = self.n_contiguous // 16
            for start in range(0, self.n_contiguous, step):
                x[start:start + step] = rng.standard_normal(step)
        return self.make_hdf5("contiguous.h5", fill)

    def contiguous_bytes(self):
        """A plain file of the bytes of contiguous()'s x."""
        def write(path):
            import h5py
            step = self.n_contiguous // 16
            with h5py.File(self.contiguous(), "r") as f, open(path, "wb") as plain:
                for start in range(0, self.n_contiguous, step):
                    plain.write(f["x"][start:start + step].tobytes())
        return self.make("contiguous.raw", write)

    def doubles(self):
        """x: 2 million doubles."""
        def fill(f):
            import numpy as np
            f.create_dataset("x", data=np.random.default_rng(3).standard_normal(2000000 // self.part))
        return self.make_hdf5("doubles.h5", fill)

    @property
    def n_chunks(self):
        return 200000 // self.part

    def chunks(self, index):
        """x: 200,000 chunks of 4 KiB, gzip 1 with shuffle, that a "btree", "fixed" or "extensible" array finds."""
        def fill(f):
            import numpy as np
            size = self.n_chunks * 512
            x = f.create_dataset("x", (size,), "<i8", chunks=(512,), compression="gzip", compression_opts=1,
                                 shuffle=True, maxshape=(None,) if index == "extensible" else None)
            for start in range(0, size, 512 * 1000):
                stop = min(size, start + 512 * 1000)
                x[start:stop] = np.arange(start, stop)
        return self.make_hdf5(f"chunks-{index}.h5", fill, "earliest" if index == "btree" else "v110")

    def ten_gigabytes(self):
        """x: 10 GB, contiguous, never written; takes no room on the disk."""
        def fill(f):
            from h5py import h5d, h5p, h5s, h5t
            properties = h5p.create(h5p.DATASET_CREATE)
            properties.set_alloc_time(h5d.ALLOC_TIME_EARLY)
            properties.set_fill_time(h5d.FILL_TIME_NEVER)
            h5d.create(f.id, b"x", h5t.NATIVE_DOUBLE, h5s.create_simple((10**10 // 8,)), properties)
        return self.make_hdf5("ten-gigabytes.h5", fill)

    def array_file(self):
        """array.npy: the same 256 MiB of float32 as an NPY file."""
        def write(path):
            import numpy as np
            with open(path, "wb") as f:
                np.save(f, self._normal_rows())
        return self.make("array.npy", write)

    def empty_table(self):
        """x: no rows of 3 doubles, to which rows can be added."""
        return self.make_hdf5("empty-table.h5", lambda f: f.create_dataset("x", (0, 3), "<f8", maxshape=(None, 3),
                                                                           chunks=(1024, 3)))

    # Objects.

    def tiny(self):
        """x: one scalar."""
        return self.make_hdf5("tiny.h5", lambda f: f.create_dataset("x", data=1.0))

    def datasets(self, count, shape=(), in_groups=True):
        """`count` datasets of doubles, dNNN in groups gNNN of 500, or all in the root.

        The last one is all -12345, which no other holds.
        """
        def fill(f):
            import numpy as np
            from h5py import h5d, h5p, h5s, h5t
            properties = h5p.create(h5p.DATASET_CREATE)
            properties.set_obj_track_times(False)
            space = h5s.create_simple(shape) if shape else h5s.create(h5s.SCALAR)
            rng = np.random.default_rng(4)
            per_group = 500 if in_groups else count
            for g in range(0, count, per_group):
                group = f.create_group(f"g{g // per_group:04d}") if in_groups else f
                for i in range(min(per_group, count - g)):
                    is_last = g + i == count - 1
                    values = np.full(shape, -12345.0) if is_last else np.asarray(rng.standard_normal(shape))
                    dataset = h5d.create(group.id, dataset_name(i).encode(), h5t.NATIVE_DOUBLE, space, properties)
                    dataset.write(h5s.ALL, h5s.ALL, values)
        kind = "x".join(map(str, shape)) or "scalar"
        return self.make_hdf5(f"{'groups' if in_groups else 'flat'}-{kind}-{count}.h5", fill)

    def many(self):
        """100,000 datasets of 3 x 2 doubles in groups of 500."""
        return self.datasets(100000 // self.part, (3, 2))

    def leaves(self):
        """20,000 scalars in groups of 500."""
        return self.datasets(20000 // self.part)

    def million(self):
        """A million scalars in groups of 500."""
        return self.datasets(10**6 // self.part)

    def local_tree(self, mount):
        """A directory with the names and sizes of what a mount shows; the files are sparse."""
        def write(top):
            os.mkdir(top)
            for directory, _, files in os.walk(mount):
                below = os.path.normpath(os.path.join(top, os.path.relpath(directory, mount)))
                os.makedirs(below, exist_ok=True)
                for name in files:
                    with open(os.path.join(below, name), "wb") as f:
                        f.truncate(os.lstat(os.path.join(directory, name)).st_size)
        return self.make("local-tree", write)


def dataset_name(index):
    return f"d{index:06d}"
