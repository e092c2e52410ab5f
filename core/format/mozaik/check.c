/* What a store cannot hold, and which results would be there twice.
 * Knows where in the tree what can be; nothing of how it is written.
 * Called by mozaik.c. */
#include "save.h"
#include <string.h>

static gboolean
refuse (GError **error, ExpError code, const char *message)
{
  g_set_error_literal (error, EXP_ERROR, code, message);
  return FALSE;
}

/* Where a node is: the names on the way to it, the root's first child in front. */
typedef struct
{
  GPtrArray *names; /* owned */
  GPtrArray *nodes; /* references, likewise */
} Place;

static void
place_init (Place *place, ExpNode *node)
{
  g_autoptr (ExpNode) at = exp_node_ref (node);

  place->names = g_ptr_array_new_with_free_func (g_free);
  place->nodes = g_ptr_array_new_with_free_func ((GDestroyNotify)exp_node_unref);
  for (;;)
    {
      char *name = NULL;
      ExpNode *parent = exp_draft_get_parent (at, &name);

      if (parent == NULL)
        return;
      g_ptr_array_insert (place->names, 0, name);
      g_ptr_array_insert (place->nodes, 0, exp_node_ref (at));
      exp_node_unref (at);
      at = parent;
    }
}

static void
place_clear (Place *place)
{
  g_clear_pointer (&place->names, g_ptr_array_unref);
  g_clear_pointer (&place->nodes, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Place, place_clear)

static gboolean
is_in (const Place *place, const char *part)
{
  return place->names->len > 0 && strcmp (place->names->pdata[0], part) == 0;
}

/* TRUE for what is in a recording that this mount did not make. */
static gboolean
is_old_recording (const Place *place, const ExpMozaikWriting *store)
{
  const ExpMozaikEntry *entry;

  if (!is_in (place, "recordings") || place->nodes->len < 2)
    return FALSE;
  entry = exp_mozaik_saved_entry (place->nodes->pdata[1]);
  return entry != NULL && (entry->identifier == NULL || !g_hash_table_contains (store->own, entry->identifier));
}

static gboolean
is_old_sheet (const Place *place)
{
  g_autoptr (ExpNode) saved = NULL;

  if (!is_in (place, "sheets") || place->nodes->len < 2)
    return FALSE;
  saved = exp_draft_get_saved_elements (place->nodes->pdata[1]);
  return saved != NULL;
}

#define OLD_RECORDING                                                                                                  \
  "a recording that is there is not changed: Mozaik has no such thing; remove it as a whole, or add another"
#define OLD_SHEET "the neurons of a sheet that is there are not changed: its recordings have their ids"

static gboolean
check_old (const Place *place, const ExpMozaikWriting *store, GError **error)
{
  if (is_old_recording (place, store))
    return refuse (error, EXP_ERROR_UNSUPPORTED, OLD_RECORDING);
  if (is_old_sheet (place))
    return refuse (error, EXP_ERROR_UNSUPPORTED, OLD_SHEET);
  return TRUE;
}

static gboolean
is_id (const char *name)
{
  return *name != '\0' && strlen (name) < 19 && strspn (name, "0123456789") == strlen (name)
         && (*name != '0' || name[1] == '\0');
}

/* --- groups ------------------------------------------------------------------------------------------------- */

static gboolean
check_new_group (const Place *place, const char *name, const ExpMozaikWriting *store, GError **error)
{
  static const char *const of_recording[] = { "spiketrains", "vm", "esyn", "isyn", NULL };
  const guint depth = place->names->len;

  if (depth == 0)
    return refuse (error, EXP_ERROR_UNSUPPORTED, "a Mozaik store has recordings, analysis, stimuli and sheets only");
  if (!check_old (place, store, error))
    return FALSE;
  if (depth == 1)
    return TRUE;
  if (depth == 2 && is_in (place, "recordings") && !g_strv_contains (of_recording, name))
    return refuse (error, EXP_ERROR_UNSUPPORTED, "a recording has spiketrains, vm, esyn and isyn");
  if (depth == 2 && is_in (place, "sheets") && strcmp (name, "annotations") != 0)
    return refuse (error, EXP_ERROR_UNSUPPORTED, "a sheet has ids, positions and annotations");
  if (depth == 2 && is_in (place, "stimuli") && strcmp (name, "data") != 0)
    return refuse (error, EXP_ERROR_UNSUPPORTED, "a stimulus has text and data");
  if (depth == 2 && is_in (place, "analysis") && *name == '_')
    return refuse (error, EXP_ERROR_INVALID, "a field's name does not begin with _");
  return depth == 2 || refuse (error, EXP_ERROR_UNSUPPORTED, "there are no directories here");
}

/* --- datasets ----------------------------------------------------------------------------------------------- */

static gboolean
check_signal (const ExpNewDataset *dataset, GError **error)
{
  if (dataset->rank < 1 || dataset->rank > 2 || (dataset->rank == 2 && dataset->shape[1] != 1))
    return refuse (error, EXP_ERROR_UNSUPPORTED, "a signal is a column of numbers");
  return exp_dtype_is_numeric (dataset->dtype)
         || refuse (error, EXP_ERROR_UNSUPPORTED, "a signal is a column of numbers");
}

static gboolean
check_in_recording (const Place *place, const char *name, const ExpNewDataset *dataset, GError **error)
{
  static const char *const derived[] = { "mean_rates", "isi", "cv_isi", NULL };

  if (place->names->len == 2)
    return g_strv_contains (derived, name)
           || refuse (error, EXP_ERROR_UNSUPPORTED, "a recording's files are in spiketrains, vm, esyn and isyn");
  if (!is_id (name))
    return refuse (error, EXP_ERROR_INVALID, "spike trains and signals are named by the ids of their neurons");
  if (dataset == NULL || dataset->dtype == NULL)
    return TRUE;
  if (strcmp (place->names->pdata[2], "spiketrains") != 0)
    return check_signal (dataset, error);
  return (dataset->rank == 1 && exp_dtype_is_numeric (dataset->dtype))
         || refuse (error, EXP_ERROR_UNSUPPORTED, "a spike train is a row of times");
}

static gboolean
check_in_result (const Place *place, const char *name, const ExpNewDataset *dataset, GError **error)
{
  if (*name == '_')
    return refuse (error, EXP_ERROR_INVALID, "a field's name does not begin with _");
  if (dataset == NULL || dataset->dtype == NULL)
    return TRUE;
  if (place->names->len == 3)
    return check_signal (dataset, error);
  if (dataset->is_null || (dataset->dtype->type == EXP_TYPE_VLEN))
    return refuse (error, EXP_ERROR_UNSUPPORTED, "a result's fields are numbers, texts and tables of these");
  return TRUE;
}

static gboolean
check_in_sheet (const Place *place, const char *name, const ExpNewDataset *dataset, GError **error)
{
  if (place->names->len == 3)
    return TRUE;
  if (strcmp (name, "ids") != 0 && strcmp (name, "positions") != 0)
    return refuse (error, EXP_ERROR_UNSUPPORTED, "a sheet has ids, positions and annotations");
  return dataset == NULL || dataset->dtype == NULL || exp_dtype_is_numeric (dataset->dtype)
         || refuse (error, EXP_ERROR_UNSUPPORTED, "ids and positions are numbers");
}

static gboolean
check_dataset (const Place *place, const char *name, const ExpNewDataset *dataset, const ExpMozaikWriting *store,
               GError **error)
{
  if (place->names->len < 2)
    return refuse (error, EXP_ERROR_UNSUPPORTED, "recordings, results, stimuli and sheets are directories");
  if (!check_old (place, store, error))
    return FALSE;
  if (is_in (place, "recordings"))
    return check_in_recording (place, name, dataset, error);
  if (is_in (place, "analysis"))
    return check_in_result (place, name, dataset, error);
  if (is_in (place, "sheets"))
    return check_in_sheet (place, name, dataset, error);
  return place->names->len > 2 || strcmp (name, "text") == 0 || strcmp (name, "data") == 0
         || refuse (error, EXP_ERROR_UNSUPPORTED, "a stimulus has text and data");
}

/* --- attributes --------------------------------------------------------------------------------------------- */

/* The name of another result that has all of these parameters; caller frees. NULL: none. */
static char *
find_equal (ExpNode *results, ExpNode *result, GHashTable *parameters)
{
  g_autoptr (GPtrArray) names = exp_node_list_names (results, NULL, NULL);

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      g_autoptr (ExpNode) other = exp_node_lookup (results, names->pdata[i], NULL);
      g_autoptr (GHashTable) its = NULL;

      if (other == NULL || other == result)
        continue;
      its = exp_mozaik_draft_parameters (other, names->pdata[i]);
      if (exp_mozaik_parameters_equal (parameters, its))
        return g_strdup (names->pdata[i]);
    }
  return NULL;
}

