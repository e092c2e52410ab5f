# behind: many small files made one after the other: each is there as soon as it is closed, whatever is done next.
load common

setup() {
  common_setup
  STORE=$BATS_TEST_TMPDIR/store.h5
  make_store "$STORE" <<'PY'
f["x"] = np.arange(5.0)
PY
}

mount_rw() {
  mount_store "$STORE" -o "rw${1:+,$1}"
}

# Runs a script in the mount that has burst(directory, n): makes so many files and closes them, and gives their names.
in_burst() {
  (cd "$MNT" && "$PYTHON" -c '
import errno, os, sys
def burst(directory, n=100):
    os.mkdir(directory)
    names = ["%s/s%05d" % (directory, i) for i in range(n)]
    for i, name in enumerate(names):
        fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        os.write(fd, b"%d.50\n" % i)
        os.close(fd)
    return names
def fails(code, func, *arguments):
    try:
        func(*arguments)
    except OSError as error:
        assert error.errno == code, error
    else:
        assert False, "did not fail"
exec(sys.stdin.read())')
}

# What h5py says of the store after unmounting: after 'EXPRESSION with f'
after() {
  "$EXPFS" unmount "$MNT"
  stored "$1"
}

stored() {
  "$PYTHON" -c 'import sys, h5py; f = h5py.File(sys.argv[1], "r"); print(eval(sys.argv[2]))' "$STORE" "$1"
}

kill_the_mount() {
  local pid
  pid=$(mount_pid "$MNT")
  kill -9 "$pid"
  wait_until 10 is_gone "$pid"
  umount -l "$MNT"
}

@test "a file closed a moment ago is listed, looked at and read like any other" {
  mount_rw
  in_burst <<'PY'
names = burst("a")
assert sorted(os.listdir("a")) == [name[2:] for name in names]
last = burst("b")[-1]
assert os.stat(last).st_size == 5
last = burst("c")[-1]
assert open(last).read() == "99.5\n"
last = burst("d")[-1]
assert os.listxattr(last).count("user.expfs.dtype") == 1 and os.getxattr(last, "user.expfs.dtype") == b"<f8"
last = burst("e")[-1]
assert os.path.getsize(last + ".npy") == 136
last = burst("f")[-1]
assert os.listdir(last + ".attrs") == []
last = burst("g")[-1]
assert open(last + ".json").read().count("99.5") == 1
last = burst("h")[-1]
assert '"s00099"' in open("h.json").read()
PY
  is '8 800' "$(after '"%d %d" % (len(f) - 1, sum(len(f[g]) for g in "abcdefgh"))')"
}

@test "a file closed a moment ago is renamed, removed, linked and given attributes like any other" {
  mount_rw
  in_burst <<'PY'
last = burst("a")[-1]
os.rename(last, "a/renamed")
last = burst("b")[-1]
os.unlink(last)
fails(errno.ENOENT, os.stat, last)
last = burst("c")[-1]
os.link(last, "c/linked")
last = burst("d")[-1]
os.setxattr(last, "user.unit", b"mm")
assert os.getxattr(last, "user.unit") == b"mm"
last = burst("e")[-1]
fails(errno.EEXIST, os.mkdir, last)
fails(errno.EEXIST, os.open, last, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
last = burst("f")[-1]
fails(errno.ENOTEMPTY, os.rmdir, "f")
os.rename("f", "g")
last = burst("h")[-1]
with open(last, "a") as file:
    file.write("7\n")
last = burst("i")[-1]
os.replace("i/s00000", last)
last = burst("j")[-1]
os.utime(last, (5, 5))
assert os.stat(last).st_mtime == 5
PY
  is '99.5 False 99.5 mm 100 (2,) 0.5' "$(after \
    '" ".join(map(str, [f["a/renamed"][()], "s00099" in f["b"], f["c/linked"][()], f["d/s00099"].attrs["unit"], len(f["g"]), f["h/s00099"].shape, f["i/s00099"][()]]))')"
}

@test "what is refused at close is refused still" {
  mount_rw
  in_burst <<'PY'
burst("a")
fd = os.open("a/b%2Fc", os.O_WRONLY | os.O_CREAT)
os.write(fd, b"1\n")
fails(errno.EINVAL, os.close, fd)
assert os.listdir("a").count("s00099") == 1
PY
  is 100 "$(after 'len(f["a"])')"
}

@test "texts of all kinds, and bytes that are none, are what they were between many others" {
  mount_rw
  in_burst <<'PY'
burst("a")
texts = {"int": b"7\n", "list": b"1\n2\n", "text": "d\u00fcnn\n".encode(), "words": b"a\tb\nc\td\n", "ragged": b"a\tb\nc\n",
         "bytes": b"a\0\xff\n", "latin": b"d\xfcnn\n", "long": b"1.5\n" * 100000, "none": b""}
for name, text in texts.items():
    with open("a/" + name, "wb") as file:
        file.write(text)
for name, text in texts.items():
    assert name in ("ragged", "long") or open("a/" + name, "rb").read() == text, name
PY
  is '109 7 (2,) (2, 2) (2,) (100000,)' "$(after \
    '" ".join(map(str, [len(f["a"]), f["a/int"][()], f["a/list"].shape, f["a/words"].shape, f["a/ragged"].shape, f["a/long"].shape]))')"
}

@test "who closes a copy of a descriptor goes on writing where he was" {
  mount_rw
  exec 7>"$MNT/f"
  echo 1 >&7
  echo 2.5 >&7
  exec 7>&-
  is '1.0 2.5' "$(xargs <"$MNT/f")"
  is '[1.0, 2.5]' "$(after 'f["f"][:].tolist()')"
}

@test "kill -9 after an fsync of the directory, or of one file, leaves all that were closed before" {
  mount_rw commit=0
  in_burst <<'PY'
burst("a", 1000)
os.fsync(os.open("a", os.O_RDONLY))
PY
  kill_the_mount
  "$EXPFS" recover "$STORE"
  is '1000 999.5' "$(stored '"%d %s" % (len(f["a"]), f["a/s00999"][()])')"
  mount_rw commit=0
  in_burst <<'PY'
last = burst("b", 1000)[-1]
os.fsync(os.open(last, os.O_RDWR))
PY
  kill_the_mount
  "$EXPFS" recover "$STORE"
  is '1000 999.5' "$(stored '"%d %s" % (len(f["b"]), f["b/s00999"][()])')"
}

@test "a crash keeps the first of the files that were closed, with no gap" {
  local pid
  mount_rw commit=0
  in_burst <<<'burst("a", 20000)' 2>/dev/null &
  pid=$!
  wait_until 10 test -e "$MNT/a/s00300"
  for i in 1 2 3 4 5; do sync "$MNT/x"; done
  kill_the_mount
  wait "$pid" || true
  "$EXPFS" recover "$STORE"
  is True "$(stored '(lambda names: len(names) > 300 and names == ["s%05d" % i for i in range(len(names))])(sorted(f["a"]))')"
}

@test "8 processes make 500 small files each at once: all are there, each with its value" {
  mount_rw
  in_burst <<'PY'
import multiprocessing
def work(i):
    burst("p%d" % i, 500)
    for k in range(500):
        with open("x%d-%d" % (i, k), "w") as file:
            file.write("%d\n" % (i * 500 + k))
with multiprocessing.Pool(8) as pool:
    pool.map(work, range(8), 1)
PY
  is '4000 True True' "$(after \
    '"%d %s %s" % (len(f) - 9, all(f["x%d-%d" % (i, k)][()] == i * 500 + k for i in range(8) for k in range(500)), all(f["p%d/s%05d" % (i, k)][()] == k + .5 for i in range(8) for k in range(500)))')"
}

@test "what a full disk has no room for is told by fsync and in the log" {
  [ "$(id -u)" -eq 0 ] || skip "needs root, to mount a small file system"
  local full=$BATS_TEST_TMPDIR/full
  mkdir "$full"
  mount -t tmpfs -o size=2M none "$full"
  STORE=$full/store.h5
  "$EXPFS" create hdf5 "$STORE"
  mount_rw commit=0
  in_burst <<'PY'
os.mkdir("a")
fd = os.open("a", os.O_RDONLY)
os.fsync(fd)
line = b"".join(b"%d\n" % i for i in range(10000))
try:
    for i in range(100):
        with open("a/%d" % i, "wb") as file:
            file.write(line)
    os.fsync(fd)
except OSError as error:
    assert error.errno in (errno.ENOSPC, errno.EROFS), error
else:
    assert False, "nobody said so"
PY
  grep -q 'No space left on device' "$MNT/.expfs/log"
  fails_with 'No space left on device' "$EXPFS" unmount "$MNT"
  mount -o remount,size=16M "$full"
  "$EXPFS" recover "$STORE"
  is True "$(stored 'sorted(map(int, f["a"])) == list(range(len(f["a"])))')"
  umount "$full"
}
