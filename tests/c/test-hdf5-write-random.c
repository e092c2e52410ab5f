/* Any sequence of changes leaves what a model tree says, seen at once, after commits and when the file is opened again.
 * What the model refuses is refused with its cause. */
#include "written.h"

#define N_NAMES      6
#define N_OPERATIONS 1500

typedef struct
{
  guint references;
  ExpKind kind;
  GHashTable *children; /* of a group: name -> Item */
  GArray *values;       /* of a dataset: gint32 */
  gboolean is_extensible;
  char *target;           /* of a link */
  GHashTable *attributes; /* name -> GINT_TO_POINTER */
} Item;

static void
item_unref (gpointer data)
{
  Item *item = data;

  if (--item->references > 0)
    return;
  g_clear_pointer (&item->children, g_hash_table_unref);
  g_clear_pointer (&item->values, g_array_unref);
  g_hash_table_unref (item->attributes);
  g_free (item->target);
  g_free (item);
}

static Item *
item_new (ExpKind kind)
{
  Item *item = g_new0 (Item, 1);

  item->references = 1;
  item->kind = kind;
  item->attributes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (kind == EXP_KIND_GROUP)
    item->children = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, item_unref);
  if (kind == EXP_KIND_DATASET)
    item->values = g_array_new (FALSE, TRUE, sizeof (gint32));
  return item;
}

static void
item_add (Item *group, const char *name, Item *item)
{
  g_hash_table_insert (group->children, g_strdup (name), item);
}

static Item *
item_ref (Item *item)
{
  item->references++;
  return item;
}

static gboolean
item_has (Item *top, Item *wanted)
{
  GHashTableIter iter;
  gpointer child;

  if (top == wanted)
    return TRUE;
  if (top->kind != EXP_KIND_GROUP)
    return FALSE;
  g_hash_table_iter_init (&iter, top->children);
  while (g_hash_table_iter_next (&iter, NULL, &child))
    if (item_has (child, wanted))
      return TRUE;
  return FALSE;
}

/* --- the store against the model ---------------------------------------------------------------------------- */

static gboolean
count_child (const char *name, ExpNode *child, gpointer data)
{
  ++*(guint *)data;
  return TRUE;
}

static void
compare (ExpNode *node, Item *item)
{
  g_auto (ExpInfo) info = { 0 };
  g_autoptr (GError) error = NULL;
  GHashTableIter iter;
  gpointer key, value;

  exp_node_describe (node, &info, &error);
  g_assert_no_error (error);
  g_assert_cmpint (info.kind, ==, item->kind);
  if (item->kind == EXP_KIND_LINK)
    {
      g_assert_cmpstr (info.target, ==, item->target);
      return;
    }
  g_auto (GStrv) names = exp_node_list_attributes (node, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (names), ==, g_hash_table_size (item->attributes));
  g_hash_table_iter_init (&iter, item->attributes);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      g_autoptr (ExpArray) array = exp_node_read_attribute (node, key, &error);
      gint64 number;

      g_assert_no_error (error);
      if (array->n_elements == 1 && exp_array_get_int (array, &number))
        g_assert_cmpint (number, ==, GPOINTER_TO_INT (value));
      else
        g_assert_cmpuint (array->n_elements, ==, GPOINTER_TO_INT (value));
    }
  if (item->kind == EXP_KIND_DATASET)
    {
      g_autoptr (ExpArray) array = exp_node_read_all (node, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (info.n_links, ==, item->references);
      g_assert_cmpmem (array->data, array->n_elements * 4, item->values->data, item->values->len * 4);
      return;
    }
  guint n = 0;
  exp_node_list (node, 0, count_child, &n, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n, ==, g_hash_table_size (item->children));
  g_hash_table_iter_init (&iter, item->children);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      g_autoptr (ExpNode) child = exp_node_lookup (node, key, &error);

      g_assert_no_error (error);
      compare (child, value);
    }
}

/* --- operations --------------------------------------------------------------------------------------------- */

typedef struct
{
  Written *written;
  Item *root;
} World;

/* A group and its item, somewhere in the tree. */
static ExpNode *
pick_group (World *world, Item **item)
{
  ExpNode *node = exp_node_ref (world->written->root);

  *item = world->root;
  while (g_test_rand_int_range (0, 3) > 0)
    {
      g_autofree char *name = g_strdup_printf ("n%d", g_test_rand_int_range (0, N_NAMES));
      Item *child = g_hash_table_lookup ((*item)->children, name);

      if (child == NULL || child->kind != EXP_KIND_GROUP)
        break;
      ExpNode *next = exp_node_lookup (node, name, NULL);
      g_assert_nonnull (next);
      exp_node_unref (node);
      node = next;
      *item = child;
    }
  return node;
}

