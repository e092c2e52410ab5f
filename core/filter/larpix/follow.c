/* Follows a raw file that is open for reading: its parts as they are in what the file has become.
 * Knows when to look again; what a change is and how a file is opened anew is the format's below.
 * Made by raw.c. */
#include "filter/delegate.h"
#include "larpix.h"
#include <string.h>

/* Between two looks at the file, in microseconds. */
#define PAUSE 100000

typedef struct
{
  gatomicrefcount references;
  GMutex lock; /* guards the rest */
  ExpNode *root;
  guint generation; /* of the root */
  gint64 looked;
  GBytes *created;     /* see read_created */
  gboolean is_another; /* another file was made in its place */
} Follow;

typedef struct
{
  ExpDelegate base;
  Follow *follow;
  char *name; /* NULL: the root */
  /* Under its lock: */
  ExpNode *part;
  ExpInfo info;     /* of the first part, which may have been shorter */
  guint generation; /* of the root that the part is of */
} Followed;

static Follow *
follow_ref (Follow *follow)
{
  g_atomic_ref_count_inc (&follow->references);
  return follow;
}

static void
follow_unref (Follow *follow)
{
  if (!g_atomic_ref_count_dec (&follow->references))
    return;
  exp_node_unref (follow->root);
  g_clear_pointer (&follow->created, g_bytes_unref);
  g_mutex_clear (&follow->lock);
  g_free (follow);
}

/* --- what the file has become ------------------------------------------------------------------------------- */

/* When the file was made, as its bytes; NULL where it does not tell. */
static GBytes *
read_created (ExpNode *root)
{
  g_autoptr (ExpNode) meta = exp_node_lookup (root, "meta", NULL);
  g_autoptr (ExpArray) created = meta != NULL ? exp_node_read_attribute (meta, "created", NULL) : NULL;

  if (created == NULL || created->n_elements != 1 || exp_dtype_has_vlen (created->dtype))
    return NULL;
  return g_bytes_new (created->data, created->dtype->size);
}

/* With the lock. What cannot be opened in this moment is so in the next one, or stays as it was. */
static void
look (Follow *follow)
{
  const gint64 now = g_get_monotonic_time ();

  if (follow->is_another || now - follow->looked < PAUSE)
    return;
  g_autoptr (ExpNode) root = exp_node_reopen (follow->root, NULL);
  follow->looked = g_get_monotonic_time ();
  if (root == NULL)
    return;
  g_autoptr (GBytes) created = read_created (root);
  if (created == NULL && follow->created != NULL)
    return;
  if (created != NULL && (follow->created == NULL || !g_bytes_equal (created, follow->created)))
    {
      follow->is_another = TRUE;
      return;
    }
  exp_node_unref (follow->root);
  follow->root = g_steal_pointer (&root);
  follow->generation++;
}

/* A part goes on being what it was. */
static gboolean
is_same_kind (const ExpInfo *then, const ExpInfo *now)
{
  return then->kind == now->kind && then->rank == now->rank && then->is_null == now->is_null
         && (then->dtype == NULL || exp_dtype_equal (then->dtype, now->dtype));
}

/* With the lock. */
static gboolean
renew (Followed *self, GError **error)
{
  Follow *follow = self->follow;

  if (self->generation == follow->generation)
    return TRUE;
  g_autoptr (ExpNode) part
      = self->name == NULL ? exp_node_ref (follow->root) : exp_node_lookup (follow->root, self->name, error);
  g_auto (ExpInfo) info = { 0 };
  if (part == NULL || !exp_node_describe (part, &info, error))
    return FALSE;
  if (!is_same_kind (&self->info, &info))
    {
      follow->is_another = TRUE;
      return TRUE;
    }
  exp_node_unref (self->part);
  self->part = g_steal_pointer (&part);
  self->generation = follow->generation;
  return TRUE;
}

static ExpNode *
hold (ExpDelegate *base, GError **error)
{
  Followed *self = (Followed *)base;
  Follow *follow = self->follow;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&follow->lock);

  look (follow);
  if (!follow->is_another && !renew (self, error))
    return NULL;
  if (!follow->is_another)
    return exp_node_ref (self->part);
  g_set_error (error, EXP_ERROR, EXP_ERROR_STALE,
               "the file was made anew since it was mounted (expfs refresh shows what is there now)");
  return NULL;
}

