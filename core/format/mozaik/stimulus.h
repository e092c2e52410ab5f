/* Stimuli as Mozaik keeps them: a text of all that distinguishes one from others. Source: formats/mozaik.md, section 5.
 * Used in this folder and by tests. */
#pragma once

#include "literal.h"

G_BEGIN_DECLS

typedef struct
{
  char *name;
  ExpArray *value;   /* as exp_mozaik_literal_to_array has it */
  gboolean is_fixed; /* part of a parameter set that is compared whole */
} ExpMozaikParameter;

/* Immutable; shared by all that have the same text. */
typedef struct
{
  gatomicrefcount references;
  char *text;
  char *module_path;  /* NULL: the text does not say, or is none */
  char *name;         /* the class's; the same */
  GArray *parameters; /* of ExpMozaikParameter, in the text's order, leaves of parameter sets in the place of the set */
  char *refusal;      /* why the text is none; it has no parameters then. NULL: it is sound */
} ExpMozaikStimulus;

/* Never NULL: a text that is none has its refusal. */
ExpMozaikStimulus *exp_mozaik_stimulus_new (const char *text);
ExpMozaikStimulus *exp_mozaik_stimulus_ref (ExpMozaikStimulus *stimulus);
void exp_mozaik_stimulus_unref (ExpMozaikStimulus *stimulus);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpMozaikStimulus, exp_mozaik_stimulus_unref)

G_END_DECLS
