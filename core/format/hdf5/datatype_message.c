/* Walks the bytes of a datatype message and checks every length and offset in it.
 * Knows no HDF5 identifiers.
 * Called by type_cache.c, object_check.c and copy_blocks_message.c. */
#include "datatype_message.h"
#include <string.h>

#define MAX_DEPTH 64
#define MAX_RANK  32

typedef struct
{
  const guint8 *at, *end;
  guint sizeof_address;
  guint depth;
  gboolean points_elsewhere; /* a value of some part of the type is an address */
} Cursor;

enum
{
  INTEGER,
  FLOAT,
  TIME,
  STRING,
  BITFIELD,
  OPAQUE,
  COMPOUND,
  REFERENCE,
  ENUM,
  VLEN,
  ARRAY,
};

static gboolean check_type (Cursor *cursor, guint64 *size);

static gboolean
skip (Cursor *cursor, gsize n)
{
  if ((gsize)(cursor->end - cursor->at) < n)
    return FALSE;
  cursor->at += n;
  return TRUE;
}

static gboolean
take (Cursor *cursor, guint n, guint64 *value)
{
  if (!skip (cursor, n))
    return FALSE;
  *value = 0;
  for (guint i = n; i-- > 0;)
    *value = *value << 8 | (cursor->at - n)[i];
  return TRUE;
}

/* A name, and before version 3 what fills it up to a multiple of 8. */
static gboolean
skip_name (Cursor *cursor, guint version)
{
  const guint8 *end = memchr (cursor->at, '\0', cursor->end - cursor->at);

  if (end == NULL)
    return FALSE;
  gsize length = end - cursor->at + 1;
  return skip (cursor, version < 3 ? (length + 7) / 8 * 8 : length);
}

typedef struct
{
  guint64 offset, size;
} Member;

static gboolean
overlaps (GArray *members, const Member *member)
{
  for (guint i = 0; i < members->len; i++)
    {
      const Member *other = &g_array_index (members, Member, i);

      if (member->offset < other->offset + other->size && other->offset < member->offset + member->size)
        return TRUE;
    }
  return FALSE;
}

static guint
offset_width (guint64 size)
{
  guint width = 1;

  while (size >>= 8)
    width++;
  return width;
}

static gboolean
check_compound (Cursor *cursor, guint version, guint flags, guint64 size)
{
  g_autoptr (GArray) members = g_array_new (FALSE, FALSE, sizeof (Member));
  guint n = flags & 0xffff;

  for (guint i = 0; i < n; i++)
    {
      Member member;
      guint64 rank = 0, dims[4], length = 1;

      if (!skip_name (cursor, version) || !take (cursor, version < 3 ? 4 : offset_width (size), &member.offset))
        return FALSE;
      if (version == 1)
        {
          if (!take (cursor, 1, &rank) || rank > 4 || !skip (cursor, 11))
            return FALSE;
          for (guint k = 0; k < 4; k++)
            if (!take (cursor, 4, &dims[k]))
              return FALSE;
          for (guint k = 0; k < rank; k++)
            if (!g_uint64_checked_mul (&length, length, dims[k]))
              return FALSE;
        }
      if (!check_type (cursor, &member.size) || !g_uint64_checked_mul (&member.size, member.size, length)
          || member.size == 0 || member.offset > size || member.size > size - member.offset
          || overlaps (members, &member))
        return FALSE;
      g_array_append_val (members, member);
    }
  return n > 0;
}

static gboolean
check_enum (Cursor *cursor, guint version, guint flags, guint64 size)
{
  guint n = flags & 0xffff;
  guint64 base;

  if (cursor->at == cursor->end || (*cursor->at & 15) != INTEGER || !check_type (cursor, &base) || base != size)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!skip_name (cursor, version))
      return FALSE;
  return skip (cursor, n * base);
}

static gboolean
check_array (Cursor *cursor, guint version, guint64 size)
{
  guint64 rank, dim, length = 1, base;

  if (version < 2 || !take (cursor, 1, &rank) || rank < 1 || rank > MAX_RANK || !skip (cursor, version == 2 ? 3 : 0))
    return FALSE;
  for (guint i = 0; i < rank; i++)
    if (!take (cursor, 4, &dim) || dim == 0 || !g_uint64_checked_mul (&length, length, dim))
      return FALSE;
  return skip (cursor, version == 2 ? rank * 4 : 0) && check_type (cursor, &base)
         && g_uint64_checked_mul (&length, length, base) && length == size;
}

static gboolean
check_float (Cursor *cursor, guint version, guint flags)
{
  gboolean is_vax = (flags & 0x40) != 0 && version >= 3;

  return (flags >> 4 & 3) != 3 && (!is_vax || (flags & 1)) && skip (cursor, 12);
}

static gboolean
check_vlen (Cursor *cursor, guint flags, guint64 size)
{
  guint64 base;

  return (flags & 15) <= 1 && size == 4 + cursor->sizeof_address + 4 && check_type (cursor, &base);
}

static gboolean
check_class (Cursor *cursor, guint type_class, guint version, guint flags, guint64 size)
{
  switch (type_class)
    {
    case INTEGER:
    case BITFIELD:
      return skip (cursor, 4);
    case FLOAT:
      return check_float (cursor, version, flags);
    case TIME:
      return skip (cursor, 2);
    case STRING:
      return TRUE;
    case OPAQUE:
      return skip (cursor, flags & 0xff);
    case COMPOUND:
      return check_compound (cursor, version, flags, size);
    case REFERENCE:
      cursor->points_elsewhere = TRUE;
      return (flags & 15) == 0 ? size == 8 : (flags & 15) == 1 && size == 12;
    case ENUM:
      return check_enum (cursor, version, flags, size);
    case VLEN:
      cursor->points_elsewhere = TRUE;
      return check_vlen (cursor, flags, size);
    case ARRAY:
      return check_array (cursor, version, size);
    default:
      return FALSE;
    }
}

static gboolean
check_type (Cursor *cursor, guint64 *size)
{
  guint64 head, flags;

  if (cursor->depth >= MAX_DEPTH || !take (cursor, 1, &head) || !take (cursor, 3, &flags) || !take (cursor, 4, size)
      || head >> 4 < 1 || head >> 4 > 3 || *size == 0)
    return FALSE;
  cursor->depth++;
  gboolean is_valid = check_class (cursor, head & 15, head >> 4, flags, *size);
  cursor->depth--;
  return is_valid;
}

gboolean
exp_datatype_message_is_valid (const guint8 *bytes, gsize size, guint sizeof_address)
{
  Cursor cursor = { bytes, bytes + size, sizeof_address, 0, FALSE };
  guint64 element;

  return check_type (&cursor, &element);
}

gboolean
exp_datatype_message_is_all_there (const guint8 *bytes, gsize size, guint sizeof_address)
{
  Cursor cursor = { bytes, bytes + size, sizeof_address, 0, FALSE };
  guint64 element;

  return check_type (&cursor, &element) && !cursor.points_elsewhere;
}
