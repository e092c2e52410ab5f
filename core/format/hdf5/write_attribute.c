/* Writes, removes and copies attributes.
 * Knows how a value takes another's place; its type is form_type.c's.
 * Called through writable.c's class and by write_dataset.c. */
#include "children.h"
#include "form.h"
#include <string.h>

typedef struct
{
  const ExpArray *value;
  hid_t type, space;
  const void *bytes;
} Value;

static gboolean
failed (const char *verb, const char *name, GError **error)
{
  exp_hdf5_set_error (error, "cannot %s the attribute '%s'", verb, name);
  if (error != NULL && g_error_matches (*error, EXP_ERROR, EXP_ERROR_TOO_LARGE))
    g_prefix_error (error, "files of this version of HDF5 hold attributes of less than 64 KiB: ");
  return FALSE;
}

/* Strings of at most so many bytes have their types kept: most attributes are short texts. */
#define MAX_KEPT 64

/* One more reference to what is kept here, made if it is not there yet. Under the HDF5 lock. */
static hid_t
keep (hid_t *kept, hid_t made)
{
  if (made >= 0 && H5Iinc_ref (made) > 0)
    *kept = made;
  return made;
}

/* Nobody changes it. */
static hid_t
get_type (const ExpHdf5Form *form, GError **error)
{
  static hid_t kept[2][MAX_KEPT + 1]; /* 0: not made yet */
  const ExpDtype *dtype = form->dtype;

  if (dtype->type != EXP_TYPE_STRING || dtype->size > MAX_KEPT || dtype->pad != EXP_PAD_NUL_TERMINATED
      || dtype->is_ucs4)
    return exp_hdf5_form_type (form, error);
  hid_t *id = &kept[dtype->is_utf8 ? 1 : 0][dtype->size];
  if (*id == 0)
    return keep (id, exp_hdf5_form_type (form, error));
  H5Iinc_ref (*id);
  return *id;
}

static hid_t
make_space (const ExpArray *value)
{
  static hid_t kept[2]; /* 0: not made yet */
  hsize_t dims[EXP_MAX_RANK];

  if (value->rank == 0)
    {
      hid_t *id = &kept[value->n_elements > 0];

      if (*id == 0)
        return keep (id, H5Screate (value->n_elements == 0 ? H5S_NULL : H5S_SCALAR));
      H5Iinc_ref (*id);
      return *id;
    }
  for (guint i = 0; i < value->rank; i++)
    dims[i] = value->shape[i];
  return H5Screate_simple (value->rank, dims, NULL);
}

static gboolean
has_elements (const Value *value)
{
  return value->value->n_elements > 0;
}

/* A new attribute with the value, or none; `shown` is what the user calls it. */
static gboolean
make (hid_t object, const char *name, const char *shown, const Value *value, GError **error)
{
  const gboolean is_utf8 = !g_str_is_ascii (name) && g_utf8_validate (name, -1, NULL);
  g_auto (ExpHid) properties = is_utf8 ? H5Pcreate (H5P_ATTRIBUTE_CREATE) : H5P_DEFAULT;

  if (is_utf8)
    H5Pset_char_encoding (properties, H5T_CSET_UTF8);
  g_auto (ExpHid) id = H5Acreate2 (object, name, value->type, value->space, properties, H5P_DEFAULT);
  if (id >= 0 && (!has_elements (value) || H5Awrite (id, value->type, value->bytes) >= 0))
    return TRUE;
  failed ("write", shown, error);
  if (id >= 0)
    H5Adelete (object, name);
  return FALSE;
}

/* H5Tequal passes over the character sets of strings of variable length. */
static gboolean
has_same_texts (hid_t a, hid_t b)
{
  const H5T_class_t class = H5Tget_class (a);

  if (class == H5T_STRING)
    return H5Tget_cset (a) == H5Tget_cset (b);
  if (class == H5T_ARRAY || class == H5T_VLEN)
    {
      g_auto (ExpHid) left = H5Tget_super (a), right = H5Tget_super (b);
      return left >= 0 && right >= 0 && has_same_texts (left, right);
    }
  for (int i = 0, n = class == H5T_COMPOUND ? H5Tget_nmembers (a) : 0; i < n; i++)
    {
      g_auto (ExpHid) left = H5Tget_member_type (a, i), right = H5Tget_member_type (b, i);
      if (left < 0 || right < 0 || !has_same_texts (left, right))
        return FALSE;
    }
  return TRUE;
}

