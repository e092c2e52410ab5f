/* Pickles: read, never executed. A pickle is a program that builds values; here it builds records of them, and what it
 * would import or call stays a record too: a name, arguments, state. Protocols 0 to 5. What calls of well-known names
 * stand for (arrays, sets, dates, ...) is told by their structure. Source: the opcodes as Python's pickletools
 * documents them. Knows no store. Used by this folder's format, and by filters whose stores hold pickles. */
#pragma once

#include "expfs/array.h"
#include "expfs/node.h"
#include "expfs/source.h"

G_BEGIN_DECLS

typedef enum
{
  EXP_PICKLE_NONE,
  EXP_PICKLE_BOOL,
  EXP_PICKLE_INT,     /* fits 64 bits */
  EXP_PICKLE_BIG_INT, /* does not: a text of decimal digits */
  EXP_PICKLE_FLOAT,
  EXP_PICKLE_COMPLEX,
  EXP_PICKLE_TEXT, /* UTF-8, in which there may be lone surrogates */
  EXP_PICKLE_STR8, /* a str of Python 2: text or bytes, nobody can know */
  EXP_PICKLE_BYTES,
  EXP_PICKLE_BYTEARRAY,
  EXP_PICKLE_LIST,
  EXP_PICKLE_TUPLE,
  EXP_PICKLE_SET,
  EXP_PICKLE_FROZENSET,
  EXP_PICKLE_DICT,   /* items are key, value, key, value, ... */
  EXP_PICKLE_GLOBAL, /* a class or function: a text "module.name" */
  EXP_PICKLE_CALL,   /* what would be called, and with what */
  EXP_PICKLE_ARRAY,  /* of NumPy; an array of objects has its elements as items, in C order */
  EXP_PICKLE_RANGE,
} ExpPickleKind;

typedef enum
{
  EXP_PICKLE_REDUCE,
  EXP_PICKLE_NEWOBJ,
  EXP_PICKLE_NEWOBJ_EX,
  EXP_PICKLE_INST,
  EXP_PICKLE_OBJ,
} ExpPickleHow;

enum
{
  EXP_PICKLE_IS_LOCATED = 1 << 0,  /* a text that is not in memory: `located` */
  EXP_PICKLE_IS_LATIN = 1 << 1,    /* bytes that are held as the UTF-8 of text in Latin-1 */
  EXP_PICKLE_IS_OBJECT = 1 << 2,   /* a container that stands for what `call` made: a directory always */
  EXP_PICKLE_IS_UNIFORM = 1 << 3,  /* a container whose items are of one kind: a dataset */
  EXP_PICKLE_IS_MIXED = 1 << 4,    /* one whose items are not; with the flag above a dataset of texts */
  EXP_PICKLE_IS_SEEN = 1 << 5,     /* met while a tree is made */
  EXP_PICKLE_IS_SETTLED = 1 << 6,  /* a dict without keys that others replace */
  EXP_PICKLE_IS_OLD_NAME = 1 << 7, /* a GLOBAL of a protocol before 3: of Python 2, perhaps */
};

typedef struct _ExpPickle ExpPickle;
typedef struct _ExpPickleValue ExpPickleValue;
typedef struct _ExpPickleCall ExpPickleCall;
typedef struct _ExpPickleArray ExpPickleArray;
typedef struct _ExpPickleType ExpPickleType;

/* A text in the pickle's source. */
typedef struct
{
  ExpPickle *pickle;
  guint64 offset;
  guint64 n_decoded; /* bytes that one IS_LATIN stands for */
} ExpPickleLocated;

typedef struct
{
  gint64 start, step;
  guint64 count;
} ExpPickleRange;

