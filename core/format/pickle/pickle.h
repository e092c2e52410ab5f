/* Pickles: read, never executed. A pickle becomes a tree of plain values; what it would have called is kept as an
 * object with a class name. Protocols 0 to 5. Source: the opcodes as Python's pickletools documents them.
 * Knows no store.
 * Used by filters whose stores hold pickles. */
#pragma once

#include "expfs/array.h"
#include "expfs/node.h"

G_BEGIN_DECLS

typedef enum
{
  EXP_PICKLE_NONE,
  EXP_PICKLE_BOOL,
  EXP_PICKLE_INT,     /* fits 64 bits */
  EXP_PICKLE_BIG_INT, /* does not; `text` is its decimal digits */
  EXP_PICKLE_FLOAT,
  EXP_PICKLE_COMPLEX,
  EXP_PICKLE_TEXT, /* UTF-8 */
  EXP_PICKLE_BYTES,
  EXP_PICKLE_LIST,
  EXP_PICKLE_TUPLE,
  EXP_PICKLE_SET,
  EXP_PICKLE_DICT,   /* items are key, value, key, value, ... */
  EXP_PICKLE_GLOBAL, /* a class or function; `text` is "module.name" */
  EXP_PICKLE_OBJECT, /* of the class `text`; items are what it was made with, `state` what was set on it */
  EXP_PICKLE_ARRAY,  /* a NumPy array: `array`, or items of any kind and `shape` */
} ExpPickleKind;

typedef struct _ExpPickleValue ExpPickleValue;

/* Owned by the pickle that it is part of. A value may be reached in several ways, and from itself. */
struct _ExpPickleValue
{
  ExpPickleKind kind;
  gint64 integer; /* BOOL, INT */
  double real;    /* FLOAT, COMPLEX */
  double imaginary;
  const char *text; /* not terminated */
  gsize length;
  GPtrArray *items; /* of ExpPickleValue, NULL while there are none */
  ExpPickleValue *state;
  ExpArray *array;
  guint rank; /* ARRAY with items */
  guint64 shape[EXP_MAX_RANK];
};

typedef struct _ExpPickle ExpPickle;

/* EXP_ERROR_DAMAGED for what is no pickle or needs more memory than its length warrants. */
ExpPickle *exp_pickle_parse (GBytes *bytes, GError **error);
ExpPickle *exp_pickle_ref (ExpPickle *pickle);
void exp_pickle_unref (ExpPickle *pickle);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpPickle, exp_pickle_unref)

const ExpPickleValue *exp_pickle_root (const ExpPickle *pickle);

guint exp_pickle_n_items (const ExpPickleValue *value);
const ExpPickleValue *exp_pickle_item (const ExpPickleValue *value, guint index);
/* The value of a key of a DICT that is TEXT or BYTES; NULL for none. */
const ExpPickleValue *exp_pickle_get (const ExpPickleValue *dict, const char *key);
/* TRUE and the number for an INT or BOOL. */
gboolean exp_pickle_get_int (const ExpPickleValue *value, gint64 *number);
/* TRUE for TEXT, BYTES with exactly these characters. */
gboolean exp_pickle_is_text (const ExpPickleValue *value, const char *text);

/* One value as text: a TEXT as it is, None as null, the others as JSON or, where that has no word for them, as Python
 * prints them. Cut at a few levels and 64 KiB. Appended to `out`. */
void exp_pickle_append_text (const ExpPickleValue *value, GString *out);

/* The same as a cell of an array of VSTRING; counts up *n_bytes and answers FALSE when that is more than one array
 * should hold, or there is no memory. */
gboolean exp_pickle_put_text (ExpArray *array, gsize index, const ExpPickleValue *value, gsize *n_bytes);

/* The value as an array: numbers and text as scalars, None as the text null, a list, tuple or set as a 1-D array of its
 * elements' common type or of their texts, an array as itself, other things as text. */
ExpArray *exp_pickle_to_array (const ExpPickleValue *value, GError **error);

/* The value as a node: dicts, and objects that are described by one, as directories, the others as datasets. */
ExpNode *exp_pickle_node_new (ExpPickle *pickle, const ExpPickleValue *value);

G_END_DECLS
