/* A job as a tree: variables, and for who asks, those of one rank and the octree.
 * Knows what is shown of headers; column.c has the data.
 * Called by genericio.c. */
#include "expfs/memory_node.h"
#include "save.h"
#include <string.h>

#define LEAF_FIELDS   10
#define OCTREE_HEADER 24

static ExpArray *
numbers (const void *values, guint64 n, ExpTypeClass type)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (type, 8, G_BYTE_ORDER == G_BIG_ENDIAN);
  ExpArray *array = exp_array_new (dtype, 1, &n, NULL);

  if (array != NULL)
    memcpy (array->data, values, n * 8);
  return array;
}

static void
set_numbers (ExpNode *node, const char *name, const void *values, guint64 n, ExpTypeClass type)
{
  g_autoptr (ExpArray) array = numbers (values, n, type);

  if (array != NULL)
    exp_memory_node_set_attribute (node, name, array);
}

static void
set_number (ExpNode *node, const char *name, guint64 value)
{
  g_autoptr (ExpArray) array = exp_array_new_int ((gint64)value);

  exp_memory_node_set_attribute (node, name, array);
}

/* A name with slashes is one name; who takes it for a path finds it as well. */
static void
add_as_path (ExpNode *root, const char *name, ExpNode *column)
{
  const char *slash = strchr (name, '/');
  g_autofree char *first = slash != NULL ? g_strndup (name, slash - name) : NULL;
  g_autoptr (ExpNode) group = slash != NULL ? exp_node_lookup (root, first, NULL) : NULL;
  g_auto (ExpInfo) info = { 0 };

  if (slash == NULL)
    return;
  if (group == NULL)
    {
      group = exp_memory_group_new (NULL);
      exp_memory_group_add_hidden (root, first, group);
    }
  else if (!exp_node_describe (group, &info, NULL) || info.kind != EXP_KIND_GROUP)
    return;
  if (strchr (slash + 1, '/') != NULL)
    add_as_path (group, slash + 1, column);
  else
    exp_memory_group_add (group, slash + 1, column);
}

static void
add_columns (ExpNode *group, ExpGioJob *job, const ExpGioFile *file, guint part)
{
  for (guint i = 0; i < file->variables->len; i++)
    {
      const char *name = exp_gio_file_variable (file, i)->name;

      /* Of two of one name the library finds the first. */
      if (exp_gio_file_find (file, name) != i || exp_gio_file_find (job->first, name) == G_MAXUINT)
        continue;
      g_autoptr (ExpNode) column = exp_gio_column_new (job, name, part);
      exp_memory_group_add (group, name, column);
      add_as_path (group, name, column);
    }
}

static ExpNode *
make_ranks (ExpGioJob *job)
{
  ExpNode *ranks = exp_memory_group_new (NULL);

  for (guint i = 0; i < job->parts->len; i++)
    {
      const ExpGioPart *part = &g_array_index (job->parts, ExpGioPart, i);
      g_autofree char *name = g_strdup_printf ("%" G_GUINT64_FORMAT, part->number);
      g_autoptr (ExpNode) rank = exp_memory_group_new ("rank");

      set_number (rank, "rank", part->number);
      if (part->file != NULL)
        {
          set_numbers (rank, "coordinates", exp_gio_file_rank (part->file, part->rank)->coordinates, 3, EXP_TYPE_UINT);
          set_number (rank, "n_rows", exp_gio_file_rank (part->file, part->rank)->n_rows);
        }
      add_columns (rank, job, part->file != NULL ? part->file : job->first, i);
      exp_memory_group_add (ranks, name, rank);
    }
  return ranks;
}

/* --- the octree --------------------------------------------------------------------------------------------- */

/* One that cannot be read: it is there, and says why. */
typedef struct
{
  ExpNode base;
  GError *error;
} BrokenNode;

static void
broken_free (ExpNode *node)
{
  g_clear_error (&((BrokenNode *)node)->error);
  g_free (node);
}

