/* Names in groups of which many were looked up in vain: what comes and goes is found and missed at once, however it
 * came. */
#include "written.h"

#define N_ROUNDS 1500
#define N_NAMES  40

typedef struct
{
  const char *path;
  GHashTable *names; /* those that are there */
} Model;

static ExpNode *
look (ExpNode *root, const char *path, const char *name)
{
  g_autoptr (ExpNode) group = find (root, path);
  g_autoptr (GError) error = NULL;
  ExpNode *child = exp_node_lookup (group, name, &error);

  if (child == NULL)
    g_assert_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND);
  return child;
}

static void
check (ExpNode *root, const Model *model)
{
  for (guint i = 0; i < N_NAMES; i++)
    {
      g_autofree char *name = g_strdup_printf ("n%u", i);
      g_autoptr (ExpNode) child = look (root, model->path, name);
      g_assert_cmpint (child != NULL, ==, g_hash_table_contains (model->names, name));
    }
}

/* One of a group's names, in a way that changes with `how`. */
static void
make (ExpNode *root, const Model *model, const char *name, guint how)
{
  g_autoptr (ExpNode) parent = find (root, model->path);
  g_autoptr (ExpNode) target = find (root, "target");
  g_autoptr (GError) error = NULL;
  ExpNode *made = NULL;
  gboolean is_made = TRUE;

  switch (how % 4)
    {
    case 0:
      made = make_ints (parent, name, FALSE, 0, NULL);
      break;
    case 1:
      made = exp_node_create_group (parent, name, &error);
      break;
    case 2:
      is_made = exp_node_link (parent, name, target, &error);
      break;
    default:
      is_made = exp_node_symlink (parent, name, "/target", &error);
    }
  g_assert_no_error (error);
  g_assert_true (is_made);
  if (made != NULL)
    exp_node_unref (made);
  g_hash_table_add (model->names, g_strdup (name));
}

static void
change (ExpNode *root, const Model *model, const Model *other, const char *name, const char *new_name, guint how)
{
  g_autoptr (ExpNode) parent = find (root, model->path);
  g_autoptr (ExpNode) to = find (root, other->path);
  g_autoptr (GError) error = NULL;

  if (!g_hash_table_contains (model->names, name))
    make (root, model, name, how);
  else if (how % 2 == 0 || g_hash_table_contains (other->names, new_name))
    {
      exp_node_remove (parent, name, &error);
      g_assert_no_error (error);
      g_hash_table_remove (model->names, name);
    }
  else
    {
      exp_node_move (parent, name, to, new_name, 0, &error);
      g_assert_no_error (error);
      g_hash_table_remove (model->names, name);
      g_hash_table_add (other->names, g_strdup (new_name));
    }
}

static void
test_absent_in (Written *written)
{
  Model models[3] = { { "a" }, { "b" }, { "b/c" } };
  g_autoptr (GRand) random = g_rand_new_with_seed (7);

  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    models[i].names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_add (models[0].names, g_strdup ("n0"));
  for (guint i = 0; i < N_ROUNDS; i++)
    {
      Model *model = &models[g_rand_int_range (random, 0, 3)], *other = &models[g_rand_int_range (random, 0, 3)];
      g_autofree char *name = g_strdup_printf ("n%d", g_rand_int_range (random, 0, N_NAMES));
      g_autofree char *new_name = g_strdup_printf ("n%d", g_rand_int_range (random, 0, N_NAMES));

      change (written->root, model, other, name, new_name, g_rand_int (random));
      if (i % 50 == 0)
        for (guint k = 0; k < G_N_ELEMENTS (models); k++)
          check (written->root, &models[k]);
      if (i % 400 == 0)
        g_assert_true (exp_store_commit (written->store, i % 800 == 0, NULL));
      g_autoptr (ExpNode) child = look (written->root, other->path, new_name);
      g_assert_cmpint (child != NULL, ==, g_hash_table_contains (other->names, new_name));
    }
  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    g_hash_table_unref (models[i].names);
}

static void
test_absent (void)
{
  for_each_kind (test_absent_in, "f['a/n0'] = 1; f['target'] = 2; f.create_group('b/c')", NULL);
}

/* A group that goes and another that comes, perhaps to where it lay. */
static void
test_again_in (Written *written)
{
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (GError) error = NULL;
      ExpNode *group = exp_node_create_group (written->root, "again", &error);
      g_assert_no_error (error);
      for (guint k = 0; k < 20; k++)
        g_assert_null (look (written->root, "again", "one"));
      exp_node_unref (make_ints (group, "one", FALSE, 0, NULL));
      exp_node_unref (look (written->root, "again", "one"));
      exp_node_remove (group, "one", &error);
      g_assert_no_error (error);
      exp_node_unref (group);
      exp_node_remove (written->root, "again", &error);
      g_assert_no_error (error);
    }
}

static void
test_again (void)
{
  for_each_kind (test_again_in, NULL, "assert len(f) == 0");
}

/* What is said of names tells who may make a dataset later. */
static void
test_takes_any_in (Written *written)
{
  g_assert_true (exp_node_takes_any (written->root, "a name"));
  g_assert_true (exp_node_takes_any (written->root, "\xff"));
  g_assert_false (exp_node_takes_any (written->root, "a/b"));
  g_assert_false (exp_node_takes_any (written->root, "."));
  g_assert_false (exp_node_takes_any (written->root, ""));
}

static void
test_takes_any (void)
{
  for_each_kind (test_takes_any_in, NULL, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hdf5-absent/names-that-come-and-go-are-found-and-missed-at-once", test_absent);
  g_test_add_func ("/hdf5-absent/a-group-made-anew-has-none-of-the-old-one's-names", test_again);
  g_test_add_func ("/hdf5-absent/what-could-be-made-later-is-known-before", test_takes_any);
  return g_test_run ();
}
