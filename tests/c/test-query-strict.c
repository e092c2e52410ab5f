/* Queries by strict rules: things of several parts, compared as Python compares, of a format that is a table here. */
#include "expfs/memory_node.h"
#include "expfs/query.h"
#include <string.h>

typedef struct
{
  const char *path, *name,
      *value; /* of value the first letter is the type: n umber, i nteger, b oolean, t ext, 0 None */
  guint flags;
} Row;

#define ASIDE  EXP_PARAMETER_ASIDE
#define NEEDED EXP_PARAMETER_NEEDED
#define FIXED  EXP_PARAMETER_FIXED
#define BLANK  (EXP_PARAMETER_ASIDE | EXP_PARAMETER_BLANK)

#define RECORDING(path, sheet, type)                                                                                   \
  { path, "sheet_name", sheet, ASIDE }, { path, "tag", NULL, ASIDE },                                                  \
  {                                                                                                                    \
    path, "st_name", type, NEEDED                                                                                      \
  }

static const Row rows[] = {
  RECORDING ("recordings/0", "tA", "tG"),
  { "recordings/0", "st_o", "n0.0" },
  { "recordings/0", "st_c", "i100" },
  { "recordings/0", "st_trial", "i0" },
  RECORDING ("recordings/1", "tB", "tG"),
  { "recordings/1", "st_o", "n0.0" },
  { "recordings/1", "st_c", "i100" },
  { "recordings/1", "st_trial", "i0" },
  RECORDING ("recordings/2", "tA", "tG"),
  { "recordings/2", "null", "b1", BLANK },
  { "recordings/2", "st_o", "n0.5" },
  { "recordings/2", "st_c", "n100" },
  { "recordings/2", "st_trial", "i0" },
  RECORDING ("recordings/3", "tA", "tG"),
  { "recordings/3", "st_o", "n0.0" },
  { "recordings/3", "st_c", "n100" },
  { "recordings/3", "st_trial", "i1" },
  RECORDING ("recordings/4", "tB", "tK"),
  { "recordings/4", "st_weight", "n0.1", FIXED },
  { "recordings/4", "st_trial", "i0" },
  RECORDING ("recordings/5", "tA", "tG"),
  { "recordings/5", "st_o", "n0.5" },
  { "recordings/5", "st_c", "n100" },
  { "recordings/5", "st_trial", "i1" },
  { "analysis/0-P", "name", "tP" },
  { "analysis/0-P", "sheet_name", "tA" },
  { "analysis/0-P", "value_name", "trate" },
  { "analysis/0-P", "tag", "tx", ASIDE },
  { "analysis/0-P", "tag", "ty", ASIDE },
  { "analysis/0-P", "st_name", "tG" },
  { "analysis/0-P", "st_o", "0" },
  { "analysis/1-P", "name", "tP" },
  { "analysis/1-P", "sheet_name", "tB" },
  { "analysis/1-P", "value_name", "trate" },
  { "analysis/1-P", "tag", "tx", ASIDE },
  { "analysis/1-P", "st_name", "tG" },
  { "analysis/1-P", "st_o", "n0.5" },
  { "analysis/2-P", "name", "tP" },
  { "analysis/2-P", "sheet_name", "0" },
  { "analysis/2-P", "value_name", "t100" },
  { "analysis/3-S", "name", "tS" },
  { "analysis/3-S", "value", "n12.25" },
  { "stimuli/0", NULL, NULL },
};

/* --- a format that has these -------------------------------------------------------------------------------- */

static const ExpParameterPart parts[]
    = { { "recordings", "Segment", TRUE }, { "analysis", "ADS" }, { "stimuli" }, { NULL } };

static ExpArray *
null_new (void)
{
  ExpArray *value = exp_array_new_int (0);

  value->n_elements = 0;
  return value;
}

static ExpArray *
value_of (const char *text)
{
  switch (*text)
    {
    case 'n':
      return exp_array_new_float (g_ascii_strtod (text + 1, NULL));
    case 'i':
      return exp_array_new_int (g_ascii_strtoll (text + 1, NULL, 10));
    case 'b':
      return exp_array_new_bool (text[1] == '1');
    case 't':
      return exp_array_new_text (text + 1);
    default:
      return null_new ();
    }
}

