/* Dispatch over the operations of a node, with the answers for those that it lacks.
 * Knows no format and no filter.
 * Called by filters, views and fs/. */
#include "expfs/node.h"
#include "expfs/stats.h"
#include "flat.h"
#include <string.h>

#define MAX_CLASS_NAME  256
#define MAX_CLASS_NAMES 4096

/* A table of our own: glib's would give up memory for each of them twice over, and could not be counted. */
const char *
exp_class_name_intern (const char *name)
{
  static GMutex lock;
  static GHashTable *names; /* under lock */
  const char *known;

  if (name == NULL || *name == '\0' || strlen (name) > MAX_CLASS_NAME)
    return NULL;

  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  if (names == NULL)
    names = g_hash_table_new (g_str_hash, g_str_equal);
  known = g_hash_table_lookup (names, name);
  if (known == NULL && g_hash_table_size (names) < MAX_CLASS_NAMES)
    {
      known = g_strdup (name);
      g_hash_table_add (names, (gpointer)known);
    }
  return known;
}

void
exp_info_clear (ExpInfo *info)
{
  g_clear_pointer (&info->dtype, exp_dtype_unref);
  g_clear_pointer (&info->target, g_free);
  g_clear_pointer (&info->file, g_free);
  g_clear_pointer (&info->path, g_free);
}

void
exp_info_copy (const ExpInfo *from, ExpInfo *to)
{
  *to = *from;
  to->dtype = from->dtype != NULL ? exp_dtype_ref (from->dtype) : NULL;
  to->target = g_strdup (from->target);
  to->file = g_strdup (from->file);
  to->path = g_strdup (from->path);
}

guint64
exp_info_n_elements (const ExpInfo *info)
{
  guint64 n = 1;

  if (info->is_null)
    return 0;
  for (guint i = 0; i < info->rank; i++)
    if (info->shape[i] == 0)
      return 0;
  for (guint i = 0; i < info->rank; i++)
    if (!g_uint64_checked_mul (&n, n, info->shape[i]))
      return G_MAXUINT64;
  return n;
}

void
exp_layout_clear (ExpLayout *layout)
{
  g_clear_pointer (&layout->filters, g_free);
  g_clear_pointer (&layout->item, g_free);
}

void
exp_node_init (ExpNode *node, const ExpNodeClass *klass)
{
  node->klass = klass;
  g_atomic_ref_count_init (&node->references);
}

ExpNode *
exp_node_ref (ExpNode *node)
{
  g_atomic_ref_count_inc (&node->references);
  return node;
}

void
exp_node_unref (ExpNode *node)
{
  if (node != NULL && g_atomic_ref_count_dec (&node->references))
    node->klass->free (node);
}

gboolean
exp_node_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  memset (info, 0, sizeof *info);
  if (!node->klass->describe (node, info, error))
    {
      exp_info_clear (info);
      return FALSE;
    }
  if (info->dtype != NULL && info->rank == 1 && !info->is_null && exp_dtype_is_file_byte (info->dtype))
    info->is_bytes = TRUE;
  return TRUE;
}

gboolean
exp_node_layout (ExpNode *node, ExpLayout *layout, GError **error)
{
  memset (layout, 0, sizeof *layout);
  return node->klass->layout == NULL || node->klass->layout (node, layout, error);
}

gboolean
exp_node_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  if (node->klass->list != NULL)
    return node->klass->list (node, skip, func, data, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_A_GROUP, "not a group");
  return FALSE;
}

typedef struct
{
  GPtrArray *names;
  gboolean (*is_wanted) (const char *name);
} Wanted;

static gboolean
note_wanted (const char *name, ExpNode *child, gpointer data)
{
  Wanted *wanted = data;

  if (wanted->is_wanted == NULL || wanted->is_wanted (name))
    g_ptr_array_add (wanted->names, g_strdup (name));
  return TRUE;
}

GPtrArray *
exp_node_list_names (ExpNode *node, gboolean (*is_wanted) (const char *name), GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  Wanted wanted = { names, is_wanted };

  return exp_node_list (node, 0, note_wanted, &wanted, error) ? g_steal_pointer (&names) : NULL;
}

ExpNode *
exp_node_lookup (ExpNode *node, const char *name, GError **error)
{
  if (node->klass->lookup != NULL)
    return node->klass->lookup (node, name, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_A_GROUP, "not a group");
  return NULL;
}

ExpArray *
exp_node_read (ExpNode *node, const ExpInfo *info, const ExpSlab *slab, GError **error)
{
  if (node->klass->read == NULL || info->dtype == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_IS_A_GROUP, "not a dataset");
      return NULL;
    }
  if (!exp_slab_check (slab, info->rank, info->shape, error))
    return NULL;

  g_autoptr (ExpArray) array = exp_array_new_for_slab (info->dtype, slab, error);
  if (array == NULL)
    return NULL;
  if (info->is_null)
    array->n_elements = 0;
  else if (array->n_elements > 0 && !node->klass->read (node, slab, array, error))
    return NULL;
  exp_stat_add (EXP_STAT_BYTES_DECODED, array->n_elements * array->dtype->size);
  return g_steal_pointer (&array);
}

