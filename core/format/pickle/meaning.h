/* What calls of well-known names stand for, told by their structure; nothing is called.
 * Shared by the files of this folder that know such names. */
#pragma once

#include "array/moment.h"
#include "machine.h"

G_BEGIN_DECLS

/* Types inside types, and calls that are needed to understand others. */
#define EXP_PICKLE_MAX_MEANING 64

/* More fields than this no table has; nor elements in a field, or as many as the pickle has bytes. */
#define EXP_PICKLE_MAX_LEAVES 4096
#define EXP_PICKLE_MAX_CELLS  65536

/* A call as it is looked at: what copyreg's functions wrap is taken out of them. Owned by the pickle. */
typedef struct
{
  ExpPickle *pickle;
  ExpPickleCall *call;
  guint depth;
  const ExpPickleValue *klass; /* GLOBAL or CALL */
  ExpPickleValue *arguments;   /* TUPLE */
  ExpPickleValue *keywords, *items, *pairs;
} ExpPickleReading;

typedef ExpPickleValue *(*ExpPickleKnownFunc) (const ExpPickleReading *reading);

/* A class or function that is understood. The function returns NULL for what is not as it should be, which is shown as
 * any other object then, or after it has set call->refusal. */
typedef struct
{
  const char *name; /* as Python 3 and NumPy 1 have it */
  ExpPickleKnownFunc func;
} ExpPickleKnown;

extern const ExpPickleKnown exp_pickle_known_python[], exp_pickle_known_moments[], exp_pickle_known_numpy[],
    exp_pickle_known_pandas[], exp_pickle_known_pandas_arrays[], exp_pickle_known_quantities[];

/* known_numpy.c: the array that NumPy's state (version, shape, dtype, is Fortran's order, bytes or list, ...) is; NULL
 * with the reason in *refusal. */
ExpPickleValue *
exp_pickle_array_of_state (const ExpPickleReading *reading, const ExpPickleValue *state, const char **refusal);

/* known_python.c: what range (...) stands for. */
ExpPickleValue *exp_pickle_range (const ExpPickleReading *reading);

