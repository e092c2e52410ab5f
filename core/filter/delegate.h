/* Nodes that stand for another node: known from the start or made when somebody asks. Filters embed them and replace
 * what they change. Knows no format.
 * Used by the filters of this folder and by pypet/. */
#pragma once

#include "expfs/node.h"

G_BEGIN_DECLS

typedef struct _ExpDelegate ExpDelegate;

/* Embedded as the first member. */
struct _ExpDelegate
{
  ExpNode base;
  ExpNode *target;                                      /* atomic, owned; NULL until it is made */
  ExpNode *(*make) (ExpDelegate *self, GError **error); /* a new reference; may be called twice at once */
  ExpNode *(*hold) (ExpDelegate *self, GError **error); /* the target for one operation, a new reference; NULL: always
                                                         * exp_delegate_target */
};

/* The node that this one stands for, borrowed for as long as it lives. */
ExpNode *exp_delegate_target (ExpNode *self, GError **error);

/* The operations of the target, for a class that replaces others. */
gboolean exp_delegate_describe (ExpNode *self, ExpInfo *info, GError **error);
gboolean exp_delegate_layout (ExpNode *self, ExpLayout *layout, GError **error);
gboolean exp_delegate_list (ExpNode *self, guint64 skip, ExpListFunc func, gpointer data, GError **error);
ExpNode *exp_delegate_lookup (ExpNode *self, const char *name, GError **error);
gboolean exp_delegate_read (ExpNode *self, const ExpSlab *slab, ExpArray *array, GError **error);
gboolean exp_delegate_locate (ExpNode *self, guint64 first, gsize n, ExpRun *run);
char **exp_delegate_list_attributes (ExpNode *self, GError **error);
ExpArray *exp_delegate_read_attribute (ExpNode *self, const char *name, GError **error);
gboolean exp_delegate_list_parameters (ExpNode *self, ExpParameterRules *rules, ExpParameterFunc func, gpointer data,
                                       GError **error);
ExpNode *exp_delegate_create_group (ExpNode *self, const char *name, GError **error);
ExpNode *exp_delegate_create_dataset (ExpNode *self, const char *name, const ExpNewDataset *dataset, GError **error);
gboolean exp_delegate_check_name (ExpNode *self, const char *name, GError **error);
ExpNode *exp_delegate_replace_dataset (ExpNode *self, const char *name, const ExpNewDataset *dataset, GError **error);
gboolean exp_delegate_write (ExpNode *self, const ExpSlab *slab, const ExpArray *array, GError **error);
gboolean exp_delegate_resize (ExpNode *self, guint rank, const guint64 *shape, GError **error);
gboolean exp_delegate_write_attribute (ExpNode *self, const char *name, const ExpArray *value, GError **error);
gboolean exp_delegate_remove_attribute (ExpNode *self, const char *name, GError **error);
gboolean exp_delegate_remove (ExpNode *self, const char *name, GError **error);
gboolean exp_delegate_remove_tree (ExpNode *self, const char *name, GError **error);
gboolean exp_delegate_move (ExpNode *self, const char *name, ExpNode *new_parent, const char *new_name, guint flags,
                            GError **error);
gboolean exp_delegate_copy (ExpNode *self, const char *name, ExpNode *source, GError **error);
gboolean exp_delegate_link (ExpNode *self, const char *name, ExpNode *other, GError **error);
gboolean exp_delegate_symlink (ExpNode *self, const char *name, const char *path, GError **error);
gboolean
exp_delegate_external_link (ExpNode *self, const char *name, const char *file, const char *path, GError **error);
gboolean exp_delegate_set_class (ExpNode *self, const char *class_name, GError **error);
gboolean exp_delegate_set_note (ExpNode *self, const char *note, const char *value, GError **error);
ExpNode *exp_delegate_put_number (ExpNode *self, const char *name, const ExpArray *value, GError **error);
gboolean exp_delegate_takes_number (ExpNode *self, const char *name);
gboolean exp_delegate_takes_file (ExpNode *self, const char *name);
ExpNode *exp_delegate_put_file (ExpNode *self, const char *name, GBytes *bytes, GError **error);
gboolean exp_delegate_commit (ExpNode *self, gboolean checkpoint, GError **error);
guint64 exp_delegate_journal_size (ExpNode *self);
ExpNode *exp_delegate_unwrap (ExpNode *self);
gboolean exp_delegate_look_outside (ExpNode *self, ExpOutside *outside, GError **error);
guint64 exp_delegate_version (ExpNode *self);
const char *exp_delegate_format_name (ExpNode *self, GError **error);

/* The initialisers of a class whose members all delegate: those of readers, but for what is borrowed from the target,
 * with that, and those of writers. */
#define EXP_DELEGATE_READERS                                                                                           \
  .describe = exp_delegate_describe, .layout = exp_delegate_layout, .list = exp_delegate_list,                         \
  .lookup = exp_delegate_lookup, .read = exp_delegate_read, .list_attributes = exp_delegate_list_attributes,           \
  .read_attribute = exp_delegate_read_attribute, .list_parameters = exp_delegate_list_parameters
#define EXP_DELEGATE_MEMBERS EXP_DELEGATE_READERS, .locate = exp_delegate_locate, .unwrap = exp_delegate_unwrap
#define EXP_DELEGATE_WRITERS                                                                                           \
  .create_group = exp_delegate_create_group, .create_dataset = exp_delegate_create_dataset,                            \
  .check_name = exp_delegate_check_name, .external_link = exp_delegate_external_link,                                  \
  .replace_dataset = exp_delegate_replace_dataset, .write = exp_delegate_write, .resize = exp_delegate_resize,         \
  .write_attribute = exp_delegate_write_attribute, .remove_attribute = exp_delegate_remove_attribute,                  \
  .remove = exp_delegate_remove, .remove_tree = exp_delegate_remove_tree, .move = exp_delegate_move,                   \
  .copy = exp_delegate_copy, .link = exp_delegate_link, .symlink = exp_delegate_symlink,                               \
  .set_class = exp_delegate_set_class, .set_note = exp_delegate_set_note, .takes_file = exp_delegate_takes_file,       \
  .put_file = exp_delegate_put_file, .commit = exp_delegate_commit, .journal_size = exp_delegate_journal_size

/* Lists the children of `inner`, each as what `wrap (owner, name, child)` makes of it, a new reference; NULL: it does
 * not show. */
typedef ExpNode *(*ExpWrapFunc) (ExpNode *owner, const char *name, ExpNode *child);
gboolean exp_delegate_list_wrapped (ExpNode *inner, ExpWrapFunc wrap, ExpNode *owner, guint64 skip, ExpListFunc func,
                                    gpointer data, GError **error);

/* Releases the target; the rest is the caller's. */
void exp_delegate_clear (ExpDelegate *self);

G_END_DECLS
