/* What a verb's PATH argument names.
 * Knows stores and mounts; what is there is an item.
 * Called by the verbs. */
#include "fs/verbs/place.h"
#include "fs/find_shown.h"
#include "fs/mountinfo.h"
#include "fs/options.h"
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

void
exp_place_clear (ExpPlace *place)
{
  exp_item_free (place->item);
  g_clear_pointer (&place->node, exp_node_unref);
  exp_store_unref (place->store);
  g_free (place->path);
  g_free (place->store_path);
  g_free (place->format);
  g_free (place->mountpoint);
  memset (place, 0, sizeof *place);
}

static gboolean
open_mounted (ExpPlace *place, const ExpMountEntry *entry, const char *path)
{
  char format[64];
  struct stat st;

  place->path = g_strdup (path + strlen (entry->mountpoint));
  while (*place->path == '/')
    memmove (place->path, place->path + 1, strlen (place->path));
  place->mountpoint = g_strdup (entry->mountpoint);
  place->store_path = g_strdup (entry->source);
  place->size = stat (entry->source, &st) == 0 && S_ISREG (st.st_mode) ? st.st_size : 0;
  place->item = exp_mounted_item_new (place->mountpoint, place->path);

  /* Of a store in a collection, that store's own. */
  ssize_t length = lgetxattr (path, "user.expfs.format", format, sizeof format);
  if (length <= 0)
    length = getxattr (entry->mountpoint, "user.expfs.format", format, sizeof format);
  place->format = length > 0 ? g_strndup (format, length) : g_strdup ("unknown");
  return TRUE;
}

gboolean
exp_place_split (const char *path, char **store, char **rest)
{
  struct stat st;

  if (stat (path, &st) == 0)
    {
      *store = g_strdup (path);
      *rest = g_strdup ("");
      return TRUE;
    }
  for (const char *end = path + strlen (path); end-- > path + 1;)
    if (*end == '/' || *end == ':')
      {
        g_autofree char *front = g_strndup (path, end - path);
        if (stat (front, &st) == 0 && (S_ISREG (st.st_mode) || *end == ':'))
          {
            *store = g_steal_pointer (&front);
            *rest = g_strdup (end + 1);
            return TRUE;
          }
      }
  return FALSE;
}

static gboolean
open_store (ExpPlace *place, const char *path, const ExpStoreOptions *options, GError **error)
{
  g_autofree char *store = NULL, *rest = NULL;
  struct stat st;

  if (!exp_place_split (path, &store, &rest))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "%s: %s", path, g_strerror (ENOENT));
      return FALSE;
    }
  place->store = exp_store_open (store, options, error);
  if (place->store == NULL)
    return FALSE;

  g_autoptr (ExpNode) node = exp_find_shown (exp_store_get_root (place->store), rest, error);
  if (node == NULL)
    {
      g_prefix_error (error, "%s: ", store);
      return FALSE;
    }
  place->path = g_strdup (rest + strspn (rest, "/"));
  place->store_path = g_strdup (exp_store_get_path (place->store));
  place->format = g_strdup (exp_store_get_format (place->store));
  place->size = stat (store, &st) == 0 && S_ISREG (st.st_mode) ? st.st_size : 0;
  place->item = exp_node_item_new (node);
  place->node = g_steal_pointer (&node);
  return TRUE;
}

/* Without following a link in the last place: in a mount it is a node of its own. */
static char *
resolve_parent (const char *path)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *parent = g_path_get_dirname (absolute);
  g_autofree char *name = g_path_get_basename (absolute);
  g_autofree char *resolved = exp_path_resolve (parent);

  return g_build_filename (resolved, name, NULL);
}

gboolean
exp_place_open (ExpPlace *place, const char *path, const ExpStoreOptions *options, GError **error)
{
  g_autofree char *absolute = resolve_parent (path);
  g_autoptr (ExpMountEntry) entry = exp_mount_entry_around (absolute);
  g_autofree char *resolved = exp_path_resolve (path);
  g_autoptr (ExpMountEntry) at = exp_mount_entry_at (resolved);

  memset (place, 0, sizeof *place);
  if (at != NULL && exp_mount_entry_is_ours (at))
    return open_mounted (place, at, resolved);
  if (entry != NULL && exp_mount_entry_is_ours (entry))
    return open_mounted (place, entry, absolute);
  if (open_store (place, path, options, error))
    return TRUE;
  exp_place_clear (place);
  return FALSE;
}

gboolean
exp_place_parse (const ExpVerb *verb, int argc, char **argv, const char *extra, ExpSwitchFunc func, gpointer data,
                 ExpMountOptions *options, int *status)
{
  static const struct option switches[] = { { "help", no_argument, NULL, 'h' }, { NULL } };
  g_autofree char *letters = g_strconcat ("o:h", extra, NULL);
  g_autoptr (GError) error = NULL;
  int letter;

  opterr = 0;
  while ((letter = getopt_long (argc, argv, letters, switches, NULL)) != -1)
    {
      *status = EXIT_SUCCESS;
      if (letter == 'h')
        *status = exp_print_verb_help (verb);
      else if (letter == '?')
        *status = exp_complain_switch (argv);
      else if (letter == 'o' && exp_mount_options_parse (options, optarg, EXP_OPTIONS_OPEN, &error))
        continue;
      else if (letter == 'o')
        *status = exp_complain_usage ("%s", error->message);
      else if (func (letter, optarg, data))
        continue;
      else
        *status = exp_complain_usage ("-%c %s: that cannot be", letter, optarg);
      return FALSE;
    }
  if (!exp_mount_options_finish (options, &error))
    *status = exp_complain_usage ("%s", error->message);
  else if (optind == argc)
    *status = exp_complain_usage ("%s: a path is needed", verb->name);
  else
    return TRUE;
  return FALSE;
}
