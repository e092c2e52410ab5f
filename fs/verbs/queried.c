/* Directories of queries, in a store or in a mount.
 * Knows how a mount shows queries; knows no expressions.
 * Called by expfs find. */
#include "fs/verbs/queried.h"
#include "expfs/query.h"
#include "expfs/view.h"
#include "fs/names.h"
#include <string.h>

/* A path of true names as a mount shows it; caller frees. */
static char *
shown_path (const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);

  for (char **part = parts; *part != NULL; part++)
    {
      char *shown = exp_name_encode (*part, strlen (*part));
      g_free (*part);
      *part = shown;
    }
  return g_strjoinv ("/", parts);
}

/* A link leads up and out of the queries. */
static const char *
path_of_target (const char *target)
{
  while (g_str_has_prefix (target, "../"))
    target += strlen ("../");
  return target;
}

/* --- in a store --------------------------------------------------------------------------------------------- */

static ExpNode *
open_node (const ExpQueried *self, const GPtrArray *names, GError **error)
{
  g_autoptr (ExpQueryScope) scope = exp_query_scope_new (self->place->node);
  ExpNode *at = exp_query_group_open (scope, names->pdata[0], error);

  for (guint i = 1; at != NULL && i < names->len; i++)
    {
      g_autoptr (ExpNode) above = at;
      at = exp_node_lookup (above, names->pdata[i], error);
    }
  return at;
}

static gboolean
add_name (const char *name, ExpNode *child, gpointer data)
{
  g_ptr_array_add (data, g_strdup (name));
  return TRUE;
}

static gboolean
add_target (const char *name, ExpNode *child, gpointer data)
{
  g_auto (ExpInfo) info = { 0 };

  if (exp_node_describe (child, &info, NULL) && info.kind == EXP_KIND_LINK)
    g_ptr_array_add (data, shown_path (path_of_target (info.target)));
  return TRUE;
}

static gboolean
list_store (const ExpQueried *self, const GPtrArray *names, ExpListFunc func, GPtrArray *to, GError **error)
{
  g_autoptr (ExpNode) node = open_node (self, names, error);

  return node != NULL && exp_node_list (node, 0, func, to, error);
}

static gboolean
read_store (const ExpQueried *self, const GPtrArray *names, GPtrArray *lines, GError **error)
{
  g_autoptr (ExpNode) node = open_node (self, names, error);
  g_autoptr (ExpArray) value = node != NULL ? exp_node_read_all (node, error) : NULL;

  for (gsize i = 0; value != NULL && i < value->n_elements; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      const guint8 *cell = value->data + i * value->dtype->size;
      gsize length;

      if (value->dtype->type == EXP_TYPE_BOOL)
        exp_cell_format (value->dtype, cell, text);
      else
        g_string_append (text, exp_cell_text (value->dtype, cell, &length));
      g_ptr_array_add (lines, g_strdup (text->str));
    }
  return value != NULL;
}

/* --- in a mount --------------------------------------------------------------------------------------------- */

/* The directory as the mount shows it; caller frees. */
static char *
shown_directory (const GPtrArray *names)
{
  g_autoptr (GString) path = g_string_new (NULL);

  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *shown = exp_name_encode (names->pdata[i], strlen (names->pdata[i]));
      g_string_append_printf (path, "%s%s", i > 0 ? "/" : "", shown);
    }
  return g_strdup (path->str);
}

/* What the mount's log says of any of the directories, the last time it does; NULL for nothing. Caller frees. */
static char *
logged_reason (const ExpQueried *self, const char *directory)
{
  g_autofree char *path = g_build_filename (self->place->mountpoint, ".expfs", "log", NULL);
  g_autofree char *log = NULL, *at = g_strdup (directory);
  char *reason = NULL;

  if (!g_file_get_contents (path, &log, NULL, NULL))
    return NULL;
  for (char *slash = at + strlen (at); reason == NULL && slash != NULL; slash = strrchr (at, '/'))
    {
      *slash = '\0';
      g_autofree char *start = g_strdup_printf ("/%s: ", at);
      char *found = g_strrstr (log, start);
      if (found != NULL)
        reason = g_strndup (found + strlen (start), strcspn (found + strlen (start), "\n"));
    }
  return reason;
}

