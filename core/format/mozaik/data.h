/* What there is below a recording, as nodes. Shared by data.c and derived.c. */
#pragma once

#include "mozaik.h"

typedef enum
{
  EXP_MOZAIK_DATA_TRAINS,  /* a directory */
  EXP_MOZAIK_DATA_TRAIN,   /* `index` */
  EXP_MOZAIK_DATA_COLUMNS, /* a directory: those of `signal` */
  EXP_MOZAIK_DATA_COLUMN,  /* `index` of `signal` */
  EXP_MOZAIK_DATA_SIGNALS, /* a directory: signals of other variables; all are found */
  EXP_MOZAIK_DATA_SIGNAL,
  EXP_MOZAIK_DATA_RATES, /* this and those below follow from the trains */
  EXP_MOZAIK_DATA_INTERVALS,
  EXP_MOZAIK_DATA_VARIATION,
} ExpMozaikDataKind;

/* Two moments, each in its own unit, which is so many seconds. */
typedef struct
{
  double value[2], factor[2];
} ExpMozaikWindow;

typedef struct
{
  ExpNode base;
  ExpMozaikStore *store; /* a reference, by which the entry lives */
  const ExpMozaikEntry *entry;
  ExpMozaikDataKind kind;
  guint signal;
  guint64 index;
  gboolean has_window; /* of rates: spikes in it only */
  ExpMozaikWindow window;
} ExpMozaikData;

extern const ExpNodeClass exp_mozaik_derived_class;

void exp_mozaik_data_free (ExpNode *node);
ExpMozaikSegment *exp_mozaik_data_segment (const ExpMozaikData *self, GError **error);
/* TRUE for a name such as "mean_rates_5ms_20ms". */
gboolean exp_mozaik_parse_window (const char *name, ExpMozaikWindow *window);
