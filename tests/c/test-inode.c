/* The inode table. */
#include "fs/inode.h"
#include <string.h>

#define N_THREADS 4

static gint n_freed;

static void
count_freed (ExpInode *inode, gpointer data)
{
  g_atomic_int_inc (&n_freed);
}

static ExpInodeTable *
new_table (void)
{
  g_autoptr (ExpNode) root = exp_memory_group_new (NULL);

  n_freed = 0;
  return exp_inode_table_new (root, count_freed, NULL);
}

static ExpInode *
add (ExpInodeTable *table, ExpInode *parent, const char *name)
{
  return exp_inode_add (table, exp_inode_new (parent, name, EXP_INODE_DIRECTORY, NULL));
}

static void
test_a_name_has_one_inode_until_it_is_forgotten (void)
{
  ExpInodeTable *table = new_table ();
  ExpInode *root = exp_inode_get (table, FUSE_ROOT_ID);
  ExpInode *a = add (table, root, "a");

  g_assert_true (add (table, root, "a") == a);
  g_assert_true (exp_inode_find (table, root, "a") == a);
  g_assert_null (exp_inode_find (table, root, "b"));
  g_assert_cmpint (n_freed, ==, 1); /* the second one that was made for the name */
  exp_inode_unref (table, a, 2);
  g_assert_cmpuint (exp_inode_table_size (table), ==, 2);
  exp_inode_unref (table, a, 1);
  g_assert_cmpuint (exp_inode_table_size (table), ==, 1);
  g_assert_cmpint (n_freed, ==, 2);
  exp_inode_table_free (table);
}

static void
test_a_parent_outlives_its_children (void)
{
  ExpInodeTable *table = new_table ();
  ExpInode *at = exp_inode_get (table, FUSE_ROOT_ID);

  /* Deeper than a recursion could follow; every parent is forgotten before its child. */
  for (guint i = 0; i < 300000; i++)
    {
      ExpInode *parent = at;
      at = add (table, parent, "d");
      exp_inode_unref (table, parent, 1);
    }
  g_assert_cmpuint (exp_inode_table_size (table), ==, 300001);
  exp_inode_unref (table, at, 1);
  g_assert_cmpuint (exp_inode_table_size (table), ==, 1);
  exp_inode_table_free (table);
}

static void
test_a_detached_inode_makes_room_for_another (void)
{
  ExpInodeTable *table = new_table ();
  ExpInode *root = exp_inode_get (table, FUSE_ROOT_ID);
  ExpInode *old = add (table, root, "a");

  exp_inode_detach (table, old);
  g_assert_null (exp_inode_find (table, root, "a"));
  ExpInode *fresh = add (table, root, "a");
  g_assert_true (fresh != old);
  exp_inode_unref (table, old, 1);
  g_assert_true (exp_inode_find (table, root, "a") == fresh);
  exp_inode_unref (table, fresh, 2);
  g_assert_cmpuint (exp_inode_table_size (table), ==, 1);
  exp_inode_table_free (table);
}

/* Its children are found below it as before, and the name that it had is free. */
static void
test_a_moved_inode_has_its_new_name (void)
{
  const char *long_name = "a name that is much longer than the one which it was made with";
  ExpInodeTable *table = new_table ();
  ExpInode *root = exp_inode_get (table, FUSE_ROOT_ID);

  exp_inode_table_allow_moves (table);
  ExpInode *group = add (table, root, "group"), *a = add (table, root, "a"), *child = add (table, a, "child");
  exp_inode_move (table, a, group, long_name);
  g_assert_null (exp_inode_find (table, root, "a"));
  g_assert_true (exp_inode_find (table, group, long_name) == a);
  g_assert_true (exp_inode_find (table, a, "child") == child);
  g_assert_true (a->parent == group);
  g_assert_cmpstr (exp_inode_name (a), ==, long_name);
  exp_inode_move (table, a, root, "b");
  g_assert_cmpstr (exp_inode_name (a), ==, "b");
  g_assert_true (exp_inode_find (table, root, "b") == a);

  ExpInode *again = add (table, root, "a");
  g_assert_true (again != a);
  exp_inode_unref (table, child, 2);
  exp_inode_unref (table, a, 3);
  exp_inode_unref (table, again, 1);
  exp_inode_unref (table, group, 1);
  g_assert_cmpuint (exp_inode_table_size (table), ==, 1);
  exp_inode_table_free (table);
}

