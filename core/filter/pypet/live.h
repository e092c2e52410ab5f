/* Nodes that stand for what is made when somebody asks, and made again after a change of the store that may have put
 * something else in its place.
 * Knows no names and no tree.
 * Embedded by the nodes of node.c and items.c. */
#pragma once

#include "pypet.h"

G_BEGIN_DECLS

typedef struct _ExpPypetLive ExpPypetLive;

/* Embedded as the first member. */
struct _ExpPypetLive
{
  ExpNode base;
  ExpPypetStore *store; /* borrowed for as long as the node lives */
  ExpNode *(*make) (ExpPypetLive *self, GError **error);
  ExpNode *target;    /* atomic, and where the store is writable, under its `making`; NULL until it is made */
  guint n_changes;    /* of the store when the target was made */
  GSList *old_groups; /* former targets that others may still hold by exp_node_unwrap */
};

/* A new reference. */
ExpNode *exp_pypet_live_target (ExpPypetLive *self, GError **error);
void exp_pypet_live_clear (ExpPypetLive *self);

gboolean exp_pypet_live_describe (ExpNode *node, ExpInfo *info, GError **error);
gboolean exp_pypet_live_layout (ExpNode *node, ExpLayout *layout, GError **error);
gboolean exp_pypet_live_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error);
ExpNode *exp_pypet_live_lookup (ExpNode *node, const char *name, GError **error);
gboolean exp_pypet_live_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error);
gboolean exp_pypet_live_locate (ExpNode *node, guint64 first, gsize n, ExpRun *run);
char **exp_pypet_live_list_attributes (ExpNode *node, GError **error);
ExpArray *exp_pypet_live_read_attribute (ExpNode *node, const char *name, GError **error);
ExpNode *exp_pypet_live_create_group (ExpNode *node, const char *name, GError **error);
ExpNode *exp_pypet_live_create_dataset (ExpNode *node, const char *name, const ExpNewDataset *dataset, GError **error);
gboolean exp_pypet_live_check_name (ExpNode *node, const char *name, GError **error);
ExpNode *exp_pypet_live_replace_dataset (ExpNode *node, const char *name, const ExpNewDataset *dataset, GError **error);
gboolean exp_pypet_live_write (ExpNode *node, const ExpSlab *slab, const ExpArray *array, GError **error);
gboolean exp_pypet_live_resize (ExpNode *node, guint rank, const guint64 *shape, GError **error);
gboolean exp_pypet_live_write_attribute (ExpNode *node, const char *name, const ExpArray *value, GError **error);
gboolean exp_pypet_live_remove_attribute (ExpNode *node, const char *name, GError **error);
gboolean exp_pypet_live_remove (ExpNode *node, const char *name, GError **error);
gboolean exp_pypet_live_move (ExpNode *node, const char *name, ExpNode *new_parent, const char *new_name, guint flags,
                              GError **error);
gboolean exp_pypet_live_symlink (ExpNode *node, const char *name, const char *target, GError **error);
gboolean exp_pypet_live_set_class (ExpNode *node, const char *class_name, GError **error);
gboolean exp_pypet_live_set_note (ExpNode *node, const char *note, const char *value, GError **error);
ExpNode *exp_pypet_live_unwrap (ExpNode *node);

#define EXP_PYPET_LIVE_MEMBERS                                                                                         \
  .describe = exp_pypet_live_describe, .layout = exp_pypet_live_layout, .list = exp_pypet_live_list,                   \
  .lookup = exp_pypet_live_lookup, .read = exp_pypet_live_read, .locate = exp_pypet_live_locate,                       \
  .list_attributes = exp_pypet_live_list_attributes, .read_attribute = exp_pypet_live_read_attribute,                  \
  .create_group = exp_pypet_live_create_group, .create_dataset = exp_pypet_live_create_dataset,                        \
  .check_name = exp_pypet_live_check_name, .replace_dataset = exp_pypet_live_replace_dataset,                          \
  .write = exp_pypet_live_write, .resize = exp_pypet_live_resize, .write_attribute = exp_pypet_live_write_attribute,   \
  .remove_attribute = exp_pypet_live_remove_attribute, .remove = exp_pypet_live_remove, .move = exp_pypet_live_move,   \
  .symlink = exp_pypet_live_symlink, .set_class = exp_pypet_live_set_class, .set_note = exp_pypet_live_set_note,       \
  .unwrap = exp_pypet_live_unwrap

G_END_DECLS
