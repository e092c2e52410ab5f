/* Mount options: the table, and how a string of them is read.
 * Knows nothing of mounting or of stores.
 * Called by the verbs; the driver and the session read the result. */
#include "fs/options.h"
#include "fs/option_values.h"
#include <string.h>

#define DEFAULT_CACHE     (G_GUINT64_CONSTANT (256) << 20)
#define DEFAULT_COMMIT    5
#define DEFAULT_COMPLIB   "zlib"
#define DEFAULT_COMPLEVEL 5

typedef gboolean (*ParseFunc) (ExpMountOptions *options, const char *name, const char *value, GError **error);

typedef enum
{
  OF_STORE, /* concerns opening a store: for all verbs */
  OF_NEW,   /* concerns what is made in a store: for mounts and the verbs that make something */
  OF_MOUNT, /* ours, and for mounts only */
  OF_FUSE,  /* passed on to libfuse */
  OF_FSTAB, /* read by mount(8) and its friends: accepted, without meaning here */
} Owner;

typedef struct
{
  const char *name;
  Owner owner;
  const char *value; /* what --help calls the value; NULL: a flag */
  ParseFunc parse;   /* NULL: nothing to do but pass it on */
  const char *help;  /* NULL: not shown */
} Option;

static const Option table[] = {
  { "ro", OF_MOUNT, NULL, exp_option_parse_ro, "mount read-only (the default)" },
  { "rw", OF_MOUNT, NULL, exp_option_parse_rw, "mount read-write, for formats that can be written" },
  { "commit", OF_MOUNT, "SECONDS", exp_option_parse_commit,
    "make changes durable after so long (5) if nobody asks before; 0: then only" },
  { "complib", OF_NEW, "NAME", exp_option_parse_complib,
    "compress new datasets: zlib, lzo, bzip2, lzf, blosc, blosc:lz4, ..." },
  { "complevel", OF_NEW, "LEVEL", exp_option_parse_complevel, "how much, from 0 (not) to 9" },
  { "shuffle", OF_NEW, NULL, exp_option_parse_new_filter, "shuffle the bytes of new datasets" },
  { "fletcher32", OF_NEW, NULL, exp_option_parse_new_filter, "give new datasets checksums" },
  { "flag", OF_MOUNT, "FLAG", exp_option_parse_flag,
    "keep new results like so where it fits: ARRAY, CARRAY, EARRAY, ..." },
  { "pandas_format", OF_NEW, "fixed|table", exp_option_parse_pandas_format, "how new frames are kept" },
  { "overview", OF_NEW, "TABLE[:TABLE...]", exp_option_parse_overview,
    "the overview tables of new trajectories: small, large, summary, all, ..." },
  { "format", OF_STORE, "NAME", exp_option_parse_format, "take the store for this format, instead of recognising it" },
  { "force", OF_STORE, NULL, exp_option_parse_force, "go on despite a format version that is not known" },
  { "replace", OF_STORE, NULL, exp_option_parse_replace,
    "a result that is added to a Mozaik store takes the place of an equal one" },
  { "trajectory", OF_STORE, "NAME|INDEX", exp_option_parse_trajectory,
    "this trajectory becomes the root; -1 is the last" },
  { "only", OF_STORE, "GLOB[:GLOB...]", exp_option_parse_globs, "show only what matches" },
  { "except", OF_STORE, "GLOB[:GLOB...]", exp_option_parse_globs, "show all but what matches" },
  { "version", OF_STORE, "X.Y", exp_option_parse_version,
    "only if it suits readers (writers) of this version (LArPix)" },
  { "io_version", OF_STORE, "X.Y", exp_option_parse_version, "the same for the version of the messages" },
  { "attempts", OF_STORE, "N", exp_option_parse_attempts,
    "look so often at a file being written until its parts agree; 0: show each as it is" },
  { "mask", OF_STORE, "FILE", exp_option_parse_mask, "show these rows: an .npy file of booleans or row numbers" },
  { "lock", OF_STORE, "auto|no", exp_option_parse_lock, "take file locks where there are any (auto), or none" },
  { "cache", OF_STORE, "SIZE", exp_option_parse_cache, "memory for decoded data (256M); suffixes K, M, G, T" },
  { "prefetch", OF_MOUNT, "none|skeleton|data", exp_option_parse_prefetch,
    "read ahead in the background after mounting" },
  { "views", OF_MOUNT, "VIEW[:VIEW...]", exp_option_parse_views, "list these views beside each dataset" },
  { "text", OF_MOUNT, "aligned|compact", exp_option_parse_text, "pad the numbers of text (aligned), or not" },
  { "idle", OF_MOUNT, "SECONDS", exp_option_parse_idle, "unmount after so long without use; 0 is never" },
  { "log", OF_MOUNT, "FILE", exp_option_parse_log, "append messages to this file" },
  { "uid", OF_MOUNT, "N", exp_option_parse_owner, "show this owner" },
  { "gid", OF_MOUNT, "N", exp_option_parse_owner, "show this group" },
  { "umask", OF_MOUNT, "MASK", exp_option_parse_umask, "take these permissions away (octal)" },
  { "allow_other", OF_FUSE, NULL, NULL, "let other users in" },
  { "allow_root", OF_FUSE, NULL, NULL, "let root in" },
  { "default_permissions", OF_FUSE, NULL, NULL, "let the kernel check permissions" },
  { "auto_unmount", OF_FUSE, NULL, NULL, "unmount even if the process is killed" },
  { "fsname", OF_FUSE, "NAME", NULL, "the source that mount(8) shows (the store's path)" },
  { "subtype", OF_FUSE, "NAME", NULL, "the type that mount(8) shows (expfs)" },
  { "max_read", OF_FUSE, "BYTES", exp_option_parse_max_read, "the largest read request" },
  { "max_threads", OF_MOUNT, "N", exp_option_parse_threads, "at most so many requests at a time" },
  { "max_idle_threads", OF_MOUNT, "N", exp_option_parse_threads, "keep at most so many waiting threads" },
  { "clone_fd", OF_MOUNT, NULL, NULL, "one kernel queue per thread (always so)" },
  { "debug", OF_MOUNT, NULL, exp_option_parse_debug, "as -d" },
  { "dev", OF_FUSE },
  { "nodev", OF_FUSE },
  { "suid", OF_FUSE },
  { "nosuid", OF_FUSE },
  { "exec", OF_FUSE },
  { "noexec", OF_FUSE },
  { "async", OF_FUSE },
  { "sync", OF_FUSE },
  { "dirsync", OF_FUSE },
  { "atime", OF_FUSE },
  { "noatime", OF_FUSE },
  { "context", OF_FUSE, "C" },
  { "fscontext", OF_FUSE, "C" },
  { "defcontext", OF_FUSE, "C" },
  { "rootcontext", OF_FUSE, "C" },
  { "defaults", OF_FSTAB },
  { "auto", OF_FSTAB },
  { "noauto", OF_FSTAB },
  { "user", OF_FSTAB },
  { "nouser", OF_FSTAB },
  { "users", OF_FSTAB },
  { "owner", OF_FSTAB },
  { "group", OF_FSTAB },
  { "nofail", OF_FSTAB },
  { "_netdev", OF_FSTAB },
  { "diratime", OF_FSTAB },
  { "nodiratime", OF_FSTAB },
  { "relatime", OF_FSTAB },
  { "norelatime", OF_FSTAB },
  { "strictatime", OF_FSTAB },
  { "nostrictatime", OF_FSTAB },
  { "lazytime", OF_FSTAB },
  { "nolazytime", OF_FSTAB },
  { "silent", OF_FSTAB },
  { "loud", OF_FSTAB },
  { "nomand", OF_FSTAB },
};

