/* What a stored form says, put in the place of what is there: a copy becomes what its original is.
 * Knows leaves and groups; which values have such forms is form.c's.
 * Called by write_flag.c. */
#include "form.h"
#include "type.h"
#include "write.h"
#include <string.h>

static gboolean make_children (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *parent,
                               GVariant *children, GError **error);

static gboolean
refuse (const char *why, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "the stored form that came along %s", why);
  return FALSE;
}

/* Newer releases know the words of classic, but not as bytes. */
static ExpArray *
take_value (const char *name, GVariant *packed, GError **error)
{
  g_autoptr (ExpArray) value = exp_form_unpack_array (packed, error);
  gsize length;

  if (value == NULL || !g_str_has_prefix (name, "SRVC_") || g_str_has_prefix (name, "SRVC_AN_")
      || value->dtype->type != EXP_TYPE_STRING || value->dtype->is_utf8 || value->rank > 0 || value->n_elements != 1)
    return g_steal_pointer (&value);
  const char *text = exp_cell_text (value->dtype, value->data, &length);
  return exp_pytables_text (text, length, TRUE);
}

static gboolean
set_attributes (ExpPypetChange *change, ExpNode *node, GVariant *attributes, GError **error)
{
  const gsize n = g_variant_n_children (attributes);

  for (gsize i = 0; i < n; i++)
    {
      const char *name;
      g_autoptr (GVariant) packed = NULL;

      g_variant_get_child (attributes, i, "(&s@" EXP_FORM_ARRAY ")", &name, &packed);
      g_autoptr (ExpArray) value = take_value (name, packed, error);
      if (value == NULL || *name == '\0' || !exp_pypet_change_attribute (change, node, name, value, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
make_dataset (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *parent, const char *name,
              GVariant *packed, GError **error)
{
  g_autoptr (GVariant) attributes = NULL, array = NULL;
  ExpPypetPacking packing;
  ExpSlab all;
  int kind;

  g_variant_get (packed, "(i@" EXP_FORM_ATTRIBUTES "@" EXP_FORM_ARRAY ")", &kind, &attributes, &array);
  g_autoptr (ExpArray) values = exp_form_unpack_array (array, error);
  if (values == NULL)
    return FALSE;
  const gboolean is_rows = kind == EXP_PYTABLES_TABLE || kind == EXP_PYTABLES_VLARRAY || kind == EXP_PYTABLES_OBJECTS;
  if (kind < EXP_PYTABLES_ARRAY || kind > EXP_PYTABLES_TABLE
      || (is_rows ? values->rank != 1 : values->dtype->type == EXP_TYPE_VLEN)
      || (kind == EXP_PYTABLES_TABLE) != (values->dtype->type == EXP_TYPE_COMPOUND)
      || (values->rank == 0 && values->n_elements == 0))
    return refuse ("has a dataset that PyTables does not have", error);
  exp_pypet_packing (trajectory, &packing);
  g_autoptr (ExpNode) dataset
      = exp_pytables_dataset (change, parent, name, kind == EXP_PYTABLES_TABLE ? name : "", (ExpPytablesKind)kind,
                              values->dtype, values->rank, values->shape, &packing.packing, error);
  exp_slab_init_all (&all, values->rank, values->shape);
  return dataset != NULL && set_attributes (change, dataset, attributes, error)
         && (values->n_elements == 0 || exp_node_write (dataset, &all, values, error));
}

static gboolean
make_group (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *parent, const char *name, GVariant *packed,
            GError **error)
{
  g_autoptr (GVariant) attributes = NULL, children = NULL;
  ExpPypetPacking packing;

  g_variant_get (packed, "(@" EXP_FORM_ATTRIBUTES "@a(sv))", &attributes, &children);
  exp_pypet_packing (trajectory, &packing);
  g_autoptr (ExpNode) group = exp_pytables_group (change, parent, name, "",
                                                  exp_pypet_is_classic (trajectory) ? NULL : &packing.packing, error);
  return group != NULL && set_attributes (change, group, attributes, error)
         && make_children (change, trajectory, group, children, error);
}

static gboolean
make_node (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *parent, const char *name, GVariant *packed,
           GError **error)
{
  if (*name == '\0' || strcmp (name, ".") == 0 || strchr (name, '/') != NULL || exp_pypet_is_hidden_child (name))
    return refuse ("has a name that nothing can have", error);
  if (g_variant_is_of_type (packed, G_VARIANT_TYPE (EXP_FORM_DATASET)))
    return make_dataset (change, trajectory, parent, name, packed, error);
  if (!g_variant_is_of_type (packed, G_VARIANT_TYPE (EXP_FORM_GROUP)))
    return refuse ("has something that is neither a group nor a dataset", error);
  return make_group (change, trajectory, parent, name, packed, error);
}

static gboolean
make_children (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *parent, GVariant *children,
               GError **error)
{
  const gsize n = g_variant_n_children (children);

  for (gsize i = 0; i < n; i++)
    {
      const char *name;
      g_autoptr (GVariant) packed = NULL;

      g_variant_get_child (children, i, "(&sv)", &name, &packed);
      if (!make_node (change, trajectory, parent, name, packed, error))
        return FALSE;
    }
  return TRUE;
}

/* --- in the place of what is there -------------------------------------------------------------------------- */

static gboolean
is_not_being_made (const char *name)
{
  return !g_str_has_prefix (name, "_p_expfs_");
}

static GPtrArray *
list_names (ExpNode *group, GError **error)
{
  return exp_node_list_names (group, is_not_being_made, error);
}

static gboolean
move_children (ExpPypetChange *change, ExpNode *from, ExpNode *to, GError **error)
{
  g_autoptr (GPtrArray) names = list_names (from, error);

  for (guint i = 0; names != NULL && i < names->len; i++)
    if (!exp_pypet_change_move (change, from, names->pdata[i], to, names->pdata[i], error))
      return FALSE;
  return names != NULL;
}

static gboolean
remove_children (ExpPypetChange *change, ExpNode *group, GError **error)
{
  g_autoptr (GPtrArray) names = list_names (group, error);

  for (guint i = 0; names != NULL && i < names->len; i++)
    if (!exp_pypet_change_remove (change, group, names->pdata[i], error))
      return FALSE;
  return names != NULL;
}

/* How many runs the leaf has values for; 0 when it is not explored. */
static guint64
n_range (ExpNode *inner)
{
  static const char *const tables[] = { "explored_data", "explored_data__rr__", "explored_data__spsp__" };

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      g_autoptr (ExpNode) table = exp_pypet_child (inner, tables[i]);

      if (table != NULL)
        return exp_pypet_n_rows (table);
    }
  return 0;
}

static gboolean
check_leaf (const ExpPypetLeaf *leaf, ExpNode *shown, gboolean is_classic, GError **error)
{
  const ExpPypetTrajectory *trajectory = leaf->scope->trajectory;
  const ExpPypetBranch branch = leaf->scope->branch;
  g_autoptr (ExpNode) value = exp_pypet_leaf_value (leaf, error);

  if (value == NULL)
    return FALSE;
  if (!exp_pypet_is_leaf (leaf->inner) || leaf->class_name == NULL
      || (branch != EXP_BRANCH_OTHER && leaf->is_parameter != (branch != EXP_BRANCH_RESULTS)))
    return refuse ("is of something else than there can be here", error);
  if (is_classic != exp_pypet_is_classic ((ExpPypetTrajectory *)trajectory)
      && (!is_classic || n_range (leaf->inner) > 0))
    return refuse ("is of another generation of pypet", error);
  return exp_pypet_is_shown_alike (shown, value)
         || refuse ("is not that of this text, which has been changed since or is another's", error);
}

static gboolean
tell_range (ExpPypetChange *change, const ExpPypetLeaf *leaf, gboolean was_explored, GError **error)
{
  ExpPypetTrajectory *trajectory = leaf->scope->trajectory;
  const guint64 n = n_range (leaf->inner);

  if (n == 0)
    return !was_explored || refuse ("has no range", error);
  GRefString *full = exp_pypet_location_join (leaf->location, leaf->name);
  gboolean is_done = exp_pypet_runs_grow (change, trajectory, n, error)
                     && exp_pypet_ranges_grow (change, trajectory, leaf, n, error)
                     && exp_pypet_explorations_add (change, trajectory, full, error);
  g_ref_string_release (full);
  return is_done;
}

/* Items that are called as their result are called as this one. */
static gboolean
name_items (ExpPypetChange *change, ExpNode *group, const char *own_name, GError **error)
{
  g_autoptr (GPtrArray) names = list_names (group, error);

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      const char *name = names->pdata[i];
      g_autofree char *named = g_strconcat (exp_pypet_shown_name (own_name), name + strlen (EXP_FORM_OWN_NAME), NULL);

      if (g_str_has_prefix (name, EXP_FORM_OWN_NAME)
          && !exp_pypet_change_move (change, group, name, group, named, error))
        return FALSE;
    }
  return names != NULL;
}

/* `shown` is what is to be shown alike. */
static gboolean
put_leaf (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *shown, GVariant *form, GError **error)
{
  ExpPypetTrajectory *trajectory = leaf->scope->trajectory;
  const gboolean was_leaf = exp_pypet_is_leaf (leaf->inner), was_explored = exp_pypet_is_explored (leaf->inner);
  g_autofree char *hidden = exp_pypet_change_name (change);
  g_autoptr (GVariant) group = NULL, attributes = NULL;
  gboolean is_leaf, is_classic;
  ExpPypetLeaf made;

  g_variant_get (form, "(bb@" EXP_FORM_GROUP ")", &is_leaf, &is_classic, &group);
  if (!is_leaf)
    return refuse ("is that of a group", error);
  if (!make_group (change, trajectory, leaf->inner, hidden, group, error))
    return FALSE;
  g_autoptr (ExpNode) inner = exp_node_lookup (leaf->inner, hidden, error);
  if (inner == NULL || !name_items (change, inner, leaf->name, error))
    return FALSE;
  const gboolean was_kept = exp_pypet_leaf_is_kept_directory (leaf);
  exp_pypet_leaf_keep_directory (leaf, FALSE);
  exp_pypet_leaf_init (&made, inner, leaf->scope, leaf->location, leaf->name);
  if (!check_leaf (&made, shown, is_classic, error))
    {
      exp_pypet_leaf_keep_directory (leaf, was_kept);
      return FALSE;
    }
  g_variant_get_child (group, 0, "@" EXP_FORM_ATTRIBUTES, &attributes);
  exp_pypet_change_note_moved (change);
  if (!remove_children (change, leaf->inner, error) || !move_children (change, inner, leaf->inner, error)
      || !exp_pypet_change_remove (change, leaf->inner, hidden, error)
      || !set_attributes (change, leaf->inner, attributes, error))
    return FALSE;
  exp_pypet_leaf_init (&made, leaf->inner, leaf->scope, leaf->location, leaf->name);
  return tell_range (change, &made, was_explored, error) && exp_pypet_overview_update (change, &made, !was_leaf, error);
}

/* Annotations alone. */
static gboolean
put_annotations (ExpPypetChange *change, ExpNode *inner, GVariant *form, GError **error)
{
  g_autoptr (GVariant) group = g_variant_get_child_value (form, 2);
  g_autoptr (GVariant) attributes = g_variant_get_child_value (group, 0);
  const gsize n = g_variant_n_children (attributes);

  for (gsize i = 0; i < n; i++)
    {
      const char *name;

      g_variant_get_child (attributes, i, "(&s@" EXP_FORM_ARRAY ")", &name, NULL);
      if (!g_str_has_prefix (name, "SRVC_AN"))
        return refuse ("has other attributes than annotations", error);
    }
  return set_attributes (change, inner, attributes, error);
}

static gboolean
is_of_leaf (GVariant *form)
{
  g_autoptr (GVariant) is_leaf = g_variant_get_child_value (form, 0);

  return g_variant_get_boolean (is_leaf);
}

gboolean
exp_pypet_form_put (ExpPypetChange *change, const ExpPypetLeaf *leaf, const char *text, GError **error)
{
  g_autoptr (GVariant) form = exp_form_from_text (text, error);
  g_autoptr (ExpNode) shown = form != NULL ? exp_pypet_leaf_value (leaf, error) : NULL;

  if (shown == NULL)
    return FALSE;
  if (leaf->scope->run >= 0 || leaf->location == NULL)
    return refuse ("has no place in a run", error);
  return is_of_leaf (form) ? put_leaf (change, leaf, shown, form, error)
                           : put_annotations (change, leaf->inner, form, error);
}

/* What the overview says of leaves that are going to be parts of one. */
static gboolean
forget_leaves (ExpPypetChange *change, const ExpPypetPlace *place, GError **error)
{
  g_autoptr (GPtrArray) names = list_names (place->inner, error);

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      g_autoptr (ExpPypetPlace) child = exp_pypet_place_child (place, names->pdata[i]);
      g_auto (ExpInfo) info = { 0 };
      ExpPypetLeaf leaf;

      if (child == NULL || !exp_node_describe (child->inner, &info, NULL) || info.kind != EXP_KIND_GROUP)
        continue;
      exp_pypet_leaf_init (&leaf, child->inner, place->scope, place->location, names->pdata[i]);
      if (exp_pypet_is_leaf (child->inner) ? !exp_pypet_overview_remove (change, &leaf, error)
                                           : !forget_leaves (change, child, error))
        return FALSE;
    }
  return names != NULL;
}

gboolean
exp_pypet_form_put_in_group (ExpPypetChange *change, const ExpPypetPlace *place, const char *text, GError **error)
{
  g_autoptr (GVariant) form = exp_form_from_text (text, error);
  g_autofree char *location = g_strdup (place->location);
  char *dot = strrchr (location, '.');
  GPtrArray *places = NULL;
  ExpPypetLeaf leaf;

  if (form == NULL)
    return FALSE;
  if (!is_of_leaf (form))
    return put_annotations (change, place->inner, form, error);
  if (dot == NULL || place->scope->run >= 0)
    return refuse ("is that of a leaf, which a branch is not", error);
  places = exp_pypet_places_new ();
  g_ptr_array_add (places, exp_pypet_place_new (place->inner, place->scope, place->location));
  g_autoptr (ExpNode) shown = exp_pypet_group_new (places, FALSE);
  *dot = '\0';
  GRefString *parent = g_ref_string_new (location);
  exp_pypet_leaf_init (&leaf, place->inner, place->scope, parent, dot + 1);
  gboolean is_done = forget_leaves (change, place, error) && put_leaf (change, &leaf, shown, form, error);
  g_ref_string_release (parent);
  return is_done;
}
