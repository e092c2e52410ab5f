/* expfs' own extended attributes, user.expfs.NAME: what each says and when it means something.
 * Knows nodes' descriptions and layouts; knows nothing of requests and sizes of replies.
 * Called by xattrs. */
#include "fs/driver.h"
#include <string.h>

/* What of the node a value needs to be read. A node that cannot be described still has a name. */
typedef enum
{
  NEEDS_NOTHING,
  NEEDS_INFO,
  NEEDS_LAYOUT,
} Needs;

/* What values are made of, as far as it was needed. */
typedef struct
{
  ExpMount *mount;
  ExpInode *inode;
  ExpInfo info;
  ExpLayout layout;
} Subject;

typedef char *(*ValueFunc) (const Subject *subject);

static char *
json_numbers (guint n, const guint64 *numbers)
{
  GString *out = g_string_new ("[");

  for (guint i = 0; i < n; i++)
    g_string_append_printf (out, "%s%" G_GUINT64_FORMAT, i > 0 ? ", " : "", numbers[i]);
  g_string_append_c (out, ']');
  return g_string_free (out, FALSE);
}

static char *
value_name (const Subject *subject)
{
  return exp_path_true_name (subject->mount, subject->inode);
}

static char *
value_path (const Subject *subject)
{
  return exp_path_true (subject->mount, subject->inode);
}

static char *
value_format (const Subject *subject)
{
  return g_strdup (exp_store_get_format (subject->mount->store));
}

static char *
value_kind (const Subject *subject)
{
  static const char *const kinds[] = {
    [EXP_KIND_GROUP] = "group",
    [EXP_KIND_DATASET] = "dataset",
    [EXP_KIND_LINK] = "link",
    [EXP_KIND_DATATYPE] = "datatype",
  };

  return g_strdup (kinds[subject->info.kind]);
}

static char *
value_role (const Subject *subject)
{
  return g_strdup (subject->info.role);
}

static char *
value_class (const Subject *subject)
{
  return g_strdup (subject->info.class_name);
}

static char *
value_dtype (const Subject *subject)
{
  return subject->info.dtype != NULL ? exp_dtype_to_numpy (subject->info.dtype, FALSE) : NULL;
}

static char *
value_shape (const Subject *subject)
{
  if (subject->info.kind != EXP_KIND_DATASET || subject->info.is_null)
    return NULL;
  return json_numbers (subject->info.rank, subject->info.shape);
}

static char *
value_columns (const Subject *subject)
{
  const ExpDtype *dtype = subject->info.dtype;

  if (subject->info.kind != EXP_KIND_DATASET || dtype == NULL || dtype->type != EXP_TYPE_COMPOUND)
    return NULL;

  g_autoptr (ExpDtype) text = exp_dtype_new_vstring (TRUE);
  GString *out = g_string_new ("[");
  for (guint i = 0; i < dtype->n_members; i++)
    {
      ExpVlen cell = { strlen (dtype->members[i].name), dtype->members[i].name };
      g_string_append (out, i > 0 ? ", " : "");
      exp_cell_to_json (text, (const guint8 *)&cell, out);
    }
  g_string_append_c (out, ']');
  return g_string_free (out, FALSE);
}

static char *
value_views (const Subject *subject)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; exp_view_classes[i] != NULL; i++)
    if (exp_view_classes[i]->applies (&subject->info))
      g_string_append_printf (out, "%s%s", out->len > 0 ? "," : "", exp_view_classes[i]->name);
  if (out->len == 0)
    g_clear_pointer (&out->str, g_free);
  return g_string_free (out, FALSE);
}

static char *
value_chunks (const Subject *subject)
{
  return subject->layout.chunk_rank > 0 ? json_numbers (subject->layout.chunk_rank, subject->layout.chunk) : NULL;
}

static char *
value_filters (const Subject *subject)
{
  return g_strdup (subject->layout.filters);
}

static char *
value_storage (const Subject *subject)
{
  if (subject->layout.layout == NULL)
    return NULL;
  return g_strdup_printf ("%" G_GUINT64_FORMAT, subject->layout.storage);
}

static const struct
{
  const char *name;
  ValueFunc value; /* NULL: the node has none */
  Needs needs;
} entries[] = {
  { "name", value_name, NEEDS_NOTHING },      { "path", value_path, NEEDS_NOTHING },
  { "format", value_format, NEEDS_NOTHING },  { "kind", value_kind, NEEDS_INFO },
  { "role", value_role, NEEDS_INFO },         { "class", value_class, NEEDS_INFO },
  { "dtype", value_dtype, NEEDS_INFO },       { "shape", value_shape, NEEDS_INFO },
  { "columns", value_columns, NEEDS_INFO },   { "views", value_views, NEEDS_INFO },
  { "chunks", value_chunks, NEEDS_LAYOUT },   { "filters", value_filters, NEEDS_LAYOUT },
  { "storage", value_storage, NEEDS_LAYOUT },
};

#define PREFIX "user.expfs."

/* Reads what is needed; *has says how far it came when that failed. */
static gboolean
subject_init (Subject *subject, ExpMount *mount, ExpInode *inode, Needs needs, Needs *has, GError **error)
{
  memset (subject, 0, sizeof *subject);
  subject->mount = mount;
  subject->inode = inode;
  *has = NEEDS_NOTHING;
  if (needs >= NEEDS_INFO && !exp_node_describe (inode->node, &subject->info, error))
    return FALSE;
  *has = NEEDS_INFO;
  if (needs >= NEEDS_LAYOUT && subject->info.kind == EXP_KIND_DATASET
      && !exp_node_layout (inode->node, &subject->layout, error))
    return FALSE;
  *has = NEEDS_LAYOUT;
  return TRUE;
}

static void
subject_clear (Subject *subject)
{
  exp_info_clear (&subject->info);
  exp_layout_clear (&subject->layout);
}

gboolean
exp_metadata_is_name (const char *name)
{
  if (!g_str_has_prefix (name, PREFIX))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    if (strcmp (name + strlen (PREFIX), entries[i].name) == 0)
      return TRUE;
  return FALSE;
}

void
exp_metadata_list (ExpMount *mount, ExpInode *inode, ExpMetadataFunc func, gpointer data)
{
  Subject subject;
  Needs has;
  g_autoptr (GError) error = NULL;

  if (!subject_init (&subject, mount, inode, NEEDS_LAYOUT, &has, &error))
    exp_log_failure (mount, inode, NULL, error);
  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    {
      if (entries[i].needs > has)
        continue;
      g_autofree char *value = entries[i].value (&subject);
      g_autofree char *name = value != NULL ? g_strconcat (PREFIX, entries[i].name, NULL) : NULL;
      if (name != NULL)
        func (name, data);
    }
  subject_clear (&subject);
}

char *
exp_metadata_get (ExpMount *mount, ExpInode *inode, const char *name, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    {
      Subject subject;
      Needs has;

      if (strcmp (name + strlen (PREFIX), entries[i].name) != 0)
        continue;
      gboolean is_read = subject_init (&subject, mount, inode, entries[i].needs, &has, error);
      char *value = is_read ? entries[i].value (&subject) : NULL;
      subject_clear (&subject);
      if (!is_read)
        return NULL;
      if (value != NULL)
        return value;
    }
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no attribute '%s'", name);
  return NULL;
}
