/* The values of single mount options: what each may be, and where it goes.
 * Knows nothing of how options are separated.
 * Called through the table in options.c. */
#include "fs/option_values.h"
#include "fs/options.h"
#include <string.h>

static gboolean
refuse (GError **error, const char *name, const char *value, const char *wanted)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "option %s=%s: %s", name, value, wanted);
  return FALSE;
}

gboolean
exp_size_parse (const char *text, guint64 *size)
{
  static const char suffixes[] = "kmgt";
  char *end;

  if (!g_ascii_isdigit (*text))
    return FALSE;
  *size = g_ascii_strtoull (text, &end, 10);
  if (*size == G_MAXUINT64)
    return FALSE;
  if (*end == '\0')
    return TRUE;

  const char *suffix = strchr (suffixes, g_ascii_tolower (*end));
  if (suffix == NULL || end[1] != '\0')
    return FALSE;
  return g_uint64_checked_mul (size, *size, G_GUINT64_CONSTANT (1) << (10 * (suffix - suffixes + 1)));
}

static gboolean
parse_number (const char *text, int base, guint64 max, guint64 *number)
{
  char *end;

  if (!g_ascii_isdigit (*text))
    return FALSE;
  *number = g_ascii_strtoull (text, &end, base);
  return *end == '\0' && *number <= max;
}

gboolean
exp_option_parse_ro (ExpMountOptions *options, const char *name, const char *value, GError **error)
{
  options->is_writable = FALSE;
  return TRUE;
}

gboolean
exp_option_parse_rw (ExpMountOptions *options, const char *name, const char *value, GError **error)
{
  options->is_writable = TRUE;
  return TRUE;
}

gboolean
exp_option_parse_commit (ExpMountOptions *options, const char *name, const char *value, GError **error)
{
  guint64 seconds;

  if (!parse_number (value, 10, 86400, &seconds))
    return refuse (error, name, value, "not a number of seconds up to a day");
  options->has_commit = TRUE;
  options->commit = seconds;
  return TRUE;
}

gboolean
exp_option_parse_complib (ExpMountOptions *options, const char *name, const char *value, GError **error)
{
  static const char *const known[]
      = { "zlib",      "lzo",         "bzip2",        "lzf",        "blosc",      "blosc:blosclz",
          "blosc:lz4", "blosc:lz4hc", "blosc:snappy", "blosc:zlib", "blosc:zstd", NULL };

  if (!g_strv_contains (known, value))
    {
      g_autofree char *list = g_strjoinv (", ", (char **)known);
      g_autofree char *wanted = g_strconcat ("not one of ", list, NULL);
      return refuse (error, name, value, wanted);
    }
  g_free (options->complib);
  options->complib = g_strdup (value);
  options->store.complib = options->complib;
  return TRUE;
}

/* The first of `known` that equals `value`, ignoring case; refused when there is none. */
static const char *
parse_word (const char *const *known, const char *name, const char *value, GError **error)
{
  for (const char *const *word = known; *word != NULL; word++)
    if (g_ascii_strcasecmp (*word, value) == 0)
      return *word;
  g_autofree char *list = g_strjoinv (", ", (char **)known);
  g_autofree char *wanted = g_strconcat ("not one of ", list, NULL);
  refuse (error, name, value, wanted);
  return NULL;
}

gboolean
exp_option_parse_flag (ExpMountOptions *options, const char *name, const char *value, GError **error)
{
  static const char *const known[] = { "ARRAY", "CARRAY", "EARRAY", "VLARRAY", "TABLE", "FRAME", "SERIES", NULL };

  options->flag = parse_word (known, name, value, error);
  return options->flag != NULL;
}

gboolean
exp_option_parse_pandas_format (ExpMountOptions *options, const char *name, const char *value, GError **error)
{
  static const char *const known[] = { "fixed", "table", NULL };

  options->store.pandas_format = parse_word (known, name, value, error);
  return options->store.pandas_format != NULL;
}

gboolean
exp_option_parse_complevel (ExpMountOptions *options, const char *name, const char *value, GError **error)
{
  guint64 level;

  if (!parse_number (value, 10, 9, &level))
    return refuse (error, name, value, "not a level from 0 to 9");
  options->has_complevel = TRUE;
  options->store.complevel = level;
  options->store.is_unpacked = level == 0;
  return TRUE;
}

gboolean
exp_option_parse_new_filter (ExpMountOptions *options, const char *name, const char *value, GError **error)
{
  *(strcmp (name, "shuffle") == 0 ? &options->store.shuffle : &options->store.fletcher32) = TRUE;
  return TRUE;
}

