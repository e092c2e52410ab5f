"""bench_arrays: the rows of scripts/bench for npz archives, NPY and GenericIO files, HMF directories, LArPix files.

Beside them the same bytes as a plain file through libfuse's passthrough file system, or who else reads the same store.
Called by bench_main, which finds the rows in bench_rows.
"""
import subprocess

from bench_measure import EXPFS, Against, inside_python, libfuse_example, mounted, passed_through, seconds_of
from bench_rows import cold, row


def passthrough(stores, plain=None):
    """Reading a plain file (the bytes of the contiguous store's x) through the smallest file system that there is."""
    plain = plain or stores.contiguous_bytes()
    program = libfuse_example("passthrough", stores.directory)

    def work():
        with passed_through(program) as root:
            return seconds_of("cat", root + plain)
    return work


def saved(stores, name, kind, options="rw", x=None):
    """A store of the format with an array x, the contiguous store's as a rule, that expfs itself has made."""
    def write(path):
        import numpy
        subprocess.run([EXPFS, "create", kind, path], check=True, stdout=subprocess.DEVNULL)
        with mounted(path, "-o", options) as mnt:
            numpy.save(f"{mnt}/x.npy", numpy.fromfile(stores.contiguous_bytes(), "<f8") if x is None else x())
    return stores.make(name, write)


@row("1 GiB of float64 in an npz archive, cold, `cat x.raw`")
def npz(stores):
    store = saved(stores, "contiguous.npz", "npz")
    yield (cold(store, "cat", "MNT/x.raw"),
           [Against("plain file, passthrough", passthrough(stores), at_least=0.9)])


