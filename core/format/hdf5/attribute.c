/* Attributes: their names and values. Those in the object's header are read here, since HDF5 1.10 does not survive a
 * damaged one; those in heaps of their own (many, large or shared ones) by HDF5.
 * Knows no datasets. Called through object.c's class. */
#include "attribute_library.h"
#include "attribute_message.h"
#include "changes.h"
#include "decode.h"
#include "object.h"
#include <string.h>

/* TRUE when the attributes lie in a heap of the object's own; only headers of version 2 have such. */
static gboolean
has_heap (ExpHdf5File *file, const ExpHdf5Header *header, const ExpHdf5Message *message)
{
  const guint n = file->sizeof_address;
  gsize at = 2 + (message->size >= 2 && message->bytes[1] & 1 ? 2 : 0);

  return message->type == EXP_MESSAGE_ATTRIBUTE_INFO && !header->is_old && message->size >= at + n
         && exp_hdf5_decode_uint (message->bytes + at, n) != exp_hdf5_undefined (n);
}

/* TRUE when some of the attributes do not lie in the header. */
static gboolean
needs_library (ExpHdf5File *file, const ExpHdf5Header *header)
{
  for (guint i = 0; i < header->messages->len; i++)
    {
      const ExpHdf5Message *message = &g_array_index (header->messages, ExpHdf5Message, i);
      ExpHdf5Attribute attribute;
      gboolean is_beyond = FALSE;

      if (has_heap (file, header, message))
        return TRUE;
      if (message->type != EXP_MESSAGE_ATTRIBUTE || !file->has_shared_table)
        continue;
      exp_hdf5_attribute_parse (file, message, &attribute, &is_beyond);
      if (message->is_shared || is_beyond)
        return TRUE;
    }
  return FALSE;
}

char **
exp_hdf5_list_attributes (ExpNode *self, GError **error)
{
  ExpHdf5Object *object = (ExpHdf5Object *)self;

  if (exp_hdf5_is_header_ahead (object->file, object->address))
    return exp_hdf5_library_list_attributes (object->file, object->address, error);
  g_autoptr (ExpHdf5Header) header = exp_hdf5_header_read (object->file, object->address, error);
  if (header == NULL)
    return NULL;
  if (needs_library (object->file, header))
    return exp_hdf5_library_list_attributes (object->file, object->address, error);

  GPtrArray *names = g_ptr_array_new ();
  for (guint i = 0; i < header->messages->len; i++)
    {
      const ExpHdf5Message *message = &g_array_index (header->messages, ExpHdf5Message, i);
      ExpHdf5Attribute attribute;
      gboolean is_beyond;

      /* A damaged one does not hide the others; it may have lost its name. */
      if (message->type == EXP_MESSAGE_ATTRIBUTE
          && (exp_hdf5_attribute_parse (object->file, message, &attribute, &is_beyond) || attribute.name != NULL))
        g_ptr_array_add (names, g_strdup (attribute.name));
    }
  g_ptr_array_add (names, NULL);
  return (char **)g_ptr_array_free (names, FALSE);
}

static ExpStoredType *
type_of (ExpHdf5File *file, const ExpHdf5Attribute *attribute, GError **error)
{
  guint64 address;

  if (!attribute->has_shared_type)
    return exp_stored_type_get_encoded (attribute->type, attribute->type_size, file->sizeof_address, error);
  if (!exp_hdf5_message_shared_address (file, attribute->type, attribute->type_size, &address))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "the attribute's type lies where it cannot be read");
      return NULL;
    }

  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  hid_t id = exp_hdf5_file_object (file, address, error);
  if (id < 0)
    return NULL;
  if (H5Iget_type (id) != H5I_DATATYPE)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the attribute's type is no datatype");
      return NULL;
    }
  return exp_stored_type_get (id, file->sizeof_address, EXP_CELLS_IN_FILE, error);
}

static ExpArray *
make_value (ExpHdf5File *file, const ExpHdf5Attribute *attribute, GError **error)
{
  g_autoptr (ExpStoredType) type = type_of (file, attribute, error);
  guint64 n = 1, size;

  if (type == NULL)
    return NULL;
  for (guint i = 0; i < attribute->rank; i++)
    if (!g_uint64_checked_mul (&n, n, attribute->shape[i]))
      n = G_MAXUINT64;
  if (attribute->is_null)
    n = 0;
  if (n > 0 && (!g_uint64_checked_mul (&size, n, type->stored_size) || size > attribute->value_size))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the attribute is longer than what holds it");
      return NULL;
    }

  g_autoptr (ExpArray) array = exp_array_new (type->dtype, attribute->rank, attribute->shape, error);
  if (array == NULL)
    return NULL;
  array->n_elements = n;
  if (n > 0 && !exp_hdf5_decode (file, type, attribute->value, n, array, error))
    return NULL;
  return g_steal_pointer (&array);
}

ExpArray *
exp_hdf5_read_attribute (ExpNode *self, const char *name, GError **error)
{
  ExpHdf5Object *object = (ExpHdf5Object *)self;

  if (exp_hdf5_is_header_ahead (object->file, object->address))
    return exp_hdf5_library_read_attribute (object->file, object->address, name, error);
  g_autoptr (ExpHdf5Header) header = exp_hdf5_header_read (object->file, object->address, error);
  if (header == NULL)
    return NULL;
  if (needs_library (object->file, header))
    return exp_hdf5_library_read_attribute (object->file, object->address, name, error);
  for (guint i = 0; i < header->messages->len; i++)
    {
      const ExpHdf5Message *message = &g_array_index (header->messages, ExpHdf5Message, i);
      ExpHdf5Attribute attribute = { 0 };
      gboolean is_beyond, is_whole;

      if (message->type != EXP_MESSAGE_ATTRIBUTE)
        continue;
      is_whole = exp_hdf5_attribute_parse (object->file, message, &attribute, &is_beyond);
      if (attribute.name == NULL || strcmp (attribute.name, name) != 0)
        continue;
      if (is_whole)
        return make_value (object->file, &attribute, error);
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the attribute '%s' is damaged", name);
      return NULL;
    }
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no attribute '%s'", name);
  return NULL;
}
