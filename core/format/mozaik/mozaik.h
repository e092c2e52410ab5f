/* Stores of Mozaik: a directory of pickles, or of one HDF5 file and a pickle, with what was recorded, what was found by
 * analysing it, and what was shown meanwhile. Source: formats/mozaik.md. Used in this folder only. */
#pragma once

#include "expfs/node.h"
#include "expfs/store.h"
#include "format/pickle/pickle.h"
#include "stimulus.h"

G_BEGIN_DECLS

#define EXP_MOZAIK_RECORDINGS "datastore.recordings.pickle"
#define EXP_MOZAIK_ANALYSIS   "datastore.analysis.pickle"
#define EXP_MOZAIK_SENSORY    "datastore.sensory.stimulus.pickle"
#define EXP_MOZAIK_HDF5       "datastore.hdf5"

typedef struct _ExpMozaikStore ExpMozaikStore;
typedef struct _ExpMozaikNames ExpMozaikNames; /* save.h */
typedef struct _ExpMozaikSegment ExpMozaikSegment;

/* --- attributes (attributes.c) ------------------------------------------------------------------------------ */

/* Attributes that are made when they are asked for, in order; names are unique, the first one stays. */
typedef struct
{
  GPtrArray *names;  /* owned */
  GPtrArray *values; /* of ExpArray, owned */
} ExpMozaikAttributes;

ExpMozaikAttributes *exp_mozaik_attributes_new (void);
void exp_mozaik_attributes_free (ExpMozaikAttributes *attributes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpMozaikAttributes, exp_mozaik_attributes_free)
/* Takes the value over; NULL adds nothing. */
void exp_mozaik_attributes_add (ExpMozaikAttributes *self, const char *name, ExpArray *value);
/* All of another. */
void exp_mozaik_attributes_add_all (ExpMozaikAttributes *self, const ExpMozaikAttributes *other);
void exp_mozaik_attributes_add_text (ExpMozaikAttributes *self, const char *name, const char *text);
/* What a record of a pickle stands for; None as the null attribute. NULL adds nothing. */
void exp_mozaik_attributes_add_value (ExpMozaikAttributes *self, const char *name, const ExpPickleValue *record);
/* A quantity: its number, and its units as NAME_units; None adds nothing. */
void exp_mozaik_attributes_add_quantity (ExpMozaikAttributes *self, const char *name, const ExpPickleValue *record);
/* All of a dict with text keys; those whose value is None only `with_none`. */
void exp_mozaik_attributes_add_dict (ExpMozaikAttributes *self, const ExpPickleValue *dict, gboolean with_none);
/* st_NAME for each parameter, and its module. */
void exp_mozaik_attributes_add_stimulus (ExpMozaikAttributes *self, const ExpMozaikStimulus *stimulus);
/* As ExpNodeClass has it; both free `self`. */
char **exp_mozaik_attributes_take_names (ExpMozaikAttributes *self);
ExpArray *exp_mozaik_attributes_take (ExpMozaikAttributes *self, const char *name, GError **error);

/* A text of a pickle up to its first NUL; NULL for what is none, or is longer than any that is sensible. Caller frees.
 */
char *exp_mozaik_dup_text (const ExpPickleValue *value);

/* --- entries (store.c) -------------------------------------------------------------------------------------- */

typedef enum
{
  EXP_MOZAIK_PART_RECORDINGS,
  EXP_MOZAIK_PART_ANALYSIS,
  EXP_MOZAIK_PART_STIMULI,
  EXP_MOZAIK_N_PARTS,
} ExpMozaikPartKind;

extern const char *const exp_mozaik_part_names[EXP_MOZAIK_N_PARTS];

/* One recording, result or stimulus. */
typedef struct
{
  ExpMozaikPartKind part;
  guint index;                  /* in its part */
  char *name;                   /* of its directory */
  ExpPickle *pickle;            /* that the values are of; a reference; NULL: none */
  const ExpPickleValue *record; /* as the pickle has it; of a sensory stimulus what was shown; NULL: not shown */
  const ExpPickleValue *state;  /* DICT of its attributes; NULL: there is no such object */
  ExpMozaikStimulus *stimulus;  /* NULL: none */
  char *identifier;             /* NULL: none */
  /* Recordings: */
  const ExpPickleValue *annotations; /* DICT, or NULL */
  char *sheet;                       /* NULL: none */
  gboolean is_null;
  ExpNode *group; /* of the HDF5 file; NULL in a store of pickles */
} ExpMozaikEntry;

