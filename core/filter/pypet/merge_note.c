/* config.merge.merge_HEXSHA_TIME: what pypet notes of a merge.
 * Knows the names, the comments and the order of these parameters in both generations.
 * Called by merge.c, as part of a change. */
#include "expfs/number.h"
#include "merge.h"
#include <string.h>

typedef struct
{
  ExpPypetChange *change;
  const ExpMerge *merge;
  ExpPypetPlace *merges; /* config.merge.merge_... */
  ExpPypetPlace *others; /* other_trajectory below it */
  GError *error;
} Note;

/* --- places ------------------------------------------------------------------------------------------------- */

static ExpPypetPlace *
place_below (Note *note, const ExpPypetPlace *place, const char *name)
{
  ExpPypetTrajectory *trajectory = note->merge->own.trajectory;
  ExpPypetPacking packing;

  if (place == NULL)
    return NULL;
  g_autoptr (ExpNode) there = exp_pypet_child (place->inner, name);
  exp_pypet_packing (trajectory, &packing);
  g_autoptr (ExpNode) made
      = there != NULL ? NULL
                      : exp_pytables_group (note->change, place->inner, name, name,
                                            exp_pypet_is_classic (trajectory) ? NULL : &packing.packing, &note->error);
  return there != NULL || made != NULL ? exp_pypet_place_child (place, name) : NULL;
}

/* As Python's str has it. */
static void
append_float (GString *text, double value)
{
  g_autoptr (ExpArray) array = exp_array_new_float (value);

  exp_cell_format (array->dtype, array->data, text);
}

/* The digest by which pypet tells merges of the same two apart from others. Caller frees. */
static char *
hexsha (const ExpMerge *merge)
{
  g_autoptr (GString) text = g_string_new (merge->own.trajectory->name);

  append_float (text, merge->own.timestamp);
  g_string_append (text, merge->other.trajectory->name);
  append_float (text, merge->other.timestamp);
  g_string_append (text, merge->own.version);
  return g_compute_checksum_for_string (G_CHECKSUM_SHA1, text->str, (gssize)text->len);
}

static gboolean
make_places (Note *note, const char *digest)
{
  ExpPypetTrajectory *trajectory = note->merge->own.trajectory;
  g_autoptr (ExpPypetScope) scope = exp_pypet_scope_new (trajectory, EXP_BRANCH_CONFIG, -1);
  GRefString *location = g_ref_string_new ("");
  g_autoptr (ExpPypetPlace) top = exp_pypet_place_new (trajectory->inner, scope, location);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%Y_%m_%d_%Hh%Mm%Ss");
  g_autofree char *name = g_strdup_printf ("merge_%.7s_%s", digest, time);
  g_autoptr (ExpArray) comment = exp_array_new_text ("Settings and information of the different merges");

  g_ref_string_release (location);
  g_autoptr (ExpPypetPlace) config = place_below (note, top, "config");
  g_autoptr (ExpPypetPlace) all = place_below (note, config, "merge");
  if (all == NULL
      || !exp_pypet_change_node_attribute (note->change, all->inner, NULL, "comment", comment, &note->error))
    return FALSE;
  g_autoptr (ExpNode) taken = exp_pypet_child (all->inner, name);
  for (guint i = 2; taken != NULL; i++) /* two merges within a second */
    {
      g_free (name);
      name = g_strdup_printf ("merge_%.7s_%s_%u", digest, time, i);
      g_clear_pointer (&taken, exp_node_unref);
      taken = exp_pypet_child (all->inner, name);
    }
  note->merges = place_below (note, all, name);
  return note->merges != NULL;
}

/* --- parameters --------------------------------------------------------------------------------------------- */

static gboolean
write_leaf (Note *note, const ExpPypetLeaf *leaf, const char *item, ExpArray *value, const char *comment)
{
  g_autoptr (ExpArray) text = exp_array_new_text (comment);
  ExpSlab slab;

  if (!exp_pypet_item_make_room (note->change, note->merge->own.trajectory, leaf->inner, item, value, &note->error))
    return FALSE;
  g_autoptr (ExpNode) node = exp_pypet_leaf_value (leaf, &note->error);
  exp_slab_init_all (&slab, value->rank, value->shape);
  return node != NULL && exp_node_write (node, &slab, value, &note->error)
         && exp_pypet_change_node_attribute (note->change, leaf->inner, leaf, "comment", text, &note->error)
         && exp_pypet_overview_update (note->change, leaf, FALSE, &note->error);
}

