/* The inode table: what the kernel knows of, by node id and by parent and name. */
#pragma once

#include "fs/mount.h"

G_BEGIN_DECLS

typedef enum
{
  EXP_INODE_DIRECTORY, /* a group, or a group of attributes or columns */
  EXP_INODE_AGAIN,     /* a group met again below itself: a directory of symlinks to what is in the one above */
  EXP_INODE_FILE,      /* a view of a node */
  EXP_INODE_LINK,      /* a node that is a link */
  EXP_INODE_LINK_UP,   /* an entry of an AGAIN directory */
  EXP_INODE_BROKEN,    /* a node that could not be described: a file that cannot be opened */
  EXP_INODE_CONTROL_DIRECTORY,
  EXP_INODE_CONTROL,
} ExpInodeType;

typedef enum
{
  EXP_INODE_HAS_SIZE = 1 << 0,     /* `size` is known and final; set after it */
  EXP_INODE_IS_GROWING = 1 << 1,   /* nothing about its size may be kept */
  EXP_INODE_HAS_VIEW = 1 << 2,     /* perhaps in the cache of views */
  EXP_INODE_HAS_NAMES = 1 << 3,    /* perhaps in the table of long names */
  EXP_INODE_IS_COSTLY = 1 << 4,    /* its size needs reading much */
  EXP_INODE_HAS_METADATA = 1 << 5, /* perhaps in the cache of expfs' own xattrs */
  EXP_INODE_IS_OBJECT = 1 << 6,    /* `number` is that of the object that the node gives as its identity */
  EXP_INODE_IS_MOVED = 1 << 7,     /* `name` holds a pointer to the name that it was given since */
  /* In mounts that can be written: */
  EXP_INODE_IS_VIRTUAL = 1 << 8, /* a name made up, or one of several paths to its object: looked up each time */
  EXP_INODE_IS_LASTING
  = EXP_INODE_IS_COSTLY,          /* DIRECTORY: a virtual one that the kernel keeps all the same; see
                                     exp_entry_is_gone. `size` is the changes when it was seen to be there */
  EXP_INODE_IS_DETACHED = 1 << 9, /* its name is gone, or another's */
  EXP_INODE_IS_FRESH = 1 << 10, /* a dataset that was made from text here: its type is only what the text looked like */
  EXP_INODE_IS_GONE = 1 << 14,  /* detached without the kernel's knowing: it is to look the name up anew */
  EXP_INODE_HAS_WANTED = 1 << 15, /* fs/wanted.h knows something of it */
  EXP_INODE_IS_ARRAY = 1 << 13,   /* one that was made from the bytes of an NPY file here */
  EXP_INODE_IS_BARE = 1 << 12,    /* one that was made here without any content, and has no type yet */
  EXP_INODE_IS_NEW = 1 << 11,     /* a file that was made, of which nothing is in the store: `node` is NULL */
  /* In mounts of collections, which cannot be written: */
  EXP_INODE_IS_OUTSIDE = EXP_INODE_IS_FRESH, /* a name in a FOLDER: looked up each time */
  EXP_INODE_IS_STORE = EXP_INODE_IS_BARE,    /* DIRECTORY: the root of a store */
  EXP_INODE_IS_FOLDER = EXP_INODE_IS_ARRAY,  /* DIRECTORY: one whose names come and go */
} ExpInodeFlags;

/* One path that the kernel holds. The kernel's node id is its address, one per path; the number that users see is
 * the object's, so that hard links share it while each still knows its own name. A million of these stay in memory:
 * with a name of nine bytes one fits into what malloc hands out 80 bytes for.
 * All but `references`, `size` and `flags` is immutable once in the table, but in a mount that can be written: there
 * `parent` and `name` change when it is renamed (they are read with exp_inode_names_lock, or where the kernel holds
 * the directory), and a FILE's `node`, `number` and `n_links` when its object does (fs/changes.h has the functions). */
typedef struct _ExpInode ExpInode;
struct _ExpInode
{
  ExpInode *next;     /* in its bucket; guarded by the shard's lock */
  ExpInode *parent;   /* a reference; NULL for the root */
  ExpNode *node;      /* a reference; NULL for CONTROL */
  guint64 references; /* the kernel's lookups, children and requests under way; atomic */
  guint64 number;     /* of the object, or of the name; st_ino is that of the view */
  guint64 size;  /* atomic; see EXP_INODE_HAS_SIZE. AGAIN: levels up to the same group; DIRECTORY: see place. FILE and
                    DIRECTORY in a mount that can be written: the changes when its node was found */
  guint32 mtime; /* seconds since 1970; 0: the store's */
  guint32 n_links;
  guint16 flags; /* ExpInodeFlags; atomic */
  guint8 type;   /* ExpInodeType */
  guint8 view;   /* FILE: index into exp_view_classes; CONTROL: which */
  guint8 suffix; /* LINK: bytes at the end of the name that go after the link's target: ".npy" */
  char name[];   /* as shown; see exp_inode_name */
};