static gboolean
table_list_parameters (ExpNode *node, ExpParameterRules *rules, ExpParameterFunc func, gpointer data, GError **error)
{
  *rules = (ExpParameterRules){ .is_named = TRUE, .is_strict = TRUE, .aspect = "st_", .type = "name", .parts = parts };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (ExpArray) value = rows[i].value != NULL ? value_of (rows[i].value) : NULL;
      ExpParameter parameter = { rows[i].path, rows[i].name, value, rows[i].flags };

      if (!func (&parameter, data))
        break;
    }
  return TRUE;
}

static gboolean
table_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  info->kind = EXP_KIND_GROUP;
  return TRUE;
}

static void
table_free (ExpNode *node)
{
  g_free (node);
}

static const ExpNodeClass table_class
    = { .free = table_free, .describe = table_describe, .list_parameters = table_list_parameters };

static ExpNode *
table_new (void)
{
  ExpNode *node = g_new0 (ExpNode, 1);

  exp_node_init (node, &table_class);
  return node;
}

/* --- asking ------------------------------------------------------------------------------------------------- */

static gboolean
add_name (const char *name, ExpNode *child, gpointer data)
{
  g_auto (ExpInfo) info = { 0 };

  g_assert_true (exp_node_describe (child, &info, NULL));
  const char *path = info.target;
  while (path != NULL && g_str_has_prefix (path, "../"))
    path += 3;
  g_ptr_array_add (data, g_strdup (path != NULL ? path : name));
  return TRUE;
}

/* What is in the directory, the names of which are parted by >>: links as where they lead, or the error's code in
 * brackets. */
static char *
listed (const char *path)
{
  g_autoptr (ExpNode) root = table_new ();
  g_autoptr (ExpQueryScope) scope = exp_query_scope_new (root);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) steps = g_strsplit (path, ">>", -1);
  ExpNode *at = exp_query_group_open (scope, steps[0], &error);

  for (char **step = steps + 1; *step != NULL && at != NULL; step++)
    {
      g_autoptr (ExpNode) above = at;
      at = exp_node_lookup (above, *step, &error);
    }
  g_autoptr (ExpNode) node = at;
  g_auto (ExpInfo) info = { 0 };
  if (node == NULL)
    return g_strdup_printf ("[%d]", error->code);
  g_assert_true (exp_node_describe (node, &info, NULL));
  if (info.kind == EXP_KIND_DATASET && info.rank == 0)
    {
      gint64 number;
      g_autoptr (ExpArray) value = exp_node_read_all (node, NULL);
      g_assert_true (exp_array_get_int (value, &number));
      return g_strdup (number != 0 ? "true" : "false");
    }
  if (info.kind == EXP_KIND_DATASET)
    {
      g_autoptr (ExpArray) value = exp_node_read_all (node, NULL);
      gsize length;
      for (gsize i = 0; i < value->n_elements; i++)
        g_ptr_array_add (names, g_strdup (exp_cell_text (value->dtype, value->data + i * value->dtype->size, &length)));
    }
  else
    g_assert_true (exp_node_list (node, 0, add_name, names, &error));
  g_ptr_array_add (names, NULL);
  return g_strjoinv (" ", (char **)names->pdata);
}

static void
assert_lists (const char *path, const char *expected)
{
  g_autofree char *list = listed (path);

  if (strcmp (list, expected) != 0)
    g_test_message ("%s has '%s', not '%s'", path, list, expected);
  g_assert_cmpstr (list, ==, expected);
}

static void
assert_found (const char *expression, const char *recordings, const char *analysis)
{
  g_autofree char *in_recordings = g_strdup_printf (".where>>%s>>recordings", expression);
  g_autofree char *in_analysis = g_strdup_printf (".where>>%s>>analysis", expression);
  g_autofree char *whole = g_strdup_printf (".where>>%s", expression);
  g_autofree char *both
      = g_strdup_printf ("%s%s%s", recordings, *recordings != '\0' && *analysis != '\0' ? " " : "", analysis);
  g_autofree char *stimuli = g_strdup_printf (".where>>%s>>stimuli", expression);

  assert_lists (in_recordings, recordings);
  assert_lists (in_analysis, analysis);
  assert_lists (whole, both);
  assert_lists (stimuli, "stimuli/0");
}

/* --- tests -------------------------------------------------------------------------------------------------- */

#define R(n)  "recordings/" #n
#define ALL_R R (0) " " R (1) " " R (2) " " R (3) " " R (4) " " R (5)
#define P0    "analysis/0-P"
#define P1    "analysis/1-P"
#define P2    "analysis/2-P"
#define S3    "analysis/3-S"