/* Takes over the value. After a failure nothing more is done. */
static void
add (Note *note, const ExpPypetPlace *place, const char *name, ExpArray *made, const char *comment)
{
  g_autoptr (ExpArray) value = made;
  ExpNewDataset dataset = { .dtype = value->dtype, .rank = value->rank };
  ExpPypetLeaf leaf;

  if (note->error != NULL || place == NULL)
    return;
  memcpy (dataset.shape, value->shape, sizeof dataset.shape);
  if (!exp_pypet_leaf_create (note->change, place, name, &dataset, &note->error))
    return;
  g_autoptr (ExpNode) inner = exp_node_lookup (place->inner, name, &note->error);
  if (inner == NULL)
    return;
  exp_pypet_leaf_init (&leaf, inner, place->scope, place->location, name);
  if (value->rank == 0)
    {
      write_leaf (note, &leaf, "data", value, comment);
      return;
    }
  g_autoptr (ExpNode) item = exp_pypet_child (inner, "data__rr__");
  if (item != NULL && exp_pytables_set_text (note->change, item, "SRVC_DATA_COLL_TYPE", "COLL_TUPLE", &note->error))
    write_leaf (note, &leaf, "data__rr__", value, comment);
}

static void
add_int (Note *note, const char *name, guint64 value, const char *comment)
{
  add (note, note->merges, name, exp_array_new_int ((gint64)value), comment);
}

static void
add_begin (Note *note, const char *digest)
{
  add (note, note->merges, "timestamp", exp_array_new_float ((double)g_get_real_time () / G_USEC_PER_SEC),
       "Timestamp of merge");
  add (note, note->merges, "hexsha", exp_array_new_text (digest), "SHA-1 identifier of the merge");
  add (note, note->merges, "remove_duplicates",
       exp_array_new_bool (exp_task_has (note->merge->task, "remove-duplicates")),
       "Option to remove duplicate entries");
}

static void
add_ignored (Note *note)
{
  const ExpMerge *merge = note->merge;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  if (exp_pypet_is_classic (merge->own.trajectory))
    {
      add (note, note->merges, "ignore_trajectory_derived_parameters",
           exp_array_new_bool (exp_merge_is_ignored (merge, "derived_parameters")),
           "Whether or not to ignore trajectory derived parameters");
      add (note, note->merges, "ignore_trajectory_results",
           exp_array_new_bool (exp_merge_is_ignored (merge, "results")), "Whether or not to ignore trajectory results");
      return;
    }
  for (guint i = 0; i < merge->ignored->len; i++)
    g_ptr_array_add (names, merge->ignored->pdata[i]);
  if (names->len > 0)
    add (note, note->merges, "ignore_data", exp_array_new_texts (names->len, (const char *const *)names->pdata),
         "Data to ignore during merge");
}

static void
add_other (Note *note)
{
  const ExpMergeSide *other = &note->merge->other;

  note->others = place_below (note, note->merges, "other_trajectory");
  if (g_strcmp0 (other->version, note->merge->own.version) != 0)
    add (note, note->others, "version", exp_array_new_text (other->version),
         "The version of pypet you used to manage the other trajectory. Only added if other trajectory's version "
         "differs from current trajectory version.");
  add (note, note->others, "name", exp_array_new_text (other->trajectory->name),
       "Name of other trajectory merged into the current one");
  add (note, note->others, "timestamp", exp_array_new_float (other->timestamp),
       "Timestamp of creation of other trajectory merged into the current one");
  add (note, note->others, "length", exp_array_new_int ((gint64)other->n_runs), "Length of other trajectory");
  if (other->comment != NULL && *other->comment != '\0')
    add (note, note->others, "comment", exp_array_new_text (other->comment), "Comment of other trajectory");
}

gboolean
exp_merge_note (ExpPypetChange *change, const ExpMerge *merge, GError **error)
{
  gboolean is_classic = exp_pypet_is_classic (merge->own.trajectory);
  g_autofree char *digest = hexsha (merge);
  Note note = { change, merge, NULL, NULL, NULL };

  if (make_places (&note, digest))
    {
      if (!is_classic)
        add_int (&note, "merged_runs", merge->n_taken, "Number of merged runs");
      add_begin (&note, digest);
      add_ignored (&note);
      /* The newer generation counts when the runs are there already, whatever the name says. */
      add_int (&note, "length_before_merge", merge->own.n_runs + (is_classic ? 0 : merge->n_taken),
               "Length of trajectory before merge");
      if (merge->trial != NULL)
        add_int (&note, "trial_parameter", merge->other.n_runs, "Name of trial parameter");
      if (merge->has_other_info)
        add_other (&note);
      if (is_classic)
        add_int (&note, "merged_runs", merge->n_taken, "Number of merged runs");
    }
  g_clear_pointer (&note.merges, exp_pypet_place_free);
  g_clear_pointer (&note.others, exp_pypet_place_free);
  if (note.error == NULL)
    return TRUE;
  g_propagate_error (error, note.error);
  return FALSE;
}
