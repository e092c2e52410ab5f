/* Pictures as the bytes of SVG, PNG and PDF files.
 * Knows what of cairo's files would differ each time; nothing of what is drawn.
 * Called by svg.c. */
#include "picture_bytes.h"
#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <string.h>

/* Pixels of a PNG for each unit of the picture, for screens and printers that show more than 96 to an inch. */
#define PNG_SCALE 2

static cairo_status_t
append (gpointer data, const guint8 *bytes, guint length)
{
  g_byte_array_append (data, bytes, length);
  return CAIRO_STATUS_SUCCESS;
}

/* What is drawn in words, for who does not see it and for searches. */
static char *
describe (ExpPicture *picture)
{
  g_autofree char *x = exp_label_join (picture->x_name, picture->x_units);
  g_autofree char *y = exp_label_join (picture->y_name, picture->y_units);
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text, *y != '\0' ? "x: %s; y: %s" : "x: %s", x, y);
  if (picture->colours != NULL)
    g_string_append_printf (text, "; colours: %s", picture->colours);
  if (picture->note != NULL)
    g_string_append_printf (text, "; %s", picture->note);
  return g_markup_escape_text (text->str, -1);
}

/* --- svg ---------------------------------------------------------------------------------------------------- */

/* The number behind a name that cairo counts on from picture to picture: id="surface12", "#image7". NULL for what is
 * none, else behind the number; *length is of the name. */
static const char *
counted_name (const char *at, gsize *length)
{
  static const char *const names[] = { "\"surface", "\"image", "\"#surface", "\"#image" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const char *end = at + strlen (names[i]);
      if (!g_str_has_prefix (at, names[i]) || !g_ascii_isdigit (*end))
        continue;
      *length = strlen (names[i]);
      while (g_ascii_isdigit (*end))
        end++;
      return end;
    }
  return NULL;
}

/* Numbers of our own in place of cairo's. */
static GString *
renumber (const char *text, gsize size)
{
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GString *out = g_string_sized_new (size + 1024);

  for (const char *at = text, *end = text + size; at < end;)
    {
      const char *quote = memchr (at, '"', end - at);
      gsize length;
      const char *behind = quote != NULL ? counted_name (quote, &length) : NULL;

      g_string_append_len (out, at, (quote != NULL ? quote + (behind == NULL) : end) - at);
      at = quote != NULL ? quote + 1 : end;
      if (behind == NULL)
        continue;

      char *number = g_strndup (quote + length, behind - quote - length);
      guint own = GPOINTER_TO_UINT (g_hash_table_lookup (known, number));
      if (own == 0)
        {
          own = g_hash_table_size (known) + 1;
          g_hash_table_insert (known, number, GUINT_TO_POINTER (own));
        }
      else
        g_free (number);
      g_string_append_len (out, quote, length);
      g_string_append_printf (out, "%u", own);
      at = behind;
    }
  return out;
}

/* Title and description belong right behind the first tag. */
static void
insert_words (GString *svg, ExpPicture *picture)
{
  const char *root = strstr (svg->str, "<svg"), *end = root != NULL ? strchr (root, '>') : NULL;
  g_autofree char *title = g_markup_escape_text (picture->title, -1), *words = describe (picture);
  g_autofree char *all = g_strdup_printf ("\n<title>%s</title>\n<desc>%s</desc>", title, words);

  if (end != NULL)
    g_string_insert (svg, end + 1 - svg->str, all);
}

static GBytes *
finish_svg (ExpPicture *picture, GByteArray *bytes)
{
  g_byte_array_append (bytes, (const guint8 *)"", 1);
  GString *svg = renumber ((const char *)bytes->data, bytes->len - 1);
  insert_words (svg, picture);
  return g_string_free_to_bytes (svg);
}

/* --- surfaces ----------------------------------------------------------------------------------------------- */

static cairo_surface_t *
new_surface (const char *form, GByteArray *bytes)
{
  cairo_surface_t *surface;

  if (strcmp (form, "svg") == 0)
    {
      surface = cairo_svg_surface_create_for_stream (append, bytes, EXP_PICTURE_WIDTH, EXP_PICTURE_HEIGHT);
      cairo_svg_surface_set_document_unit (surface, CAIRO_SVG_UNIT_PX);
    }
  else if (strcmp (form, "pdf") == 0)
    {
      /* Of points, 72 to an inch; made at no particular time, so that the bytes are the same each time. */
      surface
          = cairo_pdf_surface_create_for_stream (append, bytes, EXP_PICTURE_WIDTH * 0.75, EXP_PICTURE_HEIGHT * 0.75);
      cairo_surface_set_device_scale (surface, 0.75, 0.75);
      cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_CREATE_DATE, "1970-01-01T00:00:00Z");
    }
  else
    {
      surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, EXP_PICTURE_WIDTH * PNG_SCALE,
                                            EXP_PICTURE_HEIGHT * PNG_SCALE);
      cairo_surface_set_device_scale (surface, PNG_SCALE, PNG_SCALE);
    }
  return surface;
}

GBytes *
exp_picture_to_bytes (ExpPicture *picture, const char *form, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  gboolean is_svg = strcmp (form, "svg") == 0;
  cairo_surface_t *surface = new_surface (form, bytes);
  cairo_t *cr = cairo_create (surface);

  exp_picture_draw (picture, cr);
  cairo_status_t status = cairo_status (cr);
  cairo_destroy (cr);
  if (status == CAIRO_STATUS_SUCCESS && strcmp (form, "png") == 0)
    status = cairo_surface_write_to_png_stream (surface, append, bytes);
  cairo_surface_finish (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_status (surface);
  cairo_surface_destroy (surface);
  if (status != CAIRO_STATUS_SUCCESS)
    {
      g_set_error (error, EXP_ERROR, status == CAIRO_STATUS_NO_MEMORY ? EXP_ERROR_NO_MEMORY : EXP_ERROR_IO,
                   "the picture cannot be drawn: %s", cairo_status_to_string (status));
      return NULL;
    }
  return is_svg ? finish_svg (picture, bytes) : g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}
