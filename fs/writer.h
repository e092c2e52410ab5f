/* One file that is being written, for the table of them. Knows its edit; knows neither the table nor requests. Called
 * by writers.c. */
#pragma once

#include "expfs/edit.h"
#include "fs/turn.h"

G_BEGIN_DECLS

struct _ExpWriter
{
  ExpInode *inode; /* a reference */
  guint n_users;   /* open files and calls under way; under the table's lock */
  ExpTurn *turn;   /* of all who write the dataset; a reference */
  gint turn_seen;  /* when it last looked at the dataset; the turn's */

  GMutex lock; /* guards the rest */
  const ExpViewClass *klass;
  ExpEdit *edit;        /* NULL: to be made when it is needed */
  gboolean is_behind;   /* it was closed, and waits to be put into the store: fs/behind.h */
  gboolean is_dropped;  /* the file was removed, or follows from others: its bytes go nowhere */
  gboolean has_content; /* anything was written */
  gboolean is_made;     /* the dataset was made here, and its flag has not been seen to */
  gboolean is_touched;  /* written or cut since it was put into the store */
  gboolean is_whole;    /* all bytes of the file come from here: it was new, or cut to nothing */
  gboolean is_log;      /* all that was written since the last flush was appended */
  char last;            /* its last byte */
  GError *failure;      /* of a flush in the background, for whoever asks next */
  GArray *attributes;   /* for the dataset that is going to be made; NULL: none */
};

/* With a reference on the inode and no user. Takes the reference on the turn. */
ExpWriter *exp_writer_new (ExpInode *inode, ExpTurn *turn);
void exp_writer_free (ExpMount *mount, ExpWriter *writer);

/* All between exp_change_begin and exp_change_end. Those ending in _locked with its lock. */

/* Makes the edit that is there no more, or not yet. */
gboolean exp_writer_open_locked (ExpMount *mount, ExpWriter *writer, GError **error);
/* `is_end`: nothing more is written by the same hand. */
gboolean exp_writer_flush_locked (ExpMount *mount, ExpWriter *writer, gboolean is_end, GError **error);
/* TRUE when all that it holds may be flushed a moment after it was said to be: short text of a new file. */
gboolean exp_writer_can_wait_locked (ExpWriter *writer, guint64 *size);
/* What it holds goes into the store, and it looks at the dataset anew when it goes on. */
gboolean exp_writer_settle (ExpMount *mount, ExpWriter *writer, GError **error);
/* The same with the turn's lock; what goes wrong is for whoever writes next. */
void exp_writer_put_in (ExpMount *mount, ExpWriter *writer);
/* It has nothing pending, and the dataset is another one by now. With the turn's lock. */
void exp_writer_look_anew (ExpWriter *writer);
/* Whole lines that were appended go into the store. */
void exp_writer_flush_lines (ExpMount *mount, ExpWriter *writer);

G_END_DECLS