static void
assert_outcome (gboolean is_done, GError **error, int expected)
{
  if (expected < 0)
    g_assert_no_error (*error);
  else
    g_assert_error (*error, EXP_ERROR, expected);
  g_assert_cmpint (is_done, ==, expected < 0);
}

static ExpNewDataset
random_dataset (ExpDtype *dtype, Item *item)
{
  ExpNewDataset dataset = { .dtype = dtype, .rank = 1, .shape = { g_test_rand_int_range (0, 5000) } };

  dataset.is_extensible = item->is_extensible = g_test_rand_int_range (0, 2);
  g_array_set_size (item->values, dataset.shape[0]);
  return dataset;
}

static void
make (World *world, ExpNode *group, Item *item, const char *name)
{
  gboolean is_dataset = g_test_rand_int_range (0, 3) > 0, is_taken = g_hash_table_contains (item->children, name);
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_INT, 4, FALSE);
  Item *made = item_new (is_dataset ? EXP_KIND_DATASET : EXP_KIND_GROUP);
  ExpNewDataset dataset = is_dataset ? random_dataset (dtype, made) : (ExpNewDataset){ 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpNode) node = is_dataset ? exp_node_create_dataset (group, name, &dataset, &error)
                                        : exp_node_create_group (group, name, &error);

  assert_outcome (node != NULL, &error, is_taken ? EXP_ERROR_EXISTS : -1);
  if (is_taken)
    item_unref (made);
  else
    item_add (item, name, made);
}

static void
replace (World *world, ExpNode *group, Item *item, const char *name)
{
  Item *old = g_hash_table_lookup (item->children, name);
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_INT, 4, FALSE);
  Item *made = item_new (EXP_KIND_DATASET);
  ExpNewDataset dataset = random_dataset (dtype, made);
  g_autoptr (GError) error = NULL;
  int expected = old == NULL                     ? EXP_ERROR_NOT_FOUND
                 : old->kind == EXP_KIND_GROUP   ? EXP_ERROR_IS_A_GROUP
                 : old->kind != EXP_KIND_DATASET ? EXP_ERROR_UNSUPPORTED
                 : old->references > 1           ? EXP_ERROR_UNSUPPORTED
                                                 : -1;

  dataset.keeps_rows = g_test_rand_int_range (0, 2);
  g_autoptr (ExpNode) node = exp_node_replace_dataset (group, name, &dataset, &error);
  assert_outcome (node != NULL, &error, expected);
  if (expected >= 0)
    return item_unref (made);
  if (dataset.keeps_rows && made->values->len > 0 && old->values->len > 0)
    memcpy (made->values->data, old->values->data, MIN (made->values->len, old->values->len) * 4);
  g_hash_table_unref (made->attributes);
  made->attributes = g_hash_table_ref (old->attributes);
  item_add (item, name, made);
}

static void
write_some (World *world, ExpNode *group, Item *item, const char *name)
{
  Item *child = g_hash_table_lookup (item->children, name);
  g_autoptr (ExpNode) node = exp_node_lookup (group, name, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (node != NULL, ==, child != NULL);
  if (child == NULL || child->kind != EXP_KIND_DATASET)
    return;
  if (g_test_rand_int_range (0, 2))
    {
      guint64 n = g_test_rand_int_range (0, 6000);
      gboolean is_done = exp_node_resize (node, 1, &n, &error);

      assert_outcome (is_done, &error, child->is_extensible || n == child->values->len ? -1 : EXP_ERROR_UNSUPPORTED);
      if (is_done)
        g_array_set_size (child->values, n);
      g_clear_error (&error);
    }
  if (child->values->len == 0)
    return;
  ExpSlab slab = { .rank = 1, .step = { g_test_rand_int_range (1, 3) } };
  slab.start[0] = g_test_rand_int_range (0, child->values->len);
  slab.count[0] = g_test_rand_int_range (0, (child->values->len - 1 - slab.start[0]) / slab.step[0] + 1) + 1;
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_INT, 4, g_test_rand_int_range (0, 2));
  g_autoptr (ExpArray) array = exp_array_new (dtype, 1, slab.count, NULL);
  for (guint64 i = 0; i < slab.count[0]; i++)
    {
      gint32 value = g_test_rand_int_range (0, 1 << 30), stored = dtype->big_endian ? GINT32_TO_BE (value) : value;

      memcpy (array->data + 4 * i, &stored, 4);
      g_array_index (child->values, gint32, slab.start[0] + i * slab.step[0]) = value;
    }
  assert_outcome (exp_node_write (node, &slab, array, &error), &error, -1);
}