/* Results are told apart by their parameters. */
static gboolean
check_parameter (const Place *place, const ExpDraftChange *change, const ExpMozaikWriting *store, GError **error)
{
  g_autoptr (GHashTable) parameters = NULL;
  g_autofree char *other = NULL;
  GError *local = NULL;

  if (store->replaces || place->names->len != 2 || g_str_has_prefix (change->name, "st_")
      || strcmp (change->name, "tags") == 0)
    return TRUE;
  parameters = exp_mozaik_draft_parameters (change->node, place->names->pdata[1]);
  g_hash_table_insert (parameters, g_strdup (change->name), exp_array_ref ((ExpArray *)change->value));
  other = find_equal (place->nodes->pdata[0], change->node, parameters);
  if (other == NULL)
    return TRUE;
  g_set_error (&local, EXP_ERROR, EXP_ERROR_EXISTS,
               "analysis/%s: all parameters would equal those of %s; with -o replace it takes that one's place",
               (char *)place->names->pdata[1], other);
  g_warning ("%s", local->message);
  g_propagate_error (error, local);
  return FALSE;
}

static gboolean
check_units (const ExpDraftChange *change, GError **error)
{
  g_autofree char *text = change->value->n_elements == 1 ? exp_array_dup_text (change->value) : NULL;

  if (!g_str_has_suffix (change->name, "units") && !g_str_has_suffix (change->name, "_unit"))
    return TRUE;
  if (text == NULL || *text == '\0' || exp_pickle_knows_units (text))
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "the unit '%s' is not known, and cannot be written", text);
  return FALSE;
}