gboolean
exp_option_parse_format (ExpMountOptions *options, const char *name, const char *value, GError **error)
{
  g_autoptr (GString) known = g_string_new ("not one of");
  const char *description, *format;

  for (guint i = 0; (format = exp_store_format_name (i, &description)) != NULL; i++)
    {
      if (strcmp (format, value) == 0)
        {
          g_free (options->format);
          options->format = g_strdup (value);
          options->store.format = options->format;
          return TRUE;
        }
      g_string_append_printf (known, "%s %s", i > 0 ? "," : "", format);
    }
  return refuse (error, name, value, known->str);
}

gboolean
exp_option_parse_trajectory (ExpMountOptions *options, const char *name, const char *value, GError **error)
{
  if (*value == '\0')
    return refuse (error, name, value, "a trajectory's name or index is needed");
  g_free (options->trajectory);
  options->trajectory = g_strdup (value);
  options->store.trajectory = options->trajectory;
  return TRUE;
}

/* Colon-separated, none empty; NULL when it is not that. */
static GStrv
split_list (const char *value)
{
  g_auto (GStrv) parts = g_strsplit (value, ":", -1);

  if (*parts == NULL)
    return NULL;
  for (char **part = parts; *part != NULL; part++)
    if (**part == '\0')
      return NULL;
  return g_steal_pointer (&parts);
}

gboolean
exp_option_parse_globs (ExpMountOptions *options, const char *name, const char *value, GError **error)
{
  GStrv globs = split_list (value);
  GStrv *list = strcmp (name, "only") == 0 ? &options->only : &options->except;

  if (globs == NULL)
    return refuse (error, name, value, "names or patterns separated by single colons are needed");
  g_strfreev (*list);
  *list = globs;
  options->store.only = (const char *const *)options->only;
  options->store.except = (const char *const *)options->except;
  return TRUE;
}

gboolean
exp_option_parse_overview (ExpMountOptions *options, const char *name, const char *value, GError **error)
{
  static const char *const known[] = { "small",
                                       "large",
                                       "summary",
                                       "all",
                                       "config_overview",
                                       "parameters_overview",
                                       "explored_parameters_overview",
                                       "derived_parameters_overview",
                                       "results_overview",
                                       "derived_parameters_summary",
                                       "results_summary",
                                       NULL };
  g_auto (GStrv) words = split_list (value);

  if (words == NULL)
    return refuse (error, name, value, "names of tables separated by single colons are needed");
  for (char **word = words; *word != NULL; word++)
    if (parse_word (known, name, *word, error) == NULL)
      return FALSE;
  g_strfreev (options->overview);
  options->overview = g_steal_pointer (&words);
  options->store.overview = (const char *const *)options->overview;
  return TRUE;
}

gboolean
exp_option_parse_force (ExpMountOptions *options, const char *name, const char *value, GError **error)
{
  options->store.force = TRUE;
  return TRUE;
}

gboolean
exp_option_parse_replace (ExpMountOptions *options, const char *name, const char *value, GError **error)
{
  options->store.replaces = TRUE;
  return TRUE;
}

/* Any text: what it is compared with is the store's. */
gboolean
exp_option_parse_version (ExpMountOptions *options, const char *name, const char *value, GError **error)
{
  const gboolean is_io = *name == 'i';
  char **own = is_io ? &options->io_version : &options->version;

  g_free (*own);
  *own = g_strdup (value);
  *(is_io ? &options->store.io_version : &options->store.version) = *own;
  return TRUE;
}

gboolean
exp_option_parse_attempts (ExpMountOptions *options, const char *name, const char *value, GError **error)
{
  const gboolean is_negative = *value == '-';
  guint64 number;

  if (!parse_number (value + is_negative, 10, G_MAXINT, &number))
    return refuse (error, name, value, "not a number");
  options->store.has_attempts = TRUE;
  options->store.attempts = is_negative ? -(gint)number : (gint)number;
  return TRUE;
}

gboolean
exp_option_parse_mask (ExpMountOptions *options, const char *name, const char *value, GError **error)
{
  if (*value == '\0')
    return refuse (error, name, value, "not a file's name");
  g_free (options->mask);
  options->mask = g_canonicalize_filename (value, NULL);
  options->store.mask = options->mask;
  return TRUE;
}

gboolean
exp_option_parse_lock (ExpMountOptions *options, const char *name, const char *value, GError **error)
{
  if (strcmp (value, "auto") == 0)
    options->store.lock = EXP_LOCK_AUTO;
  else if (strcmp (value, "no") == 0)
    options->store.lock = EXP_LOCK_NO;
  else
    return refuse (error, name, value, "not auto or no");
  return TRUE;
}

