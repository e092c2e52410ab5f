# hdf5-suite: every file of the HDF5 project's own odd files, mounted as plain HDF5 and held against what h5py reads;
# then read whole by tools that read everything, which must not end the mount.
load common

SUITE=$EXPFS_SHARED/stores/hdf5-suite

setup_file() {
  # Copies, so that the files' directory need not be writable and all have today's date.
  [ ! -d "$EXPFS_SHARED/stores/hdf5-suite" ] || cp -r "$EXPFS_SHARED/stores/hdf5-suite" "$BATS_FILE_TMPDIR/suite"
}

# Reads all that a mount shows, twice over; single files may fail, the mount and its root may not.
survives_reading() {
  grep -r . "$1" >"$BATS_TEST_TMPDIR/grep.out" 2>"$BATS_TEST_TMPDIR/grep.err" || true
  not grep -i 'transport endpoint\|connection abort' "$BATS_TEST_TMPDIR/grep.err"
  tar -C "$1" -c . >"$BATS_TEST_TMPDIR/all.tar" 2>"$BATS_TEST_TMPDIR/tar.err" || true
  [ "$(tar -t <"$BATS_TEST_TMPDIR/all.tar" | head -n 1)" = ./ ]
  find "$1" -print0 | xargs -0 -r getfattr -h -d -m - >/dev/null 2>&1 || true
  ls -la "$1" >/dev/null
  [ -s "$1/.expfs/stats" ]
}

check() {
  need_shared
  mount_store "$BATS_FILE_TMPDIR/suite/$1" -o format=hdf5
  $PYTHON "$EXPFS_SHARED/check/check_hdf5_mount.py" "$MNT" "$SUITE/expected/$1.json"
  survives_reading "$MNT"
}

# The same with checks that are known to differ, because h5py's own view is the odd one: deviates FILE LINE...
# Each line is a whole line that the checker prints; all must come, and no others.
deviates() {
  local file=$1
  shift
  need_shared
  mount_store "$BATS_FILE_TMPDIR/suite/$file" -o format=hdf5
  $PYTHON "$EXPFS_SHARED/check/check_hdf5_mount.py" "$MNT" "$SUITE/expected/$file.json" >"$BATS_TEST_TMPDIR/got" || true
  diff <(printf '%s\n' "$@") <(sed '$d' "$BATS_TEST_TMPDIR/got")
  survives_reading "$MNT"
}

@test "every file of the suite has a test here" {
  need_shared
  diff <(cd "$SUITE" && ls -p | grep -v -x -E '.*/|COPYING') \
    <(sed -n '/^@test/p' "$BATS_TEST_FILENAME" | grep -o -E '[A-Za-z0-9_-]+\.(h5|nc)' | sort -u)
}