/* Reads one hyperslab into the elements of `array` at `position`, under the shape that the node expects. */
static gboolean
read_part (ExpNode *node, const ExpSlab *slab, ExpArray *array, guint64 position, GError **error)
{
  guint8 *data = array->data;
  gsize n_elements = array->n_elements;
  gboolean is_read;

  exp_slab_count (slab, &array->n_elements);
  array->rank = slab->rank;
  memcpy (array->shape, slab->count, slab->rank * sizeof *slab->count);
  array->data = data + position * array->dtype->size;
  is_read = node->klass->read (node, slab, array, error);
  array->rank = 1;
  array->shape[0] = array->n_elements = n_elements;
  array->data = data;
  return is_read;
}

static gboolean
check_flat (ExpNode *node, const ExpInfo *info, guint64 first, gsize count, GError **error)
{
  guint64 end;

  if (node->klass->read == NULL || info->dtype == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_IS_A_GROUP, "not a dataset");
      return FALSE;
    }
  if (g_uint64_checked_add (&end, first, count) && end <= exp_info_n_elements (info))
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "the selection lies outside the dataset");
  return FALSE;
}

static gboolean
read_flat (ExpNode *node, const ExpInfo *info, guint64 first, ExpArray *array, GError **error)
{
  guint64 end = first + array->n_elements;

  for (guint64 at = first; at < end;)
    {
      ExpSlab slab;
      guint64 n = exp_flat_next_slab (info, at, end, &slab);

      if (!read_part (node, &slab, array, at - first, error))
        return FALSE;
      at += n;
    }
  exp_stat_add (EXP_STAT_BYTES_DECODED, array->n_elements * array->dtype->size);
  return TRUE;
}

ExpArray *
exp_node_read_flat (ExpNode *node, const ExpInfo *info, guint64 first, gsize count, GError **error)
{
  if (!check_flat (node, info, first, count, error))
    return NULL;

  g_autoptr (ExpArray) array = exp_array_new (info->dtype, 1, &(guint64){ count }, error);
  if (array == NULL || !read_flat (node, info, first, array, error))
    return NULL;
  return g_steal_pointer (&array);
}

gboolean
exp_node_read_flat_into (ExpNode *node, const ExpInfo *info, guint64 first, gsize count, gpointer to, GError **error)
{
  if (!check_flat (node, info, first, count, error))
    return FALSE;

  ExpArray array = { .dtype = info->dtype, .rank = 1, .shape = { count }, .n_elements = count, .data = to };
  g_atomic_ref_count_init (&array.references);
  gboolean is_read = read_flat (node, info, first, &array, error);
  g_clear_pointer (&array.heap, g_ptr_array_unref);
  return is_read;
}

void
exp_run_release (ExpRun *run)
{
  if (run->release != NULL)
    run->release (run->owner);
  run->release = NULL;
}

gboolean
exp_node_locate (ExpNode *node, guint64 first, gsize n, ExpRun *run)
{
  *run = (ExpRun){ .fd = -1 };
  if (node->klass->locate == NULL || n == 0 || !node->klass->locate (node, first, n, run))
    return FALSE;
  exp_stat_add (run->fd >= 0 ? EXP_STAT_BYTES_SPLICED : EXP_STAT_BYTES_DECODED, run->length);
  return TRUE;
}

gboolean
exp_node_measure (ExpNode *node, const ExpSlab *slab, guint64 *n)
{
  return node->klass->measure != NULL && node->klass->measure (node, slab, n);
}

ExpArray *
exp_node_read_all (ExpNode *node, GError **error)
{
  g_auto (ExpInfo) info = { 0 };
  ExpSlab slab;

  if (!exp_node_describe (node, &info, error))
    return NULL;
  exp_slab_init_all (&slab, info.rank, info.shape);
  return exp_node_read (node, &info, &slab, error);
}

char **
exp_node_list_attributes (ExpNode *node, GError **error)
{
  return node->klass->list_attributes != NULL ? node->klass->list_attributes (node, error) : g_new0 (char *, 1);
}

ExpArray *
exp_node_read_attribute (ExpNode *node, const char *name, GError **error)
{
  if (node->klass->read_attribute != NULL)
    return node->klass->read_attribute (node, name, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no attribute '%s'", name);
  return NULL;
}

gboolean
exp_node_list_parameters (ExpNode *node, ExpParameterRules *rules, ExpParameterFunc func, gpointer data, GError **error)
{
  *rules = (ExpParameterRules){ 0 };
  return node->klass->list_parameters == NULL || node->klass->list_parameters (node, rules, func, data, error);
}

ExpNode *
exp_node_resolve (ExpNode *node, const char *path, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  g_autoptr (ExpNode) at = exp_node_ref (node);

  for (char **part = parts; *part != NULL; part++)
    {
      if (**part == '\0')
        continue;

      ExpNode *child = exp_node_lookup (at, *part, error);
      if (child == NULL)
        {
          g_prefix_error (error, "%s: ", path);
          return NULL;
        }
      exp_node_unref (at);
      at = child;
    }
  return g_steal_pointer (&at);
}

gboolean
exp_node_look_outside (ExpNode *node, ExpOutside *outside, GError **error)
{
  memset (outside, 0, sizeof *outside);
  return node->klass->look_outside != NULL && node->klass->look_outside (node, outside, error);
}

guint64
exp_node_version (ExpNode *node)
{
  return node->klass->version != NULL ? node->klass->version (node) : 0;
}

const char *
exp_node_format_name (ExpNode *node, GError **error)
{
  return node->klass->format_name != NULL ? node->klass->format_name (node, error) : NULL;
}

ExpNode *
exp_node_reopen (ExpNode *node, GError **error)
{
  return node->klass->reopen != NULL ? node->klass->reopen (node, error) : NULL;
}
