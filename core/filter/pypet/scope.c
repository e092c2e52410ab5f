/* Trajectories and scopes: what the nodes of one trajectory share.
 * Knows overview/hdf5_settings.
 * Used by all files of this folder. */
#include "pypet.h"
#include "type.h"
#include <string.h>

ExpPypetStore *
exp_pypet_store_new (ExpNode *root, gboolean is_writable)
{
  ExpPypetStore *store = g_new0 (ExpPypetStore, 1);

  g_atomic_ref_count_init (&store->references);
  store->root = exp_node_ref (root);
  store->is_writable = is_writable;
  g_mutex_init (&store->changing);
  g_mutex_init (&store->making);
  store->begun = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  store->aside = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)exp_node_unref);
  store->fresh = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  store->directories = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return store;
}

ExpPypetStore *
exp_pypet_store_ref (ExpPypetStore *store)
{
  g_atomic_ref_count_inc (&store->references);
  return store;
}

void
exp_pypet_store_unref (ExpPypetStore *store)
{
  if (store == NULL || !g_atomic_ref_count_dec (&store->references))
    return;
  exp_node_unref (store->root);
  g_free (store->complib);
  g_strfreev (store->overview);
  g_mutex_clear (&store->changing);
  g_mutex_clear (&store->making);
  g_hash_table_unref (store->begun);
  g_hash_table_unref (store->aside);
  g_hash_table_unref (store->fresh);
  g_hash_table_unref (store->directories);
  g_clear_pointer (&store->running, g_hash_table_unref);
  g_free (store);
}

ExpPypetTrajectory *
exp_pypet_trajectory_new (ExpPypetStore *store, ExpNode *inner, const char *name)
{
  ExpPypetTrajectory *trajectory = g_new0 (ExpPypetTrajectory, 1);

  g_atomic_ref_count_init (&trajectory->references);
  trajectory->store = exp_pypet_store_ref (store);
  trajectory->inner = exp_node_ref (inner);
  trajectory->name = g_strdup (name);
  return trajectory;
}

ExpPypetTrajectory *
exp_pypet_trajectory_ref (ExpPypetTrajectory *trajectory)
{
  g_atomic_ref_count_inc (&trajectory->references);
  return trajectory;
}

void
exp_pypet_trajectory_unref (ExpPypetTrajectory *trajectory)
{
  if (trajectory == NULL || !g_atomic_ref_count_dec (&trajectory->references))
    return;
  exp_pypet_store_unref (trajectory->store);
  exp_node_unref (trajectory->inner);
  g_clear_pointer (&trajectory->absent, g_hash_table_unref);
  g_free (trajectory->packing);
  g_free (trajectory->name);
  g_free (trajectory);
}

ExpNode *
exp_pypet_overview_table (ExpPypetTrajectory *trajectory, const char *name)
{
  g_autoptr (ExpNode) overview = exp_pypet_child (trajectory->inner, "overview");

  return overview != NULL ? exp_pypet_child (overview, name) : NULL;
}

/* Python's name of an encoding as iconv knows it: latin_1 is latin1, cp1252 itself. */
static const char *
intern_encoding (const char *python)
{
  g_autofree char *name = g_strdelimit (g_ascii_strdown (python, -1), "_", '-');

  if (g_str_has_prefix (name, "latin-"))
    memmove (name + strlen ("latin"), name + strlen ("latin-"), strlen (name + strlen ("latin-")) + 1);
  return g_intern_string (name);
}

const char *
exp_pypet_encoding (ExpPypetTrajectory *trajectory)
{
  const char *encoding = g_atomic_pointer_get (&trajectory->encoding);

  if (encoding != NULL)
    return encoding;

  g_autoptr (ExpNode) settings = exp_pypet_overview_table (trajectory, "hdf5_settings");
  g_autoptr (ExpArray) value = settings != NULL ? exp_pypet_table_cell (settings, "encoding", 0, NULL) : NULL;
  g_autofree char *text = value != NULL ? exp_array_dup_text (value) : NULL;
  encoding = text != NULL && *text != '\0' && strlen (text) < 32 ? intern_encoding (text) : "utf8";
  g_atomic_pointer_set (&trajectory->encoding, encoding);
  return encoding;
}

gboolean
exp_pypet_is_classic (ExpPypetTrajectory *trajectory)
{
  enum
  {
    CLASSIC = 1,
    NEW
  };
  gint generation = g_atomic_int_get (&trajectory->generation);

  if (generation == 0)
    {
      g_autoptr (ExpNode) info = exp_pypet_overview_table (trajectory, "info");
      g_autoptr (ExpArray) cell = info != NULL ? exp_pypet_table_cell (info, "version", 0, NULL) : NULL;
      g_autofree char *version = cell != NULL ? exp_array_dup_text (cell) : NULL;

      generation = version != NULL && g_str_has_prefix (version, "0.1b") ? CLASSIC : NEW;
      g_atomic_int_set (&trajectory->generation, generation);
    }
  return generation == CLASSIC;
}

/* The trajectory's own number mixed with the run's, and none of those that mean something. */
guint64
exp_pypet_part (ExpPypetTrajectory *trajectory, gint64 run)
{
  guint64 identity = __atomic_load_n (&trajectory->identity, __ATOMIC_RELAXED);

  if (run < 0)
    return EXP_PART_ANY;
  if (identity == 0)
    {
      g_auto (ExpInfo) info = { 0 };

      if (!exp_node_describe (trajectory->inner, &info, NULL) || info.identity == 0)
        return EXP_PART_ANY;
      identity = info.identity;
      __atomic_store_n (&trajectory->identity, identity, __ATOMIC_RELAXED);
    }
  guint64 mixed = (identity ^ (guint64)run << 32) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  return MAX (mixed ^ mixed >> 32, EXP_PART_STEADY + 1);
}

ExpPypetBranch
exp_pypet_branch_of (const char *name)
{
  static const char *const names[] = { [EXP_BRANCH_CONFIG] = "config",
                                       [EXP_BRANCH_PARAMETERS] = "parameters",
                                       [EXP_BRANCH_DERIVED] = "derived_parameters",
                                       [EXP_BRANCH_RESULTS] = "results" };

  for (guint i = EXP_BRANCH_CONFIG; i < G_N_ELEMENTS (names); i++)
    if (strcmp (names[i], name) == 0)
      return i;
  return EXP_BRANCH_OTHER;
}

ExpPypetScope *
exp_pypet_scope_new (ExpPypetTrajectory *trajectory, ExpPypetBranch branch, gint64 run)
{
  ExpPypetScope *scope = g_new0 (ExpPypetScope, 1);

  g_atomic_ref_count_init (&scope->references);
  scope->trajectory = exp_pypet_trajectory_ref (trajectory);
  scope->branch = branch;
  scope->run = run;
  return scope;
}

guint64
exp_pypet_scope_part (const ExpPypetScope *scope)
{
  if (scope->branch == EXP_BRANCH_CONFIG || scope->branch == EXP_BRANCH_PARAMETERS)
    return EXP_PART_STEADY;
  return exp_pypet_part (scope->trajectory, scope->run);
}

ExpPypetScope *
exp_pypet_scope_ref (ExpPypetScope *scope)
{
  g_atomic_ref_count_inc (&scope->references);
  return scope;
}

void
exp_pypet_scope_unref (ExpPypetScope *scope)
{
  if (scope == NULL || !g_atomic_ref_count_dec (&scope->references))
    return;
  exp_pypet_trajectory_unref (scope->trajectory);
  g_free (scope);
}
