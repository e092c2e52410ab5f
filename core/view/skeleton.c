/* DIR.json: the skeleton below a group, everything but the values. Since a store may have a million nodes, it is
 * written once into an unlinked temporary file.
 * Knows nothing of how single values look in JSON; json_text.c does.
 * Called by json.c for groups. */
#include "expfs/error.h"
#include "view_private.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Deeper groups are shown without their children; no store that people made comes near. */
#define MAX_DEPTH 1000

typedef struct
{
  ExpView base;
  ExpNode *node;
  GMutex lock; /* guards the making of the file */
  FILE *file;  /* immutable once made */
  guint64 size;
} SkeletonView;

typedef struct
{
  FILE *file;
  GString *text;
  GHashTable *above; /* identities of the groups around, so that cycles end */
  guint depth;
  gboolean has_children;
} Walk;

static void write_node (Walk *walk, ExpNode *node);

static void
flush (Walk *walk)
{
  fwrite (walk->text->str, 1, walk->text->len, walk->file);
  g_string_truncate (walk->text, 0);
}

static gboolean
write_child (const char *name, ExpNode *child, gpointer data)
{
  Walk *walk = data;

  g_string_append (walk->text, walk->has_children ? ",\n" : "\n");
  for (guint i = 0; i < walk->depth; i++)
    g_string_append_c (walk->text, ' ');
  exp_json_append_key (name, walk->text);
  write_node (walk, child);
  walk->has_children = TRUE;
  if (walk->text->len > 64 * 1024)
    flush (walk);
  return !ferror (walk->file);
}

static void
write_children (Walk *walk, ExpNode *node, guint64 identity)
{
  gboolean had_children = walk->has_children;
  gboolean is_new = identity == 0 || g_hash_table_add (walk->above, g_memdup2 (&identity, sizeof identity));

  if (!is_new || walk->depth >= MAX_DEPTH)
    {
      g_string_append (walk->text, ", \"cycle\": true");
      return;
    }
  g_string_append (walk->text, ", \"children\": {");
  walk->depth++;
  walk->has_children = FALSE;
  exp_node_list (node, 0, write_child, walk, NULL);
  walk->depth--;
  walk->has_children = had_children;
  g_string_append_c (walk->text, '}');
  if (identity != 0)
    g_hash_table_remove (walk->above, &identity);
}

static void
write_node (Walk *walk, ExpNode *node)
{
  static const char *const kinds[] = { "group", "dataset", "link", "datatype" };
  g_auto (ExpInfo) info = { 0 };
  g_autoptr (GError) error = NULL;
  GString *out = walk->text;

  if (!exp_node_describe (node, &info, &error))
    {
      g_string_append (out, "{\"error\": ");
      exp_json_append_string (error->message, strlen (error->message), out);
      g_string_append_c (out, '}');
      return;
    }
  g_string_append_printf (out, "{\"kind\": \"%s\"", kinds[info.kind]);
  if (info.role != NULL)
    g_string_append_printf (out, ", \"role\": \"%s\"", info.role);
  if (info.target != NULL)
    {
      g_string_append (out, ", \"target\": ");
      exp_json_append_string (info.target, strlen (info.target), out);
    }
  if (info.dtype != NULL)
    {
      g_autofree char *dtype = exp_dtype_to_numpy (info.dtype, FALSE);

      g_string_append (out, ", \"dtype\": ");
      exp_json_append_string (dtype, strlen (dtype), out);
      g_string_append (out, ", \"shape\": ");
      exp_json_append_shape (&info, out);
    }
  if (info.kind != EXP_KIND_LINK)
    {
      g_string_append (out, ", \"attributes\": ");
      exp_json_append_attributes (node, out);
    }
  if (info.kind == EXP_KIND_GROUP)
    write_children (walk, node, info.identity);
  g_string_append_c (out, '}');
}

static gboolean
write_skeleton (SkeletonView *self, GError **error)
{
  FILE *file = tmpfile ();

  if (file != NULL)
    {
      g_autoptr (GHashTable) above = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
      g_autoptr (GString) text = g_string_new (NULL);
      Walk walk = { file, text, above, 0, FALSE };

      write_node (&walk, self->node);
      g_string_append_c (text, '\n');
      flush (&walk);
      if (fflush (file) == 0 && !ferror (file))
        {
          self->size = ftello (file);
          self->file = file;
          return TRUE;
        }
    }
  g_set_error (error, EXP_ERROR, errno == ENOSPC ? EXP_ERROR_NO_SPACE : EXP_ERROR_IO,
               "the skeleton could not be written to a temporary file: %s", g_strerror (errno));
  if (file != NULL)
    fclose (file);
  return FALSE;
}

static gboolean
ensure_file (SkeletonView *self, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->file != NULL || write_skeleton (self, error);
}

static void
skeleton_free (ExpView *view)
{
  SkeletonView *self = (SkeletonView *)view;

  exp_node_unref (self->node);
  if (self->file != NULL)
    fclose (self->file);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static gboolean
skeleton_size (ExpView *view, guint64 *size, GError **error)
{
  SkeletonView *self = (SkeletonView *)view;

  if (!ensure_file (self, error))
    return FALSE;
  *size = self->size;
  return TRUE;
}

static gboolean
skeleton_pread (ExpView *view, guint64 offset, gsize length, char *buffer, gsize *n_read, GError **error)
{
  SkeletonView *self = (SkeletonView *)view;
  gssize n;

  *n_read = 0;
  if (!ensure_file (self, error))
    return FALSE;
  if (offset >= self->size)
    return TRUE;
  n = pread (fileno (self->file), buffer, MIN (length, self->size - offset), offset);
  if (n >= 0)
    {
      *n_read = n;
      return TRUE;
    }
  g_set_error (error, EXP_ERROR, EXP_ERROR_IO, "the skeleton's temporary file: %s", g_strerror (errno));
  return FALSE;
}

static const ExpViewClass skeleton_class = {
  .suffix = ".json",
  .name = "json",
  .free = skeleton_free,
  .size = skeleton_size,
  .pread = skeleton_pread,
};

ExpView *
exp_skeleton_open (ExpNode *node, const ExpInfo *info, const ExpViewOptions *options, GError **error)
{
  SkeletonView *self = g_new0 (SkeletonView, 1);

  self->base.klass = &skeleton_class;
  self->node = exp_node_ref (node);
  g_mutex_init (&self->lock);
  return &self->base;
}
