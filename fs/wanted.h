/* What is known of files that were made here from text beside the dataset that this looked like: the text itself, for a
 * while, and what copies bring along of the original's type, user.expfs.dtype and user.expfs.shape. Knows inodes; makes
 * nothing of what it keeps. Called by xattrs, writers and renaming. */
#pragma once

#include "fs/inode.h"

/* Longer texts are not kept. */
#define EXP_MAX_KEPT_TEXT (1024 * 1024)

G_BEGIN_DECLS

typedef struct _ExpWantedTable ExpWantedTable;

typedef struct
{
  ExpDtype *dtype;    /* owned; NULL: nothing is known */
  gboolean has_shape; /* FALSE: the text's own */
  guint rank;
  guint64 shape[EXP_MAX_RANK];
  GBytes *text; /* owned, of the table only */
} ExpWanted;

void exp_wanted_clear (ExpWanted *wanted);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ExpWanted, exp_wanted_clear)

ExpWantedTable *exp_wanted_table_new (void);
void exp_wanted_table_free (ExpWantedTable *table);

/* "dtype" or "shape", as expfs writes them; other names and values say nothing. TRUE when it was taken. */
gboolean exp_wanted_take (ExpMount *mount, ExpInode *inode, const char *name, const char *value, gsize size);
/* A type, and any shape. */
void exp_wanted_set_type (ExpMount *mount, ExpInode *inode, ExpDtype *dtype);
/* A copy of what was said; FALSE when nothing was, or no type. */
gboolean exp_wanted_get (ExpMount *mount, ExpInode *inode, ExpWanted *wanted);
/* The text that the dataset was made from: "1" is no float, although it became one. NULL when it is not kept. */
void exp_wanted_keep_text (ExpMount *mount, ExpInode *inode, GBytes *text);
GBytes *exp_wanted_get_text (ExpMount *mount, ExpInode *inode);
void exp_wanted_drop_text (ExpMount *mount, ExpInode *inode);
/* All of it. */
void exp_wanted_remove (ExpMount *mount, ExpInode *inode);

G_END_DECLS
