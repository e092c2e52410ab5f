/* Drafts: every change beside the same in a store in memory, with saves, failed saves and readers between. */
#include "memory_draft.h"
#include "random_values.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- trees that are to be the same -------------------------------------------------------------------------- */

static gboolean
add_name (const char *name, ExpNode *child, gpointer names)
{
  g_ptr_array_add (names, g_strdup (name));
  return TRUE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

static GPtrArray *
names_of (ExpNode *group)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  g_assert_true (exp_node_list (group, 0, add_name, names, NULL));
  g_ptr_array_sort (names, compare_names);
  return names;
}

static void
check_same_attributes (ExpNode *a, ExpNode *b)
{
  g_auto (GStrv) names = exp_node_list_attributes (a, NULL), others = exp_node_list_attributes (b, NULL);

  g_assert_cmpuint (g_strv_length (names), ==, g_strv_length (others));
  for (char **name = names; *name != NULL; name++)
    {
      g_autoptr (ExpArray) value = exp_node_read_attribute (a, *name, NULL);
      g_autoptr (ExpArray) other = exp_node_read_attribute (b, *name, NULL);
      gint64 number, other_number;

      g_assert_true (exp_array_get_int (value, &number) && exp_array_get_int (other, &other_number));
      g_assert_cmpint (number, ==, other_number);
    }
}

static void
check_same (ExpNode *a, ExpNode *b)
{
  g_auto (ExpInfo) info = { 0 }, other = { 0 };

  g_assert_true (exp_node_describe (a, &info, NULL) && exp_node_describe (b, &other, NULL));
  g_assert_cmpint (info.kind, ==, other.kind);
  check_same_attributes (a, b);
  if (info.kind == EXP_KIND_DATASET)
    {
      g_autoptr (ExpArray) elements = exp_node_read_all (a, NULL), others = exp_node_read_all (b, NULL);

      g_assert_true (exp_dtype_equal (info.dtype, other.dtype));
      g_assert_cmpmem (info.shape, info.rank * sizeof *info.shape, other.shape, other.rank * sizeof *other.shape);
      g_assert_cmpmem (elements->data, elements->n_elements * info.dtype->size, others->data,
                       others->n_elements * info.dtype->size);
      return;
    }
  g_autoptr (GPtrArray) names = names_of (a), other_names = names_of (b);
  g_assert_cmpuint (names->len, ==, other_names->len);
  for (guint i = 0; i < names->len; i++)
    {
      g_autoptr (ExpNode) child = exp_node_lookup (a, names->pdata[i], NULL);
      g_autoptr (ExpNode) other_child = exp_node_lookup (b, names->pdata[i], NULL);

      g_assert_cmpstr (names->pdata[i], ==, other_names->pdata[i]);
      check_same (child, other_child);
    }
}

/* --- changes by chance -------------------------------------------------------------------------------------- */

/* A group anywhere, by the same path in both. */
static void
choose_group (GRand *rand, ExpNode *const roots[2], ExpNode *groups[2])
{
  groups[0] = exp_node_ref (roots[0]);
  groups[1] = exp_node_ref (roots[1]);
  for (guint depth = g_rand_int_range (rand, 0, 3); depth > 0; depth--)
    {
      g_autofree char *name = g_strdup_printf ("n%d", g_rand_int_range (rand, 0, 5));
      g_autoptr (ExpNode) next = exp_node_lookup (groups[1], name, NULL);
      g_auto (ExpInfo) info = { 0 };

      if (next == NULL || !exp_node_describe (next, &info, NULL) || info.kind != EXP_KIND_GROUP)
        return;
      for (guint i = 0; i < 2; i++)
        {
          ExpNode *child = exp_node_lookup (groups[i], name, NULL);
          g_assert_nonnull (child);
          exp_node_unref (groups[i]);
          groups[i] = child;
        }
    }
}

typedef struct
{
  guint kind, flags;
  char name[8], new_name[8];
  ExpNewDataset dataset;
  ExpSlab slab;
  guint8 bytes[256];
  gint64 number;
} Change;

