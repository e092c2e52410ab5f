/* Types without parts: integers, floats, enums, bit fields, times, fixed strings, opaque data, references.
 * Knows which of them are standard, so that their bytes are kept as stored, and describes the others.
 * Called by stored_type.c. */
#include "expfs/array.h"
#include "stored_build.h"
#include <string.h>

static gboolean
read_order (hid_t id, ExpStoredNumber *number)
{
  switch (H5Tget_order (id))
    {
    case H5T_ORDER_LE:
    case H5T_ORDER_NONE:
      number->order = EXP_ORDER_LITTLE;
      return TRUE;
    case H5T_ORDER_BE:
      number->order = EXP_ORDER_BIG;
      return TRUE;
    case H5T_ORDER_VAX:
      number->order = EXP_ORDER_VAX;
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
read_float_fields (hid_t id, ExpStoredNumber *number)
{
  H5T_norm_t norm = H5Tget_norm (id);

  number->is_float = TRUE;
  number->bias = H5Tget_ebias (id);
  number->has_implied_bit = norm == H5T_NORM_IMPLIED;
  return norm != H5T_NORM_ERROR
         && H5Tget_fields (id, &number->sign, &number->exponent, &number->exponent_bits, &number->mantissa,
                           &number->mantissa_bits)
                >= 0;
}

static gboolean
has_layout (const ExpStoredNumber *number, gsize bits, gsize exponent_bits, gsize mantissa_bits, gboolean is_implied)
{
  return number->size >= (bits + 7) / 8 && number->sign == bits - 1 && number->exponent == mantissa_bits
         && number->exponent_bits == exponent_bits && number->mantissa == 0 && number->mantissa_bits == mantissa_bits
         && number->bias == (G_GUINT64_CONSTANT (1) << (exponent_bits - 1)) - 1
         && number->has_implied_bit == is_implied;
}

/* The type of a float whose bytes can stay as they are; NULL for others. */
static ExpDtype *
standard_float (const ExpStoredNumber *number)
{
  gboolean big_endian = number->order == EXP_ORDER_BIG;

  if (number->order == EXP_ORDER_VAX)
    return NULL;
  if ((number->size == 2 && has_layout (number, 16, 5, 10, TRUE))
      || (number->size == 4 && has_layout (number, 32, 8, 23, TRUE))
      || (number->size == 8 && has_layout (number, 64, 11, 52, TRUE))
      || (number->size == 16 && !big_endian && has_layout (number, 80, 15, 64, FALSE)))
    return exp_dtype_new_number (EXP_TYPE_FLOAT, number->size, big_endian);
  if (number->size == 16 && has_layout (number, 128, 15, 112, TRUE))
    return exp_dtype_new_quad (FALSE, big_endian);
  return NULL;
}

static ExpDtype *
standard_int (const ExpStoredNumber *number, ExpTypeClass type)
{
  gsize size = number->size;

  gboolean has_size = size == 1 || size == 2 || size == 4 || size >= 8 || type == EXP_TYPE_BITFIELD;

  if (number->order == EXP_ORDER_VAX || number->offset != 0 || number->precision != size * 8 || !has_size)
    return NULL;
  return exp_dtype_new_number (type, size, number->order == EXP_ORDER_BIG);
}

static ExpStoredType *
number_type (const ExpStoredNumber *number, ExpTypeClass type_class, GError **error)
{
  ExpDtype *dtype = number->is_float ? standard_float (number) : standard_int (number, type_class);

  if (dtype != NULL)
    return exp_stored_type_new (EXP_STORED_PLAIN, dtype, number->size);
  if (!exp_stored_number_is_valid (number))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "a number of %" G_GSIZE_FORMAT " bytes", number->size);
      return NULL;
    }

  /* x87 numbers of 10 or 12 bytes, or in the other order, decode exactly into what 16 bytes of it hold. */
  dtype = exp_stored_number_dtype (number);
  if (type_class == EXP_TYPE_BITFIELD)
    {
      gsize size = dtype->size;

      exp_dtype_unref (dtype);
      dtype = exp_dtype_new_number (EXP_TYPE_BITFIELD, size, FALSE);
    }
  ExpStoredType *type = exp_stored_type_new (EXP_STORED_NUMBER, dtype, number->size);
  type->number = *number;
  return type;
}

static ExpStoredType *
build_number (hid_t id, GError **error)
{
  H5T_class_t type_class = H5Tget_class (id);
  ExpStoredNumber number = { .size = H5Tget_size (id) };
  gboolean is_readable = read_order (id, &number);
  ExpTypeClass type = EXP_TYPE_FLOAT;

  if (type_class == H5T_FLOAT)
    is_readable = is_readable && read_float_fields (id, &number);
  else
    {
      number.precision = H5Tget_precision (id);
      number.offset = MAX (H5Tget_offset (id), 0);
      number.is_signed = type_class == H5T_TIME || (type_class == H5T_INTEGER && H5Tget_sign (id) == H5T_SGN_2);
      type = type_class == H5T_BITFIELD ? EXP_TYPE_BITFIELD : number.is_signed ? EXP_TYPE_INT : EXP_TYPE_UINT;
    }
  if (!is_readable)
    {
      H5Eclear2 (H5E_DEFAULT);
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "a number in an unknown byte order");
      return NULL;
    }
  return number_type (&number, type, error);
}