/* What a part holds: in the store's order. */
typedef struct
{
  ExpPickle *pickle;
  const ExpPickleValue *root;        /* the Block, the list of results, the dict of stimuli */
  GPtrArray *entries;                /* owned */
  GHashTable *by_name;               /* -> ExpMozaikEntry */
  const ExpPickleValue *annotations; /* of the Block: DICT, or NULL */
} ExpMozaikPart;

/* NULL for a directory that is no such store. */
ExpMozaikStore *exp_mozaik_store_open (const char *path, const ExpStoreOptions *options, GError **error);
/* The names that the entries have in this mount, borrowed until the parts have been read. */
void exp_mozaik_store_set_names (ExpMozaikStore *store, const ExpMozaikNames *names);
/* The name that an entry of this part has, caller frees; NULL: what it would be. */
char *exp_mozaik_store_given_name (const ExpMozaikStore *store, const ExpMozaikEntry *entry);
/* Results are found under the names of those as well whose places they have taken. */
void exp_mozaik_store_add_aliases (const ExpMozaikStore *store, ExpMozaikPart *part);
ExpMozaikStore *exp_mozaik_store_ref (ExpMozaikStore *store);
void exp_mozaik_store_unref (ExpMozaikStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpMozaikStore, exp_mozaik_store_unref)
const char *exp_mozaik_store_path (const ExpMozaikStore *store);
/* TRUE for one of an HDF5 file. */
gboolean exp_mozaik_store_is_hdf5 (const ExpMozaikStore *store);
/* Read when it is asked for the first time; borrowed, and immutable. A part whose file is missing is empty, but for
 * recordings. */
const ExpMozaikPart *exp_mozaik_store_part (ExpMozaikStore *store, ExpMozaikPartKind kind, GError **error);
/* The stimulus with this text, one for all that have it; a new reference. */
ExpMozaikStimulus *exp_mozaik_store_stimulus (ExpMozaikStore *store, const char *text);
/* What a recording holds; a new reference. EXP_ERROR_MISSING when its file is not there. A few are kept. */
ExpMozaikSegment *exp_mozaik_store_segment (ExpMozaikStore *store, const ExpMozaikEntry *entry, GError **error);

/* load.c: reads a part; the kinds of files in turn. */
gboolean exp_mozaik_load_recordings (ExpMozaikStore *store, ExpMozaikPart *part, GError **error);
gboolean exp_mozaik_load_hdf5 (ExpMozaikStore *store, ExpNode *root, ExpMozaikPart *part, GError **error);
gboolean exp_mozaik_load_analysis (ExpMozaikStore *store, ExpMozaikPart *part, GError **error);
gboolean exp_mozaik_load_stimuli (ExpMozaikStore *store, ExpMozaikPart *part, GError **error);
/* A new entry at the end of the part. */
ExpMozaikEntry *exp_mozaik_part_add (ExpMozaikPart *part, ExpMozaikPartKind kind);
/* Names it, once all else of it is known, by its number, `what` and `more`, which may be NULL. */
void exp_mozaik_part_name (ExpMozaikStore *store, ExpMozaikPart *part, ExpMozaikEntry *entry, const char *what,
                           const char *more);
/* The attributes of an object of a pickle: DICT, or NULL for what is none. */
const ExpPickleValue *exp_mozaik_state (const ExpPickleValue *record);
/* A list, also one in an object of neo's around it; NULL for what is none. */
const ExpPickleValue *exp_mozaik_list (const ExpPickleValue *value);
/* The elements of a list of neo's, under a name that newer versions have an underscore in front of; or NULL. */
const ExpPickleValue *exp_mozaik_member (const ExpPickleValue *state, const char *name);

/* --- segments (segment.c, segment_hdf5.c) ------------------------------------------------------------------- */