static gboolean
write_part (ExpNode *group, const Change *change)
{
  g_autoptr (ExpNode) node = exp_node_lookup (group, change->name, NULL);
  g_auto (ExpInfo) info = { 0 };

  if (node == NULL || !exp_node_describe (node, &info, NULL) || info.kind != EXP_KIND_DATASET || info.rank != 2)
    return FALSE;
  ExpSlab slab = change->slab;
  g_autoptr (ExpArray) array = exp_array_new_for_slab (info.dtype, &slab, NULL);
  if (array->n_elements > 0)
    memcpy (array->data, change->bytes, MIN (sizeof change->bytes, array->n_elements * info.dtype->size));
  return exp_node_write (node, &slab, array, NULL);
}

static gboolean
resize (ExpNode *group, const Change *change)
{
  g_autoptr (ExpNode) node = exp_node_lookup (group, change->name, NULL);
  g_auto (ExpInfo) info = { 0 };

  if (node == NULL || !exp_node_describe (node, &info, NULL) || info.kind != EXP_KIND_DATASET || info.rank != 2)
    return FALSE;
  return exp_node_resize (node, 2, (guint64[]){ change->dataset.shape[0], info.shape[1] }, NULL);
}

static gboolean
change_attribute (ExpNode *group, const Change *change)
{
  g_autoptr (ExpNode) node = exp_node_lookup (group, change->name, NULL);
  g_autoptr (ExpArray) value = exp_array_new_int (change->number);

  if (node == NULL)
    return FALSE;
  return change->flags != 0 ? exp_node_remove_attribute (node, change->new_name, NULL)
                            : exp_node_write_attribute (node, change->new_name, value, NULL);
}

static gboolean
apply (ExpNode *group, ExpNode *other, const Change *change)
{
  g_autoptr (ExpNode) made = NULL;

  switch (change->kind)
    {
    case 0:
    case 1:
      made = exp_node_create_group (group, change->name, NULL);
      return made != NULL;
    case 2:
    case 3:
      made = exp_node_create_dataset (group, change->name, &change->dataset, NULL);
      return made != NULL;
    case 4:
      made = exp_node_replace_dataset (group, change->name, &change->dataset, NULL);
      return made != NULL;
    case 5:
    case 6:
    case 7:
      return write_part (group, change);
    case 8:
      return resize (group, change);
    case 9:
    case 10:
      return change_attribute (group, change);
    case 11:
      return exp_node_remove (group, change->name, NULL);
    default:
      return exp_node_move (group, change->name, other, change->new_name, change->flags, NULL);
    }
}

static void
make_change (GRand *rand, Change *change, ExpDtype *dtype)
{
  *change = (Change){ .kind = g_rand_int_range (rand, 0, 13), .number = g_rand_int_range (rand, 0, 1000) };
  g_snprintf (change->name, sizeof change->name, "n%d", g_rand_int_range (rand, 0, 5));
  g_snprintf (change->new_name, sizeof change->new_name, "n%d", g_rand_int_range (rand, 0, 5));
  change->flags = change->kind == 12
                      ? (guint[]){ 0, EXP_MOVE_NO_REPLACE, EXP_MOVE_EXCHANGE }[g_rand_int_range (rand, 0, 3)]
                      : (guint)(g_rand_int_range (rand, 0, 3) == 0);
  change->dataset = (ExpNewDataset){ .dtype = dtype, .rank = 2, .is_extensible = TRUE };
  change->slab.rank = 2;
  for (guint i = 0; i < 2; i++)
    {
      change->dataset.shape[i] = g_rand_int_range (rand, 0, 7);
      change->slab.start[i] = g_rand_int_range (rand, 0, 4);
      change->slab.count[i] = g_rand_int_range (rand, 0, 4);
      change->slab.step[i] = g_rand_int_range (rand, 1, 3);
    }
  for (guint i = 0; i < sizeof change->bytes; i++)
    change->bytes[i] = g_rand_int (rand);
}

