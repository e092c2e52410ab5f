/* Names for the columns of a table: members flattened, "a", "b.c"; of a fixed array "d", "d[1]", "d[2]".
 * Knows nothing of values.
 * Called by csv.c and for user.expfs.columns. */
#include "view_private.h"

static void
append_names (const ExpDtype *dtype, const char *name, GPtrArray *names)
{
  switch (dtype->type)
    {
    case EXP_TYPE_COMPOUND:
      for (guint i = 0; i < dtype->n_members; i++)
        {
          g_autofree char *full = *name != '\0' ? g_strconcat (name, ".", dtype->members[i].name, NULL)
                                                : g_strdup (dtype->members[i].name);

          append_names (dtype->members[i].dtype, full, names);
        }
      break;
    case EXP_TYPE_ARRAY:
      for (guint64 i = 0, n = exp_dtype_array_length (dtype); i < n; i++)
        {
          g_autoptr (GString) full = g_string_new (name);
          guint64 block = n, rest = i;

          /* A table is looked up by its members' names, so the first element carries the bare one. */
          if (i == 0 && *name != '\0')
            {
              append_names (dtype->base, name, names);
              continue;
            }
          g_string_append_c (full, '[');
          for (guint k = 0; k < dtype->n_dims; k++)
            {
              block /= dtype->dims[k];
              g_string_append_printf (full, "%s%" G_GUINT64_FORMAT, k > 0 ? "," : "", rest / block);
              rest %= block;
            }
          g_string_append_c (full, ']');
          append_names (dtype->base, full->str, names);
        }
      break;
    default:
      g_ptr_array_add (names, g_strdup (name));
    }
}

char **
exp_dtype_column_names (const ExpDtype *dtype)
{
  if (exp_dtype_count_leaves (dtype) > EXP_MAX_COLUMNS)
    return NULL;

  GPtrArray *names = g_ptr_array_new ();

  append_names (dtype, "", names);
  g_ptr_array_add (names, NULL);
  return (char **)g_ptr_array_free (names, FALSE);
}
