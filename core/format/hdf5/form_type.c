/* HDF5 types for dtypes, as h5py makes them.
 * Knows the library's types; knows no cell.
 * Called by the write_*.c under the HDF5 lock. */
#include "form.h"
#include <string.h>

static hid_t
set_order (hid_t id, const ExpDtype *dtype)
{
  if (id >= 0 && H5Tset_order (id, dtype->big_endian ? H5T_ORDER_BE : H5T_ORDER_LE) >= 0)
    return id;
  exp_hid_release (id);
  return H5I_INVALID_HID;
}

static hid_t
sized (hid_t from, gsize size)
{
  hid_t id = H5Tcopy (from);

  if (id >= 0 && H5Tset_size (id, size) >= 0)
    return id;
  exp_hid_release (id);
  return H5I_INVALID_HID;
}

typedef struct
{
  gsize size, bits, exponent_bits, mantissa_bits;
  gboolean has_implied_bit;
} FloatFormat;

/* The fields must fit the precision, and that the size, at each step. */
static gboolean
set_format (hid_t id, const FloatFormat *format)
{
  gsize exponent = format->exponent_bits, mantissa = format->mantissa_bits, bits = format->bits;

  if (format->size > 8 && (H5Tset_size (id, format->size) < 0 || H5Tset_precision (id, bits) < 0))
    return FALSE;
  return H5Tset_fields (id, bits - 1, mantissa, exponent, 0, mantissa) >= 0
         && (format->size > 8 || (H5Tset_precision (id, bits) >= 0 && H5Tset_size (id, format->size) >= 0))
         && H5Tset_ebias (id, ((gsize)1 << (exponent - 1)) - 1) >= 0
         && H5Tset_norm (id, format->has_implied_bit ? H5T_NORM_IMPLIED : H5T_NORM_NONE) >= 0;
}

/* IEEE binary16, 32, 64 and 128; what x87 has in 16 bytes. */
static hid_t
new_float (gsize size, gboolean is_quad)
{
  static const FloatFormat half = { 2, 16, 5, 10, TRUE }, quad = { 16, 128, 15, 112, TRUE },
                           extended = { 16, 80, 15, 64, FALSE };
  hid_t id;

  if (size == 4 || size == 8)
    return H5Tcopy (size == 4 ? H5T_IEEE_F32LE : H5T_IEEE_F64LE);
  if (size != 2 && size != 16)
    return H5I_INVALID_HID;
  id = H5Tcopy (H5T_IEEE_F64LE);
  if (id >= 0 && set_format (id, size == 2 ? &half : is_quad ? &quad : &extended))
    return id;
  exp_hid_release (id);
  return H5I_INVALID_HID;
}

static hid_t
new_complex (const ExpDtype *dtype)
{
  g_auto (ExpHid) part = set_order (new_float (dtype->size / 2, dtype->is_quad), dtype);
  hid_t id = H5Tcreate (H5T_COMPOUND, dtype->size);

  if (part >= 0 && id >= 0 && H5Tinsert (id, "r", 0, part) >= 0 && H5Tinsert (id, "i", dtype->size / 2, part) >= 0)
    return id;
  exp_hid_release (id);
  return H5I_INVALID_HID;
}

static hid_t
new_bool (void)
{
  static const gint8 no = 0, yes = 1;
  hid_t id = H5Tenum_create (H5T_STD_I8LE);

  if (id >= 0 && H5Tenum_insert (id, "FALSE", &no) >= 0 && H5Tenum_insert (id, "TRUE", &yes) >= 0)
    return id;
  exp_hid_release (id);
  return H5I_INVALID_HID;
}

static hid_t
new_integer (const ExpDtype *dtype)
{
  hid_t from = dtype->type == EXP_TYPE_INT ? H5T_STD_I8LE : dtype->type == EXP_TYPE_UINT ? H5T_STD_U8LE : H5T_STD_B8LE;

  hid_t id = sized (from, dtype->size);

  if (id >= 0 && H5Tset_precision (id, dtype->size * 8) < 0)
    {
      exp_hid_release (id);
      id = H5I_INVALID_HID;
    }
  return set_order (id, dtype);
}

static hid_t
new_enum (const ExpDtype *dtype)
{
  const ExpDtype *base = dtype->base;
  g_auto (ExpHid) base_id = new_integer (base);
  hid_t id = base_id >= 0 && base->size <= sizeof (gint64) ? H5Tenum_create (base_id) : H5I_INVALID_HID;

  for (guint i = 0; id >= 0 && i < dtype->n_enum_members; i++)
    {
      guint8 bytes[sizeof (gint64)];

      for (gsize at = 0; at < base->size; at++)
        bytes[base->big_endian ? base->size - 1 - at : at] = (guint64)dtype->enum_members[i].value >> 8 * at;
      if (H5Tenum_insert (id, dtype->enum_members[i].name, bytes) < 0)
        {
          exp_hid_release (id);
          id = H5I_INVALID_HID;
        }
    }
  return id;
}

