/* A store whose n-th change fails, over another one: for tests of what is undone. And a store in words. */
#pragma once

#include "expfs/expfs.h"
#include <string.h>

typedef struct
{
  ExpNode base;
  ExpNode *inner;
} FaultyNode;

/* Changes that succeed before one fails; negative: none fails. Counted down by each. */
static int changes_to_fail = -1;

static inline ExpNode *faulty_new (ExpNode *inner);

static inline gboolean
faulty_may (GError **error)
{
  if (changes_to_fail < 0 || changes_to_fail-- > 0)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_IO, "the disk does not like it");
  return FALSE;
}

#define FAULTY_INNER (((FaultyNode *)node)->inner)

static inline gboolean
faulty_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  return exp_node_describe (FAULTY_INNER, info, error);
}

typedef struct
{
  ExpListFunc func;
  gpointer data;
} FaultyListing;

static inline gboolean
faulty_list_child (const char *name, ExpNode *child, gpointer data)
{
  FaultyListing *listing = data;
  g_autoptr (ExpNode) own = faulty_new (child);

  return listing->func (name, own, listing->data);
}

static inline gboolean
faulty_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  FaultyListing listing = { func, data };

  return exp_node_list (FAULTY_INNER, skip, faulty_list_child, &listing, error);
}

/* Takes over the node. */
static inline ExpNode *
faulty_wrap (ExpNode *inner)
{
  ExpNode *node = inner != NULL ? faulty_new (inner) : NULL;

  if (inner != NULL)
    exp_node_unref (inner);
  return node;
}

static inline ExpNode *
faulty_lookup (ExpNode *node, const char *name, GError **error)
{
  return faulty_wrap (exp_node_lookup (FAULTY_INNER, name, error));
}

static inline gboolean
faulty_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  return FAULTY_INNER->klass->read (FAULTY_INNER, slab, array, error);
}

static inline char **
faulty_list_attributes (ExpNode *node, GError **error)
{
  return exp_node_list_attributes (FAULTY_INNER, error);
}

static inline ExpArray *
faulty_read_attribute (ExpNode *node, const char *name, GError **error)
{
  return exp_node_read_attribute (FAULTY_INNER, name, error);
}

static inline ExpNode *
faulty_create_group (ExpNode *node, const char *name, GError **error)
{
  return faulty_may (error) ? faulty_wrap (exp_node_create_group (FAULTY_INNER, name, error)) : NULL;
}

static inline ExpNode *
faulty_create_dataset (ExpNode *node, const char *name, const ExpNewDataset *dataset, GError **error)
{
  return faulty_may (error) ? faulty_wrap (exp_node_create_dataset (FAULTY_INNER, name, dataset, error)) : NULL;
}

static inline gboolean
faulty_write (ExpNode *node, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  return faulty_may (error) && exp_node_write (FAULTY_INNER, slab, array, error);
}

static inline gboolean
faulty_resize (ExpNode *node, guint rank, const guint64 *shape, GError **error)
{
  return faulty_may (error) && exp_node_resize (FAULTY_INNER, rank, shape, error);
}

static inline gboolean
faulty_write_attribute (ExpNode *node, const char *name, const ExpArray *value, GError **error)
{
  return faulty_may (error) && exp_node_write_attribute (FAULTY_INNER, name, value, error);
}

static inline gboolean
faulty_remove_attribute (ExpNode *node, const char *name, GError **error)
{
  return faulty_may (error) && exp_node_remove_attribute (FAULTY_INNER, name, error);
}

static inline gboolean
faulty_remove (ExpNode *node, const char *name, GError **error)
{
  return faulty_may (error) && exp_node_remove (FAULTY_INNER, name, error);
}

static inline gboolean
faulty_move (ExpNode *node, const char *name, ExpNode *new_parent, const char *new_name, guint flags, GError **error)
{
  return faulty_may (error)
         && exp_node_move (FAULTY_INNER, name, ((FaultyNode *)new_parent)->inner, new_name, flags, error);
}

static inline void
faulty_free (ExpNode *node)
{
  exp_node_unref (FAULTY_INNER);
  g_free (node);
}

static const ExpNodeClass faulty_class = {
  .free = faulty_free,
  .describe = faulty_describe,
  .list = faulty_list,
  .lookup = faulty_lookup,
  .read = faulty_read,
  .list_attributes = faulty_list_attributes,
  .read_attribute = faulty_read_attribute,
  .create_group = faulty_create_group,
  .create_dataset = faulty_create_dataset,
  .write = faulty_write,
  .resize = faulty_resize,
  .write_attribute = faulty_write_attribute,
  .remove_attribute = faulty_remove_attribute,
  .remove = faulty_remove,
  .move = faulty_move,
};

static inline ExpNode *
faulty_new (ExpNode *inner)
{
  FaultyNode *self = g_new0 (FaultyNode, 1);

  exp_node_init (&self->base, &faulty_class);
  self->inner = exp_node_ref (inner);
  return &self->base;
}

static inline void
append_value (GString *words, const ExpArray *value)
{
  if (value == NULL)
    return;
  g_autofree char *type = exp_dtype_to_text (value->dtype);
  g_string_append_printf (words, " %s rank %u", type, value->rank);
  for (guint i = 0; i < value->rank; i++)
    g_string_append_printf (words, " %" G_GUINT64_FORMAT, value->shape[i]);
  for (gsize i = 0; i < value->n_elements; i++)
    {
      g_string_append_c (words, ' ');
      exp_cell_to_json (value->dtype, value->data + i * value->dtype->size, words);
    }
}

static inline void append_words (GString *words, ExpNode *node, const char *path);

typedef struct
{
  GPtrArray *lines;
  const char *path;
} WordsListing;

static inline gboolean
append_child_words (const char *name, ExpNode *child, gpointer data)
{
  WordsListing *listing = data;
  g_autofree char *path = g_strconcat (listing->path, "/", name, NULL);
  GString *words = g_string_new (NULL);

  append_words (words, child, path);
  g_ptr_array_add (listing->lines, g_string_free (words, FALSE));
  return TRUE;
}

static inline int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* The node with all that is in it and below it, in an order that does not depend on when things were made. */
static inline void
append_words (GString *words, ExpNode *node, const char *path)
{
  g_auto (GStrv) names = exp_node_list_attributes (node, NULL);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  WordsListing listing = { lines, path };
  g_auto (ExpInfo) info = { 0 };

  g_string_append (words, path);
  exp_node_describe (node, &info, NULL);
  if (info.kind == EXP_KIND_DATASET)
    {
      g_autoptr (ExpArray) value = exp_node_read_all (node, NULL);
      append_value (words, value);
    }
  else
    exp_node_list (node, 0, append_child_words, &listing, NULL);
  g_string_append_c (words, '\n');
  qsort (names, g_strv_length (names), sizeof *names, compare_texts);
  for (char **name = names; *name != NULL; name++)
    {
      g_autoptr (ExpArray) value = exp_node_read_attribute (node, *name, NULL);

      g_string_append_printf (words, "%s@%s", path, *name);
      append_value (words, value);
      g_string_append_c (words, '\n');
    }
  g_ptr_array_sort (lines, compare_texts);
  for (guint i = 0; i < lines->len; i++)
    g_string_append (words, lines->pdata[i]);
}