static void
change_attribute (World *world, ExpNode *group, Item *item, const char *name)
{
  Item *child = g_hash_table_lookup (item->children, name);
  g_autoptr (ExpNode) node = child != NULL ? exp_node_lookup (group, name, NULL) : NULL;
  g_autofree char *attribute = g_strdup_printf ("a%d", g_test_rand_int_range (0, 12));
  g_autoptr (GError) error = NULL;
  guint64 n = g_test_rand_int_range (2, 300);
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_INT, 4, FALSE);
  g_autoptr (ExpArray) array
      = n % 2 ? exp_array_new_int (n) : exp_array_new (dtype, 1, &n, NULL); /* a number, or so many of them */

  if (child == NULL || child->kind == EXP_KIND_LINK)
    return;
  if (g_test_rand_int_range (0, 4) > 0)
    {
      assert_outcome (exp_node_write_attribute (node, attribute, array, &error), &error, -1);
      g_hash_table_insert (child->attributes, g_strdup (attribute), GINT_TO_POINTER ((int)n));
      return;
    }
  gboolean is_there = g_hash_table_contains (child->attributes, attribute);
  assert_outcome (exp_node_remove_attribute (node, attribute, &error), &error, is_there ? -1 : EXP_ERROR_NOT_FOUND);
  g_hash_table_remove (child->attributes, attribute);
}

static void
remove_one (World *world, ExpNode *group, Item *item, const char *name)
{
  Item *child = g_hash_table_lookup (item->children, name);
  g_autoptr (GError) error = NULL;
  int expected = child == NULL                                                              ? EXP_ERROR_NOT_FOUND
                 : child->kind == EXP_KIND_GROUP && g_hash_table_size (child->children) > 0 ? EXP_ERROR_NOT_EMPTY
                                                                                            : -1;

  assert_outcome (exp_node_remove (group, name, &error), &error, expected);
  if (expected < 0)
    g_hash_table_remove (item->children, name);
}

static void
link_one (World *world, ExpNode *group, Item *item, const char *name)
{
  gboolean is_taken = g_hash_table_contains (item->children, name);
  g_autofree char *other = g_strdup_printf ("n%d", g_test_rand_int_range (0, N_NAMES));
  g_autoptr (GError) error = NULL;
  Item *target_item, *child;
  g_autoptr (ExpNode) target_group = pick_group (world, &target_item);

  child = g_hash_table_lookup (target_item->children, other);
  if (child == NULL || g_test_rand_int_range (0, 3) == 0)
    {
      assert_outcome (exp_node_symlink (group, name, other, &error), &error, is_taken ? EXP_ERROR_EXISTS : -1);
      if (!is_taken)
        {
          item_add (item, name, item_new (EXP_KIND_LINK));
          ((Item *)g_hash_table_lookup (item->children, name))->target = g_strdup (other);
        }
      return;
    }
  g_autoptr (ExpNode) target = exp_node_lookup (target_group, other, NULL);
  int expected = child->kind == EXP_KIND_LINK    ? EXP_ERROR_UNSUPPORTED
                 : is_taken                      ? EXP_ERROR_EXISTS
                 : child->kind == EXP_KIND_GROUP ? EXP_ERROR_IS_A_GROUP
                                                 : -1;
  assert_outcome (exp_node_link (group, name, target, &error), &error, expected);
  if (expected < 0)
    item_add (item, name, item_ref (child));
}