static void
explain (const ExpQueried *self, const char *directory, GError **error)
{
  gboolean is_absent = g_error_matches (*error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_autofree char *reason
      = g_error_matches (*error, G_FILE_ERROR, G_FILE_ERROR_INVAL) ? logged_reason (self, directory) : NULL;

  if (!is_absent && reason == NULL)
    return;
  g_clear_error (error);
  if (is_absent)
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "%s: nothing has a parameter of '%s'", self->directory,
                 directory);
  else
    g_set_error_literal (error, EXP_ERROR, EXP_ERROR_INVALID, reason);
}

static gboolean
list_mount (const ExpQueried *self, const GPtrArray *names, gboolean is_targets, GPtrArray *to, GError **error)
{
  g_autofree char *directory = shown_directory (names);
  g_autofree char *path = g_build_filename (self->directory, directory, NULL);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GDir) dir = g_dir_open (path, 0, &local_error);
  const char *entry;

  while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *link = g_build_filename (path, entry, NULL);
      g_autofree char *target = is_targets ? g_file_read_link (link, &local_error) : NULL;
      gsize length;

      if (local_error != NULL)
        break;
      g_ptr_array_add (to, is_targets ? g_strdup (path_of_target (target)) : exp_name_decode (entry, &length));
    }
  if (local_error == NULL)
    return TRUE;
  explain (self, directory, &local_error);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static gboolean
read_mount (const ExpQueried *self, const GPtrArray *names, GPtrArray *lines, GError **error)
{
  g_autofree char *file = shown_directory (names), *path = g_build_filename (self->directory, file, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) local_error = NULL;

  if (!g_file_get_contents (path, &text, NULL, &local_error))
    {
      explain (self, file, &local_error);
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  for (char *line = text, *end; (end = strchr (line, '\n')) != NULL; line = end + 1)
    g_ptr_array_add (lines, g_strndup (line, end - line));
  return TRUE;
}

/* --- either ------------------------------------------------------------------------------------------------- */

GPtrArray *
exp_queried_paths (const ExpQueried *self, const GPtrArray *names, GError **error)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  gboolean is_done = self->place->mountpoint != NULL ? list_mount (self, names, TRUE, paths, error)
                                                     : list_store (self, names, add_target, paths, error);

  return is_done ? g_steal_pointer (&paths) : NULL;
}

GPtrArray *
exp_queried_names (const ExpQueried *self, const GPtrArray *names, GError **error)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  gboolean is_done = self->place->mountpoint != NULL ? list_mount (self, names, FALSE, found, error)
                                                     : list_store (self, names, add_name, found, error);

  return is_done ? g_steal_pointer (&found) : NULL;
}

GPtrArray *
exp_queried_lines (const ExpQueried *self, const GPtrArray *names, GError **error)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  gboolean is_done = self->place->mountpoint != NULL ? read_mount (self, names, lines, error)
                                                     : read_store (self, names, lines, error);

  return is_done ? g_steal_pointer (&lines) : NULL;
}

char *
exp_queried_link (const ExpQueried *self, const GPtrArray *names, GError **error)
{
  g_auto (ExpInfo) info = { 0 };

  if (self->place->mountpoint != NULL)
    {
      g_autofree char *name = shown_directory (names), *path = g_build_filename (self->directory, name, NULL);
      g_autoptr (GError) local_error = NULL;
      g_autofree char *target = g_file_read_link (path, &local_error);

      if (target != NULL)
        return g_strdup (path_of_target (target));
      explain (self, name, &local_error);
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  g_autoptr (ExpNode) node = open_node (self, names, error);
  if (node == NULL || !exp_node_describe (node, &info, error))
    return NULL;
  return shown_path (path_of_target (info.target));
}
