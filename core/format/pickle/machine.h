/* The machine that pickles are programs for: its stack, its memo, and the values that it makes.
 * Knows the opcodes' names, not what classes mean.
 * Shared by the files of this folder. */
#pragma once

#include "pickle.h"

G_BEGIN_DECLS

struct _ExpPickle
{
  gatomicrefcount references;
  GBytes *bytes; /* texts point into it */
  GPtrArray *values;
  GStringChunk *texts; /* what had to be unescaped */
  ExpPickleValue *root;
};

typedef struct
{
  ExpPickle *pickle;
  const guint8 *data;
  gsize size;
  gsize at;
  GPtrArray *stack; /* of ExpPickleValue; NULL is a mark */
  GHashTable *memo; /* number -> value */
  GError *error;
} ExpPickleMachine;

ExpPickleValue *exp_pickle_value_new (ExpPickle *pickle, ExpPickleKind kind);
void exp_pickle_add_item (ExpPickleValue *value, ExpPickleValue *item);

/* FALSE, with the machine's error set. */
gboolean exp_pickle_fail (ExpPickleMachine *machine, const char *reason);
gboolean exp_pickle_push (ExpPickleMachine *machine, ExpPickleValue *value);
gboolean exp_pickle_push_mark (ExpPickleMachine *machine);
/* The value on top, taken off or left; NULL when there is none. */
ExpPickleValue *exp_pickle_pop (ExpPickleMachine *machine);
ExpPickleValue *exp_pickle_top (ExpPickleMachine *machine);
/* Index of the first value above the last mark; G_MAXUINT without one. */
guint exp_pickle_find_mark (ExpPickleMachine *machine);
/* `n` bytes of the program, NULL past its end; a little-endian number of n bytes; a line without its end. */
const guint8 *exp_pickle_take (ExpPickleMachine *machine, guint64 n);
gboolean exp_pickle_take_uint (ExpPickleMachine *machine, guint n, guint64 *number);
const char *exp_pickle_take_line (ExpPickleMachine *machine, gsize *length);

/* containers.c: what lies above the last mark as a new container, the last n values as a tuple; what lies above the
 * mark, or the last one or two values, into the container below. */
ExpPickleValue *exp_pickle_collect (ExpPickleMachine *machine, ExpPickleKind kind);
gboolean exp_pickle_collect_tuple (ExpPickleMachine *machine, guint n);
gboolean exp_pickle_extend (ExpPickleMachine *machine);
gboolean exp_pickle_append (ExpPickleMachine *machine, guint n);

/* opcodes.c */
gboolean exp_pickle_run_opcode (ExpPickleMachine *machine, guint8 opcode);

/* text.c: the arguments of the opcodes that are written as text. FALSE when malformed. */
gboolean exp_pickle_parse_line_int (ExpPickleMachine *machine, const char *line, gsize length, ExpPickleValue **value);
ExpPickleValue *exp_pickle_unquote (ExpPickleMachine *machine, const char *line, gsize length);
ExpPickleValue *exp_pickle_unescape_unicode (ExpPickleMachine *machine, const char *line, gsize length);
/* A little-endian two's complement integer of any length. */
ExpPickleValue *exp_pickle_long (ExpPickleMachine *machine, const guint8 *bytes, gsize length);

/* object.c: what calls of well-known names stand for. */
ExpPickleValue *exp_pickle_reduce (ExpPickle *pickle, const ExpPickleValue *callable, ExpPickleValue *arguments);
void exp_pickle_build (ExpPickle *pickle, ExpPickleValue *object, ExpPickleValue *state);

/* ndarray.c */
gboolean exp_pickle_is_ndarray (const ExpPickleValue *object);
/* Turns the object into an ARRAY when the state describes one that is understood. */
void exp_pickle_build_ndarray (ExpPickle *pickle, ExpPickleValue *object, const ExpPickleValue *state);
/* The element type that a pickled numpy.dtype describes; NULL when it is not understood or is "O". */
ExpDtype *exp_pickle_dtype (const ExpPickleValue *object, gboolean *is_object);
/* A NumPy scalar of `dtype` from its bytes; NULL when not understood. */
ExpPickleValue *exp_pickle_scalar (ExpPickle *pickle, const ExpPickleValue *dtype, const ExpPickleValue *bytes);

G_END_DECLS
