/* The inode table: a hash table in shards, each with its own lock, of reference-counted entries.
 * Knows nothing of names' meaning, of stat or of requests.
 * Called by lookup, directories and the driver. */
#include "fs/inode.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define N_SHARDS   64
#define HASHED_BIT ((guint64)1 << 62)

typedef struct
{
  GMutex lock; /* guards the buckets and the chains */
  ExpInode **buckets;
  gsize n_buckets; /* a power of two */
  gsize n;
  gsize bytes; /* of the inodes */
} Shard;

struct _ExpInodeTable
{
  ExpInode *root;
  ExpInodeFreeFunc free_func;
  gpointer data;
  GMutex detached_lock; /* guards the next */
  GHashTable *detached; /* ExpInode: what is in no bucket and still referenced */
  Shard shards[N_SHARDS];
};

static guint64
mix (guint64 x)
{
  x ^= x >> 32;
  x *= 0x9e3779b97f4a7c15u;
  x ^= x >> 29;
  x *= 0xbf58476d1ce4e5b9u;
  x ^= x >> 32;
  return x;
}

static guint64
hash_text (guint64 seed, const char *text)
{
  guint64 hash = mix (seed) ^ 14695981039346656037u; /* FNV-1a */

  for (; *text != '\0'; text++)
    hash = (hash ^ (guint8)*text) * 1099511628211u;
  return mix (hash);
}

guint64
exp_inode_number (guint64 identity)
{
  return identity < HASHED_BIT ? identity : (mix (identity) & (HASHED_BIT - 1)) | HASHED_BIT;
}

guint64
exp_inode_number_for_name (const ExpInode *parent, const char *name)
{
  return (hash_text (parent->number, name) & (HASHED_BIT - 1)) | HASHED_BIT;
}

guint64
exp_inode_number_for_view (guint64 number, guint view)
{
  return view == 0 ? number : (mix (mix (number) + view) & (HASHED_BIT - 1)) | HASHED_BIT;
}

guint64
exp_inode_number_within (guint64 store, guint64 identity)
{
  return (mix (mix (store) + identity) & (HASHED_BIT - 1)) | HASHED_BIT;
}

static guint32
hash_entry (const ExpInode *parent, const char *name)
{
  return (guint32)hash_text ((guintptr)parent, name);
}

/* Where inodes can move: readers of parents and names, and a rename. One mount, one process. */
static GRWLock names_lock;
static gboolean can_move;

void
exp_inode_names_lock (void)
{
  if (can_move)
    g_rw_lock_reader_lock (&names_lock);
}

void
exp_inode_names_unlock (void)
{
  if (can_move)
    g_rw_lock_reader_unlock (&names_lock);
}

void
exp_inode_table_allow_moves (ExpInodeTable *table)
{
  can_move = TRUE;
}

const char *
exp_inode_name (const ExpInode *inode)
{
  const char *name;

  if (!exp_inode_has ((ExpInode *)inode, EXP_INODE_IS_MOVED))
    return inode->name;
  memcpy (&name, inode->name, sizeof name);
  return name;
}

static guint32
hash_of (const ExpInode *inode)
{
  return hash_entry (inode->parent, exp_inode_name (inode));
}

/* With room for a pointer instead of the name. */
static gsize
size_for (gsize name_length)
{
  return MAX (sizeof (ExpInode), offsetof (ExpInode, name) + MAX (name_length + 1, sizeof (char *)));
}

static gsize
size_of (const ExpInode *inode)
{
  return size_for (strlen (exp_inode_name (inode)));
}

static Shard *
shard_of (ExpInodeTable *table, guint32 hash)
{
  return &table->shards[hash % N_SHARDS];
}

static ExpInode **
bucket_of (Shard *shard, guint32 hash)
{
  return &shard->buckets[(hash / N_SHARDS) & (shard->n_buckets - 1)];
}