/* Owned by the pickle that it is part of. A value may be reached in several ways, and from itself. */
struct _ExpPickleValue
{
  guint8 kind;  /* ExpPickleKind */
  guint8 flags; /* EXP_PICKLE_IS_... */
  guint16 depth;
  guint32 n_items, n_room; /* of containers and arrays of objects; n_room of a GLOBAL: bytes of the module's name */
  union
  {
    gint64 integer; /* BOOL, INT */
    struct
    {
      double real, imaginary; /* FLOAT, COMPLEX */
    };
    struct
    {
      union
      {
        const char *text; /* terminated, but may have NULs in it */
        ExpPickleLocated *located;
      };
      guint64 length; /* bytes, as held */
    };
    struct
    {
      ExpPickleValue **items;
      union
      {
        ExpPickleCall *call;
        ExpPickleArray *array;
        ExpPickleRange *range;
      };
    };
  };
};

/* A call that is not made. */
struct _ExpPickleCall
{
  ExpPickleCall *next; /* in the order in which the pickle has them */
  ExpPickleValue *self;
  ExpPickleValue *callable, *arguments; /* GLOBAL or CALL; TUPLE */
  ExpPickleValue *keywords;             /* DICT, or NULL */
  ExpPickleValue *states;               /* LIST of what each BUILD had, or NULL */
  ExpPickleValue *items, *pairs;        /* LIST, DICT of what was put into the object, or NULL */
  ExpPickleHow how;
  gboolean adds_items; /* items were added as to a set, not appended */

  /* What it stands for: */
  int progress;
  ExpPickleValue *meaning;    /* never a CALL; NULL when it was refused */
  const char *refusal;        /* why there is no such value */
  const char *class_name;     /* NULL: nothing worth to be said */
  ExpPickleValue *attributes; /* DICT of further facts, or NULL */
  ExpPickleType *type;        /* of a numpy.dtype, once it was asked for */
  gboolean has_type;
};

/* Elements of a NumPy array as the pickle has them. */
struct _ExpPickleArray
{
  const ExpPickleType *type; /* NULL: objects */
  ExpDtype *dtype;           /* as shown; borrowed */
  guint rank;
  guint64 *shape;
  guint64 n_elements;
  gboolean is_fortran;        /* the first axis is the fastest */
  const ExpPickleValue *data; /* BYTES, BYTEARRAY or STR8 of exactly its size */
};

/* EXP_ERROR_DAMAGED for what is no pickle, EXP_ERROR_TOO_LARGE for one that needs more memory than its length warrants,
 * EXP_ERROR_UNSUPPORTED for one that refers to what is not in it, EXP_ERROR_VERSION for a protocol above 5. What comes
 * behind the pickle is left alone. Long texts stay in the source. */
ExpPickle *exp_pickle_parse_source (ExpSource *source, GError **error);
ExpPickle *exp_pickle_parse (GBytes *bytes, GError **error);
/* TRUE when the source begins with a pickle as far as can be seen in so many bytes: of protocol 2 or later and sound as
 * far as that, or whole, of protocol 0 or 1, and all there is. */
gboolean exp_pickle_recognise (ExpSource *source, gsize n_bytes);

ExpPickle *exp_pickle_ref (ExpPickle *pickle);
void exp_pickle_unref (ExpPickle *pickle);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpPickle, exp_pickle_unref)

/* Bytes of the source that it was parsed from. */
guint64 exp_pickle_size (const ExpPickle *pickle);
/* What the whole pickle stands for, as exp_pickle_meaning has it; and the record. */
const ExpPickleValue *exp_pickle_root (const ExpPickle *pickle);
const ExpPickleValue *exp_pickle_record (const ExpPickle *pickle);

/* What a value stands for: itself, or for a CALL another value. A CALL that was refused stays one. */
const ExpPickleValue *exp_pickle_meaning (const ExpPickleValue *value);
/* Why there is no such value, or NULL. */
const char *exp_pickle_refusal (const ExpPickleValue *value);

guint exp_pickle_n_items (const ExpPickleValue *value);
/* What an item stands for; NULL for none. */
const ExpPickleValue *exp_pickle_item (const ExpPickleValue *value, guint index);
/* The value of a text key of a DICT, the last of several; NULL for none. */
const ExpPickleValue *exp_pickle_get (const ExpPickleValue *dict, const char *key);
/* The same as the pickle has it, a CALL perhaps. */
const ExpPickleValue *exp_pickle_get_record (const ExpPickleValue *dict, const char *key);
/* TRUE and the number for an INT or BOOL. */
gboolean exp_pickle_get_int (const ExpPickleValue *value, gint64 *number);
/* The same of any number, also one of NumPy's in an array of one element, with units or without. */
gboolean exp_pickle_get_double (const ExpPickleValue *record, double *number);
/* Of the package quantities: the text of a record's units, which may be a quantity, a unit, or the text itself; NULL
 * for none. And by how much it is more than its base units, for times seconds; FALSE when that is not understood. */
