/* Text in pieces that end with a cell, whatever their length. Used by the text edit. */
#pragma once

#include "pending.h"

typedef struct
{
  ExpPending *pending;  /* borrowed */
  guint64 at, end;      /* what is left to read */
  gboolean splits_tabs; /* cells end with tabs as well as with lines */
  char *buffer;
  gsize capacity; /* of a piece, unless a cell is longer */
  gsize length;   /* of the last piece */
} ExpTextReader;

void exp_text_reader_init (ExpTextReader *reader, ExpPending *pending, guint64 start, guint64 end, gboolean splits_tabs,
                           gsize capacity);
void exp_text_reader_clear (ExpTextReader *reader);
/* The next piece at `buffer`, `length` bytes of whole cells; 0 at the end. A last line without its end gets one. */
gboolean exp_text_reader_next (ExpTextReader *reader, GError **error);
/* Gives back the last `n` bytes, so that the next piece begins with them; a whole piece given back is followed by a
 * longer one. FALSE when that cannot be. */
gboolean exp_text_reader_give_back (ExpTextReader *reader, gsize n, GError **error);
