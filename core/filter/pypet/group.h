/* Group nodes, by what reads and what changes them.
 * Knows the places of a group.
 * Used by group.c and write_group.c. */
#pragma once

#include "pypet.h"

G_BEGIN_DECLS

typedef struct
{
  ExpNode base;
  GPtrArray *own;     /* of ExpPypetPlace; the first is the group itself, others are merged into it */
  GPtrArray *all;     /* with those of the run; NULL where they may still come */
  gboolean is_branch; /* directly below the trajectory, where runs/ is pypet's own */
} ExpPypetGroup;

/* The places with those of the run, a new reference. */
GPtrArray *exp_pypet_group_places (ExpPypetGroup *self);
/* TRUE for a stored name that is not shown here. */
gboolean exp_pypet_group_hides (const ExpPypetGroup *self, const char *name);
/* The stored name of what is there or is to be made; caller frees. */
char *exp_pypet_group_stored_name (GPtrArray *places, const char *shown);
/* Where something new goes: in a run, to what the run has stored already. Borrowed from `places`. */
ExpPypetPlace *exp_pypet_group_place_for_new (GPtrArray *places);

ExpNode *exp_pypet_group_create_group (ExpNode *node, const char *shown, GError **error);
ExpNode *
exp_pypet_group_create_dataset (ExpNode *node, const char *shown, const ExpNewDataset *dataset, GError **error);
gboolean exp_pypet_group_check_name (ExpNode *node, const char *shown, GError **error);
ExpNode *exp_pypet_group_put_number (ExpNode *node, const char *shown, const ExpArray *value, GError **error);
gboolean exp_pypet_group_takes_number (ExpNode *node, const char *shown);
gboolean exp_pypet_group_takes_file (ExpNode *node, const char *shown);
ExpNode *exp_pypet_group_put_file (ExpNode *node, const char *shown, GBytes *bytes, GError **error);
ExpNode *
exp_pypet_group_replace_dataset (ExpNode *node, const char *shown, const ExpNewDataset *dataset, GError **error);
gboolean exp_pypet_group_remove (ExpNode *node, const char *shown, GError **error);
gboolean exp_pypet_group_move (ExpNode *node, const char *shown, ExpNode *new_parent, const char *new_name, guint flags,
                               GError **error);
gboolean exp_pypet_group_symlink (ExpNode *node, const char *shown, const char *target, GError **error);
gboolean exp_pypet_group_set_class (ExpNode *node, const char *class_name, GError **error);
gboolean exp_pypet_group_set_note (ExpNode *node, const char *note, const char *value, GError **error);
gboolean exp_pypet_group_perform (ExpNode *node, ExpTask *task, GError **error);

/* The initialisers of the class for these. */
#define EXP_PYPET_GROUP_WRITERS                                                                                        \
  .create_group = exp_pypet_group_create_group, .create_dataset = exp_pypet_group_create_dataset,                      \
  .check_name = exp_pypet_group_check_name, .takes_file = exp_pypet_group_takes_file,                                  \
  .takes_number = exp_pypet_group_takes_number, .put_number = exp_pypet_group_put_number,                              \
  .put_file = exp_pypet_group_put_file, .replace_dataset = exp_pypet_group_replace_dataset,                            \
  .remove = exp_pypet_group_remove, .move = exp_pypet_group_move, .symlink = exp_pypet_group_symlink,                  \
  .set_class = exp_pypet_group_set_class, .set_note = exp_pypet_group_set_note, .perform = exp_pypet_group_perform

G_END_DECLS