static void
test_a_move_takes_the_place_of_what_has_the_name (void)
{
  ExpInodeTable *table = new_table ();
  ExpInode *root = exp_inode_get (table, FUSE_ROOT_ID);

  exp_inode_table_allow_moves (table);
  ExpInode *a = add (table, root, "a"), *b = add (table, root, "b"), *group = add (table, root, "group");
  ExpInode *inner = add (table, group, "inner");
  exp_inode_move (table, a, root, "b");
  g_assert_true (exp_inode_find (table, root, "b") == a);
  g_assert_true (exp_inode_has (b, EXP_INODE_IS_DETACHED) && !exp_inode_has (a, EXP_INODE_IS_DETACHED));
  exp_inode_exchange (table, a, inner);
  g_assert_true (exp_inode_find (table, root, "b") == inner && exp_inode_find (table, group, "inner") == a);
  g_assert_true (a->parent == group && inner->parent == root);
  /* What is detached and still referenced goes with the table, and what is in it. */
  n_freed = 0;
  exp_inode_table_free (table);
  g_assert_cmpint (n_freed, ==, 5);
}

static void
test_numbers_follow_the_object (void)
{
  ExpInodeTable *table = new_table ();
  ExpInode *root = exp_inode_get (table, FUSE_ROOT_ID);

  g_assert_cmpuint (exp_inode_number (96), ==, 96);
  g_assert_cmpuint (exp_inode_number (G_MAXUINT64), !=, exp_inode_number (G_MAXUINT64 - 1));
  g_assert_cmpuint (exp_inode_number (G_MAXUINT64), >=, (guint64)1 << 62);
  g_assert_cmpuint (exp_inode_number_for_view (96, 0), ==, 96);
  g_assert_cmpuint (exp_inode_number_for_view (96, 1), !=, exp_inode_number_for_view (96, 2));
  g_assert_cmpuint (exp_inode_number_for_name (root, "a"), ==, exp_inode_number_for_name (root, "a"));
  g_assert_cmpuint (exp_inode_number_for_name (root, "a"), !=, exp_inode_number_for_name (root, "b"));
  g_assert_cmpuint (exp_inode_number_for_name (root, "a"), <, G_MAXINT64);
  exp_inode_table_free (table);
}

static gpointer
look_up_and_forget (gpointer data)
{
  ExpInodeTable *table = data;
  ExpInode *root = exp_inode_get (table, FUSE_ROOT_ID);

  for (guint i = 0; i < 200000; i++)
    {
      char name[2] = { 'a' + i % 7, '\0' };
      ExpInode *parent = add (table, root, name);
      ExpInode *child = add (table, parent, "child");

      exp_inode_unref (table, parent, 1);
      g_assert_true (child->parent == parent && strcmp (parent->name, name) == 0);
      exp_inode_unref (table, child, 1);
    }
  return NULL;
}

static void
test_threads_that_look_up_and_forget_leave_nothing (void)
{
  ExpInodeTable *table = new_table ();
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new (NULL, look_up_and_forget, table);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (exp_inode_table_size (table), ==, 1);
  exp_inode_table_free (table);
  g_assert_cmpint (n_freed, ==, 2 * 200000 * N_THREADS + 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/inode/one-per-name", test_a_name_has_one_inode_until_it_is_forgotten);
  g_test_add_func ("/inode/parents", test_a_parent_outlives_its_children);
  g_test_add_func ("/inode/detach", test_a_detached_inode_makes_room_for_another);
  g_test_add_func ("/inode/moved", test_a_moved_inode_has_its_new_name);
  g_test_add_func ("/inode/replaced", test_a_move_takes_the_place_of_what_has_the_name);
  g_test_add_func ("/inode/numbers", test_numbers_follow_the_object);
  g_test_add_func ("/inode/threads", test_threads_that_look_up_and_forget_leave_nothing);
  return g_test_run ();
}
