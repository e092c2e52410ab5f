/* What the mozaik format computes by itself: Python's literals and the texts of stimuli, and NumPy's sums. */
#include "expfs/number.h"
#include "format/mozaik/mozaik.h"
#include <math.h>
#include <string.h>

/* --- literals ----------------------------------------------------------------------------------------------- */

/* The text of what a literal is shown as; "!" and the reason for one that is none. */
static char *
shown (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpMozaikLiteral) literal = exp_mozaik_literal_parse (text, strlen (text), &error);
  g_autoptr (ExpArray) array = NULL;
  GString *out = g_string_new (NULL);

  if (literal == NULL)
    {
      g_assert_error (error, EXP_ERROR, EXP_ERROR_INVALID);
      g_string_printf (out, "!%s", error->message);
      return g_string_free (out, FALSE);
    }
  g_assert_no_error (error);
  array = exp_mozaik_literal_to_array (literal);
  if (array->rank == 0 && array->n_elements == 0)
    g_string_append (out, "none");
  for (gsize i = 0; i < array->n_elements; i++)
    {
      gsize length;

      g_string_append (out, i > 0 ? " " : "");
      if (array->dtype->type == EXP_TYPE_VSTRING)
        {
          const char *cell = exp_cell_text (array->dtype, array->data + i * array->dtype->size, &length);

          g_string_append_printf (out, "'%.*s'", (int)length, cell);
        }
      else
        exp_cell_format (array->dtype, array->data + i * array->dtype->size, out);
    }
  return g_string_free (out, FALSE);
}

static void
literals_are_what_python_reads (void)
{
  static const struct
  {
    const char *text, *shown;
  } cases[] = {
    { "None", "none" },
    { "True", "true" },
    { " False ", "false" },
    { "5", "5" },
    { "-5L", "-5" },
    { "+5", "5" },
    { "--5", "5" },
    { "9223372036854775807", "9223372036854775807" },
    { "9223372036854775808", "'9223372036854775808'" },
    { "-123456789012345678901234567890L", "'-123456789012345678901234567890'" },
    { "1e-05", "1e-05" },
    { "-.5", "-0.5" },
    { "5.", "5.0" },
    { "1E+3", "1000.0" },
    { "nan", "nan" },
    { "-inf", "-inf" },
    { "'a'", "'a'" },
    { "\"it's\"", "'it's'" },
    { "'it\\'s'", "'it's'" },
    { "u'\\xe9\\u20ac\\U0001f600'", "'\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80'" },
    { "b'x'", "'x'" },
    { "r'\\n'", "'\\n'" },
    { "'\\101\\n\\q\\\\'", "'A\n\\q\\'" },
    { "'a\\\nb'", "'ab'" },
    { "[]", "" },
    { "[1, 2,]", "1 2" },
    { "(1.5,)", "1.5" },
    { "(1.5)", "1.5" },
    { "[True, False]", "true false" },
    { "['a', u'b']", "'a' 'b'" },
    { "[1, 2.0]", "'[1, 2.0]'" },
    { "[[1], [2]]", "'[[1], [2]]'" },
    { "{'a': (1, 2)}", "'{'a': (1, 2)}'" },
    { "np.float64(0.5)", "0.5" },
    { "numpy.int64(-3)", "-3" },
    { "np.True_", "true" },
    { "np.nan", "nan" },
    { "np.str_('x')", "'x'" },
    { "ParameterWithUnitsAndPeriod(0.25,units=1 s (second),period=None)", "0.25" },
    { "ParameterWithUnitsAndPeriod('x',units='a)')", "'x'" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = shown (cases[i].text);

      g_assert_cmpstr (text, ==, cases[i].shown);
    }
}

static void
hostile_texts_are_refused_with_the_place (void)
{
  static const char *const texts[] = { "",
                                       "5 6",
                                       "'a",
                                       "'a\\",
                                       "[1",
                                       "[1 2]",
                                       "{1}",
                                       "{1:",
                                       "{'a' 1}",
                                       "(",
                                       ")",
                                       "-'a'",
                                       "--",
                                       "1.2.3",
                                       "1e",
                                       "os.system('x')",
                                       "__import__('os')",
                                       "np.array([1])",
                                       "eval",
                                       "'\\x4'",
                                       "'\\u12'",
                                       "'\\UFFFFFFFF'",
                                       "MozaikExtendedParameterSet(5)",
                                       "lambda: 1",
                                       "a.b.c" };
  g_autofree char *deep = g_strnfill (100000, '['), *digits = g_strnfill (5000, '7');
  g_autofree char *refusal = shown (deep), *too_long = shown (digits);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *text = shown (texts[i]);

      g_assert_cmpint (text[0], ==, '!');
      g_assert_nonnull (strstr (text, " at character "));
    }
  g_assert_cmpint (refusal[0], ==, '!');
  g_assert_cmpint (too_long[0], ==, '!');
}