def thousands(stores):
    """256 MiB of whole numbers as float32."""
    import numpy
    return numpy.random.default_rng(1).integers(0, 1000, (64 << 20) // stores.part).astype("<f4")


@row("256 MiB of float32 in a compressed npz archive, cold, `cat x.raw`")
def packed_npz(stores):
    def write(path):
        import numpy
        with open(path, "wb") as f:
            numpy.savez_compressed(f, x=thousands(stores))
    store = stores.make("packed.npz", write)
    yield (cold(store, "cat", "MNT/x.raw"),
           [Against("numpy.load", lambda: inside_python("import numpy", f"numpy.load({store!r})['x']"), at_least=1.5)])


@row("1 GiB of float64 in an NPY file, cold, `cat value.raw`")
def npy(stores):
    def write(path):
        import numpy
        with open(path, "wb") as f:
            numpy.save(f, numpy.fromfile(stores.contiguous_bytes(), "<f8"))
    store = stores.make("contiguous.npy", write)
    yield (cold(store, "cat", "MNT/value.raw"),
           [Against("plain file, passthrough", passthrough(stores), at_least=0.9)])


@row("1 GiB of float64 in a GenericIO file, its CRC checked, cold, `cat x.raw`")
def genericio(stores):
    store = saved(stores, "contiguous.gio", "genericio")
    yield (cold(store, "cat", "MNT/x.raw"),
           [Against("plain file, passthrough", passthrough(stores), at_least=0.9)])


# What GenericIO's own reader does of a file with one rank and one variable: both CRCs, and libblosc.
READ_PACKED_GENERICIO = """
packed = open({path!r}, "rb").read()
record = int.from_bytes(packed[160:168], "little")
begin, size = (int.from_bytes(packed[record + at:record + at + 8], "little") for at in (32, 40))
length = int.from_bytes(packed[begin + 12:begin + 16], "little")
to = ctypes.create_string_buffer(length)
stored = (ctypes.c_char * size).from_buffer_copy(packed, begin)
lzma.lzma_crc64(stored, ctypes.c_size_t(size), ctypes.c_uint64(0))
assert blosc.blosc_decompress_ctx(ctypes.byref(stored, 8), to, ctypes.c_size_t(length), 1) == length
lzma.lzma_crc64(to, ctypes.c_size_t(length), ctypes.c_uint64(0))
"""


@row("256 MiB of float32 in a GenericIO file packed by Blosc, its CRCs checked, cold, `cat x.raw`")
def packed_genericio(stores):
    store = saved(stores, "packed.gio", "genericio", "rw,complib=blosc", lambda: thousands(stores))
    libraries = "import ctypes; blosc, lzma = (ctypes.CDLL(name) for name in ('libblosc.so.1', 'liblzma.so.5'))"
    theirs = lambda: inside_python(libraries, READ_PACKED_GENERICIO.format(path=store))
    yield cold(store, "cat", "MNT/x.raw"), [Against("libblosc and liblzma in Python", theirs, at_least=1.5)]


@row("1 GiB of float64 in an HMF directory, cold, `cat x.raw`")
def hmf(stores):
    store = saved(stores, "contiguous.hmf", "hmf")
    yield (cold(store, "cat", "MNT/x.raw"),
           [Against("plain file, passthrough", passthrough(stores), at_least=0.9)])


def raw_messages(stores):
    """A LArPix raw file: 300,000 messages of 1 to 32 words, as to_rawfile packs them."""
    def fill(f):
        import h5py
        import numpy
        n = 300000 // stores.part
        rng = numpy.random.default_rng(1)
        words = rng.integers(0, 64, 16 * 32 * 64, dtype="u1")
        cells = numpy.empty(n, object)
        for i, size in enumerate(8 + 16 * rng.integers(1, 33, n)):
            cells[i] = words[i % 1000:i % 1000 + size]
        f.create_dataset("msgs", data=cells, dtype=h5py.vlen_dtype("u1"), maxshape=(None,), chunks=(1024,),
                         compression="gzip")
        groups = (rng.integers(0, 8, n, dtype="u1")).view([("io_groups", "u1")])
        f.create_dataset("msg_headers", data=groups, maxshape=(None,), chunks=(1024,), compression="gzip")
        f.create_group("meta").attrs.update({"version": "0.0", "created": 0.0, "modified": 0.0})
    return stores.make_hdf5("larpix-raw.h5", fill, "v110")


@row("300,000 messages of a LArPix raw file, cold, `cat msgs.raw`")
def larpix_raw(stores):
    store = raw_messages(stores)
    theirs = f"[m.tobytes() for m in h5py.File({store!r}, 'r')['msgs'][:]]"
    yield (cold(store, "cat", "MNT/msgs.raw"),
           [Against("h5py, as from_rawfile reads", lambda: inside_python("import h5py", theirs), at_least=1.5)])


@row("300,000 messages of a LArPix raw file as lines, cold, `cat msgs`")
def larpix_raw_text(stores):
    store = raw_messages(stores)
    theirs = (f"with open('/dev/null', 'w') as out:\n    for m in h5py.File({store!r}, 'r')['msgs'][:]:\n"
              "        print(m.tobytes().hex(), file=out)")
    yield (cold(store, "cat", "MNT/msgs"),
           [Against("h5py and bytes.hex", lambda: inside_python("import h5py", theirs), at_least=1.5)])


@row("252 MB of packets of a LArPix packet file, cold, `cat packets.raw`")
def larpix_packets(stores):
    n = 7_000_000 // stores.part
    step = n // 10

    def fill(f):
        import numpy
        packets = numpy.random.default_rng(1).integers(0, 256, (n, 36), dtype="u1")
        names = ("io_group io_channel chip_id packet_type downstream_marker parity valid_parity channel_id timestamp "
                 "dataword trigger_type local_fifo shared_fifo register_address register_data direction "
                 "local_fifo_events shared_fifo_events counter fifo_diagnostics_enabled first_packet "
                 "receipt_timestamp").split()
        formats = ["u1"] * 8 + ["<u8"] + ["u1"] * 8 + ["<u2", "<u4", "u1", "u1", "<u4"]
        rows = packets.view(list(zip(names, formats)))[:, 0]
        f.create_group("_header").attrs.update({"version": "2.4", "created": 0.0, "modified": 0.0})
        f.create_dataset("packets", data=rows[:step], maxshape=(None,))
        f["packets"].resize((n,))
        f["packets"][step:] = rows[step:]
    store = stores.make_hdf5("larpix-packets.h5", fill)

    def write_plain(path):
        import h5py
        with h5py.File(store, "r") as f:
            f["packets"][:].tofile(path)
    plain = stores.make("larpix-packets.raw", write_plain)
    yield (cold(store, "cat", "MNT/packets.raw"),
           [Against("plain file, passthrough", passthrough(stores, plain), at_least=0.9),
            Against("h5py", lambda: inside_python("import h5py", f"h5py.File({store!r}, 'r')['packets'][:]"))])