/* A member's value; HDF5 gives it in the stored form of the base. */
static gint64
enum_value (const ExpStoredType *base, const guint8 *stored)
{
  guint8 cell[EXP_STORED_NUMBER_MAX] = { 0 };

  if (base->kind == EXP_STORED_PLAIN)
    return exp_cell_int (base->dtype, stored);
  exp_stored_number_decode (&base->number, stored, base->dtype->size, cell);
  return exp_cell_int (base->dtype, cell);
}

/* h5py stores a boolean as an enum of FALSE and TRUE over a signed byte. */
static gboolean
is_boolean (const ExpDtype *base, GArray *members)
{
  if (base->type != EXP_TYPE_INT || base->size != 1 || members->len != 2)
    return FALSE;

  const ExpEnumMember *first = &g_array_index (members, ExpEnumMember, 0),
                      *second = &g_array_index (members, ExpEnumMember, 1);
  const ExpEnumMember *no = first->value == 0 ? first : second, *yes = first->value == 0 ? second : first;
  return no->value == 0 && yes->value == 1 && strcmp (no->name, "FALSE") == 0 && strcmp (yes->name, "TRUE") == 0;
}

static void
enum_member_clear (gpointer member)
{
  g_free (((ExpEnumMember *)member)->name);
}

static ExpStoredType *
build_enum (hid_t id, GError **error)
{
  g_auto (ExpHid) super = H5Tget_super (id);
  g_autoptr (GArray) members = g_array_new (FALSE, TRUE, sizeof (ExpEnumMember));
  g_autoptr (ExpStoredType) base = NULL;
  guint8 stored[EXP_STORED_NUMBER_MAX];
  int n = H5Tget_nmembers (id);

  if (super < 0 || H5Tget_class (super) != H5T_INTEGER)
    {
      exp_hdf5_set_error (error, "cannot read an enum type");
      return NULL;
    }
  base = build_number (super, error);
  if (base == NULL)
    return NULL;
  g_array_set_clear_func (members, enum_member_clear);
  if (base->stored_size > sizeof stored || base->dtype->size > sizeof stored)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "an enum of very wide integers");
      return NULL;
    }
  for (int i = 0; i < n; i++)
    {
      char *name = H5Tget_member_name (id, i);

      if (name == NULL || H5Tget_member_value (id, i, stored) < 0)
        {
          H5free_memory (name);
          exp_hdf5_set_error (error, "cannot read an enum type");
          return NULL;
        }
      ExpEnumMember member = { g_strdup (name), enum_value (base, stored) };
      H5free_memory (name);
      g_array_append_val (members, member);
    }

  if (base->kind == EXP_STORED_PLAIN && is_boolean (base->dtype, members))
    return exp_stored_type_new (EXP_STORED_PLAIN, exp_dtype_new_number (EXP_TYPE_BOOL, 1, FALSE), 1);
  ExpDtype *dtype
      = exp_dtype_new_enum (exp_dtype_ref (base->dtype), members->len, (const ExpEnumMember *)members->data);
  ExpStoredType *type = exp_stored_type_new (base->kind, dtype, base->stored_size);
  type->number = base->number;
  return type;
}

static ExpStoredType *
build_string (hid_t id)
{
  H5T_str_t padding = H5Tget_strpad (id);
  ExpStringPad pad = padding == H5T_STR_NULLPAD    ? EXP_PAD_NUL
                     : padding == H5T_STR_SPACEPAD ? EXP_PAD_SPACE
                                                   : EXP_PAD_NUL_TERMINATED;
  gsize size = H5Tget_size (id);

  return exp_stored_type_new (EXP_STORED_PLAIN, exp_dtype_new_string (size, pad, H5Tget_cset (id) == H5T_CSET_UTF8),
                              size);
}

ExpStoredType *
exp_stored_atom_build (hid_t id, hid_t *memory, GError **error)
{
  gsize size = H5Tget_size (id);

  *memory = H5Tcopy (id);
  if (size == 0)
    {
      exp_hdf5_set_error (error, "a type without a size");
      return NULL;
    }
  switch (H5Tget_class (id))
    {
    case H5T_INTEGER:
    case H5T_FLOAT:
    case H5T_BITFIELD:
    case H5T_TIME:
      return build_number (id, error);
    case H5T_ENUM:
      return build_enum (id, error);
    case H5T_STRING:
      return build_string (id);
    case H5T_OPAQUE:
      {
        char *tag = H5Tget_tag (id);
        ExpDtype *dtype = exp_dtype_new_opaque (size, tag != NULL && *tag != '\0' ? tag : NULL);

        H5free_memory (tag);
        return exp_stored_type_new (EXP_STORED_PLAIN, dtype, size);
      }
    case H5T_REFERENCE:
      return exp_stored_type_new (size == sizeof (hobj_ref_t) ? EXP_STORED_OBJECT_REF : EXP_STORED_REGION_REF,
                                  exp_dtype_new_reference (size != sizeof (hobj_ref_t)), size);
    default:
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "a datatype of class %d", (int)H5Tget_class (id));
      return NULL;
    }
}
