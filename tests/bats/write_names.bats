# write_names: names and links that are made, copied and refused.
load common

setup() {
  common_setup
  STORE=$BATS_TEST_TMPDIR/store.h5
  OTHER=$BATS_TEST_TMPDIR/other.h5
  make_store "$STORE" <<'PY'
f["x"] = np.arange(5, dtype="<f4")
PY
}

@test "a name that cannot be is refused with its reason in the log" {
  mount_store "$STORE" -o rw
  fails_with 'Invalid argument' mkdir "$MNT/%2E%252E"
  grep -q "no object can have the name '%2E%252E'" "$MNT/.expfs/log"
  fails_with 'not permitted' mkdir "$MNT/.expfs/directory"
  fails_with 'not permitted' rm -f "$MNT/x.npy"
  grep -q "x.npy' is made up from another name" "$MNT/.expfs/log"
}

@test "a name that pypet does not take is refused with its reason in the log" {
  need_shared
  cp "$EXPFS_SHARED/stores/pypet/minimal.hdf5" "$STORE"
  chmod u+w "$STORE"
  mount_store "$STORE" -o rw
  fails_with 'Invalid argument' mkdir "$MNT/mini/results/a b"
  grep -q "'a b' is no name for pypet: only letters" "$MNT/.expfs/log"
  fails_with 'Invalid argument' bash -c "echo 1 >'$MNT/mini/results/_x'"
  grep -q "'_x' is no name for pypet: it begins with" "$MNT/.expfs/log"
}

# The links of both stores: class, file, path.
links_of() {
  "$PYTHON" -c '
import sys, h5py
f = h5py.File(sys.argv[1], "r")
def walk(group, path):
    for name in sorted(group):
        link = group.get(name, getlink=True)
        if isinstance(link, h5py.HardLink):
            if isinstance(group[name], h5py.Group): walk(group[name], path + "/" + name)
        else:
            print(path + "/" + name, type(link).__name__, getattr(link, "filename", "-"), link.path)
walk(f[sys.argv[2]], "")' "$1" "${2-/}"
}

@test "links are the same after cp -a, rsync -a and tar from mount to mount: soft ones and those into other files" {
  local way
  make_store "$STORE" <<'PY'
g = f.create_group("links/inner")
g["x"] = 1
f["a:/b"] = 5
soft = ["x", "/links/inner/x", "/links/inner", "/links", "/", "nowhere/x", "/nowhere", "a:b", "a:/b", "/a:/b", "b/", "%41:/z"]
files = ["beside.h5", "./beside.h5", "/data/beside.h5", "nowhere.h5", "/data/nowhere.h5", "../other.h5", "sub/../beside.h5",
         "C:\\data.h5", "file%3A.h5", "./nowhere.h5", "100%.h5", ".external/beside.h5", "file:/data/x.h5"]
for i, to in enumerate(soft):
    g["soft%02d" % i] = h5py.SoftLink(to)
    f["top%02d" % i] = h5py.SoftLink(to)
for i, to in enumerate(files):
    for k, path in enumerate(["/inner/z", "z", "/", "/a:/b", "a:b", "/50%2F", "/./z"]):
        g["file%02d-%d" % (i, k)] = h5py.ExternalLink(to, path)
    f["file%02d" % i] = h5py.ExternalLink(to, "/inner/z")
PY
  make_store "$BATS_TEST_TMPDIR/beside.h5" <<'PY'
f["inner/z"] = [7, 8]
PY
  mount_store "$STORE"
  text_is "$MNT/links/inner/file00-0" '7\n8\n'
  text_is "$MNT/links/inner/file01-0" '7\n8\n'
  text_is "$MNT/links/inner/file02-0" '7\n8\n'
  text_is "$MNT/file00" '7\n8\n'
  links_of "$STORE" >"$BATS_TEST_TMPDIR/want"
  [ "$(wc -l <"$BATS_TEST_TMPDIR/want")" -gt 100 ]
  for way in 'cp -a %s/. %s/' 'rsync -aX %s/ %s/' 'tar -C %s -cf - . | tar -C %s -xf -'; do
    rm -f "$OTHER"
    "$EXPFS" create hdf5 "$OTHER"
    mount_at "$MNT.2" "$OTHER" -o rw
    # shellcheck disable=SC2059
    bash -o pipefail -c "$(printf "$way" "$MNT" "$MNT.2")"
    diff <(cd "$MNT" && find . -type l -printf '%p %l\n' | sort) <(cd "$MNT.2" && find . -type l -printf '%p %l\n' | sort)
    "$EXPFS" unmount "$MNT.2"
    diff "$BATS_TEST_TMPDIR/want" <(links_of "$OTHER")
  done
}

