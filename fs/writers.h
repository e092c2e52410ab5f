/* Files that are being written: one edit for all who have the same one open. Knows edits and inodes; knows nothing of
 * requests. Called by the operations that write, and by whoever wants to know sizes and bytes meanwhile. */
#pragma once

#include "fs/inode.h"

G_BEGIN_DECLS

typedef struct _ExpWriters ExpWriters;
typedef struct _ExpWriter ExpWriter;

ExpWriters *exp_writers_new (void);
/* Puts what is pending into the store first. */
void exp_writers_finish_all (ExpMount *mount);
void exp_writers_free (ExpWriters *writers);

/* The one of a FILE, made if there is none. EXP_ERROR_UNSUPPORTED for a view that cannot be written. */
ExpWriter *exp_writers_open (ExpMount *mount, ExpInode *inode, GError **error);
/* As exp_edit_finish when it was the last. Between exp_change_begin and exp_change_end, as all that follow but for size
 * and pread; a failure is logged. */
void exp_writers_close (ExpMount *mount, ExpWriter *writer);
/* One more who closes it. With its lock, for who has it open. */
void exp_writers_ref (ExpMount *mount, ExpWriter *writer);
/* As exp_edit_finish when nobody else has it open, else as exp_edit_flush: for who closes it now and wants to hear what
 * is wrong. Between begin and end. */
gboolean exp_writers_finish (ExpMount *mount, ExpWriter *writer, GError **error);
/* As flush and close, for fs/behind.h; not between begin and end. Fails when the store does not take it. */
gboolean exp_writers_close_behind (ExpMount *mount, ExpWriter *writer, GError **error);

/* What is going to be made is to have the type and the attributes of another, if its text fits. */
void exp_writer_inherit (ExpMount *mount, ExpWriter *writer, ExpNode *old);
/* At the end when `is_append`. */
gboolean exp_writer_write (ExpMount *mount, ExpWriter *writer, guint64 offset, gsize length, const void *bytes,
                           gboolean is_append, GError **error);
gboolean exp_writer_truncate (ExpMount *mount, ExpWriter *writer, guint64 size, GError **error);
/* As exp_edit_flush; also tells what went wrong in the background. */
gboolean exp_writer_flush (ExpMount *mount, ExpWriter *writer, GError **error);
/* TRUE when writing these bytes changes nothing in the store: text of a new file, which is kept until it is closed. */
gboolean exp_writer_is_apart (ExpWriter *writer, gsize length, const void *bytes);
/* TRUE when a flush, or with `is_end` the last close, changes nothing in the store. */
gboolean exp_writer_is_done (ExpWriter *writer, gboolean is_end);
/* TRUE for what the kernel had better not keep pages of: bytes that read otherwise once they are parsed. */
gboolean exp_writer_is_text (ExpWriter *writer);

/* TRUE while somebody writes the file. */
gboolean exp_writers_has (ExpMount *mount, ExpInode *inode);
/* The same for any file at that shown path ("/traj/results"), or below it. */
gboolean exp_writers_has_below (ExpMount *mount, const char *path);
/* FALSE without an error when nobody writes it: then it is as in the store. */
gboolean exp_writers_size (ExpMount *mount, ExpInode *inode, guint64 *size);
gboolean exp_writers_pread (ExpMount *mount, ExpInode *inode, guint64 offset, gsize length, char *buffer, gsize *n_read,
                            gboolean *is_written, GError **error);

/* Puts what was written to any view of the dataset into the store and looks at it anew from then on: before it is
 * renamed, linked, or given attributes. A file without any content becomes an empty dataset. */
gboolean exp_writers_settle (ExpMount *mount, ExpInode *inode, GError **error);
/* What is written to any view of the dataset from now on goes nowhere: it was removed. */
void exp_writers_drop (ExpMount *mount, ExpInode *inode);
/* Whole lines that were appended, for the commit that is made every so often. */
void exp_writers_flush_lines (ExpMount *mount);
/* The names of files of the directory that are not in the store yet; a NULL-terminated array. */
char **exp_writers_list_new (ExpMount *mount, ExpInode *directory);

G_END_DECLS
