/* Lists and finds links in a fractal heap.
 * Knows the records of the tree over it.
 * Called by links.c. */
#include "dense_links.h"
#include "btree2.h"
#include "fractal_heap.h"
#include "link_message.h"
#include "object_checksum.h"
#include <string.h>

#define NAME_RECORDS 5
#define ID_LENGTH    7 /* in such a record, behind the hash */
#define MAX_BYTES    (4 * 1024 * 1024)

typedef struct
{
  ExpHdf5File *file;
  ExpFractalHeap heap;
  ExpBtree2 tree;
} Dense;

static gboolean
open_dense (ExpHdf5File *file, guint64 heap, guint64 tree, Dense *dense, GError **error)
{
  dense->file = file;
  if (!exp_fractal_heap_open (&dense->heap, file->blocks, heap, error)
      || !exp_btree2_open (&dense->tree, file->blocks, tree, error))
    return FALSE;
  return (dense->tree.type == NAME_RECORDS && dense->tree.record_size == 4 + ID_LENGTH
          && dense->heap.id_length <= ID_LENGTH)
         || exp_metadata_cache_damaged (file->blocks, "the index of its names", error);
}

/* The link that an identifier stands for; `*bytes` is what it points into. */
static gboolean
read_message (const Dense *dense, const guint8 *id, GBytes **bytes, ExpLinkMessage *message, GError **error)
{
  gsize size;

  *bytes = exp_fractal_heap_get (&dense->heap, id, error);
  if (*bytes == NULL)
    return FALSE;
  const guint8 *data = g_bytes_get_data (*bytes, &size);
  return exp_link_message_parse (data, size, dense->file->sizeof_address, message, error);
}

/* --- listing ------------------------------------------------------------------------------------------------ */

typedef struct
{
  guint8 id[ID_LENGTH];
  guint32 which; /* in the order of the tree */
  guint64 place; /* in the heap */
} Entry;

typedef struct
{
  const Dense *dense;
  GArray *entries;
  guint limit;
  guint64 n_bytes;
  gboolean is_full;
} Batch;

static gboolean
add_entry (const guint8 *record, gpointer data)
{
  Batch *batch = data;
  Entry entry = { .which = batch->entries->len };
  guint64 size;

  memcpy (entry.id, record + 4, ID_LENGTH);
  entry.place = exp_fractal_heap_place (&batch->dense->heap, entry.id, &size);
  batch->n_bytes += size;
  g_array_append_val (batch->entries, entry);
  batch->is_full = batch->entries->len >= batch->limit || batch->n_bytes >= MAX_BYTES;
  return !batch->is_full;
}

static int
by_place (gconstpointer a, gconstpointer b)
{
  const Entry *left = a, *right = b;

  return left->place < right->place ? -1 : left->place > right->place;
}

/* Reads the links in the order of the heap, so that each of its blocks is read once for all of them. */
static gboolean
read_entries (const Dense *dense, GArray *entries, GArray *links, GError **error)
{
  const guint first = links->len;
  guint n_whole = entries->len; /* links before the first that is damaged, in the order of the tree */

  g_array_sort (entries, by_place);
  g_array_set_size (links, first + entries->len);
  for (guint i = 0; i < entries->len; i++)
    {
      const Entry *entry = &g_array_index (entries, Entry, i);
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GError) local = NULL;
      ExpLinkMessage message;

      if (read_message (dense, entry->id, &bytes, &message, &local))
        exp_link_message_fill (&message, &g_array_index (links, ExpHdf5Link, first + entry->which));
      else if (entry->which < n_whole)
        {
          n_whole = entry->which;
          g_clear_error (error);
          g_propagate_error (error, g_steal_pointer (&local));
        }
    }
  gboolean is_good = n_whole == entries->len;
  g_array_set_size (links, first + n_whole);
  return is_good;
}

gboolean
exp_dense_links_read (ExpHdf5File *file, guint64 heap, guint64 tree, guint64 *position, guint limit, GArray *links,
                      gboolean *is_last, GError **error)
{
  Dense dense;
  Batch batch = { .dense = &dense, .limit = limit - links->len };
  const guint before = links->len;

  if (!open_dense (file, heap, tree, &dense, error))
    return FALSE;
  batch.entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  gboolean is_good = exp_btree2_walk (&dense.tree, *position, add_entry, &batch, error)
                     && read_entries (&dense, batch.entries, links, error);
  g_array_unref (batch.entries);
  *position += links->len - before;
  *is_last = !batch.is_full;
  return is_good;
}

/* --- lookup ------------------------------------------------------------------------------------------------- */

typedef struct
{
  const Dense *dense;
  const char *name;
  guint32 hash;
  ExpHdf5Link *link;
  GError *error; /* of a link with that hash */
} Search;

/* By hash, and links of the same hash by name. */
static int
compare (const guint8 *record, gpointer data)
{
  Search *search = data;
  guint32 hash = exp_hdf5_decode_uint (record, 4);
  g_autoptr (GBytes) bytes = NULL;
  ExpLinkMessage message;

  if (hash != search->hash)
    return hash < search->hash ? -1 : 1;
  if (!read_message (search->dense, record + 4, &bytes, &message, &search->error))
    return 0;
  int order = exp_link_message_compare (&message, search->name);
  if (order == 0)
    exp_link_message_copy (&message, search->link);
  return order;
}

gboolean
exp_dense_links_find (ExpHdf5File *file, guint64 heap, guint64 tree, const char *name, ExpHdf5Link *link,
                      GError **error)
{
  Dense dense;
  Search search = { &dense, name, exp_object_checksum ((const guint8 *)name, strlen (name)), link, NULL };

  if (!open_dense (file, heap, tree, &dense, error) || !exp_btree2_find (&dense.tree, compare, &search, error))
    return FALSE;
  if (search.error != NULL)
    g_propagate_error (error, search.error);
  return search.error == NULL;
}