/* What moves a group into itself, or over another kind of node, only the draft refuses. */
static gboolean
is_for_both (const Change *change, ExpNode *group, ExpNode *other)
{
  g_auto (ExpInfo) info = { 0 }, other_info = { 0 };

  if (change->kind != 12)
    return TRUE;
  g_autoptr (ExpNode) from = exp_node_lookup (group, change->name, NULL);
  g_autoptr (ExpNode) to = exp_node_lookup (other, change->new_name, NULL);
  if (from == NULL || !exp_node_describe (from, &info, NULL) || info.kind == EXP_KIND_GROUP)
    return FALSE;
  return to == NULL || (exp_node_describe (to, &other_info, NULL) && other_info.kind == EXP_KIND_DATASET);
}

static void
changes_agree_with_a_store_in_memory (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (g_test_rand_int ());
  g_autoptr (ExpDtype) wide = exp_dtype_new_number (EXP_TYPE_INT, 8, FALSE);
  g_autoptr (ExpDtype) narrow = exp_dtype_new_number (EXP_TYPE_UINT, 1, FALSE);
  guint n_done = 0;

  for (guint round = 0; round < 40; round++)
    {
      MemoryDraft *data;
      g_autoptr (ExpNode) draft = memory_draft_new (&memory_draft_class, &data), model = exp_memory_store_new ();
      ExpNode *const roots[2] = { draft, model };

      for (guint i = 0; i < 300; i++)
        {
          g_autoptr (ExpNode) group = NULL, model_group = NULL, other = NULL, model_other = NULL;
          ExpNode *groups[2], *others[2];
          Change change;

          make_change (rand, &change, g_rand_boolean (rand) ? wide : narrow);
          choose_group (rand, roots, groups);
          choose_group (rand, roots, others);
          group = groups[0];
          model_group = groups[1];
          other = others[0];
          model_other = others[1];
          if (is_for_both (&change, model_group, model_other))
            {
              gboolean is_done = apply (model_group, model_other, &change);
              g_assert_cmpint (apply (group, other, &change), ==, is_done);
              n_done += is_done;
            }
          if (g_rand_int_range (rand, 0, 20) == 0)
            {
              data->fails = g_rand_int_range (rand, 0, 4) == 0;
              if (exp_node_commit (draft, TRUE, NULL))
                check_same (data->saved, model);
              else
                g_assert_true (data->fails);
              data->fails = FALSE;
            }
          if (i % 10 == 0)
            check_same (draft, model);
        }
      check_same (draft, model);
      g_assert_true (exp_node_commit (draft, TRUE, NULL));
      g_assert_true (exp_draft_is_saved (draft));
      check_same (data->saved, model);
      check_same (draft, model);
    }
  g_assert_cmpuint (n_done, >, 1000);
}

/* --- what is said of it ------------------------------------------------------------------------------------- */

static ExpNode *
make_row (ExpNode *group, const char *name, guint64 n)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_INT, 8, FALSE);
  const ExpNewDataset dataset = { .dtype = dtype, .rank = 1, .shape = { n } };
  ExpNode *node = exp_node_create_dataset (group, name, &dataset, NULL);

  g_assert_nonnull (node);
  return node;
}

static void
write_row (ExpNode *node, gint64 value)
{
  g_auto (ExpInfo) info = { 0 };

  g_assert_true (exp_node_describe (node, &info, NULL));
  g_autofree gint64 *values = g_new (gint64, info.shape[0]);
  for (guint64 i = 0; i < info.shape[0]; i++)
    values[i] = value + i;
  g_assert_true (exp_node_write_flat (node, &info, 0, info.shape[0], values, NULL));
}

static gint64
first_of (ExpNode *node)
{
  g_autoptr (ExpArray) value = exp_node_read_all (node, NULL);

  g_assert_nonnull (value);
  return *(gint64 *)value->data;
}