ExpInode *
exp_inode_new (ExpInode *parent, const char *name, ExpInodeType type, ExpNode *node)
{
  gsize length = strlen (name);
  ExpInode *inode = calloc (1, size_for (length));

  if (inode == NULL)
    return NULL;
  memcpy (inode->name, name, length + 1);
  inode->type = type;
  inode->n_links = 1;
  inode->references = 1;
  inode->node = node != NULL ? exp_node_ref (node) : NULL;
  if (parent != NULL)
    {
      exp_inode_ref (parent);
      inode->parent = parent;
    }
  return inode;
}

ExpInodeTable *
exp_inode_table_new (ExpNode *root, ExpInodeFreeFunc free_func, gpointer data)
{
  ExpInodeTable *table = g_new0 (ExpInodeTable, 1);

  table->free_func = free_func;
  table->data = data;
  g_mutex_init (&table->detached_lock);
  table->detached = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < N_SHARDS; i++)
    {
      g_mutex_init (&table->shards[i].lock);
      table->shards[i].n_buckets = 16;
      table->shards[i].buckets = g_new0 (ExpInode *, 16);
    }
  table->root = exp_inode_new (NULL, "", EXP_INODE_DIRECTORY, root);
  return table;
}

static void
set_detached (ExpInodeTable *table, ExpInode *inode, gboolean is_detached)
{
  g_mutex_lock (&table->detached_lock);
  if (is_detached)
    g_hash_table_add (table->detached, inode);
  else
    g_hash_table_remove (table->detached, inode);
  g_mutex_unlock (&table->detached_lock);
  (is_detached ? exp_inode_set : exp_inode_unset) (inode, EXP_INODE_IS_DETACHED);
}

static void
free_inode (ExpInodeTable *table, ExpInode *inode)
{
  if (exp_inode_has (inode, EXP_INODE_IS_DETACHED))
    set_detached (table, inode, FALSE);
  if (table->free_func != NULL)
    table->free_func (inode, table->data);
  exp_node_unref (inode->node);
  if (exp_inode_has (inode, EXP_INODE_IS_MOVED))
    g_free ((char *)exp_inode_name (inode));
  free (inode);
}

void
exp_inode_table_free (ExpInodeTable *table)
{
  if (table == NULL)
    return;
  for (guint i = 0; i < N_SHARDS; i++)
    {
      Shard *shard = &table->shards[i];
      for (gsize k = 0; k < shard->n_buckets; k++)
        while (shard->buckets[k] != NULL)
          {
            ExpInode *inode = shard->buckets[k];
            shard->buckets[k] = inode->next;
            free_inode (table, inode);
          }
      g_free (shard->buckets);
      g_mutex_clear (&shard->lock);
    }
  GHashTableIter iter;
  gpointer inode;
  g_hash_table_iter_init (&iter, table->detached);
  while (g_hash_table_iter_next (&iter, &inode, NULL))
    {
      g_hash_table_iter_remove (&iter);
      exp_inode_unset (inode, EXP_INODE_IS_DETACHED);
      free_inode (table, inode);
    }
  g_hash_table_unref (table->detached);
  g_mutex_clear (&table->detached_lock);
  free_inode (table, table->root);
  g_free (table);
}

gsize
exp_inode_table_size (ExpInodeTable *table)
{
  gsize n = 1;

  for (guint i = 0; i < N_SHARDS; i++)
    {
      g_mutex_lock (&table->shards[i].lock);
      n += table->shards[i].n;
      g_mutex_unlock (&table->shards[i].lock);
    }
  return n;
}

guint64
exp_inode_table_bytes (ExpInodeTable *table)
{
  guint64 bytes = sizeof *table + size_of (table->root);

  for (guint i = 0; i < N_SHARDS; i++)
    {
      Shard *shard = &table->shards[i];

      g_mutex_lock (&shard->lock);
      bytes += shard->bytes + shard->n_buckets * sizeof *shard->buckets;
      g_mutex_unlock (&shard->lock);
    }
  return bytes;
}

