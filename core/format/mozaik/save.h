/* Stores of Mozaik that are written: a draft over the tree that is read, saved into its pickles. Shared by the files of
 * this folder that save. */
#pragma once

#include "expfs/draft.h"
#include "format/hmf/hmf.h"
#include "format/pickle/writer.h"
#include "mozaik.h"

G_BEGIN_DECLS

enum
{
  EXP_MOZAIK_N_FILES = 3,
};

/* A store that is written, behind its draft. */
/* Names of entries where they are not what they would be: of each part by their places, and, of stimuli, by text. */
struct _ExpMozaikNames
{
  GPtrArray *names[EXP_MOZAIK_N_PARTS]; /* char *; NULL: those that they would be */
  GHashTable *by_text;                  /* text -> name */
  GHashTable *aliases;                  /* name of a result that another has taken the place of -> that one's */
};

ExpMozaikNames *exp_mozaik_names_new (void);
void exp_mozaik_names_free (ExpMozaikNames *names);

typedef struct
{
  ExpHmfFolder *folder;  /* held */
  ExpMozaikStore *store; /* as it was saved last; a reference */
  ExpIdentity files[EXP_MOZAIK_N_FILES];
  ExpMozaikNames *names;   /* under which its entries are known in this mount; owned */
  GHashTable *own;         /* identifiers of the recordings that this mount has made */
  ExpStoreOptions options; /* for reading it */
  gboolean replaces;       /* results take the places of equal ones */
  gboolean is_new_neo;     /* neurons are channel_id(s), from neo 0.10 on */
  gboolean has_old_value;  /* a SingleValue's value is a parameter */
  gboolean has_underscore; /* a segment's lists are objects, under names with _ in front, from neo 0.13 on */
} ExpMozaikWriting;

/* One pickle that is made. After an error nothing more is written. */
typedef struct
{
  const ExpMozaikWriting *store;
  ExpPickleWriter *writer;
  GError *error;
  GPtrArray *kept; /* freed when the pickle is whole: addresses that stand for objects in it */
} ExpMozaikSaving;

void exp_mozaik_save_record (ExpMozaikSaving *saving, const ExpPickleValue *record);
/* An object anew, up to its state, which follows as a dict; and what ends that. Who refers to the record has it then.
 */
void exp_mozaik_begin_object (ExpMozaikSaving *saving, const ExpPickleValue *record);
void exp_mozaik_end_object (ExpMozaikSaving *saving);
/* The same of a class by its name. */
void exp_mozaik_begin_new_object (ExpMozaikSaving *saving, const char *module, const char *name);
/* A key; and with a value, text NULL being None. */
void exp_mozaik_save_key (ExpMozaikSaving *saving, const char *key);
void exp_mozaik_save_text (ExpMozaikSaving *saving, const char *key, const char *text);
/* An attribute as a value of Python's; the null attribute as None. */
void exp_mozaik_save_array (ExpMozaikSaving *saving, const ExpArray *array);
/* Elements of a node as an array of NumPy's. */
void exp_mozaik_save_elements (ExpMozaikSaving *saving, ExpNode *node);

/* A text attribute of a node, NULL for none; caller frees. */
char *exp_mozaik_text_attribute (ExpNode *node, const char *name);
/* Whether a node has an attribute. */
gboolean exp_mozaik_has_attribute (ExpNode *node, const char *name);

/* save_neo.c: one signal, of rows and the one column of a neuron or more; a spike train. `annotations` writes a dict.
 */
typedef void (*ExpMozaikAnnotate) (ExpMozaikSaving *saving, gpointer data);
void exp_mozaik_save_signal (ExpMozaikSaving *saving, const ExpArray *values, ExpNode *attributes, const char *name,
                             ExpMozaikAnnotate annotate, gpointer data);
void exp_mozaik_save_train (ExpMozaikSaving *saving, ExpNode *train, const char *name, const char *sheet, guint index);
void exp_mozaik_save_array_dict (ExpMozaikSaving *saving, guint64 length);

/* save_result.c: an object of a result; `saved` is what was read of it, or NULL. */
void exp_mozaik_save_result (ExpMozaikSaving *saving, ExpNode *result, const char *name, const ExpMozaikEntry *saved);
/* save_parameters.c: TRUE for the name of an attribute that is the unit of a field; for one number. */
gboolean exp_mozaik_is_units (const char *name);
gboolean exp_mozaik_is_number (const ExpArray *array);
/* The parameters of a result of a draft, by their names: -> ExpArray. */
GHashTable *exp_mozaik_draft_parameters (ExpNode *result, const char *name);
gboolean exp_mozaik_parameters_equal (GHashTable *one, GHashTable *other);

/* save_recording.c: the Segment of a new recording, and its entry in the list of recordings. */
GBytes *
exp_mozaik_make_segment (const ExpMozaikWriting *store, ExpNode *recording, const char *identifier, GError **error);
void exp_mozaik_save_recording (ExpMozaikSaving *saving, ExpNode *recording, const char *identifier, guint index);

/* save.c, check.c: as ExpDraftClass has them. */
gboolean exp_mozaik_save (ExpNode *root, ExpMozaikWriting *store, GError **error);
gboolean exp_mozaik_check (const ExpDraftChange *change, const ExpMozaikWriting *store, GError **error);
gboolean exp_mozaik_check_write (ExpNode *node, const ExpMozaikWriting *store, GError **error);
void exp_mozaik_identify (ExpMozaikWriting *store, ExpIdentity *files);
/* The entry that a node shows; NULL for other nodes. */
const ExpMozaikEntry *exp_mozaik_node_entry (ExpNode *node);
/* What was saved of a group of the draft as an entry, or NULL. */
const ExpMozaikEntry *exp_mozaik_saved_entry (ExpNode *node);

G_END_DECLS