static gboolean
check_attribute (const ExpDraftChange *change, const ExpMozaikWriting *store, GError **error)
{
  g_auto (Place) place = { 0 };

  place_init (&place, change->node);
  if (place.names->len == 1)
    return refuse (error, EXP_ERROR_UNSUPPORTED, "this directory has no attributes");
  if (!check_old (&place, store, error))
    return FALSE;
  if (change->kind == EXP_DRAFT_REMOVE_ATTRIBUTE)
    return TRUE;
  if (!check_units (change, error))
    return FALSE;
  return !is_in (&place, "analysis") || check_parameter (&place, change, store, error);
}

/* --- any change --------------------------------------------------------------------------------------------- */

static gboolean
check_move (const ExpDraftChange *change, const ExpMozaikWriting *store, GError **error)
{
  g_auto (Place) place = { 0 };

  place_init (&place, change->group);
  if (change->is_exchange || change->group != change->new_group)
    return refuse (error, EXP_ERROR_UNSUPPORTED, "what there is in a Mozaik store stays where it is");
  if (place.names->len == 0 || (place.names->len == 1 && is_in (&place, "sheets")))
    return refuse (error, EXP_ERROR_UNSUPPORTED, "the name is the store's");
  return check_old (&place, store, error)
         && (place.names->len < 2 || check_dataset (&place, change->new_name, NULL, store, error));
}

static gboolean
check_remove (const ExpDraftChange *change, GError **error)
{
  g_auto (Place) place = { 0 };

  place_init (&place, change->group);
  if (place.names->len == 0)
    return refuse (error, EXP_ERROR_UNSUPPORTED, "a Mozaik store always has recordings, analysis, stimuli and sheets");
  return !is_in (&place, "sheets") || refuse (error, EXP_ERROR_UNSUPPORTED, OLD_SHEET);
}

gboolean
exp_mozaik_check_write (ExpNode *node, const ExpMozaikWriting *store, GError **error)
{
  g_auto (Place) place = { 0 };

  place_init (&place, node);
  return check_old (&place, store, error);
}

gboolean
exp_mozaik_check (const ExpDraftChange *change, const ExpMozaikWriting *store, GError **error)
{
  g_auto (Place) place = { 0 };

  switch (change->kind)
    {
    case EXP_DRAFT_WRITE_ATTRIBUTE:
    case EXP_DRAFT_REMOVE_ATTRIBUTE:
      return check_attribute (change, store, error);
    case EXP_DRAFT_MOVE:
      return check_move (change, store, error);
    case EXP_DRAFT_REMOVE:
      return check_remove (change, error);
    default:
      place_init (&place, change->group != NULL ? change->group : change->node);
      if (change->kind == EXP_DRAFT_CREATE_GROUP)
        return check_new_group (&place, change->name, store, error);
      return check_dataset (&place, change->name, change->dataset, store, error);
    }
}