gboolean
exp_option_parse_cache (ExpMountOptions *options, const char *name, const char *value, GError **error)
{
  if (!exp_size_parse (value, &options->store.cache))
    return refuse (error, name, value, "not a size such as 512M (suffixes K, M, G, T)");
  /* 0 is what a store takes for its default, and here it says "as good as none". */
  options->store.cache = MAX (options->store.cache, 1);
  return TRUE;
}

gboolean
exp_option_parse_prefetch (ExpMountOptions *options, const char *name, const char *value, GError **error)
{
  if (strcmp (value, "none") == 0)
    options->prefetch = EXP_PREFETCH_NONE;
  else if (strcmp (value, "skeleton") == 0)
    options->prefetch = EXP_PREFETCH_SKELETON;
  else if (strcmp (value, "data") == 0)
    options->prefetch = EXP_PREFETCH_DATA;
  else
    return refuse (error, name, value, "not none, skeleton or data");
  return TRUE;
}

gboolean
exp_option_parse_views (ExpMountOptions *options, const char *name, const char *value, GError **error)
{
  g_autoptr (GPtrArray) views = g_ptr_array_new ();
  g_auto (GStrv) names = split_list (value);

  for (char **view = names; view != NULL && *view != NULL; view++)
    {
      const ExpViewClass *klass = exp_view_class_by_name (*view);
      if (klass == NULL)
        {
          names = (g_strfreev (names), NULL);
          break;
        }
      /* Text has the dataset's own name and is always listed. */
      if (*klass->suffix != '\0' && !g_ptr_array_find (views, klass, NULL))
        g_ptr_array_add (views, (gpointer)klass);
    }
  if (names == NULL)
    {
      g_autoptr (GString) known = g_string_new ("views separated by colons are needed, out of");
      for (guint i = 0; exp_view_classes[i] != NULL; i++)
        g_string_append_printf (known, "%s %s", i > 0 ? "," : "", exp_view_classes[i]->name);
      return refuse (error, name, value, known->str);
    }
  g_ptr_array_add (views, NULL);
  g_free (options->views);
  options->views = (const ExpViewClass **)g_ptr_array_free (g_steal_pointer (&views), FALSE);
  return TRUE;
}

gboolean
exp_option_parse_text (ExpMountOptions *options, const char *name, const char *value, GError **error)
{
  options->text_is_compact = strcmp (value, "compact") == 0;
  return options->text_is_compact || strcmp (value, "aligned") == 0
         || refuse (error, name, value, "not aligned or compact");
}

gboolean
exp_option_parse_idle (ExpMountOptions *options, const char *name, const char *value, GError **error)
{
  guint64 seconds;

  if (!parse_number (value, 10, G_MAXINT32, &seconds))
    return refuse (error, name, value, "not a number of seconds");
  options->idle = seconds;
  return TRUE;
}

gboolean
exp_option_parse_log (ExpMountOptions *options, const char *name, const char *value, GError **error)
{
  if (*value == '\0')
    return refuse (error, name, value, "a file's name is needed");
  g_free (options->log_file);
  options->log_file = g_canonicalize_filename (value, NULL);
  return TRUE;
}

gboolean
exp_option_parse_owner (ExpMountOptions *options, const char *name, const char *value, GError **error)
{
  guint64 id;

  if (!parse_number (value, 10, G_MAXUINT32 - 1, &id))
    return refuse (error, name, value, "not a number");
  if (strcmp (name, "uid") == 0)
    {
      options->has_uid = TRUE;
      options->uid = id;
    }
  else
    {
      options->has_gid = TRUE;
      options->gid = id;
    }
  return TRUE;
}

gboolean
exp_option_parse_umask (ExpMountOptions *options, const char *name, const char *value, GError **error)
{
  guint64 mask;

  if (!parse_number (value, 8, 0777, &mask))
    return refuse (error, name, value, "not an octal mask such as 022");
  options->has_umask = TRUE;
  options->umask = mask;
  return TRUE;
}

gboolean
exp_option_parse_debug (ExpMountOptions *options, const char *name, const char *value, GError **error)
{
  options->is_debug = options->is_foreground = TRUE;
  return TRUE;
}

gboolean
exp_option_parse_threads (ExpMountOptions *options, const char *name, const char *value, GError **error)
{
  guint64 n;

  if (!parse_number (value, 10, 1024, &n) || (n == 0 && strcmp (name, "max_threads") == 0))
    return refuse (error, name, value, "not a number of threads");
  if (strcmp (name, "max_threads") == 0)
    options->max_threads = n;
  else
    options->max_idle_threads = n;
  return TRUE;
}

gboolean
exp_option_parse_max_read (ExpMountOptions *options, const char *name, const char *value, GError **error)
{
  guint64 size;

  if (!parse_number (value, 10, G_MAXUINT32, &size))
    return refuse (error, name, value, "not a number of bytes");
  options->max_read = size;
  return TRUE;
}
