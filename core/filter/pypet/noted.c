/* What is known of leaves only while the store is open for writing: ranges that were begun, results that are
 * directories. Knows full names. Called by the files of this folder that show leaves and change them. */
#include "pypet.h"
#include "write_range.h"

static char *
noted_name (const ExpPypetLeaf *leaf)
{
  return g_strconcat (leaf->scope->trajectory->name, "/", leaf->location, ".", leaf->name, NULL);
}

static gboolean
can_be_noted (const ExpPypetLeaf *leaf)
{
  return leaf->scope->trajectory->store->is_writable && leaf->location != NULL && leaf->name != NULL;
}

static void
set_noted (GHashTable *set, const ExpPypetLeaf *leaf, gboolean is_noted)
{
  ExpPypetStore *store = leaf->scope->trajectory->store;

  if (!can_be_noted (leaf))
    return;
  g_autofree char *name = noted_name (leaf);
  g_mutex_lock (&store->making);
  if (is_noted)
    g_hash_table_add (set, g_steal_pointer (&name));
  else
    g_hash_table_remove (set, name);
  g_mutex_unlock (&store->making);
}

static gboolean
is_noted (GHashTable *set, const ExpPypetLeaf *leaf)
{
  ExpPypetStore *store = leaf->scope->trajectory->store;
  g_autofree char *name = NULL;
  gboolean is_there = FALSE;

  if (!can_be_noted (leaf))
    return FALSE;
  g_mutex_lock (&store->making);
  if (g_hash_table_size (set) > 0)
    {
      name = noted_name (leaf);
      is_there = g_hash_table_contains (set, name);
    }
  g_mutex_unlock (&store->making);
  return is_there;
}

void
exp_pypet_range_begin (const ExpPypetLeaf *leaf, gboolean is_begun)
{
  set_noted (leaf->scope->trajectory->store->begun, leaf, is_begun);
}

gboolean
exp_pypet_range_is_begun (const ExpPypetLeaf *leaf)
{
  return leaf->scope->run < 0 && is_noted (leaf->scope->trajectory->store->begun, leaf);
}

void
exp_pypet_leaf_keep_directory (const ExpPypetLeaf *leaf, gboolean is_kept)
{
  set_noted (leaf->scope->trajectory->store->directories, leaf, is_kept);
}

gboolean
exp_pypet_leaf_is_kept_directory (const ExpPypetLeaf *leaf)
{
  return !leaf->is_parameter && is_noted (leaf->scope->trajectory->store->directories, leaf);
}

void
exp_pypet_range_keep_directory (const ExpPypetLeaf *leaf, gboolean is_kept)
{
  set_noted (leaf->scope->trajectory->store->directories, leaf, is_kept);
}

gboolean
exp_pypet_range_is_directory (const ExpPypetLeaf *leaf)
{
  return leaf->is_parameter && is_noted (leaf->scope->trajectory->store->directories, leaf);
}

void
exp_pypet_group_note_fresh (const ExpPypetPlace *place, const char *name)
{
  ExpPypetStore *store = place->scope->trajectory->store;

  g_mutex_lock (&store->making);
  g_hash_table_add (store->fresh, g_strconcat (place->scope->trajectory->name, "/", place->location, ".", name, NULL));
  g_mutex_unlock (&store->making);
}

gboolean
exp_pypet_group_is_fresh (const ExpPypetPlace *place)
{
  ExpPypetStore *store = place->scope->trajectory->store;
  g_autofree char *name = g_strconcat (place->scope->trajectory->name, "/", place->location, NULL);

  g_mutex_lock (&store->making);
  gboolean is_fresh = g_hash_table_contains (store->fresh, name);
  g_mutex_unlock (&store->making);
  return is_fresh;
}