static gboolean
broken_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  g_propagate_error (error, g_error_copy (((BrokenNode *)node)->error));
  return FALSE;
}

static const ExpNodeClass broken_class = { .free = broken_free, .describe = broken_describe };

/* Takes over the error. */
static ExpNode *
broken_new (GError *error)
{
  BrokenNode *self = g_new0 (BrokenNode, 1);

  exp_node_init (&self->base, &broken_class);
  self->error = error;
  return &self->base;
}

/* All of its section. Of a reader's octree in 2019's library: whether rows are in its order, how many levels it has,
 * and how many leaves; then those. */
static guint8 *
read_octree (ExpGioFile *file, guint64 *n_leaves, GError **error)
{
  g_autofree guint8 *bytes = g_try_malloc (file->octree_size);

  if (bytes == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for the octree");
      return NULL;
    }
  if (!exp_source_pread (file->source, file->octree, file->octree_size, bytes, error))
    return NULL;
  *n_leaves = file->octree_size >= OCTREE_HEADER ? exp_gio_get (file, bytes + 16) : 0;
  if (file->octree_size >= OCTREE_HEADER && *n_leaves <= (file->octree_size - OCTREE_HEADER) / (8 * LEAF_FIELDS))
    return g_steal_pointer (&bytes);
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED,
               "%s: its octree is cut off: %" G_GUINT64_FORMAT " bytes are no %" G_GUINT64_FORMAT " leaves",
               file->source->name, file->octree_size, *n_leaves);
  return NULL;
}

/* The leaves of the octree, a table of unsigned numbers. */
static ExpNode *
make_octree (ExpGioFile *file)
{
  static const char *const names[LEAF_FIELDS]
      = { "leaf", "min_x", "max_x", "min_y", "max_y", "min_z", "max_z", "rows", "offset", "rank" };
  ExpMember members[LEAF_FIELDS];
  GError *error = NULL;
  guint64 n;

  if (file->octree_size == 0)
    return NULL;
  g_autofree guint8 *bytes = read_octree (file, &n, &error);
  if (bytes == NULL)
    return broken_new (error);
  for (guint i = 0; i < LEAF_FIELDS; i++)
    members[i] = (ExpMember){ (char *)names[i], exp_dtype_new_number (EXP_TYPE_UINT, 8, file->is_big), 8 * i };
  g_autoptr (ExpDtype) dtype = exp_dtype_new_compound (8 * LEAF_FIELDS, LEAF_FIELDS, members, NULL);
  g_autoptr (ExpArray) leaves = dtype != NULL ? exp_array_new (dtype, 1, &n, &error) : NULL;
  if (leaves == NULL)
    return error != NULL ? broken_new (error) : NULL;
  if (n > 0)
    memcpy (leaves->data, bytes + OCTREE_HEADER, n * 8 * LEAF_FIELDS);
  ExpNode *octree = exp_memory_dataset_new (leaves, NULL);
  set_number (octree, "shuffled", exp_gio_get (file, bytes));
  set_number (octree, "levels", exp_gio_get (file, bytes + 8));
  return octree;
}

ExpNode *
exp_gio_tree_new (ExpGioJob *job)
{
  ExpNode *root = exp_memory_group_new (NULL);
  g_autoptr (ExpNode) ranks = make_ranks (job), octree = make_octree (job->first);

  set_numbers (root, EXP_GIO_ORIGIN, job->first->origin, 3, EXP_TYPE_FLOAT);
  set_numbers (root, EXP_GIO_SCALE, job->first->scale, 3, EXP_TYPE_FLOAT);
  set_numbers (root, EXP_GIO_DIMS, job->first->dims, 3, EXP_TYPE_UINT);
  add_columns (root, job, job->first, G_MAXUINT);
  exp_memory_group_add_hidden (root, ".rank", ranks);
  if (octree != NULL)
    exp_memory_group_add_hidden (root, ".octree", octree);
  return root;
}
