/* Mount options: what strings of them are taken and refused, and what they mean.
 * Knows fs/options.h only.
 * Run by meson test. */
#include "fs/option_values.h"
#include "fs/options.h"
#include <string.h>

static gboolean
read_options (ExpMountOptions *options, const char *string, gboolean is_mount, GError **error)
{
  memset (options, 0, sizeof *options);
  return exp_mount_options_parse (options, string, is_mount ? EXP_OPTIONS_MOUNT : EXP_OPTIONS_OPEN, error)
         && exp_mount_options_finish (options, error);
}

static void
test_taken (void)
{
  static const char *const strings[] = {
    "",
    ",",
    "ro",
    "ro,,ro",
    "rw,dev,suid",
    "format=hdf5,lock=no,cache=0,prefetch=skeleton,text=compact,views=npy:csv,idle=0,umask=022,uid=0,gid=4294967294",
    "defaults,noatime,nofail,_netdev,user,x-systemd.automount,X-mount.mkdir,comment=anything",
    "allow_other,default_permissions,max_read=65536,fsname=a,subtype=b,context=c",
    "trajectory=-1",
    "max_threads=1,max_idle_threads=0",
  };

  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    {
      g_autoptr (GError) error = NULL;
      ExpMountOptions options;
      g_assert_true (read_options (&options, strings[i], TRUE, &error));
      g_assert_no_error (error);
      exp_mount_options_clear (&options);
    }
}

