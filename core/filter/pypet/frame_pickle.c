/* Pickles that pandas and PyTables read back: of texts, and of arrays of them.
 * Knows the few opcodes and constructors that it takes. Sources: Python's pickletools; what pandas itself writes.
 * Called by the files of this folder that write frames. */
#include "write_frame.h"
#include <string.h>

/* A character as protocol 0 has it: ASCII, what would end the line or begin an escape escaped. */
static void
append_character (GString *pickle, gunichar c)
{
  if (c == '\\' || c == '\n' || c == '\r' || c == 0x1a || c == 0 || (c > 127 && c <= 0xffff))
    g_string_append_printf (pickle, "\\u%04x", c);
  else if (c > 0xffff)
    g_string_append_printf (pickle, "\\U%08x", c);
  else
    g_string_append_c (pickle, (char)c);
}

void
exp_frame_pickle_text (GString *pickle, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  g_string_append_c (pickle, 'V');
  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    append_character (pickle, g_utf8_get_char (at));
  g_string_append_c (pickle, '\n');
}

gboolean
exp_frame_set_pickle (ExpPypetChange *change, ExpNode *node, const char *name, const char *pickle, GError **error)
{
  g_autoptr (ExpArray) value = exp_pytables_text (pickle, strlen (pickle), FALSE);

  if (value != NULL)
    return exp_pypet_change_attribute (change, node, name, value, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for the attribute '%s'", name);
  return FALSE;
}

gboolean
exp_frame_set_name (ExpPypetChange *change, ExpNode *node, const char *name, GError **error)
{
  return name == NULL ? exp_frame_set_pickle (change, node, "name", "N.", error)
                      : exp_pytables_set_text (change, node, "name", name, error);
}

static void
append (GByteArray *pickle, const char *bytes, gsize n)
{
  g_byte_array_append (pickle, (const guint8 *)bytes, (guint)n);
}

#define APPEND(pickle, literal) append (pickle, literal, sizeof literal - 1)

static void
append_long (GByteArray *pickle, guint64 number)
{
  guint8 bytes[] = { 0x8a, 8, 0, 0, 0, 0, 0, 0, 0, 0 };

  for (guint i = 0; i < 8; i++)
    bytes[2 + i] = (guint8)(number >> 8 * i);
  g_byte_array_append (pickle, bytes, sizeof bytes);
}

GByteArray *
exp_frame_objects_begin (guint rank, const guint64 *shape)
{
  GByteArray *pickle = g_byte_array_new ();

  /* _reconstruct (ndarray, (0,), 'b') */
  APPEND (pickle, "\x80\x02"
                  "cnumpy.core.multiarray\n_reconstruct\n"
                  "cnumpy\nndarray\nK\0\x85U\1b\x87R");
  /* its state: (1, shape, dtype, False, [texts]) */
  APPEND (pickle, "(K\1(");
  for (guint i = 0; i < rank; i++)
    append_long (pickle, shape[i]);
  APPEND (pickle, "tcnumpy\ndtype\nU\2O8\x89\x88\x87R(K\3U\1|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?tb\x89](");
  return pickle;
}

gboolean
exp_frame_objects_append (GByteArray *pickle, const char *text, gsize length, GError **error)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", text != NULL ? (gssize)length : 0);
  gsize n = strlen (valid);
  guint8 head[] = { 'X', (guint8)n, (guint8)(n >> 8), (guint8)(n >> 16), (guint8)(n >> 24) };

  if (n > G_MAXINT32 || (gsize)pickle->len + n > G_MAXINT32)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "the texts of a frame are too long to be pickled");
      return FALSE;
    }
  g_byte_array_append (pickle, head, sizeof head);
  append (pickle, valid, n);
  return TRUE;
}

void
exp_frame_objects_end (GByteArray *pickle)
{
  APPEND (pickle, "etb.");
}

ExpNode *
exp_frame_objects_store (ExpPypetChange *change, ExpNode *group, const char *name, const ExpPacking *packing,
                         GByteArray *pickle, GError **error)
{
  g_autoptr (ExpDtype) bytes = exp_dtype_new_vlen (exp_dtype_new_number (EXP_TYPE_UINT, 1, FALSE));
  guint64 one = 1;
  g_autoptr (ExpNode) node
      = exp_pytables_dataset (change, group, name, "", EXP_PYTABLES_OBJECTS, bytes, 1, &one, packing, error);
  ExpVlen row = { pickle->len, pickle->data };
  g_auto (ExpInfo) info = { 0 };

  return node != NULL && exp_node_describe (node, &info, error) && exp_node_write_flat (node, &info, 0, 1, &row, error)
             ? g_steal_pointer (&node)
             : NULL;
}
