# loop: a mount that can be written answers all who ask at once, with as few threads as it may have, and ends when told to.
load common

setup() {
  common_setup
  STORE=$BATS_TEST_TMPDIR/store.h5
  make_store "$STORE" <<'PY'
f.create_dataset("big", data=np.arange(300000.0), chunks=(10000,), compression=1)
PY
}

# Eight processes write and read files of their own and one of all, and find them as they left them.
many_at_once() {
  timeout 200 "$PYTHON" - "$MNT" <<'PY'
import multiprocessing, os, sys
os.chdir(sys.argv[1])

def work(k):
    os.mkdir("p%d" % k)
    for i in range(40):
        with open("p%d/f%d" % (k, i), "w") as file:
            file.write("%d.5\n" % i * (1 + i % 7))
    for i in range(40):
        with open("p%d/f%d" % (k, i)) as file:
            assert file.read() == "%d.5\n" % i * (1 + i % 7), (k, i)
        if i % 10 == 0:
            assert len(open("big.npy", "rb").read()) == 128 + 8 * 300000
            os.fsync(os.open(".", os.O_RDONLY))

all = [multiprocessing.Process(target=work, args=(k,)) for k in range(8)]
for process in all:
    process.start()
for process in all:
    process.join()
    assert process.exitcode == 0
PY
}

@test "many who ask at once are all answered, by any number of threads" {
  for options in '' max_threads=1 max_threads=2 max_idle_threads=1; do
    mount_rw "$options"
    many_at_once
    is 321 "$(after 'len(f["/"]) - 8 + sum(len(f["p%d" % k]) for k in range(8))')"
    setup
  done
}

@test "a mount ends when it is told to, whatever its threads do" {
  for signal in TERM INT; do
    mount_rw
    pid=$(mount_pid "$MNT")
    readers=()
    for k in 1 2 3 4; do
      (while cat "$MNT/big" 2>"$BATS_TEST_TMPDIR/cat.$k"; do :; done) | wc -c >"$BATS_TEST_TMPDIR/n.$k" &
      readers+=($!)
    done
    echo 1.5 >"$MNT/$signal"
    kill "-$signal" "$pid"
    wait_until 60 is_gone "$pid"
    wait "${readers[@]}" # and not for the time limit of bats
    [ ! -e "$STORE.expfs-wal" ]
  done
  mount_rw
  is 'True True' "$(after '"%s %s" % (f["TERM"][()] == 1.5, f["INT"][()] == 1.5)')"
}