/* The name as shown; borrowed until it is renamed. */
const char *exp_inode_name (const ExpInode *inode);

/* Called with an inode that leaves the table. */
typedef void (*ExpInodeFreeFunc) (ExpInode *inode, gpointer data);

ExpInodeTable *exp_inode_table_new (ExpNode *root, ExpInodeFreeFunc free_func, gpointer data);
void exp_inode_table_free (ExpInodeTable *table);
gsize exp_inode_table_size (ExpInodeTable *table);
/* What it takes of memory, without the nodes. */
guint64 exp_inode_table_bytes (ExpInodeTable *table);

/* The inode of a kernel's node id; borrowed, the kernel's lookups keep it. */
ExpInode *exp_inode_get (ExpInodeTable *table, fuse_ino_t id);
fuse_ino_t exp_inode_id (ExpInodeTable *table, ExpInode *inode);

/* A new reference, NULL when there is none of this name. */
ExpInode *exp_inode_find (ExpInodeTable *table, ExpInode *parent, const char *name);

/* An inode of this type outside the table, for the caller to fill; NULL without memory. References are taken on
 * parent and node. */
ExpInode *exp_inode_new (ExpInode *parent, const char *name, ExpInodeType type, ExpNode *node);

/* Puts the inode into the table, or frees it and takes the one of the same name that came first. A reference. */
ExpInode *exp_inode_add (ExpInodeTable *table, ExpInode *inode);

/* Takes the inode out of the table, so that its name is looked up anew; it lives on while it is referenced. */
void exp_inode_detach (ExpInodeTable *table, ExpInode *inode);

/* Gives it another parent and name, in a mount that can be written; the one of that name is detached. */
void exp_inode_move (ExpInodeTable *table, ExpInode *inode, ExpInode *parent, const char *name);
/* Gives two inodes each other's parent and name. */
void exp_inode_exchange (ExpInodeTable *table, ExpInode *one, ExpInode *other);

/* To be called before anything is looked up in a mount that can be written: inodes may move from then on. */
void exp_inode_table_allow_moves (ExpInodeTable *table);
/* No parent or name changes in between. Not within each other. */
void exp_inode_names_lock (void);
void exp_inode_names_unlock (void);

void exp_inode_ref (ExpInode *inode);
void exp_inode_unref (ExpInodeTable *table, ExpInode *inode, guint64 n);

static inline gboolean
exp_inode_has (ExpInode *inode, ExpInodeFlags flag)
{
  return (__atomic_load_n (&inode->flags, __ATOMIC_ACQUIRE) & flag) != 0;
}

static inline void
exp_inode_set (ExpInode *inode, ExpInodeFlags flag)
{
  if (!exp_inode_has (inode, flag))
    __atomic_fetch_or (&inode->flags, flag, __ATOMIC_RELEASE);
}

/* A DIRECTORY's place among its parent's children, counted from 1, where a listing found it last; 0: unknown.
 * Only of a mount that cannot be written. */
static inline guint64
exp_inode_get_place (const ExpInode *inode)
{
  return inode->type == EXP_INODE_DIRECTORY ? __atomic_load_n (&inode->size, __ATOMIC_RELAXED) : 0;
}

static inline void
exp_inode_set_place (ExpInode *inode, guint64 place)
{
  if (inode->type == EXP_INODE_DIRECTORY && exp_inode_get_place (inode) != place)
    __atomic_store_n (&inode->size, place, __ATOMIC_RELAXED);
}

/* As they are at the moment, which of a FILE in a mount that can be written may change while they are read. */
static inline guint64
exp_inode_get_number (const ExpInode *inode)
{
  return __atomic_load_n (&inode->number, __ATOMIC_RELAXED);
}

static inline guint32
exp_inode_get_n_links (const ExpInode *inode)
{
  return __atomic_load_n (&inode->n_links, __ATOMIC_RELAXED);
}

static inline void
exp_inode_unset (ExpInode *inode, ExpInodeFlags flag)
{
  __atomic_fetch_and (&inode->flags, (guint16)~flag, __ATOMIC_RELEASE);
}

static inline gboolean
exp_inode_is_directory (const ExpInode *inode)
{
  return inode->type == EXP_INODE_DIRECTORY || inode->type == EXP_INODE_AGAIN
         || inode->type == EXP_INODE_CONTROL_DIRECTORY;
}

/* The number of the object with this identity; of a name in a directory for what has none; of a view of an object.
 * Identities below 2^62 are their own number, the rest are hashes with bit 62 set. */
guint64 exp_inode_number (guint64 identity);
guint64 exp_inode_number_for_name (const ExpInode *parent, const char *name);
guint64 exp_inode_number_for_view (guint64 number, guint view);
/* Of an object of a store that is one of several. */
guint64 exp_inode_number_within (guint64 store, guint64 identity);

G_END_DECLS
