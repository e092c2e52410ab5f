/* What a kind of edit is: the operations behind expfs/edit.h, under one lock. Used by core/edit only. */
#pragma once

#include "expfs/edit.h"
#include "pending.h"
#include "target.h"

typedef struct _ExpEditClass ExpEditClass;

/* All but `new` and `free` are called under the edit's lock. */
struct _ExpEditClass
{
  /* With the edit's class set, another's where that writes the same. Takes over what `target` owns, unless it fails:
   * NULL with an error for what cannot be written. */
  ExpEdit *(*new) (const ExpTarget *target, const ExpViewOptions *options, GError **error);
  void (*free) (ExpEdit *self);
  gboolean (*pwrite) (ExpEdit *self, guint64 offset, gsize length, const char *bytes, GError **error);
  gboolean (*append) (ExpEdit *self, gsize length, const char *bytes, GError **error); /* NULL: pwrite at the end */
  gboolean (*truncate) (ExpEdit *self, guint64 size, GError **error);
  gboolean (*size) (ExpEdit *self, guint64 *size, GError **error);
  gboolean (*pread) (ExpEdit *self, guint64 offset, gsize length, char *buffer, gsize *n_read, GError **error);
  gboolean (*flush) (ExpEdit *self, gboolean is_last, GError **error);
  gboolean (*is_pending) (ExpEdit *self);
  /* Of a dataset that is not there yet: TRUE when any can be made of what was written. NULL: FALSE. */
  gboolean (*can_wait) (ExpEdit *self);
  /* The same, once that was asked: TRUE when it would be a single number. NULL: FALSE. */
  gboolean (*is_number) (ExpEdit *self);
};

/* Embedded as the first member. */
struct _ExpEdit
{
  const ExpEditClass *klass;
  GMutex lock;
  ExpTarget target; /* owned; guarded by lock */
  ExpArray *old;    /* owned; guarded by lock: what a dataset that may refuse values had before; NULL: none is kept */
  gboolean is_restored; /* guarded by lock: it has that again, and nothing was written since */
  /* Owned; guarded by lock. All calls go to it, and none to this one, from when the bytes turned out to be another
   * kind's. NULL: nothing did. */
  ExpEdit *successor;
};

/* For bytes that make no text: of the file that has been gathered in `fresh`, which stands on nothing, an edit that
 * keeps it as it is. Both are taken over. */
ExpEdit *exp_edit_new_file (ExpTarget *target, ExpPending *fresh);

/* Of a file that its directory takes whole (exp_node_takes_file). Takes over what `target` owns. */
ExpEdit *exp_edit_new_whole (const ExpTarget *target);

extern const ExpEditClass exp_edit_npy, exp_edit_raw, exp_edit_text, exp_edit_whole;
