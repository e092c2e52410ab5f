/* Prints what pickles are recorded as, one line of JSON for each file that is named, in the words of the expected trees
 * beside the sample pickles (check_pickles.py has them): {"error": ...} for one that cannot be read, and the peak of
 * memory. Knows the record only; nothing is said of what it means.
 * Run by check_pickles.py. */
#include "core/format/pickle/pickle.h"
#include "expfs/expfs.h"
#include "expfs/view.h"
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

typedef struct
{
  GString *out;
  GHashTable *numbers; /* of containers and calls that were met */
} Printer;

static const char *const hows[] = { "REDUCE", "NEWOBJ", "NEWOBJ_EX", "INST", "OBJ" };

static void print_value (Printer *printer, const ExpPickleValue *value);

static void
print_hex (Printer *printer, const char *tag, const ExpPickleValue *value)
{
  g_autoptr (GBytes) bytes = exp_pickle_load (value, G_MAXUINT64, FALSE, NULL);
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);

  g_string_append_printf (printer->out, "{\"%s\": \"", tag);
  for (gsize i = 0; i < length; i++)
    g_string_append_printf (printer->out, "%02x", data[i]);
  g_string_append (printer->out, "\"}");
}

static void
print_list (Printer *printer, ExpPickleValue *const *items, guint n)
{
  g_string_append_c (printer->out, '[');
  for (guint i = 0; i < n; i++)
    {
      if (i > 0)
        g_string_append (printer->out, ", ");
      print_value (printer, items[i]);
    }
  g_string_append_c (printer->out, ']');
}

static void
print_pairs (Printer *printer, const ExpPickleValue *dict)
{
  g_string_append_c (printer->out, '[');
  for (guint i = 0; i + 1 < dict->n_items; i += 2)
    {
      if (i > 0)
        g_string_append (printer->out, ", ");
      print_list (printer, dict->items + i, 2);
    }
  g_string_append_c (printer->out, ']');
}

static void
print_text (Printer *printer, const ExpPickleValue *value)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_vstring (TRUE);
  g_autoptr (GBytes) bytes = exp_pickle_load (value, G_MAXUINT64, TRUE, NULL);
  ExpVlen cell = { 0 };

  cell.data = (gpointer)g_bytes_get_data (bytes, &cell.length);
  if (!g_utf8_validate (cell.data, (gssize)cell.length, NULL) && memchr (cell.data, 0, cell.length) == NULL)
    print_hex (printer, "str_hex", value);
  else
    exp_cell_to_json (dtype, (const guint8 *)&cell, printer->out);
}

static void
print_call (Printer *printer, const ExpPickleCall *call)
{
  g_string_append (printer->out, "{\"call\": ");
  if (call->callable->kind == EXP_PICKLE_GLOBAL)
    print_text (printer, call->callable);
  else
    print_value (printer, call->callable);
  g_string_append_printf (printer->out, ", \"how\": \"%s\", \"args\": ", hows[call->how]);
  print_list (printer, call->arguments->items, call->arguments->n_items);
  if (call->keywords != NULL)
    {
      g_string_append (printer->out, ", \"kwargs\": ");
      print_pairs (printer, call->keywords);
    }
  if (call->states != NULL)
    {
      g_string_append (printer->out, ", \"state\": ");
      print_list (printer, call->states->items, call->states->n_items);
    }
  if (call->items != NULL)
    {
      g_string_append (printer->out, ", \"items\": ");
      print_list (printer, call->items->items, call->items->n_items);
    }
  if (call->pairs != NULL)
    {
      g_string_append (printer->out, ", \"pairs\": ");
      print_pairs (printer, call->pairs);
    }
  g_string_append_c (printer->out, '}');
}