static void
only_what_was_changed_is_not_saved (void)
{
  g_autoptr (ExpNode) root = memory_draft_new (&memory_draft_class, NULL);
  g_autoptr (ExpNode) a = make_row (root, "a", 5), b = make_row (root, "b", 5);
  g_autoptr (ExpArray) value = exp_array_new_int (7);

  g_assert_null (exp_draft_get_saved (a));
  g_assert_false (exp_draft_is_saved (root));
  g_assert_true (exp_node_commit (root, FALSE, NULL));
  g_assert_true (exp_draft_is_saved (root));

  write_row (a, 3);
  g_assert_true (exp_node_write_attribute (b, "unit", value, NULL));
  g_autoptr (ExpNode) saved_a = exp_draft_get_saved (a), saved_b = exp_draft_get_saved (b);
  g_autoptr (ExpNode) elements_b = exp_draft_get_saved_elements (b);
  g_assert_null (saved_a);
  g_assert_null (saved_b);
  g_assert_nonnull (elements_b);
  g_assert_false (exp_draft_is_saved (root));
}

static void
nothing_changed_is_not_saved_again (void)
{
  MemoryDraft *data;
  g_autoptr (ExpNode) root = memory_draft_new (&memory_draft_class, &data);
  g_autoptr (ExpNode) a = make_row (root, "a", 5);

  for (guint i = 0; i < 3; i++)
    g_assert_true (exp_node_commit (root, TRUE, NULL));
  g_assert_cmpuint (data->n_saves, ==, 1);
}

static void
what_was_removed_is_read_by_who_has_it (void)
{
  g_autoptr (ExpNode) root = memory_draft_new (&memory_draft_class, NULL);
  g_autoptr (ExpNode) a = make_row (root, "a", 1000), b = make_row (root, "b", 1000);

  write_row (a, 3);
  g_assert_true (exp_node_remove (root, "a", NULL));
  g_assert_true (exp_node_commit (root, TRUE, NULL));
  write_row (b, 5);
  g_assert_true (exp_node_commit (root, TRUE, NULL));
  g_assert_cmpint (first_of (a), ==, 3);
  g_assert_cmpint (first_of (b), ==, 5);
}

static void
hidden_children_of_what_was_saved_are_found_and_removed_ones_are_not (void)
{
  g_autoptr (ExpNode) saved = exp_memory_group_new (NULL);
  g_autoptr (ExpArray) value = exp_array_new_int (7);
  g_autoptr (ExpNode) shown = exp_memory_dataset_new (value, NULL), hidden = exp_memory_dataset_new (value, NULL);
  MemoryDraft *data = g_new0 (MemoryDraft, 1);

  exp_memory_group_add (saved, "shown", shown);
  exp_memory_group_add_hidden (saved, ".hidden", hidden);
  data->saved = exp_node_ref (saved);
  g_autoptr (ExpNode) root = exp_draft_new (&memory_draft_class, saved, "draft", data, memory_draft_free);
  g_assert_true (exp_node_remove (root, "shown", NULL));
  g_autoptr (ExpNode) found = exp_node_lookup (root, ".hidden", NULL), gone = exp_node_lookup (root, "shown", NULL);
  g_assert_nonnull (found);
  g_assert_null (gone);
}

static gboolean
refuse_long_rows (const ExpDraftChange *change, gpointer data, GError **error)
{
  if ((change->kind != EXP_DRAFT_CREATE_DATASET && change->kind != EXP_DRAFT_RESIZE) || change->dataset->shape[0] <= 8)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "%s: too long", change->name);
  return FALSE;
}