static int
expected_of_move (Item *from, Item *child, Item *to, Item *old, guint flags)
{
  gboolean is_group = child->kind == EXP_KIND_GROUP;

  if (old == NULL)
    return flags & EXP_MOVE_EXCHANGE ? EXP_ERROR_NOT_FOUND : is_group && item_has (child, to) ? EXP_ERROR_INVALID : -1;
  if (flags & EXP_MOVE_NO_REPLACE)
    return EXP_ERROR_EXISTS;
  if (old == child)
    return -1;
  if (flags & EXP_MOVE_EXCHANGE)
    return (is_group && item_has (child, to)) || (old->kind == EXP_KIND_GROUP && item_has (old, from))
               ? EXP_ERROR_INVALID
               : -1;
  if (old->kind == EXP_KIND_GROUP && !is_group)
    return EXP_ERROR_IS_A_GROUP;
  if (is_group && old->kind != EXP_KIND_GROUP)
    return EXP_ERROR_NOT_A_GROUP;
  if (is_group && g_hash_table_size (old->children) > 0)
    return EXP_ERROR_NOT_EMPTY;
  return is_group && item_has (child, to) ? EXP_ERROR_INVALID : -1;
}

static void
move_one (World *world, ExpNode *group, Item *item, const char *name)
{
  static const guint all_flags[] = { 0, 0, EXP_MOVE_NO_REPLACE, EXP_MOVE_EXCHANGE };
  guint flags = all_flags[g_test_rand_int_range (0, G_N_ELEMENTS (all_flags))];
  g_autofree char *new_name = g_strdup_printf ("n%d", g_test_rand_int_range (0, N_NAMES));
  g_autoptr (GError) error = NULL;
  Item *to;
  g_autoptr (ExpNode) to_group = pick_group (world, &to);
  Item *child = g_hash_table_lookup (item->children, name), *old = g_hash_table_lookup (to->children, new_name);
  int expected = child == NULL ? EXP_ERROR_NOT_FOUND : expected_of_move (item, child, to, old, flags);

  assert_outcome (exp_node_move (group, name, to_group, new_name, flags, &error), &error, expected);
  if (expected >= 0 || old == child)
    return;
  item_ref (child);
  if (flags & EXP_MOVE_EXCHANGE)
    item_add (item, name, item_ref (old));
  else
    g_hash_table_remove (item->children, name);
  item_add (to, new_name, child);
}

static void
commit_or_reopen (World *world, guint which)
{
  g_autoptr (GError) error = NULL;

  if (which == 0)
    {
      close_written (world->written);
      open_written (world->written, NULL);
      return;
    }
  g_assert_true (exp_store_commit (world->written->store, which == 1, &error));
  g_assert_no_error (error);
}

/* What one name leads to, whatever of the rest has not been looked at since it was changed. */
static void
look_at_one (World *world)
{
  g_autofree char *name = g_strdup_printf ("n%d", g_test_rand_int_range (0, N_NAMES));
  Item *item;
  g_autoptr (ExpNode) group = pick_group (world, &item);
  g_autoptr (ExpNode) child = exp_node_lookup (group, name, NULL);
  Item *known = g_hash_table_lookup (item->children, name);

  g_assert_cmpint (child != NULL, ==, known != NULL);
  if (child != NULL)
    compare (child, known);
}

static void
test_random_in (Written *written)
{
  static void (*const operations[]) (World * world, ExpNode * group, Item * item, const char *name)
      = { make, make, write_some, write_some, change_attribute, remove_one, link_one, move_one, move_one, replace };
  World world = { written, item_new (EXP_KIND_GROUP) };

  for (guint i = 0; i < N_OPERATIONS; i++)
    {
      g_autofree char *name = g_strdup_printf ("n%d", g_test_rand_int_range (0, N_NAMES));
      Item *item;
      g_autoptr (ExpNode) group = pick_group (&world, &item);

      operations[g_test_rand_int_range (0, G_N_ELEMENTS (operations))](&world, group, item, name);
      g_clear_pointer (&group, exp_node_unref);
      if (g_test_rand_int_range (0, 2))
        look_at_one (&world);
      if (i % 7 == 0)
        compare (written->root, world.root);
      if (g_test_rand_int_range (0, 40) == 0)
        commit_or_reopen (&world, g_test_rand_int_range (0, 3));
    }
  compare (written->root, world.root);
  commit_or_reopen (&world, 0);
  compare (written->root, world.root);
  item_unref (world.root);
}

static void
test_random (void)
{
  for_each_kind (
      test_random_in, NULL,
      "f.visititems(lambda name, x: (list(x.attrs.items()), x[()] if isinstance(x, h5py.Dataset) else len(x))[0] "
      "and None)");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hdf5-write-random/any-sequence-of-changes-is-what-a-model-says", test_random);
  return g_test_run ();
}
