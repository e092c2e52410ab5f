/* The node at a path of names as a mount shows them.
 * Knows how names are encoded and where links lead; knows no mount.
 * Called by the verbs, and for operations in a mount. */
#include "fs/find_shown.h"
#include "fs/names.h"
#include <string.h>

#define MAX_LINKS 40

typedef struct
{
  const char *shown;
  ExpNode *found;
} Search;

static gboolean
compare_shown (const char *name, ExpNode *child, gpointer data)
{
  Search *search = data;
  g_autofree char *shown = exp_name_encode (name, strlen (name));

  if (strcmp (shown, search->shown) == 0)
    search->found = exp_node_ref (child);
  return search->found == NULL;
}

/* The child that a directory would show by this name. */
static ExpNode *
lookup_shown (ExpNode *group, const char *shown, GError **error)
{
  g_autoptr (GError) local = NULL;
  Search search = { shown };
  gsize length;
  g_autofree char *name = exp_name_decode (shown, &length);
  ExpNode *child = name != NULL ? exp_node_lookup (group, name, &local) : NULL;

  if (child != NULL)
    return child;
  if (exp_name_looks_cut (shown) && exp_node_list (group, 0, compare_shown, &search, NULL) && search.found != NULL)
    return search.found;
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no '%s' there", shown);
  return NULL;
}

/* Where a link at `at` ("a/b") leads, without "." and "..". */
static char *
follow (const char *at, const char *target, const char *rest)
{
  g_autofree char *parent = g_path_get_dirname (at);
  g_autofree char *base = g_strconcat ("/", *target == '/' || strcmp (parent, ".") == 0 ? "" : parent, NULL);
  g_autofree char *joined = g_strconcat (target + strspn (target, "/"), "/", rest, NULL);

  return g_canonicalize_filename (joined, base);
}

static gboolean
info_of (ExpNode *node, ExpInfo *info, const char *path, GError **error)
{
  if (exp_node_describe (node, info, error))
    return TRUE;
  g_prefix_error (error, "%s: ", path);
  return FALSE;
}

ExpNode *
exp_find_shown (ExpNode *root, const char *path, GError **error)
{
  g_autofree char *current = g_strdup (path);

  for (guint n_links = 0; n_links < MAX_LINKS; n_links++)
    {
      g_auto (GStrv) parts = g_strsplit (current, "/", -1);
      g_autoptr (ExpNode) at = exp_node_ref (root);
      g_autoptr (GString) walked = g_string_new (NULL);
      gboolean is_followed = FALSE;

      for (guint i = 0; parts[i] != NULL && !is_followed; i++)
        {
          g_auto (ExpInfo) info = { 0 };
          if (*parts[i] == '\0')
            continue;
          if (!info_of (at, &info, path, error))
            return NULL;
          if (info.kind == EXP_KIND_LINK)
            {
              g_autofree char *rest = g_strjoinv ("/", parts + i);
              g_autofree char *next = follow (walked->str, info.target, rest);
              g_free (current);
              current = g_steal_pointer (&next);
              is_followed = TRUE;
              continue;
            }

          ExpNode *child = lookup_shown (at, parts[i], error);
          if (child == NULL)
            {
              g_prefix_error (error, "%s: ", path);
              return NULL;
            }
          exp_node_unref (at);
          at = child;
          g_string_append_printf (walked, "%s%s", walked->len > 0 ? "/" : "", parts[i]);
        }
      if (!is_followed)
        return g_steal_pointer (&at);
    }
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "%s: too many links", path);
  return NULL;
}
