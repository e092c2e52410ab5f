/* Damaged files cost an error where the damage is, and no more. */
#include "made_hdf5.h"
#include <string.h>

static void
virtual_datasets_that_contain_themselves_are_refused (void)
{
  if (!made_is_there ())
    return;
  made_assert_error ("virtual.h5", "self", EXP_ERROR_DAMAGED, "lead back");
  made_assert_error ("loop1.h5", "d", EXP_ERROR_DAMAGED, "lead back");
}

static void
one_bad_object_does_not_hide_the_others (void)
{
  if (!made_is_there ())
    return;
  made_assert_error ("damaged.h5", "sum", EXP_ERROR_CHECKSUM, "letcher32");
  made_assert_dataset ("damaged.h5", "good", "<i8", "0 1 2");
  made_assert_error ("lies.h5", "s", EXP_ERROR_DAMAGED, "longer than");
  made_assert_error ("made.h5", "fifo", EXP_ERROR_DAMAGED, "fifo.bin");
}

static gboolean
append_name (const char *name, ExpNode *child, gpointer names)
{
  g_ptr_array_add (names, g_strdup (name));
  return TRUE;
}

static void
damage_that_hdf5_does_not_survive_is_refused (void)
{
  const char *const names[] = { "names_loop.h5", "chunks_loop.h5", "header_loop.h5", "chunk_short.h5", "szip_zero.h5" };
  g_autoptr (GPtrArray) listed = g_ptr_array_new_with_free_func (g_free);

  if (!made_is_there ())
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ExpStore) store = made_open (names[i], &error);
      g_assert_no_error (error);
      g_autoptr (ExpNode) node = exp_node_lookup (exp_store_get_root (store), "many", &error);
      g_auto (ExpInfo) info = { 0 };
      g_assert_no_error (error);
      if (exp_node_describe (node, &info, &error))
        {
          g_autoptr (ExpArray) array = info.kind == EXP_KIND_DATASET ? exp_node_read_all (node, &error) : NULL;

          if (info.kind == EXP_KIND_GROUP)
            g_assert_false (exp_node_list (node, 0, append_name, listed, &error));
          g_assert_null (array);
        }
      g_assert_error (error, EXP_ERROR, EXP_ERROR_DAMAGED);
      made_assert_dataset (names[i], "good", "<i8", "1");
    }
}

static void
a_heap_without_end_is_not_followed (void)
{
  if (!made_is_there ())
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = made_open ("fill_loop.h5", &error);
  g_autoptr (ExpNode) node = exp_node_lookup (exp_store_get_root (store), "many", &error);
  g_auto (ExpLayout) layout = { 0 };

  /* The value is whole; the library, which knows how the dataset was made, would not come back from the heap. */
  made_assert_dataset ("fill_loop.h5", "many", "|O", "\"abc\" \"abc\" \"abc\"");
  g_assert_false (exp_node_layout (node, &layout, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_DAMAGED);
}

static void
a_damaged_attribute_does_not_hide_the_others (void)
{
  if (!made_is_there ())
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = made_open ("attribute.h5", &error);
  g_autoptr (ExpNode) node = exp_node_lookup (exp_store_get_root (store), "good", &error);
  g_auto (GStrv) names = exp_node_list_attributes (node, &error);
  g_assert_cmpuint (g_strv_length (names), ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (ExpArray) value = exp_node_read_attribute (node, names[i], &error);
      gint64 number;

      if (strcmp (names[i], "second") == 0)
        g_assert_error (error, EXP_ERROR, EXP_ERROR_DAMAGED);
      else
        g_assert_true (exp_array_get_int (value, &number) && number == (strcmp (names[i], "first") == 0 ? 1 : 3));
      g_clear_error (&error);
    }
}

/* Each length that a copy was cut to is refused or reads with errors; it never crashes. */
static void
truncated_files_are_refused (void)
{
  g_autofree char *contents = NULL;
  gsize size;

  if (!made_is_there ())
    return;
  g_autofree char *from = g_build_filename (made_directory, "made.h5", NULL);
  g_autofree char *to = g_build_filename (made_directory, "cut.h5", NULL);
  g_assert_true (g_file_get_contents (from, &contents, &size, NULL));
  for (gsize cut = 0; cut < size; cut = cut * 2 + 37)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (g_file_set_contents (to, contents, cut, NULL));
      g_assert_null (made_open ("cut.h5", &error));
      g_assert_nonnull (error);
    }
}

int
main (int argc, char **argv)
{
  made_init (&argc, &argv);
#define ADD(test) g_test_add_func ("/hdf5-damage/" #test, test)
  ADD (virtual_datasets_that_contain_themselves_are_refused);
  ADD (one_bad_object_does_not_hide_the_others);
  ADD (damage_that_hdf5_does_not_survive_is_refused);
  ADD (a_heap_without_end_is_not_followed);
  ADD (a_damaged_attribute_does_not_hide_the_others);
  ADD (truncated_files_are_refused);
  return made_run ();
}