static hid_t
new_string (const ExpDtype *dtype)
{
  hid_t id = sized (H5T_C_S1, dtype->type == EXP_TYPE_VSTRING ? H5T_VARIABLE : MAX (dtype->size, 1));
  H5T_str_t pad = dtype->type == EXP_TYPE_VSTRING || dtype->pad == EXP_PAD_NUL_TERMINATED ? H5T_STR_NULLTERM
                  : dtype->pad == EXP_PAD_NUL                                             ? H5T_STR_NULLPAD
                                                                                          : H5T_STR_SPACEPAD;

  if (id >= 0 && H5Tset_strpad (id, pad) >= 0 && H5Tset_cset (id, dtype->is_utf8 ? H5T_CSET_UTF8 : H5T_CSET_ASCII) >= 0)
    return id;
  exp_hid_release (id);
  return H5I_INVALID_HID;
}

static hid_t
new_opaque (const ExpDtype *dtype)
{
  hid_t id = H5Tcreate (H5T_OPAQUE, dtype->size);

  if (id >= 0 && H5Tset_tag (id, dtype->tag != NULL ? dtype->tag : "") >= 0)
    return id;
  exp_hid_release (id);
  return H5I_INVALID_HID;
}

static hid_t make_type (const ExpHdf5Form *form);

static hid_t
new_compound (const ExpHdf5Form *form)
{
  hid_t id = form->size > 0 && form->n_parts > 0 ? H5Tcreate (H5T_COMPOUND, form->size) : H5I_INVALID_HID;

  for (guint i = 0; id >= 0 && i < form->n_parts; i++)
    {
      g_auto (ExpHid) part = make_type (form->parts[i]);

      if (part < 0 || H5Tinsert (id, form->dtype->members[i].name, form->offsets[i], part) < 0)
        {
          exp_hid_release (id);
          id = H5I_INVALID_HID;
        }
    }
  return id;
}

static hid_t
new_array (const ExpHdf5Form *form)
{
  g_auto (ExpHid) base = make_type (form->parts[0]);
  hsize_t dims[EXP_MAX_RANK];

  for (guint i = 0; i < form->dtype->n_dims; i++)
    dims[i] = form->dtype->dims[i];
  return base >= 0 ? H5Tarray_create2 (base, form->dtype->n_dims, dims) : H5I_INVALID_HID;
}

static hid_t
new_vlen (const ExpHdf5Form *form)
{
  g_auto (ExpHid) base = make_type (form->parts[0]);

  return base >= 0 ? H5Tvlen_create (base) : H5I_INVALID_HID;
}

static hid_t
make_type (const ExpHdf5Form *form)
{
  const ExpDtype *dtype = form->dtype;

  switch (dtype->type)
    {
    case EXP_TYPE_BOOL:
      return new_bool ();
    case EXP_TYPE_INT:
    case EXP_TYPE_UINT:
    case EXP_TYPE_BITFIELD:
      return new_integer (dtype);
    case EXP_TYPE_FLOAT:
      return set_order (new_float (dtype->size, dtype->is_quad), dtype);
    case EXP_TYPE_COMPLEX:
      return new_complex (dtype);
    case EXP_TYPE_STRING:
      return dtype->is_ucs4 ? H5I_INVALID_HID : new_string (dtype);
    case EXP_TYPE_VSTRING:
      return new_string (dtype);
    case EXP_TYPE_ENUM:
      return new_enum (dtype);
    case EXP_TYPE_OPAQUE:
      return new_opaque (dtype);
    case EXP_TYPE_REFERENCE:
      return dtype->is_region ? H5I_INVALID_HID : H5Tcopy (H5T_STD_REF_OBJ);
    case EXP_TYPE_COMPOUND:
      return new_compound (form);
    case EXP_TYPE_ARRAY:
      return new_array (form);
    case EXP_TYPE_VLEN:
      return new_vlen (form);
    }
  return H5I_INVALID_HID;
}

hid_t
exp_hdf5_form_type (const ExpHdf5Form *form, GError **error)
{
  hid_t id = make_type (form);

  if (id < 0)
    {
      g_autofree char *text = exp_dtype_to_text (form->dtype);

      H5Eclear2 (H5E_DEFAULT);
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "HDF5 cannot hold the type %s", text);
    }
  return id;
}