/* meaning.c */
void exp_pickle_resolve_all (ExpPickle *pickle);
/* What the value stands for; NULL when that was refused, or is being found out further up. */
ExpPickleValue *exp_pickle_resolve (ExpPickle *pickle, ExpPickleValue *value, guint depth);
/* The same of an argument; NULL for none. */
ExpPickleValue *exp_pickle_argument (const ExpPickleReading *reading, guint index);
guint exp_pickle_n_arguments (const ExpPickleReading *reading);
/* The one state that the object was given; NULL for none or several. */
ExpPickleValue *exp_pickle_state (const ExpPickleReading *reading);
/* TRUE when the call has nothing but arguments. */
gboolean exp_pickle_is_bare (const ExpPickleReading *reading);
/* TRUE for a GLOBAL or a call of it by this name, as Python 3 and NumPy 1 have it. */
gboolean exp_pickle_is_named (const ExpPickleValue *value, const char *name);
void exp_pickle_set_attribute (const ExpPickleReading *reading, const char *name, ExpPickleValue *value);
/* What was told of `from`, which the value is made of. */
void exp_pickle_copy_attributes (const ExpPickleReading *reading, const ExpPickleValue *from);
ExpPickleValue *exp_pickle_new_text (ExpPickle *pickle, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* object.c: any other object: what it has as a directory. */
ExpPickleValue *exp_pickle_object (const ExpPickleReading *reading);

/* dtype.c: how elements lie in a pickle, and how they are shown. */
typedef enum
{
  EXP_PICKLE_TYPE_PLAIN,  /* as they lie */
  EXP_PICKLE_TYPE_OBJECT, /* Python's objects */
  EXP_PICKLE_TYPE_UCS4,   /* text of four bytes a character, shown as UTF-8 */
  EXP_PICKLE_TYPE_MOMENT, /* a count of units since 1970, shown as a date */
  EXP_PICKLE_TYPE_COMPOUND,
  EXP_PICKLE_TYPE_SUBARRAY,
} ExpPickleTypeClass;

typedef struct
{
  const char *name;
  gsize from, to; /* offsets, stored and shown */
  const ExpPickleType *type;
} ExpPickleMember;

struct _ExpPickleType
{
  ExpPickleTypeClass klass;
  gboolean is_plain; /* shown as it lies, all of it */
  gboolean big_endian;
  gsize size;       /* as stored */
  ExpDtype *dtype;  /* as shown; NULL for objects */
  guint n_leaves;   /* fields, also those in others */
  gsize n_cells;    /* elements of all fields */
  const char *unit; /* of dates and time spans: "ns"; else NULL */
  gint64 n_units;
  guint n_members;
  ExpPickleMember *members;
  const ExpPickleType *base; /* SUBARRAY, n_elements of it */
  gsize n_elements;
  guint n_dims;
  const guint64 *dims;
};

/* The type that a call of numpy.dtype describes; NULL when it is not understood. */
const ExpPickleType *exp_pickle_type (ExpPickle *pickle, const ExpPickleValue *value, guint depth);
/* As NumPy writes it. */
void exp_pickle_type_append (const ExpPickleType *type, GString *out);
/* One element as it lies into a cell of `array`. FALSE without memory. */
gboolean exp_pickle_convert (const ExpPickleType *type, const guint8 *from, guint8 *to, ExpArray *array);

/* ndarray.c: an array of what the values say; NULL with the reason in *refusal. */
ExpPickleValue *
exp_pickle_ndarray (const ExpPickleReading *reading, const ExpPickleValue *shape, const ExpPickleValue *dtype,
                    gboolean is_fortran, ExpPickleValue *data, const char **refusal);
/* Elements of `slab` into `array`. `decoded` is what an array's bytes stand for that are held as text, or NULL. */
gboolean exp_pickle_array_read (const ExpPickleArray *self, GBytes *decoded, const ExpSlab *slab, ExpArray *array,
                                GError **error);

/* tree.c: what there is below a value, made for all of it at once. Thread-safe. A directory is the record of one. */
typedef struct _ExpPickleTree ExpPickleTree;

ExpPickleTree *exp_pickle_tree_new (ExpPickle *pickle, const ExpPickleValue *root, gboolean has_flat_lists);
ExpPickleTree *exp_pickle_tree_ref (ExpPickleTree *tree);
void exp_pickle_tree_unref (ExpPickleTree *tree);
ExpPickle *exp_pickle_tree_pickle (const ExpPickleTree *tree);
/* Its children: how many, the record of each, its name (caller frees), and the index of a name; FALSE for none. */
guint exp_pickle_n_children (const ExpPickleValue *group);
const ExpPickleValue *exp_pickle_child (const ExpPickleValue *group, guint index);
char *exp_pickle_tree_name (ExpPickleTree *tree, const ExpPickleValue *group, guint index);
gboolean exp_pickle_tree_find (ExpPickleTree *tree, const ExpPickleValue *group, const char *name, guint *index);
/* TRUE for a directory that is shown elsewhere; then the way there from the directory `group`, for ExpInfo.target. */
gboolean exp_pickle_tree_is_link (const ExpPickleTree *tree, const ExpPickleValue *group, guint index);
char *exp_pickle_tree_target (ExpPickleTree *tree, const ExpPickleValue *group, guint index, char *separator);

/* keys.c: takes the pairs out of a dict that others with the same key replace. Only while nobody else has the pickle.
 */
void exp_pickle_settle_keys (ExpPickle *pickle, ExpPickleValue *dict);

/* names.c: of a list's items. */
char *exp_pickle_number_name (const ExpPickleValue *group, guint index);
gboolean exp_pickle_number_find (const ExpPickleValue *group, const char *name, guint *index);

/* render.c: the type of a number of that kind, or of text; a number into its cell. */
ExpDtype *exp_pickle_element_dtype (ExpPickleKind kind);
void exp_pickle_put_number (guint8 *cell, const ExpPickleValue *value);

/* dataset.c: a value that is no directory, as a node. */
ExpNode *exp_pickle_dataset_new (ExpPickle *pickle, const ExpPickleValue *value);
const char *exp_pickle_class_name (const ExpPickleValue *value);
char **exp_pickle_list_attributes (const ExpPickleValue *value);
ExpArray *exp_pickle_read_attribute (const ExpPickleValue *value, const char *name, GError **error);

G_END_DECLS
