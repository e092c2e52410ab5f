/* LArPix raw files over HDF5: messages as they came from the detector's controllers, and a header for each.
 * Knows `msgs`, `msg_headers` and `meta` of larpix-control's raw HDF5 format; knows no HDF5.
 * Shared by the files of this folder. */
#pragma once

#include "expfs/node.h"
#include "expfs/store.h"

G_BEGIN_DECLS

/* How many rows two datasets have that grow side by side. */
typedef enum
{
  EXP_LARPIX_COMMON, /* those that both have */
  EXP_LARPIX_SAME,   /* both the same number, within so many attempts; else EXP_ERROR_UNSETTLED */
  EXP_LARPIX_OWN,    /* each its own, unchecked */
} ExpLarpixAgreement;

/* An open file. Parts are NULL where the file has none, or none of the kind that it must be. */
typedef struct
{
  gatomicrefcount references;
  ExpNode *root, *meta, *msgs, *headers; /* of the format below */
  gboolean has_hex;                      /* msgs are lists of bytes, so that they have hexadecimal lines */
  gboolean is_writable;
  gboolean is_followed; /* others may write it at any time */
  ExpLarpixAgreement agreement;
  gint attempts; /* of SAME; negative: for as long as LONGEST */
  GArray *mask;  /* guint64, ascending: the rows that show; NULL: all. Immutable */

  GMutex lock;
  guint64 n_sound;      /* rows of a file being written that were seen to be whole */
  guint64 bare;         /* the row that nothing was in when it was looked at, since */
  gint64 bare_since;    /* this time; 0: there was none yet */
  GArray *ends;         /* guint64: bytes of all messages up to the end of each block of EXP_LARPIX_BLOCK rows */
  gboolean is_modified; /* since the last commit */
} ExpLarpixStore;

#define EXP_LARPIX_BLOCK 1024

ExpLarpixStore *exp_larpix_store_ref (ExpLarpixStore *store);
void exp_larpix_store_unref (ExpLarpixStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpLarpixStore, exp_larpix_store_unref)

/* The file whose root this is, with the options that concern it. EXP_ERROR_INVALID for versions that do not fit, a mask
 * that is none, and with is_writable for what the format's own writer refuses. */
ExpLarpixStore *exp_larpix_store_new (ExpNode *root, const ExpStoreOptions *options, GError **error);

/* rows.c: Rows of `part` (msgs or headers) as the file has them. *is_growing: there may be more in a moment. */
gboolean exp_larpix_n_stored (ExpLarpixStore *store, ExpNode *part, guint64 *n, gboolean *is_growing, GError **error);
/* Rows that show. */
gboolean exp_larpix_n_rows (ExpLarpixStore *store, ExpNode *part, guint64 *n, gboolean *is_growing, GError **error);
/* Rows of what shows, into a new array of the part's own dtype. */
ExpArray *exp_larpix_read_rows (ExpLarpixStore *store, ExpNode *part, const ExpSlab *slab, GError **error);
/* The same of the rows start, start + 1, ... */
ExpArray *exp_larpix_read_run (ExpLarpixStore *store, ExpNode *part, guint64 start, guint64 count, GError **error);
/* Elements of the 1-D dataset `node` by number, `n` of them, as one array. */
ExpArray *exp_larpix_gather (ExpNode *node, const ExpDtype *dtype, const guint64 *rows, gsize n, GError **error);
/* Row numbers out of an NPY file of booleans, one for each of `n` rows, or of integers that ascend. EXP_ERROR_INVALID.
 */
GArray *exp_larpix_mask_load (const char *path, guint64 n, GError **error);

/* follow.c: from now on the parts are those of what the file becomes by what others write. */
void exp_larpix_follow (ExpLarpixStore *store);

/* version.c: what larpix-control says to a file of these versions. NULL for one that is not asked for, or that the file
 * has not. EXP_ERROR_INVALID, in a sentence that says which of the two is too new. */
gboolean exp_larpix_version_check (const char *file, const char *wanted, GError **error);
gboolean exp_larpix_io_version_check (const char *file, const char *wanted, GError **error);
/* The same for who appends. */
gboolean exp_larpix_version_check_append (const char *file, const char *wanted, GError **error);
gboolean exp_larpix_io_version_check_append (const char *file, const char *wanted, GError **error);
/* The standard packet file's rule: "2.4" is that version, "~2.3" it or a later minor one. */
gboolean exp_larpix_packets_version_check (const char *file, const char *wanted, GError **error);

/* Nodes, each a new reference. */
ExpNode *exp_larpix_root_new (ExpLarpixStore *store);
ExpNode *exp_larpix_messages_new (ExpLarpixStore *store);              /* lines of hexadecimal digits */
ExpNode *exp_larpix_headers_new (ExpLarpixStore *store);               /* a table */
ExpNode *exp_larpix_message_new (ExpLarpixStore *store, gint64 index); /* the bytes of one; from the end if negative */
ExpNode *exp_larpix_bytes_new (ExpLarpixStore *store);                 /* of all */
ExpNode *exp_larpix_missing_new (const char *name);                    /* says that the part is missing */
/* Rows of a 1-D dataset by number; takes over `rows`. */
ExpNode *exp_larpix_chosen_new (ExpNode *node, GArray *rows);

G_END_DECLS
