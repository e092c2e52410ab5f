/* Types and values by chance, for tests that what is printed reads back. */
#pragma once

#include "expfs/expfs.h"
#include <math.h>
#include <string.h>

static inline ExpDtype *
random_number_type (GRand *rand)
{
  const gboolean order = g_rand_boolean (rand);
  static const ExpEnumMember members[] = { { (char *)"red", 0 }, { (char *)"dark\tblue", 1 }, { (char *)"a b", -2 } };

  switch (g_rand_int_range (rand, 0, 10))
    {
    case 0:
      return exp_dtype_new_number (EXP_TYPE_BOOL, 1, FALSE);
    case 1:
      return exp_dtype_new_number (EXP_TYPE_UINT, 1 << g_rand_int_range (rand, 0, 5), order);
    case 2:
      return exp_dtype_new_number (EXP_TYPE_FLOAT, 2 << g_rand_int_range (rand, 0, 3), order);
    case 3:
      return exp_dtype_new_number (EXP_TYPE_COMPLEX, 4 << g_rand_int_range (rand, 0, 3), order);
    case 4:
      return exp_dtype_new_number (EXP_TYPE_BITFIELD, 1 << g_rand_int_range (rand, 0, 4), order);
    case 5:
      return exp_dtype_new_enum (exp_dtype_new_number (EXP_TYPE_INT, 1 << g_rand_int_range (rand, 0, 4), order), 3,
                                 members);
    case 6:
      return exp_dtype_new_opaque (g_rand_int_range (rand, 1, 9), "tag");
    case 7:
      return exp_dtype_new_quad (g_rand_boolean (rand), order);
    default:
      return exp_dtype_new_number (EXP_TYPE_INT, 1 << g_rand_int_range (rand, 0, 5), order);
    }
}

/* With compounds and arrays `depth` levels deep, and lists where `has_lists`. */
static inline ExpDtype *
random_dtype (GRand *rand, guint depth, gboolean has_lists)
{
  const guint kind = g_rand_int_range (rand, 0, depth > 0 ? 12 : 9);

  if (kind < 6)
    return random_number_type (rand);
  if (kind == 6)
    return exp_dtype_new_string (g_rand_int_range (rand, 1, 9), g_rand_int_range (rand, 0, 3), TRUE);
  if (kind == 7)
    return exp_dtype_new_vstring (TRUE);
  if (kind == 8)
    return has_lists ? exp_dtype_new_vlen (depth > 0 && g_rand_boolean (rand) ? random_dtype (rand, depth - 1, FALSE)
                                                                              : random_number_type (rand))
                     : random_number_type (rand);
  if (kind == 9)
    return exp_dtype_new_array (random_dtype (rand, depth - 1, has_lists), 1 + (depth > 1),
                                (guint64[]){ g_rand_int_range (rand, 1, 4), g_rand_int_range (rand, 1, 3) }, NULL);

  const guint n = g_rand_int_range (rand, 1, 4);
  ExpMember members[4];
  gsize size = 0;
  for (guint i = 0; i < n; i++)
    {
      members[i].name = (char *[]){ (char *)"a", (char *)"b\"\\", (char *)"ä" }[i];
      members[i].dtype = random_dtype (rand, depth - 1, has_lists);
      members[i].offset = size + g_rand_int_range (rand, 0, 3);
      size = members[i].offset + members[i].dtype->size;
    }
  return exp_dtype_new_compound (size + g_rand_int_range (rand, 0, 3), n, members, NULL);
}

static inline gsize
random_text (GRand *rand, char *text, gsize most)
{
  static const char characters[] = "ab \\\t\n\r\"'z,[\xc3\xa4";
  gsize n = 0, wanted = g_rand_int_range (rand, 0, most + 1);

  while (n < wanted)
    {
      const char c = characters[g_rand_int_range (rand, 0, sizeof characters - 1)];

      if ((guchar)c < 0x80)
        text[n++] = c;
      else if (n + 2 <= wanted)
        {
          memcpy (text + n, "\xc3\xa4", 2);
          n += 2;
        }
    }
  return n;
}

static inline void
random_float (GRand *rand, const ExpDtype *dtype, gsize size, guint8 *cell)
{
  for (gsize k = 0; k < size; k++)
    cell[k] = g_rand_int (rand);
  if (size == 16 && !dtype->is_quad)
    {
      long double value = ldexpl (g_rand_double_range (rand, -1, 1), g_rand_int_range (rand, -16000, 16000));
      guint8 bytes[16] = { 0 };

      memcpy (bytes, &value, 10);
      for (guint k = 0; k < 16; k++)
        cell[dtype->big_endian ? 15 - k : k] = bytes[k];
    }
}

/* Texts end neither with blanks nor with NULs, which are padding to some types. Lists of texts without a text in them
 * print as empty ones, so `has_empty` says whether texts may be empty. */
static inline void
fill_randomly (GRand *rand, const ExpDtype *dtype, guint8 *cell, gsize n, ExpArray *heap, gboolean has_empty)
{
  for (; n > 0; n--, cell += dtype->size)
    switch (dtype->type)
      {
      case EXP_TYPE_COMPOUND:
        for (guint i = 0; i < dtype->n_members; i++)
          fill_randomly (rand, dtype->members[i].dtype, cell + dtype->members[i].offset, 1, heap, has_empty);
        break;
      case EXP_TYPE_ARRAY:
        fill_randomly (rand, dtype->base, cell, dtype->size / dtype->base->size, heap, has_empty);
        break;
      case EXP_TYPE_STRING:
        {
          gsize length = random_text (rand, (char *)cell, dtype->size - 1);

          if (length > 0 || !has_empty)
            cell[length++] = 'x';
          memset (cell + length, dtype->pad == EXP_PAD_SPACE ? ' ' : 0, dtype->size - length);
          break;
        }
      case EXP_TYPE_VSTRING:
        {
          ExpVlen vlen = { 0, exp_array_allocate (heap, 20) };

          vlen.length = random_text (rand, vlen.data, 19);
          if (!has_empty)
            ((char *)vlen.data)[vlen.length++] = 'x';
          memcpy (cell, &vlen, sizeof vlen);
          break;
        }
      case EXP_TYPE_VLEN:
        {
          ExpVlen vlen = { g_rand_int_range (rand, 0, 4), NULL };

          vlen.data = exp_array_allocate (heap, vlen.length * dtype->base->size + 1);
          fill_randomly (rand, dtype->base, vlen.data, vlen.length, heap, FALSE);
          memcpy (cell, &vlen, sizeof vlen);
          break;
        }
      case EXP_TYPE_FLOAT:
        random_float (rand, dtype, dtype->size, cell);
        break;
      case EXP_TYPE_COMPLEX:
        random_float (rand, dtype, dtype->size / 2, cell);
        random_float (rand, dtype, dtype->size / 2, cell + dtype->size / 2);
        break;
      case EXP_TYPE_BOOL:
        *cell = g_rand_boolean (rand);
        break;
      default:
        for (gsize k = 0; k < dtype->size; k++)
          cell[k] = g_rand_boolean (rand) ? 0 : g_rand_int (rand);
      }
}