typedef struct
{
  char *name;                        /* of its file: the neuron's id; unique */
  const ExpPickleValue *call;        /* neo's; NULL: the pickle has no such object */
  const ExpPickleValue *annotations; /* DICT, or NULL */
  ExpPickle *own;                    /* that the annotations are of, when it is not the segment's; a reference */
  ExpArray *values;                  /* times out of an array of all trains' */
  ExpNode *times;                    /* HDF5's; a reference */
  ExpMozaikAttributes *known;        /* the same; else NULL */
  const char *units;                 /* the segment's; NULL: not known */
  double factor;                     /* of the unit, in seconds; 0: not known */
  double start, stop;                /* in seconds */
  gboolean has_bounds;
  char *refusal; /* why there are no times */
} ExpMozaikTrain;

typedef struct
{
  char *name; /* the variable's; unique */
  const ExpPickleValue *call, *annotations;
  ExpPickle *own;
  ExpMozaikAttributes *known; /* HDF5's; else NULL */
  ExpNode *matrix;            /* time x neuron; NULL: see refusal */
  guint rank;
  guint64 n_samples, n_columns;
  char **columns; /* names of files: the neurons' ids, or numbers */
  const char *units;
  char *refusal;
} ExpMozaikSignal;

typedef enum
{
  EXP_MOZAIK_VM,
  EXP_MOZAIK_ESYN,
  EXP_MOZAIK_ISYN,
  EXP_MOZAIK_N_VARIABLES,
} ExpMozaikVariable;

extern const char *const exp_mozaik_variable_names[EXP_MOZAIK_N_VARIABLES];

/* Immutable. */
struct _ExpMozaikSegment
{
  gatomicrefcount references;
  ExpPickle *pickle; /* NULL: of HDF5 */
  GStringChunk *texts;
  GArray *trains;                        /* of ExpMozaikTrain */
  GArray *signals;                       /* of ExpMozaikSignal */
  int variables[EXP_MOZAIK_N_VARIABLES]; /* which signal; -1: none */
  GHashTable *train_names;               /* name (borrowed) -> index + 1 */
  guint64 weight;                        /* about the bytes that it takes */
};

ExpMozaikSegment *exp_mozaik_segment_open (const char *path, GError **error);
ExpMozaikSegment *exp_mozaik_segment_open_hdf5 (ExpNode *group, GError **error);
ExpMozaikSegment *exp_mozaik_segment_new (void);
ExpMozaikSegment *exp_mozaik_segment_ref (ExpMozaikSegment *segment);
void exp_mozaik_segment_unref (ExpMozaikSegment *segment);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpMozaikSegment, exp_mozaik_segment_unref)
/* Once trains and signals are there: their names, and which signal is which variable. */
void exp_mozaik_segment_index (ExpMozaikSegment *segment);
ExpMozaikTrain *exp_mozaik_segment_train (const ExpMozaikSegment *segment, guint index);
ExpMozaikSignal *exp_mozaik_segment_signal (const ExpMozaikSegment *segment, guint index);
/* The number of spikes; the times as a dataset, a new reference; all of them as doubles, freed by the caller. */
gboolean exp_mozaik_train_length (const ExpMozaikTrain *train, guint64 *n, GError **error);
ExpNode *exp_mozaik_train_node (const ExpMozaikSegment *segment, const ExpMozaikTrain *train, GError **error);
double *exp_mozaik_train_times (const ExpMozaikSegment *segment, const ExpMozaikTrain *train, gsize *n, GError **error);
ExpMozaikAttributes *exp_mozaik_train_attributes (const ExpMozaikTrain *train);
ExpMozaikAttributes *exp_mozaik_signal_attributes (const ExpMozaikSignal *signal);

/* multiplexed.c: the trains of a list that has one array of times and one of ids. */
void exp_mozaik_read_multiplexed (ExpMozaikSegment *segment, const ExpPickleValue *list);

/* neo.c: one object of neo's. */
void exp_mozaik_read_train (ExpMozaikSegment *segment, const ExpPickleValue *record);
void
exp_mozaik_read_signal (GStringChunk *texts, ExpPickle *pickle, const ExpPickleValue *record, ExpMozaikSignal *signal);
void exp_mozaik_signal_clear (gpointer data);
/* TRUE for a record of an AnalogSignal. */
gboolean exp_mozaik_is_signal (const ExpPickleValue *record);
/* The names of a signal's columns by its ids. */
void exp_mozaik_name_columns (ExpMozaikSignal *signal, const ExpPickleValue *annotations);