/* --- the nodes ---------------------------------------------------------------------------------------------- */

static void
followed_free (ExpNode *node)
{
  Followed *self = (Followed *)node;

  exp_delegate_clear (&self->base);
  exp_node_unref (self->part);
  exp_info_clear (&self->info);
  follow_unref (self->follow);
  g_free (self->name);
  g_free (self);
}

/* Its attributes change. */
static gboolean
meta_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  info->is_growing = TRUE;
  return exp_delegate_describe (node, info, error);
}

/* The file may be another one than when `array` was made for it. */
static gboolean
followed_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  g_autoptr (ExpNode) part = hold ((ExpDelegate *)node, error);
  g_auto (ExpInfo) info = { 0 };

  if (part == NULL || !exp_node_describe (part, &info, error))
    return FALSE;
  if (info.dtype == NULL || !exp_dtype_equal (info.dtype, array->dtype)
      || !exp_slab_check (slab, info.rank, info.shape, NULL))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_STALE, "rows of the file are gone since it was looked at");
      return FALSE;
    }
  return part->klass->read (part, slab, array, error);
}

static gboolean
followed_measure (ExpNode *node, const ExpSlab *slab, guint64 *n)
{
  g_autoptr (ExpNode) part = hold ((ExpDelegate *)node, NULL);
  g_auto (ExpInfo) info = { 0 };

  return part != NULL && exp_node_describe (part, &info, NULL) && info.dtype != NULL
         && exp_slab_check (slab, info.rank, info.shape, NULL) && exp_node_measure (part, slab, n);
}

static const ExpNodeClass root_class = {
  .free = followed_free,
  .describe = exp_delegate_describe,
  .list = exp_delegate_list,
  .lookup = exp_delegate_lookup,
  .list_attributes = exp_delegate_list_attributes,
  .read_attribute = exp_delegate_read_attribute,
};

static const ExpNodeClass meta_class = {
  .free = followed_free,
  .describe = meta_describe,
  .list = exp_delegate_list,
  .lookup = exp_delegate_lookup,
  .list_attributes = exp_delegate_list_attributes,
  .read_attribute = exp_delegate_read_attribute,
};

static const ExpNodeClass dataset_class = {
  .free = followed_free,
  .describe = exp_delegate_describe,
  .layout = exp_delegate_layout,
  .read = followed_read,
  .measure = followed_measure,
  .list_attributes = exp_delegate_list_attributes,
  .read_attribute = exp_delegate_read_attribute,
};

static ExpNode *
followed_new (const ExpNodeClass *klass, Follow *follow, const char *name, ExpNode *part, const ExpInfo *info)
{
  Followed *self = g_new0 (Followed, 1);

  exp_node_init (&self->base.base, klass);
  self->base.hold = hold;
  self->follow = follow_ref (follow);
  self->name = g_strdup (name);
  self->part = exp_node_ref (part);
  exp_info_copy (info, &self->info);
  self->generation = follow->generation;
  return &self->base.base;
}

/* In the place of `*part`. */
static void
follow_part (Follow *follow, const char *name, ExpNode **part)
{
  g_auto (ExpInfo) info = { 0 };
  ExpNode *followed;

  if (*part == NULL || !exp_node_describe (*part, &info, NULL))
    return;
  followed = followed_new (name == NULL                 ? &root_class
                           : strcmp (name, "meta") == 0 ? &meta_class
                                                        : &dataset_class,
                           follow, name, *part, &info);
  exp_node_unref (*part);
  *part = followed;
}

void
exp_larpix_follow (ExpLarpixStore *store)
{
  Follow *follow = g_new0 (Follow, 1);

  g_atomic_ref_count_init (&follow->references);
  g_mutex_init (&follow->lock);
  follow->root = exp_node_ref (store->root);
  follow->created = read_created (store->root);
  follow_part (follow, NULL, &store->root);
  follow_part (follow, "meta", &store->meta);
  follow_part (follow, "msgs", &store->msgs);
  follow_part (follow, "msg_headers", &store->headers);
  store->is_followed = TRUE;
  follow_unref (follow);
}
