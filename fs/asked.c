/* Requests for operations: from words to text and back, and what they are about.
 * Knows no operation; the formats do.
 * Called by the verbs that change a store, and by operate.c. */
#include "fs/asked.h"
#include "fs/find_shown.h"
#include "fs/names.h"
#include <string.h>

void
exp_asked_init (ExpAsked *asked, const char *name)
{
  *asked = (ExpAsked){ .name = g_strdup (name), .path = g_strdup ("") };
  asked->switches = g_ptr_array_new_with_free_func (g_free);
  asked->arguments = g_ptr_array_new_with_free_func (g_free);
}

void
exp_asked_clear (ExpAsked *asked)
{
  g_free (asked->name);
  g_free (asked->path);
  g_free (asked->other_store);
  g_free (asked->other_path);
  g_clear_pointer (&asked->switches, g_ptr_array_unref);
  g_clear_pointer (&asked->arguments, g_ptr_array_unref);
  *asked = (ExpAsked){ NULL };
}

/* --- as text ------------------------------------------------------------------------------------------------ */

static void
append (GString *text, const char *word, const char *value)
{
  g_autofree char *escaped = value != NULL ? g_strescape (value, NULL) : NULL;

  if (escaped != NULL)
    g_string_append_printf (text, "%s\t%s\n", word, escaped);
}

char *
exp_asked_to_text (const ExpAsked *asked)
{
  GString *text = g_string_new (NULL);

  append (text, "operation", asked->name);
  append (text, "path", asked->path);
  append (text, "of-child", asked->is_of_child ? "" : NULL);
  append (text, "other-store", asked->other_store);
  append (text, "other-path", asked->other_path);
  append (text, "dry-run", asked->is_dry_run ? "" : NULL);
  for (guint i = 0; i < asked->switches->len; i++)
    append (text, "switch", asked->switches->pdata[i]);
  for (guint i = 0; i < asked->arguments->len; i++)
    append (text, "argument", asked->arguments->pdata[i]);
  g_string_append_c (text, '\n');
  return g_string_free (text, FALSE);
}

static gboolean
take_line (ExpAsked *asked, const char *word, const char *value)
{
  const struct
  {
    const char *word;
    char **value;
    GPtrArray *values;
    gboolean *is_so;
  } words[] = {
    { "operation", &asked->name, NULL, NULL },          { "path", &asked->path, NULL, NULL },
    { "other-store", &asked->other_store, NULL, NULL }, { "other-path", &asked->other_path, NULL, NULL },
    { "switch", NULL, asked->switches, NULL },          { "argument", NULL, asked->arguments, NULL },
    { "of-child", NULL, NULL, &asked->is_of_child },    { "dry-run", NULL, NULL, &asked->is_dry_run },
  };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      if (strcmp (words[i].word, word) != 0)
        continue;
      if (words[i].is_so != NULL)
        *words[i].is_so = TRUE;
      else if (words[i].values != NULL)
        g_ptr_array_add (words[i].values, g_strcompress (value));
      else
        {
          g_free (*words[i].value);
          *words[i].value = g_strcompress (value);
        }
      return TRUE;
    }
  return FALSE;
}

gboolean
exp_asked_parse (ExpAsked *asked, const char *text, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  exp_asked_init (asked, "");
  for (char **line = lines; *line != NULL && **line != '\0'; line++)
    {
      char *tab = strchr (*line, '\t');

      if (tab != NULL)
        *tab++ = '\0';
      if (!take_line (asked, *line, tab != NULL ? tab : ""))
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "a request has no line '%s'", *line);
          return FALSE;
        }
    }
  if (*asked->name != '\0')
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "a request names an operation");
  return FALSE;
}

/* --- doing it ----------------------------------------------------------------------------------------------- */

/* The child's true name, and in *parent the path of what it is a child of. */
static char *
split_child (const char *path, char **parent, GError **error)
{
  g_autofree char *trimmed = g_strdup (path);
  gsize length = strlen (trimmed);

  while (length > 0 && trimmed[length - 1] == '/')
    trimmed[--length] = '\0';

  const char *slash = strrchr (trimmed, '/');
  const char *shown = slash != NULL ? slash + 1 : trimmed;
  char *name = *shown != '\0' ? exp_name_decode (shown, &length) : NULL;
  *parent = g_strndup (trimmed, shown - trimmed);
  if (name == NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "'%s' names nothing in the store", path);
  return name;
}

static const char **
words (GPtrArray *array, const char *last)
{
  const char **all = g_new0 (const char *, array->len + 2);

  for (guint i = 0; i < array->len; i++)
    all[i] = array->pdata[i];
  all[array->len] = last;
  return all;
}

/* In this store, or in another that is opened for it. */
static ExpNode *
find_other (const ExpAsked *asked, ExpStore *store, ExpStore **opened, GError **error)
{
  if (asked->other_store != NULL && strcmp (asked->other_store, exp_store_get_path (store)) != 0)
    {
      const ExpStoreOptions options = { 0 };

      *opened = store = exp_store_open (asked->other_store, &options, error);
    }
  return store != NULL ? exp_find_shown (exp_store_get_root (store), asked->other_path, error) : NULL;
}

gboolean
exp_asked_perform (const ExpAsked *asked, ExpStore *store, ExpTask *task, GError **error)
{
  g_autofree char *parent = NULL;
  g_autofree char *child = asked->is_of_child ? split_child (asked->path, &parent, error) : NULL;
  g_autofree const char **arguments = words (asked->arguments, child), **switches = words (asked->switches, NULL);
  g_autoptr (ExpStore) other_store = NULL;
  g_autoptr (ExpNode) other = NULL;

  if (asked->is_of_child && child == NULL)
    return FALSE;
  g_autoptr (ExpNode) node = exp_find_shown (exp_store_get_root (store), parent != NULL ? parent : asked->path, error);
  if (node == NULL)
    return FALSE;
  if (asked->other_path != NULL)
    {
      other = find_other (asked, store, &other_store, error);
      if (other == NULL)
        return FALSE;
    }
  task->name = asked->name;
  task->arguments = arguments;
  task->switches = switches;
  task->other = other;
  task->is_dry_run = asked->is_dry_run;
  gboolean is_done = exp_node_perform (node, task, error);
  task->arguments = task->switches = NULL;
  task->other = NULL;
  return is_done;
}