@test "2_a.h5 shows what h5py reads" { check 2_a.h5; }
@test "2_b.h5 shows what h5py reads" { check 2_b.h5; }
@test "2_c.h5 shows what h5py reads" { check 2_c.h5; }
@test "2_d.h5 shows what h5py reads" { check 2_d.h5; }
@test "2_e.h5 shows what h5py reads" { check 2_e.h5; }
@test "2_vds.h5 shows what h5py reads" { check 2_vds.h5; }
@test "4_0.h5 shows what h5py reads" { check 4_0.h5; }
@test "4_1.h5 shows what h5py reads" { check 4_1.h5; }
@test "4_2.h5 shows what h5py reads" { check 4_2.h5; }
@test "4_vds.h5 shows what h5py reads" { check 4_vds.h5; }
@test "b.h5 shows what h5py reads" { check b.h5; }
@test "c.h5 shows what h5py reads" { check c.h5; }
@test "file_space.h5 shows what h5py reads" { check file_space.h5; }
@test "packedbits.h5 shows what h5py reads" { check packedbits.h5; }
@test "taindices.h5 shows what h5py reads" { check taindices.h5; }
@test "tarray3.h5 shows what h5py reads" { check tarray3.h5; }
@test "tarray4.h5 shows what h5py reads" { check tarray4.h5; }
@test "tarray5.h5 shows what h5py reads" { check tarray5.h5; }
@test "tarray6.h5 shows what h5py reads" { check tarray6.h5; }
@test "tarray7.h5 shows what h5py reads" { check tarray7.h5; }
@test "tattr.h5 shows what h5py reads" { check tattr.h5; }
@test "tattr2.h5 shows what h5py reads" { check tattr2.h5; }
@test "tattr4_be.h5 shows what h5py reads" { check tattr4_be.h5; }
@test "tattrreg.h5 shows what h5py reads" { check tattrreg.h5; }
@test "tbinary.h5 shows what h5py reads" { check tbinary.h5; }
@test "tbitnopaque.h5 shows what h5py reads" { check tbitnopaque.h5; }
@test "tchar.h5 shows what h5py reads" { check tchar.h5; }
# Its attribute is 90 kB of text, more than an xattr can be: E2BIG, and whole in .attrs/, as the design has it.
@test "tcmpdattrintsize.h5 shows what h5py reads, but an attribute too large for an xattr" {
  deviates tcmpdattrintsize.h5 "/: OSError: [Errno 7] Argument list too long: '$MNT'"
  fails_with 'Argument list too long' getfattr -n user.CompoundAttrIntSize "$MNT"
  is 4 "$(wc -l <"$MNT/.attrs/CompoundAttrIntSize")"
  $PYTHON - "$MNT/.attrs/CompoundAttrIntSize.npy" "$BATS_FILE_TMPDIR/suite/tcmpdattrintsize.h5" <<'PY'
import sys, h5py, numpy as np
got, want = np.load(sys.argv[1]), h5py.File(sys.argv[2]).attrs["CompoundAttrIntSize"]
assert got.shape == want.shape and all((got[n] == want[n]).all() for n in want.dtype.names)
PY
}
@test "tcmpdintarray.h5 shows what h5py reads" { check tcmpdintarray.h5; }
@test "tcmpdints.h5 shows what h5py reads" { check tcmpdints.h5; }
@test "tcmpdintsize.h5 shows what h5py reads" { check tcmpdintsize.h5; }
@test "tcompound.h5 shows what h5py reads" { check tcompound.h5; }
@test "tcompound2.h5 shows what h5py reads" { check tcompound2.h5; }
@test "tdatareg.h5 shows what h5py reads" { check tdatareg.h5; }
@test "tdset2.h5 shows what h5py reads" { check tdset2.h5; }
@test "tdset_idx.h5 shows what h5py reads" { check tdset_idx.h5; }
@test "test35.nc shows what h5py reads" { check test35.nc; }
@test "textlink.h5 shows what h5py reads" { check textlink.h5; }
@test "textlinktar.h5 shows what h5py reads" { check textlinktar.h5; }
@test "tfilters.h5 shows what h5py reads" { check tfilters.h5; }
@test "tfvalues.h5 shows what h5py reads" { check tfvalues.h5; }
@test "tgrp_comments.h5 shows what h5py reads" { check tgrp_comments.h5; }
@test "thlink.h5 shows what h5py reads" { check thlink.h5; }
# Names of 66,560 bytes: they are shown cut, and user.expfs.name cannot carry them whole, so the checker, which looks
# names up there, finds three of its five paths not.
@test "tlonglinks.h5 shows names that no xattr can hold cut" {
  need_shared
  mount_store "$BATS_FILE_TMPDIR/suite/tlonglinks.h5" -o format=hdf5
  $PYTHON "$EXPFS_SHARED/check/check_hdf5_mount.py" "$MNT" "$SUITE/expected/tlonglinks.h5.json" >"$BATS_TEST_TMPDIR/got" || true
  is '2 passed, 3 failed' "$(tail -n 1 "$BATS_TEST_TMPDIR/got")"
  is 3 "$(awk -F: 'length($1) >= 66561 && /: OSError: .Errno 36. File name too long/' "$BATS_TEST_TMPDIR/got" | wc -l)"
  ls "$MNT" >"$BATS_TEST_TMPDIR/names"
  is 3 "$(wc -l <"$BATS_TEST_TMPDIR/names")"
  is 2 "$(grep -c -E '^[ab]+a+~[0-9a-f]{8}$' "$BATS_TEST_TMPDIR/names")"
  while read -r name; do
    [ ${#name} -le 255 ]
    [ "$(readlink -e "$MNT/$name")" ] || [ -L "$MNT/$name" ]
  done <"$BATS_TEST_TMPDIR/names"
  fails_with 'Argument list too long' getfattr -n user.expfs.name "$(find "$MNT" -mindepth 1 -type d -name 'a*')"
  survives_reading "$MNT"
}
@test "tloop.h5 shows what h5py reads" { check tloop.h5; }
@test "tmany.h5 shows what h5py reads" { check tmany.h5; }
@test "tname-gt.h5 shows what h5py reads" { check tname-gt.h5; }
@test "tname-quot.h5 shows what h5py reads" { check tname-quot.h5; }
@test "tno-subset.h5 shows what h5py reads" { check tno-subset.h5; }
@test "tnodata.h5 shows what h5py reads" { check tnodata.h5; }
@test "tordergr.h5 shows what h5py reads" { check tordergr.h5; }
@test "tref-escapes-at.h5 shows what h5py reads" { check tref-escapes-at.h5; }
@test "tref-escapes.h5 shows what h5py reads" { check tref-escapes.h5; }
@test "tscalarattrintsize.h5 shows what h5py reads" { check tscalarattrintsize.h5; }
@test "tscalarintsize.h5 shows what h5py reads" { check tscalarintsize.h5; }
@test "tscalarstring.h5 shows what h5py reads" { check tscalarstring.h5; }
@test "tsoftlinks.h5 shows what h5py reads" { check tsoftlinks.h5; }
@test "tstr2.h5 shows what h5py reads" { check tstr2.h5; }
@test "tstring-at.h5 shows what h5py reads" { check tstring-at.h5; }
@test "tudfilter.h5 shows what h5py reads" { check tudfilter.h5; }
@test "tudlink.h5 shows what h5py reads" { check tudlink.h5; }
@test "tvldtypes4.h5 shows what h5py reads" { check tvldtypes4.h5; }
@test "tvldtypes5.h5 shows what h5py reads" { check tvldtypes5.h5; }
@test "tvlenstr_array.h5 shows what h5py reads" { check tvlenstr_array.h5; }
@test "tvlstr.h5 shows what h5py reads" { check tvlstr.h5; }
@test "vds-eiger.h5 shows what h5py reads" { check vds-eiger.h5; }
@test "vds-percival-unlim-maxmin.h5 shows what h5py reads" { check vds-percival-unlim-maxmin.h5; }
@test "zerodim.h5 shows what h5py reads" { check zerodim.h5; }

# Files of the split and multi drivers: several files are one store, and h5py opens none of them by itself.

@test "tsplit_file-m.h5 is a split store's first file and shows its data" {
  need_shared
  mount_store "$BATS_FILE_TMPDIR/suite/tsplit_file-m.h5" -o format=hdf5
  is dset1 "$(ls "$MNT")"
  xattr_is "$MNT/dset1" expfs.dtype '>i4'
  xattr_is "$MNT/dset1" expfs.shape '[10, 15]'
  is '["this is some metadata on this file"]' "$(getfattr --only-values -n user.Metadata "$MNT")"
  seq 0 9 | while read -r row; do seq -s $'\t' "$row" $((row + 14)); done | diff - <(tr -d ' ' <"$MNT/dset1")
  survives_reading "$MNT"
}

@test "tsplit_file-r.h5 holds only a split store's numbers and is refused" {
  need_shared
  refused 1 'tsplit_file-r.h5' "$BATS_FILE_TMPDIR/suite/tsplit_file-r.h5" "$MNT" -o format=hdf5
  refused 1 'tsplit_file-r.h5' "$BATS_FILE_TMPDIR/suite/tsplit_file-r.h5" "$MNT"
}

@test "tmulti-l.h5 and tmulti-g.h5 are parts of a multi store without its first file and are refused" {
  need_shared
  refused 1 'tmulti-l.h5' "$BATS_FILE_TMPDIR/suite/tmulti-l.h5" "$MNT" -o format=hdf5
  refused 1 'tmulti-g.h5' "$BATS_FILE_TMPDIR/suite/tmulti-g.h5" "$MNT" -o format=hdf5
}