static void
every_beginning_of_a_text_is_refused_or_read (void)
{
  static const char text[]
      = "{\"module_path\" :\"m\",\"a\":MozaikExtendedParameterSet({'x': {'y': [1, (2.5, u'\\xe9')]}}), "
        "\"b\":ParameterWithUnitsAndPeriod(1,units=s), \"c\":np.float64(-1e-3)}";

  for (gsize n = 0; n < strlen (text); n++)
    {
      g_autofree char *part = g_strndup (text, n), *said = shown (part);

      g_assert_cmpint (said[0], ==, '!');
    }
}

static void
texts_are_quoted_as_python_does (void)
{
  static const struct
  {
    const char *text, *repr;
  } cases[] = { { "a", "'a'" },
                { "it's", "\"it's\"" },
                { "it's \"it\"", "'it\\'s \"it\"'" },
                { "\n\t\\\x01", "'\\n\\t\\\\\\x01'" },
                { "\xc3\xa9\xc2\xa0", "'\xc3\xa9\\xa0'" } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GString) out = g_string_new (NULL);

      exp_mozaik_append_repr (cases[i].text, strlen (cases[i].text), out);
      g_assert_cmpstr (out->str, ==, cases[i].repr);
    }
}

/* --- stimuli ------------------------------------------------------------------------------------------------ */

static void
stimuli_have_the_leaves_of_their_parameter_sets (void)
{
  g_autoptr (ExpMozaikStimulus) stimulus = exp_mozaik_stimulus_new (
      "{\"module_path\" "
      ":\"mozaik.stimuli\",\"direct_stimulation_parameters\":MozaikExtendedParameterSet({'exc_weight': "
      "0.1, 'population_selector': {'component': 'x', 'params': {'percentage': 20.0}}, "
      "'stimulating_signal_parameters': {'scale': 2, 'other': 3}}), \"duration\":5L, \"name\":'Internal', "
      "\"plain\":{'a': 1}, \"trial\":None}");
  static const char *const names[] = { "exc_weight",
                                       "population_selector_component",
                                       "population_selector_params_percentage",
                                       "stimulating_signal_parameters_scale",
                                       "stimulating_signal_parameters_other",
                                       "duration",
                                       "name",
                                       "plain",
                                       "trial" };
  static const gboolean fixed[] = { TRUE, TRUE, TRUE, FALSE, TRUE, FALSE, FALSE, FALSE, FALSE };

  g_assert_null (stimulus->refusal);
  g_assert_cmpstr (stimulus->module_path, ==, "mozaik.stimuli");
  g_assert_cmpstr (stimulus->name, ==, "Internal");
  g_assert_cmpuint (stimulus->parameters->len, ==, G_N_ELEMENTS (names));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const ExpMozaikParameter *parameter = &g_array_index (stimulus->parameters, ExpMozaikParameter, i);

      g_assert_cmpstr (parameter->name, ==, names[i]);
      g_assert_cmpint (parameter->is_fixed, ==, fixed[i]);
    }
}

static void
a_stimulus_without_parameters_has_none_for_the_set (void)
{
  g_autoptr (ExpMozaikStimulus) none
      = exp_mozaik_stimulus_new ("{\"module_path\" :\"m\",\"direct_stimulation_parameters\":None, \"name\":'N'}");
  g_autoptr (ExpMozaikStimulus) broken = exp_mozaik_stimulus_new ("{\"name\":open('x')}");

  g_assert_cmpuint (none->parameters->len, ==, 1);
  g_assert_cmpuint (broken->parameters->len, ==, 0);
  g_assert_nonnull (broken->refusal);
  g_assert_null (broken->name);
}