/* --- statistics (statistics.c) ------------------------------------------------------------------------------ */

/* As NumPy computes them of doubles in one piece, to the last bit. Source: NumPy's pairwise summation, blocks of 128
 * with 8 partial sums, in pieces of 8192. */
double exp_mozaik_sum (const double *values, gsize n);
double exp_mozaik_mean (const double *values, gsize n);
double exp_mozaik_deviation (const double *values, gsize n);
/* The standard deviation of the intervals by their mean; NaN for 4 intervals or fewer. */
double exp_mozaik_variation (const double *times, gsize n);

/* --- nodes -------------------------------------------------------------------------------------------------- */

/* root.c */
ExpNode *exp_mozaik_root_new (ExpMozaikStore *store);
/* entry.c: the directory of a part, and of an entry; `store` owns the entry. */
ExpNode *exp_mozaik_part_node_new (ExpMozaikStore *store, ExpMozaikPartKind kind);
ExpNode *exp_mozaik_entry_node_new (ExpMozaikStore *store, const ExpMozaikEntry *entry);
ExpMozaikAttributes *exp_mozaik_entry_attributes (const ExpMozaikEntry *entry);
/* data.c: what there is below a recording. */
gboolean exp_mozaik_data_list (ExpMozaikStore *store, const ExpMozaikEntry *entry, guint64 skip, ExpListFunc func,
                               gpointer data, GError **error);
ExpNode *exp_mozaik_data_lookup (ExpMozaikStore *store, const ExpMozaikEntry *entry, const char *name, GError **error);
/* analysis.c */
/* A name and what the pickle has of it. */
typedef struct
{
  char *name;
  const ExpPickleValue *record;
} ExpMozaikField;

/* Of ExpMozaikField, owned: the parameters of a result, None included. */
GArray *exp_mozaik_result_parameters (const ExpMozaikEntry *entry);
/* The units of its fields, as attributes. */
void exp_mozaik_result_add_units (const ExpMozaikEntry *entry, ExpMozaikAttributes *attributes);
/* What there is below it: a group of nodes in memory, a new reference. */
ExpNode *exp_mozaik_result_children (const ExpMozaikEntry *entry);
/* The text that stands for it, as print_content has it. Caller frees. */
char *exp_mozaik_result_text (const ExpMozaikEntry *entry);
/* Interned, or NULL. */
const char *exp_mozaik_result_class (const ExpMozaikEntry *entry);
/* fields.c: a field as a node: signals by `ids`, which may be NULL; `units` are those of arrays without units of their
 * own, or NULL. */
ExpNode *
exp_mozaik_field_node (ExpPickle *pickle, const ExpPickleValue *record, const ExpPickleValue *ids, const char *units);
/* A list of texts, also an empty one, as an array of them. */
ExpArray *exp_mozaik_texts_array (const ExpPickleValue *record);
/* decorated.c: a dataset with these attributes in place of its own, which it takes over; a reference is taken. */
ExpNode *exp_mozaik_decorated_new (ExpNode *inner, ExpMozaikAttributes *attributes, const char *role);
/* stimuli.c */
ExpNode *exp_mozaik_stimulus_children (const ExpMozaikEntry *entry);
/* sheets.c */
ExpNode *exp_mozaik_sheets_new (ExpMozaikStore *store);
/* content.c: the parts of what print_content says, and the lines of one, each with its newline. */
typedef enum
{
  EXP_MOZAIK_CONTENT_COUNTS,
  EXP_MOZAIK_CONTENT_RECORDINGS, /* what full_recordings adds */
  EXP_MOZAIK_CONTENT_RESULTS,    /* what full_ADS adds */
} ExpMozaikContent;

gboolean exp_mozaik_print_content (ExpMozaikStore *store, ExpMozaikContent content, GString *out, GError **error);
/* parameters.c: as ExpNodeClass.list_parameters has it, of one part or, for EXP_MOZAIK_N_PARTS, all of the store. */
gboolean exp_mozaik_list_parameters (ExpMozaikStore *store, ExpMozaikPartKind kind, ExpParameterRules *rules,
                                     ExpParameterFunc func, gpointer data, GError **error);

G_END_DECLS
