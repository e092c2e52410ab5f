/* Nodes that live in memory: values and groups that a filter or format makes up, and what tests stand on. */
#pragma once

#include "expfs/node.h"

G_BEGIN_DECLS

/* A dataset that holds `value` (a reference is taken). role and class_name are static strings or NULL. */
ExpNode *exp_memory_dataset_new (ExpArray *value, const char *role);

/* An empty group. */
ExpNode *exp_memory_group_new (const char *role);

/* A symlink. */
ExpNode *exp_memory_link_new (const char *target);

/* For the making only, before the node is shared: adds a child (a reference is taken, the name copied; an existing
 * child of that name is replaced), a child that lookup finds and list does not show and an attribute. */
void exp_memory_group_add (ExpNode *group, const char *name, ExpNode *child);
void exp_memory_group_add_hidden (ExpNode *group, const char *name, ExpNode *child);
void exp_memory_node_set_attribute (ExpNode *node, const char *name, ExpArray *value);

/* The root of an empty store in memory, with every operation for writers. Only a dataset that was made extensible can
 * change its shape in place, along its first axis. */
ExpNode *exp_memory_store_new (void);

G_END_DECLS