/* FALSE when the one there has another type or shape. */
static gboolean
fits (hid_t object, const char *name, const Value *value)
{
  g_auto (ExpHid) id = H5Aopen (object, name, H5P_DEFAULT);
  g_auto (ExpHid) type = id >= 0 ? H5Aget_type (id) : H5I_INVALID_HID;
  g_auto (ExpHid) space = id >= 0 ? H5Aget_space (id) : H5I_INVALID_HID;

  return type >= 0 && space >= 0 && H5Tequal (type, value->type) > 0 && has_same_texts (type, value->type)
         && H5Sextent_equal (space, value->space) > 0;
}

static gboolean
overwrite (hid_t object, const char *name, const Value *value, GError **error)
{
  g_auto (ExpHid) id = H5Aopen (object, name, H5P_DEFAULT);

  return (id >= 0 && (!has_elements (value) || H5Awrite (id, value->type, value->bytes) >= 0))
         || failed ("write", name, error);
}

/* Under another name first, so that the old value stays when that fails. That one is not renamed then: H5Arename of
 * 1.10.8 does not find some of those that lie in a B-tree ("record is not in B-tree"), and the value would be lost. */
static gboolean
replace (hid_t object, const char *name, const Value *value, GError **error)
{
  g_autofree char *aside = NULL;

  for (guint i = 0; aside == NULL || H5Aexists (object, aside) > 0; i++)
    {
      g_free (aside);
      aside = g_strdup_printf (".expfs-%u", i);
    }
  if (!make (object, aside, name, value, error))
    return FALSE;
  gboolean is_done = H5Adelete (object, name) >= 0 || failed ("write", name, error);
  is_done = is_done && make (object, name, name, value, error);
  H5Adelete (object, aside);
  return is_done;
}

static gboolean
put (ExpHdf5Object *object, const char *name, Value *value, GError **error)
{
  hid_t id = exp_hdf5_file_object (object->file, object->address, error);
  htri_t exists = id >= 0 ? H5Aexists (id, name) : -1;

  if (id < 0)
    return FALSE;
  exp_hdf5_changes_object (object->file, object->address);
  if (exists == 0)
    return make (id, name, name, value, error);
  return fits (id, name, value) ? overwrite (id, name, value, error) : replace (id, name, value, error);
}

/* TRUE for what the library (1.10.8) would lose: texts and lists in compounds of array types, when it converts several
 * of these at once, as it does with attributes. In a member of a compound each is converted by itself. */
static gboolean
is_lost (const ExpDtype *dtype, gboolean is_several)
{
  const ExpDtype *base = dtype;

  while (base->type == EXP_TYPE_ARRAY)
    base = base->base;
  if (base != dtype && is_several && base->type == EXP_TYPE_COMPOUND && exp_dtype_has_vlen (base))
    return TRUE;
  if (base->type == EXP_TYPE_VLEN)
    return is_lost (base->base, TRUE);
  for (guint i = 0; base->type == EXP_TYPE_COMPOUND && i < base->n_members; i++)
    if (is_lost (base->members[i].dtype, FALSE))
      return TRUE;
  return FALSE;
}

