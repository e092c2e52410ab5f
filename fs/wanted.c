/* What copies bring along of the types of files that they make.
 * Knows inodes and the spelling of types and shapes; makes nothing of them.
 * Called by xattrs and writers. */
#include "fs/wanted.h"
#include "expfs/edit.h"
#include "fs/driver.h"
#include <string.h>

#define MAX_TEXTS   (16 * 1024 * 1024) /* bytes in all */
#define MAX_N_TEXTS 256

struct _ExpWantedTable
{
  GMutex lock;             /* guards the rest */
  GHashTable *by_inode;    /* ExpInode -> ExpWanted; goes with the inode */
  GQueue texts;            /* of ExpInode: those whose text is kept, the last first */
  gsize n_bytes;           /* of the texts */
  gsize n_attribute_bytes; /* of those of attributes */
};

void
exp_wanted_clear (ExpWanted *wanted)
{
  g_clear_pointer (&wanted->dtype, exp_dtype_unref);
  g_clear_pointer (&wanted->text, g_bytes_unref);
  g_clear_pointer (&wanted->types, g_hash_table_unref);
  g_clear_pointer (&wanted->texts, g_hash_table_unref);
  g_clear_pointer (&wanted->late, g_hash_table_unref);
  g_clear_pointer (&wanted->parts, g_ptr_array_unref);
}

static void
free_wanted (gpointer data)
{
  for (guint i = 0; i < EXP_N_NOTES; i++)
    g_free (((ExpWanted *)data)->notes[i]);
  exp_wanted_clear (data);
  g_free (data);
}

ExpWantedTable *
exp_wanted_table_new (void)
{
  ExpWantedTable *self = g_new0 (ExpWantedTable, 1);

  g_mutex_init (&self->lock);
  g_queue_init (&self->texts);
  self->by_inode = g_hash_table_new_full (NULL, NULL, NULL, free_wanted);
  return self;
}