static void
the_format_refuses_what_it_cannot_hold (void)
{
  const ExpDraftClass klass = { .save = memory_draft_save, .open = memory_draft_open, .check = refuse_long_rows };
  g_autoptr (ExpNode) root = memory_draft_new (&klass, NULL), a = make_row (root, "a", 8);
  g_autoptr (GError) error = NULL;

  g_assert_false (exp_node_resize (a, 1, (guint64[]){ 9 }, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED);
  g_assert_cmpstr (error->message, ==, "a: too long");
  g_assert_true (exp_node_resize (a, 1, (guint64[]){ 7 }, NULL));
}

static gboolean
copy_unless_bare (const char *name, ExpNode *child, gpointer to)
{
  return exp_draft_is_bare (child) || copy_child (name, child, to);
}

static gboolean
save_without_bare (ExpNode *root, gpointer data, GError **error)
{
  MemoryDraft *self = data;

  exp_node_unref (self->saved);
  self->saved = exp_memory_store_new ();
  return exp_node_list (root, 0, copy_unless_bare, self->saved, error);
}

static gboolean
refuse_null (const ExpDraftChange *change, gpointer data, GError **error)
{
  if (change->dataset == NULL || !change->dataset->is_null)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "%s: no null dataspaces", change->name);
  return FALSE;
}

static void
what_has_no_content_yet_stays_and_is_not_saved (void)
{
  const ExpDraftClass klass = { .save = save_without_bare, .open = memory_draft_open, .check = refuse_null };
  MemoryDraft *data;
  g_autoptr (ExpNode) root = memory_draft_new (&klass, &data), row = make_row (root, "row", 2);
  g_autoptr (ExpDtype) real = exp_dtype_new_number (EXP_TYPE_FLOAT, 8, FALSE),
                       whole = exp_dtype_new_number (EXP_TYPE_INT, 8, FALSE);
  const ExpNewDataset nothing = { .dtype = real, .is_null = TRUE }, typed = { .dtype = whole, .is_null = TRUE };
  g_autoptr (ExpNode) bare = exp_node_create_dataset (root, "bare", &nothing, NULL), none = NULL;
  g_autoptr (ExpArray) unit = exp_array_new_text ("mV"), read = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (ExpInfo) info = { 0 };

  g_assert_nonnull (bare);
  g_assert_true (exp_draft_is_bare (bare));
  g_assert_false (exp_draft_is_bare (row));
  g_assert_true (exp_node_write_attribute (bare, "unit", unit, NULL));
  none = exp_node_create_dataset (root, "typed", &typed, &error);
  g_assert_null (none);
  g_assert_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED);

  g_test_expect_message ("expfs", G_LOG_LEVEL_WARNING, "*'bare' has no content*");
  g_assert_true (exp_node_commit (root, TRUE, NULL));
  /* Told once. */
  g_assert_true (exp_node_resize (row, 1, (guint64[]){ 3 }, NULL) && exp_node_commit (root, TRUE, NULL));
  g_test_assert_expected_messages ();
  none = exp_node_lookup (data->saved, "bare", NULL);
  g_assert_null (none);
  g_assert_true (exp_node_describe (bare, &info, NULL) && info.is_null);
  read = exp_node_read_attribute (bare, "unit", NULL);
  g_assert_nonnull (read);
  g_assert_true (exp_node_remove (root, "bare", NULL));
}

