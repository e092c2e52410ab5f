# larpix: raw files of larpix-control, read, followed while they are written, appended to and made; and packet files.
load common

setup() {
  common_setup
  LARPIX=$EXPFS_SHARED/stores/larpix
  STORE=$BATS_TEST_TMPDIR/raw.h5
}

# What h5py makes of raw files: files SUBCOMMAND ...
files() {
  "$PYTHON" "$BATS_TEST_DIRNAME/larpix_files.py" "$@"
}

# Mounted at $MNT, the reference file of this name, with options: mount_reference pacman_30 version=0.0
mount_reference() {
  need_shared
  mount_store "$LARPIX/$1.h5" ${2:+-o "$2"}
}

log_has() {
  grep -q -F -- "$1" "$MNT/.expfs/log" || { cat "$MNT/.expfs/log"; return 1; }
}

# --- reading -----------------------------------------------------------------------------------------------------

@test "every message, header and attribute of the reference files is the same in the mount" {
  need_shared
  local file n=0
  for file in "$LARPIX"/*.expected.json; do
    mount_store "${file%.expected.json}.h5" 2>/dev/null || continue
    if [ "$("$EXPFS" info "$MNT" | sed -n 's/^format\t//p')" = larpix-raw ]; then
      run -0 "$PYTHON" - "$MNT" "$file" <<'PY'
import hashlib, json, os, sys
root, want = sys.argv[1], json.load(open(sys.argv[2]))
if "msgs_sha256" in want:
    msgs = [bytes.fromhex(x) for x in open(root + "/msgs").read().splitlines()]
    assert len(msgs) == want["n_msgs"] and sum(map(len, msgs)) == want["total_bytes"]
    for m, w in zip(msgs, want.get("msgs", [])):
        assert hashlib.sha256(m).hexdigest() == w["sha256"]
    assert open(root + "/msgs.raw", "rb").read() == b"".join(msgs)
    groups = [int(x) for x in open(root + "/msg_headers").read().split()]
    assert len(groups) == len(msgs) and groups == want.get("io_groups", groups)
    assert bytes(groups) == open(root + "/msg_headers.raw", "rb").read()
    for i in [0, len(msgs) // 2, -1] if msgs else []:
        assert open(f"{root}/msgs[{i}].raw", "rb").read() == msgs[i]
    for key, value in want["meta"].items():
        if value is not None:
            text = os.getxattr(root + "/meta", "user." + key).decode()
            assert (float(text) if isinstance(value, float) else text) == value
    print("held")
PY
      [ "$output" != held ] || n=$((n + 1))
    fi
    "$EXPFS" unmount "$MNT"
  done
  [ "$n" -ge 13 ]
}

@test "every call of from_rawfile and len_rawfile that the reference answered has its answer in a path or an option" {
  need_shared
  run -0 "$PYTHON" - "$EXPFS" "$LARPIX" "$MNT" "$BATS_TEST_TMPDIR/mask.npy" <<'PY'
import json, os, subprocess, sys
import numpy as np
expfs, stores, mnt, mask = sys.argv[1:]
n = 0
for name, calls in json.load(open(stores + "/calls.json")).items():
    for call in calls:
        args = dict(call["args"])
        options = [f"{k}={args[k]}" for k in ("version", "io_version", "attempts") if k in args]
        if "mask" in args:
            np.save(mask, np.array(args["mask"], bool))
            options.append("mask=" + mask)
            args.pop("start", None), args.pop("end", None)
        part = f"[{args.get('start', '')}:{args.get('end', '')}]"
        command = [expfs, f"{stores}/{name}", mnt] + (["-o", ",".join(options)] if options else [])
        done = subprocess.run(command, capture_output=True, text=True)
        assert (done.returncode != 0) == ("error" in call), (name, call, done)
        if done.returncode:
            assert "mask" in args or "too new" in done.stderr or "too old" in done.stderr, done.stderr
        else:
            headers = [int(x) for x in open(f"{mnt}/msg_headers{part}").read().split()]
            lines = open(f"{mnt}/msgs{part}").read().splitlines()
            size = os.stat(mnt + "/msg_headers.raw").st_size
            subprocess.run([expfs, "unmount", mnt], check=True)
            if call["call"] == "len_rawfile":
                assert size == call["result"], (name, call)
            else:
                assert headers == call["result"]["io_groups"], (name, call, headers)
                assert call["result"]["n_msgs"] in (None, len(lines)), (name, call)
        n += 1
print(n)
PY
  [ "$output" -gt 200 ]
}

@test "rows are had by number, and must ascend and be there" {
  files make "$STORE"
  files append "$STORE" 00:1 11:2 22:3 33:4
  mount_store "$STORE"
  is '11 33' "$(paste -s -d ' ' "$MNT/msgs[1,3]")"
  is '1 4' "$(paste -s -d ' ' "$MNT/msg_headers[0,3]" | xargs)"
  is 33 "$(cat "$MNT/msgs[-1]")"
  not cat "$MNT/msgs[3,1]"
  not cat "$MNT/msgs[1,9]"
  not cat "$MNT/msgs[9].raw"
  "$PYTHON" -c 'import numpy as np, sys; np.save(sys.argv[1], [0, 2])' "$BATS_TEST_TMPDIR/rows.npy"
  "$PYTHON" -c 'import numpy as np, sys; np.save(sys.argv[1], [2, 0])' "$BATS_TEST_TMPDIR/back.npy"
  "$EXPFS" unmount "$MNT"
  mount_store "$STORE" -o "mask=$BATS_TEST_TMPDIR/rows.npy"
  is '00 22' "$(paste -s -d ' ' "$MNT/msgs")"
  is '22' "$(od -An -tx1 "$MNT/msgs[1].raw" | xargs)"
  is '00 22' "$(od -An -tx1 "$MNT/msgs.raw" | xargs)"
  "$EXPFS" unmount "$MNT"
  run -1 mount_store "$STORE" -o "mask=$BATS_TEST_TMPDIR/back.npy"
  [[ $output == *"row numbers ascend"* ]]
}

@test "a part that is missing is ENODATA, and the others are read" {
  mount_reference missing_msg_headers
  [ "$(wc -l <"$MNT/msgs")" -gt 0 ]
  run -1 cat "$MNT/msg_headers"
  [[ $output == *"No data available"* ]]
  log_has "the file has no msg_headers"
  "$EXPFS" unmount "$MNT"
  mount_reference missing_meta
  [ "$(wc -l <"$MNT/msgs")" -eq "$(wc -l <"$MNT/msg_headers")" ]
  run -1 getfattr -n user.version "$MNT/meta"
  "$EXPFS" unmount "$MNT"
  mount_reference failed_create_1_0
  is '1.0' "$(getfattr --only-values -n user.version "$MNT/meta" 2>/dev/null)"
  not cat "$MNT/msgs"
}

@test "what makes no sense to a format is refused" {
  make_store "$BATS_TEST_TMPDIR/plain.h5" <<<'f["x"] = 1'
  run -1 mount_store "$BATS_TEST_TMPDIR/plain.h5" -o version=0.0
  [[ $output == *"mean nothing to a store of the format hdf5"* ]]
  run -1 mount_store "$BATS_TEST_TMPDIR/plain.h5" -o format=larpix-raw
  [[ $output == *"not a LArPix raw file"* ]]
  run -2 mount_store "$BATS_TEST_TMPDIR/plain.h5" -o attempts=often
}

# --- while it is written -----------------------------------------------------------------------------------------

@test "headers and messages that are out of step show what both have, or EAGAIN, or each its own" {
  files make "$STORE"
  files append "$STORE" 00:1 11:2
  files tear "$STORE"
  mount_store "$STORE"
  is '00 11' "$(paste -s -d ' ' "$MNT/msgs")"
  is '1 2' "$(paste -s -d ' ' "$MNT/msg_headers" | xargs)"
  "$EXPFS" unmount "$MNT"
  mount_store "$STORE" -o attempts=3
  run -1 cat "$MNT/msgs"
  [[ $output == *"temporarily unavailable"* ]]
  log_has "msgs has 5 rows and msg_headers 2"
  "$EXPFS" unmount "$MNT"
  mount_store "$STORE" -o attempts=0
  is 5 "$(wc -l <"$MNT/msgs")"
  is 2 "$(wc -l <"$MNT/msg_headers")"
}

@test "tail -f, cat and numpy.load follow a writer of 200 batches: no error, nothing torn, nothing missed" {
  local writer tail n
  files make "$STORE" 1.0
  files write "$STORE" 200 0.02 >"$BATS_TEST_TMPDIR/ready" 3>&- &
  writer=$!
  wait_until 20 grep -q ready "$BATS_TEST_TMPDIR/ready"
  mount_store "$STORE"
  tail -s 0.1 -n +1 -f "$MNT/msgs" >"$BATS_TEST_TMPDIR/seen" 2>"$BATS_TEST_TMPDIR/complaints" 3>&- &
  tail=$!
  run -0 files follow "$MNT" 794
  wait "$writer"
  n=794
  wait_until 10 eval '[ "$(wc -l <"$BATS_TEST_TMPDIR/seen")" -ge '"$n"' ]'
  kill "$tail"
  cmp <(files show "$STORE" | cut -f1) "$BATS_TEST_TMPDIR/seen"
  is '' "$(cat "$BATS_TEST_TMPDIR/complaints")"
  not grep -v info "$MNT/.expfs/log"
}

@test "rows that were made and have no messages or headers yet do not show, to several readers at once" {
  local writer one
  files make "$STORE"
  mount_store "$STORE"
  files straggle "$STORE" 12 0.2 >"$BATS_TEST_TMPDIR/ready" 3>&- &
  writer=$!
  wait_until 20 grep -q ready "$BATS_TEST_TMPDIR/ready"
  files follow "$MNT" 43 3>&- &
  one=$!
  run -0 files follow "$MNT" 43
  wait "$one"
  wait "$writer"
  not grep -v info "$MNT/.expfs/log"
}

@test "a message is seen within a second after it was flushed" {
  local writer
  files make "$STORE"
  files write "$STORE" 3 2 >"$BATS_TEST_TMPDIR/ready" 3>&- &
  writer=$!
  wait_until 20 grep -q ready "$BATS_TEST_TMPDIR/ready"
  mount_store "$STORE"
  wait_until 1 grep -q "$(files message 0 0)" "$MNT/msgs"
  wait "$writer"
  is 6 "$(wc -l <"$MNT/msgs")"
}

@test "a writer that comes after the mount is followed as well, and the next one too" {
  local writer tail i
  files make "$STORE"
  files append "$STORE" 00:1
  mount_store "$STORE"
  is 00 "$(cat "$MNT/msgs")"
  is 1 "$(xargs <"$MNT/msg_headers")"
  tail -s 0.1 -n +1 -f "$MNT/msgs" >"$BATS_TEST_TMPDIR/seen" 2>"$BATS_TEST_TMPDIR/complaints" 3>&- &
  tail=$!
  for i in 1 2; do
    # As far as locks go, the mount lets writers have the file that respect them.
    HDF5_USE_FILE_LOCKING=TRUE files write "$STORE" 6 0.5 >"$BATS_TEST_TMPDIR/ready" 3>&- &
    writer=$!
    wait_until 20 grep -q ready "$BATS_TEST_TMPDIR/ready"
    wait_until 1 eval '[ "$(wc -l <"$MNT/msgs")" -ge '$((1 + 21 * (i - 1) + 1))' ]'
    wait "$writer"
    is $((1 + 21 * i)) "$("$PYTHON" -c 'import numpy as np, sys; print(len(np.load(sys.argv[1])))' "$MNT/msg_headers.npy")"
    wait_until 1 eval '[ "$(wc -l <"$BATS_TEST_TMPDIR/seen")" -eq '$((1 + 21 * i))' ]'
  done
  files append "$STORE" 7777:7
  wait_until 1 grep -q -x 7777 "$MNT/msgs"
  wait_until 1 grep -q -x 7777 "$BATS_TEST_TMPDIR/seen"
  is "$("$PYTHON" -c 'import h5py, sys; print(repr(float(h5py.File(sys.argv[1])["meta"].attrs["modified"])))' "$STORE")" \
    "$(getfattr --only-values -n user.modified "$MNT/meta" 2>/dev/null)"
  kill "$tail"
  cmp <(files show "$STORE" | cut -f1) "$BATS_TEST_TMPDIR/seen"
  is '' "$(cat "$BATS_TEST_TMPDIR/complaints")"
}

@test "a file that is made anew in the place of the mounted one is told to be another" {
  files make "$STORE"
  files append "$STORE" 00:1 11:2
  mount_store "$STORE"
  is '00 11' "$(paste -s -d ' ' "$MNT/msgs")"
  files make "$STORE"
  sleep 0.2
  run -1 cat "$MNT/msgs"
  [[ $output == *"Stale file handle"* ]]
  log_has "made anew"
  files append "$STORE" 22:3
  "$EXPFS" refresh "$MNT"
  is 22 "$(cat "$MNT/msgs")"
}

@test "damage in a file that seems to be written is told at once" {
  need_shared
  cp "$LARPIX/swmr_writer_open.h5" "$STORE"
  chmod u+w "$STORE"
  printf '\xff' | dd of="$STORE" bs=1 seek=44 conv=notrunc status=none # of the superblock's checksum
  run -1 timeout 20 "$EXPFS" check "$STORE"
  [[ $output == *checksum* ]]
}

# --- writing -----------------------------------------------------------------------------------------------------

@test "a new raw file is what larpix-control makes, and can be appended to in turn" {
  "$EXPFS" create larpix-raw "$STORE" --io-version 1.0
  files make "$BATS_TEST_TMPDIR/h5py.h5" 1.0
  is "$(h5dump -p -H "$BATS_TEST_TMPDIR/h5py.h5" | tail -n +2)" "$(h5dump -p -H "$STORE" | tail -n +2)"
  mount_rw io_version=1.0,version=0.0
  echo 48656c6c6f >>"$MNT/msgs"
  printf '00FF\t7\n\nabcd\t255\n' >>"$MNT/msgs"
  "$EXPFS" unmount "$MNT"
  files append "$STORE" 0102:9
  mount_rw
  echo 03 >>"$MNT/msgs"
  is '1.0' "$(getfattr --only-values -n user.io_version "$MNT/meta" 2>/dev/null)"
  "$EXPFS" unmount "$MNT"
  is "$(printf '%b\n' '48656c6c6f\t0' '00ff\t7' '\t0' 'abcd\t255' '0102\t9' '03\t0')" "$(files show "$STORE")"
  h5dump -H -p "$STORE" | grep -c 'CHUNKED ( 1024 )' | grep -x 2
  is 3 "$(od -An -tu1 -j8 -N1 "$STORE" | xargs)"
  is 0 "$(od -An -tu1 -j11 -N1 "$STORE" | xargs)"
}

@test "each write to msgs.raw is one message" {
  "$EXPFS" create larpix-raw "$STORE"
  mount_rw
  printf 'one' >>"$MNT/msgs.raw"
  "$PYTHON" -c '
import os, sys
fd = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND)
for m in b"two", b"three", b"x" * 100000:
    assert os.write(fd, m) == len(m)
os.close(fd)' "$MNT/msgs.raw"
  is 4 "$(wc -l <"$MNT/msg_headers")"
  is three "$(cat "$MNT/msgs[2].raw")"
  printf 'THREE' | dd of="$MNT/msgs[2].raw" conv=notrunc status=none
  is onetwoTHREExxx "$(head -c 14 "$MNT/msgs.raw")"
  "$EXPFS" unmount "$MNT"
  is '3 3 5 100000' "$(files show "$STORE" | awk '{ print length($1) / 2 }' | xargs)"
  mount_rw
  printf 'anew' >"$MNT/msgs.raw"
  "$EXPFS" unmount "$MNT"
  is "$(printf '616e6577\t0')" "$(files show "$STORE")"
}

@test "messages and their groups are replaced and changed in place, always in step" {
  "$EXPFS" create larpix-raw "$STORE"
  mount_rw
  printf '41\t3\n42\t4\n43\t5\n' >"$MNT/msgs"
  cat "$MNT/msgs" "$MNT/msg_headers" >/dev/null
  printf '44\t6\n45\t7\n' >"$MNT/msgs"
  is '6 7' "$(paste -s -d ' ' "$MNT/msg_headers" | xargs)"
  printf '9\n8\n' >"$MNT/msg_headers"
  "$EXPFS" unmount "$MNT"
  is "$(printf '44\t9\n45\t8')" "$(files show "$STORE")"
}

@test "what is no message is refused, and nothing of it is kept" {
  "$EXPFS" create larpix-raw "$STORE"
  mount_rw
  echo 00 >>"$MNT/msgs"
  local line
  for line in xyz 0 $'00\t256' $'00\t' $'00\t1\t2'; do
    run ! "$PYTHON" -c '
import os, sys
fd = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND)
os.write(fd, (sys.argv[2] + "\n").encode())
os.fsync(fd)' "$MNT/msgs" "$line"
    [[ $output == *"Invalid argument"* ]]
  done
  run ! "$PYTHON" -c '
import os, sys
fd = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND)
os.write(fd, b"7\n")
os.fsync(fd)' "$MNT/msg_headers"
  not setfattr -n user.version -v 1.0 "$MNT/meta"
  not setfattr -x user.created "$MNT/meta"
  not setfattr -n user.io_version -v 1.0 "$MNT/meta"
  setfattr -n user.run -v 17 "$MNT/meta"
  "$EXPFS" unmount "$MNT"
  is "$(printf '00\t0')" "$(files show "$STORE")"
}

@test "modified is set when messages come, and only then" {
  files make "$STORE"
  local before after
  mount_rw
  before=$(getfattr --only-values -n user.modified "$MNT/meta" 2>/dev/null)
  "$EXPFS" sync "$MNT"
  is "$before" "$(getfattr --only-values -n user.modified "$MNT/meta" 2>/dev/null)"
  echo 00 >>"$MNT/msgs"
  "$EXPFS" sync "$MNT"
  after=$(getfattr --only-values -n user.modified "$MNT/meta" 2>/dev/null)
  awk "BEGIN { exit !($after > $before) }"
}

@test "a writer has to suit the file's versions exactly" {
  files make "$STORE"
  run -1 mount_rw version=0.1
  [[ $output == *"too old to be appended to as version 0.1"* ]]
  run -1 mount_rw io_version=1.0
  [[ $output == *"has no io_version"* ]]
  run -2 "$EXPFS" create larpix-raw "$BATS_TEST_TMPDIR/new.h5" -o version=1.0
  run -2 "$EXPFS" create larpix-raw "$BATS_TEST_TMPDIR/new.h5" --io-version 1
  [ ! -e "$BATS_TEST_TMPDIR/new.h5" ]
  files append "$STORE" 00:1
  files tear "$STORE"
  run -1 mount_rw
  [[ $output == *SWMR* ]]
}

# --- packets -----------------------------------------------------------------------------------------------------

@test "a packet file is shown with its columns, and checked for its version" {
  mount_reference std_2_4 version=~2.3
  is larpix-packets "$("$EXPFS" info "$MNT" | sed -n 's/^format\t//p')"
  is 50 "$(wc -l <"$MNT/packets.cols/timestamp")"
  is 1709155682 "$(head -1 "$MNT/packets.cols/timestamp" | xargs)"
  "$EXPFS" unmount "$MNT"
  run -1 mount_reference std_2_4 version=2.3
  [[ $output == *"too new"* ]]
  run -1 mount_reference std_2_3 version=~2.4
  [[ $output == *"too old"* ]]
}

@test "convert makes the packets that larpix-control makes of the same messages" {
  need_shared
  local new=$BATS_TEST_TMPDIR/packets.h5
  "$PYTHON" - "$LARPIX/pacman_30.h5" "$BATS_TEST_DIRNAME" "$STORE" <<'PY'
import sys
sys.path.insert(0, sys.argv[2])
import larpix_files as files, h5py
files.make(sys.argv[3])
with h5py.File(sys.argv[1]) as f, h5py.File(sys.argv[3], "a", libver="latest") as to:
    rows = [(bytes(m), int(h[0])) for m, h in zip(f["msgs"][:], f["msg_headers"][:])]
    sending = lambda m: m[:1] != b"D" and b"D" in m[8::16]
    rows = [r for r in rows if not sending(r[0])]
    files.add(to, [r[0] for r in rows], [r[1] for r in rows])
PY
  run -0 "$EXPFS" convert "$STORE" "$new"
  "$PYTHON" - "$new" "$LARPIX/std_2_4.h5" "$STORE" <<'PY'
import h5py, sys
new, ref, raw = (h5py.File(p) for p in sys.argv[1:])
assert new["_header"].attrs["version"] == "2.4" and new["_header"].attrs["created"] == new["_header"].attrs["modified"]
for name in "packets", "messages", "configs":
    assert new[name].dtype == ref[name].dtype and new[name].maxshape == (None,)
assert new["packets"].attrs["packet_types"] == ref["packets"].attrs["packet_types"]
assert new["messages"].shape == new["configs"].shape == (0,)
made = [tuple(r) for r in new["packets"][:]]
known = [tuple(r) for r in ref["packets"][:] if r["packet_type"] != 5]
assert set(known) <= set(made), set(known) - set(made)
at = iter(made)
assert all(r in at for r in known), "in another order"
# Beside what the reference file has, only the times of messages that it was not given.
assert sum(r[3] == 4 for r in made) == len(raw["msgs"])
words = sum((len(m) - 8) // 16 for m in raw["msgs"][:] if bytes(m[:1]) == b"D")
assert sum(r[3] != 4 for r in made) == words
PY
  run -1 "$EXPFS" convert "$STORE" "$new"
  mount_store "$new"
  is larpix-packets "$("$EXPFS" info "$MNT" | sed -n 's/^format\t//p')"
}

@test "convert refuses words that send packets, unknown words and lengths, and leaves no file" {
  local new=$BATS_TEST_TMPDIR/packets.h5 bad word
  word=000000000000000000000000000000
  for bad in "3f000000000000000044$word" "44000000000000005a$word" 4400 "5a00000000000000" \
    "3f0000000000000045$word" ''; do
    rm -f "$STORE"
    files make "$STORE"
    files append "$STORE" 4400000000000000:1 "$bad:2"
    run -1 "$EXPFS" convert "$STORE" "$new"
    [[ $output == *"message 1: "* ]]
    is raw.h5 "$(ls "$BATS_TEST_TMPDIR" | grep h5)"
  done
}

@test "convert takes no more memory for more messages, or longer ones" {
  # peak MESSAGES WORDS: kilobytes that converting so many messages of so many words takes at most
  peak() {
    rm -f "$STORE" "$BATS_TEST_TMPDIR/packets.h5"
    files make "$STORE"
    "$PYTHON" - "$STORE" "$1" "$2" <<'PY'
import h5py, numpy as np, sys
n, words = map(int, sys.argv[2:])
message = np.frombuffer(b"D" + bytes(7) + (b"D" + bytes(15)) * words, np.uint8)
with h5py.File(sys.argv[1], "a", libver="latest") as f:
    for name in "msgs", "msg_headers":
        f[name].resize((n,))
    cells = np.empty(n, object)
    for i in range(n):
        cells[i] = message
    cells[0] = message[:8]
    f["msgs"][:] = cells
PY
    "$PYTHON" - "$STORE" "$EXPFS" "$BATS_TEST_TMPDIR/packets.h5" "$1" "$2" <<'PY'
import resource, subprocess, sys
n, words = map(int, sys.argv[4:])
done = subprocess.run([sys.argv[2], "convert", sys.argv[1], sys.argv[3]], capture_output=True, text=True)
assert done.stdout == f"{(words + 1) * n - words} packets of {n} messages\n", done
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
PY
  }
  local small large long
  export ASAN_OPTIONS=quarantine_size_mb=1:$ASAN_OPTIONS
  small=$(peak 300 400)
  large=$(peak 5000 400)
  long=$(peak 400 8000)
  [ $((large - small)) -lt 24000 ] || { echo "$small KiB, $large KiB"; false; }
  [ $((long - small)) -lt 24000 ] || { echo "$small KiB, $long KiB"; false; }
}