@test "links that people make stay inside the store" {
  mount_store "$STORE" -o rw
  mkdir "$MNT/group" "$MNT/time_12:30"
  ln -s x "$MNT/soft"
  ln -s time_12:30 "$MNT/latest"
  ln -s ../x "$MNT/group/up"
  ln -s "$MNT/x" "$MNT/group/absolute"
  ln -s other.h5:/z "$MNT/other"
  is 'x time_12:30 ../x ../x other.h5:/z' \
    "$(readlink "$MNT/soft" "$MNT/latest" "$MNT/group/up" "$MNT/group/absolute" "$MNT/other" | xargs)"
  "$EXPFS" unmount "$MNT"
  links_of "$STORE" | diff - <(printf '%s\n' '/group/absolute SoftLink - /x' '/group/up SoftLink - /x' \
    '/latest SoftLink - time_12:30' '/other ExternalLink other.h5 /z' '/soft SoftLink - x')
}

# All names of a store with what is there, cut where they are very long.
names_of() {
  "$PYTHON" -c '
import sys, h5py
found = []
h5py.File(sys.argv[1], "r").visititems(
    lambda name, o: found.append((len(name), name[-300:], str(o[()]) if isinstance(o, h5py.Dataset) else "group")))
for one in sorted(found): print(*one)' "$1"
}

@test "names over 255 bytes are the same after cp -a, rsync -aX and tar --xattrs, of files and of directories" {
  local way
  make_store "$STORE" <<'PY'
long = lambda n, c: c * n
g = f.create_group(long(300, "g") + "/" + long(400, "h"))
f[long(300, "ü")] = 1.5
f[long(256, "x")] = np.arange(3)
f[long(255, "x") + "y"] = np.void(b"abc")
g[long(50000, "z")] = "text"
g[long(251, "w") + "%2F"] = [1, 2]
f["p" * 246 + "~deadbeef"] = 4
f.flush()
PY
  names_of "$STORE" >"$BATS_TEST_TMPDIR/want"
  mount_store "$STORE"
  for way in 'cp -a %s/. %s/' 'rsync -aX %s/ %s/' 'tar --xattrs -C %s -cf - . | tar --xattrs --xattrs-include=* -C %s -xf -'; do
    rm -f "$OTHER"
    "$EXPFS" create hdf5 "$OTHER"
    mount_at "$MNT.2" "$OTHER" -o rw
    # shellcheck disable=SC2059
    bash -o pipefail -c "$(printf "$way" "$MNT" "$MNT.2")"
    diff <(cd "$MNT" && find . | sort) <(cd "$MNT.2" && find . | sort)
    "$EXPFS" unmount "$MNT.2"
    diff "$BATS_TEST_TMPDIR/want" <(names_of "$OTHER")
  done
}

@test "a name that looks cut is a name like any other, without a true one" {
  local name
  name=$(printf 'a%.0s' {1..246})~01234567
  mount_store "$STORE" -o rw
  echo 1 >"$MNT/$name"
  mkdir "$MNT/directory"
  mv "$MNT/$name" "$MNT/directory/$name"
  setfattr -n user.expfs.name -v "$(printf 'b%.0s' {1..300})" "$MNT/directory/$name"
  is 1 "$(cat "$MNT/directory/$name")"
  is "$name" "$(ls "$MNT/directory")"
  rm "$MNT/directory/$name"
  rmdir "$MNT/directory"
}

@test "a name too long for an extended attribute stays cut in a copy, and the log tells" {
  make_store "$STORE" <<'PY'
f["z" * 70000] = 1.5
f["v" * 300] = 2
PY
  "$EXPFS" create hdf5 "$OTHER"
  mount_store "$STORE"
  mount_at "$MNT.2" "$OTHER" -o rw
  cp -a "$MNT/." "$MNT.2/" || true
  grep -q 'user.expfs.name is too long for an extended attribute' "$MNT/.expfs/log"
  diff <(ls "$MNT") <(ls "$MNT.2")
  diff -r "$MNT" "$MNT.2"
  "$EXPFS" unmount "$MNT.2"
  is '255 300' "$(names_of "$OTHER" | awk '{ print $1 }' | xargs)"
}
