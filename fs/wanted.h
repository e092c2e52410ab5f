/* What is known of files that were made here from text beside the dataset that this looked like: the text itself, for a
 * while, and what copies bring along of the original's type, user.expfs.type, dtype and shape. And of files and
 * directories, the types of attributes that are still to come, user.expfs.attributes. Knows inodes; makes nothing of
 * what it keeps. Called by xattrs, writers and renaming. */
#pragma once

#include "expfs/edit.h"
#include "fs/inode.h"

/* Longer texts are not kept. */
#define EXP_MAX_KEPT_TEXT (1024 * 1024)

G_BEGIN_DECLS

/* user.expfs.flag and its like. */
#define EXP_N_NOTES 4

typedef struct _ExpWantedTable ExpWantedTable;

typedef struct
{
  ExpDtype *dtype;          /* owned; NULL: nothing is known */
  gboolean is_whole;        /* of user.expfs.type, over which no dtype goes */
  gboolean is_used;         /* the dataset has it already; a more exact one may still come */
  char *notes[EXP_N_NOTES]; /* owned, of the table only: of flags.h; NULL: not said */
  gboolean has_shape;       /* FALSE: the text's own */
  guint rank;
  guint64 shape[EXP_MAX_RANK];
  /* Owned, of the table only; NULL: none. */
  GBytes *text;
  GHashTable *types; /* char * -> ExpAttributeType *: attributes that have not come yet */
  GHashTable *texts; /* char * -> GBytes *: what was written where the attribute's value says it otherwise */
  GPtrArray *parts;  /* of char *, some NULL: of user.expfs.stored, until all are there */
  GHashTable *late;  /* char * -> GBytes *: attributes that the content has to be there for */
} ExpWanted;

void exp_wanted_clear (ExpWanted *wanted);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ExpWanted, exp_wanted_clear)

ExpWantedTable *exp_wanted_table_new (void);
void exp_wanted_table_free (ExpWantedTable *table);

/* "type", "dtype" or "shape", as expfs writes them; other names and values say nothing. TRUE when it was taken. */
gboolean exp_wanted_take (ExpMount *mount, ExpInode *inode, const char *name, const char *value, gsize size);
/* A note on how it is to be kept (exp_node_set_note), whatever type it takes yet; a copy, NULL for none. */
void exp_wanted_set_note (ExpMount *mount, ExpInode *inode, guint number, const char *value);
char *exp_wanted_get_note (ExpMount *mount, ExpInode *inode, guint number);
/* Part `number` of `n`, from 0; the whole text when it was the last that was missing, else NULL. Caller frees. */
char *exp_wanted_add_part (ExpMount *mount, ExpInode *inode, guint number, guint n, const char *text);
/* An attribute of a file without content, for which that has to be there; and all of them, char * -> GBytes *, NULL for
 * none. */
void exp_wanted_set_late (ExpMount *mount, ExpInode *inode, const char *name, const char *value, gsize size);
GHashTable *exp_wanted_steal_late (ExpMount *mount, ExpInode *inode);
/* TRUE when a type was said, and the shape that comes with it has yet to. */
gboolean exp_wanted_has_no_shape (ExpMount *mount, ExpInode *inode);
/* A type, and any shape. */
void exp_wanted_set_type (ExpMount *mount, ExpInode *inode, ExpDtype *dtype);
/* A copy of what was said; FALSE when nothing was, or no type. */
gboolean exp_wanted_get (ExpMount *mount, ExpInode *inode, ExpWanted *wanted);
/* The text that the dataset was made from: "1" is no float, although it became one. NULL when it is not kept. */
void exp_wanted_keep_text (ExpMount *mount, ExpInode *inode, GBytes *text);
GBytes *exp_wanted_get_text (ExpMount *mount, ExpInode *inode);
void exp_wanted_drop_text (ExpMount *mount, ExpInode *inode);
/* The dataset has been given the type, out of `text` (may be NULL). A whole one is forgotten then; other ones and the
 * text stay for as long as the text is kept: a whole one may come. */
void exp_wanted_use (ExpMount *mount, ExpInode *inode, const ExpWanted *wanted, GBytes *text);
gboolean exp_wanted_is_used (ExpMount *mount, ExpInode *inode);
/* Type, shape and text. */
void exp_wanted_remove_type (ExpMount *mount, ExpInode *inode);

/* Takes the table over; those of an earlier one go. */
void exp_wanted_set_attributes (ExpMount *mount, ExpInode *inode, GHashTable *types);
/* The attribute's type, which is forgotten here and the caller's, to be freed with exp_attribute_type_free; NULL when
 * nothing was said. */
ExpAttributeType *exp_wanted_steal_attribute (ExpMount *mount, ExpInode *inode, const char *name);
/* The text that an attribute was made of; NULL forgets it. What is kept in all is bounded. */
void exp_wanted_keep_attribute_text (ExpMount *mount, ExpInode *inode, const char *name, GBytes *text);
GBytes *exp_wanted_get_attribute_text (ExpMount *mount, ExpInode *inode, const char *name);
/* All of it. */
void exp_wanted_remove (ExpMount *mount, ExpInode *inode);

G_END_DECLS
