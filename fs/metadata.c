/* expfs' own extended attributes, user.expfs.NAME: what each says and when it means something.
 * Knows nodes' descriptions and layouts; knows nothing of requests and sizes of replies.
 * Called by xattrs. */
#include "expfs/edit.h"
#include "fs/attribute_types.h"
#include "fs/driver.h"
#include "fs/outside.h"
#include "fs/stored.h"
#include <string.h>

/* What of the node a value needs to be read. A node that cannot be described still has a name. */
typedef enum
{
  NEEDS_NOTHING,
  NEEDS_INFO,
  NEEDS_LAYOUT,
  NEEDS_ATTRIBUTES,
} Needs;

/* What values are made of, as far as it was needed. */
typedef struct
{
  ExpMount *mount;
  ExpInode *inode;
  ExpInfo info;
  ExpLayout layout;
  char *attributes;
  char **stored;
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
  const ExpInode *store = exp_outside_store (subject->mount, subject->inode);

  /* One that cannot be opened has none. */
  return g_strdup (store != NULL ? exp_node_format_name (store->node, NULL)
                                 : exp_store_get_format (subject->mount->store));
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

/* Nothing where NumPy's name says it all. */
static char *
value_type (const Subject *subject)
{
  const ExpDtype *dtype = subject->info.dtype;
  g_autofree char *name = dtype != NULL ? exp_dtype_to_numpy (dtype, FALSE) : NULL;
  g_autoptr (ExpDtype) named = name != NULL ? exp_dtype_from_numpy (name, NULL) : NULL;

  return dtype != NULL && (named == NULL || !exp_dtype_equal (named, dtype)) ? exp_dtype_to_json (dtype) : NULL;
}

static char *
value_attributes (const Subject *subject)
{
  return g_strdup (subject->attributes);
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

static char *
value_flag (const Subject *subject)
{
  return g_strdup (subject->layout.flag);
}

static char *
value_python (const Subject *subject)
{
  return g_strdup (subject->layout.python);
}

static char *
value_item (const Subject *subject)
{
  return g_strdup (subject->layout.item);
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
  { "type", value_type, NEEDS_INFO },         { "attributes", value_attributes, NEEDS_ATTRIBUTES },
  { "dtype", value_dtype, NEEDS_INFO },       { "shape", value_shape, NEEDS_INFO },
  { "columns", value_columns, NEEDS_INFO },   { "views", value_views, NEEDS_INFO },
  { "chunks", value_chunks, NEEDS_LAYOUT },   { "filters", value_filters, NEEDS_LAYOUT },
  { "storage", value_storage, NEEDS_LAYOUT }, { "python", value_python, NEEDS_LAYOUT },
  { "item", value_item, NEEDS_LAYOUT },       { "flag", value_flag, NEEDS_LAYOUT },
};

#define PREFIX    "user.expfs."
#define N_ENTRIES G_N_ELEMENTS (entries)

/* All values of one inode, NULL for those that it does not have. Immutable once made. Whoever lists the names goes on
 * to ask for each value, twice: for its length and for itself. */
typedef struct
{
  gatomicrefcount references;
  guint64 stamp; /* stamp_of when they were read */
  char *values[N_ENTRIES];
  char **stored; /* parts of user.expfs.stored, NULL for none */
} Values;

#define N_PLACES 64

struct _ExpXattrCache
{
  GMutex lock; /* guards the places; each by a hash of its inode */
  struct
  {
    ExpInode *inode; /* not a reference: the entry goes with the inode */
    Values *values;
  } places[N_PLACES];
};

static void
values_unref (Values *values)
{
  if (values == NULL || !g_atomic_ref_count_dec (&values->references))
    return;
  for (guint i = 0; i < N_ENTRIES; i++)
    g_free (values->values[i]);
  g_strfreev (values->stored);
  g_free (values);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Values, values_unref)

ExpXattrCache *
exp_xattr_cache_new (void)
{
  ExpXattrCache *cache = g_new0 (ExpXattrCache, 1);

  g_mutex_init (&cache->lock);
  return cache;
}

void
exp_xattr_cache_free (ExpXattrCache *cache)
{
  if (cache == NULL)
    return;
  for (guint i = 0; i < N_PLACES; i++)
    values_unref (cache->places[i].values);
  g_mutex_clear (&cache->lock);
  g_free (cache);
}

static guint
place_of (const ExpInode *inode)
{
  return (guint)((guintptr)inode * 0x9e3779b97f4a7c15u >> 32) % N_PLACES;
}

void
exp_xattr_cache_remove (ExpXattrCache *cache, ExpInode *inode)
{
  guint at = place_of (inode);
  Values *values = NULL;

  g_mutex_lock (&cache->lock);
  if (cache->places[at].inode == inode)
    {
      cache->places[at].inode = NULL;
      values = g_steal_pointer (&cache->places[at].values);
    }
  g_mutex_unlock (&cache->lock);
  values_unref (values);
}

static guint64
stamp_of (ExpMount *mount, ExpInode *inode)
{
  /* Neither goes back. */
  return mount->is_writable ? exp_changes_stamp (mount, inode) + exp_committer_n_commits (mount->committer) : 0;
}

static Values *
find_values (ExpXattrCache *cache, ExpInode *inode, guint64 stamp)
{
  guint at = place_of (inode);
  Values *values = NULL;

  g_mutex_lock (&cache->lock);
  if (cache->places[at].inode == inode && cache->places[at].values->stamp == stamp)
    {
      values = cache->places[at].values;
      g_atomic_ref_count_inc (&values->references);
    }
  g_mutex_unlock (&cache->lock);
  return values;
}

static void
keep_values (ExpXattrCache *cache, ExpInode *inode, Values *values)
{
  guint at = place_of (inode);

  g_atomic_ref_count_inc (&values->references);
  exp_inode_set (inode, EXP_INODE_HAS_METADATA);
  g_mutex_lock (&cache->lock);
  Values *old = cache->places[at].values;
  cache->places[at].inode = inode;
  cache->places[at].values = values;
  g_mutex_unlock (&cache->lock);
  values_unref (old);
}

/* Reads what is needed; *has says how far it came when that failed. */
static gboolean
subject_init (Subject *subject, ExpMount *mount, ExpInode *inode, Needs needs, Needs *has, GError **error)
{
  memset (subject, 0, sizeof *subject);
  subject->mount = mount;
  subject->inode = inode;
  *has = NEEDS_NOTHING;
  if (needs == NEEDS_NOTHING)
    return TRUE;

  g_autoptr (ExpNode) node = exp_entry_node (mount, inode, error);
  if (node == NULL || !exp_node_describe (node, &subject->info, error))
    return FALSE;
  *has = NEEDS_INFO;
  if (needs >= NEEDS_LAYOUT && subject->info.kind != EXP_KIND_LINK && !exp_node_layout (node, &subject->layout, error))
    return FALSE;
  *has = NEEDS_LAYOUT;
  if (needs >= NEEDS_ATTRIBUTES)
    subject->attributes = exp_attribute_types_get (inode, node);
  if (needs >= NEEDS_ATTRIBUTES && subject->info.class_name != NULL) /* formats whose nodes are more than they show */
    subject->stored = exp_stored_parts (node);
  *has = NEEDS_ATTRIBUTES;
  return TRUE;
}

static void
subject_clear (Subject *subject)
{
  exp_info_clear (&subject->info);
  exp_layout_clear (&subject->layout);
  g_free (subject->attributes);
  g_strfreev (subject->stored);
}

gboolean
exp_metadata_is_name (const char *name)
{
  if (!g_str_has_prefix (name, PREFIX))
    return FALSE;
  if (exp_stored_is_name (name + strlen (PREFIX)))
    return TRUE;
  for (guint i = 0; i < N_ENTRIES; i++)
    if (strcmp (name + strlen (PREFIX), entries[i].name) == 0)
      return TRUE;
  return FALSE;
}

/* The values as far as the node can be read, which is all of them as a rule; a reference. */
static Values *
get_values (ExpMount *mount, ExpInode *inode)
{
  guint64 stamp = stamp_of (mount, inode);
  Values *values = find_values (mount->state->metadata, inode, stamp);
  Subject subject;
  Needs has;
  g_autoptr (GError) error = NULL;

  if (values != NULL)
    return values;
  gboolean is_whole = subject_init (&subject, mount, inode, NEEDS_ATTRIBUTES, &has, &error);
  if (!is_whole)
    exp_log_failure (mount, inode, NULL, error);
  values = g_new0 (Values, 1);
  g_atomic_ref_count_init (&values->references);
  values->stamp = stamp;
  for (guint i = 0; i < N_ENTRIES; i++)
    if (entries[i].needs <= has)
      values->values[i] = entries[i].value (&subject);
  values->stored = g_steal_pointer (&subject.stored);
  subject_clear (&subject);
  if (is_whole && !exp_inode_has (inode, EXP_INODE_IS_GROWING))
    keep_values (mount->state->metadata, inode, values);
  return values;
}

void
exp_metadata_list (ExpMount *mount, ExpInode *inode, ExpMetadataFunc func, gpointer data)
{
  g_autoptr (Values) values = get_values (mount, inode);

  /* First, so that who copies them in this order need not say the rest. */
  for (guint i = 0; values->stored != NULL && values->stored[i] != NULL; i++)
    {
      g_autofree char *part = exp_stored_name (i);
      g_autofree char *name = g_strconcat (PREFIX, part, NULL);
      func (name, data);
    }
  for (guint i = 0; i < N_ENTRIES; i++)
    if (values->values[i] != NULL)
      {
        g_autofree char *name = g_strconcat (PREFIX, entries[i].name, NULL);
        func (name, data);
      }
}

/* The value of entry i, read from the node as far as it takes. */
static char *
read_value (ExpMount *mount, ExpInode *inode, guint i, GError **error)
{
  Subject subject;
  Needs has;
  gboolean is_read = subject_init (&subject, mount, inode, entries[i].needs, &has, error);
  char *value = is_read ? entries[i].value (&subject) : NULL;

  subject_clear (&subject);
  if (is_read && value == NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no attribute '%s'", entries[i].name);
  return value;
}

static char *
get_stored (ExpMount *mount, ExpInode *inode, const char *name, GError **error)
{
  g_autoptr (Values) values = get_values (mount, inode);
  const guint number = exp_stored_number (name);

  if (values->stored != NULL && number < g_strv_length (values->stored))
    return g_strdup (values->stored[number]);
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no attribute '%s'", name);
  return NULL;
}

char *
exp_metadata_get (ExpMount *mount, ExpInode *inode, const char *name, GError **error)
{
  if (exp_stored_is_name (name + strlen (PREFIX)))
    return get_stored (mount, inode, name + strlen (PREFIX), error);

  g_autoptr (Values) values = find_values (mount->state->metadata, inode, stamp_of (mount, inode));

  for (guint i = 0; i < N_ENTRIES; i++)
    if (strcmp (name + strlen (PREFIX), entries[i].name) == 0)
      {
        /* Names may have changed, and cost little. */
        if (values == NULL || values->values[i] == NULL || entries[i].needs == NEEDS_NOTHING)
          return read_value (mount, inode, i, error);
        return g_strdup (values->values[i]);
      }
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no attribute '%s'", name);
  return NULL;
}