gboolean
exp_hdf5_write_attribute (ExpNode *self, const char *name, const ExpArray *array, GError **error)
{
  ExpHdf5Object *object = (ExpHdf5Object *)self;
  g_autoptr (ExpHdf5Change) change = exp_hdf5_change_begin (object->file, error);
  g_autoptr (ExpHdf5Form) form = exp_hdf5_form_new (array->dtype);
  g_autoptr (GPtrArray) blocks = g_ptr_array_new_with_free_func (g_free);
  Value value = { .value = array, .bytes = array->data };

  if (change == NULL || !exp_hdf5_change_reach (object->file, object->address, error)
      || (form->has_references && !exp_hdf5_settle (object->file, error)))
    return FALSE;
  if (*name == '\0')
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "an attribute without a name");
      return FALSE;
    }
  if (is_lost (array->dtype, array->n_elements > 1))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED,
                   "the HDF5 library loses texts and lists of an attribute whose elements are arrays of compounds");
      return FALSE;
    }
  if (!form->is_plain
      && (value.bytes = exp_hdf5_form_encode (form, object->file, array->data, array->n_elements, blocks, error))
             == NULL)
    return FALSE;

  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  g_auto (ExpHid) type = get_type (form, error);
  if (type < 0)
    return FALSE;
  g_auto (ExpHid) space = make_space (array);
  value.type = type;
  value.space = space;
  return put (object, name, &value, error);
}

gboolean
exp_hdf5_remove_attribute (ExpNode *self, const char *name, GError **error)
{
  ExpHdf5Object *object = (ExpHdf5Object *)self;
  g_autoptr (ExpHdf5Change) change = exp_hdf5_change_begin (object->file, error);

  if (change == NULL || !exp_hdf5_change_reach (object->file, object->address, error))
    return FALSE;

  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  hid_t id = exp_hdf5_file_object (object->file, object->address, error);
  if (id < 0)
    return FALSE;
  if (*name == '\0' || H5Aexists (id, name) == 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no attribute '%s'", name);
      return FALSE;
    }
  exp_hdf5_changes_object (object->file, object->address);
  return H5Adelete (id, name) >= 0 || failed ("remove", name, error);
}

/* --- all of an object's ------------------------------------------------------------------------------------- */

static gboolean
copy_value (hid_t from, hid_t to, hid_t type, hid_t space)
{
  hssize_t n = H5Sget_simple_extent_type (space) == H5S_NULL ? 0 : H5Sget_simple_extent_npoints (space);
  gboolean has_cells = H5Tdetect_class (type, H5T_VLEN) > 0 || H5Tdetect_class (type, H5T_STRING) > 0;
  gsize size;

  if (n <= 0)
    return n == 0;
  g_autofree guint8 *bytes = g_size_checked_mul (&size, n, H5Tget_size (type)) ? g_try_malloc0 (size) : NULL;
  gboolean is_copied = bytes != NULL && H5Aread (from, type, bytes) >= 0 && H5Awrite (to, type, bytes) >= 0;
  if (is_copied && has_cells)
    H5Dvlen_reclaim (type, space, H5P_DEFAULT, bytes);
  return is_copied;
}

static herr_t
copy_attribute (hid_t object, const char *name, const H5A_info_t *info, void *data)
{
  g_auto (ExpHid) from = H5Aopen (object, name, H5P_DEFAULT);
  g_auto (ExpHid) type = from >= 0 ? H5Aget_type (from) : H5I_INVALID_HID;
  g_auto (ExpHid) space = type >= 0 ? H5Aget_space (from) : H5I_INVALID_HID;
  g_auto (ExpHid) properties = space >= 0 ? H5Pcreate (H5P_ATTRIBUTE_CREATE) : H5I_INVALID_HID;
  g_auto (ExpHid) to = H5I_INVALID_HID;

  if (properties < 0)
    return -1;
  H5Pset_char_encoding (properties, info->cset);
  to = H5Acreate2 (*(hid_t *)data, name, type, space, properties, H5P_DEFAULT);
  return to >= 0 && copy_value (from, to, type, space) ? 0 : -1;
}

gboolean
exp_hdf5_copy_attributes (hid_t from, hid_t to, GError **error)
{
  if (H5Aiterate2 (from, H5_INDEX_NAME, H5_ITER_INC, NULL, copy_attribute, &to) >= 0)
    return TRUE;
  exp_hdf5_set_error (error, "cannot copy the attributes");
  return FALSE;
}