const ExpPickleValue *exp_pickle_units (const ExpPickleValue *record);
gboolean exp_pickle_unit_factor (const ExpPickleValue *record, double *factor);
/* TRUE for a text or bytes with exactly these characters. */
gboolean exp_pickle_is_text (const ExpPickleValue *value, const char *text);
/* TRUE for TEXT, STR8, BYTES, BYTEARRAY, BIG_INT, GLOBAL. */
gboolean exp_pickle_has_text (const ExpPickleValue *value);

/* The bytes of such a value, at most `most` of them, out of the source when they are there; a STR8 that is no UTF-8 as
 * Latin-1 when `as_text`. EXP_ERROR_NO_MEMORY, or what reading the source gives. */
GBytes *exp_pickle_load (const ExpPickleValue *value, guint64 most, gboolean as_text, GError **error);

/* One value as text: a text as it is, None as null, the others as JSON or, where that has no word for them, as Python
 * prints them. Cut at a few levels and 64 KiB, but for a text alone. Appended to `out`. */
void exp_pickle_append_text (const ExpPickleValue *value, GString *out);
/* The same, cut at `limit` bytes. */
void exp_pickle_append_limited (const ExpPickleValue *value, GString *out, gsize limit);

/* What a dict's values are called by its keys, no two the same and without NULs: a text as it is, others as they read;
 * freed with exp_pickle_names_free. */
typedef struct
{
  char **names;
  guint n;
  GHashTable *indices; /* name -> index + 1 */
} ExpPickleNames;

ExpPickleNames *exp_pickle_names_new (const ExpPickleValue *dict);
void exp_pickle_names_free (ExpPickleNames *names);

/* The same as cells of an array of VSTRING: of a list of `n_values`, of which the array may have some only. What is no
 * text alone is cut sooner the more values there are, and cells of one value share their bytes: a pickle of a few bytes
 * can have a lot of values that are large. */
typedef struct
{
  ExpArray *array;
  gsize limit;
  GHashTable *cells; /* value -> its cell; NULL before there is one */
} ExpPickleTexts;

void exp_pickle_texts_init (ExpPickleTexts *texts, ExpArray *array, guint64 n_values);
/* FALSE when there is no memory, or a text cannot be read. */
gboolean exp_pickle_texts_put (ExpPickleTexts *texts, gsize index, const ExpPickleValue *value, GError **error);
void exp_pickle_texts_clear (ExpPickleTexts *texts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ExpPickleTexts, exp_pickle_texts_clear)

/* The value as an array: numbers and text as scalars, None as the text null, a list, tuple or set as a 1-D array of its
 * elements' common type or of their texts, an array as itself, other things as text. */
ExpArray *exp_pickle_to_array (const ExpPickleValue *value, GError **error);

/* The value as a node, for the whole tree below `value`, which may be a CALL:
 * - dicts, objects, lists of mixed things are directories: entries named by their keys, or by zero-padded numbers;
 * - lists, tuples and sets whose elements are all of one kind of number or all text are 1-D datasets (but for texts
 * that together are far longer than the pickle, having the same ones again and again: a directory), arrays and ranges
 *   datasets, bytes files, the others scalars;
 * - a directory that is met again is a link to where it was met first, nearest to the root.
 * With `has_flat_lists` lists of mixed things are 1-D datasets of texts too. One way for all nodes of a pickle. */
ExpNode *exp_pickle_node_new (ExpPickle *pickle, const ExpPickleValue *value, gboolean has_flat_lists);
/* TRUE when that node is a directory. */
gboolean exp_pickle_is_group (const ExpPickleValue *value);

G_END_DECLS
