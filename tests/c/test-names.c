/* True names and shown names. */
#include "fs/names.h"
#include <string.h>

static const struct
{
  const char *name;
  gsize length;
  const char *shown;
} cases[] = {
  { "plain", 5, "plain" },
  { "with space", 10, "with space" },
  { "..a", 3, "..a" },
  { "...", 3, "..." },
  { ".", 1, "%2E" },
  { "..", 2, "%2E%2E" },
  { "", 0, "%" },
  { "a/b", 3, "a%2Fb" },
  { "/", 1, "%2F" },
  { "a\0b", 3, "a%00b" },
  { "%2E", 3, "%252E" },
  { "%252E", 5, "%25252E" },
  { "%2E%2E", 6, "%252E%252E" },
  { "%252E%252E", 10, "%25252E%25252E" },
  { "%2E%2E%2E", 9, "%2E%2E%2E" },
  { "%2Ea", 4, "%2Ea" },
  { "%", 1, "%25" },
  { "%25", 3, "%2525" },
  { "a%2Fb", 5, "a%252Fb" },
  { "a%252Fb", 7, "a%25252Fb" },
  { "a%00", 4, "a%2500" },
  { "100%", 4, "100%" },
  { "a%25b", 5, "a%25b" },
  { "%/", 2, "%%2F" },
  { "%25/", 4, "%25%2F" },
  { "%2f", 3, "%2f" },
  { "\xff\xfe", 2, "\xff\xfe" },
};

static void
test_names_that_posix_cannot_carry_are_encoded (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *shown = exp_name_encode (cases[i].name, cases[i].length);
      gsize length = 0;
      g_autofree char *name = exp_name_decode (cases[i].shown, &length);

      g_assert_cmpstr (shown, ==, cases[i].shown);
      g_assert_nonnull (name);
      g_assert_cmpmem (name, length, cases[i].name, cases[i].length);
    }
}

/* All strings of up to 7 of these pieces: no two share a shown name, and each comes back. */
static void
test_no_two_names_collapse_into_one (void)
{
  static const char *const pieces[] = { "%", "25", "2E", "2F", "00", ".", "/", "a" };
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (guint n = 0, total = 1; n <= 6; n++, total *= G_N_ELEMENTS (pieces))
    for (guint k = 0; k < total; k++)
      {
        g_autoptr (GString) name = g_string_new (NULL);
        for (guint i = 0, rest = k; i < n; i++, rest /= G_N_ELEMENTS (pieces))
          g_string_append (name, pieces[rest % G_N_ELEMENTS (pieces)]);

        char *shown = exp_name_encode (name->str, name->len);
        gsize length = 0;
        g_autofree char *back = exp_name_decode (shown, &length);
        g_assert_cmpstr (back, ==, name->str);
        g_assert_cmpuint (length, ==, name->len);
        g_assert_true (strchr (shown, '/') == NULL && *shown != '\0');

        const char *other = g_hash_table_lookup (seen, shown);
        if (other != NULL)
          g_assert_cmpstr (other, ==, name->str);
        g_hash_table_replace (seen, shown, g_strdup (name->str));
      }
}

static void
test_a_name_that_is_not_canonical_is_no_name (void)
{
  static const char *const shown[] = { "%2E%252E", "%252E%2E", ".", ".." };
  gsize length;

  for (gsize i = 0; i < G_N_ELEMENTS (shown); i++)
    g_assert_null (exp_name_decode (shown[i], &length));
}

static void
test_long_names_are_cut_at_a_utf8_boundary (void)
{
  g_autoptr (GString) name = g_string_new ("x");

  for (guint i = 0; i < 127; i++)
    g_string_append (name, "\xc3\xa9");
  g_assert_false (exp_name_is_long (name->str, name->len));
  g_autofree char *fits = exp_name_encode (name->str, name->len);
  g_assert_cmpstr (fits, ==, name->str);

  g_string_append (name, "\xc3\xa9");
  g_assert_true (exp_name_is_long (name->str, name->len));
  g_autofree char *shown = exp_name_encode (name->str, name->len);
  g_assert_cmpuint (strlen (shown), <=, 255);
  g_assert_true (g_utf8_validate (shown, -1, NULL));
  g_assert_true (exp_name_looks_cut (shown));
  g_assert_true (strncmp (shown, name->str, 245) == 0);

  g_autofree char *salted = exp_name_cut (name->str, name->len, 1);
  g_assert_cmpstr (salted, !=, shown);
  g_string_append_c (name, 'y');
  g_autofree char *other = exp_name_encode (name->str, name->len);
  g_assert_cmpstr (other, !=, shown);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/names/encoded", test_names_that_posix_cannot_carry_are_encoded);
  g_test_add_func ("/names/injective", test_no_two_names_collapse_into_one);
  g_test_add_func ("/names/canonical", test_a_name_that_is_not_canonical_is_no_name);
  g_test_add_func ("/names/long", test_long_names_are_cut_at_a_utf8_boundary);
  return g_test_run ();
}