static void
test_filters (void)
{
  assert_found ("*", ALL_R, P0 " " P1 " " P2 " " S3);
  assert_found ("sheet_name=A", R (0) " " R (2) " " R (3) " " R (5), P0);
  assert_found ("sheet_name=A,value_name=rate", "", P0);
  assert_found ("sheet_name=null", "", P2);
  assert_found ("st_o=0.5", R (2) " " R (5), P1);
  assert_found ("st_o=None", "", P0);
  assert_found ("st_o!=0.5", R (0) " " R (1) " " R (3), P0);
  assert_found ("st_o?=0.5", R (2) " " R (4) " " R (5), P1 " " P2 " " S3);
  assert_found ("unknown=1", "", "");
  assert_found ("unknown?=1", ALL_R, P0 " " P1 " " P2 " " S3);
}

static void
test_values (void)
{
  assert_found ("st_c=100,st_trial=1", R (3) " " R (5), "");
  assert_found ("st_c=100.0,st_trial=true", R (3) " " R (5), "");
  assert_found ("st_trial=false,st_o=0.5", R (2), "");
  assert_found ("st_c=\"100\"", "", "");
  assert_found ("st_c=[10.0, 100.0]", "", "");
  assert_found ("st_c=", "", "");
  assert_found ("st_c=10|100,st_o=0.5", R (2) " " R (5), "");
  assert_found ("value_name=100", "", "");
  assert_found ("value_name=\"100\"", "", P2);
  assert_found ("value_name=null", "", "");
  assert_found ("sheet_name=\"null\"", "", "");
  assert_found ("name~S*", "", S3);
}

static void
test_tags (void)
{
  assert_found ("tag=x", ALL_R, P0 " " P1);
  assert_found ("tag=x,tag=y", ALL_R, P0);
  assert_found ("tag!=y", ALL_R, P1);
  assert_found ("tag=z", ALL_R, "");
  assert_lists (".by>>tag", "x y");
  assert_lists (".by>>tag>>y>>recordings", ALL_R);
  assert_lists (".by>>tag>>y>>analysis", P0);
}

static void
test_chains (void)
{
  assert_lists (".where>>sheet_name=A>>.where>>st_o=0.5", R (2) " " R (5));
  assert_lists (".where>>sheet_name=A>>analysis>>.where>>st_o=null", P0);
  assert_lists (".where>>sheet_name=A>>analysis>>.where>>st_o=null>>recordings", "");
  assert_lists (".where>>st_o=0.0>>.or>>value=12.25", R (0) " " R (1) " " R (3) " " S3);
  assert_lists (".where>>st_o=0.0>>.or>>value=12.25>>stimuli", "stimuli/0");
  assert_lists (".by", "name null sheet_name st_c st_name st_o st_trial st_weight tag value value_name");
  assert_lists (".by>>value_name", "\"100\" rate");
  assert_lists (".by>>sheet_name", "A B null");
  assert_lists (".by>>st_c>>100.0", R (0) " " R (1) " " R (2) " " R (3) " " R (5));
  assert_lists (".where>>*>>analysis>>.by>>st_o", "0.5 null");
}

/* Recordings by their stimuli: both sheets together, blanks last, and no stimuli with them. */
static void
test_recordings (void)
{
  assert_lists (".where>>st_name=G>>recordings>>.by>>except:st_trial", "st_o=0.0 st_o=0.5");
  assert_lists (".where>>st_name=G>>recordings>>.by>>except:st_trial>>st_o=0.0", R (0) " " R (1) " " R (3));
  assert_lists (".where>>st_name=G>>recordings>>.by>>except:st_trial>>st_o=0.5", R (2) " " R (5));
  assert_lists (".where>>st_name=G>>recordings>>.by>>except:st_trial>>st_o=0.5>>analysis", P0 " " P1);
  assert_lists (".where>>st_name=G>>recordings>>.by>>except:st_trial>>st_o=0.5>>stimuli", "");
  assert_lists (".where>>st_name=G>>recordings>>.by>>except:", "st_o=0.0,st_trial=0 st_o=0.0,st_trial=1 "
                                                               "st_o=0.5,st_trial=1 st_o=0.5,st_trial=0");
  assert_lists (".where>>st_name=G>>recordings>>.by>>except:st_trial,st_o", "all");
  assert_lists (".where>>*>>recordings>>.by>>except:st_trial", "st_name=G,st_o=0.0 st_name=K st_name=G,st_o=0.5");
  assert_lists (".where>>st_name=K>>recordings>>.by>>except:st_weight", "all");
}