static const Option *
find_option (const char *name, gsize length)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (strlen (table[i].name) == length && strncmp (table[i].name, name, length) == 0)
      return &table[i];
  return NULL;
}

static gboolean
is_for_others (const char *option)
{
  return g_ascii_strncasecmp (option, "x-", 2) == 0 || g_str_has_prefix (option, "comment=");
}

/* Replaces an earlier value of the same option: the last one counts, as everywhere in mount(8). */
static void
pass_on (ExpMountOptions *options, const Option *option, const char *text)
{
  gsize length = strlen (option->name);

  if (options->fuse == NULL)
    options->fuse = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < options->fuse->len; i++)
    {
      const char *old = g_ptr_array_index (options->fuse, i);
      if (strncmp (old, option->name, length) == 0 && (old[length] == '\0' || old[length] == '='))
        {
          g_ptr_array_remove_index (options->fuse, i);
          break;
        }
    }
  g_ptr_array_add (options->fuse, g_strdup (text));
}

static gboolean
take_option (ExpMountOptions *options, const char *text, ExpOptionUse use, GError **error)
{
  const char *equals = strchr (text, '=');
  const Option *option = find_option (text, equals != NULL ? (gsize)(equals - text) : strlen (text));

  if (use == EXP_OPTIONS_MOUNT && is_for_others (text))
    return TRUE;
  if (option == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "unknown option '%s'", text);
      return FALSE;
    }
  if (option->owner != OF_STORE && use < (option->owner == OF_NEW ? EXP_OPTIONS_MAKE : EXP_OPTIONS_MOUNT))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "option '%s' is for mounting%s only", option->name,
                   option->owner == OF_NEW ? " and making" : "");
      return FALSE;
    }
  if ((option->value != NULL) != (equals != NULL))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
                   option->value != NULL ? "option '%s' needs a value" : "option '%s' takes no value", option->name);
      return FALSE;
    }
  if (option->parse != NULL && !option->parse (options, option->name, equals != NULL ? equals + 1 : NULL, error))
    return FALSE;
  if (option->owner == OF_FUSE)
    pass_on (options, option, text);
  return TRUE;
}

