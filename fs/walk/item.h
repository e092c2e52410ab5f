/* What the verbs look at: a node of a store that they opened themselves, or a file of a running mount, which then does
 * the work. One interface over both, so that each verb is written once. Called by the verbs and prefetch. */
#pragma once

#include "expfs/expfs.h"

/* Texts are owned; NULL where there is nothing to say. */
typedef struct
{
  const char *kind; /* "group", "dataset", "link", "datatype" */
  gboolean is_group;
  guint64 identity; /* of an object that may have more names; 0: this is its only one */
  char *dtype;      /* NumPy's form */
  char *shape;      /* JSON; "null" for a null dataspace */
  char *target;     /* of a link */
  /* by exp_item_detail: */
  char *role, *class_name, *layout, *chunks, *filters;
  gboolean has_storage;
  guint64 storage; /* bytes in the store */
} ExpItemInfo;

void exp_item_info_clear (ExpItemInfo *info);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ExpItemInfo, exp_item_info_clear)

typedef struct _ExpItem ExpItem;

typedef struct
{
  char *name; /* as a directory shows it */
  ExpItem *item;
} ExpItemChild;

/* Told how much of the item has been read, from 0 to 1. */
typedef void (*ExpItemReadFunc) (double fraction, gpointer data);

/* As ExpNodeClass: FALSE or NULL with an error. */
typedef struct
{
  void (*free) (ExpItem *self);
  gboolean (*describe) (ExpItem *self, ExpItemInfo *info, GError **error);
  gboolean (*detail) (ExpItem *self, ExpItemInfo *info, GError **error);
  guint64 (*storage) (ExpItem *self);
  gboolean (*list) (ExpItem *self, guint64 *position, guint limit, GArray *children, gboolean *is_end, GError **error);
  char **(*list_attributes) (ExpItem *self, GError **error);
  char *(*read_attribute) (ExpItem *self, const char *name, gsize limit, GError **error);
  gboolean (*read) (ExpItem *self, ExpItemReadFunc func, gpointer data, GError **error);
} ExpItemClass;

struct _ExpItem
{
  const ExpItemClass *klass;
};

/* A reference is taken on the node. */
ExpItem *exp_node_item_new (ExpNode *node);
/* The node of an item made by exp_node_item_new; borrowed. */
ExpNode *exp_node_item_get_node (ExpItem *item);
/* A file in a mount on `mountpoint`, at `path` below it ("" for the root, no slash at either end). */
ExpItem *exp_mounted_item_new (const char *mountpoint, const char *path);

void exp_item_free (ExpItem *item);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpItem, exp_item_free)

gboolean exp_item_describe (ExpItem *item, ExpItemInfo *info, GError **error);
/* Adds to `info` what is only asked for one item at a time: its role, and how its data lie in the store. */
gboolean exp_item_detail (ExpItem *item, ExpItemInfo *info, GError **error);
/* Bytes in the store; 0 if not known. */
guint64 exp_item_storage (ExpItem *item);
/* Appends at most about `limit` children from *position on, which starts at 0 and is moved on. */
gboolean
exp_item_list (ExpItem *item, guint64 *position, guint limit, GArray *children, gboolean *is_end, GError **error);
GArray *exp_item_children_new (void); /* of ExpItemChild, which it frees */
char **exp_item_list_attributes (ExpItem *item, GError **error);
/* The value as an xattr has it; EXP_ERROR_TOO_LARGE over `limit` bytes (0: reads all of it, however long, and
 * returns what fits an xattr). */
char *exp_item_read_attribute (ExpItem *item, const char *name, gsize limit, GError **error);
/* Reads all data of a dataset, window by window, and forgets it. */
gboolean exp_item_read (ExpItem *item, ExpItemReadFunc func, gpointer data, GError **error);
