/* Links of every kind, what they lead to, and the listing of groups. */
#include "made_hdf5.h"

static void
links_show_their_targets (void)
{
  static const struct
  {
    const char *path, *target;
    gboolean is_external;
  } cases[] = {
    { "soft", "/half", FALSE },
    { "dangling", "nope/x", FALSE },
    { "beside", "/.external/beside.h5/g/data", FALSE },
    { "below", "/.external/sub/deep.h5/a", FALSE },
    { "missing", "nothere.h5:/x", TRUE },
    { "above", "../x.h5:/x", TRUE },
    { ".external/beside.h5/g/soft", "/.external/beside.h5/g/data", FALSE },
    { ".external/beside.h5/g/other", "/.external/sub/deep.h5/a", FALSE },
    { ".external/sub/deep.h5/sibling", "/.external/sub/deep.h5/a", FALSE },
  };

  if (!made_is_there ())
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = made_open ("made.h5", &error);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ExpNode) node = exp_node_resolve (exp_store_get_root (store), cases[i].path, &error);
      g_auto (ExpInfo) info = { 0 };

      g_assert_no_error (error);
      g_assert_true (exp_node_describe (node, &info, &error));
      g_assert_cmpint (info.kind, ==, EXP_KIND_LINK);
      g_assert_cmpstr (info.target, ==, cases[i].target);
      g_assert_cmpint (info.is_external, ==, cases[i].is_external);
    }
  made_assert_dataset ("made.h5", ".external/beside.h5/g/data", "<i8", "0 1 2");
  made_assert_dataset ("made.h5", ".external/sub/deep.h5/a", "<i8", "0 1 2 3");
}

static void
nothing_above_the_store_is_reached (void)
{
  const char *paths[] = { ".external/..", ".external/sub/..", ".external/raw1.bin/x", ".external/gone.h5" };

  if (!made_is_there ())
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = made_open ("made.h5", &error);
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (GError) local = NULL;
      g_autoptr (ExpNode) node = exp_node_resolve (exp_store_get_root (store), paths[i], &local);

      g_assert_null (node);
      g_assert_nonnull (local);
    }
}

static void
hard_links_share_an_identity (void)
{
  const char *paths[] = { "half", "group/hard", "group/back/half", ".external/beside.h5/g/data" };
  guint64 identities[G_N_ELEMENTS (paths)];

  if (!made_is_there ())
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = made_open ("made.h5", &error);
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (ExpNode) node = exp_node_resolve (exp_store_get_root (store), paths[i], &error);
      g_auto (ExpInfo) info = { 0 };

      g_assert_true (exp_node_describe (node, &info, &error));
      identities[i] = info.identity;
      if (i < 3)
        g_assert_cmpuint (info.n_links, ==, 2);
    }
  g_assert_cmpuint (identities[0], ==, identities[1]);
  g_assert_cmpuint (identities[0], ==, identities[2]);
  g_assert_cmpuint (identities[0], !=, identities[3]);
}

static gboolean
append_name (const char *name, ExpNode *child, gpointer names)
{
  g_ptr_array_add (names, g_strdup (name));
  return TRUE;
}

static void
names_that_look_like_paths_are_found (void)
{
  const char *const names[] = { "a/b", "c/d", ".", "..", "S/1" };
  const ExpKind kinds[] = { EXP_KIND_DATASET, EXP_KIND_GROUP, EXP_KIND_DATASET, EXP_KIND_DATASET, EXP_KIND_LINK };

  if (!made_is_there ())
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = made_open ("names.h5", &error);
  g_autoptr (GPtrArray) listed = g_ptr_array_new_with_free_func (g_free);
  g_assert_true (exp_node_list (exp_store_get_root (store), 0, append_name, listed, &error));
  g_assert_cmpuint (listed->len, ==, G_N_ELEMENTS (names));
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (ExpNode) node = exp_node_lookup (exp_store_get_root (store), names[i], &error);
      g_auto (ExpInfo) info = { 0 };

      g_assert_no_error (error);
      g_assert_true (g_ptr_array_find_with_equal_func (listed, names[i], g_str_equal, NULL));
      g_assert_true (exp_node_describe (node, &info, &error));
      g_assert_cmpint (info.kind, ==, kinds[i]);
      if (info.kind == EXP_KIND_LINK)
        g_assert_cmpstr (info.target, ==, "/WW");
    }
  g_assert_null (exp_node_lookup (exp_store_get_root (store), "c/d/inner", &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND);
}

static gboolean
take_two (const char *name, ExpNode *child, gpointer names)
{
  append_name (name, child, names);
  return ((GPtrArray *)names)->len % 2 != 0;
}

static void
a_listing_goes_on_where_it_was_left (void)
{
  if (!made_is_there ())
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = made_open ("latest.h5", &error);
  g_autoptr (ExpNode) node = exp_node_resolve (exp_store_get_root (store), "many", &error);
  g_autoptr (GPtrArray) whole = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);

  g_assert_true (exp_node_list (node, 0, append_name, whole, &error));
  g_assert_cmpuint (whole->len, ==, 2000);
  for (guint before = 1; before != parts->len;)
    {
      before = parts->len;
      g_assert_true (exp_node_list (node, parts->len, take_two, parts, &error));
    }
  g_assert_cmpuint (parts->len, ==, 2000);
  for (guint i = 0; i < whole->len; i++)
    g_assert_cmpstr (whole->pdata[i], ==, parts->pdata[i]);
}

int
main (int argc, char **argv)
{
  made_init (&argc, &argv);
#define ADD(test) g_test_add_func ("/hdf5-links/" #test, test)
  ADD (links_show_their_targets);
  ADD (nothing_above_the_store_is_reached);
  ADD (hard_links_share_an_identity);
  ADD (names_that_look_like_paths_are_found);
  ADD (a_listing_goes_on_where_it_was_left);
  return made_run ();
}