ExpInode *
exp_inode_get (ExpInodeTable *table, fuse_ino_t id)
{
  return id == FUSE_ROOT_ID ? table->root : (ExpInode *)(guintptr)id;
}

fuse_ino_t
exp_inode_id (ExpInodeTable *table, ExpInode *inode)
{
  return inode == table->root ? FUSE_ROOT_ID : (fuse_ino_t)(guintptr)inode;
}

void
exp_inode_ref (ExpInode *inode)
{
  __atomic_add_fetch (&inode->references, 1, __ATOMIC_RELAXED);
}

/* With the shard's lock. */
static ExpInode *
find_locked (Shard *shard, guint32 hash, const ExpInode *parent, const char *name)
{
  for (ExpInode *inode = *bucket_of (shard, hash); inode != NULL; inode = inode->next)
    if (inode->parent == parent && strcmp (exp_inode_name (inode), name) == 0)
      {
        exp_inode_ref (inode);
        return inode;
      }
  return NULL;
}

ExpInode *
exp_inode_find (ExpInodeTable *table, ExpInode *parent, const char *name)
{
  guint32 hash = hash_entry (parent, name);
  Shard *shard = shard_of (table, hash);

  g_mutex_lock (&shard->lock);
  ExpInode *inode = find_locked (shard, hash, parent, name);
  g_mutex_unlock (&shard->lock);
  return inode;
}

/* With the shard's lock; without memory the chains grow longer instead. */
static void
grow_locked (Shard *shard)
{
  ExpInode **old = shard->buckets;
  gsize n_old = shard->n_buckets;
  ExpInode **buckets = g_try_new0 (ExpInode *, n_old * 2);

  if (buckets == NULL)
    return;
  shard->buckets = buckets;
  shard->n_buckets = n_old * 2;
  for (gsize i = 0; i < n_old; i++)
    while (old[i] != NULL)
      {
        ExpInode *inode = old[i];
        ExpInode **bucket = bucket_of (shard, hash_of (inode));
        old[i] = inode->next;
        inode->next = *bucket;
        *bucket = inode;
      }
  g_free (old);
}

ExpInode *
exp_inode_add (ExpInodeTable *table, ExpInode *inode)
{
  guint32 hash = hash_of (inode);
  Shard *shard = shard_of (table, hash);

  g_mutex_lock (&shard->lock);
  ExpInode *first = find_locked (shard, hash, inode->parent, exp_inode_name (inode));
  if (first == NULL)
    {
      if (++shard->n > shard->n_buckets)
        grow_locked (shard);
      ExpInode **bucket = bucket_of (shard, hash);
      inode->next = *bucket;
      *bucket = inode;
      shard->bytes += size_of (inode);
    }
  g_mutex_unlock (&shard->lock);
  if (first == NULL)
    return inode;

  ExpInode *parent = inode->parent;
  free_inode (table, inode);
  exp_inode_unref (table, parent, 1);
  return first;
}

/* With the shard's lock; nothing when it is no longer there. */
static void
remove_locked (Shard *shard, ExpInode *inode)
{
  ExpInode **at = bucket_of (shard, hash_of (inode));

  while (*at != NULL && *at != inode)
    at = &(*at)->next;
  if (*at == NULL)
    return;
  *at = inode->next;
  shard->n--;
  shard->bytes -= size_of (inode);
}

static void
detach (ExpInodeTable *table, ExpInode *inode)
{
  Shard *shard = shard_of (table, hash_of (inode));

  set_detached (table, inode, TRUE);
  g_mutex_lock (&shard->lock);
  remove_locked (shard, inode);
  g_mutex_unlock (&shard->lock);
}

void
exp_inode_detach (ExpInodeTable *table, ExpInode *inode)
{
  exp_inode_names_lock ();
  detach (table, inode);
  exp_inode_names_unlock ();
}

