/* Pickles, written: what was read of others as it is, and plain values of Python's. Protocol 4, without frames; nothing
 * is executed. Source: the opcodes as Python's pickletools documents them. Used by formats that keep pickles. */
#pragma once

#include "pickle.h"

G_BEGIN_DECLS

typedef struct _ExpPickleWriter ExpPickleWriter;

ExpPickleWriter *exp_pickle_writer_new (void);
void exp_pickle_writer_free (ExpPickleWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpPickleWriter, exp_pickle_writer_free)
/* Ends the pickle: all of its bytes. The writer is of no further use. EXP_ERROR_TOO_LARGE when they are more than
 * 2 GiB. */
GBytes *exp_pickle_writer_finish (ExpPickleWriter *writer, GError **error);

/* A record (exp_pickle_record and what is below it, not what it stands for) of any pickle: Python loads the same from
 * it. What is met again is the same object, for as long as the writer lives; so the record must. EXP_ERROR_UNSUPPORTED
 * for records inside of records of which Python itself would write no pickle, as it would not end. */
gboolean exp_pickle_write (ExpPickleWriter *writer, const ExpPickleValue *record, GError **error);
/* The elements of an array as plain values: bool, int, float, complex, str, bytes, tuples for compounds, lists for
 * axes; None for a null attribute. */
gboolean exp_pickle_write_array (ExpPickleWriter *writer, const ExpArray *array, GError **error);

/* An array of numbers as NumPy's; EXP_ERROR_UNSUPPORTED for others. The type of one. */
gboolean exp_pickle_write_ndarray (ExpPickleWriter *writer, const ExpArray *array, GError **error);
gboolean exp_pickle_write_dtype (ExpPickleWriter *writer, const ExpDtype *dtype, GError **error);
/* The same with units of the package quantities, by their text ("mV", "1/ms", "sp/s"); and units alone, which are a
 * unit where they are one. EXP_ERROR_UNSUPPORTED for units that are not known. */
gboolean exp_pickle_write_quantity (ExpPickleWriter *writer, const ExpArray *value, const char *units, GError **error);
gboolean exp_pickle_write_units (ExpPickleWriter *writer, const char *units, GError **error);
gboolean exp_pickle_knows_units (const char *units);

void exp_pickle_write_none (ExpPickleWriter *writer);
void exp_pickle_write_bool (ExpPickleWriter *writer, gboolean value);
void exp_pickle_write_int (ExpPickleWriter *writer, gint64 value);
/* Little-endian, two's complement. */
void exp_pickle_write_long (ExpPickleWriter *writer, const guint8 *bytes, gsize length);
void exp_pickle_write_float (ExpPickleWriter *writer, double value);
/* UTF-8, in which there may be lone surrogates. */
void exp_pickle_write_text (ExpPickleWriter *writer, const char *text);
void exp_pickle_write_text_n (ExpPickleWriter *writer, const char *text, gsize length);
void exp_pickle_write_bytes (ExpPickleWriter *writer, const void *bytes, gsize length);
/* A class or function, by its name. */
void exp_pickle_write_global (ExpPickleWriter *writer, const char *module, const char *name);
/* What is written between begin and end are the items: keys and values in turn for a dict. */
void exp_pickle_begin_dict (ExpPickleWriter *writer);
void exp_pickle_end_dict (ExpPickleWriter *writer);
void exp_pickle_begin_list (ExpPickleWriter *writer);
void exp_pickle_end_list (ExpPickleWriter *writer);
void exp_pickle_begin_tuple (ExpPickleWriter *writer);
void exp_pickle_end_tuple (ExpPickleWriter *writer);
/* Opcodes without an argument, for what has no function of its own: REDUCE is "R". */
void exp_pickle_write_opcode (ExpPickleWriter *writer, guint8 opcode);
/* What was written last is what `of` was read as. */
void exp_pickle_writer_remember (ExpPickleWriter *writer, gconstpointer of);
/* The same once more, in place of writing it; FALSE when it was not remembered. */
gboolean exp_pickle_write_again (ExpPickleWriter *writer, gconstpointer of);

G_END_DECLS