gboolean
exp_mount_options_parse (ExpMountOptions *options, const char *string, ExpOptionUse use, GError **error)
{
  g_autoptr (GString) option = g_string_new (NULL);

  for (const char *p = string;; p++)
    {
      if (*p == '\\' && p[1] != '\0')
        g_string_append_c (option, *++p);
      else if (*p != ',' && *p != '\0')
        g_string_append_c (option, *p);
      else
        {
          if (option->len > 0 && !take_option (options, option->str, use, error))
            return FALSE;
          g_string_truncate (option, 0);
          if (*p == '\0')
            break;
        }
    }
  if (*string != '\0')
    {
      g_autofree char *before = options->text;
      options->text = before != NULL ? g_strconcat (before, ",", string, NULL) : g_strdup (string);
    }
  return TRUE;
}

gboolean
exp_mount_options_has_fuse (const ExpMountOptions *options, const char *name)
{
  gsize length = strlen (name);

  for (guint i = 0; options->fuse != NULL && i < options->fuse->len; i++)
    {
      const char *option = g_ptr_array_index (options->fuse, i);
      if (strncmp (option, name, length) == 0 && (option[length] == '\0' || option[length] == '='))
        return TRUE;
    }
  return FALSE;
}

gboolean
exp_mount_options_finish (ExpMountOptions *options, GError **error)
{
  if (options->only != NULL && options->except != NULL)
    {
      g_set_error_literal (error, EXP_ERROR, EXP_ERROR_INVALID, "options only= and except= exclude each other");
      return FALSE;
    }
  if (exp_mount_options_has_fuse (options, "allow_other") && exp_mount_options_has_fuse (options, "allow_root"))
    {
      g_set_error_literal (error, EXP_ERROR, EXP_ERROR_INVALID,
                           "options allow_other and allow_root exclude each other");
      return FALSE;
    }
  if (options->store.cache == 0)
    options->store.cache = DEFAULT_CACHE;
  if (!options->has_commit)
    options->commit = DEFAULT_COMMIT;
  if (options->complib != NULL && !options->has_complevel)
    options->store.complevel = DEFAULT_COMPLEVEL;
  if (options->complib == NULL && options->store.complevel > 0)
    options->store.complib = DEFAULT_COMPLIB;
  return TRUE;
}

void
exp_mount_options_help (GString *out, gboolean is_mount)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (table[i].help != NULL && (is_mount || table[i].owner == OF_STORE))
      {
        g_autofree char *name = g_strconcat (table[i].name, table[i].value != NULL ? "=" : NULL, table[i].value, NULL);
        g_string_append_printf (out, "  %-26s  %s\n", name, table[i].help);
      }
}

void
exp_mount_options_clear (ExpMountOptions *options)
{
  g_free (options->store_path);
  g_free (options->mountpoint);
  g_free (options->format);
  g_free (options->trajectory);
  g_free (options->complib);
  g_free (options->version);
  g_free (options->io_version);
  g_free (options->mask);
  g_strfreev (options->only);
  g_strfreev (options->except);
  g_strfreev (options->overview);
  g_free (options->views);
  g_free (options->log_file);
  g_free (options->text);
  g_clear_pointer (&options->fuse, g_ptr_array_unref);
  memset (options, 0, sizeof *options);
}