/* TRUE when it was met before, and that is printed. */
static gboolean
print_reference (Printer *printer, const ExpPickleValue *value)
{
  gpointer number;

  if (value->kind != EXP_PICKLE_LIST && value->kind != EXP_PICKLE_DICT && value->kind != EXP_PICKLE_SET
      && value->kind != EXP_PICKLE_CALL)
    return FALSE;
  if (g_hash_table_lookup_extended (printer->numbers, value, NULL, &number))
    {
      g_string_append_printf (printer->out, "{\"ref\": %u}", GPOINTER_TO_UINT (number));
      return TRUE;
    }
  g_hash_table_insert (printer->numbers, (gpointer)value, GUINT_TO_POINTER (g_hash_table_size (printer->numbers)));
  return FALSE;
}

static void
print_container (Printer *printer, const char *tag, const ExpPickleValue *value)
{
  g_string_append_printf (printer->out, "{\"%s\": ", tag);
  if (value->kind == EXP_PICKLE_DICT)
    print_pairs (printer, value);
  else
    print_list (printer, value->items, value->n_items);
  g_string_append_c (printer->out, '}');
}

static void
print_value (Printer *printer, const ExpPickleValue *value)
{
  if (print_reference (printer, value))
    return;
  switch ((ExpPickleKind)value->kind)
    {
    case EXP_PICKLE_NONE:
    case EXP_PICKLE_BOOL:
      exp_pickle_append_text (value, printer->out);
      break;
    case EXP_PICKLE_INT:
    case EXP_PICKLE_BIG_INT:
      g_string_append (printer->out, "{\"int\": \"");
      exp_pickle_append_text (value, printer->out);
      g_string_append (printer->out, "\"}");
      break;
    case EXP_PICKLE_FLOAT:
      g_string_append (printer->out, "{\"float\": \"");
      exp_pickle_append_text (value, printer->out);
      g_string_append (printer->out, "\"}");
      break;
    case EXP_PICKLE_TEXT:
      print_text (printer, value);
      break;
    case EXP_PICKLE_STR8:
      print_hex (printer, "str8", value);
      break;
    case EXP_PICKLE_BYTES:
      print_hex (printer, "bytes", value);
      break;
    case EXP_PICKLE_BYTEARRAY:
      print_hex (printer, "bytearray", value);
      break;
    case EXP_PICKLE_LIST:
      print_list (printer, value->items, value->n_items);
      break;
    case EXP_PICKLE_TUPLE:
      print_container (printer, "tuple", value);
      break;
    case EXP_PICKLE_SET:
      print_container (printer, "set", value);
      break;
    case EXP_PICKLE_FROZENSET:
      print_container (printer, "frozenset", value);
      break;
    case EXP_PICKLE_DICT:
      print_container (printer, "dict", value);
      break;
    case EXP_PICKLE_GLOBAL:
      g_string_append (printer->out, "{\"global\": ");
      print_text (printer, value);
      g_string_append_c (printer->out, '}');
      break;
    case EXP_PICKLE_CALL:
      print_call (printer, value->call);
      break;
    case EXP_PICKLE_COMPLEX: /* what calls mean is no part of the record */
    case EXP_PICKLE_ARRAY:
    case EXP_PICKLE_RANGE:
      g_assert_not_reached ();
    }
}

static void
print_file (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpSource) source = exp_source_open_file (path, &error);
  g_autoptr (ExpPickle) pickle = source != NULL ? exp_pickle_parse_source (source, &error) : NULL;
  g_autoptr (GHashTable) numbers = g_hash_table_new (NULL, NULL);
  Printer printer = { g_string_new (NULL), numbers };

  if (pickle != NULL)
    print_value (&printer, exp_pickle_record (pickle));
  else
    {
      g_autofree char *message = g_strescape (error->message, NULL);
      g_string_append_printf (printer.out, "{\"error\": \"%s\"}", message);
    }
  puts (printer.out->str);
  g_string_free (printer.out, TRUE);
}

int
main (int argc, char **argv)
{
  struct rusage usage;

  for (int i = 1; i < argc; i++)
    print_file (argv[i]);
  getrusage (RUSAGE_SELF, &usage);
  printf ("%ld\n", usage.ru_maxrss);
  return 0;
}
