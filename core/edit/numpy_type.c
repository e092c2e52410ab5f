/* Types by the names that NumPy has for them: the inverse of exp_dtype_to_numpy.
 * Knows that NPY headers say the same; knows no stores.
 * Called by fs/. */
#include "expfs/edit.h"
#include "numpy/literal.h"
#include <string.h>

/* Longer names than an NPY header can have. */
#define MAX_LENGTH G_MAXUINT16

ExpDtype *
exp_dtype_from_numpy (const char *text, GError **error)
{
  const gboolean is_plain = *text == '\0' || strchr ("[{(", *text) == NULL;
  g_autofree char *quoted = is_plain ? g_strdup_printf ("'%s'", text) : NULL;
  const gboolean has_order = *text != '\0' && strchr ("<>=", *text) != NULL;
  ExpDtype *moment
      = has_order && (text[1] == 'M' || text[1] == 'm') ? exp_dtype_new_moment (text + 1, *text == '>') : NULL;
  g_autoptr (GError) reason = NULL;
  ExpLiteral literal = { .at = is_plain ? quoted : text, .error = &reason, .objects_are_text = !is_plain };

  if (moment != NULL)
    return moment;
  if (strlen (text) > MAX_LENGTH)
    {
      g_set_error_literal (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "the type's name is too long");
      return NULL;
    }
  literal.end = literal.at + strlen (literal.at);
  g_autoptr (ExpDtype) dtype = is_plain && strpbrk (text, "'\\") != NULL ? NULL : exp_npy_take_dtype (&literal);
  if (dtype != NULL && exp_literal_peek (&literal) == '\0')
    return g_steal_pointer (&dtype);
  if (reason != NULL)
    g_propagate_error (error, g_steal_pointer (&reason));
  else
    g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "'%s' is no type", text);
  return NULL;
}
