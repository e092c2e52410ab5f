/* Comments and annotations, and other attributes as they are.
 * Knows how PyTables stores Python values as attributes, and pypet's names for them.
 * Called by node.c, group.c, root.c and write_trajectory.c. */
#include "expfs/view.h"
#include "type.h"
#include "write.h"
#include "write_cast.h"
#include "write_frame.h"
#include <string.h>

#define COMMENT    "SRVC_INIT_COMMENT"
#define ANNOTATION "SRVC_AN_"
#define ANNOTATED  "SRVC_ANNOTATED"

static gboolean
is_text (const ExpDtype *dtype)
{
  return dtype->type == EXP_TYPE_STRING || dtype->type == EXP_TYPE_VSTRING;
}

static void
append_pickled (GString *pickle, const ExpArray *texts, gsize index)
{
  gsize length;
  const char *text = exp_cell_text (texts->dtype, texts->data + index * texts->dtype->size, &length);
  g_autofree char *valid = g_utf8_make_valid (text, (gssize)length);

  exp_frame_pickle_text (pickle, valid);
  g_string_append_printf (pickle, "p%" G_GSIZE_FORMAT "\na", index + 1);
}

/* What PyTables has no attribute type for is pickled: a list of texts. */
static ExpArray *
pickle_texts (const ExpArray *texts)
{
  g_autoptr (GString) pickle = g_string_new ("(lp0\n");

  for (gsize i = 0; i < texts->n_elements; i++)
    append_pickled (pickle, texts, i);
  g_string_append_c (pickle, '.');
  return exp_pytables_text (pickle->str, pickle->len, FALSE);
}

/* As PyTables stores it. */
static ExpArray *
stored_value (const ExpArray *value, GError **error)
{
  const ExpDtype *dtype = value->dtype;
  gsize length;

  if (value->rank == 0 && value->n_elements == 0 && !is_text (dtype))
    return exp_pytables_text ("N.", 2, FALSE); /* None */
  if (is_text (dtype) && value->rank == 0)
    {
      const char *text = value->n_elements > 0 ? exp_cell_text (dtype, value->data, &length) : "";
      return exp_pytables_text (text, value->n_elements > 0 ? length : 0, TRUE);
    }
  if (is_text (dtype) && value->rank == 1)
    return pickle_texts (value);
  if (dtype->type == EXP_TYPE_BOOL)
    {
      g_autoptr (ExpDtype) bits = exp_dtype_new_number (EXP_TYPE_BITFIELD, 1, FALSE);
      return exp_cast_back (value, bits, NULL, error);
    }
  if (exp_pypet_scalar_name (dtype, TRUE, FALSE) != NULL && !is_text (dtype))
    return exp_array_ref ((ExpArray *)value);
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED,
               "an attribute of this type and shape is not possible in a pypet store");
  return NULL;
}

/* A comment is a text, whatever it looks like. */
static ExpArray *
comment_value (const ExpArray *value, GError **error)
{
  gsize length = 0;

  if (is_text (value->dtype) && value->rank == 0)
    return stored_value (value, error);
  g_autofree char *text = exp_attribute_text ((ExpArray *)value, 0, &length, error);
  return text != NULL ? exp_pytables_text (text, length, TRUE) : NULL;
}

/* What follows from the node: whoever copies it along is not stopped. */
static gboolean
is_made_up (const char *name)
{
  return strcmp (name, "explored") == 0 || strcmp (name, "pickle") == 0;
}

/* NULL with an error for a name that only serves the format. Caller frees. */
static char *
stored_name (const char *name, GError **error)
{
  if (strcmp (name, "comment") == 0)
    return g_strdup (COMMENT);
  if (g_str_has_prefix (name, "annotation.") && name[strlen ("annotation.")] != '\0')
    return g_strconcat (ANNOTATION, name + strlen ("annotation."), NULL);
  if (!exp_pypet_is_service_attribute (name) && !is_made_up (name))
    return g_strdup (name);
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "the attribute '%s' is kept by expfs itself", name);
  return NULL;
}

gboolean
exp_pypet_change_node_attribute (ExpPypetChange *change, ExpNode *inner, const ExpPypetLeaf *leaf, const char *name,
                                 const ExpArray *value, GError **error)
{
  if (is_made_up (name))
    return TRUE;
  if (leaf != NULL && leaf->is_parameter && strcmp (name, "range") == 0)
    return exp_pypet_range_set (change, leaf, value, error);

  g_autofree char *stored = stored_name (name, error);
  gboolean is_comment = g_strcmp0 (stored, COMMENT) == 0;
  g_autoptr (ExpArray) own = stored == NULL ? NULL
                             : is_comment   ? comment_value (value, error)
                                            : stored_value (value, error);

  if (own == NULL || !exp_pypet_change_attribute (change, inner, stored, own, error))
    return FALSE;
  if (g_str_has_prefix (stored, ANNOTATION) && !exp_pytables_set_bool (change, inner, ANNOTATED, TRUE, error))
    return FALSE;
  return !is_comment || leaf == NULL || exp_pypet_overview_update (change, leaf, FALSE, error);
}

gboolean
exp_pypet_write_attribute (ExpPypetStore *store, ExpNode *inner, const ExpPypetLeaf *leaf, const char *name,
                           const ExpArray *value, GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (store, error);

  return change != NULL
         && exp_pypet_change_end (change, exp_pypet_change_node_attribute (change, inner, leaf, name, value, error));
}

static gboolean
has_annotations (ExpNode *inner)
{
  g_auto (GStrv) names = exp_node_list_attributes (inner, NULL);

  for (char **name = names; name != NULL && *name != NULL; name++)
    if (g_str_has_prefix (*name, ANNOTATION))
      return TRUE;
  return FALSE;
}

gboolean
exp_pypet_change_remove_attribute (ExpPypetChange *change, ExpNode *inner, const ExpPypetLeaf *leaf, const char *name,
                                   GError **error)
{
  if (leaf != NULL && leaf->is_parameter && strcmp (name, "range") == 0)
    return exp_pypet_range_remove (change, leaf, error);

  g_autofree char *stored = stored_name (name, error);
  g_autoptr (ExpArray) old = stored != NULL ? exp_node_read_attribute (inner, stored, error) : NULL;

  if (old == NULL || !exp_pypet_change_attribute (change, inner, stored, NULL, error))
    return FALSE;
  if (g_str_has_prefix (stored, ANNOTATION) && !has_annotations (inner))
    return exp_pypet_change_attribute (change, inner, ANNOTATED, NULL, error);
  return strcmp (stored, COMMENT) != 0 || leaf == NULL || exp_pypet_overview_update (change, leaf, FALSE, error);
}

gboolean
exp_pypet_remove_attribute (ExpPypetStore *store, ExpNode *inner, const ExpPypetLeaf *leaf, const char *name,
                            GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (store, error);

  return change != NULL
         && exp_pypet_change_end (change, exp_pypet_change_remove_attribute (change, inner, leaf, name, error));
}
