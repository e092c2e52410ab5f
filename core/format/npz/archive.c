/* NumPy's archives in memory.
 * Knows nothing of who keeps them.
 * Called by filters. */
#include "archive.h"
#include "expfs/memory_node.h"
#include "npz.h"
#include <string.h>

#define NAME         "the archive"
#define MAX_ELEMENTS (512 << 20)

/* The last one of that name counts. */
static ExpZipMember *
find_member (ExpZip *zip, const char *name)
{
  g_autofree char *wanted = g_strconcat (name, ".npy", NULL);

  for (guint i = zip->members->len; i-- > 0;)
    {
      ExpZipMember *member = &g_array_index (zip->members, ExpZipMember, i);

      if (strcmp (member->name, wanted) == 0)
        return member;
    }
  return NULL;
}

ExpArray *
exp_npz_read_array (GBytes *archive, const char *name, GError **error)
{
  g_autoptr (ExpSource) source = exp_source_new_bytes (archive, NAME);
  g_autoptr (ExpZip) zip = exp_zip_open (source, error);
  ExpZipMember *member = zip != NULL ? find_member (zip, name) : NULL;

  if (zip == NULL)
    return NULL;
  if (member == NULL || member->size > MAX_ELEMENTS)
    {
      g_set_error (error, EXP_ERROR, member == NULL ? EXP_ERROR_NOT_FOUND : EXP_ERROR_TOO_LARGE, "%s %s '%s'", NAME,
                   member == NULL ? "has no" : "has very many bytes in", name);
      return NULL;
    }
  g_autoptr (ExpNode) array = exp_npz_array_new (zip, member);
  return exp_node_read_all (array, error);
}

GBytes *
exp_npz_make (guint n, const char *const *names, ExpArray *const *arrays, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (ExpNode) root = exp_memory_group_new (NULL);
  g_autoptr (ExpSource) to = exp_source_new_memory (bytes, NAME);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (ExpNode) array = exp_memory_dataset_new (arrays[i], NULL);
      exp_memory_group_add (root, names[i], array);
    }
  if (!exp_npz_write (root, FALSE, to, error))
    return NULL;
  g_clear_pointer (&to, exp_source_unref);
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}