/* With the writer's side of names_lock, and out of the table. */
static void
rename_inode (ExpInode *inode, ExpInode *parent, const char *name)
{
  char *copy = g_strdup (name);

  if (exp_inode_has (inode, EXP_INODE_IS_MOVED))
    g_free ((char *)exp_inode_name (inode));
  memcpy (inode->name, &copy, sizeof copy);
  exp_inode_set (inode, EXP_INODE_IS_MOVED);
  inode->parent = parent;
}

/* Into the table, with the writer's side of names_lock: instead of what has its name there. */
static void
insert (ExpInodeTable *table, ExpInode *inode)
{
  guint32 hash = hash_of (inode);
  Shard *shard = shard_of (table, hash);

  g_mutex_lock (&shard->lock);
  ExpInode **bucket = bucket_of (shard, hash);
  for (ExpInode *old = *bucket; old != NULL; old = old->next)
    if (old->parent == inode->parent && strcmp (exp_inode_name (old), exp_inode_name (inode)) == 0)
      {
        set_detached (table, old, TRUE);
        remove_locked (shard, old);
        break;
      }
  inode->next = *bucket;
  *bucket = inode;
  shard->n++;
  shard->bytes += size_of (inode);
  g_mutex_unlock (&shard->lock);
  set_detached (table, inode, FALSE);
}

void
exp_inode_move (ExpInodeTable *table, ExpInode *inode, ExpInode *parent, const char *name)
{
  exp_inode_ref (parent);
  g_rw_lock_writer_lock (&names_lock);
  ExpInode *old_parent = inode->parent;
  detach (table, inode);
  rename_inode (inode, parent, name);
  insert (table, inode);
  g_rw_lock_writer_unlock (&names_lock);
  exp_inode_unref (table, old_parent, 1);
}

void
exp_inode_exchange (ExpInodeTable *table, ExpInode *one, ExpInode *other)
{
  g_rw_lock_writer_lock (&names_lock);
  ExpInode *parent = one->parent;
  g_autofree char *name = g_strdup (exp_inode_name (one)), *other_name = g_strdup (exp_inode_name (other));
  detach (table, one);
  detach (table, other);
  rename_inode (one, other->parent, other_name);
  rename_inode (other, parent, name);
  insert (table, one);
  insert (table, other);
  g_rw_lock_writer_unlock (&names_lock);
}

/* Takes `n` references when others remain; FALSE when these may be the last. */
static gboolean
drop_if_not_last (ExpInode *inode, guint64 n)
{
  guint64 references = __atomic_load_n (&inode->references, __ATOMIC_RELAXED);

  while (references > n)
    if (__atomic_compare_exchange_n (&inode->references, &references, references - n, TRUE, __ATOMIC_RELEASE,
                                     __ATOMIC_RELAXED))
      return TRUE;
  return FALSE;
}

void
exp_inode_unref (ExpInodeTable *table, ExpInode *inode, guint64 n)
{
  /* A loop, not a recursion: freeing the last child of a deep path frees its whole line of parents. */
  while (inode != NULL && inode != table->root && n > 0 && !drop_if_not_last (inode, n))
    {
      exp_inode_names_lock ();
      Shard *shard = shard_of (table, hash_of (inode));
      ExpInode *parent = inode->parent;

      g_mutex_lock (&shard->lock);
      guint64 references = __atomic_load_n (&inode->references, __ATOMIC_ACQUIRE);
      gboolean is_last = references <= n || __atomic_sub_fetch (&inode->references, n, __ATOMIC_ACQ_REL) == 0;
      if (is_last)
        remove_locked (shard, inode);
      g_mutex_unlock (&shard->lock);
      exp_inode_names_unlock ();
      if (!is_last)
        return;
      free_inode (table, inode);
      inode = parent;
      n = 1;
    }
}