/* --- sums --------------------------------------------------------------------------------------------------- */

/* Numbers that any program can make again: x = (x * 1103515245 + 12345) mod 2^31, as a part of 2^31. */
static double *
make_numbers (gsize n)
{
  double *numbers = g_new (double, n);
  guint64 x = 42;

  for (gsize i = 0; i < n; i++)
    {
      x = (x * 1103515245 + 12345) % 2147483648u;
      numbers[i] = (double)x / 2147483648.0;
    }
  return numbers;
}

/* NumPy 1.24's numbers.sum () and numbers.std () of the same. */
static void
sums_and_deviations_are_numpys_to_the_last_bit (void)
{
  static const struct
  {
    gsize n;
    const char *sum, *deviation;
  } cases[] = {
    { 1, "0.5823075897060335", "0.0" },
    { 2, "1.1021263389848173", "0.031244420213624835" },
    { 7, "3.2187665114179254", "0.20849508871998865" },
    { 8, "4.027495028451085", "0.2266078966908364" },
    { 9, "4.639834712725133", "0.21637189536513154" },
    { 15, "7.783469132147729", "0.23218198159177036" },
    { 16, "7.894332800060511", "0.24554955069264753" },
    { 17, "8.552709975745529", "0.24136024512671864" },
    { 100, "46.57468206156045", "0.29219123480599773" },
    { 127, "64.61554629635066", "0.29578533757529757" },
    { 128, "65.60927656292915", "0.2977052132327483" },
    { 129, "66.19656608765945", "0.29662146409052376" },
    { 136, "70.42150297947228", "0.29690846232531365" },
    { 255, "132.31197182368487", "0.29759805959163166" },
    { 256, "133.03048092126846", "0.2972771893198638" },
    { 257, "133.8851730353199", "0.29743056875747453" },
    { 1000, "508.2393458429724", "0.2914989615646596" },
    { 1023, "520.9077384276316", "0.291151824370866" },
    { 4097, "2054.490410578903", "0.2879144924059798" },
    { 10000, "4983.8059948422015", "0.2893403050352392" },
    { 65537, "32817.049455416854", "0.2886229227372242" },
    { 100003, "49990.80114600994", "0.2885734682313195" },
  };
  g_autofree double *numbers = make_numbers (100003);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_cmpfloat (exp_mozaik_sum (numbers, cases[i].n), ==, g_ascii_strtod (cases[i].sum, NULL));
      g_assert_cmpfloat (exp_mozaik_deviation (numbers, cases[i].n), ==, g_ascii_strtod (cases[i].deviation, NULL));
    }
}

static void
variation_wants_more_than_four_intervals (void)
{
  static const double times[] = { 0, 1, 3, 6, 10, 15 };

  g_assert_true (isnan (exp_mozaik_variation (times, 5)));
  g_assert_cmpfloat (exp_mozaik_variation (times, 6), ==, sqrt (2) / 3);
  g_assert_true (isnan (exp_mozaik_variation (times, 0)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mozaik/literals-are-what-python-reads", literals_are_what_python_reads);
  g_test_add_func ("/mozaik/hostile-texts-are-refused-with-the-place", hostile_texts_are_refused_with_the_place);
  g_test_add_func ("/mozaik/every-beginning-of-a-text-is-refused-or-read",
                   every_beginning_of_a_text_is_refused_or_read);
  g_test_add_func ("/mozaik/texts-are-quoted-as-python-does", texts_are_quoted_as_python_does);
  g_test_add_func ("/mozaik/stimuli-have-the-leaves-of-their-parameter-sets",
                   stimuli_have_the_leaves_of_their_parameter_sets);
  g_test_add_func ("/mozaik/a-stimulus-without-parameters-has-none-for-the-set",
                   a_stimulus_without_parameters_has_none_for_the_set);
  g_test_add_func ("/mozaik/sums-and-deviations-are-numpys-to-the-last-bit",
                   sums_and_deviations_are_numpys_to_the_last_bit);
  g_test_add_func ("/mozaik/variation-wants-more-than-four-intervals", variation_wants_more_than_four_intervals);
  return g_test_run ();
}
