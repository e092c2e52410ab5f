/* The link message: a name, and an object's address or a value.
 * Knows its version 1 (HDF5 File Format Specification 3.0, section IV.A.2.g); knows not where it was kept.
 * Used by links.c and dense_links.c. */
#pragma once

#include "links.h"

G_BEGIN_DECLS

typedef struct
{
  H5L_type_t type;
  const char *name; /* not terminated; like `value`, into the message */
  gsize name_length;
  guint64 address; /* of a hard link's object */
  const guint8 *value;
  gsize value_size;
} ExpLinkMessage;

/* EXP_ERROR_DAMAGED, EXP_ERROR_VERSION. */
gboolean
exp_link_message_parse (const guint8 *bytes, gsize size, guint sizeof_address, ExpLinkMessage *message, GError **error);

/* As strcmp, the message's name first. */
int exp_link_message_compare (const ExpLinkMessage *message, const char *name);

/* Make a link of it: without its value, as lists have it, and with it. */
void exp_link_message_fill (const ExpLinkMessage *message, ExpHdf5Link *link);
void exp_link_message_copy (const ExpLinkMessage *message, ExpHdf5Link *link);

G_END_DECLS