static void
a_group_is_not_moved_into_itself (void)
{
  g_autoptr (ExpNode) root = memory_draft_new (&memory_draft_class, NULL);
  g_autoptr (ExpNode) a = exp_node_create_group (root, "a", NULL), b = exp_node_create_group (a, "b", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (exp_node_move (root, "a", b, "a", 0, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_INVALID);
  g_assert_cmpuint (exp_draft_depth (b), ==, 2);
}

static void
after_abandoning_nothing_is_written (void)
{
  MemoryDraft *data;
  g_autoptr (ExpNode) root = memory_draft_new (&memory_draft_class, &data), a = make_row (root, "a", 5);
  g_autoptr (GError) error = NULL;

  exp_node_abandon (root);
  g_assert_true (exp_node_commit (root, TRUE, NULL));
  g_assert_cmpuint (data->n_saves, ==, 0);
  g_assert_null (exp_node_create_group (root, "g", &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_READ_ONLY);
}

/* Reads all the time what another thread saves. */
static gpointer
read_on (gpointer node)
{
  for (guint i = 0; i < 2000; i++)
    {
      g_autoptr (ExpArray) value = exp_node_read_all (node, NULL);
      const gint64 *cells = (gint64 *)value->data;

      g_assert_cmpint (cells[value->n_elements - 1] - cells[0], ==, value->n_elements - 1);
    }
  return NULL;
}

static void
readers_see_whole_values_while_it_is_saved (void)
{
  g_autoptr (ExpNode) root = memory_draft_new (&memory_draft_class, NULL), a = make_row (root, "a", 500);

  write_row (a, 0);
  GThread *thread = g_thread_new ("reader", read_on, a);
  for (guint i = 1; i < 200; i++)
    {
      write_row (a, i);
      g_assert_true (exp_node_commit (root, TRUE, NULL));
    }
  g_thread_join (thread);
}

/* --- files that are replaced -------------------------------------------------------------------------------- */

static gboolean
write_text (ExpSource *to, gpointer data, GError **error)
{
  return exp_source_pwrite (to, 0, strlen (data), data, error);
}

static gboolean
write_a_part (ExpSource *to, gpointer data, GError **error)
{
  g_assert_true (exp_source_pwrite (to, 0, 3, "par", NULL));
  g_set_error (error, EXP_ERROR, EXP_ERROR_NO_SPACE, "no room");
  return FALSE;
}

static void
check_content (const char *path, const char *expected)
{
  g_autofree char *content = NULL;

  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, expected);
}

static void
a_file_is_replaced_whole_or_not (void)
{
  g_autofree char *directory = g_dir_make_tmp ("expfs-draft-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "store", NULL);
  g_autoptr (GError) error = NULL;
  struct stat st;

  g_assert_true (g_file_set_contents (path, "old", -1, NULL));
  g_assert_cmpint (g_chmod (path, 0640), ==, 0);
  g_autoptr (ExpReplacement) file = exp_replacement_open (path, EXP_LOCK_AUTO, &error);
  g_assert_no_error (error);
  g_assert_false (exp_replacement_write (file, write_a_part, NULL, NULL));
  check_content (path, "old");
  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (exp_replacement_write (file, write_text, i == 0 ? "new one" : "n", &error));
      check_content (path, i == 0 ? "new one" : "n");
    }
  g_assert_cmpint (g_stat (path, &st), ==, 0);
  g_assert_cmpint (st.st_mode & 0777, ==, 0640);

  g_assert_null (exp_replacement_open (path, EXP_LOCK_AUTO, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_BUSY);
  g_clear_error (&error);

  g_assert_true (g_file_set_contents (path, "somebody else's", -1, NULL));
  g_assert_false (exp_replacement_write (file, write_text, "mine", &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_BUSY);
  check_content (path, "somebody else's");
  g_unlink (path);
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/draft/agrees-with-a-store-in-memory", changes_agree_with_a_store_in_memory);
  g_test_add_func ("/draft/only-what-was-changed", only_what_was_changed_is_not_saved);
  g_test_add_func ("/draft/nothing-changed", nothing_changed_is_not_saved_again);
  g_test_add_func ("/draft/removed-is-read", what_was_removed_is_read_by_who_has_it);
  g_test_add_func ("/draft/hidden", hidden_children_of_what_was_saved_are_found_and_removed_ones_are_not);
  g_test_add_func ("/draft/format-refuses", the_format_refuses_what_it_cannot_hold);
  g_test_add_func ("/draft/no-content", what_has_no_content_yet_stays_and_is_not_saved);
  g_test_add_func ("/draft/into-itself", a_group_is_not_moved_into_itself);
  g_test_add_func ("/draft/abandoned", after_abandoning_nothing_is_written);
  g_test_add_func ("/draft/readers-while-saving", readers_see_whole_values_while_it_is_saved);
  g_test_add_func ("/draft/replacement", a_file_is_replaced_whole_or_not);
  return g_test_run ();
}