/* Each is refused in words that name the option. */
static void
test_refused (void)
{
  static const struct
  {
    const char *string, *name;
  } cases[] = {
    { "frob", "frob" },
    { "ro,frob=1", "frob" },
    { "formats=hdf5", "formats" },
    { "format", "format" },
    { "format=", "format" },
    { "format=HDF5", "format" },
    { "force=1", "force" },
    { "trajectory=", "trajectory" },
    { "only=", "only" },
    { "only=a::b", "only" },
    { "only=a,except=b", "except" },
    { "commit=", "commit" },
    { "commit=86401", "commit" },
    { "complib=gzip9", "complib" },
    { "complevel=10", "complevel" },
    { "shuffle=yes", "shuffle" },
    { "lock=yes", "lock" },
    { "cache=", "cache" },
    { "cache=-1", "cache" },
    { "cache=1KB", "cache" },
    { "cache=99999999999999999999", "cache" },
    { "cache=99999999999T", "cache" },
    { "prefetch=all", "prefetch" },
    { "views=", "views" },
    { "views=npy:", "views" },
    { "views=npy,csv", "csv" },
    { "text=wide", "text" },
    { "idle=1s", "idle" },
    { "idle=-1", "idle" },
    { "log=", "log" },
    { "uid=root", "uid" },
    { "gid=4294967295", "gid" },
    { "umask=8", "umask" },
    { "umask=1000", "umask" },
    { "max_read=x", "max_read" },
    { "max_threads=0", "max_threads" },
    { "fsname", "fsname" },
    { "nodev=1", "nodev" },
    { "allow_other,allow_root", "allow_root" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      ExpMountOptions options;
      g_test_message ("%s", cases[i].string);
      g_assert_false (read_options (&options, cases[i].string, TRUE, &error));
      g_assert_error (error, EXP_ERROR, EXP_ERROR_INVALID);
      g_assert_nonnull (strstr (error->message, cases[i].name));
      exp_mount_options_clear (&options);
    }
}

static void
test_meaning (void)
{
  g_autoptr (GError) error = NULL;
  ExpMountOptions options;

  g_assert_true (read_options (&options,
                               "format=pypet,trajectory=a\\,b\\\\,only=x*:y,cache=3k,idle=7,views=csv:npy:csv:text,"
                               "prefetch=data,text=compact,uid=3,umask=27,lock=no,force",
                               TRUE, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (options.store.format, ==, "pypet");
  g_assert_cmpstr (options.store.trajectory, ==, "a,b\\");
  g_assert_cmpstr (options.store.only[0], ==, "x*");
  g_assert_cmpstr (options.store.only[1], ==, "y");
  g_assert_null (options.store.only[2]);
  g_assert_null (options.store.except);
  g_assert_cmpuint (options.store.cache, ==, 3072);
  g_assert_cmpuint (options.idle, ==, 7);
  g_assert_cmpstr (options.views[0]->name, ==, "csv");
  g_assert_cmpstr (options.views[1]->name, ==, "npy");
  g_assert_null (options.views[2]);
  g_assert_cmpint (options.prefetch, ==, EXP_PREFETCH_DATA);
  g_assert_true (options.text_is_compact && options.has_uid && !options.has_gid && options.has_umask);
  g_assert_cmpuint (options.umask, ==, 027);
  g_assert_cmpint (options.store.lock, ==, EXP_LOCK_NO);
  g_assert_true (options.store.force);
  exp_mount_options_clear (&options);
}

/* What new datasets are given, and what follows from one half of it. */
static void
test_writing (void)
{
  static const struct
  {
    const char *string, *complib;
    guint complevel, commit;
  } cases[] = { { "rw", NULL, 0, 5 },
                { "rw,complib=blosc:lz4", "blosc:lz4", 5, 5 },
                { "rw,complevel=3,commit=0", "zlib", 3, 0 },
                { "rw,complib=lzo,complevel=0,commit=60", "lzo", 0, 60 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ExpMountOptions options;
      g_assert_true (read_options (&options, cases[i].string, TRUE, NULL));
      g_assert_true (options.is_writable && !options.store.shuffle && !options.store.fletcher32);
      g_assert_cmpstr (options.store.complib, ==, cases[i].complib);
      g_assert_cmpuint (options.store.complevel, ==, cases[i].complevel);
      g_assert_cmpuint (options.commit, ==, cases[i].commit);
      exp_mount_options_clear (&options);
    }
}

/* What is said last counts, in one string or in several. */
static void
test_last_counts (void)
{
  ExpMountOptions options;

  g_assert_true (read_options (&options, "rw,text=compact,fsname=a,idle=1", TRUE, NULL));
  g_assert_true (
      exp_mount_options_parse (&options, "ro,text=aligned,fsname=b,fsname=c\\,d,idle=2", EXP_OPTIONS_MOUNT, NULL));
  g_assert_false (options.is_writable || options.text_is_compact);
  g_assert_cmpuint (options.idle, ==, 2);
  g_assert_cmpuint (options.fuse->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (options.fuse, 0), ==, "fsname=c,d");
  g_assert_cmpstr (options.text, ==, "rw,text=compact,fsname=a,idle=1,ro,text=aligned,fsname=b,fsname=c\\,d,idle=2");
  exp_mount_options_clear (&options);
}

/* The other verbs take what concerns the store, and nothing else. */
static void
test_store_only (void)
{
  g_autoptr (GError) error = NULL;
  ExpMountOptions options;

  g_assert_true (read_options (&options, "format=hdf5,force,trajectory=0,except=a,lock=auto,cache=1G", FALSE, NULL));
  exp_mount_options_clear (&options);
  g_assert_false (read_options (&options, "idle=1", FALSE, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_INVALID);
  exp_mount_options_clear (&options);
}

static void
test_sizes (void)
{
  static const struct
  {
    const char *text;
    guint64 size;
  } cases[] = { { "0", 0 },        { "1", 1 },
                { "1k", 1 << 10 }, { "2M", 2 << 20 },
                { "1g", 1 << 30 }, { "1T", G_GUINT64_CONSTANT (1) << 40 },
                { "007", 7 },      { "16777215T", G_GUINT64_CONSTANT (16777215) << 40 } };
  guint64 size;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_true (exp_size_parse (cases[i].text, &size));
      g_assert_cmpuint (size, ==, cases[i].size);
    }
  g_assert_false (exp_size_parse ("16777216T", &size));
  g_assert_false (exp_size_parse ("1P", &size));
  g_assert_false (exp_size_parse (" 1", &size));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/options/taken", test_taken);
  g_test_add_func ("/options/refused", test_refused);
  g_test_add_func ("/options/meaning", test_meaning);
  g_test_add_func ("/options/writing", test_writing);
  g_test_add_func ("/options/last-counts", test_last_counts);
  g_test_add_func ("/options/store-only", test_store_only);
  g_test_add_func ("/options/sizes", test_sizes);
  return g_test_run ();
}