void
exp_wanted_table_free (ExpWantedTable *self)
{
  if (self == NULL)
    return;
  g_queue_clear (&self->texts);
  g_hash_table_unref (self->by_inode);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* A JSON list of sizes. */
static gboolean
parse_shape (const char *text, guint *rank, guint64 *shape)
{
  char *end;

  *rank = 0;
  if (*text++ != '[')
    return FALSE;
  while (*text != ']')
    {
      if (*rank == EXP_MAX_RANK || !g_ascii_isdigit (*text))
        return FALSE;
      shape[(*rank)++] = g_ascii_strtoull (text, &end, 10);
      text = end + strspn (end, ", ");
    }
  return text[1] == '\0';
}

static ExpWanted *
entry_locked (ExpWantedTable *self, ExpInode *inode)
{
  ExpWanted *wanted = g_hash_table_lookup (self->by_inode, inode);

  if (wanted == NULL)
    {
      wanted = g_new0 (ExpWanted, 1);
      g_hash_table_insert (self->by_inode, inode, wanted);
      exp_inode_set (inode, EXP_INODE_HAS_WANTED);
    }
  return wanted;
}

static void
set_dtype_locked (ExpWanted *wanted, ExpDtype *dtype)
{
  g_clear_pointer (&wanted->dtype, exp_dtype_unref);
  wanted->dtype = dtype;
}

static void
remove_if_empty_locked (ExpWantedTable *self, ExpInode *inode, const ExpWanted *wanted)
{
  if (wanted->dtype != NULL || wanted->has_shape || wanted->text != NULL || wanted->types != NULL
      || wanted->texts != NULL || wanted->late != NULL || wanted->parts != NULL)
    return;
  for (guint i = 0; i < EXP_N_NOTES; i++)
    if (wanted->notes[i] != NULL)
      return;
  g_hash_table_remove (self->by_inode, inode);
  exp_inode_unset (inode, EXP_INODE_HAS_WANTED);
}

static void
forget_text_locked (ExpWantedTable *self, ExpInode *inode, ExpWanted *wanted)
{
  if (wanted->text == NULL)
    return;
  self->n_bytes -= g_bytes_get_size (wanted->text);
  g_clear_pointer (&wanted->text, g_bytes_unref);
  if (g_queue_peek_tail (&self->texts) == inode)
    g_queue_pop_tail (&self->texts);
  else
    g_queue_remove (&self->texts, inode);
}

static void
remove_type_locked (ExpWantedTable *self, ExpInode *inode, ExpWanted *wanted)
{
  forget_text_locked (self, inode, wanted);
  g_clear_pointer (&wanted->dtype, exp_dtype_unref);
  wanted->is_whole = wanted->is_used = wanted->has_shape = FALSE;
  remove_if_empty_locked (self, inode, wanted);
}

/* A type that the dataset has is of no use without it. */
static void
drop_text_locked (ExpWantedTable *self, ExpInode *inode)
{
  ExpWanted *wanted = g_hash_table_lookup (self->by_inode, inode);

  if (wanted == NULL)
    return;
  if (wanted->is_used)
    remove_type_locked (self, inode, wanted);
  else
    forget_text_locked (self, inode, wanted);
}

void
exp_wanted_keep_text (ExpMount *mount, ExpInode *inode, GBytes *text)
{
  ExpWantedTable *self = mount->state->wanted;

  g_mutex_lock (&self->lock);
  ExpWanted *wanted = entry_locked (self, inode);
  forget_text_locked (self, inode, wanted);
  wanted->text = g_bytes_ref (text);
  g_queue_push_head (&self->texts, inode);
  self->n_bytes += g_bytes_get_size (text);
  while (self->n_bytes > MAX_TEXTS || self->texts.length > MAX_N_TEXTS)
    drop_text_locked (self, g_queue_peek_tail (&self->texts));
  g_mutex_unlock (&self->lock);
}

void
exp_wanted_drop_text (ExpMount *mount, ExpInode *inode)
{
  ExpWantedTable *self = mount->state->wanted;

  g_mutex_lock (&self->lock);
  drop_text_locked (self, inode);
  g_mutex_unlock (&self->lock);
}

GBytes *
exp_wanted_get_text (ExpMount *mount, ExpInode *inode)
{
  ExpWantedTable *self = mount->state->wanted;
  GBytes *text = NULL;

  if (!exp_inode_has (inode, EXP_INODE_HAS_WANTED))
    return NULL;
  g_mutex_lock (&self->lock);
  const ExpWanted *wanted = g_hash_table_lookup (self->by_inode, inode);
  if (wanted != NULL && wanted->text != NULL)
    text = g_bytes_ref (wanted->text);
  g_mutex_unlock (&self->lock);
  return text;
}

gboolean
exp_wanted_take (ExpMount *mount, ExpInode *inode, const char *name, const char *value, gsize size)
{
  ExpWantedTable *self = mount->state->wanted;
  g_autofree char *text = g_strndup (value, size);
  const gboolean is_whole = strcmp (name, "type") == 0, is_dtype = is_whole || strcmp (name, "dtype") == 0;
  g_autoptr (ExpDtype) dtype = is_whole   ? exp_dtype_from_json (value, size, NULL)
                               : is_dtype ? exp_dtype_from_numpy (text, NULL)
                                          : NULL;
  guint64 shape[EXP_MAX_RANK] = { 0 };
  guint rank = 0;

  if (is_dtype ? dtype == NULL : strcmp (name, "shape") != 0 || !parse_shape (text, &rank, shape))
    return FALSE;
  g_mutex_lock (&self->lock);
  ExpWanted *wanted = entry_locked (self, inode);
  if (is_dtype && wanted->is_whole && !is_whole)
    {
      g_mutex_unlock (&self->lock);
      return FALSE;
    }
  wanted->is_whole |= is_whole;
  if (is_dtype)
    set_dtype_locked (wanted, g_steal_pointer (&dtype));
  else
    {
      wanted->has_shape = TRUE;
      wanted->rank = rank;
      memcpy (wanted->shape, shape, sizeof shape);
    }
  g_mutex_unlock (&self->lock);
  return TRUE;
}

void
exp_wanted_set_note (ExpMount *mount, ExpInode *inode, guint number, const char *value)
{
  ExpWantedTable *self = mount->state->wanted;

  g_mutex_lock (&self->lock);
  ExpWanted *wanted = entry_locked (self, inode);
  g_free (wanted->notes[number]);
  wanted->notes[number] = g_strdup (value);
  g_mutex_unlock (&self->lock);
}

char *
exp_wanted_get_note (ExpMount *mount, ExpInode *inode, guint number)
{
  ExpWantedTable *self = mount->state->wanted;
  char *value = NULL;

  if (!exp_inode_has (inode, EXP_INODE_HAS_WANTED))
    return NULL;
  g_mutex_lock (&self->lock);
  const ExpWanted *wanted = g_hash_table_lookup (self->by_inode, inode);
  if (wanted != NULL)
    value = g_strdup (wanted->notes[number]);
  g_mutex_unlock (&self->lock);
  return value;
}

char *
exp_wanted_add_part (ExpMount *mount, ExpInode *inode, guint number, guint n, const char *text)
{
  ExpWantedTable *self = mount->state->wanted;
  gboolean is_whole = TRUE;
  char *all = NULL;

  g_mutex_lock (&self->lock);
  ExpWanted *wanted = entry_locked (self, inode);
  if (wanted->parts != NULL && wanted->parts->len != n)
    g_clear_pointer (&wanted->parts, g_ptr_array_unref);
  if (wanted->parts == NULL)
    {
      wanted->parts = g_ptr_array_new_with_free_func (g_free);
      g_ptr_array_set_size (wanted->parts, (int)n);
    }
  g_free (wanted->parts->pdata[number]);
  wanted->parts->pdata[number] = g_strdup (text);
  for (guint i = 0; i < n; i++)
    is_whole = is_whole && wanted->parts->pdata[i] != NULL;
  if (is_whole)
    {
      GString *joined = g_string_new (NULL);

      for (guint i = 0; i < n; i++)
        g_string_append (joined, wanted->parts->pdata[i]);
      all = g_string_free (joined, FALSE);
      g_clear_pointer (&wanted->parts, g_ptr_array_unref);
      remove_if_empty_locked (self, inode, wanted);
    }
  g_mutex_unlock (&self->lock);
  return all;
}

void
exp_wanted_set_late (ExpMount *mount, ExpInode *inode, const char *name, const char *value, gsize size)
{
  ExpWantedTable *self = mount->state->wanted;

  g_mutex_lock (&self->lock);
  ExpWanted *wanted = entry_locked (self, inode);
  if (wanted->late == NULL)
    wanted->late = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
  g_hash_table_insert (wanted->late, g_strdup (name), g_bytes_new (value, size));
  g_mutex_unlock (&self->lock);
}

GHashTable *
exp_wanted_steal_late (ExpMount *mount, ExpInode *inode)
{
  ExpWantedTable *self = mount->state->wanted;
  GHashTable *late = NULL;

  if (!exp_inode_has (inode, EXP_INODE_HAS_WANTED))
    return NULL;
  g_mutex_lock (&self->lock);
  ExpWanted *wanted = g_hash_table_lookup (self->by_inode, inode);
  if (wanted != NULL)
    {
      late = g_steal_pointer (&wanted->late);
      remove_if_empty_locked (self, inode, wanted);
    }
  g_mutex_unlock (&self->lock);
  return late;
}

gboolean
exp_wanted_has_no_shape (ExpMount *mount, ExpInode *inode)
{
  g_auto (ExpWanted) wanted = { 0 };

  return exp_wanted_get (mount, inode, &wanted) && !wanted.has_shape;
}

void
exp_wanted_set_type (ExpMount *mount, ExpInode *inode, ExpDtype *dtype)
{
  ExpWantedTable *self = mount->state->wanted;

  g_mutex_lock (&self->lock);
  set_dtype_locked (entry_locked (self, inode), exp_dtype_ref (dtype));
  g_mutex_unlock (&self->lock);
}

gboolean
exp_wanted_get (ExpMount *mount, ExpInode *inode, ExpWanted *wanted)
{
  ExpWantedTable *self = mount->state->wanted;

  if (!exp_inode_has (inode, EXP_INODE_HAS_WANTED))
    return FALSE;
  g_mutex_lock (&self->lock);
  const ExpWanted *known = g_hash_table_lookup (self->by_inode, inode);
  gboolean has = known != NULL && known->dtype != NULL;
  if (has)
    {
      *wanted = *known;
      memset (wanted->notes, 0, sizeof wanted->notes);
      wanted->dtype = exp_dtype_ref (known->dtype);
      wanted->text = NULL;
      wanted->types = wanted->texts = wanted->late = NULL;
      wanted->parts = NULL;
    }
  g_mutex_unlock (&self->lock);
  return has;
}

void
exp_wanted_use (ExpMount *mount, ExpInode *inode, const ExpWanted *used, GBytes *text)
{
  ExpWantedTable *self = mount->state->wanted;

  if (used->is_whole)
    {
      exp_wanted_remove_type (mount, inode);
      return;
    }
  if (text != NULL)
    exp_wanted_keep_text (mount, inode, text);
  g_mutex_lock (&self->lock);
  ExpWanted *wanted = g_hash_table_lookup (self->by_inode, inode);
  if (wanted != NULL)
    wanted->is_used = TRUE;
  g_mutex_unlock (&self->lock);
}

gboolean
exp_wanted_is_used (ExpMount *mount, ExpInode *inode)
{
  ExpWantedTable *self = mount->state->wanted;

  if (!exp_inode_has (inode, EXP_INODE_HAS_WANTED))
    return FALSE;
  g_mutex_lock (&self->lock);
  const ExpWanted *wanted = g_hash_table_lookup (self->by_inode, inode);
  gboolean is_used = wanted != NULL && wanted->is_used;
  g_mutex_unlock (&self->lock);
  return is_used;
}

void
exp_wanted_remove_type (ExpMount *mount, ExpInode *inode)
{
  ExpWantedTable *self = mount->state->wanted;

  g_mutex_lock (&self->lock);
  ExpWanted *wanted = g_hash_table_lookup (self->by_inode, inode);
  if (wanted != NULL)
    remove_type_locked (self, inode, wanted);
  g_mutex_unlock (&self->lock);
}

/* --- attributes ------------------------------------------------------------------------------------------------ */

static void
forget_attribute_texts_locked (ExpWantedTable *self, ExpWanted *wanted)
{
  GHashTableIter iter;
  gpointer text;

  if (wanted->texts == NULL)
    return;
  g_hash_table_iter_init (&iter, wanted->texts);
  while (g_hash_table_iter_next (&iter, NULL, &text))
    self->n_attribute_bytes -= g_bytes_get_size (text);
  g_clear_pointer (&wanted->texts, g_hash_table_unref);
}

void
exp_wanted_set_attributes (ExpMount *mount, ExpInode *inode, GHashTable *types)
{
  ExpWantedTable *self = mount->state->wanted;

  g_mutex_lock (&self->lock);
  ExpWanted *wanted = entry_locked (self, inode);
  g_clear_pointer (&wanted->types, g_hash_table_unref);
  if (g_hash_table_size (types) > 0)
    wanted->types = g_hash_table_ref (types);
  remove_if_empty_locked (self, inode, wanted);
  g_mutex_unlock (&self->lock);
  g_hash_table_unref (types);
}

ExpAttributeType *
exp_wanted_steal_attribute (ExpMount *mount, ExpInode *inode, const char *name)
{
  ExpWantedTable *self = mount->state->wanted;
  gpointer key = NULL, type = NULL;

  if (!exp_inode_has (inode, EXP_INODE_HAS_WANTED))
    return NULL;
  g_mutex_lock (&self->lock);
  ExpWanted *wanted = g_hash_table_lookup (self->by_inode, inode);
  if (wanted != NULL && wanted->types != NULL && g_hash_table_steal_extended (wanted->types, name, &key, &type))
    {
      g_free (key);
      if (g_hash_table_size (wanted->types) == 0)
        g_clear_pointer (&wanted->types, g_hash_table_unref);
      remove_if_empty_locked (self, inode, wanted);
    }
  g_mutex_unlock (&self->lock);
  return type;
}

void
exp_wanted_keep_attribute_text (ExpMount *mount, ExpInode *inode, const char *name, GBytes *text)
{
  ExpWantedTable *self = mount->state->wanted;
  gsize size = text != NULL ? g_bytes_get_size (text) : 0;

  if (text == NULL && !exp_inode_has (inode, EXP_INODE_HAS_WANTED))
    return;
  g_mutex_lock (&self->lock);
  ExpWanted *wanted = entry_locked (self, inode);
  GBytes *old = wanted->texts != NULL ? g_hash_table_lookup (wanted->texts, name) : NULL;
  if (old != NULL)
    {
      self->n_attribute_bytes -= g_bytes_get_size (old);
      g_hash_table_remove (wanted->texts, name);
    }
  if (text != NULL && self->n_attribute_bytes + size <= MAX_TEXTS)
    {
      if (wanted->texts == NULL)
        wanted->texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
      g_hash_table_insert (wanted->texts, g_strdup (name), g_bytes_ref (text));
      self->n_attribute_bytes += size;
    }
  if (wanted->texts != NULL && g_hash_table_size (wanted->texts) == 0)
    g_clear_pointer (&wanted->texts, g_hash_table_unref);
  remove_if_empty_locked (self, inode, wanted);
  g_mutex_unlock (&self->lock);
}

GBytes *
exp_wanted_get_attribute_text (ExpMount *mount, ExpInode *inode, const char *name)
{
  ExpWantedTable *self = mount->state->wanted;
  GBytes *text = NULL;

  if (!exp_inode_has (inode, EXP_INODE_HAS_WANTED))
    return NULL;
  g_mutex_lock (&self->lock);
  const ExpWanted *wanted = g_hash_table_lookup (self->by_inode, inode);
  if (wanted != NULL && wanted->texts != NULL && (text = g_hash_table_lookup (wanted->texts, name)) != NULL)
    g_bytes_ref (text);
  g_mutex_unlock (&self->lock);
  return text;
}

void
exp_wanted_remove (ExpMount *mount, ExpInode *inode)
{
  ExpWantedTable *self = mount->state->wanted;

  g_mutex_lock (&self->lock);
  ExpWanted *wanted = g_hash_table_lookup (self->by_inode, inode);
  if (wanted != NULL)
    {
      forget_text_locked (self, inode, wanted);
      forget_attribute_texts_locked (self, wanted);
    }
  g_hash_table_remove (self->by_inode, inode);
  exp_inode_unset (inode, EXP_INODE_HAS_WANTED);
  g_mutex_unlock (&self->lock);
}
