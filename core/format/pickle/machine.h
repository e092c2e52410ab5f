/* The machine that pickles are programs for: its stack, its memo, and the values that it makes.
 * Knows the opcodes' names, not what classes mean.
 * Shared by the files of this folder. */
#pragma once

#include "pickle.h"

G_BEGIN_DECLS

/* Containers inside containers; the deepest real pickle has a few dozen. */
#define EXP_PICKLE_MAX_DEPTH 1000

/* Longer texts stay in the source. */
#define EXP_PICKLE_KEPT_TEXT 4096

typedef struct _ExpPickleBlock ExpPickleBlock;

struct _ExpPickle
{
  gatomicrefcount references;
  ExpSource *source;
  guint64 size;   /* of the source */
  guint64 budget; /* bytes of memory that its length still warrants */
  gboolean is_exhausted;
  ExpPickleBlock *blocks;
  GPtrArray *dtypes; /* of ExpDtype, owned */
  ExpPickleCall *first_call, *last_call;
  ExpPickleValue *root;
  ExpPickleValue spare; /* what is handed out when there is no memory; nobody keeps it */
  ExpPickleCall spare_call;
};

typedef struct
{
  ExpPickle *pickle;
  /* reader.c */
  guint64 size, at, frame_end;
  guint64 opcode_at; /* for messages */
  guint8 *window;
  guint64 window_start;
  gsize window_length;
  char *line;
  /* machine.c */
  ExpPickleValue **stack;
  gsize n_stack, n_stack_room;
  gsize marks[EXP_PICKLE_MAX_DEPTH]; /* heights of the stack */
  guint n_marks;
  guint8 protocol; /* of what follows */
  ExpPickleValue **memo;
  gsize n_memo_room;
  guint64 n_memo;
  ExpPickleValue *none, *booleans[2], *small[256], *empty_tuple;
  GError *error;
} ExpPickleMachine;

/* memory.c: zeroed memory that lives as long as the pickle; NULL, and the pickle exhausted, when it has had its share.
 * Values and calls are never NULL, but may be spare ones then. */
gpointer exp_pickle_allocate (ExpPickle *pickle, gsize size);
void exp_pickle_free_blocks (ExpPickle *pickle);
/* FALSE when so much more is not warranted. Work that many values can ask for with one list counts as memory too. */
gboolean exp_pickle_spend (ExpPickle *pickle, guint64 size);
ExpPickleValue *exp_pickle_value_new (ExpPickle *pickle, ExpPickleKind kind);
ExpPickleCall *exp_pickle_call_new (ExpPickle *pickle, ExpPickleHow how);
/* A text of which a copy is kept. */
ExpPickleValue *exp_pickle_text_new (ExpPickle *pickle, ExpPickleKind kind, const void *text, gsize length);
void exp_pickle_add_items (ExpPickle *pickle, ExpPickleValue *value, ExpPickleValue *const *items, gsize n);
void exp_pickle_add_pair (ExpPickle *pickle, ExpPickleValue *dict, const char *key, ExpPickleValue *value);
/* A container of another kind with the same items; a sequence of another, which may be a LIST, TUPLE or set. It counts
 * as memory: whoever shows it has the items once more. */
ExpPickleValue *exp_pickle_share (ExpPickle *pickle, ExpPickleKind kind, const ExpPickleValue *from);
/* The dtype is the pickle's from now on, and borrowed. */
ExpDtype *exp_pickle_keep_dtype (ExpPickle *pickle, ExpDtype *dtype);

/* reader.c: the program's bytes. `n` bytes, no more than fit a window, NULL past the end of the program or of its
 * frame; valid until the next call. A little-endian number of n bytes. A line without its end; valid until the next
 * line. */
const guint8 *exp_pickle_take (ExpPickleMachine *machine, guint64 n);
gboolean exp_pickle_take_uint (ExpPickleMachine *machine, guint n, guint64 *number);
const char *exp_pickle_take_line (ExpPickleMachine *machine, gsize *length);
/* The next n bytes as a value, which stay in the source when they are many. */
ExpPickleValue *exp_pickle_take_text (ExpPickleMachine *machine, ExpPickleKind kind, guint64 n);
/* FALSE when these are not UTF-8 with surrogates; *n_tail bytes at the end are the beginning of a character. */
gboolean exp_pickle_check_utf8 (const guint8 *bytes, gsize length, gsize *n_tail);

/* machine.c. FALSE, with the machine's error set. */
gboolean exp_pickle_fail (ExpPickleMachine *machine, const char *reason);
gboolean exp_pickle_fail_code (ExpPickleMachine *machine, ExpError code, const char *reason);
gboolean exp_pickle_push (ExpPickleMachine *machine, ExpPickleValue *value);
gboolean exp_pickle_push_mark (ExpPickleMachine *machine);
/* The value on top, taken off or left; NULL when there is none above the last mark. */
ExpPickleValue *exp_pickle_pop (ExpPickleMachine *machine);
ExpPickleValue *exp_pickle_top (ExpPickleMachine *machine);
/* Takes the last mark off: the values above it and their number, which stay valid until the next push. */
gboolean exp_pickle_pop_mark (ExpPickleMachine *machine, ExpPickleValue ***values, gsize *n);
gboolean exp_pickle_remember (ExpPickleMachine *machine, guint64 number);
gboolean exp_pickle_recall (ExpPickleMachine *machine, guint64 number);
/* FALSE when the outer value would become too deep. */
gboolean exp_pickle_nest (ExpPickleMachine *machine, ExpPickleValue *outer, const ExpPickleValue *inner);

/* containers.c */
gboolean exp_pickle_run_container (ExpPickleMachine *machine, guint8 opcode);
/* calls.c */
gboolean exp_pickle_run_call (ExpPickleMachine *machine, guint8 opcode);
/* opcodes.c */
gboolean exp_pickle_run_opcode (ExpPickleMachine *machine, guint8 opcode);

/* text.c: the arguments of the opcodes that are written as text. NULL, with the machine's error set, when malformed. */
ExpPickleValue *exp_pickle_line_int (ExpPickleMachine *machine, const char *line, gsize length, gboolean is_long);
ExpPickleValue *exp_pickle_line_float (ExpPickleMachine *machine, const char *line, gsize length);
ExpPickleValue *exp_pickle_unquote (ExpPickleMachine *machine, const char *line, gsize length);
ExpPickleValue *exp_pickle_unescape_unicode (ExpPickleMachine *machine, const char *line, gsize length);
/* long.c: a little-endian two's complement integer of any length, the bytes of which follow. */
ExpPickleValue *exp_pickle_take_long (ExpPickleMachine *machine, gsize length);

G_END_DECLS
