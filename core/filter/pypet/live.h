/* Nodes that stand for what is made when somebody asks, and made again after a change of the store that may have put
 * something else in its place.
 * Knows no names and no tree. The rest of its operations are those of any delegate.
 * Embedded by the nodes of node.c and items.c. */
#pragma once

#include "filter/delegate.h"
#include "pypet.h"

G_BEGIN_DECLS

/* Embedded as the first member. */
typedef struct
{
  ExpDelegate base;
  ExpPypetStore *store; /* borrowed for as long as the node lives */
  guint n_changes;      /* of the store when the target was made; with the target under the store's `making` where it is
                         * writable */
  GSList *old_groups;   /* former targets that others may still hold by exp_node_unwrap */
} ExpPypetLive;

/* `make` gives what it stands for, a new reference each time. */
void exp_pypet_live_init (ExpPypetLive *self, const ExpNodeClass *klass, ExpPypetStore *store,
                          ExpNode *(*make) (ExpDelegate *self, GError **error));
void exp_pypet_live_clear (ExpPypetLive *self);

gboolean exp_pypet_live_locate (ExpNode *node, guint64 first, gsize n, ExpRun *run);
ExpNode *exp_pypet_live_unwrap (ExpNode *node);

/* The initialisers of a class whose members all delegate. */
#define EXP_PYPET_LIVE_MEMBERS                                                                                         \
  EXP_DELEGATE_READERS, EXP_DELEGATE_WRITERS, .locate = exp_pypet_live_locate, .unwrap = exp_pypet_live_unwrap

G_END_DECLS
