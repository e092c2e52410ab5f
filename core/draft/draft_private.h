/* The nodes of a draft. Used in this folder only. */
#pragma once

#include "expfs/draft.h"
#include "expfs/source.h"

typedef struct _DraftNode DraftNode;

typedef struct
{
  gatomicrefcount references;
  const ExpDraftClass *klass;
  gpointer data;
  GDestroyNotify free_data;
  char *path;

  GMutex change_lock; /* held while the tree, a shape or an attribute is checked and changed; outside of the others */
  GRWLock lock;       /* guards entries, parents, names, attributes and is_new of all nodes */
  guint64 n_changes;  /* atomic */
  guint64 n_saved;    /* of n_changes */
  guint64 identity;   /* the last one given; atomic */
  gint is_abandoned;  /* atomic */

  GMutex file_lock; /* inside of all others */
  ExpSource
      *file; /* without a name, as long as any dataset has room in it; NULL: none was given out since it was saved */
  guint64 file_end; /* what was given out of it */
} Draft;

typedef struct
{
  char *name;
  ExpArray *value;
} DraftAttribute;

struct _DraftNode
{
  ExpNode base;
  Draft *draft; /* a reference */
  ExpKind kind;
  guint64 identity;

  /* Under the draft's lock: */
  DraftNode *parent;       /* not a reference; NULL for the root and what was removed */
  char *name;              /* in the parent */
  gboolean has_entries;    /* a group's children are here, else still only in `saved` */
  GPtrArray *entries;      /* of DraftNode, references, in order */
  GHashTable *by_name;     /* name -> DraftNode, both borrowed from entries */
  GArray *attributes;      /* of DraftAttribute; NULL: those of `saved` */
  gboolean is_tree_edited; /* a group: children were made, removed or moved since it was saved */
  gboolean is_told;        /* that it has no content and is not saved */
  GHashTable *gone;        /* char *: names that children had since then and lost; NULL: none */

  GRWLock elements_lock; /* guards the rest; inside of the draft's */
  ExpNode *saved;        /* what it was when it was saved last; NULL: it was not yet */
  gboolean is_edited;    /* the dataset is what follows, not what `saved` is */
  ExpInfo info;
  ExpSource *file;            /* a reference; NULL: none is needed */
  guint64 position, capacity; /* bytes in the file */
  ExpArray *memory;           /* elements with cells of variable length */
};

extern const ExpNodeClass exp_draft_node_class;

/* The draft's own node behind whatever filters; NULL for another one. */
DraftNode *exp_draft_node (ExpNode *node);
/* Takes over nothing. With the draft's lock or before it is shared. */
DraftNode *exp_draft_node_new (Draft *draft, ExpKind kind, ExpNode *saved);
/* Loads the children of a group. */
gboolean exp_draft_load (DraftNode *self, GError **error);
/* With the draft's lock for writing. attach takes over the reference. */
void exp_draft_attach (DraftNode *self, const char *name, DraftNode *child);
void exp_draft_detach (DraftNode *self, DraftNode *child);
/* With the draft's lock: a child of a loaded group, borrowed, or NULL. */
DraftNode *exp_draft_child (DraftNode *self, const char *name);
/* Attributes of its own. */
gboolean exp_draft_load_attributes (DraftNode *self, GError **error);
void exp_draft_attribute_clear (gpointer attribute);

/* Elements; with elements_lock. */
/* A new dataset's, zeros. */
gboolean exp_draft_elements_make (DraftNode *self, const ExpNewDataset *dataset, GError **error);
/* The dataset's own: a copy of what was saved, if there are none yet. */
gboolean exp_draft_elements_own (DraftNode *self, GError **error);
gboolean exp_draft_elements_read (DraftNode *self, const ExpSlab *slab, ExpArray *array, GError **error);
gboolean exp_draft_elements_write (DraftNode *self, const ExpSlab *slab, const ExpArray *array, GError **error);
gboolean exp_draft_elements_resize (DraftNode *self, guint rank, const guint64 *shape, GError **error);
void exp_draft_elements_drop (DraftNode *self);

/* The members of the class that change, and the last two. */
ExpNode *exp_draft_create_group (ExpNode *node, const char *name, GError **error);
ExpNode *exp_draft_create_dataset (ExpNode *node, const char *name, const ExpNewDataset *dataset, GError **error);
ExpNode *exp_draft_replace_dataset (ExpNode *node, const char *name, const ExpNewDataset *dataset, GError **error);
gboolean exp_draft_check_name (ExpNode *node, const char *name, GError **error);
gboolean exp_draft_write (ExpNode *node, const ExpSlab *slab, const ExpArray *array, GError **error);
gboolean exp_draft_resize (ExpNode *node, guint rank, const guint64 *shape, GError **error);
gboolean exp_draft_write_attribute (ExpNode *node, const char *name, const ExpArray *value, GError **error);
gboolean exp_draft_remove_attribute (ExpNode *node, const char *name, GError **error);
gboolean exp_draft_remove (ExpNode *node, const char *name, GError **error);
gboolean exp_draft_remove_tree (ExpNode *node, const char *name, GError **error);
gboolean exp_draft_move (ExpNode *node, const char *name, ExpNode *new_parent, const char *new_name, guint flags,
                         GError **error);
gboolean exp_draft_commit (ExpNode *node, gboolean checkpoint, GError **error);
void exp_draft_abandon (ExpNode *node);