static void
test_results (void)
{
  assert_lists (".where>>value_name=rate>>analysis>>.by>>except:sheet_name", "all");
  assert_lists (".where>>name=P>>analysis>>.by>>except:sheet_name", "value_name=rate value_name=\"100\"");
  assert_lists (".where>>name=P>>analysis>>.by>>except:sheet_name>>value_name=rate>>stimuli", "stimuli/0");
  assert_lists (".where>>name=P>>analysis>>.by>>same:value_name", "rate \"100\"");
  assert_lists (".where>>name=P>>analysis>>.by>>name,sheet_name", "P,A P,B P,null");
  assert_lists (".where>>value_name=rate>>analysis>>.by>>except:st_o", "all");
  assert_lists (".where>>value_name=rate>>analysis>>.by>>same:st_o", "null 0.5");
  assert_lists (".where>>value_name=nothing>>analysis>>.by>>except:unknown", "");
  assert_lists (".by>>st_name,st_trial", "G,0 G,1 K,0");
}

static void
test_refused (void)
{
  static const char *const paths[] = {
    ".by>>except:st_trial",                                  /* of several parts */
    ".where>>*>>recordings>>.by>>except:st_o",               /* one has none */
    ".where>>st_name=G>>recordings>>.by>>except:st_name",    /* says what it is */
    ".where>>*>>recordings>>.by>>except:sheet_name",         /* not compared */
    ".where>>*>>analysis>>.by>>same:name",                   /* of several types */
    ".where>>*>>analysis>>.by>>name,value",                  /* likewise */
    ".where>>*>>analysis>>.by>>except:value_name",           /* one has none */
    ".where>>name=P>>analysis>>.by>>except:st_o",            /* one has no stimulus */
    ".where>>name=P>>analysis>>.by>>except:st_o,value_name", /* of different things */
    ".where>>*>>recordings>>.same>>st_name",                 /* parameters differ */
    ".where>>unknown=1>>analysis>>.same>>*",                 /* nothing */
    ".where>>name=P>>analysis>>.by>>same:,",
    ".where>>name=P>>analysis>>.by>>same:\"a",
  };
  g_autofree char *invalid = g_strdup_printf ("[%d]", EXP_ERROR_INVALID);

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    assert_lists (paths[i], invalid);
}

static void
test_same (void)
{
  assert_lists (".where>>st_name=G>>recordings>>.same>>st_name", "true");
  assert_lists (".where>>st_name=G>>recordings>>.same>>except:st_trial", "false");
  assert_lists (".where>>st_name=G>>recordings>>.same>>except:st_trial,st_o", "true");
  assert_lists (".where>>st_name=G>>recordings>>.same>>except:st_name,st_trial,st_o", "true");
  assert_lists (".where>>unknown=1>>recordings>>.same>>st_name", "true");
  assert_lists (".where>>value_name=rate>>analysis>>.same>>value_name,name", "true");
  assert_lists (".where>>value_name=rate>>analysis>>.same>>*", "false");
  assert_lists (".where>>value_name=rate>>analysis>>.same>>except:sheet_name", "true");
  assert_lists (".where>>value_name=rate>>analysis>>.same>>st_*", "false");
  assert_lists (".where>>name=P>>analysis>>.same>>st_name", "false");
  assert_lists (".where>>name=P>>analysis>>.same>>none:st_name", "true");
}

/* Blanks are passed over. */
static void
test_varying (void)
{
  assert_lists (".where>>st_name=G>>recordings>>.varying", "st_o st_trial");
  assert_lists (".where>>st_o=0.5>>recordings>>.varying", "");
  assert_lists (".where>>value_name=rate>>analysis>>.varying", "sheet_name st_o");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/strict/filters keep what has the parameters, and what goes along", test_filters);
  g_test_add_func ("/strict/values compare as Python's", test_values);
  g_test_add_func ("/strict/a thing may have several tags, or pass all of them", test_tags);
  g_test_add_func ("/strict/queries go on in parts, and in either of two", test_chains);
  g_test_add_func ("/strict/recordings are divided by their stimuli", test_recordings);
  g_test_add_func ("/strict/results are divided by their own parameters, or their stimuli's", test_results);
  g_test_add_func ("/strict/what cannot be compared is refused", test_refused);
  g_test_add_func ("/strict/what is the same is told", test_same);
  g_test_add_func ("/strict/what varies is told", test_varying);
  return g_test_run ();
}
