/* Opcodes that records have and plain values do not. Shared by write.c and write_record.c. */
#pragma once

#include "writer.h"

/* Names that follow are of this protocol: those before 3 have Python 2's. */
void exp_pickle_write_protocol (ExpPickleWriter *writer, guint8 protocol);
/* Without remembering them. */
void exp_pickle_put_text (ExpPickleWriter *writer, const void *text, gsize length);
void exp_pickle_put_str8 (ExpPickleWriter *writer, const void *text, gsize length);
void exp_pickle_put_bytes (ExpPickleWriter *writer, const void *bytes, gsize length);
gboolean exp_pickle_writer_remembers (ExpPickleWriter *writer, gconstpointer of);
